//! The figures of a workload as tables: a line for each figure and a column for each way to read,
//! for people; a line for each way and figure, for programs.

mod formulas;
mod line;

use analysis::{
    advice::{Limit, Strain},
    model::Prediction,
};
use report::Lang;
use sheet::{Column, Entry, Sheet};
use wire::Way;

use self::{
    formulas::by_formula,
    line::{Cell, Line, line},
};
pub(super) use self::{
    formulas::{FORMULAS, Formula},
    line::{rounded, unknown},
};
use super::{
    calibration::{Answer, Calibration, Load, Told, Work},
    figures::Figures,
    prices::Prices,
    workload::{Proxy, Workload},
};

/// The material that all figures of a workload are made of.
#[derive(Debug)]
pub(super) struct Sources<'a> {
    pub(super) workload: &'a Workload,
    pub(super) calibration: Option<&'a Calibration>,
    pub(super) prices: &'a Prices,
}

/// The figures that are measured on this machine.
pub(super) const PROCESSOR: &str = "server processor";
pub(super) const MEMORY: &str = "server memory";
pub(super) const MIB: f64 = 1_048_576.0;

/// Returns the lines of all figures.
fn lines(all: &[Figures], sources: &Sources<'_>) -> Vec<Line> {
    let mut lines = by_formula(all, sources.workload);
    lines.extend(measured(all, sources));
    lines.push(breaks(all, sources));
    lines.extend(bills(all, sources));
    lines
}

/// Returns the texts and numbers of one way that no formula gives: processor, memory, and what breaks
/// first.
#[cfg(test)]
pub(super) fn beside_formulas(one: &Figures, sources: &Sources<'_>) -> Vec<(String, Option<f64>)> {
    let all = std::slice::from_ref(one);
    let mut lines = measured(all, sources);
    lines.push(breaks(all, sources));
    let cells = lines.into_iter().flat_map(|line| line.cells);
    cells.map(|cell| (cell.text, cell.value)).collect()
}

/// Returns the figures that a calibration of this machine gives.
fn measured(all: &[Figures], sources: &Sources<'_>) -> Vec<Line> {
    let answer = |one: &Figures| {
        let load = Load::of(one, sources.workload);
        Calibration::answer(sources.calibration, load, one, sources.workload)
    };
    let answers: Vec<Answer> = all.iter().map(answer).collect();
    let basis = sources.calibration.map_or_else(
        || "not calibrated: run wirebench advise --calibrate with the same numbers".to_owned(),
        Calibration::told,
    );
    let line = |figure: &str, unit: &str, of: fn(&Work) -> &Told, each: f64| Line {
        figure: figure.to_owned(),
        unit: unit.to_owned(),
        basis: basis.clone(),
        cells: answers
            .iter()
            .map(|answer| interval(answer, of, each))
            .collect(),
    };
    vec![
        line(PROCESSOR, "processors", |work| &work.processors, 1.0),
        line(MEMORY, "MiB", |work| &work.memory, MIB),
    ]
}

/// Writes a measured figure in this unit with its interval, or why there is none.
fn interval(answer: &Answer, of: fn(&Work) -> &Told, unit: f64) -> Cell {
    let work = match answer {
        Answer::Known(work) => work,
        Answer::Unknown(why) => return Cell::words(why.clone()),
    };
    match of(work) {
        Told::Number(value, within) => Cell {
            text: format!("{} ± {:.0} %", rounded(value / unit), within * 1e2),
            value: Some(value / unit),
            within: Some(*within),
        },
        Told::Words(words) => Cell::words(words.clone()),
    }
}

/// Returns what breaks first, in words.
fn breaks(all: &[Figures], sources: &Sources<'_>) -> Line {
    let workload = sources.workload;
    line(
        "breaks first",
        "",
        "the limit whose load is the largest share of it",
        all,
        |one| {
            let mut words = one.strains.first().map_or_else(String::new, told);
            if let Some(note) = proxy_note(workload.proxy, one.choice.way) {
                words = format!("{note}; {words}");
            }
            Cell::words(words)
        },
    )
}

/// Returns what a proxy with its least settings does to a way, as `wirebench proxies` found it.
pub(super) fn proxy_note(proxy: Option<Proxy>, way: Way) -> Option<&'static str> {
    use scenario::ProxyKind::{Haproxy, Nginx, Varnish};
    let proxy = proxy.filter(|proxy| !proxy.is_right)?;
    let is_stream = way.framing().is_some();
    match (proxy.kind, way) {
        (Nginx | Varnish, Way::Websocket) => Some("NOW: the proxy answers upgrades with 426"),
        (Nginx, _) if is_stream => Some("NOW: the proxy keeps some 4,040 bytes back"),
        (Haproxy, _) if is_stream => Some("the proxy gathers chunks for 200 ms"),
        _ => None,
    }
}

