//! The channel between a page and the classroom: what is on the wire, what the
//! books say, and what the teacher wants. It is not counted.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use server::Channel;
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    hub::{Follower, MOST_PERSONS},
    lane::Lane,
    shared::Shared,
    state::Talker,
};

/// How often the books are looked at.
const LOOK: Duration = Duration::from_millis(250);
/// Every how many looks the teacher is told of the whole class.
const CLASS: u32 = 4;
/// Notes that are sent in one message.
const AT_ONCE: usize = 500;
/// What a wrong token costs: guessing takes for ever, a typing mistake a moment.
const WRONG_TOKEN: Duration = Duration::from_secs(1);
/// Longest delay that the lanes may add, in milliseconds.
const LONGEST_DELAY: u64 = 2000;

/// What a page says.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Said {
    /// Show what these persons' exchanges carry.
    Follow { persons: Vec<String> },
    /// What time is it?
    Ping { n: f64 },
    /// I am the teacher.
    Teach { token: String },
    /// Everybody to this transport.
    Move { lane: Option<Lane> },
    /// The built-in talker.
    Talk(Talker),
    /// The delay of the lanes.
    Delay { ms: u64 },
    /// Empty the room.
    Clear,
}

/// One page's channel.
struct Page {
    shared: Arc<Shared>,
    follower: Follower,
    persons: Vec<String>,
    /// What was last said of them, so that it is said again only when it changed.
    told: Value,
    teaches: bool,
    looks: u32,
}

/// Serves one page until it leaves or the classroom closes.
pub(crate) async fn serve(shared: Arc<Shared>, mut channel: Channel) {
    let (follower, mut notes, missed) = Follower::new();
    let mut state = shared.state.subscribe();
    let mut leaving = shared.leaving.subscribe();
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut page = Page {
        shared,
        follower,
        persons: Vec::new(),
        told: Value::Null,
        teaches: false,
        looks: 0,
    };
    let mut next = Some(format!("[{},{}]", page.hello(), page.state()));
    loop {
        if let Some(text) = next.take()
            && channel.send(text.as_bytes()).await.is_none()
        {
            break;
        }
        next = tokio::select! {
            said = channel.hear() => match said {
                Some(text) => page.hear(&text).await,
                None => break,
            },
            Some(note) = notes.recv() => Some(together(&note, &mut notes)),
            changed = state.changed() => match changed {
                Ok(()) => Some(format!("[{}]", page.state())),
                Err(_) => break,
            },
            _ = look.tick() => page.look(missed.swap(0, Relaxed)),
            () = async { drop(leaving.wait_for(|leaving| *leaving).await) } => break,
        };
    }
    drop(notes);
    page.shared.hub().tidy();
    channel.close().await;
}

/// This note and those that wait behind it.
fn together(first: &str, notes: &mut mpsc::Receiver<String>) -> String {
    let mut text = format!("[{first}");
    for _ in 1..AT_ONCE {
        let Ok(note) = notes.try_recv() else { break };
        text.push(',');
        text.push_str(&note);
    }
    text.push(']');
    text
}

impl Page {
    fn hello(&self) -> Value {
        let facts = &self.shared.facts;
        let mut hello = json!({"kind": "hello", "facts": facts.public(&self.shared.lanes.ports())});
        hello["clock"] = self.clock();
        hello
    }

    fn state(&self) -> Value {
        json!({"kind": "state", "state": *self.shared.state.borrow()})
    }

    /// The same moment on the classroom's clock and on the events'.
    fn clock(&self) -> Value {
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        json!({"at": self.shared.millis(Instant::now()), "unix": unix.as_micros() as f64 / 1000.0})
    }

    /// What to answer to what the page said, if anything.
    async fn hear(&mut self, text: &str) -> Option<String> {
        let said = match serde_json::from_str(text) {
            Ok(said) => said,
            Err(error) => return Some(refusal(&format!("not understood: {error}"))),
        };
        match said {
            Said::Follow { persons } => {
                self.follow(persons);
                // Whoever connects from now on is seen from the first byte.
                return Some(json!([{"kind": "following"}]).to_string());
            }
            Said::Ping { n } => {
                return Some(json!([{"kind": "pong", "n": n, "clock": self.clock()}]).to_string());
            }
            Said::Teach { token } => {
                self.teaches = same(&token, &self.shared.facts.token);
                if !self.teaches {
                    sleep(WRONG_TOKEN).await;
                }
                return Some(json!([{"kind": "teacher", "teaches": self.teaches}]).to_string());
            }
            order if self.teaches => self.obey(&order),
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

    fn obey(&self, order: &Said) {
        let state = &self.shared.state;
        match order {
            Said::Move { lane } => state.send_modify(|state| state.moved = *lane),
            Said::Talk(talker) => state.send_modify(|state| state.talker = talker.bounded()),
            Said::Delay { ms } => {
                state.send_modify(|state| state.delay_ms = (*ms).min(LONGEST_DELAY));
            }
            Said::Clear => self.shared.clear(),
            Said::Follow { .. } | Said::Ping { .. } | Said::Teach { .. } => {}
        }
    }

    /// What is new in the books; for the teacher, now and then, the whole class.
    fn look(&mut self, missed: u64) -> Option<String> {
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
        }
        (!news.is_empty()).then(|| Value::from(news).to_string())
    }

    fn class(&self) -> Value {
        #[derive(Serialize)]
        struct Line {
            lane: Option<Lane>,
            #[serde(flatten)]
            totals: crate::books::Totals,
        }
        let class = self.shared.books().class();
        let lines: Vec<_> = class
            .into_iter()
            .map(|(lane, totals)| Line { lane, totals })
            .collect();
        json!({"kind": "class", "lanes": lines, "people": self.shared.people()})
    }
}

fn refusal(error: &str) -> String {
    json!([{"kind": "error", "error": error}]).to_string()
}

/// Compares without telling, by the time it takes, how far they agree.
fn same(given: &str, right: &str) -> bool {
    let differences = given.bytes().zip(right.bytes()).map(|(a, b)| a ^ b);
    given.len() == right.len() && differences.fold(0, |all, one| all | one) == 0
}
