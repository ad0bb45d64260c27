//! The path between people and server in words, for captions and predictions.

use std::time::Duration;

use results::row::{self, Contract, Target, Whose};
use scenario::{Cell, LinkSettings, ProxySettings, Side, TargetSettings};

use crate::rows;

/// Describes the path between people and server, for captions and predictions.
pub(crate) fn path(cell: &Cell, given: bool, host: &str) -> rows::Path {
    let mut path = rows::Path::loopback(host);
    let server = &cell.scenario.server;
    path.cap = server
        .connections
        .map_or_else(String::new, |most| format!("{most} {}", server.full.name()));
    let target = given.then(|| Target {
        host: host.to_owned(),
        contract: contract(cell.scenario.target.as_ref()),
    });
    let proxy = (cell.scenario.proxy.as_ref()).filter(|proxy| proxy.is_there());
    let proxy = proxy.map(ProxySettings::words);
    path.proxy = proxy.clone().unwrap_or_default();
    let link = cell.scenario.link.as_ref();
    if let Some(link) = link {
        path.limits = rows::Limits::of(link);
        (path.read_delay, path.say_delay) = match link.side {
            Side::Both => (link.delay, link.delay),
            Side::Readers => (link.delay, Duration::ZERO),
            Side::Speakers => (Duration::ZERO, link.delay),
        };
    }
    path.way = row::Path {
        target,
        proxy,
        link: link.map(linked),
        others: Vec::new(),
    };
    path
}

/// Returns the contract of a given server, which a scenario may describe.
fn contract(target: Option<&TargetSettings>) -> Contract {
    match target.filter(|target| target.describes()) {
        Some(target) => Contract::OfItsOwn {
            changes_texts: target.transforms,
        },
        None => Contract::BuiltIn,
    }
}

/// Returns what a row says of a link.
fn linked(link: &LinkSettings) -> row::Link {
    row::Link {
        delay: link.delay,
        whose: match link.side {
            Side::Both => Whose::Everybody,
            Side::Readers => Whose::Readers,
            Side::Speakers => Whose::Speakers,
        },
        jitter: link.jitter,
        does_more: link.does_more_than_delay(),
    }
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
        assert_eq!(of("", false).way.to_string(), "loopback");
        let through = of(proxy, false);
        assert_eq!(through.way.to_string(), "proxy nginx right");
        assert_eq!(through.proxy, "nginx right");
        let words = "link 50ms each way, more than a delay";
        assert_eq!(of(link, false).way.to_string(), words);
        let both = of(&format!("{proxy}\n{link}"), false);
        assert_eq!(both.way.to_string(), format!("proxy nginx right, {words}"));
        let target = of(proxy, true).way.to_string();
        assert_eq!(target, "target 127.0.0.1:1, proxy nginx right");
        assert_eq!(of("", false).cap, "");
        assert_eq!(of("server.connections = 50", false).cap, "50 refuse");
        let evicts = "[server]\nconnections = 50\nfull = \"evict\"";
        assert_eq!(of(evicts, false).cap, "50 evict");
        let none = of("[proxy]\nkind = \"nginx\"\nsettings = \"none\"", false);
        assert!(none.way.is_loopback() && none.proxy.is_empty());
    }
}
