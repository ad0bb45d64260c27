//! The tokens of a language model on their way to one reader: bare, and in the envelopes of two
//! public interfaces, over streams, a WebSocket and long polls.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use dissect::{Direction, Layer};
use futures_util::{SinkExt, StreamExt, stream};
use http_body_util::{Full, StreamBody};
use hyper::{Response, body::Frame, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use super::{
    ExperimentError, Seen,
    calls::exchange,
    pair, run,
    tap::{Tap, View, lengths},
};

/// The last chunk, of no bytes, with the empty line after it.
const LAST: u64 = b"0\r\n\r\n".len() as u64;
/// The letters that tokens are cut from.
const LETTERS: &str = "abcde";

/// An envelope: the texts before and after a token, and the line before server-sent data.
pub(super) struct Envelope {
    name: &'static str,
    before: &'static str,
    after: &'static str,
    event: &'static str,
}

/// Nothing; a chunk of `OpenAI`'s chat completions (API reference, "Streaming"); a delta of
/// Anthropic's messages (API documentation, "Streaming messages"). Both without blanks.
static ENVELOPES: [Envelope; 3] = [
    Envelope {
        name: "raw",
        before: "",
        after: "",
        event: "",
    },
    Envelope {
        name: "openai",
        before: r#"{"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":""#,
        after: r#""},"logprobs":null,"finish_reason":null}]}"#,
        event: "",
    },
    Envelope {
        name: "anthropic",
        before: r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""#,
        after: r#""}}"#,
        event: "event: content_block_delta\n",
    },
];

impl Envelope {
    /// Returns the envelope that a scenario names.
    pub(super) fn of(named: scenario::Envelope) -> &'static Self {
        match named {
            scenario::Envelope::Raw => &ENVELOPES[0],
            scenario::Envelope::Openai => &ENVELOPES[1],
            scenario::Envelope::Anthropic => &ENVELOPES[2],
        }
    }

    /// Returns a token in the envelope.
    pub(super) fn around(&self, token: &str) -> String {
        format!("{}{token}{}", self.before, self.after)
    }

    /// Returns a token in the envelope as a server-sent event.
    pub(super) fn sse(&self, token: &str) -> String {
        format!("{}data: {}\n\n", self.event, self.around(token))
    }
}

/// Returns tokens of four and five bytes in turn.
fn tokens(count: usize) -> impl Iterator<Item = &'static str> {
    (0..count).map(|number| &LETTERS[..4 + number % 2])
}

/// Sends `count` tokens in each envelope over each way, and the whole text so far for each token
/// over a stream; counts the bytes at the reader's socket, in both directions, without the heads and
/// handshakes that open a stream or WebSocket.
///
/// # Errors
/// Fails if a socket fails, or something else comes.
pub fn envelopes(count: usize) -> Result<Vec<Seen>, ExperimentError> {
    run(async {
        let mut seen = Vec::new();
        for envelope in &ENVELOPES {
            let bare: Vec<String> = tokens(count).map(|token| envelope.around(token)).collect();
            let events = tokens(count).map(|token| envelope.sse(token)).collect();
            let lines = bare.iter().map(|text| format!("{text}\n")).collect();
            for (way, bytes) in [
                ("sse", streamed(events).await?),
                ("ndjson", streamed(lines).await?),
                ("websocket", framed(bare.clone()).await?),
                ("long_poll", polled(bare).await?),
            ] {
                let subject = format!("{} {way}", envelope.name);
                seen.push(Seen::bytes(subject, "all", bytes));
            }
        }
        let mut text = String::new();
        let whole = tokens(count).map(|token| {
            text += token;
            format!("data: {text}\n\n")
        });
        let whole: Vec<String> = whole.collect();
        seen.push(Seen::bytes("full sse", "all", streamed(whole).await?));
        seen.push(Seen {
            subject: "setting".to_owned(),
            quantity: "tokens",
            value: count as f64,
            unit: "tokens",
        });
        Ok(seen)
    })
}

