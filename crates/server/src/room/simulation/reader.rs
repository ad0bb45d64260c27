//! Readers in a simulation: one over a connection that stays open, and polls that are held.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use serde_json::{Value, json};
use wire::{Framing, Seq};

use super::{
    chance::Flag,
    model::{Model, Position},
};
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

/// A reader over a connection that stays open.
pub(super) struct Reader {
    subscriber: Subscriber,
    heard: PipeReader,
    pub(super) flag: Arc<Flag>,
    pub(super) place: Seq,
    /// The place that it came with, until it was told that this is one of another log.
    came_with: Option<Position>,
    has_heard: bool,
    /// The number of the last event that was taken before it came, though it may have been on its way
    /// to the disk: such events may push others out before it is given them.
    taken_before: Seq,
}

impl Reader {
    /// Lets a reader begin, which keeps the place that it came with until it is told of another log.
    pub(super) fn begin(
        room: &Arc<Room>,
        start: Start,
        came_with: Option<Position>,
        taken_before: Seq,
        settings: &Arc<Settings>,
    ) -> Self {
        let (pipe, pipe_reader) = pipe::pipe();
        let stream = Stream::Piped(pipe);
        let encoding = Encoding::Line(Framing::Ndjson);
        Self {
            subscriber: Subscriber::register(stream, room, encoding, start, settings),
            heard: pipe_reader,
            flag: Flag::new(),
            place: start.place,
            came_with: came_with.filter(|_| start.told == Told::Anew),
            has_heard: false,
            taken_before,
        }
    }

    /// Returns the place with which it would come back.
    pub(super) fn position(&self, model: &Model) -> Position {
        self.came_with.unwrap_or(Position {
            place: self.place,
            epoch: model.epoch,
        })
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
        } else if self.came_with.is_some() {
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
        let is_anew = self.came_with.is_some();
        let wanted = if is_anew {
            next.max(1)
        } else {
            next.saturating_sub(self.place)
        };
        if missed != wanted || next > model.before_oldest() {
            let place = self.place;
            return Err(format!("a gap of {missed} from {place} to {next}"));
        }
        if is_anew && gap["epoch"] != json!(model.epoch) {
            return Err(format!("another log is told by {gap}"));
        }
        let was_taken_before = next + model.capacity <= self.taken_before;
        if model.presses && self.has_heard && !is_anew && !was_taken_before {
            return Err(format!("a reader who kept up missed {missed}"));
        }
        (self.place, self.came_with) = (next, None);
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
