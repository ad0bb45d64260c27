//! The settings of a classroom.

use std::{fmt, io, net::SocketAddr, sync::Arc};

use serde::Serialize;
use server::{ServeError, Settings, SettingsError, Store, StoreError};
use wire::Way;

/// The language in which a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// English.
    En,
    /// Chinese.
    Zh,
}

impl Lang {
    /// Returns the tag for HTML's `lang`.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }
}

/// The extent of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The lanes, and the bytes of everybody who comes: every socket is tapped.
    Wire,
    /// The lanes alone. They are bound when somebody first opens their page, and
    /// their sockets are tapped to count; the chat's own port never is.
    Lanes,
}

/// The settings of a classroom.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on; the lanes take the ports behind it where they are free.
    pub listen: SocketAddr,
    /// The network between each lane and the server.
    pub link: link::Settings,
    /// The language in which pages begin.
    pub lang: Lang,
    /// The class's room.
    pub room: String,
    /// The extent of the view.
    pub view: View,
    /// The settings of the chat itself; the lanes' pages are admitted whatever these say.
    pub chat: Settings,
    /// The servers over one log, if there are to be several.
    pub several: Option<Several>,
    /// Pages that are served beside the chat, such as lessons.
    pub beside: Vec<Beside>,
    /// The lessons whose predictions are collected.
    pub lessons: Vec<LessonFacts>,
    /// The lanes with a delay of their own that the lessons need.
    pub practice: Vec<Practice>,
}

/// The servers of a classroom that has several over one log.
#[derive(Clone)]
pub struct Several {
    /// The number of servers, two or more.
    pub servers: usize,
    /// A function that reaches the log for one more server.
    pub store: Arc<Reach>,
}

/// A function that reaches the log of several servers for one of them; it may wait.
pub type Reach = dyn Fn() -> Result<Store, StoreError> + Send + Sync;

impl fmt::Debug for Several {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Several");
        debug
            .field("servers", &self.servers)
            .finish_non_exhaustive()
    }
}

/// A lesson as the classroom knows it.
#[derive(Debug, Clone, Default)]
pub struct LessonFacts {
    /// The name of the lesson.
    pub name: String,
    /// The names of the lesson's questions.
    pub checks: Vec<String>,
    /// The part that is sent to pages: the title, and each question with its unit.
    pub told: serde_json::Value,
    /// The key to the closing questions, English and Chinese, for the teacher alone.
    pub key: [String; 2],
}

/// A lane with a delay of its own, for students who experiment by themselves: in
/// a room of their own, at the same time as others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Practice {
    /// The transport.
    pub lane: Way,
    /// The one-way delay, in milliseconds, whatever the teacher sets.
    pub delay_ms: u64,
}

/// A page that is served as it is.
#[derive(Debug, Clone)]
pub struct Beside {
    /// The address, such as `/lessons`.
    pub path: String,
    /// The media type.
    pub media_type: &'static str,
    /// The content.
    pub text: Content,
}

/// The content of a page that is served as it is.
#[derive(Debug, Clone)]
pub enum Content {
    /// The content itself.
    Whole(String),
    /// A function that makes the content, on a thread of its own which starts when somebody first asks
    /// for it. Whoever asks before it is done waits.
    Made(fn() -> String),
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Whole(text)
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Whole(text.to_owned())
    }
}

/// The reasons why a classroom cannot open or continue.
#[derive(Debug, thiserror::Error)]
pub enum ClassroomError {
    /// An address cannot be listened on.
    #[error("cannot listen on {1}: {0}; choose another address")]
    Listen(#[source] io::Error, SocketAddr),
    /// A lane's port cannot be listened on.
    #[error("a lane cannot listen: {0}")]
    Lane(#[from] io::Error),
    /// A chat cannot run with these settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The log of several servers cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server stopped.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A lane's link stopped.
    #[error("a lane cannot go on: {0}")]
    Link(#[from] link::LinkError),
}
