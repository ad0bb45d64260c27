//! Calls that are all wanted at once: through a pool of HTTP connections, which
//! browsers cap at six a host, and over one WebSocket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt, future::try_join_all};
use swarm::Target;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};
use tokio_tungstenite::tungstenite::Message;
use wire::Way;

use super::{ExperimentError, Seen, run};

/// A draft, which is what a call is.
const DRAFT: &str = r#"{"from":"calls","text":"one call"}"#;

/// Times `calls` calls wanted at once: through `pool` HTTP connections that are
/// opened as they are needed, and over one WebSocket, both from the first
/// connection to the last answer.
///
/// # Errors
/// Fails if a socket fails, or a call is refused.
pub fn calls(target: &Target, calls: usize, pool: usize) -> Result<Vec<Seen>, ExperimentError> {
    run(async {
        let posted = posted(target, calls, pool).await?;
        let (opened, framed) = framed(target, calls).await?;
        let seen = |subject: String, time: Duration| Seen {
            subject,
            quantity: "time",
            value: time.as_secs_f64() * 1e3,
            unit: "ms",
        };
        Ok(vec![
            seen(format!("http {calls} {pool}"), posted),
            seen(format!("websocket {calls}"), framed),
            seen(format!("websocket {calls} opened"), opened),
        ])
    })
}

async fn posted(target: &Target, calls: usize, pool: usize) -> Result<Duration, ExperimentError> {
    let request = format!(
        "POST {}/rooms/calls/messages HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{DRAFT}",
        target.prefix,
        target.host,
        DRAFT.len()
    );
    let pool = pool.min(calls);
    let begin = Instant::now();
    try_join_all((0..pool).map(|number| {
        // What is left over by the division goes to the first connections.
        let share = calls / pool + usize::from(number < calls % pool);
        one_after_another(target, &request, share)
    }))
    .await?;
    Ok(begin.elapsed())
}

/// Makes the calls of one connection in turn: HTTP/1.1 without pipelining, as browsers do
/// it.
async fn one_after_another(
    target: &Target,
    request: &str,
    calls: usize,
) -> Result<(), ExperimentError> {
    let mut stream = TcpStream::connect(target.address).await?;
    stream.set_nodelay(true)?;
    for _ in 0..calls {
        exchange(&mut stream, request, "201").await?;
    }
    Ok(())
}

/// Asks once, and reads a short answer of this status.
pub(super) async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &str,
    status: &str,
) -> Result<(), ExperimentError> {
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = [0; 4096];
    let mut filled = 0;
    while !is_whole(&buffer[..filled]) {
        let read = stream.read(&mut buffer[filled..]).await?;
        if read == 0 {
            return Err(ExperimentError::Answer("no whole answer".to_owned()));
        }
        filled += read;
    }
    if !buffer.starts_with(format!("HTTP/1.1 {status} ").as_bytes()) {
        let answer = String::from_utf8_lossy(&buffer[..filled.min(60)]).into_owned();
        return Err(ExperimentError::Answer(answer));
    }
    Ok(())
}

/// Returns whether a response has arrived to its last byte. The answers to drafts and polls
/// are short and state their length.
fn is_whole(bytes: &[u8]) -> bool {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(head)) = response.parse(bytes) else {
        return false;
    };
    let length = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| {
            std::str::from_utf8(header.value)
                .ok()?
                .parse::<usize>()
                .ok()
        });
    length.is_some_and(|length| bytes.len() >= head + length)
}

/// Measures the time until the WebSocket was open, and until all was answered.
async fn framed(target: &Target, calls: usize) -> Result<(Duration, Duration), ExperimentError> {
    let begin = Instant::now();
    let stream = TcpStream::connect(target.address).await?;
    stream.set_nodelay(true)?;
    // `latest`: what the other calls said is not to be read again.
    let url = format!(
        "ws://{}{}/rooms/ws-calls/{}?ack=1&after=latest",
        target.host,
        target.prefix,
        Way::Websocket.path()
    );
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await?;
    let opened = begin.elapsed();
    for _ in 0..calls {
        socket.feed(Message::text(DRAFT)).await?;
    }
    socket.flush().await?;
    let mut answered = 0;
    while answered < calls {
        let message = socket.next().await;
        let message =
            message.ok_or_else(|| ExperimentError::Answer("the socket ended".to_owned()))??;
        answered += usize::from(message.to_text()?.contains(r#""kind":"said""#));
    }
    Ok((opened, begin.elapsed()))
}
