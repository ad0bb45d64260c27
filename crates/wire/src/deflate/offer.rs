//! The negotiation of permessage-deflate (RFC 7692, sections 5 and 7.1).

/// The name of the extension.
const NAME: &str = "permessage-deflate";
const SERVER_NO_CONTEXT: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT: &str = "client_no_context_takeover";
const SERVER_WINDOW: &str = "server_max_window_bits";
const CLIENT_WINDOW: &str = "client_max_window_bits";

/// The agreement of both ends: whose messages may refer to earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// True if the server keeps its context.
    pub server_keeps: bool,
    /// True if the client keeps its context.
    pub client_keeps: bool,
}

/// The reason why a client cannot go on with a server's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Declined {
    /// The answer has no permessage-deflate.
    #[error("permessage-deflate was declined")]
    All,
    /// The answer does not let the server keep its context, as was asked for.
    #[error("permessage-deflate was accepted, but not that the server keeps its context")]
    Context,
    /// The answer has something that was not offered.
    #[error("permessage-deflate was answered in a way that was not offered")]
    NotOffered,
}

/// Returns a client's `Sec-WebSocket-Extensions`; `keeps_context` if both ends are to keep their
/// contexts.
#[must_use]
pub const fn offer(keeps_context: bool) -> &'static str {
    if keeps_context {
        NAME
    } else {
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    }
}

/// Chooses the first offer of a client that this server can keep. `offers` are the values of its
/// `Sec-WebSocket-Extensions`; `keeps_context` if the server keeps contexts where the client lets
/// it. Returns the agreement and the value that says so.
#[must_use]
pub fn accept<'a>(
    offers: impl IntoIterator<Item = &'a str>,
    keeps_context: bool,
) -> Option<(Agreement, String)> {
    let mut elements = offers.into_iter().flat_map(|line| line.split(','));
    elements.find_map(|element| {
        let offered = Parameters::read(element, true)?;
        let agreement = Agreement {
            server_keeps: keeps_context && !offered.server_no_context,
            client_keeps: keeps_context && !offered.client_no_context,
        };
        Some((agreement, agreement.written(offered.server_window)))
    })
}

/// Reads a server's answer to [`offer`]. `answers` are the values of its
/// `Sec-WebSocket-Extensions`.
///
/// # Errors
/// Fails if the offer was declined, in whole or in the server's context, or if the answer has
/// something that was not offered.
pub fn agreed<'a>(
    answers: impl IntoIterator<Item = &'a str>,
    keeps_context: bool,
) -> Result<Agreement, Declined> {
    let mut elements = answers.into_iter().flat_map(|line| line.split(','));
    let first = elements.next().ok_or(Declined::All)?;
    let answered = Parameters::read(first, false).ok_or(Declined::NotOffered)?;
    if elements.next().is_some() || answered.client_window {
        return Err(Declined::NotOffered);
    }
    match (keeps_context, answered.server_no_context) {
        (true, true) => Err(Declined::Context),
        // A server that accepts an offer without contexts repeats that parameter (section 7.1.1.1).
        (false, false) => Err(Declined::NotOffered),
        _ => Ok(Agreement {
            server_keeps: keeps_context,
            client_keeps: keeps_context && !answered.client_no_context,
        }),
    }
}

impl Agreement {
    /// Returns the value of the server's `Sec-WebSocket-Extensions`.
    fn written(self, server_window: bool) -> String {
        let mut value = NAME.to_owned();
        for (is_said, word) in [
            (!self.server_keeps, SERVER_NO_CONTEXT),
            (!self.client_keeps, CLIENT_NO_CONTEXT),
            (server_window, "server_max_window_bits=15"),
        ] {
            if is_said {
                value.push_str("; ");
                value.push_str(word);
            }
        }
        value
    }
}

/// The parameters of one offer or answer.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a parameter of its own"
)]
struct Parameters {
    server_no_context: bool,
    client_no_context: bool,
    /// True if a window of the server is given that this end can keep.
    server_window: bool,
    client_window: bool,
}

