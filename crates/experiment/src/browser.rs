//! One browser in front of one server: over HTTP/1.1 a fair queue before a fixed number of
//! connections, over HTTP/2 one connection that all its requests share.
//!
//! The queue of HTTP/1.1 is imitated here; that browsers have one can be seen in a real browser
//! only. The limit of HTTP/2 is the server's own (`SETTINGS_MAX_CONCURRENT_STREAMS`), which the
//! client keeps.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http2::{self, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use swarm::Target;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::{ExperimentError, calls::exchange};

/// A browser, as far as it decides which request may leave.
#[derive(Debug, Clone)]
pub(super) struct Browser {
    target: Target,
    road: Road,
}

#[derive(Debug, Clone)]
enum Road {
    /// A queue before a fixed number of connections, each of which carries one request at a time.
    Queue(Arc<Semaphore>),
    /// One connection for all requests.
    Shared(SendRequest<Full<Bytes>>),
}

/// A stream that lasts until it is dropped.
#[derive(Debug)]
pub(super) enum Held {
    /// A connection with its place in the queue, and what was read of the answer.
    Alone {
        stream: TcpStream,
        text: Vec<u8>,
        _place: OwnedSemaphorePermit,
    },
    /// An answer on the shared connection.
    Shared(Incoming),
}

impl Browser {
    /// Makes a browser that opens at most `cap` connections, or one where the target speaks HTTP/2.
    pub(super) async fn new(target: &Target, cap: usize) -> Result<Self, ExperimentError> {
        let road = if target.http2 {
            let stream = TokioIo::new(connected(target).await?);
            let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
            // The task ends with the last sender; whoever asks sees what fails before.
            tokio::spawn(connection);
            Road::Shared(sender)
        } else {
            Road::Queue(Arc::new(Semaphore::new(cap)))
        };
        Ok(Self {
            target: target.clone(),
            road,
        })
    }

    /// Returns the server's address as the browser knows it.
    pub(super) const fn target(&self) -> &Target {
        &self.target
    }

    /// Waits for a place in the queue; there is none to wait for over HTTP/2.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        match &self.road {
            Road::Queue(queue) => Arc::clone(queue).acquire_owned().await.ok(),
            Road::Shared(_) => None,
        }
    }

    /// Asks by GET for what is answered at once, or after a hold, and reads the answer.
    pub(super) async fn get(&self, path: &str) -> Result<(), ExperimentError> {
        self.ask("GET", path, "", 200).await
    }

    /// Sends JSON by POST, and reads the answer.
    pub(super) async fn post(&self, path: &str, body: &str) -> Result<(), ExperimentError> {
        self.ask("POST", path, body, 201).await
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        body: &str,
        status: u16,
    ) -> Result<(), ExperimentError> {
        if let Road::Shared(sender) = &self.road {
            let answer = self.send(sender.clone(), method, path, body).await?;
            let found = answer.status().as_u16();
            answer.into_body().collect().await?;
            return if found == status {
                Ok(())
            } else {
                Err(ExperimentError::Answer(format!("status {found}")))
            };
        }
        let _place = self.place().await;
        let request = head(&self.target, method, path, body) + body;
        exchange(
            &mut connected(&self.target).await?,
            &request,
            &status.to_string(),
        )
        .await
    }

    /// Opens a stream: its head has come when this returns.
    pub(super) async fn stream(&self, path: &str) -> Result<Held, ExperimentError> {
        if let Road::Shared(sender) = &self.road {
            let answer = self.send(sender.clone(), "GET", path, "").await?;
            return Ok(Held::Shared(answer.into_body()));
        }
        let place = self.place().await;
        let place = place.ok_or_else(|| ExperimentError::Answer("no queue".to_owned()))?;
        let mut stream = connected(&self.target).await?;
        let request = head(&self.target, "GET", path, "");
        stream.write_all(request.as_bytes()).await?;
        let mut text = Vec::new();
        while !has(&text, "\r\n\r\n") {
            if stream.read_buf(&mut text).await? == 0 {
                return Err(ExperimentError::Answer("a stream ended".to_owned()));
            }
        }
        Ok(Held::Alone {
            stream,
            text,
            _place: place,
        })
    }

    async fn send(
        &self,
        mut sender: SendRequest<Full<Bytes>>,
        method: &str,
        path: &str,
        body: &str,
    ) -> Result<Response<Incoming>, ExperimentError> {
        let (prefix, host) = (&self.target.prefix, &self.target.host);
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{host}{prefix}{path}"))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body.to_owned())))
            .map_err(|error| ExperimentError::Answer(error.to_string()))?;
        Ok(sender.send_request(request).await?)
    }
}

impl Held {
    /// Reads on until the stream has brought this text.
    pub(super) async fn wait_for(&mut self, wanted: &str) -> Result<(), ExperimentError> {
        let ended = || ExperimentError::Answer("a stream ended".to_owned());
        match self {
            Self::Alone { stream, text, .. } => {
                while !has(text, wanted) {
                    if stream.read_buf(text).await? == 0 {
                        return Err(ended());
                    }
                }
            }
            Self::Shared(body) => {
                let mut text = Vec::new();
                while !has(&text, wanted) {
                    let frame = body.frame().await.ok_or_else(ended)??;
                    text.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
                }
            }
        }
        Ok(())
    }
}

pub(super) async fn connected(target: &Target) -> Result<TcpStream, ExperimentError> {
    let stream = TcpStream::connect(target.address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn has(text: &[u8], part: &str) -> bool {
    text.windows(part.len()).any(|one| one == part.as_bytes())
}

/// Returns the head of a request over HTTP/1.1.
fn head(target: &Target, method: &str, path: &str, body: &str) -> String {
    let (prefix, host) = (&target.prefix, &target.host);
    let head = format!("{method} {prefix}{path} HTTP/1.1\r\nHost: {host}\r\n");
    if body.is_empty() {
        return head + "\r\n";
    }
    let length = body.len();
    format!("{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n")
}
