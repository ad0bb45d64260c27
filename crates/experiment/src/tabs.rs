//! Tabs of one browser, opened one after the other until a page is not answered any more.

use std::time::Duration;

use swarm::Target;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, timeout},
};
use wire::Way;

use super::{
    ExperimentError, Seen,
    browser::{Browser, Held},
    run,
};

/// The time after which a page counts as one that never loads. One that loads takes milliseconds.
const NEVER: Duration = Duration::from_secs(2);
/// The time within which streams of a tab open if there is room for them.
const OPENING: Duration = Duration::from_millis(500);
/// The most tabs that are opened.
const MOST: usize = 300;

/// Opens tabs, each of which loads a page and then keeps `streams` streams open, in a browser that
/// opens at most `cap` connections, or one where the target speaks HTTP/2. Returns the number of the
/// first tab whose page is never answered, and the longest time that one before it took.
///
/// # Errors
/// Fails if a socket fails, if somebody is refused, or if every page of three hundred tabs is
/// answered.
pub fn tabs(target: &Target, cap: usize, streams: usize) -> Result<Vec<Seen>, ExperimentError> {
    let version = if target.http2 { "2" } else { "1.1" };
    run(async {
        let browser = Browser::new(target, cap).await?;
        let (first, slowest) = until_one_hangs(&browser, streams).await?;
        let seen = |quantity, value, unit| Seen {
            subject: format!("http {version} {streams}"),
            quantity,
            value,
            unit,
        };
        Ok(vec![
            seen("first that never loads", first as f64, "tab"),
            seen("slowest before it", slowest.as_secs_f64() * 1e3, "ms"),
        ])
    })
}

async fn until_one_hangs(
    browser: &Browser,
    streams: usize,
) -> Result<(usize, Duration), ExperimentError> {
    let page = format!("/rooms/tabs/{}?after=latest", Way::ShortPoll.path());
    let mut readers = JoinSet::new();
    let (opened, mut is_open) = mpsc::unbounded_channel();
    let mut slowest = Duration::ZERO;
    for tab in 1..=MOST {
        let asked = Instant::now();
        match timeout(NEVER, browser.get(&page)).await {
            Ok(answered) => answered?,
            Err(_) => return Ok((tab, slowest)),
        }
        slowest = slowest.max(asked.elapsed());
        for _ in 0..streams {
            readers.spawn(read(browser.clone(), opened.clone()));
        }
        for _ in 0..streams {
            // If one stream has to wait in the browser, all that come later wait behind it.
            if timeout(OPENING, is_open.recv()).await.is_err() {
                break;
            }
        }
        if let Some(ended) = readers.try_join_next() {
            let ended = ended.map_err(std::io::Error::from)?;
            return Err(ended.err().unwrap_or_else(a_stream_ended));
        }
    }
    Err(ExperimentError::Answer(format!(
        "all pages of {MOST} tabs were answered"
    )))
}

/// Keeps a stream open. It ends only if something is wrong.
async fn read(
    browser: Browser,
    opened: mpsc::UnboundedSender<()>,
) -> Result<Held, ExperimentError> {
    let path = format!("/rooms/tabs/{}?after=latest", Way::Ndjson.path());
    let mut held = browser.stream(&path).await?;
    let _ = opened.send(());
    // No event has this text, so that this reads for as long as the stream lasts.
    held.wait_for("\u{0}").await?;
    Ok(held)
}

fn a_stream_ended() -> ExperimentError {
    ExperimentError::Answer("a stream ended".to_owned())
}
