//! The texts in the sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Returns the sources at or below a path, without those of tests.
pub(super) fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let is_source = |path: &PathBuf| {
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        !name.starts_with("test")
            && (path.is_dir() || path.extension().is_some_and(|end| end == "rs"))
    };
    entries
        .filter(is_source)
        .flat_map(|path| files(&path))
        .collect()
}

/// Returns the string literals of a source, each hole written as `{}`.
pub(super) fn literals(source: &str) -> Vec<String> {
    let source = source
        .split("#[cfg(test)]\nmod ")
        .next()
        .unwrap_or_default();
    let is_code = |line: &&str| {
        !["//", "#[", "reason ="]
            .iter()
            .any(|cue| line.trim().starts_with(cue))
    };
    let code: Vec<&str> = source.lines().filter(is_code).collect();
    let mut letters = code
        .join("\n")
        .chars()
        .collect::<Vec<_>>()
        .into_iter()
        .peekable();
    let mut found = Vec::new();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        // A quote may itself be a character.
        if letter == '"' && before != '\'' {
            found.push(holes(&literal(&mut letters)));
        }
        before = letter;
    }
    found
}

fn literal(letters: &mut impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    let mut skips = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => match letters.next() {
                Some('\n') => skips = true,
                Some('u') => {
                    let code: String = letters
                        .by_ref()
                        .take_while(|letter| *letter != '}')
                        .skip(1)
                        .collect();
                    text.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                Some('n') => text.push('\n'),
                Some(other) => text.push(other),
                None => break,
            },
            letter if skips && letter.is_whitespace() => {}
            letter => {
                skips = false;
                text.push(letter);
            }
        }
    }
    text
}

/// Writes every hole of a format as `{}`, and runs of blanks as one.
fn holes(text: &str) -> String {
    let mut out = String::new();
    let mut pieces = text.split('{');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        out.push_str("{}");
        out.push_str(piece.split_once('}').map_or(piece, |(_, after)| after));
    }
    out.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn literals_are_found() {
    let source = "let a = \"one {two:.1} \\\n    three\"; // \"no\"\nlet b = '\"';\n\
                  #[error(\"no\")]\nx(\"\\u{201c}four\\u{201d}\");";
    let code = source.replace(" // \"no\"", "");
    assert_eq!(literals(&code), ["one {} three", "“four”"]);
}