/// Returns all bytes that crossed a connection, without the heads.
fn without_heads(view: &View) -> Result<u64, ExperimentError> {
    let spans = view.finish()?;
    let all: u64 = spans.iter().map(|span| span.len).sum();
    let heads: u64 = Direction::ALL
        .into_iter()
        .flat_map(|direction| lengths(&spans, direction, Layer::HttpHead))
        .sum();
    Ok(all - heads)
}

/// Streams each text as a chunk of its own.
async fn streamed(texts: Vec<String>) -> Result<u64, ExperimentError> {
    let (client, server) = pair().await?;
    let mut client = Tap::new(client);
    let view = client.view();
    let expected = texts.concat().len();
    let service = service_fn(move |_| {
        let frames = texts.clone().into_iter();
        let frames = frames.map(|text| Ok::<_, hyper::Error>(Frame::data(Bytes::from(text))));
        let body = StreamBody::new(stream::iter(frames));
        async move { Ok::<_, hyper::Error>(Response::new(body)) }
    });
    let serving = http1::Builder::new().serve_connection(TokioIo::new(server), service);
    let asking = async {
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await?;
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await
    };
    let (server_end, client_end) = tokio::join!(serving, asking);
    server_end?;
    client_end?;
    let bytes = without_heads(&view)?;
    match bytes.checked_sub(LAST) {
        Some(bytes) if bytes > expected as u64 => Ok(bytes),
        _ => Err(ExperimentError::Answer(
            "the stream was cut short".to_owned(),
        )),
    }
}

/// Sends each text as a frame.
async fn framed(texts: Vec<String>) -> Result<u64, ExperimentError> {
    let (client, server) = pair().await?;
    let client = Tap::new(client);
    let view = client.view();
    let count = texts.len();
    let serving = async {
        let mut socket = tokio_tungstenite::accept_async(server).await?;
        for text in texts {
            socket.send(Message::text(text)).await?;
        }
        // The reader leaves first, so that everything has come to it by then.
        while let Some(Ok(_)) = socket.next().await {}
        Ok::<_, ExperimentError>(())
    };
    let reading = async {
        let (mut socket, _) = tokio_tungstenite::client_async("ws://a/", client).await?;
        for _ in 0..count {
            let message = socket.next().await;
            message.ok_or_else(|| ExperimentError::Answer("the socket ended".to_owned()))??;
        }
        let spans = view.spans();
        let of = |layer| -> u64 { lengths(&spans, Direction::Down, layer).iter().sum() };
        let heads = of(Layer::HttpHead);
        let all: u64 = spans
            .iter()
            .filter(|span| span.direction == Direction::Down)
            .map(|span| span.len)
            .sum();
        socket.close(None).await?;
        Ok::<_, ExperimentError>(all - heads)
    };
    let (ended, bytes) = tokio::join!(serving, reading);
    ended?;
    bytes
}

/// Answers a question with each text, over one connection; counts the heads as well.
async fn polled(texts: Vec<String>) -> Result<u64, ExperimentError> {
    let (client, server) = pair().await?;
    let mut client = Tap::new(client);
    let view = client.view();
    let count = texts.len();
    let next = Arc::new(AtomicUsize::new(0));
    let service = service_fn(move |_| {
        let text = texts[next.fetch_add(1, Ordering::Relaxed) % count].clone();
        async move { Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from(text)))) }
    });
    let serving = http1::Builder::new().serve_connection(TokioIo::new(server), service);
    let asking = async move {
        for number in 0..count {
            let request = format!("GET /tokens?after={number} HTTP/1.1\r\nHost: a\r\n\r\n");
            exchange(&mut client, &request, "200").await?;
        }
        drop(client);
        Ok::<_, ExperimentError>(())
    };
    let (ended, asked) = tokio::join!(serving, asking);
    asked?;
    ended?;
    Ok(view.finish()?.iter().map(|span| span.len).sum())
}
