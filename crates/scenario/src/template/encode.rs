//! The encodings in which a value is written into a text.

use std::fmt::Write;

/// The way in which a value is written into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// The value as it is.
    Raw,
    /// Percent-encoded but for unreserved characters (RFC 3986, section 2.3).
    Url,
    /// The encoding of `application/x-www-form-urlencoded` (WHATWG URL, section 5.2).
    Form,
    /// A JSON string, quotes included (RFC 8259, section 7).
    Json,
    /// The value as it is, with its length in two bytes before it, the higher one first (MQTT 3.1.1,
    /// section 1.5.3); in a frame of bytes alone.
    Sized,
}

impl Encoding {
    /// Each by the name that a hole gives it.
    pub const ALL: [(&'static str, Self); 5] = [
        ("url", Self::Url),
        ("form", Self::Form),
        ("json", Self::Json),
        ("raw", Self::Raw),
        ("sized", Self::Sized),
    ];

    /// Writes `value` behind `text`.
    pub fn write(self, value: &str, text: &mut String) {
        match self {
            // Whoever fills a frame of bytes puts the length before it.
            Self::Raw | Self::Sized => text.push_str(value),
            Self::Url => percent(value, b"-._~", "%20", text),
            Self::Form => percent(value, b"*-._", "+", text),
            Self::Json => text.push_str(&serde_json::Value::from(value).to_string()),
        }
    }
}

fn percent(value: &str, as_they_are: &[u8], blank: &str, text: &mut String) {
    for byte in value.bytes() {
        match byte {
            b' ' => text.push_str(blank),
            _ if byte.is_ascii_alphanumeric() || as_they_are.contains(&byte) => {
                text.push(char::from(byte));
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_leaves_what_it_may() {
        let written = |encoding: Encoding| {
            let mut text = String::new();
            encoding.write("a +/\"=*~é", &mut text);
            text
        };
        assert_eq!(written(Encoding::Raw), "a +/\"=*~é");
        assert_eq!(written(Encoding::Url), "a%20%2B%2F%22%3D%2A~%C3%A9");
        assert_eq!(written(Encoding::Form), "a+%2B%2F%22%3D*%7E%C3%A9");
        assert_eq!(written(Encoding::Json), "\"a +/\\\"=*~é\"");
    }
}
