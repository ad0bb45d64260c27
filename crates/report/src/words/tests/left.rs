//! The English that is left on a page.

use std::collections::BTreeSet;

/// The elements whose content is not translated: commands, keys and values of settings.
const KEPT: [&str; 5] = ["style", "code", "pre", "dd", "dt"];

/// Words of units, people, commands, files and fixtures, which are no English text.
const NAMES: [&str; 6] = ["browser", "idle", "ndjson", "sse", "synthetic", "websocket"];

/// Returns the texts between the tags of a page.
pub(super) fn texts(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = page;
    while let Some((text, after)) = rest.split_once('<') {
        found.insert(text.to_owned());
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name = tag.split(' ').next().unwrap_or(tag);
        let end = if KEPT.contains(&name) {
            after.find(&format!("</{name}>"))
        } else {
            None
        };
        rest = &after[end.unwrap_or(0)..];
    }
    found.insert(rest.to_owned());
    let plain = |text: String| {
        let text = text.replace("&lt;", "<").replace("&gt;", ">");
        text.replace("&quot;", "\"").replace("&amp;", "&")
    };
    found
        .into_iter()
        .map(plain)
        .filter(|text| !text.trim().is_empty())
        .collect()
}

/// Returns the English words of a page's texts that are no names.
pub(crate) fn english(page: &str) -> BTreeSet<String> {
    let kept = &super::tables()["kept"];
    let mut left = BTreeSet::new();
    for text in texts(page) {
        // Keys and values of settings, such as `traffic.rate=4`, are no English text.
        let words = text.split([
            ' ', '（', '）', '：', '，', '。', '、', '；', '“', '”', '‘', '’',
        ]);
        let plain = words
            .map(|word| word.trim_matches([',', '.', ';', ':', '(', ')']))
            .filter(|word| {
                let is_word =
                    word.len() > 2 && word.chars().all(|letter| letter.is_ascii_alphabetic());
                is_word && !kept.contains_key(*word) && !NAMES.contains(word)
            });
        left.extend(plain.map(|word| format!("{word} ({text})")));
    }
    left
}

/// Returns whether three or more English words stand beside each other in a text.
pub(super) fn is_english(text: &str) -> bool {
    let is_word = |word: &str| {
        let bare = word.trim_matches(|letter: char| ",;:.()“”‘’'\"".contains(letter));
        !bare.is_empty()
            && bare
                .chars()
                .all(|letter| letter.is_ascii_alphabetic() || "-’'".contains(letter))
    };
    let words: Vec<bool> = text.split(' ').map(is_word).collect();
    words
        .windows(3)
        .any(|three| three.iter().all(|is_word| *is_word))
}
