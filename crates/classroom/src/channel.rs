//! The channel between a page and the classroom: notes about the wire, totals of the books, and
//! commands of the teacher. The channel itself is not counted.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::Serialize;
use serde_json::{Value, json};
use server::{Address, Channel};
use tokio::time::{MissedTickBehavior, interval, sleep};
use wire::Way;

use crate::{
    hub::{Follower, MOST_PERSONS, WaitingNotes},
    own::Own,
    said::Said,
    shared::Shared,
    sheets::HandedIn,
    token::same,
};

/// The interval at which the books are checked.
const LOOK: Duration = Duration::from_millis(250);
/// The number of checks of the books for each report on the whole class to the teacher.
const CLASS: u32 = 4;
/// The largest number of notes in one message.
const AT_ONCE: usize = 500;
/// The delay after a wrong token: it makes guessing hopeless, and costs a typing mistake a moment.
const WRONG_TOKEN: Duration = Duration::from_secs(1);
/// The largest number of wrong tokens on one channel.
const MOST_WRONG: u32 = 5;
/// The largest number of rooms that a teacher may name.
const MOST_ROOMS: usize = 200;
/// The longest delay that the lanes may add, in milliseconds.
const LONGEST_DELAY: u64 = 2000;
/// The longest countdown, in seconds.
const LONGEST_COUNTDOWN: u32 = 3 * 3600;

/// The channel of one page.
struct Page {
    shared: Arc<Shared>,
    /// The address of the page's client, as limits count it.
    address: Address,
    follower: Follower,
    persons: Vec<String>,
    /// The totals that were last sent, so that they are sent again only after a change.
    told: Value,
    teaches: bool,
    /// The number of wrong tokens that came.
    wrong: u32,
    looks: u32,
    /// The student's own room.
    own: Own,
    /// The tokens under which this page has handed in, by lesson.
    handed: HashMap<String, String>,
    /// The lesson whose sheets the teacher sees, and the version of them that was sent last, plus
    /// 1; 0 before any was sent.
    sheets: Option<(String, u64)>,
}

/// Serves one page until it leaves or the classroom closes; refuses it if a limit of channels is
/// reached.
pub(crate) async fn serve(shared: Arc<Shared>, channel: Channel) {
    match shared.channels.enter(channel.address()) {
        Ok(entered) => {
            attend(shared, channel).await;
            drop(entered);
        }
        Err(reason) => channel.refuse(reason).await,
    }
}

async fn attend(shared: Arc<Shared>, mut channel: Channel) {
    let (follower, mut notes, missed) = Follower::new();
    let mut state = shared.state.subscribe();
    let mut leaving = shared.leaving.subscribe();
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut page = Page {
        shared,
        address: channel.address(),
        follower,
        persons: Vec::new(),
        told: Value::Null,
        teaches: false,
        wrong: 0,
        looks: 0,
        own: Own::new(),
        handed: HashMap::new(),
        sheets: None,
    };
    let mut next = Some(format!("[{},{}]", page.hello(), page.state()));
    while page.wrong <= MOST_WRONG {
        if let Some(text) = next.take()
            && channel.send(text.as_bytes()).await.is_none()
        {
            break;
        }
        next = tokio::select! {
            said = channel.receive() => match said {
                Some(text) => page.hear(&text).await,
                None => break,
            },
            Some(note) = notes.next() => Some(together(&note, &mut notes)),
            changed = state.changed() => match changed {
                Ok(()) => Some(format!("[{}]", page.state())),
                Err(_) => break,
            },
            _ = look.tick() => page.changes(missed.swap(0, Relaxed)),
            () = page.own.due() => {
                page.own.say(&page.shared);
                None
            }
            () = async { drop(leaving.wait_for(|leaving| *leaving).await) } => break,
        };
    }
    drop(notes);
    page.shared.hub().tidy();
    channel.close().await;
}

