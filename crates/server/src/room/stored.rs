//! A room whose events are on disk: how it is made, what is put into its log once it is there, and
//! what is handed over besides events.

use std::{
    sync::{
        Arc,
        atomic::Ordering::{Relaxed, SeqCst},
    },
    time::{Duration, Instant},
};

use wire::Seq;

use crate::{
    room::{
        Room,
        memory::Account,
        presence::Presence,
        recorder::{Change, Piece, Record, Recorder, Whom},
        shares::Shares,
    },
    settings::Settings,
    store::stored::{Label, StoredRoom},
};

impl Room {
    /// Makes an empty room whose events go to the disk.
    pub(crate) fn recorded(
        settings: &Settings,
        account: Account,
        shares: Arc<Shares>,
        recorder: &Arc<Recorder>,
        label: Arc<Label>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|room| {
            let mut made = Self::new(settings, account, shares);
            let log = made.log.get_mut().expect("no holder panics");
            log.epoch = label.epoch;
            made.record = Some(Record::new(recorder, label, room.clone()));
            made
        })
    }

    /// Puts what was stored into a room that was just made. People who were in it stay for `grace`,
    /// and do not join anew if they are back by then.
    pub(crate) fn restore(&self, stored: &StoredRoom, grace: Duration) {
        let mut log = self.log.lock().expect("no holder panics");
        log.restore(stored.label.epoch, stored.before, &stored.events);
        self.newest.store(log.newest(), SeqCst);
        drop(log);
        if stored.people.is_empty() {
            return;
        }
        let presence = Presence::restored(&stored.people, Instant::now() + grace);
        *self.presence.lock().expect("no holder panics") = presence;
        self.has_leases.store(true, Relaxed);
    }

    /// Puts what is on disk into the log, and lets readers know. So many events, of so many bytes,
    /// are no longer on their way.
    pub(super) fn arrive(&self, pieces: Vec<Piece>, events: usize, bytes: usize) {
        let mut log = self.log.lock().expect("no holder panics");
        if let Some(record) = &self.record {
            record.arrived(events, bytes);
        }
        if pieces.is_empty() {
            return;
        }
        for piece in pieces {
            match piece {
                Piece::Entry(entry) => {
                    log.append(entry);
                }
                Piece::Clear => log.clear(),
            }
        }
        self.publish(log);
    }

    /// Returns the place before the oldest event in the log.
    pub(super) fn before_oldest(&self) -> Seq {
        self.log.lock().expect("no holder panics").before_oldest()
    }

    /// Returns what the store knows the room by, if there is one.
    pub(super) fn label(&self) -> Option<Arc<Label>> {
        self.record.as_ref().map(|record| Arc::clone(&record.label))
    }

    /// Hands over that a person came or left, where no event tells it.
    pub(super) fn record_person(&self, whom: Option<Whom>) {
        if let (Some(record), Some(whom)) = (&self.record, whom) {
            record.change(Change::Person(whom));
        }
    }

    /// Returns whether the room has a store.
    pub(super) fn is_recorded(&self) -> bool {
        self.record.is_some()
    }

    /// Removes what is stored of the room, which is given up.
    pub(super) fn forget(&self) {
        if let Some(record) = &self.record
            && self.newest() > 0
        {
            record.forget();
        }
    }
}
