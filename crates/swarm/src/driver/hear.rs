//! The interpretation of a text from a server that numbers its events: our own, or one of a
//! library's protocol.

use std::rc::Rc;

use bytes::Bytes;
use wire::Kind;

use super::{comeback, delivery, publish, shard::Shard};
use crate::{
    decoded::EventInfo,
    failure::Failure,
    library::{self, Library, packet::Packet},
    measure::audit::{Audit, Verdict},
    socket::arrival::Stamp,
    transport::{
        Listener,
        reader::{Heard, Reader, Receiver},
    },
};

/// Takes what one step of listening brought.
pub(super) async fn hear(
    shard: &Rc<Shard>,
    reader: &Reader,
    listener: &mut Listener,
    audit: &mut Audit,
    heard: Heard,
) -> Result<(), Failure> {
    if let Some(library) = &reader.library {
        comeback::is_back(shard, reader);
        return hear_packets(shard, reader, library, listener, audit, heard).await;
    }
    match heard {
        Heard::Batch(body) => hear_batch(shard, reader, audit, &body),
        Heard::Text(text) => hear_text(shard, reader.receiver(), audit, &text),
    }
}

/// Takes what a library's server sent, and answers its ping.
async fn hear_packets(
    shard: &Rc<Shard>,
    reader: &Reader,
    library: &Library,
    listener: &mut Listener,
    audit: &mut Audit,
    heard: Heard,
) -> Result<(), Failure> {
    let is_answer = matches!(heard, Heard::Batch(_));
    let (Heard::Batch(bytes) | Heard::Text(bytes)) = heard;
    let protocol = library.protocol();
    let packets = shard.decoded.borrow_mut().packets(protocol, &bytes)?;
    let is_event =
        |packet: &&Packet| matches!(packet, Packet::Event(said) if said.kind != Kind::Gap);
    let events = packets.iter().filter(is_event).count();
    if is_answer || events > 0 {
        shard.tally.borrow_mut().exchange(events);
    }
    for packet in packets.iter() {
        match packet {
            Packet::Event(said) => take(shard, reader.receiver(), audit, said),
            Packet::Taken => publish::answered(shard, reader.person, true),
            Packet::Refused => refused(shard, reader.person),
            Packet::Ping => {
                let pong = listener.send(reader, library::PONG.to_owned());
                // Boxed, as a ping is rare.
                if let Some(pong) = Box::pin(pong).await? {
                    publish::send_frame(shard, reader.person, pong);
                }
            }
            Packet::Closed => return Err(Failure::Closed),
            Packet::Opened(_) | Packet::Connected | Packet::Nothing => {}
        }
    }
    Ok(())
}

fn refused(shard: &Rc<Shard>, person: usize) {
    shard.failed(&Failure::Refused);
    publish::answered(shard, person, false);
}

fn hear_batch(
    shard: &Rc<Shard>,
    reader: &Reader,
    audit: &mut Audit,
    body: &Bytes,
) -> Result<(), Failure> {
    if body.is_empty() && reader.foreign.is_some() {
        // One of the statuses that mean "nothing new".
        shard.tally.borrow_mut().exchange(0);
        return Ok(());
    }
    comeback::is_back(shard, reader);
    let batch = shard.decoded.borrow_mut().batch(body)?;
    let is_another_log = reader.resume.is_told(batch.epoch);
    if batch.missed > 0 {
        let place = batch
            .events
            .first()
            .map_or(batch.next, |event| event.seq.saturating_sub(1));
        if is_another_log {
            audit.began_anew(place);
            shard.tally.borrow_mut().another_log(place);
        } else {
            // Nobody asked for the epoch: it marks a place of another log.
            if batch.epoch.is_some() {
                audit.began_anew(place);
            } else {
                audit.moved_to(place);
            }
            shard.tally.borrow_mut().counts.miss(batch.missed);
        }
    }
    if audit.place().is_none() && batch.events.is_empty() {
        audit.moved_to(batch.next);
    }
    shard.tally.borrow_mut().exchange(batch.events.len());
    for event in &batch.events {
        hear_event(shard, reader.receiver(), audit, event);
    }
    Ok(())
}

/// Takes a line of a stream, or a frame.
pub(super) fn hear_text(
    shard: &Rc<Shard>,
    reader: Receiver<'_>,
    audit: &mut Audit,
    text: &[u8],
) -> Result<(), Failure> {
    let said = shard.decoded.borrow_mut().text(text)?;
    if matches!(said.kind, Kind::Message | Kind::Join | Kind::Leave) {
        shard.tally.borrow_mut().exchange(1);
    }
    take(shard, reader, audit, &said);
    Ok(())
}

/// Takes an event or a notice.
fn take(shard: &Rc<Shard>, reader: Receiver<'_>, audit: &mut Audit, said: &EventInfo) {
    match said.kind {
        Kind::Message | Kind::Join | Kind::Leave => hear_event(shard, reader, audit, said),
        Kind::Gap if reader.resume.is_told(said.epoch) => {
            audit.began_anew(said.next);
            shard.tally.borrow_mut().another_log(said.next);
        }
        Kind::Gap => {
            // No gap leads back but that of another log.
            if audit.place().is_some_and(|place| said.next < place) {
                audit.began_anew(said.next);
            } else {
                audit.moved_to(said.next);
            }
            shard.tally.borrow_mut().counts.miss(said.missed);
        }
        Kind::Error => refused(shard, reader.person),
        Kind::Said => publish::answered(shard, reader.person, true),
    }
}

fn hear_event(shard: &Rc<Shard>, reader: Receiver<'_>, audit: &mut Audit, event: &EventInfo) {
    let now = shard.run.clock.now();
    let verdict = audit.event(event.seq);
    let tag = {
        let mut tally = shard.tally.borrow_mut();
        match verdict {
            Verdict::New => {}
            Verdict::Late => tally.reordered += 1,
            Verdict::Double => {
                tally.duplicated += 1;
                return;
            }
        }
        // Others may speak in the room: what bears none of our tags is
        // followed but not counted.
        let Some(tag) = event.tag else {
            return;
        };
        tally.heard(reader.person, reader.place, tag, now, event.length);
        if reader.resume.is_undisturbed() {
            tally.undisturbed(tag, now);
        }
        if let Some((part, ns)) = shard.crossing(tag.index, now) {
            tally.crossed(tag, part, ns);
        }
        if tag.sent < reader.resume.back_at.get() {
            tally.comebacks.replayed(event.length);
        }
        if let Some(at) = reader.arrival.and_then(Stamp::at) {
            tally.arrived(tag, at, now);
        }
        tag
    };
    delivery::delivered(shard, reader, tag);
}
