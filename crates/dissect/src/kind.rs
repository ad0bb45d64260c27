//! The recognition of an event's kind from its first bytes.
//!
//! This project's encoder writes `seq` and `kind` first, so 64 bytes are enough. Nothing is decoded
//! or copied to the heap, and the rest of the event is not examined.

use crate::Purpose;

/// The number of bytes of an event that are examined. `{"seq":` with twenty digits and the longest
/// kind take 46.
pub(crate) const ENOUGH: usize = 64;

/// The kind of a JSON text on its way down, as far as the accounts distinguish kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A message, or the notice that some messages were missed.
    Message,
    /// A person joined or left.
    Presence,
    /// A draft was accepted or refused.
    Answer,
    /// A text that this project's encoder did not write, or whose first bytes do not show its kind.
    Unknown,
}

impl Kind {
    /// Returns the purpose of an event of this kind. An event of unknown kind counts as a delivery,
    /// because it came to the reader unasked.
    pub(crate) const fn purpose(self) -> Purpose {
        match self {
            Self::Message | Self::Unknown => Purpose::Deliver,
            Self::Presence => Purpose::Presence,
            Self::Answer => Purpose::Ack,
        }
    }
}

/// Recognises an event by its beginning: at most [`ENOUGH`] bytes are read.
pub(crate) fn recognise(json: &[u8]) -> Kind {
    let json = &json[..json.len().min(ENOUGH)];
    as_we_write_it(json)
        .or_else(|| as_others_might(json))
        .map_or(Kind::Unknown, by_word)
}

/// Returns the text from the kind's name on, if `json` begins like `{"seq":7,"kind":"message"` or
/// `{"kind":"said"`.
fn as_we_write_it(json: &[u8]) -> Option<&[u8]> {
    let rest = json.strip_prefix(b"{\"")?;
    let rest = match rest.strip_prefix(b"seq\":") {
        None => rest,
        Some(number) => {
            let end = number.iter().position(|byte| !byte.is_ascii_digit())?;
            number[end..].strip_prefix(b",\"")?
        }
    };
    rest.strip_prefix(b"kind\":\"")
}

/// Finds the key anywhere in the first bytes, with any white space. A quote within a string is
/// escaped, so a backslash before the key means that it is no key.
fn as_others_might(json: &[u8]) -> Option<&[u8]> {
    const KEY: &[u8] = b"\"kind\"";
    let at = json
        .windows(KEY.len())
        .enumerate()
        .position(|(at, window)| window == KEY && (at == 0 || json[at - 1] != b'\\'))?;
    json[at + KEY.len()..]
        .trim_ascii_start()
        .strip_prefix(b":")?
        .trim_ascii_start()
        .strip_prefix(b"\"")
}

fn by_word(rest: &[u8]) -> Kind {
    match rest.iter().position(|&byte| byte == b'"') {
        Some(end) => match &rest[..end] {
            b"message" | b"gap" => Kind::Message,
            b"join" | b"leave" => Kind::Presence,
            b"said" | b"error" => Kind::Answer,
            _ => Kind::Unknown,
        },
        None => Kind::Unknown,
    }
}

/// The beginning of an event that arrives in pieces.
pub(crate) struct Opening {
    len: u8,
    bytes: [u8; ENOUGH],
}

impl Opening {
    pub(crate) const fn new() -> Self {
        Self {
            len: 0,
            bytes: [0; ENOUGH],
        }
    }

    /// Takes the next bytes of the event; its kind as soon as enough are seen.
    pub(crate) fn see(&mut self, bytes: &[u8]) -> Option<Kind> {
        let len = usize::from(self.len);
        if len == 0 && bytes.len() >= ENOUGH {
            return Some(recognise(bytes));
        }
        let take = bytes.len().min(ENOUGH - len);
        self.bytes[len..len + take].copy_from_slice(&bytes[..take]);
        self.len += take as u8;
        (usize::from(self.len) == ENOUGH).then(|| self.end())
    }

    /// Ends the event and returns its kind by what was seen; ready for the next one.
    pub(crate) fn end(&mut self) -> Kind {
        let len = usize::from(std::mem::take(&mut self.len));
        recognise(&self.bytes[..len])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_known_by_their_beginning() {
        for (json, kind) in [
            (r#"{"seq":7,"kind":"message","from":"ann""#, Kind::Message),
            (
                r#"{"seq":18446744073709551615,"kind":"message","#,
                Kind::Message,
            ),
            (r#"{"seq":7,"kind":"join","from":"ann""#, Kind::Presence),
            (r#"{"seq":7,"kind":"leave"}"#, Kind::Presence),
            (r#"{"kind":"gap","missed":3,"next":9}"#, Kind::Message),
            (r#"{"kind":"said","seq":7}"#, Kind::Answer),
            (r#"{"kind":"error","error":"x"}"#, Kind::Answer),
            (r#"{ "from": "x", "kind" : "join" }"#, Kind::Presence),
            // Within a string, the key is text that somebody typed.
            (r#"{"from":"\"kind\":\"join\"","#, Kind::Unknown),
            (r#"{"seq":7,"kind":"mess"#, Kind::Unknown),
            (r#"{"seq":7"#, Kind::Unknown),
            (r#"{"kind":"rename"}"#, Kind::Unknown),
            ("Hello", Kind::Unknown),
            ("", Kind::Unknown),
        ] {
            assert_eq!(recognise(json.as_bytes()), kind, "{json}");
        }
    }

    #[test]
    fn pieces_tell_the_same_as_the_whole() {
        let json = format!(r#"{{"seq":7,"kind":"leave","from":"{}"}}"#, "x".repeat(90));
        for cut in 1..ENOUGH {
            let mut opening = Opening::new();
            let (first, rest) = json.as_bytes().split_at(cut);
            assert_eq!(opening.see(first), None);
            assert_eq!(opening.see(rest), Some(Kind::Presence));
            // And it is ready for the next event.
            assert_eq!(opening.see(b"{\"kind\":\"said\"}"), None);
            assert_eq!(opening.end(), Kind::Answer);
        }
    }
}
