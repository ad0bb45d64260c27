//! An HTTP connection over a metered socket. Polls, streams and publishers use it.

use std::{
    os::fd::{AsRawFd, RawFd},
    rc::Rc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::future::Either;
use http_body_util::Full;
use hyper::{
    Request, Response, Version,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
    header::{
        CONTENT_ENCODING, CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
        TRANSFER_ENCODING,
    },
};
use hyper_util::rt::TokioIo;
use nix::{
    errno::Errno,
    sys::socket::{MsgFlags, recv},
};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{
    clock::Nanos,
    failure::{Failure, LONGEST_ANSWER, LONGEST_HEAD},
    measure::ledger::Use,
    schedule,
    socket::{
        arrival::Stamp,
        gate::{Gate, Keeper},
        meter::{Answers, Meter},
        multiplex::Shared,
        network::Network,
    },
};

/// The smallest buffer that hyper allows; there is one per connection. The heads of our server's
/// answers are far smaller.
const BUFFER: usize = 8 * 1024;

/// An HTTP connection. Dropping it closes the socket once its exchange is over.
#[derive(Debug)]
pub(crate) enum Connection {
    /// A connection of HTTP/1.1.
    Own(Own),
    /// A part of a connection of HTTP/2; the socket is closed with the last.
    Shared(Rc<Shared>),
}

/// A connection of HTTP/1.1, for one request at a time.
#[derive(Debug)]
pub(crate) struct Own {
    sender: SendRequest<Full<Bytes>>,
    socket: RawFd,
    /// True under TLS, where a ticket may have arrived that nobody asked for.
    is_sealed: bool,
    /// The bound of an answer, and whether anything came of the one to the last request.
    answers: Rc<Answers>,
    /// Present where the socket may be taken from under an answer.
    keeper: Option<Keeper>,
    /// The time until which the server promised to keep the connection.
    kept_until: Option<Nanos>,
}

impl Connection {
    /// Opens a connection for `person`; see [`Network::connect`].
    pub(crate) async fn open(
        network: &Network,
        person: usize,
        usage: Use,
        stamp: Option<Stamp>,
    ) -> Result<Self, Failure> {
        if network.target.http2 {
            // Boxed, so that the future of a connection of HTTP/1.1 keeps no room for this.
            let shared = Box::pin(Shared::open(network, person, usage, stamp)).await?;
            return Ok(Self::Shared(shared));
        }
        let mut stream = network.connect(person, usage, stamp).await?;
        let (socket, answers) = (stream.as_raw_fd(), stream.answers());
        let is_sealed = stream.session().is_some();
        Ok(Self::Own(Own {
            sender: speak(network, stream).await?,
            socket,
            is_sealed,
            answers,
            keeper: None,
            kept_until: None,
        }))
    }

    /// Opens a connection of HTTP/1.1 in the clear for `person`, who reads over it and takes the
    /// socket from it by [`Connection::release`] when the head of the answer is there.
    pub(crate) async fn open_with_gate(
        network: &Network,
        person: usize,
        stamp: Option<Stamp>,
    ) -> Result<Self, Failure> {
        let mut stream = network.connect(person, Use::Read, stamp).await?;
        let (socket, answers) = (stream.as_raw_fd(), stream.answers());
        let (gate, keeper) = Gate::before(stream);
        Ok(Self::Own(Own {
            sender: speak(network, gate).await?,
            socket,
            is_sealed: false,
            answers,
            keeper: Some(keeper),
            kept_until: None,
        }))
    }

    /// Takes the socket from under an answer of which only the head was read, with the bytes behind
    /// that. `None` where there is no such socket, or the content is packed or not in chunks: hyper
    /// then reads on.
    pub(crate) fn release(&mut self, answer: &Response<Incoming>) -> Option<(Meter, Vec<u8>)> {
        let Self::Own(own) = self else {
            return None;
        };
        let keeper = own.keeper.take()?;
        is_in_chunks(answer).then(|| keeper.take()).flatten()
    }

    /// Returns whether the connection, which was idle, can take another request. A
    /// server that is not ours may have closed it: then the socket itself is
    /// asked as well, for its end may have arrived a moment ago.
    pub(crate) fn is_open(&self, network: &Network, is_foreign: bool) -> bool {
        let own = match self {
            Self::Own(own) => own,
            Self::Shared(shared) => return !shared.is_closed(),
        };
        let is_kept = || {
            own.kept_until
                .is_none_or(|until| network.clock.now() < until)
        };
        !own.sender.is_closed()
            && (!is_foreign || (is_kept() && !has_ended(own.socket, own.is_sealed)))
    }

    /// Keeps what an answer's head says of how long the connection stays.
    pub(crate) fn note_head(&mut self, network: &Network, headers: &HeaderMap) {
        if let Self::Own(own) = self {
            let kept = kept_for(headers);
            own.kept_until = kept.map(|kept| network.clock.now() + schedule::nanos(kept));
        }
    }

    /// Lets the answer last: there is no bound to its bytes from here on.
    pub(crate) fn may_last(&self) {
        if let Self::Own(own) = self {
            own.answers.allowance.set(u64::MAX);
        }
    }

    /// Sends `request` at once; the answer's head is awaited in what it returns.
    pub(crate) fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> impl Future<Output = Result<Response<Incoming>, Failure>> + use<> {
        match self {
            Self::Own(own) => {
                own.answers.allowance.set(LONGEST_ANSWER);
                own.answers.heard.set(false);
                let answers = Rc::clone(&own.answers);
                let answer = own.sender.send_request(request);
                Either::Left(async move {
                    let answer = answer.await;
                    answer.map_err(|error| Failure::from(error).in_head(answers.heard.get()))
                })
            }
            Self::Shared(shared) => Either::Right(shared.send(request)),
        }
    }

    /// Gives the connection up. Returns the shared part of one of HTTP/2, which stays open for
    /// others.
    pub(crate) fn into_shared(self) -> Option<Rc<Shared>> {
        match self {
            Self::Own(_) => None,
            Self::Shared(shared) => Some(shared),
        }
    }

    /// Waits until the next request can be sent; false if there will be none.
    pub(crate) async fn is_free(&mut self) -> bool {
        match self {
            Self::Own(own) => own.sender.ready().await.is_ok(),
            Self::Shared(shared) => !shared.is_closed(),
        }
    }
}

/// Lets hyper speak over a socket.
async fn speak(
    network: &Network,
    io: impl AsyncRead + AsyncWrite + Unpin + 'static,
) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(if network.is_foreign {
            LONGEST_HEAD
        } else {
            BUFFER
        })
        // Some servers write a blank before a colon (RFC 9112, section 5.1).
        .allow_spaces_after_header_name_in_responses(network.is_foreign)
        // A client has to read a line that goes on behind its end (section 5.2).
        .allow_obsolete_multiline_headers_in_responses(network.is_foreign)
        .handshake(TokioIo::new(io))
        .await?;
    // Whatever ends the connection is told to the exchange it ends.
    tokio::task::spawn_local(async {
        let _ = connection.await;
    });
    Ok(sender)
}

