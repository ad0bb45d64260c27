//! The built-in talker, which publishes messages at a steady pace, so that a class can look at the
//! wire instead of typing.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};
use wire::Draft;

use crate::{options::Lang, shared::Shared};

/// Talks with the settings of the state, for as long as it is polled.
pub(crate) async fn talk(shared: Arc<Shared>) -> ! {
    let mut state = shared.state.subscribe();
    let mut said = 0_u64;
    let mut due = Instant::now();
    loop {
        let talker = state.borrow_and_update().talker;
        if talker.per_second <= 0.0 {
            // The sender lives in `shared`, which lives at least as long.
            let _ = state.changed().await;
            due = Instant::now();
            continue;
        }
        tokio::select! {
            () = sleep_until(due) => {}
            _ = state.changed() => continue,
        }
        said += 1;
        let draft = Draft {
            from: name(shared.facts.lang).into(),
            text: text(said, talker.bytes, shared.facts.lang),
            tag: None,
        };
        shared.say(&shared.facts.room, draft);
        let pause = Duration::try_from_secs_f64(1.0 / talker.per_second);
        // Messages that were missed are not made up for in a burst.
        due = due.max(Instant::now() - Duration::from_secs(1)) + pause.unwrap_or(Duration::MAX);
    }
}

/// Returns the name of the talker.
const fn name(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "talker",
        Lang::Zh => "自动发言",
    }
}

/// Words to go on with, none of them cut: the Chinese classic of a thousand characters needs no
/// spaces.
const WORDS: [&str; 9] = [
    "the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog",
];
const CHARACTERS: &str = "天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。寒来暑往，秋收冬藏。";
/// Words to end with, by their length less one, for when the next word would not fit.
const ENDS: [&str; 5] = ["a", "so", "and", "then", "again"];

/// Returns exactly `bytes` of UTF-8 that begin with a number and cut no word.
pub(crate) fn text(said: u64, bytes: usize, lang: Lang) -> String {
    let bytes = bytes.max(1);
    let mut text = said.to_string();
    text.truncate(bytes);
    match lang {
        Lang::En => {
            for word in WORDS.iter().cycle() {
                let left = bytes - text.len();
                let rest = left.saturating_sub(word.len() + 1);
                // A space alone would end the text, so that much must not be left.
                if left < word.len() + 1 || rest == 1 {
                    break;
                }
                text.push(' ');
                text.push_str(word);
            }
            let left = bytes - text.len();
            if let Some(end) = left.checked_sub(2).and_then(|at| ENDS.get(at)) {
                text.push(' ');
                text.push_str(end);
            }
        }
        Lang::Zh => {
            text.push_str(if bytes > text.len() { " " } else { "" });
            let left = bytes - text.len();
            text.extend(CHARACTERS.chars().cycle().take(left / 3));
        }
    }
    text.extend(std::iter::repeat_n('.', bytes - text.len()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_long_as_asked_and_cut_no_word() {
        for lang in [Lang::En, Lang::Zh] {
            for bytes in (1..200).chain([4096, 8192]) {
                let text = text(123, bytes, lang);
                assert_eq!(text.len(), bytes);
                for word in text.split(' ').skip(1).filter(|_| lang == Lang::En) {
                    let word = word.trim_end_matches('.');
                    let is_whole = word.is_empty() || WORDS.contains(&word) || ENDS.contains(&word);
                    assert!(is_whole, "{bytes}: {text}");
                }
            }
        }
        assert_eq!(text(20, 20, Lang::En), "20 the quick brown a");
        assert_eq!(text(7, 20, Lang::Zh), "7 天地玄黄，宇");
    }
}
