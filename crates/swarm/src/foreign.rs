//! A server that is not ours, as `[target]` describes it: what is sent instead
//! of our contract's requests.
//!
//! Each run makes a single [`Description`]. The module `reader_state` holds what a single reader
//! keeps of the answers, and `altered` tells whether a message is whole.

pub(crate) mod altered;
mod frames;
mod holes;
mod lookup;
mod reader_state;
mod said;
mod session;

use hyper::header::{COOKIE, HOST, HeaderMap, HeaderName, HeaderValue};

use crate::{
    draft,
    measure::audit::Numbered,
    plan::{Foreign, Further, Message, Method, Pacing, Plan, Swarm, within_body},
    schedule::{Due, Schedule},
    template::{Hole, Template, Value, Within},
    token::token,
};

pub(crate) use frames::{FirstStep, Frames, Pattern};
pub(crate) use holes::Holes;
pub(crate) use reader_state::ReaderState;
pub(crate) use said::Said;

/// A description of how to talk to a server, ready to be used.
#[derive(Debug)]
pub(crate) struct Description {
    foreign: Foreign,
    /// The people, of whom several may have one name.
    swarm: Swarm,
    path: Template,
    headers: Vec<(HeaderName, Template)>,
    body: Option<Template>,
    frames: Frames,
    say: said::Saying,
    session: Option<session::Opening>,
    /// The values that are read from the answer that opens a session, each with its
    /// notation.
    session_holes: Vec<(Value, String)>,
    /// The holes that are filled from answers to readers.
    holes: Holes,
    /// The time that a long poll may be held, in seconds, as text.
    hold: String,
    /// The end of the names of this run's rooms: a server that lasts from run to run may keep what
    /// was said in rooms of the same name.
    token: String,
    numbers: Numbers,
}

/// The number of each draft in its room.
#[derive(Debug)]
enum Numbers {
    /// The numbers by the draft's index.
    Scheduled(Vec<Numbered>),
    /// The numbers without a schedule: rooms and publishers take turns.
    InTurn { rooms: usize, publishers: usize },
}

impl Description {
    /// Creates the description of `plan`; `None` if the server keeps our own contract.
    ///
    /// # Errors
    /// Fails with the first text in it that cannot be used, and the reason.
    pub(crate) fn new(plan: &Plan, schedule: &Schedule) -> Result<Option<Self>, String> {
        let Some(foreign) = plan.foreign.clone() else {
            return Ok(None);
        };
        let hold = plan.variant.hold();
        let hold = hold.map_or_else(String::new, |hold| hold.as_secs_f64().to_string());
        let read = &foreign.read;
        let (path, headers) = (template(&read.path, Within::Url)?, lines(&read.headers)?);
        let body = body(&read.body, &read.headers)?;
        let session = foreign.session.as_ref().map(opening).transpose()?;
        let frames = Frames::of(read)?;
        let say = said::Saying::of(&foreign.say, read.within_frames())?;
        let lines = headers.iter().map(|(_, line)| line);
        let asked: Vec<&Template> = [&path].into_iter().chain(lines).chain(&body).collect();
        let all = asked.iter().copied().chain(frames.templates());
        let then = session.iter().flat_map(|opening| &opening.then);
        let then = then.flat_map(session::Opening::templates);
        let session_holes = session_holes(all.chain(say.templates()).chain(then));
        Ok(Some(Self {
            holes: Holes::of(asked.into_iter()),
            session,
            session_holes,
            path,
            headers,
            body,
            frames,
            say,
            hold,
            token: token(),
            numbers: Numbers::new(plan, schedule),
            swarm: plan.swarm.clone(),
            foreign,
        }))
    }

    /// Returns whether messages are found by their tags.
    pub(crate) fn goes_by_tags(&self) -> bool {
        self.foreign.message == Message::Draft
    }

    /// Returns whether a message contains the text that was sent, letter by letter.
    pub(crate) const fn keeps_texts(&self) -> bool {
        !self.foreign.transforms
    }

    /// Returns whether an answer with this status means that there is nothing new.
    pub(crate) fn is_empty(&self, status: u16) -> bool {
        self.foreign.read.empty.contains(&status)
    }

    /// Returns whether readers ask in a way that changes nothing.
    pub(crate) fn asks_by_get(&self) -> bool {
        self.foreign.read.method == Method::Get
    }

    /// Returns whether an answer with this status means that a draft was taken.
    pub(crate) fn takes(&self, status: u16) -> bool {
        let taken = &self.foreign.say.taken;
        taken.contains(&status) || (taken.is_empty() && (200..300).contains(&status))
    }

    /// Returns whether a person who reads over a WebSocket also speaks on it.
    pub(crate) const fn speaks_on_socket(&self) -> bool {
        self.foreign.say.on_socket
    }

    /// Returns whether frames of a WebSocket are bytes and no texts.
    pub(crate) const fn is_binary(&self) -> bool {
        self.foreign.read.binary
    }

    /// Returns the frames that a WebSocket carries beside drafts.
    pub(crate) const fn frames(&self) -> &Frames {
        &self.frames
    }

    /// Returns the holes that answers to readers fill.
    pub(crate) const fn holes(&self) -> &Holes {
        &self.holes
    }

    /// Returns the number of the draft with this index; `None` if there is no such draft.
    pub(crate) fn numbered(&self, index: usize) -> Option<Numbered> {
        self.numbers.of(index)
    }

    /// Returns the name of a room of this run.
    pub(crate) fn room_name(&self, room: usize) -> String {
        format!("{}-{}", draft::room_name(room), self.token)
    }

