//! The sheets that students hand in: their predictions and measurements, a sheet for each student
//! and lesson. Everything is bounded, and a full collection refuses the next sheet: no sheet
//! replaces another student's.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use server::Address;

use crate::{options::LessonFacts, token::same};

/// The largest number of sheets that are kept of one lesson.
const MOST_SHEETS: usize = 400;
/// The largest number of those of one address, so that nobody alone can keep all others from handing
/// in. A class behind one address has room as well.
const MOST_OF_ADDRESS: usize = MOST_SHEETS / 4 * 3;
/// The length of the longest name on a sheet, in characters.
const LONGEST_NAME: usize = 64;

/// A sheet as a page hands it in.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct HandedIn {
    pub(crate) lesson: String,
    /// The student's own token, with which a sheet is completed later.
    pub(crate) token: String,
    /// The name, which is empty for students who stay anonymous.
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) answers: Vec<Answer>,
}

/// A prediction, and the measurement once it is known.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Answer {
    pub(crate) id: String,
    pub(crate) predicted: f64,
    #[serde(default)]
    pub(crate) measured: Option<f64>,
}

/// The reasons why a sheet is refused; pages identify them by the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotTaken {
    /// There is no such lesson, or no such question in it, or no number is given.
    #[error("the sheet does not fit the lesson")]
    Unfit,
    /// The name is too long or has control characters.
    #[error("a name has at most {LONGEST_NAME} characters")]
    Name,
    /// The largest number of sheets of this lesson is reached, or that of one address.
    #[error(
        "{MOST_SHEETS} sheets of this lesson are here, or {MOST_OF_ADDRESS} of your address, and no more are taken"
    )]
    Full,
    /// A page that has handed in a sheet of this lesson already, under another token.
    #[error("one page hands in one sheet of a lesson")]
    Twice,
}

/// A sheet as the teacher sees it: without the student's token.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sheet {
    /// The number by which the teacher removes the sheet.
    number: u64,
    #[serde(skip)]
    token: String,
    /// The address that it came from, as limits count it.
    #[serde(skip)]
    from: Option<Address>,
    name: String,
    /// The time when it was first handed in, in Unix milliseconds.
    at: u64,
    answers: BTreeMap<String, Filled>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Filled {
    predicted: f64,
    measured: Option<f64>,
}

/// The sheets of all lessons.
#[derive(Debug, Default)]
pub(crate) struct Sheets {
    by_lesson: HashMap<String, Vec<Sheet>>,
    handed: u64,
    /// The version, which changes whenever a sheet does.
    pub(crate) version: u64,
}

impl Sheets {
    /// Takes a sheet of this address as [`Self::take`] does, unless there are as many of it as there
    /// may be.
    pub(crate) fn take_from(
        &mut self,
        address: Address,
        lessons: &[LessonFacts],
        handed: HandedIn,
        own: Option<&str>,
        at: u64,
    ) -> Result<(), NotTaken> {
        let lesson = handed.lesson.clone();
        let before = self.of(&lesson);
        let is_known = |sheet: &Sheet| same(&handed.token, &sheet.token);
        let is_own = |sheet: &&Sheet| sheet.from == Some(address);
        let (count, has) = (before.len(), before.iter().filter(is_own).count());
        if has >= MOST_OF_ADDRESS && !before.iter().any(is_known) {
            return Err(NotTaken::Full);
        }
        self.take(lessons, handed, own, at)?;
        let sheets = self.by_lesson.get_mut(&lesson);
        if let Some(new) = sheets.and_then(|sheets| sheets.get_mut(count)) {
            new.from = Some(address);
        }
        Ok(())
    }

    /// Takes a sheet at `at` (Unix milliseconds). `own` is the token under which this page has
    /// handed in before. A prediction stays as it was first handed in; a measurement is added.
    pub(crate) fn take(
        &mut self,
        lessons: &[LessonFacts],
        handed: HandedIn,
        own: Option<&str>,
        at: u64,
    ) -> Result<(), NotTaken> {
        check(lessons, &handed)?;
        let sheets = self.by_lesson.entry(handed.lesson).or_default();
        let found = sheets
            .iter()
            .position(|sheet| same(&handed.token, &sheet.token));
        let sheet = match found {
            Some(index) => &mut sheets[index],
            None if own.is_some() => return Err(NotTaken::Twice),
            None if sheets.len() >= MOST_SHEETS => return Err(NotTaken::Full),
            None => {
                self.handed += 1;
                sheets.push(Sheet {
                    number: self.handed,
                    token: handed.token,
                    from: None,
                    name: handed.name.trim().to_owned(),
                    at,
                    answers: BTreeMap::new(),
                });
                sheets.last_mut().expect("one was just added")
            }
        };
        for answer in handed.answers {
            let filled = sheet.answers.entry(answer.id).or_insert(Filled {
                predicted: answer.predicted,
                measured: None,
            });
            filled.measured = answer.measured.or(filled.measured);
        }
        self.version += 1;
        Ok(())
    }

    /// Returns the sheets of one lesson, in the order in which they came.
    pub(crate) fn of(&self, lesson: &str) -> &[Sheet] {
        self.by_lesson.get(lesson).map_or(&[], Vec::as_slice)
    }

    /// Returns the number of sheets of each lesson that has any.
    pub(crate) fn counts(&self) -> BTreeMap<&str, usize> {
        let lessons = self.by_lesson.iter();
        lessons
            .map(|(lesson, sheets)| (lesson.as_str(), sheets.len()))
            .collect()
    }

    /// Removes one sheet of a lesson.
    pub(crate) fn remove(&mut self, lesson: &str, number: u64) {
        if let Some(sheets) = self.by_lesson.get_mut(lesson) {
            sheets.retain(|sheet| sheet.number != number);
            self.version += 1;
        }
    }
}

