//! The channels that pages may have open, in all and of one address.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use server::Address;

/// The largest number of open channels.
const MOST: usize = 2000;
/// The largest number of those of one address: nobody alone can keep the teacher's page out.
const MOST_OF_ADDRESS: usize = MOST / 2;

/// The channels that are open.
#[derive(Debug, Default)]
pub(crate) struct Channels(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<Address, usize>,
}

/// A channel that counts; dropping it makes room for another.
#[derive(Debug)]
pub(crate) struct Entered {
    channels: Arc<Channels>,
    address: Address,
}

impl Channels {
    /// Takes one more channel of this address, or returns the reason why there may be no more.
    pub(crate) fn enter(self: &Arc<Self>, address: Address) -> Result<Entered, &'static str> {
        let mut open = self.open();
        if open.all >= MOST {
            return Err("there are as many channels as there may be; try again later");
        }
        let own = open.by_address.entry(address).or_default();
        if *own >= MOST_OF_ADDRESS {
            return Err("your address has as many channels as it may; close a page or wait");
        }
        *own += 1;
        open.all += 1;
        drop(open);
        Ok(Entered {
            channels: Arc::clone(self),
            address,
        })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().expect("no holder panics")
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut open = self.channels.open();
        open.all -= 1;
        if let Some(own) = open.by_address.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_half_of_the_channels_to_others() {
        let channels = Arc::new(Channels::default());
        let address = |text: &str| Address::from(text.parse::<std::net::IpAddr>().unwrap());
        let [one, other, third] = ["192.0.2.7", "192.0.2.8", "192.0.2.9"].map(address);
        let enter = |address, count: usize| -> Vec<Entered> {
            let entered = (0..count).map(|_| channels.enter(address));
            entered.collect::<Result<_, _>>().expect("there is room")
        };
        let mut inside = enter(one, MOST_OF_ADDRESS);
        let refused = channels.enter(one).expect_err("it has its half");
        assert!(refused.starts_with("your address"), "{refused}");
        let others = enter(other, MOST - MOST_OF_ADDRESS);
        let refused = channels.enter(third).expect_err("all are taken");
        assert!(refused.starts_with("there are"), "{refused}");
        inside.pop();
        drop(others);
        assert!(channels.enter(one).is_ok() && channels.enter(third).is_ok());
        drop(inside);
        assert!(channels.open().by_address.is_empty());
    }
}
