//! A single client: comes in at its time, listens, checks what it hears, and comes back to
//! its place if its connection breaks.

use std::{pin::pin, rc::Rc, sync::Arc, time::Duration};

use super::{
    batch,
    comeback::{self, Comeback},
    enter, hear, hear_foreign, publish,
    shard::Shard,
};
use crate::{
    failure::Failure,
    foreign::ReaderState,
    library::Library,
    measure::audit::Audit,
    plan::Pacing,
    schedule,
    socket::arrival::Stamp,
    transport::{
        Listener, Opened,
        in_page::InPage,
        reader::{Heard, Reader},
        resume::Resume,
    },
};

/// The time between a broken connection and the next attempt.
const BREATH: Duration = Duration::from_millis(100);

/// Runs the reader `person`, at `place` among the people of the shard, until the shard
/// ends or the server is gone for good.
pub(crate) async fn run(shard: Rc<Shard>, person: usize, place: usize) {
    let plan = &shard.run.plan;
    let clock = shard.run.clock;
    let reader = Reader {
        network: Rc::clone(&shard.network),
        clock,
        person,
        place,
        room: plan.swarm.room_of(person),
        name: plan.swarm.presence.then(|| plan.swarm.named_after(person)),
        phase: shard.run.phases.get(person).copied().unwrap_or_default(),
        speaks: plan.speaks_and_listens(person)
            && shard
                .run
                .description
                .as_ref()
                .is_none_or(|description| description.speaks_on_socket()),
        wants_answers: plan.traffic.pacing == Pacing::Closed && plan.speaks_and_listens(person),
        // What a socket of several readers brought last need not be what this one reads.
        arrival: Stamp::for_place(place, shard.people(), clock).filter(|_| !shard.shares_sockets()),
        pool: shard.network.pools.of(person),
        foreign: shard.run.description.as_ref().map(|description| {
            let room = plan.swarm.room_of(person);
            let description = Arc::clone(description);
            let network = Rc::clone(&shard.network);
            Box::new(ReaderState::new(
                description,
                network,
                person,
                room,
                plan.traffic.publishers,
            ))
        }),
        library: Library::new(plan, person),
        in_page: InPage::new(plan),
        resume: Resume::new(plan, shard.call(person)),
    };
    let ramp = schedule::nanos(plan.swarm.ramp) as f64;
    let turn = (ramp * person as f64 / plan.swarm.clients as f64) as u64;
    clock.sleep_until(turn).await;
    let began = clock.now();
    let opened = match Box::pin(enter::in_turn(&shard, &reader, None)).await {
        Ok(opened) => Some(opened),
        Err(failure) if failure.is_refusal() && comes_back(&shard, &failure) => {
            Box::pin(comeback::from_the_door(&shard, &reader)).await
        }
        Err(failure) => {
            shard.failed(&failure);
            None
        }
    };
    if let Some(opened) = opened {
        shard.came(clock.now() - began);
        if shard.begins_together() {
            // Boxed, as few shards have such browsers.
            Box::pin(shard.until_begun()).await;
        }
        let skipped = listen(&shard, &reader, opened).await;
        shard
            .tally
            .borrow_mut()
            .failed("events skipped without a word from the server", skipped);
    }
    publish::remove(&shard, person);
    shard.gone();
}

/// Listens until the reader has no connection any more. Returns the number of events that the server
/// skipped without a notice.
async fn listen(shard: &Rc<Shard>, reader: &Reader, opened: Opened) -> u64 {
    let mut audit = Audit::new(opened.place);
    let (mut listener, mut sink) = (opened.listener, opened.sink);
    let mut over = pin!(shard.over.notified());
    let mut heard_since_opening = true;
    let mut comeback = None;
    let is_called = reader.resume.call.is_some();
    let reconnect = shard.run.plan.reconnect.as_ref();
    let patience = reconnect.and_then(|reconnect| reconnect.silence);
    let mut called = pin!(comeback::called(reader.resume.call.clone()));
    loop {
        let heard = tokio::select! {
            biased;
            heard = hear_next(
                shard,
                reader,
                &mut listener,
                &mut audit,
                &mut heard_since_opening,
            ) => heard,
            () = &mut over => {
                publish::remove(shard, reader.person);
                listener.close(sink).await;
                break;
            }
            () = &mut called, if is_called => {
                called.set(comeback::called(reader.resume.call.clone()));
                Box::pin(comeback::answer_call(shard, reader, &mut listener, &mut sink)).await
            }
            () = comeback::silent(patience), if patience.is_some() => {
                Err(comeback::give_up(shard))
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
        let opened = if comes_back(shard, &failure) {
            drop(std::mem::replace(&mut listener, Listener::Gone));
            let comeback = comeback
                .get_or_insert_with(|| Box::new(Comeback::new(&shard.run.plan, reader.person)));
            comeback.lost(shard, reader, &failure, heard_since_opening);
            tokio::select! {
                opened = Box::pin(comeback.come_back(shard, reader, audit.place())) => opened,
                () = &mut over => None,
            }
        } else {
            let wait = wait_after(shard, reader, &failure, heard_since_opening);
            come_in_again(shard, reader, audit.place(), wait).await
        };
        let Some(opened) = opened else {
            shard.stays_away();
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
    audit.skipped() + reader.foreign.as_deref().map_or(0, ReaderState::skipped)
}

/// Returns whether there is a policy by which a reader comes back after `failure`.
fn comes_back(shard: &Shard, failure: &Failure) -> bool {
    let policy = shard.run.plan.reconnect.as_ref();
    policy.is_some_and(|policy| comeback::tries_again(policy, failure))
}

/// Comes back once where no policy says how; `None` where there is no coming back.
async fn come_in_again(
    shard: &Rc<Shard>,
    reader: &Reader,
    place: Option<u64>,
    wait: Option<Duration>,
) -> Option<Opened> {
    let wait = wait?;
    if wait > BREATH {
        shard.waiting.borrow_mut().insert(reader.person, wait);
    }
    tokio::time::sleep(wait).await;
    shard.waiting.borrow_mut().remove(&reader.person);
    let opened = Box::pin(enter::in_turn(shard, reader, place)).await;
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
        return Some(place.and_then(ReaderState::retry).unwrap_or(BREATH));
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

/// Waits for what the listener brings next, and takes it; where the connection is read in a batch,
/// waits until there is something to do that the batch does not do.
async fn hear_next(
    shard: &Rc<Shard>,
    reader: &Reader,
    listener: &mut Listener,
    audit: &mut Audit,
    has_heard: &mut bool,
) -> Result<(), Failure> {
    batch::join(shard, reader, listener, audit, has_heard).await?;
    let heard = listener.next(reader, audit.place()).await?;
    if let Some(place) = reader.by_tags() {
        comeback::is_back(shard, reader);
        let is_answer = matches!(heard, Heard::Batch(_));
        let (Heard::Batch(text) | Heard::Text(text)) = heard;
        hear_foreign::hear(shard, reader, place, &text, is_answer);
        for frame in place.answers(&text) {
            if let Some(frame) = listener.send(reader, frame).await? {
                publish::send_frame(shard, reader.person, frame);
            }
        }
        return Ok(());
    }
    hear::hear(shard, reader, listener, audit, heard).await
}