/// Returns a strained limit in words.
pub(super) fn told(strain: &Strain) -> String {
    let (load, bound) = (rounded(strain.load), rounded(strain.bound));
    let words = match strain.limit {
        Limit::BrowserConnections => {
            format!("a browser's {bound} connections to an origin ({load} wanted)")
        }
        Limit::BrowserSockets => {
            format!("a browser's {bound} WebSockets to a host ({load} wanted)")
        }
        Limit::OpenFiles => format!("{bound} open files ({load} wanted)"),
        Limit::Workers => format!("{bound} workers ({load} wanted)"),
        Limit::ProxyIdle => format!("a proxy's {bound} s of silence ({load} s come)"),
    };
    if strain.breaks() {
        format!("NOW: {words}")
    } else {
        words
    }
}

/// Returns the bills of all plans.
fn bills(all: &[Figures], sources: &Sources<'_>) -> Vec<Line> {
    let plans = sources.prices.plan.iter();
    plans
        .map(|plan| {
            let unit = format!("{} a month", sources.prices.currency);
            let basis = format!("{}, as of {}", plan.source, plan.dated);
            line(&plan.name, &unit, basis, all, |one| {
                let bill = plan.bill(one.choice.way, &one.advice, sources.workload);
                bill.map_or_else(|| Cell::words("not priced"), Cell::number)
            })
        })
        .collect()
}

/// Returns the cell of a figure of one way in another unit: its text, and its number if it has one.
pub(super) fn cell(
    all: &[Figures],
    sources: &Sources<'_>,
    (way, figure): (&str, &str),
    times: f64,
) -> Option<(String, Option<f64>)> {
    let column = all.iter().position(|one| one.title == way)?;
    let mut lines = lines(all, sources).into_iter();
    let line = lines.find(|line| line.figure == figure)?;
    let cell = line.cells.into_iter().nth(column)?;
    let value = cell.value.map(|value| value * times);
    Some((value.map_or(cell.text, rounded), value))
}

/// Returns the table for people, and what each figure rests on, a line each, in one of the languages.
pub(super) fn for_people(
    all: &[Figures],
    sources: &Sources<'_>,
    lang: Lang,
) -> (Sheet, Vec<String>) {
    let ways = all.iter().map(|one| Column::numbers(lang.say(&one.title)));
    let head = Column::words(lang.say("figure"));
    let mut sheet = Sheet::new([head].into_iter().chain(ways));
    let mut notes: Vec<(String, String)> = Vec::new();
    for line in lines(all, sources) {
        let line = line.said(lang);
        let head = match line.unit.as_str() {
            "" => line.figure.clone(),
            unit => format!("{}, {unit}", line.figure),
        };
        let cells = line.cells.into_iter().map(Cell::entry);
        sheet.push([Entry::from(head)].into_iter().chain(cells));
        match notes.last_mut().filter(|(_, basis)| *basis == line.basis) {
            Some((figures, _)) => *figures = format!("{figures}; {}", line.figure),
            None => notes.push((line.figure, line.basis)),
        }
    }
    let told = notes
        .into_iter()
        .map(|(figures, basis)| format!("{figures}: {basis}"));
    (sheet, told.collect())
}

/// Returns a line for each way and figure, intervals and the sizes of single items among them.
pub(super) fn for_programs(all: &[Figures], sources: &Sources<'_>) -> Sheet {
    let names = ["way", "figure", "unit"].map(Column::words);
    let columns = names
        .into_iter()
        .chain([Column::numbers("value"), Column::words("rests on")]);
    let mut sheet = Sheet::new(columns);
    for line in lines(all, sources).into_iter().flat_map(with_intervals) {
        for (one, cell) in all.iter().zip(line.cells) {
            let [way, figure, unit] = [&one.title, &line.figure, &line.unit].map(String::as_str);
            let words = [way, figure, unit].map(Entry::from);
            let rest = [cell.entry(), Entry::from(line.basis.as_str())];
            sheet.push(words.into_iter().chain(rest));
        }
    }
    for one in all {
        for prediction in &one.predictions {
            sheet.push(item(&one.title, prediction));
        }
    }
    sheet
}

/// Returns a line and, where runs of its figure lie within a share of it, a line of these shares.
fn with_intervals(line: Line) -> Vec<Line> {
    if line.cells.iter().all(|cell| cell.within.is_none()) {
        return vec![line];
    }
    let shares = line.cells.iter().map(|cell| {
        let percent = cell.within.map(|share| share * 1e2);
        percent.map_or_else(|| cell.clone(), Cell::number)
    });
    let intervals = Line {
        figure: format!("{}, ±", line.figure),
        unit: "%".to_owned(),
        basis: line.basis.clone(),
        cells: shares.collect(),
    };
    vec![line, intervals]
}

/// The bytes by which the mean of sizes that follow from digits may be rounded. What may differ by more
/// has no single size.
const ROUNDED: f64 = 0.5;

