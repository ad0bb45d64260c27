//! The negotiation of permessage-deflate (RFC 7692, sections 5 and 7.1).

use std::mem;

use super::Window;

/// The name of the extension.
const NAME: &str = "permessage-deflate";
const SERVER_NO_CONTEXT: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT: &str = "client_no_context_takeover";
const SERVER_WINDOW: &str = "server_max_window_bits";
const CLIENT_WINDOW: &str = "client_max_window_bits";

/// The agreement of both ends: whose messages may refer to earlier ones, and how far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// True if the server keeps its context.
    pub server_keeps: bool,
    /// True if the client keeps its context.
    pub client_keeps: bool,
    /// The window of the server's messages.
    pub server_window: Window,
    /// The window of the client's messages.
    pub client_window: Window,
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
    /// The client's window would be one that it cannot make.
    #[error("permessage-deflate was accepted with a window of 8 bits, which zlib cannot make")]
    Window,
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
/// it; an offer that wants a window of the server's below `smallest` is declined. Returns the
/// agreement and the value that says so.
///
/// The client's window is left to it: the server reads what was written with any.
#[must_use]
pub fn accept<'a>(
    offers: impl IntoIterator<Item = &'a str>,
    keeps_context: bool,
    smallest: Window,
) -> Option<(Agreement, String)> {
    let mut elements = offers.into_iter().flat_map(|line| line.split(','));
    elements.find_map(|element| {
        let offered = Parameters::read(element, true)?;
        let asked = offered.server_window.map(Window::of_bits);
        let server_window = asked.unwrap_or(Some(Window::LARGEST))?;
        if server_window < smallest {
            return None;
        }
        let agreement = Agreement {
            server_keeps: keeps_context && !offered.server_no_context,
            client_keeps: keeps_context && !offered.client_no_context,
            server_window,
            client_window: Window::LARGEST,
        };
        Some((agreement, agreement.written(asked.is_some())))
    })
}

/// Reads a server's answer to an offer. `answers` are the values of its
/// `Sec-WebSocket-Extensions`, `offered` is the client's own.
///
/// # Errors
/// Fails if the offer was declined, in whole or in the server's context, or if the answer has
/// something that was not offered or cannot be kept.
pub fn agreed<'a>(
    answers: impl IntoIterator<Item = &'a str>,
    offered: &str,
) -> Result<Agreement, Declined> {
    let mut elements = answers.into_iter().flat_map(|line| line.split(','));
    let first = elements.next().ok_or(Declined::All)?;
    let answered = Parameters::read(first, false).ok_or(Declined::NotOffered)?;
    let offered = Parameters::read(offered, true).ok_or(Declined::NotOffered)?;
    // A server may choose a smaller window than it was asked for, unasked too, and a larger one
    // never (section 7.1.2.1); one of the client's it may name only if it may (section 7.1.2.2).
    let is_too_large = |most| answered.server_window.is_none_or(|bits| bits > most);
    if elements.next().is_some()
        || answered.client_window > offered.client_window
        || offered.server_window.is_some_and(is_too_large)
    {
        return Err(Declined::NotOffered);
    }
    match (offered.server_no_context, answered.server_no_context) {
        (false, true) => return Err(Declined::Context),
        // A server that accepts an offer without contexts repeats that parameter (section 7.1.1.1).
        (true, false) => return Err(Declined::NotOffered),
        _ => {}
    }
    let window = |bits: Option<u8>| bits.map_or(Some(Window::LARGEST), Window::of_bits);
    // A client that named a window keeps to it, whether the answer does so or not (section 7.1.2.2).
    let client_window = answered.client_window.or(offered.client_window);
    Ok(Agreement {
        server_keeps: !answered.server_no_context,
        client_keeps: !offered.client_no_context && !answered.client_no_context,
        server_window: window(answered.server_window).unwrap_or(Window::SMALLEST),
        client_window: window(client_window).ok_or(Declined::Window)?,
    })
}