impl Parameters {
    /// Reads an element of the header field. Returns `None` for another extension, and for
    /// parameters with which an offer must be declined (section 7.1): unknown ones, those that
    /// stand twice, and wrong values. A server also declines a smaller window than it writes with.
    fn read(element: &str, is_server: bool) -> Option<Self> {
        let mut parts = element.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(NAME) {
            return None;
        }
        let mut all = Self::default();
        for part in parts {
            let (name, value) = match part.split_once('=') {
                None => (part, None),
                Some((name, value)) => (name.trim(), Some(bits(value)?)),
            };
            let slot = match (name, value) {
                (SERVER_NO_CONTEXT, None) => &mut all.server_no_context,
                (CLIENT_NO_CONTEXT, None) => &mut all.client_no_context,
                (SERVER_WINDOW, Some(15)) => &mut all.server_window,
                (SERVER_WINDOW, Some(_)) if !is_server => &mut all.server_window,
                (CLIENT_WINDOW, None) if is_server => &mut all.client_window,
                (CLIENT_WINDOW, Some(_)) => &mut all.client_window,
                _ => return None,
            };
            if std::mem::replace(slot, true) {
                return None;
            }
        }
        Some(all)
    }
}

/// Reads the size of a window, 8 to 15 without leading zeros, perhaps in quotation marks (RFC 6455,
/// section 9.1).
fn bits(value: &str) -> Option<u8> {
    let value = value.trim();
    let quoted = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let digits = quoted.unwrap_or(value);
    let is_plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    let bits: u8 = is_plain.then(|| digits.parse().ok()).flatten()?;
    (8..=15).contains(&bits).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(offers: &str, keeps_context: bool) -> Option<String> {
        accept([offers], keeps_context).map(|(_, value)| value)
    }

    #[test]
    fn a_server_takes_the_first_offer_that_it_can_keep() {
        let shared = offer(false);
        // What Chromium, Firefox and ws offer.
        for browser in [
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate",
            "Permessage-Deflate; client_max_window_bits=15",
            "x-webkit-deflate-frame, permessage-deflate",
            "permessage-deflate; unknown, permessage-deflate",
            "permessage-deflate; server_max_window_bits=10, permessage-deflate",
        ] {
            assert_eq!(
                accepted(browser, false).as_deref(),
                Some(shared),
                "{browser}"
            );
            assert_eq!(
                accepted(browser, true).as_deref(),
                Some(offer(true)),
                "{browser}"
            );
        }
        assert_eq!(accepted(shared, true).as_deref(), Some(shared));
        let window = accepted("permessage-deflate; server_max_window_bits=\"15\"", true);
        assert_eq!(
            window.as_deref(),
            Some("permessage-deflate; server_max_window_bits=15")
        );
    }

    #[test]
    fn what_must_be_declined_is_declined() {
        for bad in [
            "",
            "x",
            "x; permessage-deflate",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; server_max_window_bits=015",
            "permessage-deflate; client_max_window_bits=16",
            "permessage-deflate; client_max_window_bits=",
            "permessage-deflate;",
        ] {
            assert_eq!(accepted(bad, false), None, "{bad}");
        }
    }

    #[test]
    fn a_client_goes_on_only_with_what_it_asked_for() {
        for keeps in [false, true] {
            let (agreement, value) = accept([offer(keeps)], true).unwrap();
            assert_eq!(agreed([value.as_str()], keeps), Ok(agreement));
            assert_eq!(agreement.server_keeps, keeps);
            assert_eq!(agreed([], keeps), Err(Declined::All));
        }
        assert_eq!(agreed([offer(false)], true), Err(Declined::Context));
        for (answer, keeps) in [
            (offer(true), false),
            ("permessage-deflate; client_max_window_bits=15", true),
            ("permessage-deflate, permessage-deflate", true),
            ("x", true),
            ("permessage-deflate; server_max_window_bits=7", true),
        ] {
            assert_eq!(
                agreed([answer], keeps),
                Err(Declined::NotOffered),
                "{answer}"
            );
        }
        // A smaller window of the server's can be read all the same.
        assert!(agreed(["permessage-deflate; server_max_window_bits=9"], true).is_ok());
    }
}
