//! Two results folders in one figure: the earlier one is thin and pale, the later one is drawn in
//! full.
//!
//! The module `overlay_bars` draws bars in pairs, cell by cell; this module draws the lines, over
//! the percentiles of each cell and over the value of a sweep.

use super::{
    crossover::{file_word, scale_x},
    file_name,
    latency_by_percentile::{NEAREST, TICKS, rungs},
    overlay_bars,
    overlay_lines::{Lines, Sheet, points},
};
use analysis::{
    caption,
    cell::{Cell, CellTable, VariantRuns, is_drawn},
    crossover::{AllSeries, all_series},
    metric::CROSSED,
    series::{Identity, identities},
    swept::title,
    unit,
};
use chart::{Figure, FigureError, axis::Scale};
use palette::Style;
use results::Digest;

/// The two folders, with one look for each variant of either.
pub(super) struct Both<'a> {
    pub(super) identities: Vec<Identity>,
    pub(super) sides: [CellTable<'a>; 2],
    /// The folders' names.
    pub(super) names: [&'a str; 2],
}

/// Draws all figures of two folders, in the order in which they are shown. Cells and variants that
/// only one folder has are left out.
///
/// # Errors
/// Fails if drawing fails.
pub fn overlay(
    before: (&str, &Digest),
    after: (&str, &Digest),
) -> Result<Vec<Figure>, FigureError> {
    let both = Both {
        identities: identities(before.1.runs.iter().chain(&after.1.runs)),
        sides: [CellTable::of(before.1), CellTable::of(after.1)],
        names: [before.0, after.0],
    };
    let mut figures = over_sweep(&both)?;
    let cells: Vec<[&Cell<'_>; 2]> = both.cells().collect();
    for (at, pair) in cells.iter().enumerate() {
        // A large sweep is looked at by its two ends, as in the report.
        if !is_drawn(at, cells.len()) {
            continue;
        }
        let of_cell = |name: &str| match cells.len() {
            1 => name.to_owned(),
            _ => format!("{name}.{}", file_name(pair[1].name)),
        };
        if let Some(svg) = percentiles(&both, *pair)? {
            figures.push(Figure {
                name: of_cell("compare_latency_by_percentile"),
                svg,
            });
        }
        for quantity in CROSSED {
            if let Some(svg) = overlay_bars::draw(&both, *pair, quantity)? {
                let name = of_cell(&format!("compare_{}", file_word(quantity)));
                figures.push(Figure { name, svg });
            }
        }
    }
    Ok(figures)
}

impl<'a> Both<'a> {
    /// Returns the cells that both folders have.
    fn cells(&self) -> impl Iterator<Item = [&Cell<'a>; 2]> {
        self.sides[1].cells.iter().filter_map(|after| {
            let before = self.sides[0]
                .cells
                .iter()
                .find(|cell| cell.name == after.name)?;
            Some([before, after])
        })
    }

    /// Returns the variants that have valid runs in both cells.
    pub(super) fn variants<'c>(
        &'c self,
        cells: [&'c Cell<'a>; 2],
    ) -> impl Iterator<Item = (&'c Style, [&'c VariantRuns<'a>; 2])> {
        self.identities.iter().filter_map(move |identity| {
            let find = |side: usize| {
                cells[side].variants.iter().find(|variant| {
                    let own = &self.sides[side].identities[variant.identity];
                    let same =
                        own.transport == identity.transport && own.variant == identity.variant;
                    same && variant.valid
                })
            };
            Some((&identity.style, [find(0)?, find(1)?]))
        })
    }

    /// Puts the folders' names before what `caption` says of the later one, for the foot of a
    /// figure.
    pub(super) fn caption(&self, caption: impl FnOnce(&CellTable<'a>) -> String) -> String {
        let what = caption(&self.sides[1]);
        format!(
            "Before: {} · after: {} · {what}",
            self.names[0], self.names[1]
        )
    }
}

fn percentiles(both: &Both<'_>, cells: [&Cell<'_>; 2]) -> Result<Option<String>, FigureError> {
    let lines: Lines<'_> = both
        .variants(cells)
        .map(|(identity, pair)| (identity, pair.map(rungs)))
        .filter(|(_, [before, after])| before.len() > 1 && after.len() > 1)
        .collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let rarest = points(&lines).map(|point| point.0).fold(NEAREST, f64::max);
    let ticks = TICKS
        .iter()
        .filter(|(rarity, _)| *rarity <= rarest * 1.001)
        .map(|(rarity, label)| (*rarity, (*label).to_owned()))
        .collect();
    let sheet = Sheet {
        title: "How long a message takes to arrive, before and after",
        x: (
            Scale::Log {
                low: 1.0,
                high: rarest,
            },
            ticks,
            "percentile of deliveries".to_owned(),
        ),
        y: "latency from when the message was due".to_owned(),
        show: unit::latency,
        caption: both.caption(|after| caption::of_cell_medians(after, cells[1])),
        markers: false,
    };
    sheet.draw(&lines).map(Some)
}

/// Draws one figure for each quantity, if one value was swept.
fn over_sweep(both: &Both<'_>) -> Result<Vec<Figure>, FigureError> {
    let mut figures = Vec::new();
    for quantity in CROSSED {
        let sides = [0, 1].map(|side| all_series(&both.sides[side], quantity));
        let [Some(before), Some(after)] = sides else {
            continue;
        };
        if before.key != after.key {
            continue;
        }
        let lines = matched(both, [&before, &after]);
        if lines.is_empty() {
            continue;
        }
        let mut values: Vec<f64> = points(&lines).map(|point| point.0).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let range = (values[0], values[values.len() - 1]);
        let sheet = Sheet {
            title: &format!("Before and after: {}", quantity.name),
            x: (
                scale_x(range),
                values
                    .iter()
                    .map(|value| (*value, unit::count(*value)))
                    .collect(),
                title(&both.sides[1].cells, after.key),
            ),
            y: quantity.name.to_owned(),
            show: quantity.unit.format(),
            caption: both.caption(caption::of_map),
            markers: true,
        };
        let name = format!("compare_sweep_{}", file_word(quantity));
        figures.push(Figure {
            name,
            svg: sheet.draw(&lines)?,
        });
    }
    Ok(figures)
}

fn matched<'i>(both: &'i Both<'_>, sides: [&AllSeries<'_>; 2]) -> Lines<'i> {
    let series = |side: usize, identity: &Identity| {
        let known = &both.sides[side].identities;
        let at = known.iter().position(|own| {
            own.transport == identity.transport && own.variant == identity.variant
        })?;
        sides[side].of.get(&at).cloned()
    };
    both.identities
        .iter()
        .filter_map(|identity| {
            let sides = [series(0, identity)?, series(1, identity)?];
            Some((&identity.style, sides))
        })
        .collect()
}
