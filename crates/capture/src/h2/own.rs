//! The connections of HTTP/2 themselves: what crossed on them for the conversations on their streams,
//! and what belongs to none.

use std::collections::BTreeMap;

use dissect::{Fault, Ledger, Reason};

use super::{Connection, StreamRole, enter};
use crate::{
    Conversation, HttpVersion, Kind, Remark, account,
    exchange::{Bytes, Exchange},
    group::Group,
    judge, leftover,
    stretch::Wire,
};

/// The accounts of conversations that have streams of HTTP/2.
pub(crate) struct Entered {
    /// The ledger of each conversation, for the bytes of its streams.
    pub(crate) ledgers: Vec<Ledger>,
    /// Where a connection of a conversation broke the protocol.
    pub(crate) faults: BTreeMap<usize, Fault>,
    /// The bytes of connections that belong to no stream: for each two ends, one conversation.
    pub(crate) own: Vec<Conversation>,
}

/// Enters all connections into the ledgers of the conversations on them. `empty` says for each
/// conversation which of its exchanges brought nothing.
pub(crate) fn enter_all(
    wires: &[Wire],
    connections: Vec<Connection>,
    groups: &[Group],
    empty: &[Vec<bool>],
) -> Entered {
    let places = places(groups, empty);
    let mut ledgers = vec![Ledger::new(); groups.len()];
    let mut faults = BTreeMap::new();
    let mut own: BTreeMap<(String, String), Conversation> = BTreeMap::new();
    let none = BTreeMap::new();
    for connection in connections {
        let Some(wire) = wires.get(connection.number) else {
            continue;
        };
        let of_wire = places.get(&connection.number).unwrap_or(&none);
        let (ledger, fault) = enter(wire, &connection, of_wire, &mut ledgers);
        let (one, fault) = conversation(wire, connection, ledger, fault);
        for place in of_wire.values() {
            if let Some(fault) = fault {
                faults.entry(place.group).or_insert(fault);
            }
        }
        let key = (one.client.clone(), one.server.clone());
        match own.get_mut(&key) {
            Some(known) => judge::join(known, one),
            None => drop(own.insert(key, one)),
        }
    }
    Entered {
        ledgers,
        faults,
        own: own.into_values().collect(),
    }
}

/// Returns the places of all streams of each connection, by its number.
fn places(groups: &[Group], empty: &[Vec<bool>]) -> BTreeMap<usize, BTreeMap<u32, StreamRole>> {
    let mut places: BTreeMap<usize, BTreeMap<u32, StreamRole>> = BTreeMap::new();
    for (number, (group, empty)) in groups.iter().zip(empty).enumerate() {
        for (exchange, &is_empty) in group.exchanges.iter().zip(empty) {
            if let Bytes::Stream { wire, stream, .. } = exchange.bytes {
                let place = place(number, group.kind, exchange, is_empty);
                places.entry(wire).or_default().insert(stream, place);
            }
        }
    }
    places
}

fn place(group: usize, kind: Kind, exchange: &Exchange, is_empty: bool) -> StreamRole {
    StreamRole {
        group,
        reading: account::reading(kind, exchange),
        is_empty,
        is_tunnel: exchange.method == "CONNECT",
    }
}

/// Makes the conversation of what belongs to a connection and to no stream. A fault that only says
/// that the capture ended early is none.
fn conversation(
    wire: &Wire,
    connection: Connection,
    mut ledger: Ledger,
    fault: Option<Fault>,
) -> (Conversation, Option<Fault>) {
    let mut remarks = connection.remarks;
    remarks.extend(leftover::enter_lost(wire, &mut ledger));
    let is_ended = wire.up.has_end && wire.down.has_end && remarks.is_empty();
    let fault = fault.filter(|fault| is_ended || fault.reason != Reason::Truncated);
    remarks.extend(fault.map(Remark::Fault));
    if wire.reset {
        remarks.push(Remark::Reset);
    }
    let mut one = judge::bare(Kind::Http2, wire, ledger, remarks);
    one.terms.http = HttpVersion::V2;
    HttpVersion::V2.name().clone_into(&mut one.http);
    if let Some(server) = connection.server {
        one.server = server;
    }
    (one, fault)
}
