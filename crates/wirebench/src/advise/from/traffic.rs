//! The numbers of an application from a capture of its traffic: those of the conversations in it
//! that read again and again.

mod readers;

use std::{fmt::Write as _, path::Path};

use analysis::model::exchange::event;
use capture::{Captured, HttpVersion, Kind, TlsVersion};

use self::readers::{Readers, Speech};
use super::{ExtractedNumbers, HOLDS, INTERVALS, numbers::nearest};
use crate::{advise::workload::short, args::WorkloadInputs, dissect::read_keys};

/// The shortest time over which a rate is told, in seconds.
const SHORTEST: f64 = 1.0;
/// The duration of a handshake, in milliseconds, below which the client is taken to be on the
/// machine that captured.
const NEARBY: f64 = 0.2;
/// The bytes of the shortest header line, and of the shortest cookie, that a scenario makes up.
const LEAST_LINE: f64 = 11.0;
const LEAST_COOKIE: f64 = 9.0;
/// The bytes around a cookie's value in its header line.
const COOKIE: f64 = "Cookie: \r\n".len() as f64;
/// The longest text.
const LONGEST_TEXT: f64 = 65_536.0;

/// Returns the numbers that a capture tells, and of each other number why it does not.
pub(super) fn taken(file: &Path, keys: Option<&Path>) -> anyhow::Result<ExtractedNumbers> {
    let keys = read_keys(keys)?;
    Ok(of(&capture::read(file, &keys)?))
}

fn of(captured: &Captured) -> ExtractedNumbers {
    let readers = Readers::of(captured);
    let mut taken = ExtractedNumbers::new(WorkloadInputs::default(), readers.remarks(captured));
    add_people(&mut taken, &readers);
    add_messages(&mut taken, &readers);
    add_text(&mut taken, &readers);
    add_trip(&mut taken, &readers);
    add_lines(&mut taken, &readers);
    add_waits(&mut taken, &readers);
    add_protocols(&mut taken, &readers);
    taken
}

fn add_people(taken: &mut ExtractedNumbers, readers: &Readers<'_>) {
    let (kind, one_at_once) = (readers.kind(), readers.at_once());
    if one_at_once == 0 {
        let why = readers.nobody();
        taken.untold("readers", &["readers"], &why);
        taken.untold("rooms", &["rooms"], why);
        return;
    }
    taken.inputs.readers = Some(one_at_once as f64);
    taken.told(
        "readers",
        &["readers"],
        one_at_once.to_string(),
        format!("conversations at once ({kind}); a capture at one reader shows that one only"),
    );
    let paths = readers.paths().min(one_at_once);
    if paths > 1 {
        taken.inputs.rooms = Some(paths as f64);
        taken.told(
            "rooms",
            &["rooms"],
            paths.to_string(),
            "different addresses that they read",
        );
    } else {
        let why = "all of them read one address: one room is taken";
        taken.untold("rooms", &["rooms"], why);
    }
}

fn add_messages(taken: &mut ExtractedNumbers, readers: &Readers<'_>) {
    const OF_ROOM: &[&str] = &["messages-per-room", "messages-per-reader"];
    const OF_READER: &[&str] = &["messages-per-reader", "messages-per-room"];
    let (messages, seconds) = (readers.messages(), readers.seconds());
    let why = if readers.at_once() == 0 {
        Some(readers.nobody())
    } else if messages == 0 {
        Some("no message came down".to_owned())
    } else if seconds < SHORTEST {
        Some(format!("{messages} messages in less than a second"))
    } else {
        None
    };
    if let Some(why) = why {
        taken.untold("messages a second in a room", OF_ROOM, why);
        return;
    }
    // Four digits: more are chance.
    let rate = digits(messages as f64 / seconds, 4);
    let counted = format!(
        "{messages} messages down in {} s of reading",
        short(seconds)
    );
    match readers.speech(rate) {
        Speech::Readers(rate) => {
            let rate = digits(rate, 4);
            taken.inputs.messages_per_reader = Some(rate);
            let from = format!("{counted}, and as many went up: readers say them");
            taken.told(
                "messages a second of a reader",
                OF_READER,
                rate.to_string(),
                from,
            );
        }
        Speech::Others(up) => {
            taken.inputs.messages_per_room = Some(rate);
            let from = format!("{counted}; {up} went up, so that others say most of them");
            taken.told(
                "messages a second in a room",
                OF_ROOM,
                rate.to_string(),
                from,
            );
        }
    }
}

/// Adds the bytes of text: those with which an event of this server is as long as a message was.
fn add_text(taken: &mut ExtractedNumbers, readers: &Readers<'_>) {
    const NAME: &str = "bytes of text";
    const FLAGS: &[&str] = &["payload"];
    let around = event(1, 0) as f64;
    let Some((mean, is_packed)) = readers.message_bytes() else {
        let why = if readers.messages() == 0 {
            "no message came down: 100 is taken"
        } else {
            "the capture does not say how long a message was: 100 is taken"
        };
        taken.untold(NAME, FLAGS, why);
        return;
    };
    let text = (mean - around).round().clamp(1.0, LONGEST_TEXT);
    taken.inputs.payload = Some(text);
    let packed = if is_packed {
        " without the compression that the capture has"
    } else {
        ""
    };
    let fits = if mean <= around {
        ", which is longer than the whole message was"
    } else if mean - around > LONGEST_TEXT {
        ", and that text is longer than any here may be"
    } else {
        ""
    };
    taken.told(
        NAME,
        FLAGS,
        short(text),
        format!(
            "messages of {} B{packed}; an event of this server has {around} B around its text{fits}",
            short(digits(mean, 4))
        ),
    );
}

