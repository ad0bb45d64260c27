//! A server that is not ours, as `[target]` describes it: what is sent instead
//! of our contract's requests.
//!
//! One [`Description`] is made for each run. What a single reader keeps of the
//! answers, its place, is in `place`; what it makes of a message, in `hear`.

mod altered;
mod hear;
mod place;

use std::{process, time::SystemTime};

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value as Json;

use crate::{
    audit::Numbered,
    draft,
    plan::{Foreign, Message, Pacing, Plan, Variant},
    schedule::{Due, Schedule},
    template::{Template, Value},
};

pub(crate) use hear::hear;
pub(crate) use place::Place;

/// How to talk to a server, ready to be used.
#[derive(Debug)]
pub(crate) struct Description {
    foreign: Foreign,
    path: Template,
    headers: Vec<(HeaderName, Template)>,
    say_path: Option<Template>,
    say_headers: Vec<(HeaderName, Template)>,
    /// Seconds that a long poll may be held.
    hold: String,
    /// Ends the names of this run's rooms: a server that runs on from run to
    /// run may keep what was said in rooms of the same name.
    token: String,
    numbers: Numbers,
}

/// Where each draft stands in its room.
#[derive(Debug)]
enum Numbers {
    /// By the draft's index.
    Scheduled(Vec<Numbered>),
    /// Without a schedule rooms and publishers take turns.
    InTurn { rooms: usize, publishers: usize },
}

impl Description {
    /// The one of `plan`; `None` where it keeps our own contract.
    ///
    /// # Errors
    /// The first text in it that cannot be used, and why.
    pub(crate) fn new(plan: &Plan, schedule: &Schedule) -> Result<Option<Self>, String> {
        let Some(foreign) = plan.foreign.clone() else {
            return Ok(None);
        };
        let hold = match plan.variant {
            Variant::LongPoll { hold, .. } => hold.as_secs_f64().to_string(),
            _ => String::new(),
        };
        let say_path = foreign.say.path.as_deref().map(template).transpose()?;
        Ok(Some(Self {
            path: template(&foreign.read.path)?,
            headers: lines(&foreign.read.headers)?,
            say_path,
            say_headers: lines(&foreign.say.headers)?,
            hold,
            token: token(),
            numbers: Numbers::new(plan, schedule),
            foreign,
        }))
    }

    /// Whether messages are found by their tags.
    pub(crate) fn goes_by_tags(&self) -> bool {
        self.foreign.message == Message::Draft
    }

    /// Whether a message brings the text that was said, letter by letter.
    pub(crate) const fn keeps_texts(&self) -> bool {
        !self.foreign.transforms
    }

    /// Whether an answer with this status says that there is nothing new.
    pub(crate) fn is_empty(&self, status: u16) -> bool {
        self.foreign.read.empty.contains(&status)
    }

    /// Whether an answer with this status says that a draft was taken.
    pub(crate) fn takes(&self, status: u16) -> bool {
        let taken = &self.foreign.say.taken;
        taken.contains(&status) || (taken.is_empty() && (200..300).contains(&status))
    }

    /// Whether who reads over a WebSocket also speaks on it.
    pub(crate) const fn speaks_on_socket(&self) -> bool {
        self.foreign.say.on_socket
    }

    /// What is sent for a draft whose JSON is `draft`.
    pub(crate) fn body(&self, draft: Bytes) -> Bytes {
        let body = &self.foreign.say.body;
        if body == "{draft}" {
            return draft;
        }
        // Our own JSON, so it is UTF-8.
        let text = String::from_utf8_lossy(&draft);
        let quoted = Json::from(&*text).to_string();
        Bytes::from(
            body.replace("{draft_text}", &quoted)
                .replace("{draft}", &text),
        )
    }

    /// Where `person` posts what it says in `room`.
    pub(crate) fn say_path(&self, person: usize, room: usize) -> String {
        let path = self.say_path.as_ref();
        path.map_or_else(String::new, |path| {
            path.fill(|value| self.fixed(value, person, room)).0
        })
    }

    /// Puts the header lines of a POST over those that are there.
    pub(crate) fn add_say_headers(&self, headers: &mut HeaderMap, person: usize, room: usize) {
        add(&self.say_headers, headers, |value| {
            self.fixed(value, person, room)
        });
    }

    /// Where the draft with this index stands; `None` for an index of no draft.
    fn numbered(&self, index: usize) -> Option<Numbered> {
        self.numbers.of(index)
    }

    /// What fills a hole whatever was answered.
    fn fixed(&self, value: &Value, person: usize, room: usize) -> Option<String> {
        match value {
            Value::Room => Some(format!("{}-{}", draft::room_name(room), self.token)),
            Value::Person => Some(draft::person_name(person)),
            Value::Hold => Some(self.hold.clone()),
            Value::Seq | Value::Id | Value::Header(_) | Value::Json(_) => None,
        }
    }
}

impl Numbers {
    fn new(plan: &Plan, schedule: &Schedule) -> Self {
        if matches!(plan.pacing, Pacing::InFlight { .. }) {
            return Self::InTurn {
                rooms: plan.rooms,
                publishers: plan.publishers,
            };
        }
        let mut said = vec![0; plan.rooms];
        let number = |due: &Due| {
            let room = due.room as usize;
            said[room] += 1;
            Numbered {
                room,
                seq: said[room],
                publisher: due.publisher as usize,
            }
        };
        Self::Scheduled(schedule.drafts().iter().map(number).collect())
    }

    fn of(&self, index: usize) -> Option<Numbered> {
        match *self {
            Self::Scheduled(ref drafts) => drafts.get(index).copied(),
            Self::InTurn { publishers: 0, .. } => None,
            Self::InTurn { rooms, publishers } => Some(Numbered {
                room: index % rooms,
                seq: (index / rooms) as u64 + 1,
                publisher: index / rooms % publishers,
            }),
        }
    }
}

/// Whether `text` is a template; with what is wrong with it, if it is none.
fn template(text: &str) -> Result<Template, String> {
    Template::parse(text).map_err(|error| format!("{text:?}: {error}"))
}

fn lines(lines: &[String]) -> Result<Vec<(HeaderName, Template)>, String> {
    let read = |line: &String| {
        let wrong = || format!("{line:?} is no header line; \"X-Token: 1234\" would work");
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let name = name.trim().parse().map_err(|_| wrong())?;
        Ok((name, template(value.trim())?))
    };
    lines.iter().map(read).collect()
}

/// Puts lines over those that are there. One that is not whole is left out, and
/// so is one that an answer filled with what no header can hold.
fn add(
    lines: &[(HeaderName, Template)],
    headers: &mut HeaderMap,
    known: impl Fn(&Value) -> Option<String>,
) {
    for (name, template) in lines {
        let (text, whole) = template.fill(&known);
        if whole && let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name.clone(), value);
        }
    }
}

/// Eight digits that no other run has, whenever it was.
fn token() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    // Ten thousandths of a second last for five days; the process tells apart
    // what begins within one of them.
    let tenths = now.unwrap_or_default().as_micros() / 100;
    format!("{:08x}", (tenths as u32).wrapping_add(process::id() << 16))
}
