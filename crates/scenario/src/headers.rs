//! The header lines that a run sends: a profile's, with one's own over them.
//!
//! A profile's heads omit the lines that the client writes itself. `Connection: keep-alive`
//! stays where a connection is kept: browsers send it, and hyper does not by itself.

use wire::{Carrier, Compression, Framing, deflate::offer};

use super::{
    Headers,
    check::LONGEST_COOKIE,
    error::Problem,
    profile::{Head, HeaderProfile, split},
};
use crate::plan::{FORM, HOST, Speak, Variant};

/// Written by the HTTP or WebSocket client itself; all of `Sec-WebSocket-*` too.
/// The extension that a compressed WebSocket offers is added later.
const WRITTEN_BY_THE_CLIENT: [&str; 5] = [
    "host",
    "connection",
    "upgrade",
    "content-length",
    "transfer-encoding",
];

/// The line that says what a request brings.
const CONTENT_TYPE: &str = "Content-Type";

/// A cookie must have a name (RFC 6265, section 4.2.1).
const COOKIE_NAME: &str = "session=";

type Lines = Vec<(String, String)>;

/// Returns the lines of a reading request and of a saying one, for one variant.
pub(super) fn lines(
    profile: &HeaderProfile,
    headers: &Headers,
    variant: &Variant,
    speak: Speak,
) -> (Lines, Lines) {
    let way = variant.way();
    let reading = match way.carrier() {
        Carrier::Batch | Carrier::Stream(Framing::Ndjson) => None,
        Carrier::Stream(Framing::Sse) => profile.eventsource.as_ref(),
        Carrier::Frame => profile.websocket.as_ref(),
    };
    // An opening handshake says `Connection: Upgrade` instead.
    let is_kept = variant.keeps_connections() && way.carrier() != Carrier::Frame;
    let lines = |head: Option<&Head>, is_kept: bool| {
        with_own(own_lines(head.unwrap_or(&profile.fetch), is_kept), headers)
    };
    let saying = match speak {
        Speak::Same if way.carries_drafts() => Lines::new(),
        Speak::PostClose => lines(profile.say.as_ref(), false),
        // Speakers keep their connection, whatever readers do.
        _ => lines(profile.say.as_ref(), true),
    };
    let reading = with_compression(lines(reading, is_kept), variant.compression());
    let says_by_form = speak == Speak::Same && variant.says_by_form();
    (
        reading,
        if says_by_form {
            of_form(saying)
        } else {
            saying
        },
    )
}

/// Replaces the line that says what is sent: a page that reads scripts sends forms.
fn of_form(mut lines: Lines) -> Lines {
    lines.retain(|(name, _)| !name.eq_ignore_ascii_case(CONTENT_TYPE));
    lines.push((CONTENT_TYPE.to_owned(), FORM.to_owned()));
    lines
}

/// Adds the line that asks for a compression. A profile's `Accept-Encoding` makes way for it, so
/// that a server has no choice.
fn with_compression(mut lines: Lines, compression: Compression) -> Lines {
    let (name, value) = match compression {
        Compression::None => return lines,
        Compression::Gzip => ("Accept-Encoding", "gzip"),
        Compression::Br => ("Accept-Encoding", "br"),
        Compression::Deflate => ("Sec-WebSocket-Extensions", offer::offer(false)),
        Compression::DeflateContext => ("Sec-WebSocket-Extensions", offer::offer(true)),
    };
    lines.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    lines.push((name.to_owned(), value.to_owned()));
    lines
}

/// Returns the lines of a head that the client does not write, [`HOST`] put in where the head names
/// its own host.
fn own_lines(head: &Head, is_kept: bool) -> Lines {
    let host = head.line("host").unwrap_or_default();
    let stays = |name: &str, value: &str| {
        let keeps =
            name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("keep-alive");
        !is_written_by_the_client(name) || (is_kept && keeps)
    };
    head.lines
        .iter()
        .filter(|(name, value)| stays(name, value))
        .map(|(name, value)| (name.clone(), with_host(value, host)))
        .collect()
}

/// Writes `http://127.0.0.1:52753/` of a head from `127.0.0.1:52753` as `http://{host}/`: a page's
/// own origin moves with the page.
fn with_host(value: &str, host: &str) -> String {
    let origin = format!("http://{host}");
    match value.strip_prefix(&origin) {
        Some(rest) if !host.is_empty() && (rest.is_empty() || rest.starts_with('/')) => {
            format!("http://{HOST}{rest}")
        }
        _ => value.to_owned(),
    }
}

fn is_written_by_the_client(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WRITTEN_BY_THE_CLIENT.contains(&name.as_str()) || name.starts_with("sec-websocket-")
}

