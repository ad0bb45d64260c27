//! Opening a classroom, and closing it again.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use rand::RngExt;
use serde::Serialize;
use serde_json::{Value, json};
use server::{Chat, Door, ServeError, Settings, SettingsError, Tap, Watch};
use tokio::task::JoinSet;

use crate::{
    address, channel, files,
    follow::Follow,
    lane::Lane,
    lanes::{self, Entrance},
    qr,
    shared::Shared,
    state::{State, Talker},
    talker,
};

/// The language in which a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// English.
    En,
    /// Chinese.
    Zh,
}

/// What can be set about a classroom.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on; the lanes take the ports behind it where they are free.
    pub listen: SocketAddr,
    /// What lies between each lane and the server.
    pub link: link::Settings,
    /// The language in which pages begin.
    pub lang: Lang,
    /// Further origins whose pages may join and listen.
    pub allow_origins: Vec<String>,
    /// The class's room.
    pub room: String,
    /// How many people may be in it.
    pub max_people: usize,
    /// Messages a second that one person may say.
    pub drafts_per_second: u32,
    /// Longest text, in bytes.
    pub text_limit: usize,
    /// Pages that are served beside the chat, such as lessons.
    pub beside: Vec<Beside>,
}

/// A page that is served as it is.
#[derive(Debug, Clone)]
pub struct Beside {
    /// Its address, such as `/lessons`.
    pub path: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its text.
    pub text: String,
}

/// Why a classroom could not open or go on.
#[derive(Debug, thiserror::Error)]
pub enum ClassroomError {
    /// An address cannot be listened on.
    #[error(
        "cannot listen: {0}; is something else using the address? choose another with --listen"
    )]
    Listen(#[from] io::Error),
    /// No chat can run with these settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The server stopped.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A lane's link stopped.
    #[error("a lane cannot go on: {0}")]
    Link(#[from] link::LinkError),
}

/// What does not change while a classroom is open.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) room: String,
    pub(crate) token: String,
    /// Where the class opens the chat.
    pub(crate) url: String,
    lang: Lang,
    ports: [u16; Lane::ALL.len()],
    drafts_per_second: u32,
    max_people: usize,
    text_limit: usize,
    has_lessons: bool,
}

impl Facts {
    /// What every page may know: all but the token.
    pub(crate) fn public(&self) -> Value {
        let lanes: Vec<_> = Lane::ALL
            .iter()
            .zip(self.ports)
            .map(|(lane, port)| json!({"lane": lane, "port": port}))
            .collect();
        json!({
            "url": self.url,
            "room": self.room,
            "lang": self.lang,
            "lessons": self.has_lessons,
            "lanes": lanes,
            "limits": {
                "per_second": self.drafts_per_second,
                "people": self.max_people,
                "text": self.text_limit,
            },
        })
    }

    /// The lanes' ports as sources of a Content-Security-Policy.
    pub(crate) fn sources(&self) -> String {
        let sources: Vec<_> = self
            .ports
            .iter()
            .map(|port| format!("http://*:{port}"))
            .collect();
        sources.join(" ")
    }
}

/// An open classroom that nobody is served in yet.
pub struct Classroom {
    shared: Arc<Shared>,
    chat: Arc<Chat>,
    doors: Vec<Door>,
    entrances: Vec<Entrance>,
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
    /// Binds all addresses. To be called within a tokio runtime.
    ///
    /// # Errors
    /// When an address cannot be listened on, or the settings cannot work.
    pub fn open(options: Options) -> Result<Self, ClassroomError> {
        let main = server::listen(options.listen)?;
        let address = main.local_addr()?;
        let mut entrances = Vec::new();
        let mut inside = Vec::new();
        let mut ports = [0; Lane::ALL.len()];
        for (number, port) in (1..).zip(&mut ports) {
            let wanted = address.port().checked_add(number).unwrap_or(0);
            let (entrance, behind) = lanes::bind(address.ip(), wanted)?;
            *port = entrance.listener.local_addr()?.port();
            entrances.push(entrance);
            inside.push(behind);
        }
        let shared = Arc::new(Shared::new(
            Facts {
                token: token(),
                url: url(address),
                ports,
                room: options.room,
                lang: options.lang,
                drafts_per_second: options.drafts_per_second,
                max_people: options.max_people,
                text_limit: options.text_limit,
                has_lessons: options.beside.iter().any(|page| page.path == "/lessons"),
            },
            first_state(&options.link),
        ));
        let settings = Settings {
            allow_origins: options.allow_origins,
            allow_ports: vec![address.port()],
            drafts_per_second: Some(options.drafts_per_second),
            max_people: Some(options.max_people),
            text_limit: options.text_limit,
            heartbeat: Duration::from_secs(15),
            goodbye: Duration::from_secs(2),
            ..Settings::default()
        };
        let chat = Chat::with_annex(settings, files::annex(&shared, options.beside))?;
        shared.serve(&chat);
        let lanes = Lane::ALL.into_iter().map(Some);
        let doors = [(None, main)]
            .into_iter()
            .chain(lanes.zip(inside))
            .map(|(lane, listener)| Door {
                listener,
                tap: Some(tap(&shared, lane)),
            })
            .collect();
        Ok(Self {
            shared,
            chat,
            doors,
            entrances,
            link: options.link,
            address,
        })
    }

    /// Where the class opens the chat.
    #[must_use]
    pub fn url(&self) -> String {
        self.shared.facts.url.clone()
    }

    /// [`url`](Self::url) as a QR code for phones, in Unicode half blocks.
    #[must_use]
    pub fn qr(&self) -> String {
        qr::blocks(&self.url())
    }

    /// Where the lanes are, for the projector.
    #[must_use]
    pub fn lanes_url(&self) -> String {
        format!("{}/classroom", self.url())
    }

    /// The teacher's own link. The token stands behind the `#`, which browsers
    /// do not send: it is in no log and in no wire view.
    #[must_use]
    pub fn teacher_url(&self) -> String {
        format!("{}#token={}", self.lanes_url(), self.shared.facts.token)
    }

    /// Serves until `shutdown` is ready.
    ///
    /// # Errors
    /// When a listening socket breaks.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), ClassroomError> {
        let mut tasks = JoinSet::new();
        for entrance in self.entrances {
            let carry = lanes::carry(entrance, self.link.clone(), Arc::clone(&self.shared));
            tasks.spawn(carry);
        }
        let talk = talker::talk(Arc::clone(&self.shared));
        let leaving = async {
            tokio::select! {
                () = shutdown => {}
                never = talk => never,
            }
            self.shared.leaving.send_replace(true);
        };
        tokio::select! {
            served = server::serve_doors(&self.chat, self.doors, leaving) => Ok(served?),
            Some(Ok(Err(broken))) = tasks.join_next() => Err(broken),
        }
    }
}

/// The channel's end of the annex.
pub(crate) fn talk(shared: &Arc<Shared>) -> server::Talk {
    let shared = Arc::clone(shared);
    Box::new(|channel| Box::pin(channel::serve(shared, channel)))
}

fn tap(shared: &Arc<Shared>, lane: Option<Lane>) -> Tap {
    // Weak, because the chat holds the doors' taps for as long as it serves.
    let shared = Arc::downgrade(shared);
    Tap::new(move |_| {
        let follow = Follow::new(shared.upgrade()?, lane);
        Some(Box::new(follow) as Box<dyn Watch>)
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
        cleared: 0,
    }
}

fn url(address: SocketAddr) -> String {
    let host = address::reachable(address);
    format!("http://{}", SocketAddr::new(host, address.port()))
}

/// 128 bits that nobody guesses, in hexadecimal.
fn token() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}
