//! Bars in clusters: a cluster for each variant, with a bar for each combination of what was changed
//! about it.
//!
//! Each cluster has a scale of its own, from zero, because the question is how its bars differ from
//! each other. Many clusters stand in two columns.

use crate::{
    axis::Scale,
    bars::whisker,
    border,
    canvas::{Align, Canvas, INK, Lettering, PAPER, WIDTH},
    panel::Panel,
};
use palette::Style;

/// A bar of a cluster.
#[derive(Debug)]
pub struct Bar {
    /// The text before the bar.
    pub name: String,
    /// The length, which is not below zero.
    pub length: f64,
    /// The minimum and the maximum over the repeats.
    pub range: (f64, f64),
    /// The text of the length, with its unit.
    pub number: String,
    /// A text behind the number; may be empty.
    pub detail: String,
    /// True if the runs are valid.
    pub valid: bool,
}

/// The bars of one variant.
#[derive(Debug)]
pub struct Cluster<'a> {
    /// The name and look of the variant.
    pub identity: &'a Style,
    /// The bars, the first one on top.
    pub bars: Vec<Bar>,
}

/// A chart of clusters.
#[derive(Debug)]
pub struct Chart<'a> {
    /// The subject of the chart.
    pub title: &'a str,
    /// An explanation of how to read the chart.
    pub reading: &'a str,
    /// A description of the scenario and its settings.
    pub caption: &'a str,
    /// The meaning of the bars of a cluster.
    pub heading: &'a str,
}

const TOP: f64 = 168.0;
const BOTTOM: f64 = 806.0;
const MARGIN: f64 = 60.0;
/// The space between two columns.
const GAP: f64 = 60.0;
/// The number of lines up to which one column can be read.
const LINES: usize = 22;
/// The greatest distance from one line to the next.
const STEP: f64 = 44.0;
/// The space between a bar and the texts on both sides of it.
const APART: f64 = 14.0;
/// The least length of the longest bar.
const LEAST: f64 = 40.0;
/// The sizes of type between which texts are written.
const SMALLEST: f64 = 12.0;
const LARGEST: f64 = 21.0;
/// The indent of the bars' names below that of their variant.
const INDENT: f64 = 32.0;

impl Chart<'_> {
    /// Draws the clusters, the first one on top.
    pub fn draw(&self, canvas: &mut Canvas<'_>, clusters: &[Cluster<'_>]) {
        border::head(canvas, self.title, self.reading);
        border::foot(canvas, self.caption);
        let place = (MARGIN, 136.0);
        canvas.text(self.heading, place, Align::Left, Lettering::bold(22.0));
        let columns = columns(clusters);
        let most = columns.iter().map(|column| lines(column)).max();
        let step = ((BOTTOM - TOP) / most.unwrap_or(1).max(1) as f64).min(STEP);
        let gaps = GAP * columns.len().saturating_sub(1) as f64;
        let room = WIDTH - 2.0 * MARGIN - gaps;
        let (size, needs) = fitting(canvas, &columns, step, room);
        let mut left = MARGIN;
        for (clusters, width) in columns.into_iter().zip(shares(&needs, room)) {
            column(canvas, clusters, (left, left + width), (step, size));
            left += width + GAP;
        }
    }
}

/// Returns the number of lines that clusters take: one for each name and for each bar.
fn lines(clusters: &[Cluster<'_>]) -> usize {
    clusters.iter().map(|cluster| cluster.bars.len() + 1).sum()
}

/// Divides the clusters into two columns of about the same height if there are too many for one.
fn columns<'c, 'a>(clusters: &'c [Cluster<'a>]) -> Vec<&'c [Cluster<'a>]> {
    let all = lines(clusters);
    if all <= LINES {
        return vec![clusters];
    }
    let is_half = |at: &usize| 2 * lines(&clusters[..*at]) >= all;
    let half = (1..clusters.len()).find(is_half);
    let (first, second) = clusters.split_at(half.unwrap_or(clusters.len()));
    let both = [first, second].into_iter();
    both.filter(|column| !column.is_empty()).collect()
}

