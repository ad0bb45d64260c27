//! A single client: comes in at its time, listens, checks what it hears, and comes back to
//! its place if its connection breaks.

use std::{pin::pin, rc::Rc, sync::Arc, time::Duration};

use bytes::Bytes;
use wire::Kind;

use crate::{
    arrival::Stamp,
    audit::{Audit, Verdict},
    comeback::{self, Comeback, Resume},
    draft::Tag,
    failure::Failure,
    foreign::{self, Place},
    gist::Gist,
    in_flight,
    library::{self, Library, packet::Packet},
    plan::Pacing,
    schedule,
    shard::Shard,
    transport::{Heard, Listener, Opened, Reader},
    voice,
};

/// Between a broken connection and the next attempt.
const BREATH: Duration = Duration::from_millis(100);

/// Lives as `person`, at `place` among the people of the shard, until the shard
/// ends or the server is gone for good.
pub(crate) async fn live(shard: Rc<Shard>, person: usize, place: usize) {
    let plan = &shard.run.plan;
    let clock = shard.run.clock;
    let reader = Reader {
        network: Rc::clone(&shard.network),
        clock,
        person,
        place,
        room: person % plan.rooms(),
        named: plan.swarm.presence,
        phase: shard.run.phases.get(person).copied().unwrap_or_default(),
        speaks: plan.speaks_and_listens(person)
            && shard
                .run
                .description
                .as_ref()
                .is_none_or(|description| description.speaks_on_socket()),
        wants_answers: plan.traffic.pacing == Pacing::Closed && plan.speaks_and_listens(person),
        arrival: Stamp::for_place(place, shard.people(), clock),
        foreign: shard.run.description.as_ref().map(|description| {
            let room = person % plan.rooms();
            let description = Arc::clone(description);
            let network = Rc::clone(&shard.network);
            Box::new(Place::new(
                description,
                network,
                person,
                room,
                plan.traffic.publishers,
            ))
        }),
        library: Library::new(plan, person),
        resume: Resume::new(plan, shard.call(person)),
    };
    let ramp = schedule::nanos(plan.swarm.ramp) as f64;
    let turn = (ramp * person as f64 / plan.swarm.clients as f64) as u64;
    clock.sleep_until(turn).await;
    let began = clock.now();
    match Box::pin(come_in(&shard, &reader, None)).await {
        Ok(opened) => {
            shard.came(clock.now() - began);
            let skipped = listen(&shard, &reader, opened).await;
            shard
                .tally
                .borrow_mut()
                .failed("events skipped without a word from the server", skipped);
        }
        Err(failure) => shard.failed(&failure),
    }
    voice::fall_silent(&shard, person);
    shard.gone();
}

/// Opens a listener when it is its turn, for not all open theirs at once.
async fn come_in(
    shard: &Rc<Shard>,
    reader: &Reader,
    place: Option<u64>,
) -> Result<Opened, Failure> {
    // The semaphore is never closed.
    let _turn = shard.opening.acquire().await;
    open(shard, reader, place).await
}

/// Opens a listener and, for a speaker, the way up: its sink is then taken.
/// To be boxed: for as long as it lives each person would keep room for this.
pub(crate) async fn open(
    shard: &Rc<Shard>,
    reader: &Reader,
    place: Option<u64>,
) -> Result<Opened, Failure> {
    if let Some(place) = &reader.foreign {
        place.open_session().await?;
    }
    let mut opened = Listener::open(&shard.run.plan.variant, reader, place).await?;
    let sink = opened.sink.take();
    opened.sink = voice::find(shard, reader.person, reader.library.as_ref(), sink).await?;
    Ok(opened)
}

/// Listens until there is nothing to listen to any more; how many events were
/// skipped without a word.
async fn listen(shard: &Rc<Shard>, reader: &Reader, opened: Opened) -> u64 {
    let mut audit = Audit::new(opened.place);
    let (mut listener, mut sink) = (opened.listener, opened.sink);
    let mut over = pin!(shard.over.notified());
    let mut heard_since_opening = true;
    let mut comeback = None;
    let is_called = reader.resume.call.is_some();
    let mut called = pin!(comeback::called(reader.resume.call.clone()));
    loop {
        let heard = tokio::select! {
            biased;
            heard = hear_next(shard, reader, &mut listener, &mut audit) => heard,
            () = &mut over => {
                voice::fall_silent(shard, reader.person);
                listener.close(sink).await;
                break;
            }
            () = &mut called, if is_called => {
                let lost = comeback::lose(shard, reader, &mut listener, sink.take());
                Err(Box::pin(lost).await)
            }
        };
        let failure = match heard {
            Ok(()) => {
                heard_since_opening = true;
                continue;
            }
            Err(failure) => failure,
        };
        shard.left();
        let opened = if shard.run.plan.reconnect.is_some() && failure.passes() {
            drop(std::mem::replace(&mut listener, Listener::Gone));
            let comeback = comeback
                .get_or_insert_with(|| Box::new(Comeback::new(&shard.run.plan, reader.person)));
            comeback.lost(shard, reader, heard_since_opening);
            tokio::select! {
                opened = Box::pin(comeback.come_back(shard, reader, audit.place())) => opened,
                () = &mut over => None,
            }
        } else {
            come_in_again(shard, reader, audit.place(), &failure, heard_since_opening).await
        };
        let Some(opened) = opened else {
            break;
        };
        if opened.place != audit.place() && shard.run.plan.loses_places() {
            audit.move_on(opened.place);
        }
        (listener, sink) = (opened.listener, opened.sink);
        shard.came_back();
        heard_since_opening = false;
        called.set(comeback::called(reader.resume.call.clone()));
    }
    audit.skipped() + reader.foreign.as_deref().map_or(0, Place::skipped)
}