impl Agreement {
    /// Returns the value of the server's `Sec-WebSocket-Extensions`; `names_window` if it says what
    /// its window is.
    fn written(self, names_window: bool) -> String {
        let mut value = NAME.to_owned();
        let window = format!("{SERVER_WINDOW}={}", self.server_window.bits());
        for (is_said, word) in [
            (!self.server_keeps, SERVER_NO_CONTEXT),
            (!self.client_keeps, CLIENT_NO_CONTEXT),
            (names_window, window.as_str()),
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
struct Parameters {
    server_no_context: bool,
    client_no_context: bool,
    /// The bits of the server's window, where they are given.
    server_window: Option<u8>,
    /// The bits of the client's window. An offer without a number leaves them to the server: 15.
    client_window: Option<u8>,
}

impl Parameters {
    /// Reads an element of the header field. Returns `None` for another extension, and for
    /// parameters with which an offer must be declined (section 7.1): unknown ones, those that
    /// stand twice, and wrong values.
    fn read(element: &str, is_offer: bool) -> Option<Self> {
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
            let is_double = match (name, value) {
                (SERVER_NO_CONTEXT, None) => mem::replace(&mut all.server_no_context, true),
                (CLIENT_NO_CONTEXT, None) => mem::replace(&mut all.client_no_context, true),
                (SERVER_WINDOW, Some(bits)) => all.server_window.replace(bits).is_some(),
                (CLIENT_WINDOW, Some(bits)) => all.client_window.replace(bits).is_some(),
                (CLIENT_WINDOW, None) if is_offer => {
                    let most = Window::LARGEST.bits();
                    all.client_window.replace(most).is_some()
                }
                _ => return None,
            };
            if is_double {
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
        accept([offers], keeps_context, Window::LARGEST).map(|(_, value)| value)
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
    fn a_server_takes_the_first_window_that_it_can_make() {
        for (offers, bits, said) in [
            ("permessage-deflate; client_max_window_bits=8", 15, ""),
            (
                "permessage-deflate; server_max_window_bits=9",
                9,
                "; server_max_window_bits=9",
            ),
            (
                "permessage-deflate; server_max_window_bits=8, \
                 permessage-deflate; server_max_window_bits=11, permessage-deflate",
                11,
                "; server_max_window_bits=11",
            ),
            (
                "permessage-deflate; server_max_window_bits=8, permessage-deflate",
                15,
                "",
            ),
        ] {
            let (agreement, value) = accept([offers], true, Window::SMALLEST).unwrap();
            assert_eq!(agreement.server_window.bits(), bits, "{offers}");
            assert_eq!(agreement.client_window, Window::LARGEST);
            assert_eq!(value, format!("permessage-deflate{said}"), "{offers}");
        }
        let offer = "permessage-deflate; server_max_window_bits=8";
        assert_eq!(accept([offer], true, Window::SMALLEST), None);
    }

    #[test]
    fn a_client_goes_on_only_with_what_it_asked_for() {
        for keeps in [false, true] {
            let offered = offer(keeps);
            let (agreement, value) = accept([offered], true, Window::LARGEST).unwrap();
            assert_eq!(agreed([value.as_str()], offered), Ok(agreement));
            assert_eq!(agreement.server_keeps, keeps);
            assert_eq!(agreed([], offered), Err(Declined::All));
        }
        assert_eq!(agreed([offer(false)], offer(true)), Err(Declined::Context));
        let small = "permessage-deflate; server_max_window_bits=10";
        for (answer, offered) in [
            (offer(true), offer(false)),
            ("permessage-deflate; client_max_window_bits=15", offer(true)),
            ("permessage-deflate, permessage-deflate", offer(true)),
            ("x", offer(true)),
            ("permessage-deflate; server_max_window_bits=7", offer(true)),
            ("permessage-deflate; client_max_window_bits", OPEN),
            (offer(true), small),
            ("permessage-deflate; server_max_window_bits=11", small),
            (
                "permessage-deflate; client_max_window_bits=11",
                "permessage-deflate; client_max_window_bits=10",
            ),
            (offer(true), ""),
        ] {
            let found = agreed([answer], offered);
            assert_eq!(found, Err(Declined::NotOffered), "{answer}");
        }
        // A smaller window of the server's can be read all the same.
        for bits in [8, 9] {
            let answer = format!("permessage-deflate; server_max_window_bits={bits}");
            assert!(agreed([answer.as_str()], offer(true)).is_ok());
            assert!(agreed([answer.as_str()], small).is_ok());
        }
    }

    /// An offer that leaves the client's window to the server.
    const OPEN: &str = "permessage-deflate; client_max_window_bits";

    #[test]
    fn a_client_keeps_to_the_window_that_it_is_given() {
        for (answer, bits, keeps) in [
            ("permessage-deflate", 15, true),
            ("permessage-deflate; client_max_window_bits=15", 15, true),
            (
                "permessage-deflate; client_no_context_takeover; client_max_window_bits=9",
                9,
                false,
            ),
        ] {
            let agreement = agreed([answer], OPEN).unwrap();
            assert_eq!(agreement.client_window.bits(), bits, "{answer}");
            assert_eq!(
                (agreement.client_keeps, agreement.server_keeps),
                (keeps, true)
            );
        }
        let smallest = "permessage-deflate; client_max_window_bits=8";
        assert_eq!(agreed([smallest], OPEN), Err(Declined::Window));
        // What the client itself has named holds where the answer names nothing, or less.
        let own = "permessage-deflate; client_max_window_bits=10";
        for (answer, bits) in [
            (NAME, 10),
            (own, 10),
            ("permessage-deflate; client_max_window_bits=9", 9),
        ] {
            let agreement = agreed([answer], own).unwrap();
            assert_eq!(agreement.client_window.bits(), bits, "{answer}");
        }
        assert_eq!(agreed([NAME], smallest), Err(Declined::Window));
    }
}
