//! The path between people and server in words, for captions and predictions.

use std::time::Duration;

use results::row::{CONTRACT_OF_ITS_OWN, JITTER, MORE_THAN_DELAY};
use scenario::{Cell, Side, TargetSettings};

use crate::rows;

/// Describes the path between people and server, for captions and predictions.
pub(crate) fn path(cell: &Cell, given: bool, host: &str) -> rows::Path {
    let mut path = rows::Path::loopback(host);
    let server = &cell.scenario.server;
    path.cap = server
        .connections
        .map_or_else(String::new, |most| format!("{most} {}", server.full.name()));
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

#[cfg(test)]
mod tests {
    use scenario::Study;

    use super::*;

    /// Returns the path of a scenario with these lines.
    fn of(lines: &str, given: bool) -> rows::Path {
        let text = format!(
            "name = \"x\"\nquestion = \"?\"\n{lines}\n[swarm]\nclients = 1\n[[transport]]\n\
             kind = \"websocket\"\n"
        );
        let study = Study::from_text("x.toml", &text, &[]).expect("a scenario");
        path(&study.cells[0], given, "127.0.0.1:1")
    }

    #[test]
    fn what_lies_between_is_told_from_people_to_server() {
        let proxy = "[proxy]\nkind = \"nginx\"\nsettings = \"right\"";
        let link = "[link]\ndelay = \"50ms\"\nworkers = 3";
        assert_eq!(of("", false).words, "loopback");
        let through = of(proxy, false);
        assert_eq!(through.words, "proxy nginx right");
        assert_eq!(through.proxy, "nginx right");
        let words = "link 50ms each way, more than a delay";
        assert_eq!(of(link, false).words, words);
        let both = of(&format!("{proxy}\n{link}"), false);
        assert_eq!(both.words, format!("proxy nginx right, {words}"));
        let target = of(proxy, true).words;
        assert_eq!(target, "target 127.0.0.1:1, proxy nginx right");
        assert_eq!(of("", false).cap, "");
        assert_eq!(of("server.connections = 50", false).cap, "50 refuse");
        let evicts = "[server]\nconnections = 50\nfull = \"evict\"";
        assert_eq!(of(evicts, false).cap, "50 evict");
        let none = of("[proxy]\nkind = \"nginx\"\nsettings = \"none\"", false);
        assert_eq!((none.words.as_str(), none.proxy.as_str()), ("loopback", ""));
    }
}
