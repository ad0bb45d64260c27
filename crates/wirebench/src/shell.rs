//! Words of commands that a user copies into a shell.

use std::{ffi::OsStr, fmt::Write as _, os::unix::ffi::OsStrExt, path::Path};

/// Returns a text as one word of a shell: within quotes if a character of it means something there.
pub(crate) fn word(text: &OsStr) -> String {
    match text.to_str() {
        Some(text) if is_plain(text) => text.to_owned(),
        Some(text) => format!("'{}'", text.replace('\'', "'\\''")),
        None => of_bytes(text.as_bytes()),
    }
}

/// Returns a path as one word of a shell.
pub(crate) fn path(path: &Path) -> String {
    word(path.as_os_str())
}

fn is_plain(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./=,:+@%".contains(letter);
    !text.is_empty() && text.chars().all(is_plain)
}

/// Returns bytes that are no text in UTF-8 as bash, zsh and ksh read them: `$'caf\xe9'`.
fn of_bytes(bytes: &[u8]) -> String {
    let mut word = "$'".to_owned();
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => word.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => word.push(char::from(*byte)),
            // Writing to a String cannot fail.
            other => _ = write!(word, "\\x{other:02x}"),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_whatever_is_in_it() {
        for (name, is) in [
            (&b"results/run-quick-1"[..], "results/run-quick-1"),
            ("\u{7ed3}\u{679c}/a".as_bytes(), "\u{7ed3}\u{679c}/a"),
            (b"a b/o 4", "'a b/o 4'"),
            (b"$HOME;~", "'$HOME;~'"),
            (b"it's", r"'it'\''s'"),
            (b"", "''"),
            (b"caf\xe9 '1'", r"$'caf\xe9 \'1\''"),
        ] {
            assert_eq!(path(Path::new(OsStr::from_bytes(name))), is);
        }
    }
}
