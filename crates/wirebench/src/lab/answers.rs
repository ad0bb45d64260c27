//! The student's predictions, made before anything is measured.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
};

use anyhow::{Context, bail};
use lessons::{Check, Lesson};

use super::words;
use crate::args;

/// The file's name within a lab's folder.
const FILE: &str = "answers.toml";

/// The key of the student's name in a file of answers.
const STUDENT: &str = "student";

/// The student's predictions.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Answers {
    /// The name of the student, if it was given.
    pub(super) student: Option<String>,
    numbers: BTreeMap<String, f64>,
}

impl Answers {
    /// Reads the predictions from a file, from a person at a terminal, or line by line from
    /// standard input, whichever is available.
    pub(super) fn ask(lesson: &Lesson, options: &args::Lab) -> anyhow::Result<Self> {
        let mut answers = if let Some(file) = &options.answers {
            Self::read(lesson, file)?
        } else {
            let stdin = io::stdin();
            let prompts = stdin.is_terminal();
            Self::listen(lesson, options.lang(), stdin.lock(), prompts)?
        };
        if options.student.is_some() {
            answers.student.clone_from(&options.student);
        }
        Ok(answers)
    }

    /// Returns those that an earlier call left in `folder`.
    pub(super) fn kept(lesson: &Lesson, folder: &Path) -> anyhow::Result<Self> {
        Self::read(lesson, &folder.join(FILE))
    }

    fn read(lesson: &Lesson, file: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(lesson, &text).with_context(|| format!("{}", file.display()))
    }

    /// Returns the prediction for a check.
    pub(super) fn to(&self, check: &Check) -> Option<f64> {
        self.numbers.get(&check.id).copied()
    }

    /// Parses predictions such as `plain = 240`, one on each line. `student` is the only key that
    /// is no check.
    fn parse(lesson: &Lesson, text: &str) -> anyhow::Result<Self> {
        let table: toml::Table = toml::from_str(text).context(
            "answers are lines such as \"plain = 240\", and student = \"...\" in quotes",
        )?;
        let mut answers = Self::default();
        for (key, value) in table {
            let known = lesson.experiment.check.iter().any(|check| check.id == key);
            match value {
                toml::Value::String(name) if key == STUDENT => answers.student = Some(name),
                toml::Value::Integer(number) if known => {
                    answers.numbers.insert(key, number as f64);
                }
                toml::Value::Float(number) if known => {
                    answers.numbers.insert(key, number);
                }
                _ if known => bail!("the answer to {key} is not a number"),
                _ => {
                    let checks = lesson.experiment.check.iter();
                    let ids: Vec<_> = checks.map(|check| check.id.as_str()).collect();
                    bail!(
                        "nothing is asked under {key:?}; there are {}",
                        ids.join(", ")
                    )
                }
            }
        }
        Ok(answers)
    }

    /// Reads one line for each check, in the order of the checks. An empty line means no
    /// prediction.
    fn listen(
        lesson: &Lesson,
        lang: lessons::Lang,
        mut lines: impl BufRead,
        prompts: bool,
    ) -> anyhow::Result<Self> {
        let mut answers = Self::default();
        for check in &lesson.experiment.check {
            loop {
                if prompts {
                    let mut out = crate::output::stdout();
                    let unit = words::unit(&check.unit, lang);
                    write!(out, "{}\n  [{unit}] > ", check.ask.get(lang))?;
                    out.flush()?;
                }
                let mut line = String::new();
                if lines.read_line(&mut line)? == 0 || line.trim().is_empty() {
                    break;
                }
                match number(&line) {
                    Some(number) => {
                        answers.numbers.insert(check.id.clone(), number);
                        break;
                    }
                    None if prompts => {
                        writeln!(crate::output::stdout(), "  a number, such as 240 or 0.5")?;
                    }
                    None => bail!("{:?} is no number; it answers {}", line.trim(), check.id),
                }
            }
        }
        Ok(answers)
    }

    /// Writes the predictions to a file that `--answers` accepts.
    pub(super) fn keep(&self, folder: &Path) -> anyhow::Result<()> {
        let mut table = toml::Table::new();
        if let Some(student) = &self.student {
            table.insert(STUDENT.to_owned(), student.clone().into());
        }
        for (id, number) in &self.numbers {
            table.insert(id.clone(), (*number).into());
        }
        let file = folder.join(FILE);
        fs::write(&file, toml::to_string(&table)?)
            .with_context(|| format!("cannot write {}", file.display()))
    }
}

/// Parses a number. It may be written as `1,234.5` or as `2,5`, and a unit behind it is ignored.
fn number(line: &str) -> Option<f64> {
    let word = line.split_whitespace().next()?;
    let plain = match word.split_once(',') {
        Some((whole, rest)) if is_fraction(whole, rest) => format!("{whole}.{rest}"),
        _ => word.replace(',', ""),
    };
    let number: f64 = plain.parse().ok()?;
    number.is_finite().then_some(number)
}

/// Returns whether a comma between two texts is a decimal one. Three digits behind it are thousands,
/// unless nothing but a zero is before it.
fn is_fraction(whole: &str, rest: &str) -> bool {
    let are_digits = rest.bytes().all(|byte| byte.is_ascii_digit());
    are_digits && (rest.len() != 3 || whole.trim_start_matches('-') == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson() -> Lesson {
        lessons::find("poll-cost").unwrap().unwrap()
    }

    #[test]
    fn lines_answer_in_order_and_may_be_empty() {
        let heard = Answers::listen(
            &lesson(),
            lessons::Lang::En,
            "240 bytes\n\n1,234\n".as_bytes(),
            false,
        )
        .unwrap();
        let numbers: Vec<_> = lesson()
            .experiment
            .check
            .iter()
            .map(|check| heard.to(check))
            .collect();
        assert_eq!(numbers, [Some(240.0), None, Some(1234.0)]);
        let wrong = Answers::listen(&lesson(), lessons::Lang::En, "many\n".as_bytes(), false);
        assert!(wrong.unwrap_err().to_string().contains("plain"));
    }

    #[test]
    fn a_comma_separates_thousands_or_a_fraction() {
        for (line, is) in [
            ("1,234.5", 1234.5),
            ("1,234", 1234.0),
            ("12,345,678 bytes", 12_345_678.0),
            ("240, I think", 240.0),
            ("2,5 ms", 2.5),
            ("-0,125", -0.125),
            ("1,2345", 1.2345),
            ("0.5", 0.5),
        ] {
            assert_eq!(number(line), Some(is), "{line}");
        }
        for line in ["many", "1.234,5,6x", "inf", ","] {
            assert_eq!(number(line), None, "{line}");
        }
    }

    #[test]
    fn a_file_names_what_it_answers() {
        let answers = Answers::parse(&lesson(), "student = \"A & B\"\nplain = 240\nhour = 2.5\n");
        let answers = answers.unwrap();
        assert_eq!(answers.student.as_deref(), Some("A & B"));
        assert_eq!(answers.numbers.len(), 2);
        for (text, hint) in [
            ("plian = 1", "there are plain, browser, hour"),
            ("plain = true", "not a number"),
            ("plain", "lines such as"),
        ] {
            let error = Answers::parse(&lesson(), text).unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
