//! A comparison of two folders as a table for a terminal, as Markdown, as CSV and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json as value};
use sheet::{Column, Entry, Sheet};

use super::{Compared, Difference, Gate, RULE, ValidityChange, Verdict, change::Change};
use crate::Lang;
use analysis::{chance::LEAST_RUNS, statistics::Spread};

/// The largest number of rows on a terminal; differences that count come first.
const ROWS: usize = 60;

const HEADER: [&str; 6] = ["transport", "figure", "before", "after", "ratio", "verdict"];

/// Formats the comparison for a terminal of `width` columns.
#[must_use]
pub fn terminal(compared: &Compared, width: u16) -> String {
    terminal_in(compared, width, Lang::En)
}

/// Formats the comparison for a terminal in one of the languages.
#[must_use]
pub fn terminal_in(compared: &Compared, width: u16, lang: Lang) -> String {
    let mut text = head(compared, lang);
    text.push('\n');
    let all = compared.differences.len();
    let counts: Vec<&Difference> = compared
        .differences
        .iter()
        .filter(|difference| {
            all <= ROWS || matches!(difference.verdict, Verdict::Better | Verdict::Worse)
        })
        .collect();
    let has_cells = counts.iter().any(|difference| difference.cell != "-");
    if !counts.is_empty() {
        let _ = writeln!(
            text,
            "{}",
            lang.sheet(sheet(&counts, has_cells)).terminal(width)
        );
    }
    if counts.len() < all {
        let rest = analysis::unit::grouped((all - counts.len()) as u64);
        let rest = format!(
            "{rest} more figures are within noise or cannot be told; --markdown shows all."
        );
        let _ = writeln!(text, "{}", lang.say(&rest));
    }
    text.push_str(&foot(compared, lang));
    text
}

/// Returns a table of differences without rows.
fn empty(has_cells: bool) -> Sheet {
    let cell = has_cells.then(|| Column::words("cell"));
    let columns = HEADER.into_iter().enumerate().map(|(at, name)| {
        if (2..5).contains(&at) {
            Column::numbers(name).headed_left()
        } else {
            Column::words(name)
        }
    });
    Sheet::new(cell.into_iter().chain(columns))
}

fn sheet(differences: &[&Difference], has_cells: bool) -> Sheet {
    let mut sheet = empty(has_cells);
    for difference in differences {
        let cell = has_cells.then(|| difference.cell.clone());
        sheet.push(cell.into_iter().chain(row(difference)));
    }
    sheet
}

/// Formats the comparison as Markdown.
#[must_use]
pub fn markdown(compared: &Compared) -> String {
    markdown_in(compared, Lang::En)
}

/// Formats the comparison as Markdown in one of the languages.
#[must_use]
pub fn markdown_in(compared: &Compared, lang: Lang) -> String {
    let mut text = head(compared, lang);
    let mut sheet = empty(true);
    for difference in &compared.differences {
        let mut words = row(difference);
        if matches!(difference.verdict, Verdict::Better | Verdict::Worse) {
            words[5] = format!("**{}**", lang.say(&words[5]));
        }
        let cell = std::iter::once(difference.cell.clone());
        sheet.push(cell.chain(words));
    }
    let _ = write!(text, "\n{}", lang.sheet(sheet).markdown());
    text.push('\n');
    text.push_str(&foot(compared, lang));
    text
}

/// Formats all differences as CSV, a line for each figure, with the values in the figure's unit.
/// A figure without a value is empty.
#[must_use]
pub fn csv(compared: &Compared) -> String {
    const WORDS: [&str; 4] = ["transport", "cell", "figure", "unit"];
    const NUMBERS: [&str; 12] = [
        "before",
        "before_min",
        "before_max",
        "before_repeats",
        "after",
        "after_min",
        "after_max",
        "after_repeats",
        "ratio",
        "ratio_low",
        "ratio_high",
        "p",
    ];
    let words = WORDS.map(Column::words).into_iter();
    let numbers = NUMBERS.map(Column::numbers);
    let mut sheet = Sheet::new(words.chain(numbers).chain([Column::words("verdict")]));
    for one in &compared.differences {
        let metric = one.quantity;
        let words = [&one.name, &one.cell, metric.key, metric.unit.name()];
        let sides = one.spreads.iter().zip(one.repeats);
        let sides = sides.flat_map(|(spread, repeats)| {
            [spread.median, spread.min, spread.max, repeats as f64].map(Some)
        });
        let effect = &one.effect;
        let (low, high) = effect.interval.map(|found| (found.low, found.high)).unzip();
        let numbers = sides.chain([Some(effect.ratio), low, high, Some(effect.p)]);
        let numbers = numbers.map(|value| match value {
            Some(value) => Entry::number("", value),
            None => Entry::from(""),
        });
        let verdict = Entry::from(one.verdict.words().to_lowercase());
        sheet.push(
            words
                .map(Entry::from)
                .into_iter()
                .chain(numbers)
                .chain([verdict]),
        );
    }
    sheet.csv()
}

