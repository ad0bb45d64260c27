//! Values in an answer's JSON, by the keys that lead to them. Numbers stay the
//! text that they are: a place may have more digits than any type of ours.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Deserialize;
use serde_json::value::RawValue;

/// An object's values by their keys.
#[derive(Deserialize)]
struct Object<'a>(#[serde(borrow)] BTreeMap<Cow<'a, str>, &'a RawValue>);

/// Returns the value at `keys` (`data.next`, `events.0.id`, `events.last.id`), as a text. `None`
/// where there is none, or null. JSON may stand behind a letter or digit that says what it is, as
/// in the packets of Engine.IO and the frames of SockJS.
pub(super) fn told(text: &str, keys: &str) -> Option<String> {
    let json = text
        // Some servers begin with a byte order mark, which RFC 8259, section 8.1, lets a reader skip.
        .trim_start_matches('\u{feff}')
        .trim()
        .trim_start_matches(|kind: char| kind.is_ascii_alphanumeric());
    let value = keys.split('.').try_fold(json, step)?;
    match value.as_bytes().first()? {
        b'"' => serde_json::from_str(value).ok(),
        b'n' => None,
        _ => Some(value.to_owned()),
    }
}

fn step<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    if json.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
        let place = match key {
            "last" => items.len().checked_sub(1)?,
            _ if key.starts_with('-') => items.len().checked_sub(key[1..].parse().ok()?)?,
            _ => key.parse().ok()?,
        };
        return Some(items.get(place)?.get());
    }
    let Object(values) = serde_json::from_str(json).ok()?;
    Some(values.get(key)?.get())
}

/// Does what [`told`] does with a body, as a page reads it: a byte that is no UTF-8 does not hide the rest
/// (WHATWG Fetch, "consume body", and Encoding, "UTF-8 decode").
pub(super) fn told_by(body: &[u8], keys: &str) -> Option<String> {
    told(&String::from_utf8_lossy(body), keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_keys() {
        let json = r#" {"next": 7, "data": {"id": "a-\u00e9", "all": [{"n": 3}, {"n": 4}]},
            "no": null, "big": 1000000000000000000000007, "last": true, "none": []} "#;
        for (keys, value) in [
            ("next", Some("7")),
            ("data.id", Some("a-é")),
            ("data.all.0.n", Some("3")),
            ("data.all.last.n", Some("4")),
            ("data.all.-1.n", Some("4")),
            ("data.all.-2.n", Some("3")),
            ("data.all.-3.n", None),
            ("data.all.2.n", None),
            ("none.last", None),
            ("none.-0", None),
            ("data.x", None),
            ("big", Some("1000000000000000000000007")),
            ("last", Some("true")),
            ("no", None),
        ] {
            assert_eq!(told(json, keys).as_deref(), value, "{keys}");
        }
        assert_eq!(told(r#"[{"id":5}]"#, "last.id").as_deref(), Some("5"));
        assert_eq!(told("[]", "last.id"), None);
        assert_eq!(told("no JSON", "a"), None);
        assert_eq!(told(r#"0{"sid":"ab"}"#, "sid").as_deref(), Some("ab"));
        assert_eq!(told(r#"a["x","y"]"#, "last").as_deref(), Some("y"));
        assert_eq!(told("\u{feff} {\"a\":1}", "a").as_deref(), Some("1"));
        assert_eq!(told("true", "a"), None);
    }

    #[test]
    fn a_byte_that_is_no_letter_hides_no_place() {
        let body = b"{\"text\":\"caf\xe9\",\"next\":7}";
        assert_eq!(told_by(body, "next").as_deref(), Some("7"));
        assert_eq!(told_by(b"\xff", "next"), None);
    }
}
