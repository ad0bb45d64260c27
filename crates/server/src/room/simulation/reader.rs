//! Readers in a simulation: one over a connection that stays open, and polls that are held.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use serde_json::Value;
use wire::{Framing, Kind, Seq};

use super::chance::Flag;
use crate::{
    net::{
        pipe::{self, PipeReader},
        stream::Stream,
    },
    room::{
        Room,
        entry::Encoding,
        log::{Start, Told},
        subscriber::{Subscriber, Woken},
    },
    settings::Settings,
};

/// An event as the model knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) kind: Kind,
    pub(super) from: String,
    /// The first word of a text.
    pub(super) text: Option<String>,
    pub(super) online: Option<u64>,
}

/// The things that readers may be told.
#[derive(Debug, Default)]
pub(super) struct Model {
    /// All events, in the order of their numbers.
    pub(super) said: Vec<Said>,
    /// The number of events that the log keeps.
    pub(super) capacity: u64,
    /// True if nobody who keeps up may miss anything.
    pub(super) presses: bool,
}

impl Model {
    pub(super) fn newest(&self) -> Seq {
        self.said.len() as u64
    }

    pub(super) fn before_oldest(&self) -> Seq {
        self.newest().saturating_sub(self.capacity)
    }

    /// Checks the event that follows `place`; returns its number.
    pub(super) fn check(&self, place: Seq, event: &Value) -> Result<Seq, String> {
        let seq = event["seq"].as_u64().ok_or("an event without a number")?;
        if seq != place + 1 {
            return Err(format!("event {seq} after place {place}"));
        }
        let wanted = (self.said.get(place as usize)).ok_or("an event that nobody said")?;
        let text = event["text"].as_str();
        let found = Said {
            kind: serde_json::from_value(event["kind"].clone()).map_err(|why| why.to_string())?,
            from: event["from"].as_str().unwrap_or_default().to_owned(),
            text: text.and_then(|text| Some(text.split(' ').next()?.to_owned())),
            online: event["online"].as_u64(),
        };
        if found != *wanted {
            return Err(format!("event {seq} is {found:?}, not {wanted:?}"));
        }
        Ok(seq)
    }

    /// Checks a batch for a reader at `place`; returns the place that follows.
    pub(super) fn check_batch(&self, place: Seq, batch: &Bytes) -> Result<Seq, String> {
        let batch: Value = serde_json::from_slice(batch).map_err(|why| why.to_string())?;
        let missed = self.before_oldest().saturating_sub(place);
        if batch["missed"] != missed {
            let told = &batch["missed"];
            return Err(format!("{told} missed from place {place}, not {missed}"));
        }
        let events = batch["events"].as_array().ok_or("a batch of no events")?;
        let next = events
            .iter()
            .try_fold(place + missed, |place, event| self.check(place, event))?;
        if next != self.newest() || batch["next"] != next {
            return Err(format!("a batch from {place} that ends at {next}"));
        }
        Ok(next)
    }
}

/// A reader over a connection that stays open.
pub(super) struct Reader {
    subscriber: Subscriber,
    heard: PipeReader,
    pub(super) flag: Arc<Flag>,
    pub(super) place: Seq,
    /// True until it was told that its place is of another log.
    anew: bool,
    has_heard: bool,
}

impl Reader {
    pub(super) fn begin(room: &Arc<Room>, start: Start, settings: &Arc<Settings>) -> Self {
        let (pipe, pipe_reader) = pipe::pipe();
        let stream = Stream::Piped(pipe);
        let encoding = Encoding::Line(Framing::Ndjson);
        Self {
            subscriber: Subscriber::register(stream, room, encoding, start, settings),
            heard: pipe_reader,
            flag: Flag::new(),
            place: start.place,
            anew: start.told == Told::Anew,
            has_heard: false,
        }
    }

    /// Takes one piece out of the socket; false if there is none.
    pub(super) fn take(&mut self, model: &Model) -> Result<bool, String> {
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(Some(Ok(piece))) = self.heard.poll_take(&mut context) else {
            return Ok(false);
        };
        for line in piece
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let line: Value = serde_json::from_slice(line).map_err(|why| why.to_string())?;
            self.hear(model, &line)?;
        }
        Ok(true)
    }

    fn hear(&mut self, model: &Model, line: &Value) -> Result<(), String> {
        if line["kind"] == "gap" {
            self.gap(model, line)?;
        } else if self.anew {
            return Err("an event before the news of another log".to_owned());
        } else {
            self.place = model.check(self.place, line)?;
        }
        self.has_heard = true;
        Ok(())
    }

    fn gap(&mut self, model: &Model, gap: &Value) -> Result<(), String> {
        let told = (gap["missed"].as_u64()).zip(gap["next"].as_u64());
        let (missed, next) = told.ok_or("a gap without numbers")?;
        let wanted = if self.anew {
            next.max(1)
        } else {
            next.saturating_sub(self.place)
        };
        if missed != wanted || next > model.before_oldest() {
            let place = self.place;
            return Err(format!("a gap of {missed} from {place} to {next}"));
        }
        if model.presses && self.has_heard && !self.anew {
            return Err(format!("a reader who kept up missed {missed}"));
        }
        (self.place, self.anew) = (next, false);
        Ok(())
    }

    /// Lets its own task go on, if it was woken.
    pub(super) fn poll(&mut self) -> Option<Poll<Woken>> {
        if !self.flag.is_raised() {
            return None;
        }
        self.flag.lower();
        let waker = Waker::from(Arc::clone(&self.flag));
        let mut context = Context::from_waker(&waker);
        Some(self.subscriber.poll_woken(&mut context))
    }
}

/// A poll that is held.
pub(super) struct Held {
    answer: Pin<Box<dyn Future<Output = Option<Bytes>>>>,
    pub(super) place: Seq,
    flag: Arc<Flag>,
}

impl Held {
    pub(super) fn begin(room: &Arc<Room>, place: Seq) -> Self {
        let room = Arc::clone(room);
        Self {
            answer: Box::pin(async move { room.wait_after(place).await }),
            place,
            flag: Flag::new(),
        }
    }

    /// Lets it go on, if it was woken.
    pub(super) fn poll(&mut self) -> Option<Poll<Option<Bytes>>> {
        if !self.flag.is_raised() {
            return None;
        }
        self.flag.lower();
        let waker = Waker::from(Arc::clone(&self.flag));
        Some(self.answer.as_mut().poll(&mut Context::from_waker(&waker)))
    }
}
