//! The share of each address in what everybody uses: connections, rooms, people and
//! drafts. Nothing is kept, and nothing costs anything, where no address is limited.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use crate::{address::Address, room::pace::step_of, settings::PerAddress};

/// The number of addresses beyond which those that have nothing are forgotten.
const TIDY_BEYOND: usize = 1024;
/// The time after which a pace has been earned back.
const RESTED: Duration = Duration::from_secs(2);
/// The longest time for which a draft waits for its address to earn it.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The shares of all addresses.
#[derive(Debug)]
pub(crate) struct Shares {
    /// The number of connections that are open, of all addresses.
    open: AtomicUsize,
    /// The signal that none is open any more.
    all_gone: Notify,
    limits: PerAddress,
    by_address: Mutex<HashMap<Address, Share>>,
}

/// The share of one address.
#[derive(Debug, Default)]
struct Share {
    connections: usize,
    /// The sessions of libraries that go by requests.
    sessions: usize,
    people: usize,
    /// The time at which its drafts will have been earned.
    drafts: Option<Instant>,
}

impl Share {
    fn is_nothing(&self, now: Instant) -> bool {
        let rested = |last: Instant| now.saturating_duration_since(last) > RESTED;
        let has_none = self.connections == 0 && self.sessions == 0 && self.people == 0;
        has_none && self.drafts.is_none_or(rested)
    }
}

/// A session of a library that counts for its address; dropping it makes room for another.
#[derive(Debug)]
pub(crate) struct SessionShare {
    shares: Arc<Shares>,
    address: Address,
}

impl Drop for SessionShare {
    fn drop(&mut self) {
        let Self { shares, address } = self;
        let most = shares.limits.connections;
        shares.give_back(*address, most, |share| &mut share.sessions);
    }
}

impl Shares {
    /// Makes the shares of addresses that have nothing yet.
    pub(crate) fn new(limits: PerAddress) -> Self {
        Self {
            open: AtomicUsize::new(0),
            all_gone: Notify::new(),
            limits,
            by_address: Mutex::default(),
        }
    }

    /// Counts one more connection. Returns how many were open before.
    pub(crate) fn come(&self) -> usize {
        self.open.fetch_add(1, SeqCst)
    }

    /// Counts one connection less.
    pub(crate) fn go(&self) {
        if self.open.fetch_sub(1, SeqCst) == 1 {
            self.all_gone.notify_waiters();
        }
    }

    /// Returns the number of connections that are open.
    pub(crate) fn open(&self) -> usize {
        self.open.load(SeqCst)
    }

    /// Waits until no connection is open.
    pub(crate) async fn all_gone(&self) {
        loop {
            // Made before the look, so that the signal is not missed.
            let signal = self.all_gone.notified();
            if self.open() == 0 {
                return;
            }
            signal.await;
        }
    }

    /// Takes one more connection of this address, unless it has as many as it may.
    pub(crate) fn connect(&self, address: Address) -> bool {
        self.take(address, self.limits.connections, |share| {
            &mut share.connections
        })
    }

    /// Gives a connection back.
    pub(crate) fn disconnect(&self, address: Address) {
        self.give_back(address, self.limits.connections, |share| {
            &mut share.connections
        });
    }

    /// Takes one more session of this address, which may have as many as connections: a session goes
    /// by requests and needs no connection of its own. The error is how many it may have.
    pub(crate) fn open_session(self: &Arc<Self>, address: Address) -> Result<SessionShare, usize> {
        let most = self.limits.connections;
        if !self.take(address, most, |share| &mut share.sessions) {
            return Err(most.unwrap_or_default());
        }
        Ok(SessionShare {
            shares: Arc::clone(self),
            address,
        })
    }

    /// Returns whether one more person may come from this address, or else how many
    /// may.
    pub(crate) fn may_join(&self, address: Address) -> Result<(), usize> {
        let Some(most) = self.limits.people else {
            return Ok(());
        };
        let shares = self.by_address.lock().expect("no holder panics");
        let people = shares.get(&address).map_or(0, |share| share.people);
        if people < most { Ok(()) } else { Err(most) }
    }

    /// Takes one more person of this address, unless it has as many as it may.
    pub(crate) fn join(&self, address: Address) -> bool {
        self.take(address, self.limits.people, |share| &mut share.people)
    }

    /// Gives a person back.
    pub(crate) fn leave(&self, address: Address) {
        self.give_back(address, self.limits.people, |share| &mut share.people);
    }

