//! The opening of a classroom, its service, and its end.

use std::{net::SocketAddr, sync::Arc};

use rand::RngExt;
use server::{Chat, Compress, Settings};
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet};

use crate::{
    channel,
    door::Door,
    facts::Facts,
    files,
    lanes::{self, Bound, Lanes},
    options::{ClassroomError, Options, View},
    qr,
    servers::Servers,
    shared::Shared,
    state::{Life, Path, State, Talker},
    talker,
};

/// A classroom that has been opened but does not serve anybody yet.
pub struct Classroom {
    shared: Arc<Shared>,
    house: House,
    main: TcpListener,
    bound: mpsc::UnboundedReceiver<Bound>,
    link: link::Settings,
    address: SocketAddr,
}

/// The servers of a classroom.
enum House {
    /// One server.
    One(Arc<Chat>),
    /// Several over one log, and their first chats.
    Several(Box<Servers>, Vec<Arc<Chat>>),
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
    /// Fails if an address cannot be listened on, the settings cannot work, or the log that several
    /// servers are to have cannot be reached.
    pub fn open(options: Options) -> Result<Self, ClassroomError> {
        let listen = |error| ClassroomError::Listen(error, options.listen);
        let main = server::listen(options.listen).map_err(listen)?;
        let address = main.local_addr()?;
        let send_buffer = options.chat.send_buffer;
        let (lanes, bound) = Lanes::new(address, options.practice, send_buffer);
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
        let servers = options.several.as_ref().map_or(0, |all| all.servers);
        let state = first_state(&options.link, servers);
        let shared = Arc::new(Shared::new(facts, lanes, state));
        let settings = Settings {
            allow_ports: vec![address.port()],
            ..options.chat
        };
        let extension = files::extension(&shared, options.beside);
        let house = match options.several {
            None => {
                let chat = Chat::with_extension(settings, extension)?;
                shared.serve(0, &chat);
                House::One(chat)
            }
            Some(several) => {
                let (servers, chats) = Servers::open(&several, settings, extension)?;
                House::Several(Box::new(servers), chats)
            }
        };
        Ok(Self {
            shared,
            house,
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
            house,
            main,
            bound,
            link,
            ..
        } = self;
        let (open, doors) = mpsc::unbounded_channel();
        // The receiver still exists here.
        let _ = open.send(Door::main(main));
        let talk = talker::talk(Arc::clone(&shared));
        let leaving = async {
            tokio::select! {
                () = shutdown => {}
                never = talk => never,
            }
            shared.leaving.send_replace(true);
        };
        let served = async {
            match house {
                House::One(chat) => alone(&chat, &shared, doors, leaving).await,
                House::Several(servers, chats) => {
                    let leaving = async {
                        leaving.await;
                        Ok::<(), ClassroomError>(())
                    };
                    let served = servers.serve(chats, &shared, doors);
                    tokio::try_join!(served, leaving).map(drop)
                }
            }
        };
        tokio::select! {
            served = served => served,
            broken = attend(&shared, link, bound, open) => Err(broken),
        }
    }
}

/// Serves by one server, until it is to leave.
async fn alone(
    chat: &Arc<Chat>,
    shared: &Arc<Shared>,
    mut doors: mpsc::UnboundedReceiver<Door>,
    leaving: impl Future<Output = ()>,
) -> Result<(), ClassroomError> {
    let (open, endpoints) = mpsc::unbounded_channel();
    let opened = async {
        while let Some(door) = doors.recv().await {
            // The server is gone only when all of this ends.
            let _ = open.send(door.endpoint(shared));
        }
        std::future::pending().await
    };
    tokio::select! {
        served = server::serve_endpoints(chat, endpoints, leaving) => Ok(served?),
        never = opened => never,
    }
}

/// Opens the door of each lane that is bound, and carries its bytes there; returns only if that
/// fails.
async fn attend(
    shared: &Arc<Shared>,
    link: link::Settings,
    mut bound: mpsc::UnboundedReceiver<Bound>,
    open: mpsc::UnboundedSender<Door>,
) -> ClassroomError {
    let mut links = JoinSet::new();
    let guests = lanes::guests();
    loop {
        tokio::select! {
            Some(lane) = bound.recv() => {
                let (entrance, door) = match lane.split(&guests) {
                    Ok(ends) => ends,
                    Err(error) => return error.into(),
                };
                // Whoever serves is gone only when all of this ends.
                let _ = open.send(door);
                let (link, guests) = (link.clone(), guests.clone());
                links.spawn(lanes::carry(entrance, link, guests, Arc::clone(shared)));
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

/// Returns the state in which a classroom opens; of several servers none is there yet.
fn first_state(link: &link::Settings, servers: usize) -> State {
    State {
        moved: None,
        talker: Talker {
            per_second: 0.0,
            bytes: 40,
        },
        delay_ms: link.delay.as_millis() as u64,
        path: Path::default(),
        http2: false,
        servers: vec![Life::Starts; servers],
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