fn check(lessons: &[LessonFacts], handed: &HandedIn) -> Result<(), NotTaken> {
    let lesson = lessons.iter().find(|lesson| lesson.name == handed.lesson);
    let checks = &lesson.ok_or(NotTaken::Unfit)?.checks;
    let is_known = |answer: &Answer| checks.contains(&answer.id);
    let is_number = |answer: &Answer| {
        answer.predicted.is_finite() && answer.measured.is_none_or(f64::is_finite)
    };
    let fits = handed
        .answers
        .iter()
        .all(|one| is_known(one) && is_number(one));
    if !fits
        || handed.answers.is_empty()
        || handed.answers.len() > checks.len()
        || !wire::room_name_is_valid(&handed.token)
    {
        return Err(NotTaken::Unfit);
    }
    let name = handed.name.trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(NotTaken::Name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lessons() -> Vec<LessonFacts> {
        vec![LessonFacts {
            name: "a".to_owned(),
            checks: vec!["x".to_owned(), "y".to_owned()],
            ..LessonFacts::default()
        }]
    }

    fn sheet(token: &str, predicted: f64, measured: Option<f64>) -> HandedIn {
        HandedIn {
            lesson: "a".to_owned(),
            token: token.to_owned(),
            name: String::new(),
            answers: vec![Answer {
                id: "x".to_owned(),
                predicted,
                measured,
            }],
        }
    }

    #[test]
    fn a_prediction_stays_and_a_measurement_is_added() {
        let mut sheets = Sheets::default();
        sheets
            .take(&lessons(), sheet("t", 1.0, None), None, 5)
            .unwrap();
        sheets
            .take(&lessons(), sheet("t", 2.0, Some(3.0)), Some("t"), 6)
            .unwrap();
        let [only] = sheets.of("a") else {
            panic!("one sheet");
        };
        let filled = only.answers["x"];
        assert_eq!((filled.predicted, filled.measured), (1.0, Some(3.0)));
        assert_eq!(only.at, 5);
        // The token is the student's alone.
        assert!(!serde_json::to_string(only).unwrap().contains("\"t\""));
        sheets.remove("a", only.number);
        assert!(sheets.of("a").is_empty());
    }

    #[test]
    fn who_comes_when_the_shelf_is_full_pushes_nobody_out() {
        let mut sheets = Sheets::default();
        for number in 0..MOST_SHEETS {
            let token = format!("t{number}");
            sheets
                .take(&lessons(), sheet(&token, 1.0, None), None, 0)
                .unwrap();
        }
        let late = sheets.take(&lessons(), sheet("late", 1.0, None), None, 0);
        assert_eq!(late, Err(NotTaken::Full));
        assert_eq!(sheets.of("a").len(), MOST_SHEETS);
        // Who is on the shelf may still complete a sheet.
        sheets
            .take(&lessons(), sheet("t0", 1.0, Some(2.0)), None, 0)
            .unwrap();
        assert_eq!(sheets.of("a")[0].answers["x"].measured, Some(2.0));
    }

    #[test]
    fn one_address_leaves_places_to_others() {
        let mut sheets = Sheets::default();
        let address = |text: &str| Address::from(text.parse::<std::net::IpAddr>().unwrap());
        let (one, other) = (address("192.0.2.7"), address("192.0.2.8"));
        let mut take = |from, token: &str| {
            let handed = sheet(token, 1.0, Some(2.0));
            sheets.take_from(from, &lessons(), handed, None, 0)
        };
        for number in 0..MOST_OF_ADDRESS {
            take(one, &format!("t{number}")).unwrap();
        }
        assert_eq!(take(one, "late"), Err(NotTaken::Full));
        // A sheet that is there may be completed, and others have places.
        assert_eq!((take(one, "t0"), take(other, "o")), (Ok(()), Ok(())));
        let all = sheets.of("a").iter();
        let all = all.map(|sheet| sheet.number).collect::<Vec<_>>();
        for number in [all[0], all[1]] {
            sheets.remove("a", number);
        }
        let handed = sheet("again", 1.0, None);
        assert_eq!(sheets.take_from(one, &lessons(), handed, None, 0), Ok(()));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut sheets = Sheets::default();
        let mut refused = |spoil: &dyn Fn(&mut HandedIn)| {
            let mut handed = sheet("t", 1.0, None);
            spoil(&mut handed);
            let why = sheets.take(&lessons(), handed, None, 0).unwrap_err();
            assert!(sheets.of("a").is_empty());
            why
        };
        assert_eq!(refused(&|one| one.lesson = "b".into()), NotTaken::Unfit);
        assert_eq!(
            refused(&|one| one.token = "no token".into()),
            NotTaken::Unfit
        );
        assert_eq!(
            refused(&|one| one.answers[0].id = "z".into()),
            NotTaken::Unfit
        );
        assert_eq!(refused(&|one| one.answers.clear()), NotTaken::Unfit);
        assert_eq!(
            refused(&|one| one.answers[0].predicted = f64::NAN),
            NotTaken::Unfit
        );
        assert_eq!(
            refused(&|one| one.answers = vec![one.answers[0].clone(); 3]),
            NotTaken::Unfit
        );
        assert_eq!(refused(&|one| one.name = "n".repeat(65)), NotTaken::Name);
        assert_eq!(refused(&|one| one.name = "a\u{7}".into()), NotTaken::Name);
        let other = sheets.take(&lessons(), sheet("u", 1.0, None), Some("t"), 0);
        assert_eq!(other, Err(NotTaken::Twice));
    }
}
