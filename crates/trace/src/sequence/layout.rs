//! The layout of the ladder: it converts times to heights.

use std::time::Duration;

use dissect::Direction;

use super::elements;
use crate::{Element, NoteKind, Record};

/// The height of the first moment.
const TOP: f64 = 96.0;
/// The smallest distance between two moments that differ.
const STEP: f64 = 3.0;
/// The height that a pause of a millisecond adds, and the largest height of a pause.
const PAUSE: f64 = 7.0;
const LONGEST_PAUSE: f64 = 46.0;
/// The height of a line of words over its rung, and from one rung to the next.
const ABOVE: f64 = 18.0;
const WORDS: f64 = 27.0;
/// The height of a step's title.
const TITLE: f64 = 34.0;
/// The shortest silence that is labelled.
const SILENCE: Duration = Duration::from_millis(50);

/// A rung of the ladder: an element that was sent.
pub(super) struct Rung {
    pub(super) element: Element,
    /// The heights of its ends at the client and at the server.
    pub(super) client: f64,
    pub(super) server: f64,
}

/// A step's title, or another person's word.
pub(super) struct Mark {
    pub(super) kind: NoteKind,
    pub(super) text: String,
    pub(super) at: Duration,
    pub(super) y: f64,
}

/// The height in the middle of a silence, and the duration of the silence.
pub(super) struct Silence {
    pub(super) y: f64,
    pub(super) time: Duration,
}

/// A laid-out ladder.
pub(super) struct Layout {
    pub(super) rungs: Vec<Rung>,
    pub(super) marks: Vec<Mark>,
    pub(super) silences: Vec<Silence>,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// An event at one moment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Note(usize),
    Client(usize),
    Server(usize),
}

/// Lays out a trace.
pub(super) fn layout(record: &Record) -> Layout {
    let elements = elements(record);
    let mut pen = Pen::default();
    let mut rungs: Vec<Rung> = Vec::new();
    for element in &elements {
        rungs.push(Rung {
            element: element.clone(),
            client: TOP,
            server: TOP,
        });
    }
    let mut marks = Vec::new();
    let mut silences = Vec::new();
    let mut before = Duration::ZERO;
    for (at, moment) in moments(record, &elements) {
        let pause = at.saturating_sub(before);
        let previous = pen.y;
        pen.y += height(pause);
        before = at;
        match moment {
            Moment::Note(index) => {
                let note = &record.notes[index];
                pen.note(note.kind);
                marks.push(Mark {
                    kind: note.kind,
                    text: note.text.clone(),
                    at,
                    y: pen.y,
                });
            }
            Moment::Client(index) => rungs[index].client = pen.words(),
            Moment::Server(index) => rungs[index].server = pen.y,
        }
        if pause >= SILENCE && record.delay < pause / 2 {
            silences.push(Silence {
                y: f64::midpoint(previous, pen.y),
                time: pause,
            });
        }
    }
    if record.delay.is_zero() {
        // Nothing is known of the server's end but that it is near.
        for rung in &mut rungs {
            rung.server = rung.client;
        }
    }
    Layout {
        rungs,
        marks,
        silences,
        top: TOP,
        bottom: pen.y + WORDS,
    }
}

/// The height at which to draw next, and the height down to which there are words already.
struct Pen {
    y: f64,
    words_end: f64,
}

impl Default for Pen {
    fn default() -> Self {
        Self {
            y: TOP,
            words_end: TOP - WORDS,
        }
    }
}

impl Pen {
    fn note(&mut self, kind: NoteKind) {
        match kind {
            NoteKind::Step => {
                self.y = self.y.max(self.words_end) + TITLE;
                self.words_end = self.y + 10.0;
            }
            NoteKind::Other => {
                self.y = self.y.max(self.words_end + 14.0);
                self.words_end = self.y + 4.0;
            }
        }
    }

    /// Returns a rung's end at the client, where its words stand.
    fn words(&mut self) -> f64 {
        self.y = self.y.max(self.words_end + ABOVE);
        self.words_end = self.y + WORDS - ABOVE;
        self.y
    }
}

fn height(pause: Duration) -> f64 {
    if pause.is_zero() {
        return 0.0;
    }
    let pause = pause.as_secs_f64() * 1e3;
    (STEP + PAUSE * pause.ln_1p()).min(LONGEST_PAUSE)
}

fn moments(record: &Record, elements: &[Element]) -> Vec<(Duration, Moment)> {
    let notes = record.notes.iter().enumerate();
    let mut moments: Vec<(Duration, Moment)> = notes
        .map(|(index, note)| (note.at, Moment::Note(index)))
        .collect();
    for (index, element) in elements.iter().enumerate() {
        moments.push((element.at, Moment::Client(index)));
        if !record.delay.is_zero() {
            let server = match element.direction {
                Direction::Up => element.at + record.delay,
                Direction::Down => element.at.saturating_sub(record.delay),
            };
            moments.push((server, Moment::Server(index)));
        }
    }
    moments.sort();
    moments
}
