//! The streams of a connection as exchanges.

use dissect::Direction;

use super::{
    Connection,
    half::{self, Fields, Half, Halves},
};
use crate::{
    Gap, Remark,
    content::Brought,
    exchange::{Answer, Bytes, Exchange, Socket},
    frames,
    head::Head,
    split,
    stretch::Wire,
    terms::{HttpVersion, Path},
};

/// Returns the exchanges of a connection, and notes in it what could not be told. `budget` is how
/// many bytes of header fields may still be kept.
pub(crate) fn exchanges(
    wire: &Wire,
    connection: &mut Connection,
    budget: &mut usize,
) -> Vec<Exchange> {
    let [mut up, mut down] = Direction::ALL.map(|way| half::read(wire, connection, way, budget));
    let gaps = gaps(wire, &mut connection.remarks, [&up, &down]);
    let mut found = Vec::new();
    let mut unknown = 0;
    for (number, mut asked) in std::mem::take(&mut up.streams) {
        let answered = down.streams.remove(&number).unwrap_or_default();
        let Some(head) = asked.head.take() else {
            // A stream that was only reset, or whose head is lost, has no request.
            unknown += u64::from(!asked.content.is_empty() || answered.head.is_some());
            continue;
        };
        let mut one = exchange(wire, connection.number, number, &head, &asked, answered);
        add_remarks(&mut one, wire, &gaps);
        found.push(one);
    }
    let rest = down.streams.values();
    let rest = rest.filter(|half| half.head.is_some() || !half.content.is_empty());
    unknown += rest.count() as u64;
    if unknown > 0 {
        connection.remarks.push(Remark::UnknownStreams(unknown));
    }
    connection.server = found.first().map(|one| one.server.clone());
    found
}

/// Returns the places from which on something is missing, and notes those that only this reading
/// has found.
fn gaps(wire: &Wire, remarks: &mut Vec<Remark>, halves: [&Halves; 2]) -> Vec<Gap> {
    let own = halves.into_iter().filter_map(|half| half.gap);
    let own: Vec<Gap> = own.collect();
    remarks.extend(own.iter().copied().map(Remark::Incomplete));
    let sides = [(Direction::Up, &wire.up), (Direction::Down, &wire.down)];
    let of_wire = sides.into_iter().filter_map(|(direction, side)| {
        let (at, why) = side.gap?;
        Some(Gap { direction, at, why })
    });
    of_wire.chain(own).collect()
}

/// Says why an exchange has no end.
fn add_remarks(one: &mut Exchange, wire: &Wire, gaps: &[Gap]) {
    let is_over = wire.up.has_end || wire.down.has_end || wire.reset;
    let is_reset = one.remarks.contains(&Remark::Reset);
    if one.is_whole || is_reset {
        return;
    }
    if gaps.is_empty() && is_over {
        one.remarks.push(Remark::CutOff);
    }
    one.remarks
        .extend(gaps.iter().copied().map(Remark::Incomplete));
}

