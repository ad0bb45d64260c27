//! Tests that a page of claims in Chinese has no English but names, units and code. The claims are
//! those of the recorded files that `spoiled` reads.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, slice,
};

use claims::Assessed;
use report::Lang;

use super::{page, spoiled::recorded};

/// A run that is not valid, for two reasons.
const NOT_VALID: &str = "rate-1 long_poll: 3 lost; the generator was late: 12.0 ms in the median, \
                         the limit is 10 ms";
/// Names that no table of words has: those of servers, of profiles of headers and of claims.
const NAMES: [&str; 5] = ["Apache", "prefork", "browser", "minimal", "framing"];
/// A sentence that has no translation.
const UNTOLD: &str = "Nobody said this before.";

/// Returns a recorded claim as it is judged, with its figures in Chinese.
fn judged(name: &str) -> Assessed {
    let (claim_file, evidence) = recorded(name);
    let claim = claim_file.claim;
    let figures = Lang::Zh.drawing(|| claims::figures(name, &claim, &evidence));
    Assessed {
        name: name.to_owned(),
        assessment: claims::assess(name, &claim, &evidence).expect("a judge"),
        not_valid: vec![NOT_VALID.to_owned()],
        figures: figures.expect("figures"),
        claim,
    }
}

/// Returns the words that stay as they are in Chinese.
fn kept() -> BTreeSet<String> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../report/src/words/zh.toml");
    let text = fs::read_to_string(file).expect("the words");
    let mut tables: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(&text).expect("tables");
    let kept = tables.remove("kept").expect("a table of names");
    kept.into_keys().collect()
}

/// Returns the texts of a page, without those of elements that are marked as English or as no text.
fn texts(page: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((text, after)) = rest.split_once('<') {
        found.push(text);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name = tag.split(' ').next().unwrap_or(tag);
        let is_kept = name == "style"
            || name != "html" && (tag.contains("lang=\"en\"") || tag.contains("translate=\"no\""));
        let end = is_kept.then(|| after.find(&format!("</{name}>"))).flatten();
        rest = &after[end.unwrap_or(0)..];
    }
    found
}

/// Returns the English words of a page that are no names, each with its text.
fn english(page: &str, kept: &BTreeSet<String>) -> BTreeSet<String> {
    const MARKS: &str = " （）：，。、；“”‘’";
    let mut left = BTreeSet::new();
    for text in texts(page) {
        let text = text.replace("&quot;", " ").replace("&amp;", " ");
        let words = text.split(|letter: char| MARKS.contains(letter));
        let words = words.map(|word| word.trim_matches([',', '.', ';', ':', '(', ')']));
        let words = words.filter(|word| {
            let is_word = word.len() > 2 && word.chars().all(|letter| letter.is_ascii_alphabetic());
            is_word && !kept.contains(*word) && !NAMES.contains(word)
        });
        left.extend(words.map(|word| format!("{word} ({text})")));
    }
    left
}

#[test]
fn a_page_of_claims_in_chinese_has_no_english() {
    let kept = kept();
    for name in claims::names() {
        let one = judged(name);
        let in_lang = |lang| page(slice::from_ref(&one), lang).expect("a page");
        let chinese = in_lang(Lang::Zh);
        assert!(chinese.contains("<html lang=\"zh-CN\">"), "{name}");
        assert_eq!(english(&chinese, &kept), BTreeSet::new(), "{name}");
        let words = english(&in_lang(Lang::En), &kept);
        assert!(
            words.iter().any(|word| word.starts_with("Published ")),
            "{name}"
        );
    }
}

#[test]
fn one_sentence_that_is_not_translated_is_seen() {
    let kept = kept();
    let spoilings: [fn(&mut Assessed); 8] = [
        |one| UNTOLD.clone_into(&mut one.claim.statement),
        |one| UNTOLD.clone_into(&mut one.claim.wrong),
        |one| UNTOLD.clone_into(&mut one.claim.pass),
        |one| UNTOLD.clone_into(&mut one.assessment.comment),
        |one| UNTOLD.clone_into(&mut one.assessment.findings[0].quantity),
        |one| UNTOLD.clone_into(&mut one.assessment.findings[0].note),
        |one| one.not_valid.push(format!("websocket: {UNTOLD}")),
        |one| one.figures[0].svg = format!("<svg><text>{UNTOLD}</text></svg>"),
    ];
    for (at, spoil) in spoilings.into_iter().enumerate() {
        let mut one = judged("kaazing-headers");
        spoil(&mut one);
        let page = page(&[one], Lang::Zh).expect("a page");
        let left = english(&page, &kept);
        assert!(
            left.iter().any(|word| word.starts_with("Nobody ")),
            "{at}: {left:?}"
        );
    }
}
