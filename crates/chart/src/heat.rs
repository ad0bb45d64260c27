//! Grids over two values: tiles of rectangles that can be read without colour, and the line on
//! which a value passes zero.

use crate::canvas::{Align, Canvas, GREY, INK, Lettering, PAPER, Point, WIDTH};

/// The titles and labels along the sides of a grid.
#[derive(Debug)]
pub struct Sides {
    /// The titles of the values that grow to the right, and upwards.
    pub titles: [String; 2],
    /// The labels of the columns.
    pub across: Vec<String>,
    /// The labels of the rows, the lowest first.
    pub up: Vec<String>,
    /// The values that were held constant; empty if there are none.
    pub held: String,
}

/// A grid among several on a sheet.
#[derive(Debug, Clone, Copy)]
pub struct Tile {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
    columns: usize,
    rows: usize,
    outer: (bool, bool),
}

/// The space on the left of all tiles for the labels of rows.
const LABELS: f64 = 92.0;
const GAP: (f64, f64) = (36.0, 66.0);

/// Returns places for `count` grids, two or three in a row, left of `right`.
#[must_use]
pub fn tiles(sides: &Sides, count: usize, right: f64) -> Vec<Tile> {
    let in_row = if count > 4 { 3 } else { count.min(2) };
    let lines = count.div_ceil(in_row);
    let (left, top, bottom) = (60.0 + LABELS, 200.0, 744.0);
    let width = (right - left + GAP.0) / in_row as f64;
    let height = (bottom - top + GAP.1) / lines as f64;
    (0..count)
        .map(|at| {
            let (line, place) = (at / in_row, at % in_row);
            let (x, y) = (left + width * place as f64, top + height * line as f64);
            Tile {
                left: x,
                top: y,
                right: x + width - GAP.0,
                bottom: y + height - GAP.1,
                columns: sides.across.len(),
                rows: sides.up.len(),
                outer: (place == 0, at + in_row >= count),
            }
        })
        .collect()
}

impl Tile {
    /// Returns the upper left and the lower right corner of a cell.
    #[must_use]
    pub fn corners(&self, column: usize, row: usize) -> (Point, Point) {
        let upper = (self.x(column as f64), self.y(row as f64 + 1.0));
        (upper, (self.x(column as f64 + 1.0), self.y(row as f64)))
    }

    /// Returns the size of the lettering that fits into a cell.
    #[must_use]
    pub fn lettering(&self) -> f64 {
        let (upper, lower) = self.corners(0, 0);
        ((lower.0 - upper.0) * 0.18)
            .min((lower.1 - upper.1) * 0.42)
            .clamp(12.0, 24.0)
    }

    fn x(&self, columns: f64) -> f64 {
        self.left + (self.right - self.left) * columns / self.columns as f64
    }

    fn y(&self, rows: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * rows / self.rows as f64
    }

    /// Draws the frame, the heading, and the swept values along the outer sides, with their title
    /// below.
    pub fn frame(&self, canvas: &mut Canvas<'_>, sides: &Sides, heading: &str) {
        let (left, top) = (self.left, self.top - 18.0);
        let look = canvas.fitted(heading, Lettering::bold(21.0), self.right - left);
        canvas.text(heading, (left, top), Align::Left, look);
        let corners = [
            (self.left, self.top),
            (self.right, self.top),
            (self.right, self.bottom),
            (self.left, self.bottom),
            (self.left, self.top),
        ];
        canvas.path(&corners, GREY, 2.0);
        let tick = Lettering::grey(19.0);
        if self.outer.0 {
            for (row, label) in sides.up.iter().enumerate() {
                let place = (self.left - 12.0, self.y(row as f64 + 0.5));
                canvas.text(label, place, Align::Right, tick);
            }
        }
        if self.outer.1 {
            for (column, label) in sides.across.iter().enumerate() {
                let place = (self.x(column as f64 + 0.5), self.bottom + 22.0);
                canvas.text(label, place, Align::Middle, tick);
            }
            let title = format!("{} →", sides.titles[0]);
            let middle = f64::midpoint(self.left, self.right);
            let look = canvas.fitted(&title, Lettering::bold(20.0), self.right - self.left);
            canvas.text(&title, (middle, self.bottom + 50.0), Align::Middle, look);
        }
    }

