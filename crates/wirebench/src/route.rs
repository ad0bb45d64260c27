//! The path between people and server in words, for captions and predictions.

use std::time::Duration;

use results::row::{CONTRACT_OF_ITS_OWN, JITTER, MORE_THAN_DELAY};
use scenario::{Cell, Side, TargetSettings};

use crate::rows;

/// Describes the path between people and server, for captions and predictions.
pub(crate) fn path(cell: &Cell, given: bool, host: &str) -> rows::Path {
    let mut path = rows::Path::loopback(host);
    if given {
        let target = cell.scenario.target.as_ref();
        path.words = format!("target {host}");
        if target.is_some_and(TargetSettings::describes) {
            let changes = if target.is_some_and(|target| target.transforms) {
                ", texts may come back changed"
            } else {
                ""
            };
            path.words = format!("{} ({CONTRACT_OF_ITS_OWN}{changes})", path.words);
        }
    }
    if let Some(proxy) = (cell.scenario.proxy.as_ref()).filter(|proxy| proxy.is_there()) {
        path.proxy = proxy.words();
        let words = format!("proxy {}", path.proxy);
        path.words = if given {
            format!("{}, {words}", path.words)
        } else {
            words
        };
    }
    let is_plain = path.words == rows::LOOPBACK;
    let Some(link) = &cell.scenario.link else {
        return path;
    };
    path.limits = rows::Limits::of(link);
    let (whose, read, say) = match link.side {
        Side::Both => ("each way", true, true),
        Side::Readers => ("each way, readers only", true, false),
        Side::Speakers => ("each way, speakers only", false, true),
    };
    let delay = |goes: bool| if goes { link.delay } else { Duration::ZERO };
    (path.read_delay, path.say_delay) = (delay(read), delay(say));
    let mut words = format!("link {} {whose}", humantime::format_duration(link.delay));
    if !link.jitter.is_zero() {
        let jitter = humantime::format_duration(link.jitter);
        words = format!("{words}, {JITTER}{jitter}");
    }
    if link.does_more_than_delay() {
        words = format!("{words}, {MORE_THAN_DELAY}");
    }
    path.words = if is_plain {
        words
    } else {
        format!("{}, {words}", path.words)
    };
    path
}