/// Comes back once where no policy says how; `None` where there is no coming back.
async fn come_in_again(
    shard: &Rc<Shard>,
    reader: &Reader,
    place: Option<u64>,
    failure: &Failure,
    heard_since_opening: bool,
) -> Option<Opened> {
    let wait = wait_after(shard, reader, failure, heard_since_opening)?;
    tokio::time::sleep(wait).await;
    let opened = Box::pin(come_in(shard, reader, place)).await;
    opened.map_err(|failure| shard.failed(&failure)).ok()
}

/// Returns how long to wait before coming back; `None` where there is no coming back.
fn wait_after(
    shard: &Shard,
    reader: &Reader,
    failure: &Failure,
    heard_since_opening: bool,
) -> Option<Duration> {
    let place = reader.foreign.as_deref();
    if *failure == Failure::Ended {
        // A stream that ends in good order is opened again, as often as it ends
        // (WHATWG HTML, section 9.2.3).
        shard.tally.borrow_mut().stream_ends += 1;
        if reader.library.is_some() {
            // A library's client asks anew at once.
            return Some(Duration::ZERO);
        }
        return Some(place.and_then(Place::retry).unwrap_or(BREATH));
    }
    shard.failed(failure);
    if let Some(place) = place {
        place.forget_session();
    }
    if let Some(library) = &reader.library {
        library.forget();
    }
    // A server that takes connections only to drop them is gone, too.
    heard_since_opening.then_some(BREATH)
}

async fn hear_next(
    shard: &Rc<Shard>,
    reader: &Reader,
    listener: &mut Listener,
    audit: &mut Audit,
) -> Result<(), Failure> {
    let heard = listener.next(reader, audit.place()).await?;
    if let Some(place) = reader.by_tags() {
        comeback::is_back(shard, reader);
        let is_answer = matches!(heard, Heard::Batch(_));
        let (Heard::Batch(text) | Heard::Text(text)) = heard;
        foreign::hear(shard, reader, place, &text, is_answer);
        for frame in place.answers(&text) {
            if let Some(frame) = listener.send(reader, frame).await? {
                voice::send_frame(shard, reader.person, frame);
            }
        }
        return Ok(());
    }
    if let Some(library) = &reader.library {
        comeback::is_back(shard, reader);
        return hear_packets(shard, reader, library, listener, audit, heard).await;
    }
    match heard {
        Heard::Batch(body) => hear_batch(shard, reader, audit, &body),
        Heard::Text(text) => hear_text(shard, reader, audit, &text),
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
    let packets = shard.memory.borrow_mut().packets(protocol, &bytes)?;
    let is_event =
        |packet: &&Packet| matches!(packet, Packet::Event(said) if said.kind != Kind::Gap);
    let events = packets.iter().filter(is_event).count();
    if is_answer || events > 0 {
        shard.tally.borrow_mut().exchange(events);
    }
    for packet in packets.iter() {
        match packet {
            Packet::Event(said) => take(shard, reader, audit, said),
            Packet::Taken => voice::answered(shard, reader.person, true),
            Packet::Refused => refused(shard, reader),
            Packet::Ping => {
                let pong = listener.send(reader, library::PONG.to_owned());
                // Boxed, as a ping is rare.
                if let Some(pong) = Box::pin(pong).await? {
                    voice::send_frame(shard, reader.person, pong);
                }
            }
            Packet::Closed => return Err(Failure::Closed),
            Packet::Opened(_) | Packet::Connected | Packet::Nothing => {}
        }
    }
    Ok(())
}

fn refused(shard: &Rc<Shard>, reader: &Reader) {
    shard.failed(&Failure::Refused);
    voice::answered(shard, reader.person, false);
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
    let batch = shard.memory.borrow_mut().batch(body)?;
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
        hear_event(shard, reader, audit, event);
    }
    Ok(())
}

fn hear_text(
    shard: &Rc<Shard>,
    reader: &Reader,
    audit: &mut Audit,
    text: &Bytes,
) -> Result<(), Failure> {
    let said = shard.memory.borrow_mut().text(text)?;
    if matches!(said.kind, Kind::Message | Kind::Join | Kind::Leave) {
        shard.tally.borrow_mut().exchange(1);
    }
    take(shard, reader, audit, &said);
    Ok(())
}

/// Takes an event or a notice.
fn take(shard: &Rc<Shard>, reader: &Reader, audit: &mut Audit, said: &Gist) {
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
        Kind::Error => refused(shard, reader),
        Kind::Said => voice::answered(shard, reader.person, true),
    }
}

fn hear_event(shard: &Rc<Shard>, reader: &Reader, audit: &mut Audit, event: &Gist) {
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
        tally.heard(reader.person, tag, now, event.length);
        if tag.sent < reader.resume.back_at.get() {
            tally.comebacks.replayed(event.length);
        }
        if let Some(at) = reader.arrival.as_ref().and_then(Stamp::at) {
            tally.arrived(tag, at, now);
        }
        tag
    };
    delivered(shard, reader, tag);
}

/// A draft came to a reader, for the first time: what follows from it.
pub(crate) fn delivered(shard: &Rc<Shard>, reader: &Reader, tag: Tag) {
    shard.freshness.borrow_mut().heard(reader.place, tag.due);
    in_flight::heard(shard, reader.person, tag.index);
    shard.look_whether_complete();
}
