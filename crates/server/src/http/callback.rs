//! The additional parameters in the requests of scripts and frames: a callback function, and
//! padding.

use crate::http::query::QueryError;

/// The length of the longest callback, in bytes.
const LONGEST_CALLBACK: usize = 128;
/// The most padding, in bytes: old browsers wanted up to two thousand before
/// they showed anything of an answer that goes on.
const MOST_PADDING: usize = 8192;

/// The additional parameters of a script's or frame's request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CallbackParameters {
    /// The name of the function that receives the answer; it has been checked.
    pub(crate) callback: Option<String>,
    /// The number of bytes before everything else.
    pub(crate) padding: usize,
}

impl CallbackParameters {
    /// Reads the query; `key` is the one that names the callback.
    pub(crate) fn read(query: &str, key: &str) -> Result<Self, QueryError> {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if name == key {
                if !callback_is_valid(&value) {
                    return Err(QueryError::Callback(value.into_owned()));
                }
                parameters.callback = Some(value.into_owned());
            } else if name == "padding" {
                let padding = value.parse().ok().filter(|bytes| *bytes <= MOST_PADDING);
                parameters.padding =
                    padding.ok_or_else(|| QueryError::Padding(value.into_owned()))?;
            }
        }
        Ok(parameters)
    }
}

/// Returns whether `callback` is identifiers between dots, and nothing that a
/// page could be made to run: what is sent is code in the page that asks.
fn callback_is_valid(callback: &str) -> bool {
    callback.len() <= LONGEST_CALLBACK && callback.split('.').all(is_identifier)
}

/// Returns whether `name` is an identifier of letters, digits, `_` and `$` that
/// does not begin with a digit.
fn is_identifier(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    name.bytes()
        .next()
        .is_some_and(|first| !first.is_ascii_digit())
        && name.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks() {
        for good in ["f", "_jp.aa1", "$", "a.b.c", &"x".repeat(128)] {
            assert!(callback_is_valid(good), "{good}");
        }
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "1a",
            "a.1",
            "a b",
            "a[0]",
            "a(1)",
            "alert(1);f",
            "<script>",
            "a-b",
            "a;",
            "a\u{2028}",
            "\u{e4}",
            "a\n",
            &"x".repeat(129),
        ] {
            assert!(!callback_is_valid(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_query_of_a_script() {
        let parameters =
            CallbackParameters::read("callback=a.b&padding=2048&after=3", "callback").unwrap();
        assert_eq!(
            (parameters.callback.as_deref(), parameters.padding),
            (Some("a.b"), 2048)
        );
        assert_eq!(
            CallbackParameters::read("c=a", "callback"),
            Ok(CallbackParameters::default())
        );
        for bad in [
            "callback=%3Cb%3E",
            "callback=",
            "padding=9000",
            "padding=-1",
            "padding=",
        ] {
            assert!(CallbackParameters::read(bad, "callback").is_err(), "{bad}");
        }
    }
}
