//! The way from connections and exchanges to conversations.

use std::collections::{BTreeMap, BTreeSet};

use dissect::{Direction, Fault, Ledger};

use crate::{
    Captured, Conversation, Figures, HttpVersion, Kind, Remark, Terms, account,
    exchange::{Bytes, Exchange},
    group::{self, Group},
    h2::{self, Connection},
    leftover, poll, sealed, split,
    stretch::Wire,
};

/// The remarks about one conversation that are kept.
const MOST_REMARKS: usize = 50;

/// Recognises the conversations in connections.
pub(crate) fn of_wires(wires: &[Wire], remarks: Vec<Remark>, has_keys: bool) -> Captured {
    let mut exchanges = Vec::new();
    let mut others = Vec::new();
    let mut connections = Vec::new();
    let mut budget = h2::MOST_OF_HEADS;
    let mut sealed: BTreeMap<(String, String), Conversation> = BTreeMap::new();
    for (number, wire) in wires.iter().enumerate() {
        if sealed::is_record(&wire.up.bytes) || sealed::is_record(&wire.down.bytes) {
            let one = of_sealed(wire, has_keys);
            let key = (one.client.clone(), one.server.clone());
            match sealed.get_mut(&key) {
                Some(known) => join(known, one),
                None => drop(sealed.insert(key, one)),
            }
        } else if let Some(mut one) = Connection::with_preface(wire, number) {
            exchanges.extend(h2::exchanges(wire, &mut one, &mut budget));
            connections.push(one);
        } else {
            let (found, rest) = split::exchanges(wire, number);
            if !found.is_empty() {
                exchanges.extend(found);
            } else if let Some(mut one) = Connection::without_preface(wire, number) {
                exchanges.extend(h2::exchanges(wire, &mut one, &mut budget));
                connections.push(one);
            } else {
                others.push(other(wire, rest));
            }
        }
    }
    let mut conversations = recognised(exchanges, wires, connections);
    conversations.extend(others);
    conversations.extend(sealed.into_values());
    conversations.sort_by_key(|one| one.figures.began);
    Captured {
        conversations,
        remarks,
        totals: None,
    }
}

/// Recognises the conversations of exchanges that were not read from packets.
pub(crate) fn conversations(exchanges: Vec<Exchange>) -> Vec<Conversation> {
    recognised(exchanges, &[], Vec::new())
}

/// Recognises the conversations that exchanges belong to, and those that connections of HTTP/2 are.
fn recognised(
    exchanges: Vec<Exchange>,
    wires: &[Wire],
    connections: Vec<Connection>,
) -> Vec<Conversation> {
    let groups = group::groups(exchanges);
    let empty = groups
        .iter()
        .map(|group| poll::empties(group.kind, &group.exchanges));
    let empty: Vec<Vec<bool>> = empty.collect();
    let mut entered = h2::enter_all(wires, connections, &groups, &empty);
    let ledgers = std::mem::take(&mut entered.ledgers);
    let mut conversations = Vec::new();
    let each = groups.into_iter().zip(&empty).zip(ledgers).enumerate();
    for (number, ((group, empty), ledger)) in each {
        let fault = entered.faults.get(&number).copied();
        conversations.extend(conversation(group, empty, wires, ledger, fault));
    }
    conversations.extend(entered.own);
    conversations
}

