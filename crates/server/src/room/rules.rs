//! The people who may not speak in a room, and those who may not come in.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use crate::{address::Address, room::presence::Identity};

/// The number of people in each list; beyond it, the list is begun anew. A teacher
/// does not mute so many.
const MOST: usize = 10_000;
/// The time for which somebody who was sent out stays out.
const OUT: Duration = Duration::from_mins(1);

/// The people who may not speak, and those who may not come in.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Rules {
    /// True if anybody is in a list. In a room where nobody is, nothing is looked up.
    any: AtomicBool,
    lists: Mutex<Lists>,
}

#[derive(Debug, Default)]
struct Lists {
    muted: HashSet<Identity>,
    banned: HashSet<Identity>,
    /// The people who were sent out, and the time until which they stay out.
    out: HashMap<Identity, Instant>,
    banned_addresses: HashSet<Address>,
}

impl Rules {
    /// Lets this person speak no more, or again.
    pub(crate) fn mute(&self, identity: Identity, muted: bool) {
        let mut lists = self.lists.lock().expect("no holder panics");
        if muted {
            add(&mut lists.muted, identity);
            self.any.store(true, Relaxed);
        } else {
            lists.muted.remove(&identity);
        }
    }

    /// Lets this person in no more; nor anybody from `address`, if it is given.
    pub(crate) fn ban(&self, identity: Identity, address: Option<Address>) {
        let mut lists = self.lists.lock().expect("no holder panics");
        add(&mut lists.banned, identity);
        if let Some(address) = address {
            add(&mut lists.banned_addresses, address);
        }
        self.any.store(true, Relaxed);
    }

    /// Keeps this person out for a minute.
    pub(crate) fn send_out(&self, identity: Identity) {
        let now = Instant::now();
        let mut lists = self.lists.lock().expect("no holder panics");
        lists.out.retain(|_, until| *until > now);
        lists.out.insert(identity, now + OUT);
        self.any.store(true, Relaxed);
    }

    /// Lets everybody in and speak again.
    pub(crate) fn pardon(&self) {
        *self.lists.lock().expect("no holder panics") = Lists::default();
        self.any.store(false, Relaxed);
    }

    /// Returns whether anybody is muted or banned here.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Relaxed)
    }

    /// Returns whether this person may not speak.
    pub(crate) fn is_muted(&self, identity: &Identity) -> bool {
        let lists = self.lists.lock().expect("no holder panics");
        lists.muted.contains(identity)
    }

    /// Returns whether this person, or any person from this address, may not come in.
    pub(crate) fn is_banned(&self, identity: Option<&Identity>, address: Option<Address>) -> bool {
        let lists = self.lists.lock().expect("no holder panics");
        let is_out = |identity: &Identity| {
            let until = lists.out.get(identity);
            lists.banned.contains(identity) || until.is_some_and(|until| *until > Instant::now())
        };
        identity.is_some_and(is_out)
            || address.is_some_and(|address| lists.banned_addresses.contains(&address))
    }
}

fn add<T: std::hash::Hash + Eq>(list: &mut HashSet<T>, one: T) {
    if list.len() >= MOST {
        list.clear();
    }
    list.insert(one);
}
