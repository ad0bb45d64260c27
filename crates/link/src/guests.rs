//! The guests of a program that serves people over its links: the places of their connections, and
//! the address that is behind each connection that a link makes for one.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The guests of one program, over all of its links.
#[derive(Debug, Clone)]
pub struct Guests {
    places: Arc<Semaphore>,
    /// The number of places that one address may have.
    of_one: usize,
    book: Arc<Mutex<Book>>,
}

#[derive(Debug, Default)]
struct Book {
    /// The number of connections of each network.
    by_network: HashMap<IpAddr, usize>,
    /// The address behind each connection that a link has made, by the near end of the connection.
    behind: HashMap<SocketAddr, IpAddr>,
}

impl Guests {
    /// Makes this many places. One address may have three quarters of them at most, so that nobody
    /// alone can keep all others out.
    #[must_use]
    pub fn new(places: usize) -> Self {
        let places = places.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            of_one: places - places / 4,
            book: Arc::default(),
        }
    }

    /// Returns the number of places that are free.
    #[must_use]
    pub fn free(&self) -> usize {
        self.places.available_permits()
    }

    /// Returns the address of the client whose connection a link carries on from `near`; `None` if
    /// `near` is no socket of a link.
    #[must_use]
    pub fn behind(&self, near: SocketAddr) -> Option<IpAddr> {
        self.book().behind.get(&near).copied()
    }

    /// Waits for a place.
    pub(crate) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// Lets a connection of this address in, to the place that it was given; `None` if the address
    /// has as many as it may.
    pub(crate) fn enter(
        &self,
        address: IpAddr,
        place: Option<OwnedSemaphorePermit>,
    ) -> Option<Guest> {
        let mut book = self.book();
        let count = book.by_network.entry(network(address)).or_default();
        if *count >= self.of_one {
            return None;
        }
        *count += 1;
        drop(book);
        Some(Guest {
            guests: self.clone(),
            address,
            near: None,
            _place: place,
        })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("no holder panics")
    }
}

/// A connection that was let in; dropping it makes room for another.
#[derive(Debug)]
pub(crate) struct Guest {
    guests: Guests,
    address: IpAddr,
    near: Option<SocketAddr>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Guest {
    /// Records that the link carries the connection on from `near`.
    pub(crate) fn goes_on_from(&mut self, near: SocketAddr) {
        self.near = Some(near);
        self.guests.book().behind.insert(near, self.address);
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut book = self.guests.book();
        if let Some(near) = self.near {
            book.behind.remove(&near);
        }
        let network = network(self.address);
        if let Some(count) = book.by_network.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                book.by_network.remove(&network);
            }
        }
    }
}

/// Returns what counts as one address: of IPv6 the first 64 bits, because a client has all addresses
/// that begin so (RFC 4291, section 2.5.4).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        IpAddr::V4(ip) => ip.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_three_quarters_and_others_the_rest() {
        let guests = Guests::new(8);
        let [one, other] = ["192.0.2.7", "192.0.2.8"].map(|text| text.parse().unwrap());
        let mut inside: Vec<Guest> = (0..6)
            .map(|_| guests.enter(one, None).expect("there is room"))
            .collect();
        assert!(guests.enter(one, None).is_none());
        assert!(guests.enter(other, None).is_some());
        inside.pop();
        assert!(guests.enter(one, None).is_some());
    }

    #[test]
    fn a_client_has_the_addresses_of_its_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }

    #[test]
    fn who_is_behind_a_socket_is_known_while_the_connection_lasts() {
        let guests = Guests::new(2);
        let near: SocketAddr = "127.0.0.1:9".parse().unwrap();
        let client: IpAddr = "192.0.2.7".parse().unwrap();
        let mut guest = guests.enter(client, None).expect("there is room");
        assert_eq!(guests.behind(near), None);
        guest.goes_on_from(near);
        assert_eq!(guests.behind(near), Some(client));
        drop(guest);
        assert_eq!(guests.behind(near), None);
    }
}