    /// Returns the text of a hole that does not depend on answers.
    fn fixed(&self, value: &Value, person: usize, room: usize) -> Option<String> {
        match value {
            Value::Room => Some(self.room_name(room)),
            Value::Person => Some(draft::person_name(self.swarm.named_after(person))),
            Value::Hold => Some(self.hold.clone()),
            _ => None,
        }
    }
}

impl Numbers {
    fn new(plan: &Plan, schedule: &Schedule) -> Self {
        if matches!(plan.traffic.pacing, Pacing::InFlight { .. }) {
            return Self::InTurn {
                rooms: plan.rooms(),
                publishers: plan.traffic.publishers,
            };
        }
        let mut said = vec![0; plan.rooms()];
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

/// Returns the method as HTTP writes it.
fn method(method: Method) -> hyper::Method {
    match method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
        Method::Put => hyper::Method::PUT,
        Method::Patch => hyper::Method::PATCH,
    }
}

/// Parses `text` as a template; returns a message with the reason if it is none.
fn template(text: &str, within: Within) -> Result<Template, String> {
    Template::parse(text, within).map_err(|error| format!("{text:?}: {error}"))
}

/// Returns a body that goes with `headers`, which say whether it is a form.
fn body(text: &str, headers: &[String]) -> Result<Option<Template>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    Ok(Some(template(text, within_body(headers))?))
}

fn opening(opening: &crate::plan::Opening) -> Result<session::Opening, String> {
    let further = |further: &Further| {
        Ok::<_, String>(session::Opening {
            method: method(further.method),
            path: template(&further.path, Within::Url)?,
            headers: lines(&further.headers)?,
            body: body(&further.body, &further.headers)?,
            then: Vec::new(),
        })
    };
    let then: Result<Vec<_>, _> = opening.then.iter().map(further).collect();
    Ok(session::Opening {
        method: method(opening.method),
        path: template(&opening.path, Within::Url)?,
        headers: lines(&opening.headers)?,
        body: body(&opening.body, &opening.headers)?,
        then: then?,
    })
}

/// Returns the values that are read from the answer that opens a session, each once and with its
/// notation.
fn session_holes<'a>(templates: impl Iterator<Item = &'a Template>) -> Vec<(Value, String)> {
    let mut found: Vec<(Value, String)> = Vec::new();
    let is_told = |hole: &&Hole| {
        use Value::{Session, SessionCookie, SessionHeader};
        matches!(hole.value, Session(_) | SessionHeader(_) | SessionCookie(_))
    };
    for hole in templates.flat_map(Template::holes).filter(is_told) {
        if !found.iter().any(|(value, _)| *value == hole.value) {
            found.push((hole.value.clone(), hole.source.clone()));
        }
    }
    found
}

fn lines(lines: &[String]) -> Result<Vec<(HeaderName, Template)>, String> {
    let read = |line: &String| {
        let wrong = || format!("{line:?} is no header line; \"X-Token: 1234\" would work");
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let name = name.trim().parse().map_err(|_| wrong())?;
        Ok((name, template(value.trim(), Within::Header)?))
    };
    lines.iter().map(read).collect()
}

/// Sets header lines in place of those of the same names that are there. A line with a hole that nothing
/// filled is left out, and so is one that an answer filled with what no header can hold.
fn add(
    lines: &[(HeaderName, Template)],
    headers: &mut HeaderMap,
    known: impl Fn(&Value) -> Option<String>,
) {
    let mut set: Vec<&HeaderName> = Vec::new();
    for (name, template) in lines {
        let (text, whole) = template.fill(&known);
        let Some(value) = HeaderValue::from_str(&text).ok().filter(|_| whole) else {
            continue;
        };
        if set.contains(&name) {
            add_another(headers, name, value);
        } else {
            headers.insert(name.clone(), value);
            set.push(name);
        }
    }
}

/// Adds a line to one of the same name: both are one list (RFC 9110, section 5.3). Cookies go in one line
/// (RFC 6265, section 5.4), and there is one host.
fn add_another(headers: &mut HeaderMap, name: &HeaderName, value: HeaderValue) {
    if *name == HOST {
        headers.insert(name.clone(), value);
        return;
    }
    if *name == COOKIE
        && let Some(line) = headers.get_mut(COOKIE)
    {
        let both = [line.as_bytes(), b"; ", value.as_bytes()].concat();
        if let Ok(both) = HeaderValue::from_bytes(&both) {
            *line = both;
        }
        return;
    }
    headers.append(name.clone(), value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_name_are_all_sent_and_take_the_place_of_others() {
        let lines = [
            "Accept: a/b",
            "X-Place: {id}",
            "accept: c/d",
            "Cookie: sid={session cookie sid}",
            "Cookie: lang=en",
            "Cookie: to={header X}",
            "Host: a",
            "Host: b",
        ];
        let lines = super::lines(&lines.map(str::to_owned)).unwrap();
        let mut headers = HeaderMap::new();
        for name in ["accept", "x-place", "cookie", "x-other"] {
            headers.insert(name, HeaderValue::from_static("before"));
        }
        add(&lines, &mut headers, |value| {
            matches!(value, Value::SessionCookie(_)).then(|| "7".to_owned())
        });
        for (name, values) in [
            ("accept", &["a/b", "c/d"][..]),
            ("x-place", &["before"]),
            ("cookie", &["sid=7; lang=en"]),
            ("host", &["b"]),
            ("x-other", &["before"]),
        ] {
            let sent = headers.get_all(name).iter();
            let sent: Vec<&str> = sent.map(|line| line.to_str().unwrap()).collect();
            assert_eq!(sent, values, "{name}");
        }
    }
}
