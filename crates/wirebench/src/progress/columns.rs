//! A line of the view as columns: which of them fit, and numbers in a few letters, as the report
//! has them.

use std::time::Duration;

use analysis::unit::{self, three_digits};

use super::screen::said;

/// A column's width, and in which order columns are given up where a terminal is
/// narrow: the highest first.
struct Column {
    head: &'static str,
    width: usize,
    given_up: u8,
    is_word: bool,
}

const fn word(head: &'static str, width: usize, given_up: u8) -> Column {
    Column {
        head,
        width,
        given_up,
        is_word: true,
    }
}

const fn number(head: &'static str, width: usize, given_up: u8) -> Column {
    Column {
        head,
        width,
        given_up,
        is_word: false,
    }
}

/// The columns. With the blanks between them they take 78 letters; an ordinary terminal has 80.
const COLUMNS: [Column; 9] = [
    word("transport", 18, 0),
    number("runs", 5, 1),
    word("phase", 7, 0),
    number("msgs/s", 6, 4),
    number("p50", 7, 3),
    number("p99", 7, 2),
    number("up", 7, 7),
    number("down", 7, 6),
    number("server", 6, 5),
];

/// The shortest remark, in letters, that is still useful.
const LEAST_REMARK: usize = 12;

/// The text of the columns.
pub(super) type Cells = [String; 9];

/// Returns the heads of the columns.
pub(super) fn heads() -> Cells {
    COLUMNS.map(|column| said(column.head))
}

/// Returns the columns that `width` letters have room for, and a remark where there is
/// room for more.
pub(super) fn fitted(cells: &Cells, remark: &str, width: usize) -> String {
    let most = COLUMNS.iter().map(|column| column.given_up).max();
    let kept = (0..=most.unwrap_or(0))
        .rev()
        .find(|kept| length(*kept) < width)
        .unwrap_or(0);
    let texts: Vec<String> = COLUMNS
        .iter()
        .zip(cells)
        .filter(|(column, _)| column.given_up <= kept)
        .map(|(column, cell)| {
            let cell = cut(cell, column.width);
            if column.is_word {
                sheet::padded(&cell, column.width)
            } else {
                let blanks = column.width.saturating_sub(sheet::width(&cell));
                format!("{}{cell}", " ".repeat(blanks))
            }
        })
        .collect();
    let line = texts.join(" ");
    let room = width.saturating_sub(sheet::width(&line) + 3);
    if remark.is_empty() || room < LEAST_REMARK {
        return cut(line.trim_end(), width.saturating_sub(1));
    }
    format!("{line}  {}", cut(remark, room))
}

/// Returns the length of a line with the columns up to `kept`, in letters.
fn length(kept: u8) -> usize {
    let columns = COLUMNS.iter().filter(|column| column.given_up <= kept);
    columns.map(|column| column.width + 1).sum::<usize>() - 1
}

/// Cuts a text to at most `width` columns of the terminal; the last is a `…` if letters are missing.
pub(super) fn cut(text: &str, width: usize) -> String {
    if sheet::width(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if sheet::width(&kept) + 1 > width {
            kept.pop();
            break;
        }
    }
    kept + "…"
}

/// Writes a latency that is given in nanoseconds.
pub(super) fn latency(nanoseconds: u64) -> String {
    unit::latency(nanoseconds as f64 / 1e3)
}

/// Formats a number of bytes with the prefixes that are used for bandwidth.
pub(super) fn bytes(count: u64) -> String {
    unit::bytes(count as f64)
}

/// Formats a rate: a number per second.
pub(super) fn rate(value: f64) -> String {
    match value {
        v if v < 999.5 => three_digits(v),
        v if v < 999.5e3 => format!("{}k", three_digits(v / 1e3)),
        v => format!("{}M", three_digits(v / 1e6)),
    }
}

/// Writes the share of one processor.
pub(super) fn share(cpu: Duration, of: Duration) -> String {
    if of.is_zero() {
        return String::new();
    }
    format!("{:.0} %", cpu.as_secs_f64() / of.as_secs_f64() * 100.0)
}