fn add_trip(taken: &mut ExtractedNumbers, readers: &Readers<'_>) {
    const NAME: &str = "round trip, ms";
    const FLAGS: &[&str] = &["round-trip-ms"];
    let Some(trip) = readers.round_trip() else {
        let why = "no connection was opened in the capture: 50 is taken";
        taken.untold(NAME, FLAGS, why);
        return;
    };
    let millis = trip * 1e3;
    if millis < NEARBY {
        taken.untold(
            NAME,
            FLAGS,
            format!(
                "handshakes took {} ms, so that both ends or the capture were at the server: 50 is \
                 taken",
                short(millis)
            ),
        );
        return;
    }
    let millis = digits(millis, 3);
    taken.inputs.round_trip_ms = Some(millis);
    let from = "the median of the handshakes of TCP";
    taken.told(NAME, FLAGS, short(millis), from);
}

/// Adds the bytes of header lines and of cookies on each request.
fn add_lines(taken: &mut ExtractedNumbers, readers: &Readers<'_>) {
    const LINES: &[&str] = &["header-bytes", "profile"];
    const COOKIES: &[&str] = &["cookie-bytes"];
    let Some((lines, cookies)) = readers.header_bytes() else {
        let why = "no request with its header lines can be read: none is taken";
        taken.untold("bytes of header lines", LINES, why);
        taken.untold("bytes of a cookie", COOKIES, why);
        return;
    };
    let (mut lines, mut cookies) = (lines.round(), cookies.round());
    let mut from = "the mean of the requests, without what HTTP demands".to_owned();
    if cookies > 0.0 && cookies < LEAST_COOKIE {
        from += "; the short cookie is in it";
        lines += COOKIE + cookies;
        cookies = 0.0;
    }
    if lines > 0.0 && lines < LEAST_LINE {
        let _ = write!(from, "; {} B would be too short for a line", short(lines));
        lines = LEAST_LINE;
    }
    taken.inputs.header_bytes = Some(lines);
    taken.inputs.cookie_bytes = Some(cookies);
    taken.told("bytes of header lines", LINES, short(lines), from);
    let from = "the mean of the requests' cookies";
    taken.told("bytes of a cookie", COOKIES, short(cookies), from);
}

/// Adds the interval of a short poll, or the hold of a long poll.
fn add_waits(taken: &mut ExtractedNumbers, readers: &Readers<'_>) {
    match readers.interval() {
        Some(interval) => {
            let (interval, said) = nearest(digits(interval, 3), &INTERVALS);
            taken.inputs.intervals_s = Some(vec![interval]);
            let from = format!("the median time between two questions{said}");
            taken.told("intervals, s", &["intervals-s"], short(interval), from);
        }
        None => taken.untold(
            "intervals, s",
            &["intervals-s"],
            "no short poll is read: 1, 5 and 30 are taken",
        ),
    }
    match readers.hold() {
        Some(hold) => {
            let (hold, said) = nearest(hold.as_secs_f64(), &HOLDS);
            let hold = hold.round();
            taken.inputs.hold_s = Some(hold);
            let from = format!("the longest time that a question was held{said}");
            taken.told("hold, s", &["hold-s"], short(hold), from);
        }
        None => taken.untold("hold, s", &["hold-s"], "no long poll is read: 25 is taken"),
    }
}

fn add_protocols(taken: &mut ExtractedNumbers, readers: &Readers<'_>) {
    let tls = match readers.tls() {
        None => None,
        Some(TlsVersion::Off) => Some(("off", "the connections are in the clear")),
        Some(TlsVersion::V1_2) => Some(("1.2", "the server's first message")),
        Some(TlsVersion::V1_3) => Some(("1.3", "the server's first message")),
        Some(TlsVersion::Unknown) => Some((
            "1.3",
            "it was under TLS, and nothing says which version: 1.3 is taken (--tls)",
        )),
    };
    match tls {
        Some((version, from)) => {
            taken.inputs.tls = Some(version.to_owned());
            taken.told("TLS", &["tls"], version, from);
        }
        None => taken.untold("TLS", &["tls"], "there is no connection: off is taken"),
    }
    let http = match readers.http() {
        HttpVersion::V1_1 => Some(("1.1", "the requests")),
        HttpVersion::V2 => Some(("2", "the requests")),
        HttpVersion::V3 => Some((
            "2",
            "the requests are HTTP/3, and HTTP/2 is the nearest here",
        )),
        HttpVersion::Unknown => None,
    };
    match http {
        Some((version, from)) => {
            taken.inputs.http = Some(version.to_owned());
            taken.told("HTTP", &["http"], version, from);
        }
        None => taken.untold("HTTP", &["http"], "nothing names the version: 1.1 is taken"),
    }
}

/// Rounds a number to this many digits.
fn digits(value: f64, count: i32) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 0.0;
    }
    let places = count - 1 - value.log10().floor() as i32;
    let factor = 10_f64.powi(places.clamp(-12, 12));
    (value * factor).round() / factor
}

/// Returns whether a conversation of this kind reads again and again.
const fn reads(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Plain | Kind::Tls | Kind::Http2 | Kind::Upgraded | Kind::Other
    )
}

#[cfg(test)]
mod tests;
