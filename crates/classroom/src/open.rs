//! The opening of a classroom, its service, and its end.

use std::{net::SocketAddr, sync::Arc};

use rand::RngExt;
use server::{Chat, Compress, Endpoint, Settings, Tap, Watch};
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet};
use wire::Way;

use crate::{
    channel,
    facts::Facts,
    files,
    follow::Follow,
    lanes::{self, Bound, Lanes},
    options::{ClassroomError, Options, View},
    qr,
    shared::Shared,
    state::{Path, State, Talker},
    talker,
};

/// A classroom that has been opened but does not serve anybody yet.
pub struct Classroom {
    shared: Arc<Shared>,
    chat: Arc<Chat>,
    main: TcpListener,
    bound: mpsc::UnboundedReceiver<Bound>,
    link: link::Settings,
    address: SocketAddr,
}

impl std::fmt::Debug for Classroom {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = formatter.debug_struct("Classroom");
        debug
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Classroom {
    /// Binds the classroom's address, and the lanes' unless they may wait. It must be called within
    /// a tokio runtime.
    ///
    /// # Errors
    /// Fails if an address cannot be listened on, or the settings cannot work.
    pub fn open(options: Options) -> Result<Self, ClassroomError> {
        let listen = |error| ClassroomError::Listen(error, options.listen);
        let main = server::listen(options.listen).map_err(listen)?;
        let address = main.local_addr()?;
        let (lanes, bound) = Lanes::new(address, options.practice);
        if options.view == View::Wire {
            lanes.open()?;
        }
        let facts = Facts {
            token: unguessable(),
            id: unguessable(),
            url: url(address, options.chat.tls.is_some()),
            room: options.room,
            lang: options.lang,
            view: options.view,
            has_lessons: options.beside.iter().any(|page| page.path == "/lessons"),
            lessons: options.lessons,
            heartbeat: options.chat.heartbeat.as_secs_f64(),
            compress: match options.chat.compress {
                Compress::Off => None,
                Compress::Named => Some(false),
                Compress::Shared | Compress::Context => Some(true),
            },
            tls: options.chat.tls.is_some(),
        };
        let shared = Arc::new(Shared::new(facts, lanes, first_state(&options.link)));
        let settings = Settings {
            allow_ports: vec![address.port()],
            ..options.chat
        };
        let chat = Chat::with_extension(settings, files::extension(&shared, options.beside))?;
        shared.serve(&chat);
        Ok(Self {
            shared,
            chat,
            main,
            bound,
            link: options.link,
            address,
        })
    }

    /// Returns the address on which the server listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address at which the class opens the chat.
    #[must_use]
    pub fn url(&self) -> String {
        self.shared.facts.url.clone()
    }

    /// Returns [`url`](Self::url) as a QR code for phones, in Unicode half blocks.
    #[must_use]
    pub fn qr(&self) -> String {
        qr::blocks(&self.url())
    }

    /// Returns the address of the page of the lanes, for the projector.
    #[must_use]
    pub fn lanes_url(&self) -> String {
        format!("{}/classroom", self.url())
    }

    /// Returns the teacher's own link. The token stands behind the `#`, which browsers do not send:
    /// it is in no log and in no wire view.
    #[must_use]
    pub fn teacher_url(&self) -> String {
        format!("{}#token={}", self.lanes_url(), self.shared.facts.token)
    }

    /// Serves until `shutdown` is ready.
    ///
    /// # Errors
    /// Fails if a listening socket breaks.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), ClassroomError> {
        let Self {
            shared,
            chat,
            main,
            bound,
            link,
            ..
        } = self;
        let (open, endpoints) = mpsc::unbounded_channel();
        let main = Endpoint {
            listener: main,
            tap: (shared.facts.view == View::Wire).then(|| tap(&shared, None)),
        };
        // The receiver still exists here.
        let _ = open.send(main);
        let talk = talker::talk(Arc::clone(&shared));
        let leaving = async {
            tokio::select! {
                () = shutdown => {}
                never = talk => never,
            }
            shared.leaving.send_replace(true);
        };
        tokio::select! {
            served = server::serve_endpoints(&chat, endpoints, leaving) => Ok(served?),
            broken = attend(&shared, link, bound, open) => Err(broken),
        }
    }
}

/// Opens an endpoint for each lane that is bound, and carries its bytes there; returns only if that
/// fails.
async fn attend(
    shared: &Arc<Shared>,
    link: link::Settings,
    mut bound: mpsc::UnboundedReceiver<Bound>,
    open: mpsc::UnboundedSender<Endpoint>,
) -> ClassroomError {
    let mut links = JoinSet::new();
    let places = lanes::places();
    loop {
        tokio::select! {
            Some(lane) = bound.recv() => {
                let tap = tap(shared, Some(lane.lane));
                // What a student measures alone is left as it is.
                let tap = if lane.is_own() { tap } else { switched(tap, shared) };
                let (entrance, listener) = match lane.split() {
                    Ok(ends) => ends,
                    Err(error) => return error.into(),
                };
                // The server is gone only when all of this ends.
                let _ = open.send(Endpoint { listener, tap: Some(tap) });
                let (link, places) = (link.clone(), Arc::clone(&places));
                links.spawn(lanes::carry(entrance, link, places, Arc::clone(shared)));
            }
            Some(Ok(Err(broken))) = links.join_next() => return broken,
            else => std::future::pending().await,
        }
    }
}

/// Returns the extension's handler of channels.
pub(crate) fn talk(shared: &Arc<Shared>) -> server::Talk {
    let shared = Arc::clone(shared);
    Box::new(|channel| Box::pin(channel::serve(shared, channel)))
}

fn tap(shared: &Arc<Shared>, lane: Option<Way>) -> Tap {
    // Weak, because the chat holds the endpoints' taps for as long as it serves.
    let shared = Arc::downgrade(shared);
    Tap::new(move |_| {
        let follow = Follow::new(shared.upgrade()?, lane);
        Some(Box::new(follow) as Box<dyn Watch>)
    })
}

/// Returns the tap of a lane whose connections may speak HTTP/2 while the teacher has it so.
fn switched(tap: Tap, shared: &Arc<Shared>) -> Tap {
    let shared = Arc::downgrade(shared);
    tap.reading_http2_while(move || {
        let shared = shared.upgrade();
        shared.is_some_and(|shared| shared.state.borrow().http2)
    })
}

fn first_state(link: &link::Settings) -> State {
    State {
        moved: None,
        talker: Talker {
            per_second: 0.0,
            bytes: 40,
        },
        delay_ms: link.delay.as_millis() as u64,
        path: Path::default(),
        http2: false,
        ends_at: None,
        rooms: None,
        cleared: 0,
    }
}

fn url(address: SocketAddr, is_sealed: bool) -> String {
    let host = server::reachable(address);
    let scheme = if is_sealed { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(host, address.port()))
}

/// Returns 128 random bits in hexadecimal, which nobody can guess.
fn unguessable() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}
