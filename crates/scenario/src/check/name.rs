//! A scenario's name is also that of its results folder: it must be a plain file name.

use super::{Checked, ensure};

/// The longest name of a file that common file systems take is 255 bytes; the folder's name
/// has more in it.
const LONGEST: usize = 100;

/// Refuses what is no part of a path, or would be another folder than one thinks.
pub(super) fn check(name: &str) -> Checked {
    ensure(problem(name).is_none(), "name", || {
        (
            problem(name).unwrap_or_default().to_owned(),
            format!(
                "it also names the results folder: write up to {LONGEST} bytes of letters, \
                 digits, - and _, such as \"quick\""
            ),
        )
    })
}

fn problem(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        return Some("is empty");
    }
    if name.len() > LONGEST {
        return Some("is too long");
    }
    if name == "." || name == ".." {
        return Some("is a folder's own name for itself or the one above");
    }
    if name.contains(['/', '\\']) {
        return Some("has a slash in it, which parts folders");
    }
    if name.chars().any(char::is_control) {
        return Some("has a control character in it");
    }
    if name.trim() != name {
        return Some("begins or ends with a blank");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_file_name_names_a_folder() {
        for fine in [
            "quick",
            "a|b",
            "-rf",
            "mit leerzeichen",
            "\u{1f600}",
            "..a",
            "<b>",
        ] {
            assert!(check(fine).is_ok(), "{fine:?}");
        }
        let long = "n".repeat(LONGEST + 1);
        let wrong = [
            "", " ", ".", "..", "a/b", "../../x", "/etc", "a\\b", "a\nb", "a\0b", " x", "x\t",
            &long,
        ];
        for wrong in wrong {
            assert!(check(wrong).is_err(), "{wrong:?}");
        }
    }
}
