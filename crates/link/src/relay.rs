//! The relay of one connection: two lines between two sockets, until either side ends it.
//!
//! Each direction is two loops that share a line: one takes in what comes and stamps it,
//! the other gives out what is due. So a thousand bytes can be under way at once, as on a
//! real path, rather than one read waiting for the write before it.

use std::{
    future, io,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::Notify,
};

use crate::{
    Buffering,
    buffering::Hold,
    carry::Link,
    line::{Line, Load},
};

/// The number of bytes that may wait in one direction before the link stops reading and the sender
/// is slowed, as with a TCP window. It caps a connection's throughput at this much per one-way
/// delay: 5 MiB a second at 50 ms.
const QUEUE_LIMIT: usize = 256 << 10;
/// The most that one read takes.
const READ_SIZE: usize = 16 << 10;

/// Carries `client`, the link's connection number `number`, until it ends.
pub(crate) async fn carry(link: Arc<Link>, mut client: TcpStream, number: u64) {
    let accepted = link.timer.now();
    let Ok(mut server) = open(&link, &client, accepted).await else {
        // The client must not take a refused dial for an orderly end. If its socket is
        // already broken there is nothing left to reset.
        let _ = client.set_zero_linger();
        return;
    };
    let connection = Connection::new(&link, number);
    let said = tokio::select! {
        said = connection.carry(&mut client, &mut server) => said.is_ok(),
        () = link.at(link.settings.reset_after.map(|age| accepted + age)) => false,
        () = connection.stuck() => false,
    };
    // Dropping the sockets closes them: with FIN, or with RST where something went wrong.
    if !said {
        for socket in [&client, &server] {
            let _ = socket.set_zero_linger();
        }
    }
}

/// Dials the far side, a round trip later if set-up is charged; until then the client's
/// first bytes wait in the kernel.
async fn open(link: &Link, client: &TcpStream, accepted: Duration) -> io::Result<TcpStream> {
    // Gathering small writes would be a delay nobody asked for.
    client.set_nodelay(true)?;
    if link.settings.connect_rtt {
        link.at(Some(accepted + 2 * link.settings.delay)).await;
    }
    let server = TcpStream::connect(link.to).await?;
    server.set_nodelay(true)?;
    Ok(server)
}

impl Link {
    /// Waits until `due`, or for ever.
    async fn at(&self, due: Option<Duration>) {
        match due {
            Some(due) => self.timer.alarm().until(due).await,
            None => future::pending().await,
        }
    }
}

/// The state that the four loops of a connection share.
struct Connection<'a> {
    link: &'a Link,
    up: Lane,
    down: Lane,
    /// The time at which a byte last came or went, in nanoseconds since the link's start.
    active: AtomicU64,
}

impl<'a> Connection<'a> {
    fn new(link: &'a Link, number: u64) -> Self {
        let settings = &link.settings;
        let lane = |buffering, number| Lane {
            belt: Mutex::new(Belt {
                hold: Hold::new(buffering),
                line: Line::new(settings, number),
            }),
            came: Notify::new(),
            went: Notify::new(),
        };
        let connection = Self {
            link,
            up: lane(Buffering::None, 2 * number),
            down: lane(settings.buffer, 2 * number + 1),
            active: AtomicU64::new(0),
        };
        connection.touch();
        connection
    }

    /// Carries both directions until both have ended.
    async fn carry(&self, client: &mut TcpStream, server: &mut TcpStream) -> io::Result<()> {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::try_join!(
            self.take_in_both(from_client, from_server),
            self.give_out(&self.up, to_server),
            self.give_out(&self.down, to_client),
        )?;
        Ok(())
    }

    /// Reads until both senders end, or until both have been silent for too long: then the
    /// link says the end for them, behind what a proxy has kept back.
    async fn take_in_both(&self, client: ReadHalf<'_>, server: ReadHalf<'_>) -> io::Result<()> {
        tokio::select! {
            ended = async {
                tokio::try_join!(
                    self.take_in(&self.up, client),
                    self.take_in(&self.down, server),
                )
            } => ended.map(drop),
            () = self.idle() => {
                for lane in [&self.up, &self.down] {
                    lane.end(self.link.timer.now());
                }
                Ok(())
            }
        }
    }