    /// Takes one more draft of this address. Returns for how long it is to wait, or the
    /// limit where that would be too long: a client that waits for each answer is
    /// slowed and not refused.
    pub(crate) fn draft(&self, address: Address, now: Instant) -> Result<Duration, u32> {
        let Some(per_second) = self.limits.drafts_per_second else {
            return Ok(Duration::ZERO);
        };
        let mut shares = self.by_address.lock().expect("no holder panics");
        tidy(&mut shares, now);
        let share = shares.entry(address).or_default();
        let most = RESTED + LONGEST_WAIT;
        let earned = step_of(share.drafts.unwrap_or(now), per_second, now, most);
        let earned = earned.ok_or(per_second)?;
        share.drafts = Some(earned);
        let ahead = earned.saturating_duration_since(now);
        Ok(ahead.saturating_sub(RESTED))
    }

    fn take(
        &self,
        address: Address,
        most: Option<usize>,
        of: impl Fn(&mut Share) -> &mut usize,
    ) -> bool {
        let Some(most) = most else { return true };
        let mut shares = self.by_address.lock().expect("no holder panics");
        tidy(&mut shares, Instant::now());
        let count = of(shares.entry(address).or_default());
        let fits = *count < most;
        *count += usize::from(fits);
        fits
    }

    fn give_back(
        &self,
        address: Address,
        most: Option<usize>,
        of: impl Fn(&mut Share) -> &mut usize,
    ) {
        if most.is_none() {
            return;
        }
        let mut shares = self.by_address.lock().expect("no holder panics");
        if let Some(share) = shares.get_mut(&address) {
            let count = of(share);
            *count = count.saturating_sub(1);
            if share.is_nothing(Instant::now()) {
                shares.remove(&address);
            }
        }
    }
}

/// Forgets addresses that have nothing, when there are many.
fn tidy(shares: &mut HashMap<Address, Share>, now: Instant) {
    if shares.len() >= TIDY_BEYOND && shares.len() == shares.capacity() {
        shares.retain(|_, share| !share.is_nothing(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Address {
        Address::of([192, 0, 2, last].into())
    }

    #[test]
    fn an_address_has_its_share_and_another_has_its_own() {
        let shares = Shares::new(PerAddress {
            people: Some(2),
            drafts_per_second: Some(3),
            ..PerAddress::default()
        });
        let [one, two] = [1, 2].map(address);
        assert!(shares.join(one) && shares.join(one) && !shares.join(one));
        assert!(shares.join(two));
        shares.leave(one);
        assert!(shares.join(one));
        let now = Instant::now();
        let drafts = |address| {
            let waits: Vec<_> = (0..50)
                .map_while(|_| shares.draft(address, now).ok())
                .collect();
            let at_once = waits.iter().filter(|wait| wait.is_zero()).count();
            (
                at_once,
                waits.len(),
                waits.iter().all(|wait| *wait <= LONGEST_WAIT),
            )
        };
        assert_eq!((drafts(one), drafts(two)), ((6, 9, true), (6, 9, true)));
        // Not limited, not counted.
        assert!((0..99).all(|_| shares.connect(one)));
    }

    #[test]
    fn a_session_counts_until_it_is_dropped() {
        let shares = Arc::new(Shares::new(PerAddress {
            connections: Some(2),
            ..PerAddress::default()
        }));
        let [one, two] = [1, 2].map(address);
        let open = |address| shares.open_session(address);
        let kept = [open(one).unwrap(), open(one).unwrap()];
        assert_eq!(open(one).err(), Some(2));
        assert!(open(two).is_ok() && shares.connect(one));
        drop(kept);
        assert!(open(one).is_ok());
        shares.disconnect(one);
        assert!(shares.by_address.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn whoever_waits_until_all_are_gone_waits_for_the_last() {
        let shares = Shares::new(PerAddress::default());
        shares.all_gone().await;
        assert_eq!((shares.come(), shares.come()), (0, 1));
        let mut waiting = std::pin::pin!(shares.all_gone());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        shares.go();
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        shares.go();
        assert!(waiting.as_mut().poll(&mut context).is_ready());
    }

    #[test]
    fn addresses_that_have_nothing_are_forgotten() {
        let shares = Shares::new(PerAddress {
            connections: Some(1),
            ..PerAddress::default()
        });
        for last in 0..200 {
            assert!(shares.connect(address(last)));
            shares.disconnect(address(last));
        }
        assert!(shares.by_address.lock().unwrap().is_empty());
    }
}
