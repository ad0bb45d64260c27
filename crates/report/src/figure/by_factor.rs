//! The effect of what was swept by name (versions of HTTP and of TLS, settings of a proxy) on each way
//! to read: its bars stand together, one for each combination.
//!
//! Names have no distances, so there is no line to draw. A sweep with a number or a time among its
//! values is drawn by [`super::by_cell`].

use super::by_cell::some;
use analysis::{
    caption,
    cell::{Cell, CellTable, VariantRuns},
    metric::{BYTES, Metric, P50, PROXY_CPU, SERVER_CPU},
    statistics::Spread,
    swept::{Axis, named, spoken, swept},
};
use chart::{
    FigureError, canvas,
    clusters::{Bar, Chart, Cluster},
};

struct Question {
    name: &'static str,
    title: &'static str,
    metric: &'static Metric,
}

const QUESTIONS: [Question; 4] = [
    Question {
        name: "by_factor_bytes",
        title: "Bytes on the wire for each delivered message",
        metric: &BYTES,
    },
    Question {
        name: "by_factor_server_cpu",
        title: "Server processor time for each delivered message",
        metric: &SERVER_CPU,
    },
    Question {
        name: "by_factor_latency",
        title: "How long a message takes to arrive: half are faster",
        metric: &P50,
    },
    Question {
        name: "by_factor_proxy_cpu",
        title: "Processor time of the proxy for each delivered message",
        metric: &PROXY_CPU,
    },
];

const READING: &str = "Shorter is better; each way has a scale of its own, from zero. \
                       ×: against its first valid bar; ≈: the repeats overlap.";

/// The values of a key that leave something out.
const LEFT_OUT: [&str; 3] = ["none", "false", "off"];

/// The number of bars that can still be read.
const BARS: usize = 64;
/// The smallest and the largest number of bars of one way.
const OF_ONE: [usize; 2] = [2, 8];

/// Draws the figures of a sweep over names; returns none if a number or a time was swept.
pub(super) fn draw(cell_table: &CellTable<'_>) -> Result<Vec<(String, String)>, FigureError> {
    if Axis::of(&cell_table.cells).is_none_or(|axis| axis.texts.is_empty()) {
        return Ok(Vec::new());
    }
    let ways = cell_table.identities.len().max(1);
    let mut cells = some(&cell_table.cells, (BARS / ways).clamp(OF_ONE[0], OF_ONE[1]));
    begin_with_the_plainest(&mut cells);
    let mut caption = caption::of_sweep(cell_table);
    if cells.len() < cell_table.cells.len() {
        let (shown, all) = (cells.len(), cell_table.cells.len());
        caption = format!("{caption} · {shown} of {all} combinations shown");
    }
    let heading = format!("a bar for each {}", keys(&cells).join(" and "));
    let mut figures = Vec::new();
    for question in &QUESTIONS {
        let clusters = clusters(cell_table, &cells, question.metric);
        let mut bars = clusters.iter().flat_map(|cluster| &cluster.bars);
        if !bars.any(|bar| bar.length > 0.0) {
            continue;
        }
        let chart = Chart {
            title: question.title,
            reading: READING,
            caption: &caption,
            heading: &heading,
        };
        let svg = canvas::sheet(question.title, |canvas| chart.draw(canvas, &clusters))?;
        figures.push((question.name.to_owned(), svg));
    }
    Ok(figures)
}

/// Brings the cell with the most things left out (no proxy, no TLS) to the front: the others are
/// compared with it.
fn begin_with_the_plainest(cells: &mut [&Cell<'_>]) {
    let left_out = |cell: &Cell<'_>| {
        let values = swept(cell.name).map(|(_, value)| value);
        values.filter(|value| LEFT_OUT.contains(value)).count()
    };
    // Of several the last in reverse is the first.
    let plainest = (0..cells.len()).rev().max_by_key(|at| left_out(cells[*at]));
    if let Some(at) = plainest {
        cells[..=at].rotate_right(1);
    }
}

