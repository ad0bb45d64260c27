//! The relay of one connection: two lines between two sockets, until either side ends it.
//!
//! Each direction is two loops that share a line: one takes in what comes and stamps it,
//! the other gives out what is due. So a thousand bytes can be under way at once, as on a
//! real path, rather than one read waiting for the write before it.

use std::{
    future, io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::{
        TcpSocket, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
};

use crate::{
    Buffering,
    buffering::Hold,
    carry::Link,
    exchange::Exchange,
    guests::Guest,
    lane::Lane,
    line::{Line, Load},
};

/// The receive buffer of a guest's connection to the server, in bytes. Left to itself the kernel
/// grows that of a client which has stopped reading to some mebibytes.
const RECEIVE_BUFFER: u32 = 128 << 10;
/// The time that the ends of a connection may take after it was cut.
const LINGER: Duration = Duration::from_secs(5);

/// Carries `client`, the link's connection number `number`, until it ends; `guest` is its place, if
/// there are only so many.
pub(crate) async fn carry(
    link: Arc<Link>,
    mut client: TcpStream,
    number: u64,
    mut guest: Option<Guest>,
) {
    let accepted = link.timer.now();
    let silence = link.silence.begun();
    let exchange = Exchange::new(link.workers.clone());
    let opened = open(&link, &client, accepted, &exchange, guest.as_mut()).await;
    let Ok(mut server) = opened else {
        // The client must not take a refused dial for an orderly end. If its socket is
        // already broken there is nothing left to reset.
        let _ = client.set_zero_linger();
        return;
    };
    let connection = Connection::new(&link, number, exchange);
    let said = tokio::select! {
        said = connection.carry(&mut client, &mut server) => Some(said.is_ok()),
        () = link.at(link.settings.reset_after.map(|age| accepted + age)) => Some(false),
        () = connection.stuck() => Some(false),
        () = connection.stuck_at_cut() => Some(false),
        () = silence => None,
    };
    let Some(said) = said else {
        // Both sockets stay, until the link itself ends.
        return future::pending().await;
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
///
/// Where workers are limited, a client that has asked for nothing takes no worker, and the far side
/// is not dialled before it asks or ends.
async fn open(
    link: &Link,
    client: &TcpStream,
    accepted: Duration,
    exchange: &Exchange,
    guest: Option<&mut Guest>,
) -> io::Result<TcpStream> {
    // Gathering small writes would be a delay nobody asked for.
    client.set_nodelay(true)?;
    if link.settings.connect_rtt {
        link.at(Some(accepted + 2 * link.settings.delay)).await;
    }
    if link.workers.is_some() && client.peek(&mut [0]).await? > 0 {
        exchange.admit().await;
    }
    let server = dial(link.to, guest).await?;
    server.set_nodelay(true)?;
    Ok(server)
}

/// Connects to the far side. The address of a guest's socket is recorded before it connects, so
/// that the program that accepts the connection can ask which client is behind it.
async fn dial(to: SocketAddr, guest: Option<&mut Guest>) -> io::Result<TcpStream> {
    let Some(guest) = guest else {
        return TcpStream::connect(to).await;
    };
    let socket = match to {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    // Binding fails if each port is used by a connection to somewhere else, though connecting may
    // still find one. Then the connection counts as the link's own.
    if socket.bind(SocketAddr::new(to.ip(), 0)).is_ok() {
        guest.goes_on_from(socket.local_addr()?);
    }
    socket.connect(to).await
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
    exchange: Exchange,
}

impl<'a> Connection<'a> {
    fn new(link: &'a Link, number: u64, exchange: Exchange) -> Self {
        let settings = &link.settings;
        let down = if settings.follows_exchanges() {
            Hold::following(settings.buffer)
        } else {
            Hold::new(settings.buffer)
        };
        let lane = |hold, number| Lane::new(hold, Line::new(settings, number));
        let connection = Self {
            link,
            up: lane(Hold::new(Buffering::None), 2 * number),
            down: lane(down, 2 * number + 1),
            active: AtomicU64::new(0),
            exchange,
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

    /// Reads until both senders end, or until both have been silent for too long or an exchange is
    /// cut. In the latter cases the link ends both directions for them, behind what a proxy has
    /// kept back.
    async fn take_in_both(&self, client: ReadHalf<'_>, server: ReadHalf<'_>) -> io::Result<()> {
        tokio::select! {
            ended = async {
                tokio::try_join!(
                    self.take_requests(client),
                    self.take_in(&self.down, server),
                )
            } => return ended.map(drop),
            () = self.idle() => {}
            () = self.cut() => {}
        }
        for lane in [&self.up, &self.down] {
            lane.end(self.link.timer.now());
        }
        Ok(())
    }

    /// Reads what the client says, each request once there is a worker for it.
    async fn take_requests(&self, mut from: ReadHalf<'_>) -> io::Result<()> {
        if !self.link.settings.follows_exchanges() {
            return self.take_in(&self.up, from).await;
        }
        loop {
            self.up.room().await;
            // The end of the client's bytes needs no worker.
            if from.peek(&mut [0]).await? > 0 {
                self.exchange.admit().await;
            }
            match self.up.read(&from, self.link) {
                Ok(0) => return Ok(()),
                Ok(_) => {
                    self.touch();
                    self.exchange.asked(self.link.timer.now());
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads until the sender ends, and puts on the line what comes.
    async fn take_in(&self, lane: &Lane, from: ReadHalf<'_>) -> io::Result<()> {
        let mut answers = 0;
        loop {
            lane.room().await;
            from.readable().await?;
            match lane.read(&from, self.link) {
                Ok(0) => return Ok(()),
                Ok(_) => self.touch(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if self.link.settings.follows_exchanges() {
                let complete = lane.belt().hold.answers();
                if complete > answers {
                    answers = complete;
                    self.exchange.answered();
                }
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

    /// Waits until the exchange is older, or has been silent for longer, than the path allows.
    async fn cut(&self) {
        let cut = self.link.settings.cut;
        if cut.is_none() {
            return future::pending().await;
        }
        let mut alarm = self.link.timer.alarm();
        loop {
            let Some(began) = self.exchange.began() else {
                self.exchange.begins().await;
                continue;
            };
            let active = Duration::from_nanos(self.active.load(Ordering::Relaxed));
            let Some(due) = cut.due(began, active) else {
                return future::pending().await;
            };
            if self.link.timer.now() >= due {
                return;
            }
            alarm.until(due).await;
        }
    }

    /// Waits until a connection whose exchange was cut has not ended in good order: somebody does
    /// not read.
    async fn stuck_at_cut(&self) {
        self.cut().await;
        let now = self.link.timer.now();
        self.link.at(Some(now + LINGER)).await;
    }

    fn touch(&self) {
        let now = self.link.timer.now().as_nanos() as u64;
        self.active.store(now, Ordering::Relaxed);
    }
}
