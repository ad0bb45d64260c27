//! The answers to polls, made once for all pollers that are to receive the
//! same.

use std::{
    io::Write,
    sync::Mutex,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;

/// The length, in bytes, of the longest batch of which an answer is kept for
/// the next poller.
const LONGEST_KEPT: usize = 16 * 1024;

/// The answer that was given last, kept for pollers that are to receive the
/// same.
#[derive(Debug)]
pub(crate) struct Answers {
    date_header: bool,
    last: Mutex<Option<Prepared>>,
}

#[derive(Debug)]
struct Prepared {
    /// The second of the wall clock that the answer's `Date` names.
    second: u64,
    batch: Bytes,
    answer: Bytes,
}

impl Answers {
    /// Makes an empty cache of answers with or without a `Date`.
    pub(crate) fn new(date_header: bool) -> Self {
        Self {
            date_header,
            last: Mutex::default(),
        }
    }

    /// Returns the whole answer to a poll: the head that hyper would write, and
    /// the batch. If `closing`, the connection ends with it.
    pub(crate) fn answer(&self, batch: Bytes, closing: bool) -> Bytes {
        // `httpdate` panics before 1970, and a clock may stand there.
        let now = SystemTime::now().max(UNIX_EPOCH);
        let second = now
            .duration_since(UNIX_EPOCH)
            .map_or(0, |now| now.as_secs());
        let mut last = self.last.lock().expect("no holder panics");
        if let Some(last) = &*last
            && last.second == second
            // The very same bytes: nobody else has them while they are kept.
            && last.batch.as_ptr_range() == batch.as_ptr_range()
            && !closing
        {
            return last.answer.clone();
        }
        let mut answer = Vec::with_capacity(256 + batch.len());
        let length = batch.len();
        // Writing into memory does not fail.
        let _ = write!(
            answer,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n"
        );
        if closing {
            let _ = write!(answer, "connection: close\r\n");
        }
        let _ = write!(answer, "content-length: {length}\r\n");
        if self.date_header {
            let _ = write!(answer, "date: {}\r\n", httpdate::fmt_http_date(now));
        }
        answer.extend_from_slice(b"\r\n");
        answer.extend_from_slice(&batch);
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
}