/// Returns this note and those that wait behind it, as one message.
fn together(first: &str, notes: &mut WaitingNotes) -> String {
    let mut text = format!("[{first}");
    for _ in 1..AT_ONCE {
        let Some(note) = notes.next_now() else {
            break;
        };
        text.push(',');
        text.push_str(&note);
    }
    text.push(']');
    text
}

impl Page {
    fn hello(&self) -> Value {
        let facts = &self.shared.facts;
        json!({
            "kind": "hello",
            "facts": facts.public(&self.shared.lanes.ports()),
            "own_room": self.own.room,
        })
    }

    fn state(&self) -> Value {
        json!({"kind": "state", "state": *self.shared.state.borrow()})
    }

    /// Returns the same moment on the classroom's clock and on the clock of the events.
    fn clock(&self) -> Value {
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        json!({"at": self.shared.millis(Instant::now()), "unix": unix.as_micros() as f64 / 1000.0})
    }

    /// Handles a message of the page, and returns the answer, if there is one.
    async fn hear(&mut self, text: &str) -> Option<String> {
        let said = match serde_json::from_str(text) {
            Ok(said) => said,
            Err(error) => return Some(refusal(&format!("not understood: {error}"))),
        };
        match said {
            Said::Follow { persons } => {
                self.follow(persons);
                // Whoever connects from now on is seen from the first byte on.
                let newest = self.shared.newest();
                return Some(json!([{"kind": "following", "newest": newest}]).to_string());
            }
            Said::Ping { n } => {
                return Some(json!([{"kind": "pong", "n": n, "clock": self.clock()}]).to_string());
            }
            Said::Teach { token } => {
                self.teaches = same(&token, &self.shared.facts.token);
                if !self.teaches {
                    self.wrong += 1;
                    // Wrong tokens are handled one after the other, however many channels guess.
                    let _turn = self.shared.guesses.lock().await;
                    sleep(WRONG_TOKEN).await;
                }
                return Some(json!([{"kind": "teacher", "teaches": self.teaches}]).to_string());
            }
            Said::HandIn { sheet } => return Some(self.hand_in(sheet)),
            Said::OwnTalk(talker) => self.own.talk(talker),
            order if self.teaches => return self.obey(order),
            _ => return Some(refusal("only the teacher may do that")),
        }
        None
    }

    fn follow(&mut self, persons: Vec<String>) {
        let mut hub = self.shared.hub();
        for person in persons {
            let fits = self.persons.len() < MOST_PERSONS && wire::room_name_is_valid(&person);
            if fits && !self.persons.contains(&person) {
                hub.follow(&person, &self.follower);
                self.persons.push(person);
            }
        }
    }

    fn obey(&mut self, order: Said) -> Option<String> {
        let shared = Arc::clone(&self.shared);
        let state = &shared.state;
        match order {
            Said::Move { lane } => state.send_modify(|state| state.moved = lane),
            Said::Talk(talker) => state.send_modify(|state| state.talker = talker.bounded()),
            Said::Delay { ms } => {
                state.send_modify(|state| state.delay_ms = ms.min(LONGEST_DELAY));
            }
            Said::Path { path } => state.send_modify(|state| state.path = path),
            Said::Http2 { on } if shared.facts.tls => {
                state.send_modify(|state| state.http2 = on);
            }
            Said::Http2 { .. } => return Some(refusal("browsers speak HTTP/2 over TLS alone")),
            Said::Server { number, on } => {
                if !shared.order_server(number, on) {
                    return Some(refusal("no such order: one server has to stay"));
                }
            }
            Said::Clear if shared.has_several() => {
                return Some(refusal("a log that several servers have is not cleared"));
            }
            Said::Clear => self.shared.clear(),
            Said::Reset => self.shared.books().reset_class(),
            Said::Countdown { seconds } => {
                let now = self.shared.millis(Instant::now());
                let end = |seconds: u32| now + f64::from(seconds.min(LONGEST_COUNTDOWN)) * 1000.0;
                state.send_modify(|state| state.ends_at = seconds.map(end));
            }
            Said::Sheets { lesson } => {
                self.sheets = Some((lesson, 0));
                return self.new_sheets().map(|sheets| json!([sheets]).to_string());
            }
            Said::Person { id, order } => self.shared.order(id, order.into()),
            Said::Pardon => self.shared.pardon(),
            Said::Rooms { named } => {
                let named = named.map(|mut named| {
                    named.retain(|room| wire::room_name_is_valid(room));
                    named.truncate(MOST_ROOMS);
                    named
                });
                self.shared.name_rooms(named);
            }
            Said::RemoveSheet { lesson, number } => self.shared.sheets().remove(&lesson, number),
            Said::Key { lesson } => return self.key(&lesson),
            Said::Follow { .. }
            | Said::Ping { .. }
            | Said::Teach { .. }
            | Said::HandIn { .. }
            | Said::OwnTalk(_) => {}
        }
        None
    }

