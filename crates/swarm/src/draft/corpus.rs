//! The chat that drafts are cut out of where a plan asks for text that can be compressed.

/// The sentences, a line each; written for this project.
const LINES: &str = include_str!("../../corpus/chat.txt");

/// Returns the sentences of the chat, with a space between them.
pub(crate) fn sentences() -> String {
    lines().collect::<Vec<_>>().join(" ")
}

/// Emoji as people send them: of four bytes, with a skin's colour, of several joined into one, and a
/// flag.
const EMOJI: [&str; 8] = ["😀", "👍🏽", "🎉", "👩‍👩‍👧", "❤️", "😂", "🇳🇱", "🙏"];

/// Returns the sentences of the chat with an emoji behind each.
pub(crate) fn with_emoji() -> String {
    let emoji = EMOJI.iter().cycle();
    let with = lines()
        .zip(emoji)
        .map(|(line, emoji)| format!("{line} {emoji}"));
    with.collect::<Vec<_>>().join(" ")
}

fn lines() -> impl Iterator<Item = &'static str> {
    LINES.lines().filter(|line| !line.is_empty())
}

/// Cuts exactly `length` bytes out of `sentences`, from about `start` on and from the beginning
/// again after the end. Full stops take the place of a letter that does not fit.
pub(crate) fn cut(sentences: &str, start: usize, length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut rest = &sentences[sentences.floor_char_boundary(start)..];
    while rest.len() < length - text.len() {
        text.push_str(rest);
        rest = sentences;
    }
    text.push_str(&rest[..rest.floor_char_boundary(length - text.len())]);
    while text.len() < length {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that the corpus is longer, with what stands around each text, than a context of 32
    /// KiB (RFC 7692), which must not find what was said once.
    #[test]
    fn the_corpus_is_chat_in_two_languages_and_long_enough() {
        let sentences = sentences();
        let is_plain = |letter: char| !letter.is_control() && !matches!(letter, '"' | '\\');
        assert!(sentences.chars().all(is_plain));
        let mut sorted: Vec<&str> = lines().collect();
        let count = sorted.len();
        assert!(count >= 280, "{count}");
        let chinese = lines().filter(|line| !line.is_ascii()).count();
        assert!(3 * chinese > count && 3 * chinese < 2 * count);
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), count, "no line stands there twice");
        let event = 100 + 110;
        assert!(sentences.len() / 100 * event > 32 * 1024);
    }

    #[test]
    fn an_emoji_is_behind_each_sentence_and_json_carries_it_as_it_is() {
        let sentences = with_emoji();
        let hearts = sentences.matches("❤️").count();
        assert_eq!(hearts, lines().skip(4).step_by(EMOJI.len()).count());
        let wide = |letter: &char| letter.len_utf8() == 4;
        assert!(cut(&sentences, 0, 200).chars().any(|letter| wide(&letter)));
        let json = serde_json::to_string(&sentences).unwrap();
        assert_eq!(json.len(), sentences.len() + 2);
    }

    #[test]
    fn a_cut_has_its_length_wherever_it_begins() {
        let text = "x你z";
        assert_eq!(cut(text, 0, 4), "x你");
        // A cut that would begin within a letter begins with that letter; one that does not fit
        // becomes dots.
        assert_eq!(cut(text, 2, 3), "你");
        assert_eq!(cut(text, 1, 2), "..");
        assert_eq!(cut(text, 4, 9), "zx你zx..");
        for start in 0..text.len() {
            for length in 0..12 {
                assert_eq!(cut(text, start, length).len(), length);
            }
        }
    }
}