/// Returns the largest size of type at which the columns fit in the room, and the width that each needs
/// then.
fn fitting(
    canvas: &mut Canvas<'_>,
    columns: &[&[Cluster<'_>]],
    step: f64,
    room: f64,
) -> (f64, Vec<f64>) {
    let mut size = (step * 0.62).clamp(SMALLEST, LARGEST);
    loop {
        let needs = columns.iter().map(|column| needed(canvas, column, size));
        let needs: Vec<f64> = needs.collect();
        if needs.iter().sum::<f64>() <= room || size <= SMALLEST {
            return (size, needs);
        }
        size = (size - 0.5).max(SMALLEST);
    }
}

/// Returns the width that the texts of a column need, with bars of the least length between them.
fn needed(canvas: &mut Canvas<'_>, clusters: &[Cluster<'_>], size: f64) -> f64 {
    let (names, numbers) = widths(canvas, clusters, size);
    let with_bars = names + APART + LEAST + APART + numbers;
    let titles = clusters
        .iter()
        .map(|cluster| canvas.width(&cluster.identity.name, Lettering::bold(size)));
    INDENT + titles.fold(with_bars, f64::max)
}

/// Returns the widths of the columns: all the same, unless one needs more.
fn shares(needs: &[f64], room: f64) -> Vec<f64> {
    let count = needs.len().max(1) as f64;
    let same = room / count;
    if needs.iter().all(|need| *need <= same) {
        return vec![same; needs.len()];
    }
    let rest = (room - needs.iter().sum::<f64>()) / count;
    needs.iter().map(|need| need + rest).collect()
}

/// Draws the clusters of one column.
fn column(
    canvas: &mut Canvas<'_>,
    clusters: &[Cluster<'_>],
    (left, right): (f64, f64),
    (step, size): (f64, f64),
) {
    let (names, numbers) = widths(canvas, clusters, size);
    let from = left + INDENT + names + APART;
    let to = (right - numbers - APART).max(from + LEAST);
    let mut y = TOP + step / 2.0;
    for cluster in clusters {
        canvas.marker((left + 12.0, y), size.max(16.0), cluster.identity, true);
        let name = (left + INDENT, y);
        canvas.text(
            &cluster.identity.name,
            name,
            Align::Left,
            Lettering::bold(size),
        );
        let lengths = cluster.bars.iter().map(|bar| bar.length.max(bar.range.1));
        let longest = lengths.fold(f64::MIN_POSITIVE, f64::max);
        for bar in &cluster.bars {
            y += step;
            let panel = Panel {
                left: from,
                top: y - step * 0.34,
                right: to,
                bottom: y + step * 0.34,
                x: Scale::Linear {
                    low: 0.0,
                    high: longest,
                },
                y: Scale::Linear {
                    low: 0.0,
                    high: 1.0,
                },
            };
            canvas.text(
                &named(bar),
                (left + INDENT, y),
                Align::Left,
                Lettering::plain(size),
            );
            one(canvas, &panel, cluster.identity, bar, size);
        }
        y += step;
    }
}

/// Returns the width of the widest name, and of the widest text behind a bar.
fn widths(canvas: &mut Canvas<'_>, clusters: &[Cluster<'_>], size: f64) -> (f64, f64) {
    let (mut names, mut numbers) = (0.0_f64, 0.0_f64);
    for bar in clusters.iter().flat_map(|cluster| &cluster.bars) {
        names = names.max(canvas.width(&named(bar), Lettering::plain(size)));
        let number = canvas.width(&bar.number, Lettering::bold(size));
        let detail = canvas.width(&bar.detail, Lettering::grey(size));
        numbers = numbers.max(number + APART + detail);
    }
    (names, numbers)
}

/// Returns the name of a bar, with a word behind it if its runs are not valid.
fn named(bar: &Bar) -> String {
    if bar.valid {
        bar.name.clone()
    } else {
        format!("{} (not valid)", bar.name)
    }
}

/// Draws one bar, with its range and the texts behind it.
fn one(canvas: &mut Canvas<'_>, panel: &Panel, identity: &Style, bar: &Bar, size: f64) {
    let end = panel.across(bar.length);
    let corners = ((panel.left, panel.top), (end, panel.bottom));
    if end - panel.left > 1.0 {
        canvas.rect(corners.0, corners.1, identity.colour);
        if !bar.valid {
            canvas.hatch(corners.0, corners.1, PAPER);
            canvas.hatch((panel.left + 3.0, panel.top), corners.1, INK);
        }
    }
    canvas.line(
        (panel.left, panel.top),
        (panel.left, panel.bottom),
        INK,
        2.0,
    );
    let y = f64::midpoint(panel.top, panel.bottom);
    if bar.range.0.total_cmp(&bar.range.1).is_ne() {
        whisker(
            canvas,
            panel,
            bar.range,
            y,
            (panel.bottom - panel.top) * 0.5,
        );
    }
    let behind = panel.across(bar.length.max(bar.range.1)) + APART;
    let strong = Lettering::bold(size);
    canvas.text(&bar.number, (behind, y), Align::Left, strong);
    let place = (behind + canvas.width(&bar.number, strong) + APART, y);
    canvas.text(&bar.detail, place, Align::Left, Lettering::grey(size));
}

#[cfg(test)]
mod tests {
    use palette::{Hue, Style};

    use super::{Bar, Cluster, columns, shares};

    #[test]
    fn few_clusters_stand_in_one_column_and_many_in_two_of_about_one_height() {
        let style = Style::new("Line".to_owned(), Hue::Green, 0);
        let bar = || Bar {
            name: String::new(),
            length: 1.0,
            range: (1.0, 1.0),
            number: String::new(),
            detail: String::new(),
            valid: true,
        };
        let heights = |counts: &[usize]| -> Vec<usize> {
            let clusters: Vec<Cluster<'_>> = counts
                .iter()
                .map(|count| Cluster {
                    identity: &style,
                    bars: (0..*count).map(|_| bar()).collect(),
                })
                .collect();
            let columns = columns(&clusters);
            columns.iter().map(|column| column.len()).collect()
        };
        assert_eq!(heights(&[4, 4, 4, 4]), [4]);
        assert_eq!(heights(&[6, 6, 6, 6]), [2, 2]);
        assert_eq!(heights(&[40]), [1]);
        assert_eq!(heights(&[]), [0]);
    }

    #[test]
    fn a_column_that_needs_more_than_its_half_gets_it() {
        assert_eq!(shares(&[300.0, 500.0], 1_000.0), [500.0, 500.0]);
        assert_eq!(shares(&[300.0, 600.0], 1_000.0), [350.0, 650.0]);
        assert_eq!(shares(&[900.0], 1_000.0), [1_000.0]);
        assert!(shares(&[], 1_000.0).is_empty());
    }
}
