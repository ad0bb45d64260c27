//! The texts of a language by their English texts, and how a text is found among them.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
};

use super::pattern::{Hole, Pattern, number};

/// The marks between facts in a row, each of which is translated by itself.
const ROWS: [&str; 2] = [" · ", " + "];

/// The beginnings of a further clause.
const CLAUSES: [&str; 2] = [", and ", "; "];

/// The marks between texts that are put together, and the Chinese marks that stand for them.
const JOINTS: [(&str, &str); 2] = [("; ", "；"), (", ", "、")];

/// The marks around a word.
const MARKS: &str = ",;:.()“”‘’'\"";

/// The texts of a language.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    /// The texts without a hole.
    exact: HashMap<String, String>,
    /// The texts with holes, those with the most letters first.
    patterns: Vec<Pattern>,
}

/// The translations of the parts of a text that have been looked for; `None` where there is none.
type Found = RefCell<HashMap<String, Option<String>>>;

impl Catalogue {
    /// Reads a file: tables of rows, each an English text and its translation.
    pub(super) fn read(text: &str) -> Result<Self, toml::de::Error> {
        let tables: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(text)?;
        let mut found = Self::default();
        for (english, translated) in tables.into_values().flatten() {
            if english.contains('{') {
                found.patterns.push(Pattern::of(&english, translated));
            } else {
                found.exact.insert(english, translated);
            }
        }
        found.patterns.sort_by(Pattern::before);
        Ok(found)
    }

    /// Returns a text in this language; a text that is not found stays as it is.
    pub(super) fn say(&self, text: &str) -> String {
        if !text.contains(|letter: char| letter.is_ascii_alphabetic()) {
            return text.to_owned();
        }
        // Blanks that do not break stand in sentences between numbers and units.
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = self.find(&plain, &Found::default());
        said.filter(|said| *said != plain)
            .unwrap_or_else(|| text.to_owned())
    }

    fn find(&self, text: &str, found: &Found) -> Option<String> {
        if let Some(known) = found.borrow().get(text) {
            return known.clone();
        }
        // A text that contains itself would be looked for without end.
        found.borrow_mut().insert(text.to_owned(), None);
        let said = self.translate(text, found);
        found.borrow_mut().insert(text.to_owned(), said.clone());
        said
    }

    /// Tries what leaves the least doubt first: the text itself, facts in a row, sentences one
    /// after the other, texts with holes, and then the parts of a sentence.
    fn translate(&self, text: &str, found: &Found) -> Option<String> {
        if let Some(exact) = self.exact.get(text) {
            return Some(exact.clone());
        }
        if text.is_empty() || number(text) {
            return Some(text.to_owned());
        }
        let row = ROWS.iter().find(|mark| text.contains(**mark));
        if let Some(mark) = row {
            let facts = text
                .split(mark)
                .map(|fact| self.find(fact, found).unwrap_or_else(|| fact.to_owned()));
            return Some(facts.collect::<Vec<_>>().join(mark));
        }
        self.sentences(text, found)
            .or_else(|| {
                self.patterns
                    .iter()
                    .find_map(|pattern| self.fitted(pattern, text, found))
            })
            .or_else(|| Some(self.find(text.strip_suffix('.')?, found)? + "。"))
            .or_else(|| {
                JOINTS
                    .iter()
                    .find_map(|joint| self.joined(text, *joint, found))
            })
            .or_else(|| self.counted(text, found))
            .or_else(|| self.is_kept(text).then(|| text.to_owned()))
            .or_else(|| self.find(&uncapital(text)?, found))
    }

    fn sentences(&self, text: &str, found: &Found) -> Option<String> {
        text.match_indices(". ").find_map(|(at, _)| {
            let first = self.find(&text[..=at], found)?;
            Some(first + &self.find(&text[at + 2..], found)?)
        })
    }

    fn fitted(&self, pattern: &Pattern, text: &str, found: &Found) -> Option<String> {
        let parts = pattern.parts(text)?;
        let said = parts
            .iter()
            .enumerate()
            .map(|(number, (hole, part))| match hole {
                Hole::Kept | Hole::Number => Some((*part).to_owned()),
                Hole::Reason => self
                    .find(part.trim(), found)
                    .or_else(|| Some((*part).to_owned())),
                // The last of several holes takes no text with a further clause, which is the rest
                // of the sentence and no part of what the hole stands for.
                Hole::Text
                    if number > 0
                        && number + 1 == parts.len()
                        && CLAUSES.iter().any(|clause| part.contains(clause)) =>
                {
                    None
                }
                Hole::Text => self.find(part.trim(), found),
            });
        Some(pattern.filled(&said.collect::<Option<Vec<_>>>()?))
    }

