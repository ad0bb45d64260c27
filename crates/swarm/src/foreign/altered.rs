//! The check that a message of a foreign server contains the text that was sent, and not
//! only the tag by which the message is found.
//!
//! The text is looked for between the tags of the messages before and after, first as it was said,
//! then with escapes undone: `%41` and `+` of a form (WHATWG URL, section 5.1), `\u0041` of JSON
//! (RFC 8259, section 7). A text of one or two letters is found in nearly anything, so that the
//! check proves little about such payloads.

use std::borrow::Cow;

use memchr::memmem;

use crate::draft::Tag;

/// The largest number of backslashes behind the first one: those of JSON in JSON in JSON.
const MOST_BACKSLASHES: usize = 3;

/// Returns the text before and after tag `number` of those in `text`, up to the
/// neighbouring tags.
pub(crate) fn around<'a>(text: &'a [u8], tags: &[(usize, Tag)], number: usize) -> [&'a [u8]; 2] {
    let start = tags[number].0;
    let from = match number.checked_sub(1) {
        Some(before) => tags[before].0 + Tag::LEN,
        None => 0,
    };
    let to = tags.get(number + 1).map_or(text.len(), |(next, _)| *next);
    // Two that overlap are no tags side by side, and have nothing between them.
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    [part(from, start), part(start + Tag::LEN, to)]
}

/// Returns whether `said` is in one of the `parts`, as it is or escaped.
pub(crate) fn is_whole(said: &str, parts: [&[u8]; 2]) -> bool {
    let said = said.as_bytes();
    parts.iter().any(|part| is_in(said, part))
        || parts.iter().any(|part| is_in(said, &unescaped(part)))
}

/// Returns whether `said` is in `part`. If a quotation mark stands before the text, one must stand
/// behind it, and the other way round: otherwise the quotation holds more than was said.
fn is_in(said: &[u8], part: &[u8]) -> bool {
    memmem::find_iter(part, said).any(|at| {
        let before = at.checked_sub(1).map(|at| part[at]) == Some(b'"');
        // The end may be escaped where the beginning is.
        let after = matches!(part.get(at + said.len()), Some(b'"' | b'\\'));
        before == after
    })
}

/// Returns `part` with the escapes of forms and of JSON undone.
fn unescaped(part: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr3(b'%', b'+', b'\\', part).is_none() {
        return Cow::Borrowed(part);
    }
    let mut plain = Vec::with_capacity(part.len());
    let mut rest = part;
    while let [first, after @ ..] = rest {
        let taken = match first {
            b'+' => {
                plain.push(b' ');
                1
            }
            b'%' => match hex(after, 2) {
                Some(byte) => {
                    plain.push(byte as u8);
                    3
                }
                None => keep(&mut plain, b'%'),
            },
            b'\\' => match letter(after) {
                Some((letter, used)) => {
                    plain.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                    1 + used
                }
                None => keep(&mut plain, b'\\'),
            },
            other => keep(&mut plain, *other),
        };
        rest = &rest[taken..];
    }
    Cow::Owned(plain)
}

/// Keeps a byte that stands for itself, and returns the number of bytes that were used: one.
fn keep(plain: &mut Vec<u8>, byte: u8) -> usize {
    plain.push(byte);
    1
}

/// Returns the letter that `u4f60`, or a pair such as `ud83e\udd80`, stands for behind a backslash, and
/// the number of bytes that say so.
fn letter(after: &[u8]) -> Option<(char, usize)> {
    let (first, used) = unit(after)?;
    if let Some(letter) = char::from_u32(first.into()) {
        return Some((letter, used));
    }
    let (second, more) = unit(after[used..].strip_prefix(b"\\")?)?;
    let letter = char::decode_utf16([first, second]).next()?.ok()?;
    Some((letter, used + 1 + more))
}

/// Returns the unit of UTF-16 that `u4f60` stands for behind a backslash, and the number of bytes that
/// say so. In JSON that is a text in other JSON, more backslashes come before it.
fn unit(after: &[u8]) -> Option<(u16, usize)> {
    let more = after.iter().take(MOST_BACKSLASHES);
    let more = more.take_while(|byte| **byte == b'\\').count();
    let unit = hex(after[more..].strip_prefix(b"u")?, 4)?;
    Some((u16::try_from(unit).ok()?, more + 5))
}