/// Makes the exchange of one stream.
fn exchange(
    wire: &Wire,
    number: usize,
    stream: u32,
    head: &Fields,
    asked: &Half,
    answered: Half,
) -> Exchange {
    let method = head.pseudo(":method").unwrap_or("GET").to_owned();
    let target = head.pseudo(":path").unwrap_or("").to_owned();
    let packed = [
        head.packed,
        answered.head.as_ref().map_or(0, |head| head.packed),
    ];
    let is_partial = head.is_partial || answered.head.as_ref().is_some_and(|head| head.is_partial);
    let request = request_head(&method, &target, head);
    let socket = socket(head, asked, &answered);
    let is_reset = asked.is_reset || answered.is_reset;
    let mut one = Exchange {
        client: wire.client.ip().to_string(),
        server: server(wire, head),
        lane: wire.lane,
        round_trip: wire.round_trip,
        path: Path {
            tls: wire.tls,
            http: HttpVersion::V2,
            trip: Some(wire.round_trip).filter(|trip| !trip.is_zero()),
        },
        method,
        target,
        at: asked.at,
        asked: if socket.is_some() {
            asked.headed
        } else {
            asked.sent
        },
        sent: match &socket {
            Some(_) => Brought::of(&[], None),
            None => Brought::of(&asked.content, request.field("content-encoding").as_deref()),
        },
        request,
        answer: None,
        end: asked.end.max(answered.end),
        bytes: Bytes::Stream {
            wire: number,
            stream,
            packed,
        },
        socket,
        is_whole: answered.is_ended && answered.head.is_some(),
        extra: None,
        remarks: Vec::new(),
    };
    if let Some(socket) = &one.socket {
        let is_ended = asked.is_ended && answered.is_ended;
        one.is_whole = is_ended || socket.said.is_closed || socket.heard.is_closed;
    }
    if !one.is_whole && is_reset {
        one.remarks.push(Remark::Reset);
    } else if !one.is_whole {
        // It was open for as long as anything was seen of the connection.
        one.end = wire.last;
    }
    if is_partial {
        one.remarks.push(Remark::UnknownFields);
    }
    one.answer = answer(answered, one.socket.is_some());
    one
}

/// Returns the name by which the client calls the server.
fn server(wire: &Wire, head: &Fields) -> String {
    let named = head.pseudo(":authority").filter(|name| !name.is_empty());
    let mut fields = head.plain.iter();
    let host = fields.find(|field| field.0 == "host");
    let named = named.or(host.map(|field| field.1.as_str()));
    named.map_or_else(|| wire.server.to_string(), str::to_owned)
}

/// Returns the head of a request as HTTP/1.1 would write it.
fn request_head(method: &str, target: &str, head: &Fields) -> Head {
    let host = head.pseudo(":authority").map(|name| ("host", name));
    let protocol = head.pseudo(":protocol").map(|name| ("upgrade", name));
    let fields = host.into_iter().chain(protocol).chain(plain(head));
    Head::written(&format!("{method} {target} HTTP/1.1"), fields)
}

fn plain(head: &Fields) -> impl Iterator<Item = (&str, &str)> {
    let fields = head.plain.iter();
    fields.map(|(name, value)| (name.as_str(), value.as_str()))
}

/// Returns the WebSocket that a stream has become (RFC 8441), if it has.
fn socket(head: &Fields, asked: &Half, answered: &Half) -> Option<Box<Socket>> {
    let is_asked =
        head.pseudo(":method") == Some("CONNECT") && head.pseudo(":protocol") == Some("websocket");
    let answer = answered.head.as_ref().filter(|_| is_asked)?;
    let is_agreed = answer
        .status()
        .is_some_and(|status| (200..300).contains(&status));
    is_agreed.then(|| {
        let written = Head::written("HTTP/1.1 200", plain(answer));
        let read =
            |half: &Half, without| frames::read(&half.content, split::deflate(&written, without));
        Box::new(Socket {
            down: 0,
            said: read(asked, "client_no_context_takeover"),
            heard: read(answered, "server_no_context_takeover"),
        })
    })
}

/// Returns the answer of a stream, if there is one.
fn answer(half: Half, is_socket: bool) -> Option<Answer> {
    let fields = half.head?;
    let status = match fields.status() {
        Some(status) => status,
        // Of a connection that was open before, a status may be known only from an earlier head.
        None if fields.is_partial => 200,
        None => return None,
    };
    let head = Head::written(&format!("HTTP/1.1 {status}"), plain(&fields));
    let content: &[u8] = if is_socket {
        &[]
    } else {
        half.content.as_slice()
    };
    let brought = Brought::of(content, head.field("content-encoding").as_deref());
    let has_length = head.field("content-length").is_some();
    Some(Answer {
        status,
        at: half.at,
        brought,
        chunks: if has_length || is_socket {
            Vec::new()
        } else {
            half.pieces
        },
        head,
    })
}
