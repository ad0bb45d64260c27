//! The units of figures, and the format of numbers for people.

use results::fields::Shape;

/// The unit of a figure, which decides how its values are read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A time, in microseconds.
    Microseconds,
    /// A time, in milliseconds.
    Milliseconds,
    /// Bytes on the wire, which people count in thousands.
    Bytes,
    /// Bytes of memory, which people count in steps of 1,024.
    Memory,
    /// A share of a whole, from 0 to 1.
    Share,
    /// A share of one processor, which several processors exceed.
    Processors,
    /// A number for each second.
    PerSecond,
    /// A whole number.
    Count,
    /// A number, possibly with a fraction.
    Number,
    /// A truth value: 1 for true, 0 for false.
    Truth,
}

impl Unit {
    /// Returns the unit by which a column of a CSV file is named, or `None` for a text. The type of
    /// the field says whether its values are truth values or have a fraction.
    #[must_use]
    pub fn of_name(column: &str, shape: Shape) -> Option<Self> {
        let unit = match shape {
            Shape::Word => return None,
            Shape::Truth => Self::Truth,
            _ if column.contains("bytes") => Self::Bytes,
            _ if column.ends_with("_ms") => Self::Milliseconds,
            _ if column.ends_with("_us") || column.contains("_us_per_") => Self::Microseconds,
            _ if column.ends_with("_cpu_share") => Self::Processors,
            _ if column.ends_with("_share") || column == "coherence" => Self::Share,
            Shape::Count => Self::Count,
            Shape::Fraction if column.ends_with("_per_s") => Self::PerSecond,
            Shape::Fraction => Self::Number,
        };
        Some(unit)
    }

    /// Returns the name of the unit in which files hold the values; empty for a number without one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Microseconds => "µs",
            Self::Milliseconds => "ms",
            Self::Bytes | Self::Memory => "B",
            Self::Share => "share, 0 to 1",
            Self::Processors => "processors",
            Self::PerSecond => "1/s",
            Self::Count | Self::Number | Self::Truth => "",
        }
    }

    /// Returns the function that writes a value with its unit.
    #[must_use]
    pub const fn format(self) -> fn(f64) -> String {
        match self {
            Self::Microseconds => latency,
            Self::Milliseconds => |value| latency(value * 1e3),
            Self::Bytes => bytes,
            Self::Memory => memory,
            Self::Share | Self::Processors => percent,
            Self::PerSecond | Self::Count | Self::Number | Self::Truth => count,
        }
    }

    /// Returns a value with its unit.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        self.format()(value)
    }

    /// Returns whether the unit is one of time.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(self, Self::Microseconds | Self::Milliseconds)
    }
}

/// Returns a length of time given in microseconds: `340 µs`, `1.2 ms`, `2.5 s`.
#[must_use]
pub fn latency(microseconds: f64) -> String {
    match microseconds {
        us if us.abs() < 999.5 => format!("{} µs", three_digits(us)),
        us if us.abs() < 999_500.0 => format!("{} ms", three_digits(us / 1e3)),
        us => format!("{} s", three_digits(us / 1e6)),
    }
}

/// Returns bytes in steps of a thousand, as networks count: `340 B`, `12.4 kB`.
#[must_use]
pub fn bytes(bytes: f64) -> String {
    match bytes {
        b if b < 9_999.5 => format!("{} B", count(b)),
        b if b < 999_500.0 => format!("{} kB", three_digits(b / 1e3)),
        b if b < 999.5e6 => format!("{} MB", three_digits(b / 1e6)),
        b => format!("{} GB", three_digits(b / 1e9)),
    }
}

/// Returns bytes of memory in steps of 1,024, as machines count: `340 B`, `12.4 KiB`.
#[must_use]
pub fn memory(bytes: f64) -> String {
    match bytes {
        b if b.abs() < 1_023.5 => format!("{} B", count(b)),
        b if b.abs() < 1_023.5 * 1024.0 => format!("{} KiB", three_digits(b / 1024.0)),
        b => format!("{} MiB", three_digits(b / 1_048_576.0)),
    }
}

/// Returns a share in percent, never rounded up: 99.996 % is not all.
#[must_use]
pub fn percent(share: f64) -> String {
    // A value just below a round number is there only because of binary fractions.
    let percent = (share * 1e6 + 1e-6).floor() / 1e4;
    if percent <= 0.0 && share > 0.0 {
        "< 0.0001 %".to_owned()
    } else if percent < 1.0 {
        format!("{} %", trimmed(percent, 4))
    } else {
        format!("{} %", trimmed((percent * 1e2 + 1e-6).floor() / 1e2, 2))
    }
}

fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

/// Returns a number with at most three significant digits below 100, and as an integer with
/// separators of thousands from there on.
#[must_use]
pub fn count(value: f64) -> String {
    if value < 99.95 {
        three_digits(value)
    } else {
        grouped(value.round() as u64)
    }
}

/// Returns a number with separators of thousands: `-1,234,567`.
#[must_use]
pub fn grouped_signed(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(value.unsigned_abs()))
}

/// Returns a number with separators of thousands: `1,234,567`.
#[must_use]
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns at most three significant digits: `0.00123`, `1.2`, `45`, `678`.
#[must_use]
pub fn three_digits(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor();
    let decimals = (2.0 - magnitude).clamp(0.0, 6.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_carry() {
        let texts: Vec<String> = [0.0, 0.001_234, 0.5, 1.0, 12.34, 123.4, 1234.0]
            .map(three_digits)
            .into();
        assert_eq!(texts, ["0", "0.00123", "0.5", "1", "12.3", "123", "1234"]);
    }

    #[test]
    fn shares_are_never_rounded_up() {
        let texts = [0.0, 0.000_000_1, 0.005, 0.5, 0.999_96, 1.0, 1.5].map(percent);
        let wanted = ["0", "< 0.0001", "0.5", "50", "99.99", "100", "150"];
        assert_eq!(texts, wanted.map(|text| format!("{text} %")));
    }

    #[test]
    fn units_change_where_digits_run_out() {
        assert_eq!(latency(999.0), "999 µs");
        assert_eq!(latency(1_000.0), "1 ms");
        assert_eq!(latency(2_500_000.0), "2.5 s");
        assert_eq!(latency(-1_500.0), "-1.5 ms");
        assert_eq!(bytes(1_234.0), "1,234 B");
        assert_eq!(bytes(12_340.0), "12.3 kB");
        assert_eq!(memory(340.0), "340 B");
        assert_eq!(memory(17_613.0), "17.2 KiB");
        assert_eq!(memory(9_052.0), "8.84 KiB");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(count(0.25), "0.25");
    }
}