    /// Draws the line on which values pass zero, by marching squares: straight between the middles
    /// of neighbouring cells, and level from the outer ones to the frame. With logarithms of a
    /// ratio it is the line on which the ratio is 1.
    pub fn contour(&self, canvas: &mut Canvas<'_>, value: impl Fn(usize, usize) -> Option<f64>) {
        let near = |at: usize, count: usize| at.saturating_sub(1).min(count - 1);
        let reach = |at: usize, count: usize| match at {
            0 => 0.0,
            at if at > count => count as f64,
            at => at as f64 - 0.5,
        };
        let corner = |column: usize, row: usize| {
            let found = value(near(column, self.columns), near(row, self.rows))?;
            let place = (
                self.x(reach(column, self.columns)),
                self.y(reach(row, self.rows)),
            );
            Some((place, found))
        };
        for row in 0..=self.rows {
            for column in 0..=self.columns {
                let square = [(0, 0), (1, 0), (1, 1), (0, 1)]
                    .map(|(right, up)| corner(column + right, row + up));
                let [Some(a), Some(b), Some(c), Some(d)] = square else {
                    continue;
                };
                let passes: Vec<Point> = [(a, b), (b, c), (c, d), (d, a)]
                    .into_iter()
                    .filter_map(|(from, to)| passage(from, to))
                    .collect();
                for pair in passes.chunks_exact(2) {
                    canvas.line(pair[0], pair[1], PAPER, 9.0);
                    canvas.line(pair[0], pair[1], INK, 5.0);
                }
            }
        }
    }
}

/// Returns the place where a value passes zero between two places.
fn passage((from, low): (Point, f64), (to, high): (Point, f64)) -> Option<Point> {
    if (low < 0.0) == (high < 0.0) {
        return None;
    }
    let share = low / (low - high);
    Some((
        from.0 + (to.0 - from.0) * share,
        from.1 + (to.1 - from.1) * share,
    ))
}

/// Writes which value grows upwards, and the values that were held constant.
pub fn directions(canvas: &mut Canvas<'_>, sides: &Sides) {
    let up = format!("↑ {}", sides.titles[1]);
    canvas.text(&up, (60.0, 142.0), Align::Left, Lettering::bold(20.0));
    let held = if sides.held.is_empty() {
        String::new()
    } else {
        format!("held: {}", sides.held)
    };
    canvas.text(
        &held,
        (WIDTH - 60.0, 142.0),
        Align::Right,
        Lettering::grey(20.0),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that each grid with nothing below it has the title of its axis, at its own foot.
    #[test]
    fn the_title_of_an_axis_stands_at_the_axis() {
        let sides = Sides {
            titles: ["clients".to_owned(), "rate".to_owned()],
            across: vec!["10".to_owned(), "100".to_owned()],
            up: vec!["1".to_owned()],
            held: String::new(),
        };
        let tiles = tiles(&sides, 3, 1_500.0);
        let svg = crate::canvas::sheet("title", |canvas| {
            directions(canvas, &sides);
            for tile in &tiles {
                tile.frame(canvas, &sides, "heading");
            }
        });
        let svg = svg.expect("a sheet");
        assert_eq!(svg.matches("clients →").count(), 2);
        assert_eq!(svg.matches("↑ rate").count(), 1);
    }

    #[test]
    fn a_passage_lies_where_the_line_is_zero() {
        let found = passage(((0.0, 0.0), -1.0), ((4.0, 8.0), 3.0));
        assert_eq!(found, Some((1.0, 2.0)));
        assert_eq!(passage(((0.0, 0.0), 1.0), ((4.0, 8.0), 3.0)), None);
    }
}