    /// Takes a student's sheet, and returns the answer that it was taken or refused.
    fn hand_in(&mut self, sheet: HandedIn) -> String {
        let (lesson, token) = (sheet.lesson.clone(), sheet.token.clone());
        let own = self.handed.get(&lesson).map(String::as_str);
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let at = u64::try_from(unix.as_millis()).unwrap_or(u64::MAX);
        let lessons = &self.shared.facts.lessons;
        let mut sheets = self.shared.sheets();
        let result = sheets.take_from(self.address, lessons, sheet, own, at);
        drop(sheets);
        let answer = match result {
            Ok(()) => {
                self.handed.insert(lesson.clone(), token);
                json!([{"kind": "handed_in", "lesson": lesson}])
            }
            Err(why) => json!([{"kind": "not_handed_in", "code": why, "error": why.to_string()}]),
        };
        answer.to_string()
    }

    /// Returns the key to a lesson's closing questions; only the teacher can ask for it.
    fn key(&self, lesson: &str) -> Option<String> {
        let mut lessons = self.shared.facts.lessons.iter();
        let found = lessons.find(|one| one.name == lesson)?;
        Some(json!([{"kind": "key", "lesson": lesson, "key": found.key}]).to_string())
    }

    /// Returns the sheets of the lesson that the teacher looks at, if they changed.
    fn new_sheets(&mut self) -> Option<Value> {
        let (lesson, told) = self.sheets.as_mut()?;
        let sheets = self.shared.sheets();
        // The number 0 means that no version has been sent yet.
        if *told == sheets.version + 1 {
            return None;
        }
        *told = sheets.version + 1;
        Some(json!({
            "kind": "sheets",
            "lesson": lesson,
            "sheets": sheets.of(lesson),
            "counts": sheets.counts(),
        }))
    }

    /// Returns the changes in the books; for the teacher, now and then, also those of the whole
    /// class.
    fn changes(&mut self, missed: u64) -> Option<String> {
        let mut news = Vec::new();
        if missed > 0 {
            news.push(json!({"kind": "missed", "notes": missed}));
        }
        let books: Value = {
            let books = self.shared.books();
            let of = |person: &String| Some((person.clone(), json!(books.of(person)?)));
            self.persons.iter().filter_map(of).collect()
        };
        if books != self.told {
            news.push(json!({"kind": "books", "books": books}));
            self.told = books;
        }
        self.looks = self.looks.wrapping_add(1);
        if self.teaches && self.looks.is_multiple_of(CLASS) {
            news.push(self.class());
            news.extend(self.new_sheets());
        }
        (!news.is_empty()).then(|| Value::from(news).to_string())
    }

    fn class(&self) -> Value {
        #[derive(Serialize)]
        struct Line {
            lane: Option<Way>,
            #[serde(flatten)]
            totals: crate::books::Totals,
        }
        let class = self.shared.books().class();
        let lines: Vec<_> = class
            .into_iter()
            .map(|(lane, totals)| Line { lane, totals })
            .collect();
        let members = self.shared.members();
        let people = json!({"online": members.len(), "people": members});
        json!({"kind": "class", "lanes": lines, "people": people})
    }
}

fn refusal(error: &str) -> String {
    json!([{"kind": "error", "error": error}]).to_string()
}
