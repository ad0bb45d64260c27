//! A grid over two swept values, which the winner map and the ratio map share: the values along
//! each side, and the cell at each place.

use std::collections::BTreeMap;

use analysis::{
    cell::{Cell, CellTable},
    crossover::numeric_keys,
    swept::{spoken, swept, title, value_of},
    unit,
};
use chart::heat::Sides;

/// The largest numbers of columns and of rows that can still be read.
const MOST: [usize; 2] = [20, 12];

/// The cells of a sweep over two values.
pub(super) struct Grid<'c, 'a> {
    /// The values along the two sides.
    pub(super) sides: Sides,
    cells: BTreeMap<(usize, usize), &'c Cell<'a>>,
}

impl<'c, 'a> Grid<'c, 'a> {
    /// Returns the grid, or `None` unless at least two values were swept, in steps that can be
    /// drawn. If more were swept, the two with the most steps are shown, and the others are held at
    /// the values that the first cell has.
    pub(super) fn of(cell_table: &'c CellTable<'a>) -> Option<Self> {
        let mut keys = numeric_keys(cell_table).into_iter();
        let ((right, across), (rising, up)) = (keys.next()?, keys.next()?);
        if across.len() > MOST[0] || up.len() > MOST[1] {
            return None;
        }
        let others = |cell: &Cell<'a>| -> Vec<(&'a str, &'a str)> {
            let pairs = swept(cell.name);
            pairs
                .filter(|(key, _)| *key != right && *key != rising)
                .collect()
        };
        let first = others(cell_table.cells.first()?);
        let step = |cell: &Cell<'_>, key: &str, values: &[f64]| {
            let own = value_of(cell.name, key)?;
            values
                .iter()
                .position(|value| value.total_cmp(&own).is_eq())
        };
        let cells = cell_table
            .cells
            .iter()
            .filter(|cell| others(cell) == first)
            .filter_map(|cell| {
                Some((
                    (step(cell, right, &across)?, step(cell, rising, &up)?),
                    cell,
                ))
            })
            .collect();
        let held: Vec<String> = first
            .iter()
            .map(|(key, value)| format!("{} {value}", spoken(key)))
            .collect();
        let labels = |values: &[f64]| values.iter().map(|value| unit::count(*value)).collect();
        Some(Self {
            sides: Sides {
                titles: [right, rising].map(|key| title(&cell_table.cells, key)),
                across: labels(&across),
                up: labels(&up),
                held: held.join(", "),
            },
            cells,
        })
    }

    /// Returns the cell in a column and a row, both counted from the lowest value.
    pub(super) fn cell(&self, column: usize, row: usize) -> Option<&'c Cell<'a>> {
        self.cells.get(&(column, row)).copied()
    }

    /// Returns every pair of a column and a row.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (columns, rows) = (self.sides.across.len(), self.sides.up.len());
        (0..rows).flat_map(move |row| (0..columns).map(move |column| (column, row)))
    }
}
