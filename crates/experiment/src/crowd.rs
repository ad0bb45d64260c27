//! Many readers behind one browser's limit of connections: who hears a message,
//! and how late a draft is that shares their port.
//!
//! The limit is imitated here by a fair queue for each port, as browsers have it; that they do have
//! it can be seen in a real browser only. Where a port speaks HTTP/2, all who go there share one
//! connection, and the limit is the server's.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use swarm::Target;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout},
};
use wire::{Carrier, Framing, Transport, Way};

use super::{
    ExperimentError,
    browser::{Browser, connected},
    run,
};

/// The time without a new connection after which no more connections are expected.
const CALM: Duration = Duration::from_secs(1);
/// The shortest time from the message to the count of those who have heard it.
const AT_ONCE: Duration = Duration::from_secs(1);
/// The longest wait for those who are connected.
const LIMIT: Duration = Duration::from_secs(10);
/// A text that no other line of a stream contains.
const TEXT: &str = "to everybody at once";

/// Readers who share a browser.
#[derive(Debug, Clone, Copy)]
pub struct Crowd {
    /// The transport that the readers use.
    pub transport: Transport,
    /// The number of readers.
    pub readers: usize,
    /// The number of connections to one port that may be open at once.
    pub cap: usize,
    /// The time for which their polls are held.
    pub hold: Duration,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    open: usize,
    heard: usize,
}

/// The data that every reader needs.
#[derive(Clone)]
struct Seat {
    browser: Browser,
    counts: Arc<watch::Sender<Counts>>,
}

/// Returns the number of readers in a crowd, spread over `ports`, that hear a message at
/// once. The message is sent on a connection that is not counted.
///
/// # Errors
/// Fails if a socket fails, if the crowd polls (a poll does not stay until the message comes), or
/// if it wants WebSockets over HTTP/2.
pub fn heard(ports: &[Target], crowd: Crowd) -> Result<usize, ExperimentError> {
    run(async {
        let (counts, mut seen) = watch::channel(Counts::default());
        let seats = seats(ports, crowd.cap, counts).await?;
        let mut readers = JoinSet::new();
        for seat in seats.iter().cycle().take(crowd.readers).cloned() {
            match Way::new(crowd.transport, Framing::Ndjson).map(Way::carrier) {
                Some(Carrier::Stream(_)) => readers.spawn(read_stream(seat)),
                Some(Carrier::Frame) if seat.browser.target().http2 => {
                    let why = "a WebSocket does not go over HTTP/2 here; name a stream";
                    return Err(ExperimentError::Answer(why.to_owned()));
                }
                Some(Carrier::Frame) => readers.spawn(read_socket(seat)),
                Some(Carrier::Batch) | None => {
                    let why = "polls are answered and make room; name a transport that stays";
                    return Err(ExperimentError::Answer(why.to_owned()));
                }
            };
        }
        settled(&mut seen, crowd.readers).await;
        let open = seen.borrow().open;
        let began = Instant::now();
        if let Some(port) = ports.first() {
            say(&Browser::new(port, 1).await?).await?;
        }
        let all = seen.wait_for(|counts| counts.heard >= open);
        let _ = timeout(LIMIT, all).await;
        tokio::time::sleep_until(began + AT_ONCE).await;
        // A reader ends only when something is wrong.
        if let Some(Ok(ended)) = readers.try_join_next() {
            ended?;
        }
        Ok(seen.borrow().heard)
    })
}

/// Returns the time from the wish to send a draft until its answer, if the draft shares the
/// first of `ports` with a crowd that long-polls.
///
/// # Errors
/// Fails if a socket fails, or somebody is refused.
pub fn draft(ports: &[Target], crowd: Crowd) -> Result<Duration, ExperimentError> {
    if ports.is_empty() {
        return Ok(Duration::ZERO);
    }
    run(async {
        let (counts, _) = watch::channel(Counts::default());
        let seats = seats(ports, crowd.cap, counts).await?;
        let mut readers = JoinSet::new();
        for seat in seats.iter().cycle().take(crowd.readers).cloned() {
            readers.spawn(long_poll(seat, crowd.hold));
        }
        let browser = seats[0].browser.clone();
        // A task as the readers are, so that it comes behind them in the queue.
        let draft = tokio::spawn(async move {
            let wanted = Instant::now();
            say(&browser).await.map(|()| wanted.elapsed())
        });
        let took = draft.await.map_err(std::io::Error::from)?;
        while let Some(reader) = readers.join_next().await {
            reader.map_err(std::io::Error::from)??;
        }
        took
    })
}

async fn seats(
    ports: &[Target],
    cap: usize,
    counts: watch::Sender<Counts>,
) -> Result<Vec<Seat>, ExperimentError> {
    let counts = Arc::new(counts);
    let mut seats = Vec::new();
    for target in ports {
        seats.push(Seat {
            browser: Browser::new(target, cap).await?,
            counts: Arc::clone(&counts),
        });
    }
    Ok(seats)
}

/// Waits until all are connected, or until nobody more connects.
async fn settled(seen: &mut watch::Receiver<Counts>, readers: usize) {
    while seen.borrow_and_update().open < readers {
        if !matches!(timeout(CALM, seen.changed()).await, Ok(Ok(()))) {
            return;
        }
    }
}

async fn say(browser: &Browser) -> Result<(), ExperimentError> {
    let draft = format!(r#"{{"from":"crowd","text":"{TEXT}"}}"#);
    browser.post("/rooms/crowd/messages", &draft).await
}

async fn read_stream(seat: Seat) -> Result<(), ExperimentError> {
    let path = format!("/rooms/crowd/{}?after=latest", Way::Ndjson.path());
    let mut held = seat.browser.stream(&path).await?;
    seat.counts.send_modify(|counts| counts.open += 1);
    held.wait_for(TEXT).await?;
    seat.counts.send_modify(|counts| counts.heard += 1);
    // No event has this text, so that this reads on until the stream ends.
    held.wait_for("\u{0}").await
}

async fn read_socket(seat: Seat) -> Result<(), ExperimentError> {
    let _place = seat.browser.place().await;
    let target = seat.browser.target();
    let stream = connected(target).await?;
    let Target { host, prefix, .. } = target;
    let way = Way::Websocket.path();
    let url = format!("ws://{host}{prefix}/rooms/crowd/{way}?after=latest");
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await?;
    seat.counts.send_modify(|counts| counts.open += 1);
    while let Some(message) = socket.next().await {
        if message?.to_text()?.contains(TEXT) {
            seat.counts.send_modify(|counts| counts.heard += 1);
        }
    }
    Err(ExperimentError::Answer("a WebSocket ended".to_owned()))
}

async fn long_poll(seat: Seat, hold: Duration) -> Result<(), ExperimentError> {
    let (way, hold) = (Way::LongPoll.path(), hold.as_secs_f64());
    let path = format!("/rooms/crowd/{way}?after=latest&hold={hold}");
    seat.browser.get(&path).await
}