/// Returns whether the content of an answer is in chunks, and in nothing else.
fn is_in_chunks(answer: &Response<Incoming>) -> bool {
    let headers = answer.headers();
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let first = codings.next().map(HeaderValue::as_bytes);
    answer.version() == Version::HTTP_11
        && first.is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked"))
        && codings.next().is_none()
        && !headers.contains_key(CONTENT_LENGTH)
        && !headers.contains_key(CONTENT_ENCODING)
}

/// Returns whether the other side has ended an idle connection. What it sent unasked
/// (408, as some do before they close) ends it as well, except under TLS, where it may be a ticket.
fn has_ended(socket: RawFd, is_sealed: bool) -> bool {
    let look = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    match recv(socket, &mut [0], look) {
        Err(Errno::EAGAIN) => false,
        Ok(count) => count == 0 || !is_sealed,
        Err(_) => true,
    }
}

/// Returns how long the server keeps the connection by its own words (`Keep-Alive:
/// timeout=5`, RFC 2068, section 19.7.1.1), less a fifth: a request must not
/// cross the end on its way.
fn kept_for(headers: &HeaderMap) -> Option<Duration> {
    // Several lines are one list (RFC 9110, section 5.3).
    let lines = headers.get_all("keep-alive").iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let timeout = lines.flat_map(|line| line.split(',')).find_map(|part| {
        let (name, seconds) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("timeout")
            .then_some(seconds)
    })?;
    let seconds: u32 = timeout.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.into()) * 4 / 5)
}

/// Returns how long a refusal asks its client to wait (RFC 9110, section 10.2.3): in seconds, or until
/// a moment, which is a time from the answer's own `Date`, or from now by this machine's calendar
/// where it has none. A moment that is over asks to wait no longer.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let wait = text(RETRY_AFTER)?;
    if let Ok(seconds) = wait.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = |text| httpdate::parse_http_date(text).ok();
    let until = date(wait)?;
    #[expect(
        clippy::disallowed_methods,
        reason = "a date can only be read by the calendar"
    )]
    let from = text(DATE).and_then(date).unwrap_or_else(SystemTime::now);
    Some(until.duration_since(from).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_tells_how_long_it_keeps_a_connection() {
        let kept = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("keep-alive", HeaderValue::from_static(line));
            kept_for(&headers)
        };
        assert_eq!(kept("timeout=5"), Some(Duration::from_secs(4)));
        assert_eq!(kept("max=100, Timeout = 10"), Some(Duration::from_secs(8)));
        assert_eq!(kept("max=100"), None);
        assert_eq!(kept("timeout=soon"), None);
        assert_eq!(kept_for(&HeaderMap::new()), None);
        let mut headers = HeaderMap::new();
        for line in ["max=100", "timeout=5"] {
            headers.append("keep-alive", HeaderValue::from_static(line));
        }
        assert_eq!(kept_for(&headers), Some(Duration::from_secs(4)));
    }
    #[test]
    fn a_refusal_tells_how_long_to_wait_or_until_when() {
        let told = |wait: &'static str, date: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(wait));
            if let Some(date) = date {
                headers.insert(DATE, HeaderValue::from_static(date));
            }
            retry_after(&headers)
        };
        let date = Some("Fri, 31 Dec 1999 23:59:50 GMT");
        let seconds = |count| Some(Duration::from_secs(count));
        assert_eq!(told("120", date), seconds(120));
        assert_eq!(told("Fri, 31 Dec 1999 23:59:59 GMT", date), seconds(9));
        // The older forms have to be read, too (RFC 9110, section 5.6.7).
        assert_eq!(told("Friday, 31-Dec-99 23:59:59 GMT", date), seconds(9));
        assert_eq!(told("Fri Dec 31 23:59:59 1999", date), seconds(9));
        assert_eq!(told("Fri, 31 Dec 1999 23:59:40 GMT", date), seconds(0));
        // Without a `Date` it is over since long, or comes in centuries.
        assert_eq!(told("Fri, 31 Dec 1999 23:59:59 GMT", None), seconds(0));
        let far = told("Tue, 31 Dec 2599 23:59:59 GMT", None);
        assert!(far > seconds(1_000_000_000), "{far:?}");
        for wrong in ["soon", "-5", "1.5", ""] {
            assert_eq!(told(wrong, date), None, "{wrong}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
