//! A text with holes.

use std::cmp::Ordering;

/// The units that stand behind numbers.
const UNITS: [&str; 13] = [
    "ms", "s", "µs", "us", "ns", "min", "h", "B", "kB", "MB", "GB", "KiB", "MiB",
];

/// The signs before a number.
const SIGNS: [char; 9] = ['<', '≥', '≤', '≈', '×', '+', '-', '−', ' '];

/// The kind of a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hole {
    /// A text that is translated in turn: `{}`.
    Text,
    /// A number with its unit: `{n}`.
    Number,
    /// A reason, which is translated if it can be: `{?}`.
    Reason,
    /// A name or what an author wrote: `{*}`.
    Kept,
}

/// An English text with holes, and its translation.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The pieces around the holes, one more than there are holes.
    around: Vec<String>,
    holes: Vec<Hole>,
    translated: String,
}

impl Pattern {
    pub(super) fn of(english: &str, translated: String) -> Self {
        let mut pieces = english.split('{');
        let mut around = vec![pieces.next().unwrap_or_default().to_owned()];
        let mut holes = Vec::new();
        for piece in pieces {
            let (kind, after) = piece.split_once('}').unwrap_or(("", piece));
            holes.push(match kind {
                "n" => Hole::Number,
                "?" => Hole::Reason,
                "*" => Hole::Kept,
                _ => Hole::Text,
            });
            around.push(after.to_owned());
        }
        Self {
            around,
            holes,
            translated,
        }
    }

    /// Orders patterns by their letters, most first: the most particular one is tried first.
    pub(super) fn before(&self, other: &Self) -> Ordering {
        let letters = |pattern: &Self| pattern.around.iter().map(String::len).sum::<usize>();
        letters(other)
            .cmp(&letters(self))
            .then_with(|| self.around.cmp(&other.around))
    }

    /// Returns what stands in the holes; `None` if the text is another.
    pub(super) fn parts<'t>(&self, text: &'t str) -> Option<Vec<(Hole, &'t str)>> {
        let rest = text.strip_prefix(self.around.first()?.as_str())?;
        filled(&self.holes, &self.around[1..], rest)
    }

    /// Fills the holes of the translation: `{}` in their order, `{1}` by their number. Between Latin
    /// and Chinese there is a blank.
    pub(super) fn filled(&self, parts: &[String]) -> String {
        let mut pieces = self.translated.split('{');
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for (at, piece) in pieces.enumerate() {
            let (number, after) = piece.split_once('}').unwrap_or(("", piece));
            let place = number
                .parse::<usize>()
                .map_or(at, |number| number.saturating_sub(1));
            append(&mut text, parts.get(place).map_or("", String::as_str));
            append(&mut text, after);
        }
        text
    }
}

fn append(text: &mut String, piece: &str) {
    let is_chinese = |letter: char| matches!(letter, '\u{4E00}'..='\u{9FFF}');
    let pair = text.chars().next_back().zip(piece.chars().next());
    let meets = |(one, other): (char, char)| {
        (one.is_ascii_alphanumeric() && is_chinese(other))
            || (is_chinese(one) && other.is_ascii_alphanumeric())
    };
    if pair.is_some_and(meets) {
        text.push(' ');
    }
    text.push_str(piece);
}

/// Fills the first hole with the shortest text that it takes and behind which the others can be
/// filled, too.
fn filled<'t>(holes: &[Hole], behind: &[String], text: &'t str) -> Option<Vec<(Hole, &'t str)>> {
    let (hole, holes) = holes.split_first()?;
    let (mark, behind) = behind.split_first()?;
    if holes.is_empty() {
        let part = text.strip_suffix(mark.as_str())?;
        return takes(*hole, part).then(|| vec![(*hole, part)]);
    }
    text.match_indices(mark.as_str()).find_map(|(at, _)| {
        let part = &text[..at];
        let rest =
            takes(*hole, part).then(|| filled(holes, behind, &text[at + mark.len()..]))??;
        Some([vec![(*hole, part)], rest].concat())
    })
}

fn takes(hole: Hole, part: &str) -> bool {
    !part.is_empty() && (hole != Hole::Number || number(part))
}

/// Returns whether a text is a number with its unit, or a range of them: `12.3 kB`, `< 0.01`,
/// `10 B–65 kB`.
pub(super) fn number(text: &str) -> bool {
    let bare = text.trim_start_matches(SIGNS);
    let is_number = bare.starts_with(|letter: char| letter.is_ascii_digit());
    let mut words = bare
        .split(|letter: char| !letter.is_alphabetic())
        .filter(|word| !word.is_empty());
    // A second number belongs to another text: `1 s 1.54` is a name's and a ratio.
    let is_one = !bare
        .split(' ')
        .skip(1)
        .any(|word| word.starts_with(|letter: char| letter.is_ascii_digit()));
    is_number && is_one && words.all(|word| UNITS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_and_what_are_none() {
        for text in [
            "3",
            "< 0.01",
            "12.3 kB",
            "5 %",
            "×2.4",
            "10 B–65 kB",
            "1,234",
            "2–16",
            "6 B/h",
        ] {
            assert!(number(text), "{text}");
        }
        for text in ["", "poll 3", "3 cells", "3 and 4", "ms", "1 s 1.54", "p50"] {
            assert!(!number(text), "{text}");
        }
    }
}