/// Makes a conversation of a group. `ledger` has the bytes of its streams of HTTP/2, and `fault` is
/// that of their connection.
fn conversation(
    group: Group,
    empty: &[bool],
    wires: &[Wire],
    mut ledger: Ledger,
    fault: Option<Fault>,
) -> Option<Conversation> {
    let Group {
        kind,
        target,
        exchanges,
        mut remarks,
    } = group;
    let first = exchanges.first()?;
    let (client, server) = (first.client.clone(), first.server.clone());
    remarks.extend(fault.map(Remark::Fault));
    for (exchange, &is_empty) in exchanges.iter().zip(empty) {
        let fault = account::enter(kind, exchange, is_empty, wires, &mut ledger);
        let is_cut = exchange
            .remarks
            .iter()
            .any(|one| matches!(one, Remark::Incomplete(_)));
        let is_fault = !is_cut && exchange.is_whole && kind != Kind::Upgraded;
        let fault = fault.filter(|_| is_fault && remarks.len() < MOST_REMARKS);
        remarks.extend(fault.map(Remark::Fault));
        for remark in &exchange.remarks {
            if remarks.len() < MOST_REMARKS && !remarks.contains(remark) {
                remarks.push(remark.clone());
            }
        }
    }
    let is_known = remarks
        .iter()
        .any(|one| matches!(one, Remark::Incomplete(_) | Remark::Reset | Remark::CutOff));
    if !is_known
        && exchanges
            .iter()
            .any(|one| !one.is_whole && is_captured(one))
    {
        remarks.push(Remark::StillOpen);
    }
    let undecoded = exchanges.iter().filter_map(|one| one.answer.as_ref());
    let undecoded = undecoded
        .filter(|answer| answer.brought.is_undecoded())
        .count() as u64;
    if undecoded > 0 {
        remarks.push(Remark::Undecoded(undecoded));
    }
    let sockets = exchanges.iter().filter_map(|one| one.socket.as_ref());
    if sockets
        .map(|one| one.said.uninflated + one.heard.uninflated)
        .sum::<u64>()
        > 0
    {
        remarks.push(Remark::Uninflated);
    }
    let mut lanes: Vec<usize> = exchanges.iter().map(|one| one.lane).collect();
    lanes.sort_unstable();
    lanes.dedup();
    Some(Conversation {
        kind,
        client,
        server,
        target,
        http: versions(&exchanges),
        connections: lanes.len() as u64,
        terms: Terms::of(&exchanges),
        figures: Figures::of(kind, &exchanges, empty, &ledger),
        ledger,
        remarks,
    })
}

/// Returns the versions of HTTP of exchanges, as far as they are known.
fn versions(exchanges: &[Exchange]) -> String {
    let versions: BTreeSet<_> = exchanges.iter().map(|one| one.path.http).collect();
    let names = versions.into_iter().map(HttpVersion::name);
    let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    names.join(", ")
}

const fn is_captured(exchange: &Exchange) -> bool {
    matches!(
        exchange.bytes,
        Bytes::Captured { .. } | Bytes::Stream { .. }
    )
}

/// Makes the conversation of a connection of which only the bytes are known.
pub(crate) fn bare(kind: Kind, wire: &Wire, ledger: Ledger, remarks: Vec<Remark>) -> Conversation {
    Conversation {
        kind,
        client: wire.client.ip().to_string(),
        server: wire.server.to_string(),
        target: String::new(),
        http: String::new(),
        connections: 1,
        terms: Terms {
            tls: wire.tls,
            ..Terms::default()
        },
        figures: Figures {
            began: wire.first,
            lasted: wire.last.saturating_sub(wire.first),
            ..Figures::default()
        },
        ledger,
        remarks,
    }
}

/// Makes the conversation of a connection under TLS.
fn of_sealed(wire: &Wire, has_keys: bool) -> Conversation {
    let mut ledger = Ledger::new();
    let mut remarks = vec![if has_keys {
        Remark::NoSecret
    } else {
        Remark::Sealed
    }];
    for (direction, side) in [(Direction::Up, &wire.up), (Direction::Down, &wire.down)] {
        sealed::enter(&mut ledger, direction, &side.bytes, side.carried);
        let gap = side.gap.map(|(at, why)| crate::Gap { direction, at, why });
        remarks.extend(gap.map(Remark::Incomplete));
    }
    let mut one = bare(Kind::Tls, wire, ledger, remarks);
    one.terms.tls = sealed::version(&wire.down.bytes);
    if let Some(name) = sealed::name(&wire.up.bytes) {
        one.server = format!("{name}:{}", wire.server.port());
    }
    one
}

/// Adds another connection to a conversation of the same two.
pub(crate) fn join(known: &mut Conversation, one: Conversation) {
    known.connections += 1;
    known.ledger.merge(&one.ledger);
    let end =
        (known.figures.began + known.figures.lasted).max(one.figures.began + one.figures.lasted);
    known.figures.began = known.figures.began.min(one.figures.began);
    known.figures.lasted = end.saturating_sub(known.figures.began);
    for remark in one.remarks {
        if known.remarks.len() < MOST_REMARKS && !known.remarks.contains(&remark) {
            known.remarks.push(remark);
        }
    }
}

/// Makes the conversation of a connection without any exchange of HTTP.
fn other(wire: &Wire, ledger: Ledger) -> Conversation {
    let mut lost = Ledger::new();
    let mut remarks = leftover::enter_lost(wire, &mut lost);
    if !wire.up.has_begin && !wire.is_continued {
        remarks.push(Remark::BeganBefore);
    }
    bare(Kind::Other, wire, ledger, remarks)
}
