//! The answers to polls, made once for all pollers that are to receive the
//! same, and the ends of the heads that are written without hyper.

use std::{
    cell::RefCell,
    io::Write,
    sync::Mutex,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use wire::Coding;

use crate::{
    room::{
        coder,
        entry::Encoding,
        wrapping::{Carrier, Wrapping},
    },
    settings::{Compress, Settings},
};

/// The length, in bytes, of the longest batch of which an answer is kept for
/// the next poller.
const LONGEST_KEPT: usize = 16 * 1024;
/// The length of a head that is written here, in bytes; few are longer.
const HEAD: usize = 256;
/// The length of every date of HTTP (RFC 9110, section 5.6.7).
const DATE_LENGTH: usize = 29;

thread_local! {
    /// The second of the wall clock that was last written as a date, and that date.
    static DATE: RefCell<(u64, [u8; DATE_LENGTH])> = const { RefCell::new((u64::MAX, [0; DATE_LENGTH])) };
}

/// The form of the answer to a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A batch, packed if it has a coding.
    Batch(Option<Coding>),
    /// Packets of Engine.IO.
    Packets,
    /// An array frame of SockJS.
    Frame,
}

impl Form {
    /// Returns the encoding of the events of another protocol; `None` for a batch.
    pub(crate) fn encoding(self) -> Option<Encoding> {
        match self {
            Self::Batch(_) => None,
            Self::Packets => Some(Encoding::Wrapped(Wrapping::SocketIo, Carrier::Bare)),
            Self::Frame => Some(Encoding::Wrapped(Wrapping::SockJsText, Carrier::Bare)),
        }
    }

    /// Returns the media type of the answer.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Batch(_) => "application/json",
            Self::Packets => "text/plain; charset=UTF-8",
            Self::Frame => "application/javascript; charset=UTF-8",
        }
    }
}

/// The answer that was given last, kept for pollers that are to receive the
/// same.
#[derive(Debug)]
pub(crate) struct Answers {
    date_header: bool,
    compress: Compress,
    last: Mutex<Option<Prepared>>,
    /// The same for each coding.
    coded: [Mutex<Option<Prepared>>; Coding::ALL.len()],
}

#[derive(Debug)]
struct Prepared {
    /// The second of the wall clock that the answer's `Date` names.
    second: u64,
    batch: Bytes,
    answer: Bytes,
}

impl Answers {
    /// Makes an empty cache of answers.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            date_header: settings.date_header,
            compress: settings.compress,
            last: Mutex::default(),
            coded: Default::default(),
        }
    }

    /// Returns the whole answer to a poll: the head that hyper would write, and
    /// the batch, packed if it has a `coding`. If `closing`, the connection ends with it.
    pub(crate) fn answer(&self, batch: Bytes, coding: Option<Coding>, closing: bool) -> Bytes {
        self.answer_again(batch, coding, closing).0
    }

    /// Returns what [`Self::answer`] does, and the second that the answer's `Date` names if the very
    /// same answer was given before.
    pub(crate) fn answer_again(
        &self,
        batch: Bytes,
        coding: Option<Coding>,
        closing: bool,
    ) -> (Bytes, Option<u64>) {
        let now = SystemTime::now();
        let second = second_of(now);
        let kept = coding.map_or(&self.last, |coding| &self.coded[coding as usize]);
        let mut last = kept.lock().expect("no holder panics");
        if let Some(last) = &*last
            && last.second == second
            // The very same bytes: nobody else has them while they are kept.
            && last.batch.as_ptr_range() == batch.as_ptr_range()
            && !closing
        {
            return (last.answer.clone(), Some(second));
        }
        let (content, coding) = coder::batch(batch.clone(), coding);
        let mut answer = begin(Form::Batch(coding), content.len());
        self.describe(&mut answer, coding);
        end_head(&mut answer, content.len(), closing, self.date(now));
        answer.extend_from_slice(&content);
        let answer = Bytes::from(answer);
        if content.len() <= LONGEST_KEPT && !closing {
            *last = Some(Prepared {
                second,
                batch,
                answer: answer.clone(),
            });
        }
        (answer, None)
    }

    /// Returns the whole answer that brings events to a poll of another protocol.
    pub(crate) fn events(&self, form: Form, events: &[u8]) -> Bytes {
        let date = self.date(SystemTime::now());
        match form {
            Form::Frame => wrapped(form, &[&b"a["[..], events, b"]\n"], false, date),
            Form::Batch(_) | Form::Packets => wrapped(form, &[events], false, date),
        }
    }

    /// Returns the time that the date of an answer states; `None` if answers have no date.
    fn date(&self, now: SystemTime) -> Option<SystemTime> {
        self.date_header.then_some(now)
    }

    /// Adds the header lines about codings, as `http/coding.rs` does for hyper.
    fn describe(&self, head: &mut Vec<u8>, coding: Option<Coding>) {
        if let Some(coding) = coding {
            // Writing into memory does not fail.
            let _ = write!(head, "content-encoding: {}\r\n", coding.name());
        }
        if self.compress.varies(coding) {
            head.extend_from_slice(b"vary: accept-encoding\r\n");
        }
    }
}

