//! A life: what the traced person does, from coming to going.
//!
//! Every way goes through the same five steps: set-up, idle, a message heard, a
//! message said, close. The files beside this one say how each does it.

mod hixie_76;
mod http_stream;
mod library;
mod library_socket;
mod long_poll;
mod packets;
mod short_poll;
mod websocket;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Instant,
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{net::TcpListener, sync::oneshot, task::JoinSet, time::sleep};
use wire::{Carrier, Protocol, Way};

use crate::{
    Connection, Note, NoteKind, Record, Settings, TraceError, Traced,
    request::{ROOM, answer, draft, post},
    secure::Secure,
    socket::Socket,
};

/// The name of the person who is traced.
const ANN: &str = "ann";
/// The name of the other person, who sends a message to her.
const BO: &str = "bo";
/// The longest text of a draft that the server accepts.
const LONGEST: usize = 65_536;

/// Starts a server, performs all steps over `settings.way`, and returns the bytes that crossed the
/// person's sockets.
///
/// # Errors
/// Returns an error if no socket can be opened, or if expected bytes do not arrive.
pub async fn record(settings: &Settings) -> Result<Record, TraceError> {
    check(settings)?;
    let (_stop, stopped) = oneshot::channel::<()>();
    let mut tasks = JoinSet::new();
    let secure = settings.tls.map(Secure::new).transpose()?;
    let server = start_server(settings, secure.as_ref(), stopped, &mut tasks).await?;
    let address = match &settings.link {
        None => server,
        Some(link) => start_link(link.clone(), server, &mut tasks).await?,
    };
    let mut life = Life::begin(settings, server, address);
    life.secure = secure;
    match settings.way {
        Traced::Today(Way::ShortPoll) => short_poll::run(&mut life).await?,
        Traced::Today(Way::LongPoll) | Traced::Spoken(Protocol::InPage, Way::LongPoll) => {
            long_poll::run(&mut life).await?;
        }
        Traced::Today(Way::Ndjson | Way::Sse) | Traced::Spoken(Protocol::InPage, _) => {
            http_stream::run(&mut life).await?;
        }
        Traced::Today(Way::Websocket) => websocket::run(&mut life).await?,
        Traced::Spoken(_, way) => match way.carrier() {
            Carrier::Batch => library::poll(&mut life).await?,
            Carrier::Stream(_) => library::stream(&mut life).await?,
            Carrier::Frame => library_socket::run(&mut life).await?,
        },
        Traced::Hixie76 => hixie_76::run(&mut life).await?,
    }
    let mut record = life.record;
    record.secrets = life
        .secure
        .map_or_else(String::new, |secure| secure.secrets());
    record
        .connections
        .sort_by_key(|connection| connection.number);
    Ok(record)
}

fn check(settings: &Settings) -> Result<(), TraceError> {
    if settings.message.is_empty() || settings.message.len() > LONGEST {
        return Err(TraceError::Message(settings.message.len()));
    }
    let lines = settings.read_headers.iter().chain(&settings.say_headers);
    for (name, value) in lines {
        let line = format!("{name}: {value}");
        if line.contains(['\r', '\n']) {
            return Err(TraceError::Header(line));
        }
    }
    Ok(())
}