/// Returns the number that so many hexadecimal digits are.
fn hex(text: &[u8], digits: usize) -> Option<u32> {
    let digits = text.get(..digits)?;
    let are_digits = digits.iter().all(u8::is_ascii_hexdigit);
    let digits = str::from_utf8(digits).ok().filter(|_| are_digits)?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "00002a-0003b9aca00-0003b9b8d50";
    const NEXT: &str = "00002b-0003b9aca00-0003b9b8d50";

    fn whole(said: &str, text: &str, number: usize) -> bool {
        let tags: Vec<_> = Tag::all_in(text.as_bytes()).collect();
        is_whole(said, around(text.as_bytes(), &tags, number))
    }

    #[test]
    fn a_text_is_found_beside_its_tag_however_it_is_wrapped() {
        for text in [
            format!(r#"{{"from":"p","text":"one a.b","tag":"{TAG}"}}"#),
            format!(r#"{{"tag":"{TAG}","text":"one a.b"}}"#),
            format!(r#"{{"data":"{{\"text\":\"one a.b\",\"tag\":\"{TAG}\"}}"}}"#),
            format!("{TAG} one a.b"),
            format!("tag={TAG}&text=one+a.b"),
            format!("tag={TAG}&text=one%20a%2eb"),
            format!(r#"{{"text":"\u006fne a.b","tag":"{TAG}"}}"#),
        ] {
            assert!(whole("one a.b", &text, 0), "{text}");
        }
    }

    #[test]
    fn a_text_in_chinese_is_found_with_its_escapes() {
        for text in [
            format!(r#"{{"text":"\u4f60\u597D a","tag":"{TAG}"}}"#),
            format!("tag={TAG}&text=%E4%BD%A0%e5%a5%bd+a"),
            format!(r#"{{"text":"你好 a","tag":"{TAG}"}}"#),
        ] {
            assert!(whole("你好 a", &text, 0), "{text}");
            assert!(!whole("你们 a", &text, 0), "{text}");
        }
    }

    #[test]
    fn an_emoji_is_found_with_its_escapes() {
        for text in [
            format!(r#"{{"text":"\ud83e\udd80 a\u4f60","tag":"{TAG}"}}"#),
            format!(r#"{{"text":"\uD83E\uDD80 a你","tag":"{TAG}"}}"#),
            // JSON that is a text in other JSON, and once more.
            format!(r#"{{"data":"{{\"text\":\"\\ud83e\\udd80 a\\u4f60\",\"tag\":\"{TAG}\"}}"}}"#),
            format!(r#"["[\"[\\\"\\\\ud83e\\\\udd80 a\\\\u4f60\\\",\\\"{TAG}\\\"]\"]"]"#),
            format!("tag={TAG}&text=%F0%9F%A6%80+a%e4%bd%a0"),
        ] {
            assert!(whole("\u{1f980} a你", &text, 0), "{text}");
            assert!(!whole("\u{1f981} a你", &text, 0), "{text}");
        }
        // Half a letter is none, and ends nothing.
        for half in [
            r"\ud83e",
            r"\ud83e\",
            r"\ud83e\u",
            r"\udd80\ud83e",
            r"\\\\\\u",
        ] {
            let text = format!(r#"{{"tag":"{TAG}","text":"{half}"}}"#);
            assert!(!whole("\u{1f980}", &text, 0), "{text}");
            assert!(!whole("\u{1f980}", &format!("{TAG}{half}"), 0), "{text}");
        }
    }

    #[test]
    fn a_tag_alone_or_another_text_is_altered() {
        for text in [
            TAG.to_owned(),
            format!(r#"{{"text":"One a.b","tag":"{TAG}"}}"#),
            format!(r#"{{"text":"one a.","tag":"{TAG}"}}"#),
            format!(r#"{{"text":"one a.b and more","tag":"{TAG}"}}"#),
            format!(r#"{{"text":"more one a.b","tag":"{TAG}"}}"#),
            format!("tag={TAG}&text=one+a%2"),
        ] {
            assert!(!whole("one a.b", &text, 0), "{text}");
        }
    }

    #[test]
    fn the_text_of_another_message_does_not_count() {
        let batch =
            format!(r#"[{{"text":"first","tag":"{TAG}"}},{{"text":"second","tag":"{NEXT}"}}]"#);
        assert!(whole("first", &batch, 0) && whole("second", &batch, 1));
        let first_twice = batch.replace("second", "first");
        assert!(whole("first", &first_twice, 0) && !whole("second", &first_twice, 1));
        let without = batch.replace("first", "");
        assert!(!whole("first", &without, 0) && whole("second", &without, 1));
    }
}