fn with_own(mut lines: Lines, headers: &Headers) -> Lines {
    // Checked when the scenario was read: every line splits.
    let mut own: Lines = headers
        .lines
        .iter()
        .filter_map(|line| split(line).ok())
        .collect();
    if headers.cookie > 0 {
        let filling = headers.cookie.saturating_sub(COOKIE_NAME.len());
        own.retain(|(name, _)| !name.eq_ignore_ascii_case("cookie"));
        own.push((
            "Cookie".to_owned(),
            format!("{COOKIE_NAME}{}", "x".repeat(filling)),
        ));
    }
    lines.retain(|(name, _)| {
        own.iter()
            .all(|(other, _)| !other.eq_ignore_ascii_case(name))
    });
    lines.extend(own);
    lines
}

/// Checks that the lines and the cookie that the scenario adds can be sent.
pub(super) fn check(headers: &Headers) -> Result<(), Problem> {
    for line in &headers.lines {
        let (name, _) = split(line).map_err(|wrong| {
            Problem::new("headers.lines", wrong, "\"X-Token: 1234\" would work")
        })?;
        if is_written_by_the_client(&name) {
            return Err(Problem::new(
                "headers.lines",
                format!("{name} is written by the client itself"),
                "take the line away",
            ));
        }
    }
    let bytes = headers.cookie;
    if bytes == 0 || (COOKIE_NAME.len() + 1..=LONGEST_COOKIE).contains(&bytes) {
        return Ok(());
    }
    Err(Problem::new(
        "headers.cookie",
        format!("{bytes} bytes cannot be made"),
        format!(
            "0 for none, or {} to {}",
            COOKIE_NAME.len() + 1,
            LONGEST_COOKIE
        ),
    ))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{super::profile, *};

    fn built_in(name: &str) -> HeaderProfile {
        profile::find(name, Path::new("")).expect("a built-in profile")
    }

    fn has(lines: &[(String, String)], wanted: &str) -> bool {
        lines
            .iter()
            .any(|(name, value)| format!("{name}: {value}") == wanted)
    }

    #[test]
    fn minimal_adds_nothing() {
        let profile = built_in("minimal");
        let headers = Headers::default();
        assert_eq!(
            lines(&profile, &headers, &Variant::Websocket, Speak::Same),
            (vec![], vec![])
        );
    }

    #[test]
    fn a_browser_asks_differently_for_each_transport() {
        let profile = built_in("browser");
        let headers = Headers::default();
        let sse = Variant::HttpStream {
            framing: Framing::Sse,
        };
        let (reading, saying) = lines(&profile, &headers, &sse, Speak::Same);
        assert!(has(&reading, "Accept: text/event-stream"));
        assert!(has(&reading, "Connection: keep-alive"));
        assert!(has(&reading, "Referer: http://{host}/"));
        assert!(has(&saying, "content-type: application/json"));
        assert!(has(&saying, "Origin: http://{host}"));
        let (opening, saying) = lines(&profile, &headers, &Variant::Websocket, Speak::Same);
        assert!(has(&opening, "Origin: http://{host}"));
        assert!(
            opening
                .iter()
                .all(|(name, _)| !is_written_by_the_client(name))
        );
        assert!(saying.is_empty());
    }

    #[test]
    fn a_connection_that_is_not_kept_does_not_say_that_it_is() {
        let closing = Variant::LongPoll {
            hold: std::time::Duration::from_secs(1),
            keep_alive: false,
        };
        let (reading, saying) = lines(
            &built_in("browser"),
            &Headers::default(),
            &closing,
            Speak::Same,
        );
        assert!(!has(&reading, "Connection: keep-alive"));
        assert!(has(&saying, "Connection: keep-alive"));
        let (_, saying) = lines(
            &built_in("browser"),
            &Headers::default(),
            &Variant::Websocket,
            Speak::PostClose,
        );
        assert!(!has(&saying, "Connection: keep-alive"));
        assert!(has(&saying, "content-type: application/json"));
    }

    #[test]
    fn own_lines_and_the_cookie_replace_the_profile_s() {
        let headers = Headers {
            profile: "kaazing-2009".to_owned(),
            lines: vec!["accept-language: eo".to_owned(), "X-Token: 7".to_owned()],
            cookie: 20,
        };
        let (lines, _) = lines(
            &built_in("kaazing-2009"),
            &headers,
            &Variant::Websocket,
            Speak::Same,
        );
        let values = |wanted: &str| -> Vec<&str> {
            let named = lines
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            named.map(|(_, value)| value.as_str()).collect()
        };
        assert_eq!(values("accept-language"), ["eo"]);
        assert_eq!(values("x-token"), ["7"]);
        assert_eq!(values("cookie"), ["session=xxxxxxxxxxxx"]);
    }
}