async fn listener() -> Result<(TcpListener, SocketAddr), TraceError> {
    let failed = |error| TraceError::Socket {
        what: "a free port",
        error,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

async fn start_server(
    settings: &Settings,
    secure: Option<&Secure>,
    stopped: oneshot::Receiver<()>,
    tasks: &mut JoinSet<()>,
) -> Result<SocketAddr, TraceError> {
    let (listener, address) = listener().await?;
    let settings = server::Settings {
        heartbeat: settings.quiet(),
        museum: settings.way == Traced::Hixie76,
        tls: secure.map(Secure::acceptor),
        ..server::Settings::default()
    };
    tasks.spawn(async move {
        // Its failures show as a broken connection, which is reported there.
        let _ = server::serve(listener, settings, async {
            let _ = stopped.await;
        })
        .await;
    });
    Ok(address)
}

async fn start_link(
    settings: link::Settings,
    to: SocketAddr,
    tasks: &mut JoinSet<()>,
) -> Result<SocketAddr, TraceError> {
    let (listener, address) = listener().await?;
    tasks.spawn(async move {
        let _ = link::run(listener, to, settings, std::future::pending()).await;
    });
    Ok(address)
}

/// A trace that is being made.
#[derive(Debug)]
struct Life<'a> {
    settings: &'a Settings,
    /// The server itself, which the other person talks to.
    server: SocketAddr,
    /// The address to which the traced person connects.
    address: SocketAddr,
    host: String,
    begin: Instant,
    opened: usize,
    record: Record,
    dice: StdRng,
    /// The TLS that everything is under, if it is.
    secure: Option<Secure>,
}

impl<'a> Life<'a> {
    fn begin(settings: &'a Settings, server: SocketAddr, address: SocketAddr) -> Self {
        Self {
            settings,
            server,
            address,
            host: address.to_string(),
            begin: Instant::now(),
            opened: 0,
            record: Record::new(settings),
            dice: settings
                .seed
                .map_or_else(rand::make_rng, StdRng::seed_from_u64),
            secure: None,
        }
    }

    fn note(&mut self, kind: NoteKind, text: &str) {
        self.record.notes.push(Note {
            at: self.begin.elapsed(),
            kind,
            text: text.to_owned(),
        });
    }

    /// Begins the next step of the life.
    fn step(&mut self, text: &str) {
        self.note(NoteKind::Step, text);
    }

    /// Lets a moment pass, so that what was sent before has arrived.
    async fn moment(&self) {
        sleep(self.settings.quiet() / 4).await;
    }

    /// Opens one more connection of the traced person.
    async fn connect(&mut self) -> Result<Socket, TraceError> {
        self.opened += 1;
        let secure = self.secure.as_ref();
        Socket::open(self.address, self.opened, self.begin, secure).await
    }

    fn keep(&mut self, connection: Connection) {
        self.record.connections.push(connection);
    }

    /// Sends Ann's message in a request of its own.
    async fn say(&self, socket: &mut Socket) -> Result<(), TraceError> {
        let body = draft(ANN, &self.settings.message);
        let target = format!("/rooms/{ROOM}/messages");
        let request = post(self.settings, &self.host, &target, &body);
        socket.send(request.as_bytes()).await?;
        answer(socket, "the answer to a draft").await.map(drop)
    }

    /// Sends Ann's notice that she leaves.
    async fn leave(&self, socket: &mut Socket) -> Result<(), TraceError> {
        let target = format!("/rooms/{ROOM}/leave?name={ANN}");
        let request = post(self.settings, &self.host, &target, "");
        socket.send(request.as_bytes()).await?;
        answer(socket, "the answer to a leave").await.map(drop)
    }

    /// Sends Bo's message, over a connection that is not recorded.
    async fn other_says(&mut self) -> Result<(), TraceError> {
        let secure = self.secure.as_ref();
        let mut socket = Socket::open(self.server, 0, self.begin, secure).await?;
        let body = draft(BO, &self.settings.message);
        let target = format!("/rooms/{ROOM}/messages");
        let plain = Settings::new(self.settings.way);
        let request = post(&plain, &self.server.to_string(), &target, &body);
        self.note(NoteKind::Other, "bo says it, straight to the server");
        socket.send(request.as_bytes()).await?;
        answer(&mut socket, "the answer to a draft").await.map(drop)
    }

    /// Returns random bytes, for a key (sixteen) or a mask (four). They are unpredictable unless a
    /// seed was given.
    fn random<const N: usize>(&mut self) -> [u8; N] {
        self.dice.random()
    }
}