/// Returns the line of a predicted quantity, under its name in `predictions.csv`. A size that goes with
/// the moment is given with the range that it has in a run.
fn item(title: &str, prediction: &Prediction) -> [Entry; 5] {
    let quantity = prediction.quantity;
    let (size, off) = (prediction.predicted, prediction.tolerance.amount);
    let basis = if quantity.unit() == "B" && off > ROUNDED {
        let [least, most] = [size - off, size + off].map(rounded);
        format!("{}: {least} to {most} B", prediction.source)
    } else {
        prediction.source.to_owned()
    };
    [
        Entry::from(title),
        Entry::from(quantity.name()),
        Entry::from(quantity.unit()),
        Cell::number(size).entry(),
        Entry::from(basis),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        advise::{calibration::tests::calibration, figures},
        args::WorkloadInputs,
    };

    #[test]
    fn every_figure_has_a_cell_for_each_way_and_says_what_it_rests_on() {
        let inputs: WorkloadInputs = toml::from_str(
            "readers = 5000\nrooms = 100\nmessages_per_reader = 0.1\nproxy = \"nginx\"\n\
             proxy_settings = \"default\"\ntabs = 6\n",
        )
        .expect("inputs");
        let workload = Workload::of(&inputs).expect("a workload");
        let all = figures::of(&workload, &[]).expect("figures");
        let prices = Prices::read(None).expect("prices");
        let sources = Sources {
            workload: &workload,
            calibration: None,
            prices: &prices,
        };
        for line in lines(&all, &sources) {
            assert_eq!(line.cells.len(), all.len(), "{}", line.figure);
            assert!(!line.basis.is_empty(), "{}", line.figure);
            assert!(
                line.cells.iter().all(|cell| !cell.text.is_empty()),
                "{}",
                line.figure
            );
        }
        let (sheet, notes) = for_people(&all, &sources, Lang::En);
        let text = sheet.markdown() + &notes.join("\n");
        for words in [
            "NOW: the proxy answers upgrades with 426",
            "not calibrated: run",
            "not priced",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let (sheet, notes) = for_people(&all, &sources, Lang::Zh);
        let text = sheet.markdown() + &notes.join("\n");
        for words in [
            "已到极限：代理对升级请求返回 426",
            "没有校准：请",
            "没有价格",
            "| 打开的连接 |",
            "short_poll：往返 + 间隔的一部分",
            "下界：软件的时间另加",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let data = for_programs(&all, &sources).csv();
        assert!(data.contains("WebSocket,frame_head,B,4,"), "{data}");
        // By chance nothing comes in an interval, at any moment of the window.
        let mut lines = data.lines();
        let empty = lines.find(|line| line.contains(",empty_batch,"));
        assert!(empty.is_some_and(|line| line.contains(" to ")), "{data}");
    }

    /// Checks that over HTTP/2 a cell whose bytes depend on earlier heads says so.
    #[test]
    fn what_is_not_known_over_http_2_says_why() {
        let inputs: WorkloadInputs =
            toml::from_str("readers = 50\nmessages_per_room = 5\nhttp = \"2\"\n").expect("inputs");
        let workload = Workload::of(&inputs).expect("a workload");
        let all = figures::of(&workload, &[]).expect("figures");
        for (lang, words, basis) in [
            (
                Lang::En,
                "not known: HPACK",
                "; over HTTP/2 a head is as long",
            ),
            (Lang::Zh, "不知道：HPACK", "；HTTP/2 的头部长度取决于"),
        ] {
            let said = by_formula(&all, &workload).into_iter();
            let text = format!("{:?}", said.map(|line| line.said(lang)).collect::<Vec<_>>());
            assert!(text.contains(words) && text.contains(basis), "{text}");
        }
    }

    #[test]
    fn programs_are_told_an_interval_in_a_line_of_its_own() {
        let inputs: WorkloadInputs =
            toml::from_str("readers = 500\nrooms = 10\nmessages_per_room = 5\n").expect("inputs");
        let workload = Workload::of(&inputs).expect("a workload");
        let all = figures::of(&workload, &[]).expect("figures");
        let (measured, prices) = (calibration(), Prices::read(None).expect("prices"));
        let sources = Sources {
            workload: &workload,
            calibration: Some(&measured),
            prices: &prices,
        };
        let data = for_programs(&all, &sources).csv();
        let of = |way: &str| {
            let begins = format!("{way},\"server memory, ±\",%,");
            let rest = data.lines().find_map(|line| line.strip_prefix(&begins));
            rest.expect("a line").to_owned()
        };
        let known = of("WebSocket");
        let (percent, _) = known.split_once(',').expect("a number");
        let percent: f64 = percent.parse().expect("a number");
        // A fifth of what the full logs take.
        assert!(percent > 0.0 && percent < 20.0, "{percent}");
        let none = of("Long poll");
        assert!(none.contains("not calibrated over HTTP/1.1"), "{none}");
    }
}