/// Writes a length of time as one waits for it: `50 s`, `3 min`, `2 h 5 min`.
pub(crate) fn waiting(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells() -> Cells {
        [
            "http_stream ndjson",
            "12/45",
            "measure",
            "12.3k",
            "0.42 ms",
            "1.20 ms",
            "12.3 kB",
            "45.6 MB",
            "100 %",
        ]
        .map(str::to_owned)
    }

    #[test]
    fn a_text_is_cut_by_the_columns_that_it_takes() {
        for (text, width, is) in [
            ("latency", 7, "latency"),
            ("latency", 4, "lat…"),
            ("长轮询聊天", 6, "长轮…"),
            ("长轮询", 6, "长轮询"),
            ("长", 1, "…"),
        ] {
            assert_eq!(cut(text, width), is, "{text} {width}");
        }
    }

    #[test]
    fn a_chinese_name_of_a_number_takes_no_more_room() {
        let english = fitted(&heads(), "", 80);
        let mut heads = heads();
        heads[6] = "上行".to_owned();
        let chinese = fitted(&heads, "", 80);
        assert_eq!(sheet::width(&chinese), sheet::width(&english), "{chinese}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in 10..200 {
            for remark in [
                "",
                "NOT VALID: the generator was late, and much more to say",
            ] {
                let line = fitted(&cells(), remark, width);
                assert!(line.chars().count() < width, "{width}: {line:?}");
            }
        }
    }

    #[test]
    fn an_ordinary_terminal_has_all_columns_and_a_narrow_one_the_first() {
        insta::assert_snapshot!(fitted(&heads(), "", 80), @"transport           runs phase   msgs/s     p50     p99      up    down server");
        insta::assert_snapshot!(fitted(&cells(), "lost", 80), @"http_stream ndjson 12/45 measure  12.3k 0.42 ms 1.20 ms 12.3 kB 45.6 MB  100 %");
        insta::assert_snapshot!(fitted(&cells(), "3 lost", 120), @"http_stream ndjson 12/45 measure  12.3k 0.42 ms 1.20 ms 12.3 kB 45.6 MB  100 %  3 lost");
        insta::assert_snapshot!(fitted(&cells(), "", 60), @"http_stream ndjson 12/45 measure  12.3k 0.42 ms 1.20 ms");
        insta::assert_snapshot!(fitted(&cells(), "", 30), @"http_stream ndjson measure");
    }

    #[test]
    fn no_number_is_wider_than_its_column() {
        let width = |head: &str| {
            let column = COLUMNS.iter().find(|column| column.head == head);
            column.expect("a column").width
        };
        for shift in 0..33 {
            for number in [1 << shift, (1 << shift) - 1, 999_499] {
                assert!(bytes(number).chars().count() <= width("up"), "{number}");
                let rate = rate(number as f64 / 7.0);
                assert!(rate.chars().count() <= width("msgs/s"), "{rate}");
                // No delivery takes less than a microsecond.
                let latency = latency(number.max(1_000));
                assert!(latency.chars().count() <= width("p50"), "{latency}");
            }
        }
    }

    #[test]
    fn numbers_take_few_letters() {
        assert_eq!(latency(1_234_567), "1.23 ms");
        assert_eq!(latency(501_234_567), "501 ms");
        assert_eq!(latency(12_000_000_000), "12 s");
        assert_eq!(
            [bytes(12), bytes(12_345), bytes(999_600)],
            ["12 B", "12.3 kB", "1 MB"]
        );
        assert_eq!(
            [rate(0.5), rate(400.0), rate(12_345.0)],
            ["0.5", "400", "12.3k"]
        );
        assert_eq!(
            share(Duration::from_millis(230), Duration::from_secs(1)),
            "23 %"
        );
        let wait = |seconds| waiting(Duration::from_secs(seconds));
        assert_eq!(
            [wait(50), wait(200), wait(7_500)],
            ["50 s", "3 min", "2 h 5 min"]
        );
    }
}
