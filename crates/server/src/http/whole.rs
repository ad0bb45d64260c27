//! Answers in the bytes that hyper writes, for requests that are answered without it.

use std::{io::Write, time::SystemTime};

use bytes::Bytes;

use crate::{
    http::{body::Body, reply::Reply},
    room::answers::end_head,
};

/// The length of a head that is written here, in bytes; few are longer.
const HEAD: usize = 256;
/// The beginning of the answer to a draft: `reply::said`.
const SAID: &[u8] = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n";

/// Returns the bytes of an answer in one piece. If `closing`, the connection ends with it.
pub(crate) fn bytes(reply: Reply, closing: bool, date: Option<SystemTime>) -> Bytes {
    let (parts, body) = reply.into_parts();
    let content = match body {
        Body::Whole(content) => content.unwrap_or_default(),
        Body::Open => Bytes::new(),
    };
    let mut answer = Vec::with_capacity(HEAD + content.len());
    let (code, reason) = (parts.status.as_str(), parts.status.canonical_reason());
    // Writing into memory does not fail.
    let _ = write!(answer, "HTTP/1.1 {code} {}\r\n", reason.unwrap_or("<none>"));
    for (name, value) in &parts.headers {
        answer.extend_from_slice(name.as_str().as_bytes());
        answer.extend_from_slice(b": ");
        answer.extend_from_slice(value.as_bytes());
        answer.extend_from_slice(b"\r\n");
    }
    end_head(&mut answer, content.len(), closing, date);
    answer.extend_from_slice(&content);
    Bytes::from(answer)
}

/// Returns the bytes of the answer to a draft, as [`bytes()`] would of `reply::said`.
pub(crate) fn said(json: &[u8], closing: bool, date: Option<SystemTime>) -> Bytes {
    let mut answer = Vec::with_capacity(HEAD + json.len());
    answer.extend_from_slice(SAID);
    end_head(&mut answer, json.len(), closing, date);
    answer.extend_from_slice(json);
    Bytes::from(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reply;

    #[test]
    fn the_answer_to_a_draft_is_that_of_its_reply() {
        let json = Bytes::from_static(b"{\"seq\":7}");
        for closing in [false, true] {
            let whole = bytes(reply::said(json.clone()), closing, None);
            assert_eq!(said(&json, closing, None), whole);
        }
    }
}