/// Formats the comparison as JSON.
#[must_use]
pub fn json(compared: &Compared) -> String {
    let spread = |spread: Spread, repeats: usize| value!({ "median": spread.median, "min": spread.min, "max": spread.max, "repeats": repeats });
    let difference = |one: &Difference| {
        value!({
            "transport": one.name,
            "cell": one.cell,
            "figure": one.quantity.key,
            "before": spread(one.spreads[0], one.repeats[0]),
            "after": spread(one.spreads[1], one.repeats[1]),
            "ratio": one.effect.ratio,
            "interval": one.effect.interval.map(|interval| [interval.low, interval.high]),
            "p": one.effect.p,
            "sittings": one.effect.sittings,
            "verdict": one.verdict.words().to_lowercase(),
        })
    };
    let change = |one: &Change| {
        value!({
            "part": one.part.name(),
            "key": one.key,
            "cell": one.cell,
            "before": one.before,
            "after": one.after,
        })
    };
    let standing = |one: &ValidityChange| value!({ "transport": one.name, "cell": one.cell, "before": one.valid[0], "after": one.valid[1] });
    let whole = value!({
        "before": compared.names[0],
        "after": compared.names[1],
        "gate": compared.gate().word(),
        "gates": super::gate::json(compared),
        "rule": RULE,
        "looked_at": compared.family.looked,
        "correction": "Benjamini-Hochberg",
        "p_limit": compared.family.limit,
        "repeats_needed": compared.family.runs_needed(),
        "changes": compared.changes.iter().map(change).collect::<Vec<Value>>(),
        "not_valid": compared.standings.iter().map(standing).collect::<Vec<Value>>(),
        "figures": compared.differences.iter().map(difference).collect::<Vec<Value>>(),
    });
    format!("{whole:#}\n")
}

fn head(compared: &Compared, lang: Lang) -> String {
    let [before, after] = &compared.names;
    let say = |text: &str| lang.say(text);
    let mut text = format!(
        "{} {before}\n{}  {after}\n\n",
        say("before:"),
        say("after:")
    );
    if compared.changes.is_empty() {
        let _ = writeln!(
            text,
            "{}",
            say("Scenario, machine and version are the same.")
        );
        return text;
    }
    let _ = writeln!(text, "{}", say("What was changed:"));
    for change in &compared.changes {
        let cell = change
            .cell
            .as_ref()
            .map_or_else(String::new, |cell| format!(" {} {cell}", say("at")));
        let part = say(change.part.name());
        let _ = write!(text, "- {part} {}{cell}: ", change.key);
        let _ = match (&change.before, &change.after) {
            (Some(before), Some(after)) => writeln!(text, "{before} → {after}"),
            (None, Some(after)) => writeln!(text, "{} {after}", say("new:")),
            (Some(before), None) => writeln!(text, "{} {before}", say("gone, was")),
            (None, None) => writeln!(text),
        };
    }
    text
}

fn row(difference: &Difference) -> [String; 6] {
    let show = |spread: Spread| {
        let show = difference.quantity.unit.format();
        if spread.is_flat() {
            return show(spread.median);
        }
        format!(
            "{} ({} to {})",
            show(spread.median),
            show(spread.min),
            show(spread.max)
        )
    };
    [
        difference.name.clone(),
        difference.quantity.short.to_owned(),
        show(difference.spreads[0]),
        show(difference.spreads[1]),
        difference.effect.words(),
        verdict(difference),
    ]
}

/// Returns the verdict in words, with the reason where there is none.
fn verdict(difference: &Difference) -> String {
    let words = difference.verdict.words();
    match (difference.verdict, difference.effect.doubt()) {
        (Verdict::CannotTell, Some(doubt)) => format!("{words}: {doubt}"),
        _ => words.to_owned(),
    }
}

fn foot(compared: &Compared, lang: Lang) -> String {
    let english = foot_lines(compared);
    english
        .iter()
        .fold(String::new(), |text, line| text + &lang.say(line) + "\n")
}

/// Returns the lines below the table, in English.
fn foot_lines(compared: &Compared) -> Vec<String> {
    let mut lines = Vec::new();
    for standing in &compared.standings {
        let side = |(valid, all): (usize, usize)| match all {
            0 => "not run".to_owned(),
            _ => format!("{valid} of {all} runs valid"),
        };
        let cell = if standing.cell == "-" {
            String::new()
        } else {
            format!(" at {}", standing.cell)
        };
        let [before, after] = standing.valid.map(side);
        lines.push(format!(
            "{}{cell}: {before} before, {after} after",
            standing.name
        ));
    }
    let count = |verdict| compared.of(verdict).count();
    lines.push(format!(
        "{} figures: {} worse, {} better, {} within noise, {} cannot be told.",
        compared.differences.len(),
        count(Verdict::Worse),
        count(Verdict::Better),
        count(Verdict::WithinNoise),
        count(Verdict::CannotTell)
    ));
    lines.push(gate_words(compared));
    lines.push(compared.family.words());
    lines.push(format!(
        "{RULE} Ratios are after / before, each with an exact interval of at least 95 % for it \
         alone (from {LEAST_RUNS} repeats on)."
    ));
    lines
}

fn gate_words(compared: &Compared) -> String {
    let needed = compared.family.runs_needed();
    match compared.gate() {
        Gate::Regression => "Something became worse, by more than chance would make it.".to_owned(),
        Gate::CannotTell => format!(
            "Cannot tell: a verdict needs at least {LEAST_RUNS} valid repeats on both sides, and \
             {needed} for one figure alone among so many (--set repeats={needed})."
        ),
        Gate::Passed if compared.fewest() < needed => format!(
            "No regression shown. With so few repeats one figure alone could not be told among so \
             many, only several together: --set repeats={needed} tells one."
        ),
        Gate::Passed => "No regression.".to_owned(),
    }
}