/// Returns the whole answer to a poll of another protocol, the content of which comes in pieces. If
/// `closing`, the connection ends with it.
pub(crate) fn wrapped(
    form: Form,
    pieces: &[&[u8]],
    closing: bool,
    date: Option<SystemTime>,
) -> Bytes {
    let length = pieces.iter().map(|piece| piece.len()).sum();
    let mut answer = begin(form, length);
    end_head(&mut answer, length, closing, date);
    for piece in pieces {
        answer.extend_from_slice(piece);
    }
    Bytes::from(answer)
}

/// Begins the head of an answer whose content has this length.
fn begin(form: Form, length: usize) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEAD + length);
    head.extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-type: ");
    head.extend_from_slice(form.content_type().as_bytes());
    head.extend_from_slice(b"\r\ncache-control: no-store\r\n");
    head
}

/// Adds the end of a head, as hyper writes it: the end of the connection if `closing`, the length of
/// the content, and the date if there is one.
pub(crate) fn end_head(head: &mut Vec<u8>, length: usize, closing: bool, date: Option<SystemTime>) {
    if closing {
        head.extend_from_slice(b"connection: close\r\n");
    }
    // Writing into memory does not fail.
    let _ = write!(head, "content-length: {length}\r\n");
    if let Some(now) = date {
        add_date(head, now);
    }
    head.extend_from_slice(b"\r\n");
}

/// Adds the line of the date, which is made once a second on each thread.
fn add_date(head: &mut Vec<u8>, now: SystemTime) {
    let second = second_of(now);
    DATE.with_borrow_mut(|(known, date)| {
        if *known != second {
            // `httpdate` panics before 1970, and a clock may stand there.
            let text = httpdate::fmt_http_date(now.max(UNIX_EPOCH));
            date.copy_from_slice(text.as_bytes());
            *known = second;
        }
        head.extend_from_slice(b"date: ");
        head.extend_from_slice(date);
        head.extend_from_slice(b"\r\n");
    });
}

/// Returns the second of the wall clock, as the `Date` of an answer names it.
pub(crate) fn this_second() -> u64 {
    second_of(SystemTime::now())
}

/// Returns the second of the wall clock; before 1970, 0.
fn second_of(now: SystemTime) -> u64 {
    now.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_date_is_that_of_its_second() {
        let line = |second: u64| {
            let mut head = Vec::new();
            add_date(&mut head, UNIX_EPOCH + Duration::from_secs(second));
            String::from_utf8(head).unwrap()
        };
        let first = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
        assert_eq!(line(784_111_777), first);
        assert_eq!(line(784_111_777), first);
        assert_eq!(line(784_111_778), first.replace(":37", ":38"));
        // A clock that was put back.
        assert_eq!(line(784_111_777), first);
    }

    #[test]
    fn the_answers_of_other_protocols_are_as_long_as_they_say() {
        let answers = Answers::new(&Settings {
            date_header: false,
            ..Settings::default()
        });
        for (form, content) in [(Form::Packets, "\"1\""), (Form::Frame, "a[\"1\"]\n")] {
            let answer = answers.events(form, b"\"1\"");
            let (kind, length) = (form.content_type(), content.len());
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncache-control: no-store\r\ncontent-length: {length}\r\n\r\n"
            );
            assert_eq!(answer, format!("{head}{content}"));
        }
    }
}
