//! The answers to polls, made once for all pollers that are to receive the
//! same.

use std::{
    io::Write,
    sync::Mutex,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use wire::Coding;

use crate::{
    room::coder,
    settings::{Compress, Settings},
};

/// The length, in bytes, of the longest batch of which an answer is kept for
/// the next poller.
const LONGEST_KEPT: usize = 16 * 1024;

/// The answer that was given last, kept for pollers that are to receive the
/// same.
#[derive(Debug)]
pub(crate) struct Answers {
    date_header: bool,
    /// True if answers differ by what a request accepts.
    varies: bool,
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
            varies: settings.compress != Compress::Off,
            last: Mutex::default(),
            coded: Default::default(),
        }
    }

    /// Returns the whole answer to a poll: the head that hyper would write, and
    /// the batch, packed if it has a `coding`. If `closing`, the connection ends with it.
    pub(crate) fn answer(&self, batch: Bytes, coding: Option<Coding>, closing: bool) -> Bytes {
        // `httpdate` panics before 1970, and a clock may stand there.
        let now = SystemTime::now().max(UNIX_EPOCH);
        let second = now
            .duration_since(UNIX_EPOCH)
            .map_or(0, |now| now.as_secs());
        let kept = coding.map_or(&self.last, |coding| &self.coded[coding as usize]);
        let mut last = kept.lock().expect("no holder panics");
        if let Some(last) = &*last
            && last.second == second
            // The very same bytes: nobody else has them while they are kept.
            && last.batch.as_ptr_range() == batch.as_ptr_range()
            && !closing
        {
            return last.answer.clone();
        }
        let (content, coding) = coder::batch(batch.clone(), coding);
        let mut answer = Vec::with_capacity(256 + content.len());
        // Writing into memory does not fail.
        let _ = write!(
            answer,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n"
        );
        self.describe(&mut answer, coding);
        if closing {
            let _ = write!(answer, "connection: close\r\n");
        }
        let length = content.len();
        let _ = write!(answer, "content-length: {length}\r\n");
        if self.date_header {
            let _ = write!(answer, "date: {}\r\n", httpdate::fmt_http_date(now));
        }
        answer.extend_from_slice(b"\r\n");
        answer.extend_from_slice(&content);
        let answer = Bytes::from(answer);
        if length <= LONGEST_KEPT && !closing {
            *last = Some(Prepared {
                second,
                batch,
                answer: answer.clone(),
            });
        }
        answer
    }

    /// Adds the header lines about codings, as `http/coding.rs` does for hyper.
    fn describe(&self, head: &mut Vec<u8>, coding: Option<Coding>) {
        if let Some(coding) = coding {
            let _ = write!(head, "content-encoding: {}\r\n", coding.name());
        }
        if self.varies {
            let _ = write!(head, "vary: accept-encoding\r\n");
        }
    }
}
