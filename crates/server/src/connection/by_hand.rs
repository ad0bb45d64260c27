//! Ends of connections without hyper: last answers that are written by hand, and the dropping of
//! what a client still sends after one.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::net::stream::Stream;

/// The time for which what a client still sends is read and dropped after its last answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// The largest number of bytes that are read and dropped after a last answer.
const MOST_DROPPED: usize = 16 * 1024 * 1024;

/// Answers a request while the clock stands before 1970, when hyper panics over
/// the date even where none is sent.
pub(super) async fn before_1970(stream: Stream) {
    const ANSWER: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\n\
        connection: close\r\ncontent-length: 41\r\n\r\nthe clock of this server is before 1970.\r\n";
    end(stream, ANSWER).await;
}

/// Answers a request whose head took too long (RFC 9110, section 15.5.9).
pub(super) async fn request_timeout(stream: Stream) {
    const ANSWER: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\n\
        x-content-type-options: nosniff\r\nconnection: close\r\ncontent-length: 74\r\n\r\n\
        {\"error\":\"the head of the request did not come in time\",\"code\":\"too_slow\"}";
    end(stream, ANSWER).await;
}

/// Sends the last answer.
async fn end(mut stream: Stream, answer: &'static [u8]) {
    let goodbye = async {
        stream.write_all(answer).await.ok()?;
        stream.shutdown().await.ok()
    };
    // Boxed: every connection would keep room for this otherwise, from its first request on.
    if let Ok(Some(())) = Box::pin(timeout(PATIENCE, goodbye)).await {
        drop_rest(stream).await;
    }
}

/// Drops what a client still sends behind its last answer, for a while. Closing with unread bytes
/// would reset the connection, and the reset could overtake the answer.
pub(super) async fn drop_rest(mut stream: Stream) {
    let rest = async {
        let mut dropped = [0; 4096];
        let mut left = MOST_DROPPED;
        while left > 0 {
            match stream.read(&mut dropped).await {
                Ok(count) if count > 0 => left = left.saturating_sub(count),
                _ => return,
            }
        }
    };
    // Boxed, so that a connection that ends in another way has no room for it.
    let _ = timeout(PATIENCE, Box::pin(rest)).await;
}
