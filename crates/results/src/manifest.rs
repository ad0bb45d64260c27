//! `manifest.json`: what was asked for, and where it ran. Figures can be told
//! without it, so what is wrong with it is said and stops nothing.

use std::{fs, io, path::Path};

use serde_json::{Value, error::Category};

use crate::complaint::Complaint;

const FILE: &str = "manifest.json";

/// That of a folder; null where it is missing or no JSON.
#[must_use]
pub fn read(folder: &Path) -> Value {
    let text = fs::read(folder.join(FILE)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// What is wrong with it. Nothing where there is none: a folder may well be only
/// its CSV files.
pub(crate) fn complaint(folder: &Path) -> Option<Complaint> {
    const UNKNOWN: &str = "settings, machine and objectives are not known";
    let text = match fs::read(folder.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            let what = format!("cannot be read: {error}; {UNKNOWN}");
            return Some(Complaint::file(FILE, what));
        }
    };
    let error = serde_json::from_slice::<Value>(&text).err()?;
    let why = match error.classify() {
        Category::Eof => "is cut short".to_owned(),
        _ => format!("is no JSON ({error})"),
    };
    let line = error.line() as u64;
    Some(Complaint::line(FILE, line, format!("{why}; {UNKNOWN}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let said = || complaint(folder.path()).map(|complaint| complaint.to_string());
        assert_eq!(said(), None);
        for (text, begins) in [
            ("{\"a\":\n1}", None),
            (
                "{\"a\":\n{\"b\": 1",
                Some("manifest.json, line 2: is cut short; "),
            ),
            ("", Some("manifest.json, line 1: is cut short; ")),
            (
                "{a}",
                Some("manifest.json, line 1: is no JSON (key must be"),
            ),
        ] {
            fs::write(folder.path().join(FILE), text).expect("written");
            let said = said();
            let fits = match (&said, begins) {
                (Some(said), Some(begins)) => said.starts_with(begins),
                (said, begins) => said.is_none() && begins.is_none(),
            };
            assert!(fits, "{text}: {said:?}");
        }
    }
}
