//! The chat in front of a class: a lane for each transport, and the bytes in view.
//!
//! One process serves the chat page, the classroom page and five lanes, each
//! from a port of its own, all over the same rooms. The server's sockets are
//! tapped: what they carry goes through `dissect`, into the books of the person
//! it belongs to, and over a channel of its own to the page that shows it.
//!
//! Reading order: `lane` and `route` say what is told apart; `head` and `follow`
//! turn the bytes of one connection into notes; `books` adds them up and `hub`
//! takes them to the pages; `channel` is what a page and the server say to each
//! other, `state` what the teacher can change, `sheets` what students hand in,
//! `own` a student's room of their own; `lanes` and `open` start it all. `options` and `facts`
//! are what is set beforehand.

mod address;
mod books;
mod channel;
mod facts;
mod files;
mod follow;
mod head;
mod hub;
mod lanes;
mod note;
mod open;
mod options;
mod order;
mod own;
mod qr;
mod route;
mod shared;
mod sheets;
mod sides;
mod state;
mod talker;

pub use open::Classroom;
pub use options::{Beside, ClassroomError, Lang, LessonFacts, Options, Practice, View};
