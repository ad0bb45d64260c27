//! The sentences of a judged claim in the language of the reader.

use claims::Assessed;
use report::Lang;
use scenario::shipped;

/// Returns a claim with its own sentences in a language, as far as they are known: those of the claims
/// that come with the program, and the reasons for which runs are not valid. What a claim of one's
/// own says stays as it is written.
pub(super) fn said(mut one: Assessed, lang: Lang) -> Assessed {
    for (key, text) in [
        ("statement", &mut one.claim.statement),
        ("wrong", &mut one.claim.wrong),
        ("pass", &mut one.claim.pass),
        ("comment", &mut one.assessment.comment),
    ] {
        *text = sentence(&one.name, key, text, lang);
    }
    for reason in &mut one.not_valid {
        *reason = not_valid(reason, lang);
    }
    one
}

/// Returns a sentence of a claim, by its key, in a language; that of a claim of one's own is only in
/// its own.
pub(super) fn sentence(name: &str, key: &str, english: &str, lang: Lang) -> String {
    let chinese = shipped::chinese(name, key, english).filter(|_| lang == Lang::Zh);
    chinese.unwrap_or(english).to_owned()
}

/// Returns why a run is not valid: its name stays, and each of its reasons is translated by itself.
fn not_valid(english: &str, lang: Lang) -> String {
    let Some((run, reasons)) = english.split_once(": ") else {
        return english.to_owned();
    };
    let reasons: Vec<String> = reasons.split("; ").map(|one| lang.say(one)).collect();
    format!("{run}: {}", reasons.join("; "))
}