    /// Reads until the sender ends, and puts on the line what comes.
    async fn take_in(&self, lane: &Lane, from: ReadHalf<'_>) -> io::Result<()> {
        loop {
            lane.room().await;
            from.readable().await?;
            match lane.read(&from, self.link) {
                Ok(0) => return Ok(()),
                Ok(_) => self.touch(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes what is due, until the end comes along the line.
    async fn give_out(&self, lane: &Lane, mut to: WriteHalf<'_>) -> io::Result<()> {
        let mut alarm = self.link.timer.alarm();
        loop {
            let next = lane.belt().line.next_due();
            let Some(due) = next else {
                lane.came.notified().await;
                continue;
            };
            alarm.until(due).await;
            let now = self.link.timer.now();
            if let Some(stall) = self.link.settings.stall {
                let release = stall.release(now);
                if release > now {
                    alarm.until(release).await;
                }
            }
            let load = lane.belt().line.take(now);
            lane.went.notify_one();
            match load {
                Some(Load::Bytes(bytes)) => to.write_all(&bytes).await?,
                Some(Load::End) => return to.shutdown().await,
                None => {}
            }
            self.touch();
        }
    }

    /// Waits until neither side has said anything for too long.
    async fn idle(&self) {
        let Some(cut) = self.link.settings.idle_cut else {
            return future::pending().await;
        };
        let mut alarm = self.link.timer.alarm();
        loop {
            let silent_until = Duration::from_nanos(self.active.load(Ordering::Relaxed)) + cut;
            if self.link.timer.now() >= silent_until {
                return;
            }
            alarm.until(silent_until).await;
        }
    }

    /// Waits until nothing has moved even after the idle cut: somebody does not read.
    async fn stuck(&self) {
        self.idle().await;
        let second_cut = self.link.settings.idle_cut;
        self.link
            .at(second_cut.map(|cut| self.link.timer.now() + cut))
            .await;
        self.idle().await;
    }

    fn touch(&self) {
        let now = self.link.timer.now().as_nanos() as u64;
        self.active.store(now, Ordering::Relaxed);
    }
}

/// A direction of a connection: the bytes kept back, the bytes under way, and the signals that
/// announce a change of either.
struct Lane {
    belt: Mutex<Belt>,
    came: Notify,
    went: Notify,
}

/// The order of one direction: a proxy's buffer, next to the server behind it, and then the line.
struct Belt {
    hold: Hold,
    line: Line,
}

impl Lane {
    fn belt(&self) -> MutexGuard<'_, Belt> {
        // One task holds all four loops, so it is never contended; poisoned only if that
        // task has already panicked.
        self.belt.lock().expect("no panic while holding a line")
    }

    /// Waits until fewer bytes wait than may.
    async fn room(&self) {
        while self.belt().line.waiting() >= QUEUE_LIMIT {
            self.went.notified().await;
        }
    }

    /// Reads once and stamps the bytes; 0 bytes are the end. Not `async`, so that an idle
    /// connection holds no buffer.
    fn read(&self, from: &ReadHalf<'_>, link: &Link) -> io::Result<usize> {
        let mut buffer = [0; READ_SIZE];
        let size = from.try_read(&mut buffer)?;
        let now = link.timer.now();
        if size == 0 {
            self.end(now);
        } else {
            let belt = &mut *self.belt();
            belt.line.push(now, &belt.hold.feed(&buffer[..size]));
            self.came.notify_one();
        }
        Ok(size)
    }

    /// Puts on the line what is kept back, and the end behind it.
    fn end(&self, now: Duration) {
        let belt = &mut *self.belt();
        belt.line.push(now, &belt.hold.finish());
        belt.line.end(now);
        self.came.notify_one();
    }
}
