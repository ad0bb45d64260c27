//! The times at which bytes arrived, by the kernel's own clock, before the swarm read them.
//!
//! A few readers of each shard have their socket's packets stamped by the kernel
//! on receipt (`SO_TIMESTAMPNS`, socket(7); for TCP the stamp is that of the last
//! packet of which a read returned bytes). Between the stamp and the decoded
//! event lie the wait for the thread, the sockets that it read before this one,
//! and decoding. Where one read brings several packets the earlier ones arrived
//! before the stamp, so that the reading time is a lower bound then.
//!
//! Only Linux stamps the bytes of TCP; elsewhere nothing is told of the way from the kernel.

mod kernel;

use std::{
    cell::Cell,
    io,
    rc::Rc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{Interest, ReadBuf},
    net::TcpStream,
};

use crate::clock::{Clock, Nanos};

/// The number of readers of a shard that have stamps.
const STAMPED: usize = 32;

/// The time at which the bytes that were read last from a reader's socket had arrived.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    clock: Clock,
    at: Rc<Cell<Option<Nanos>>>,
}

impl Stamp {
    /// Creates a stamp for the reader at `place` of `people` if it is one of the few that
    /// are stamped.
    pub(crate) fn for_place(place: usize, people: usize, clock: Clock) -> Option<Self> {
        let every = people.div_ceil(STAMPED).max(1);
        place.is_multiple_of(every).then(|| Self {
            clock,
            at: Rc::default(),
        })
    }

    /// Returns the time at which the bytes had arrived; `None` where the kernel does not tell.
    pub(crate) fn at(&self) -> Option<Nanos> {
        self.at.get()
    }
}

/// A socket that notes, for what is read from it, when that had arrived.
#[derive(Debug)]
pub(crate) struct Stamped {
    stamp: Stamp,
    control: Vec<u8>,
}

impl Stamped {
    /// Asks the kernel for stamps on `stream`; `None` where it gives none.
    pub(crate) fn ask(stream: &TcpStream, stamp: Stamp) -> Option<Self> {
        let control = kernel::ask(stream)?;
        Some(Self { stamp, control })
    }

    /// Reads as `TcpStream` does.
    pub(crate) fn poll_read(
        &mut self,
        stream: &TcpStream,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(stream.poll_read_ready(context))?;
            let room = buffer.initialize_unfilled();
            match stream.try_io(Interest::READABLE, || self.receive(stream, room)) {
                Ok(count) => {
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn receive(&mut self, stream: &TcpStream, room: &mut [u8]) -> io::Result<usize> {
        let (count, stamp) = kernel::receive(stream, room, &mut self.control)?;
        if let Some(at) = stamp {
            self.stamp.at.set(Some(self.stamp.clock.at(at)));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use tokio::{io::AsyncWriteExt, net::TcpListener};

    use super::*;

    #[test]
    fn few_are_stamped_and_they_are_spread_over_all() {
        let chosen = |people: usize| -> Vec<usize> {
            let has = |place: &usize| Stamp::for_place(*place, people, Clock::start()).is_some();
            (0..people).filter(has).collect()
        };
        assert_eq!(chosen(3), [0, 1, 2]);
        assert_eq!(chosen(32).len(), 32);
        assert_eq!(chosen(33).len(), 17);
        let of_many = chosen(5_000);
        assert!(of_many.len() == 32 && of_many[31] > 4_800, "{of_many:?}");
    }

    /// Checks that bytes that lie unread for 50 ms are stamped 50 ms before they are read.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_stamp_is_of_the_arrival_and_not_of_the_reading() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        let clock = Clock::start();
        let stamp = Stamp::for_place(0, 1, clock).unwrap();
        let mut stamped = Stamped::ask(&stream, stamp.clone()).expect("Linux has stamps");
        // Stamping begins a moment after it is asked for, longer on a busy machine.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let before = clock.now();
        far.write_all(b"hello").await.unwrap();
        let after = clock.now();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut room = [0; 16];
        let mut buffer = ReadBuf::new(&mut room);
        poll_fn(|context| stamped.poll_read(&stream, context, &mut buffer))
            .await
            .unwrap();
        assert_eq!(buffer.filled(), b"hello");
        let at = stamp.at().expect("a stamp");
        let slack = 1_000_000;
        assert!(
            at + slack >= before && at <= after + slack,
            "{before} {at} {after}"
        );
        assert!(clock.now() - at >= 49_000_000);
        drop(far);
        let mut rest = ReadBuf::new(&mut room);
        poll_fn(|context| stamped.poll_read(&stream, context, &mut rest))
            .await
            .unwrap();
        assert!(rest.filled().is_empty(), "the end of the stream");
    }
}