    fn joined(&self, text: &str, (joint, mark): (&str, &str), found: &Found) -> Option<String> {
        if !text.contains(joint) {
            return None;
        }
        let parts = text.split(joint).map(|part| self.find(part, found));
        Some(parts.collect::<Option<Vec<_>>>()?.join(mark))
    }

    /// Translates a name with a number behind it.
    fn counted(&self, text: &str, found: &Found) -> Option<String> {
        let (at, _) = text
            .match_indices(' ')
            .find(|(at, _)| number(&text[at + 1..]))?;
        Some(self.find(&text[..at], found)? + &text[at..])
    }

    /// Returns whether nothing in a text can be translated: names, units, and what is no word.
    fn is_kept(&self, text: &str) -> bool {
        text.split(' ').all(|word| {
            let bare = word.trim_matches(|letter| MARKS.contains(letter));
            let is_word = bare.len() > 1 && bare.chars().all(|letter| letter.is_ascii_alphabetic());
            !is_word || self.exact.get(bare).is_some_and(|said| said == bare)
        })
    }
}

/// Returns the text with a small first letter; sentences begin with names of figures.
fn uncapital(text: &str) -> Option<String> {
    let mut letters = text.chars();
    let first = letters.next().filter(char::is_ascii_uppercase)?;
    // An abbreviation stays as it is; a percentile is none.
    letters
        .next()
        .filter(|next| next.is_ascii_lowercase() || next.is_ascii_digit())?;
    Some(format!("{}{}", first.to_ascii_lowercase(), &text[1..]))
}

#[cfg(test)]
mod tests {
    use super::Catalogue;

    fn catalogue() -> Catalogue {
        let rows = "[rows]\n\
            \"Long poll\" = \"长轮询\"\n\"Short poll\" = \"短轮询\"\n\"SSE\" = \"SSE\"\n\
            \"Lower is better.\" = \"越低越好。\"\n\"median latency\" = \"中位延迟\"\n\
            \"{} and {}\" = \"{}和{}\"\n\"{n} of {n} runs\" = \"{2} 次中 {1} 次\"\n\
            \"{} takes {n} times as long\" = \"{}是其 {} 倍\"\n\"{} {n} times as much\" = \"{}是 {} 倍\"\n\"{} not valid: {?}\" = \"{}无效：{}\"\n\
            \"Scenario “{*}”\" = \"场景“{}”\"\n\
            \"{} is fastest or level with it in {}\" = \"{}在{}中最快或持平\"\n\"all {n} cells\" = \"全部 {} 格\"\n\
            \"{}, and {} takes {n} times as long\" = \"{}，{}是其 {} 倍\"\n";
        Catalogue::read(rows).expect("rows")
    }

    #[test]
    fn texts_are_put_together_from_rows() {
        let catalogue = catalogue();
        for (english, said) in [
            ("Long poll takes 2.5 times as long", "长轮询是其 2.5 倍"),
            (
                "Short poll 1 s takes 2.5 times as long.",
                "短轮询 1 s 是其 2.5 倍。",
            ),
            (
                "SSE is fastest or level with it in all 2 cells, and Long poll takes 3 times as long",
                "SSE 在全部 2 格中最快或持平，长轮询是其 3 倍",
            ),
            ("Short poll 1 s 2.5 times as much", "短轮询 1 s 是 2.5 倍"),
            (
                "SSE, Long poll and Short poll 250 ms",
                "SSE、长轮询和短轮询 250 ms",
            ),
            ("Lower is better. 3 of 18 runs.", "越低越好。18 次中 3 次。"),
            (
                "Scenario “SSE and Long poll” · median latency",
                "场景“SSE and Long poll” · 中位延迟",
            ),
            (
                "SSE not valid: the moon is full",
                "SSE 无效：the moon is full",
            ),
            ("Median latency; 3\u{a0}ms", "中位延迟；3 ms"),
        ] {
            assert_eq!(catalogue.say(english), said);
            assert_eq!(catalogue.say(said), said);
        }
    }

    #[test]
    fn a_text_of_which_a_word_is_not_known_stays_whole() {
        let catalogue = catalogue();
        for text in [
            "SSE and the moon",
            "moon takes 2 times as long",
            "clients=10 rate=4",
            "3 ms",
            "–",
        ] {
            assert_eq!(catalogue.say(text), text);
        }
    }
}