/// Returns the names of the keys that differ between these cells, in the cells' order.
fn keys(cells: &[&Cell<'_>]) -> Vec<String> {
    let mut keys: Vec<(&str, &str, bool)> = Vec::new();
    for (key, value) in cells.iter().flat_map(|cell| swept(cell.name)) {
        match keys.iter_mut().find(|(known, ..)| *known == key) {
            None => keys.push((key, value, false)),
            Some((_, first, differs)) => *differs |= *first != value,
        }
    }
    let mut names: Vec<String> = Vec::new();
    for (key, _, differs) in keys {
        let name = spoken(key);
        if differs && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Returns a cluster for each way that was run, with a bar for each cell.
fn clusters<'i>(
    cell_table: &'i CellTable<'_>,
    cells: &[&Cell<'_>],
    metric: &Metric,
) -> Vec<Cluster<'i>> {
    let mut clusters = Vec::new();
    for (who, identity) in cell_table.identities.iter().enumerate() {
        let mut first = None;
        let mut bars = Vec::new();
        for cell in cells {
            let own = cell.variants.iter().find(|variant| variant.identity == who);
            bars.extend(own.and_then(|own| bar(cell.name, own, metric, &mut first)));
        }
        if !bars.is_empty() {
            clusters.push(Cluster {
                identity: &identity.style,
                bars,
            });
        }
    }
    clusters
}

/// Returns the bar of a variant in a cell, beside the first valid one with a value; `None` if the runs lack
/// the figure although something arrived.
fn bar(
    cell: &str,
    variant: &VariantRuns<'_>,
    metric: &Metric,
    first: &mut Option<(Spread, usize)>,
) -> Option<Bar> {
    let words: Vec<String> = swept(cell).map(|(key, value)| named(key, value)).collect();
    let name = words.join(", ");
    let Some(spread) = variant.spread(metric.metric) else {
        let is_silent = variant.runs.iter().all(|run| run.delivered == 0);
        return is_silent.then(|| Bar {
            name,
            length: 0.0,
            range: (0.0, 0.0),
            number: "nothing arrived".to_owned(),
            detail: String::new(),
            valid: variant.valid,
        });
    };
    let own = (spread, variant.runs.len());
    let detail = match first {
        // What is not valid is compared with nothing, and nothing with it.
        _ if !variant.valid => String::new(),
        Some(first) => beside(*first, own),
        None => {
            *first = Some(own);
            String::new()
        }
    };
    Some(Bar {
        name,
        length: spread.median,
        range: (spread.min, spread.max),
        number: metric.show(spread.median),
        detail,
        valid: variant.valid,
    })
}

/// Returns the ratio of two medians as `×1.30`, `≈` if the repeats of the two overlap, or `1.30 ?` if
/// one of them was not repeated. The number beside a spread is that of its runs.
fn beside((first, runs): (Spread, usize), (own, own_runs): (Spread, usize)) -> String {
    if first.median <= 0.0 {
        return String::new();
    }
    let ratio = own.median / first.median;
    if runs.min(own_runs) < 2 {
        format!("{ratio:.2} ?")
    } else if own.min <= first.max && first.min <= own.max {
        "\u{2248}".to_owned()
    } else {
        format!("\u{d7}{ratio:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Spread, beside};

    #[test]
    fn a_ratio_is_told_only_where_the_repeats_lie_apart() {
        let spread = |values: [f64; 3]| Spread::of(values).expect("values");
        let first = (spread([9.0, 10.0, 11.0]), 3);
        assert_eq!(beside(first, (spread([11.5, 13.0, 14.0]), 3)), "×1.30");
        assert_eq!(beside(first, (spread([4.0, 5.0, 6.0]), 3)), "×0.50");
        assert_eq!(beside(first, (spread([10.5, 13.0, 14.0]), 3)), "≈");
        let once = Spread::of([13.0]).expect("a value");
        assert_eq!(beside(first, (once, 1)), "1.30 ?");
        let nothing = Spread::of([0.0]).expect("a value");
        assert_eq!(beside((nothing, 1), first), "");
    }
}
