//! The chat in front of a class: a lane for each transport, and a view of the bytes.
//!
//! A single process serves the chat page, the classroom page and five lanes, each from a port of
//! its own, all over the same rooms. The server's sockets are tapped: their bytes go through
//! `dissect`, into the books of the person they belong to, and over a channel of its own to the
//! page that shows them.
//!
//! Reading order: `route` names the kinds of requests; `head` and `follow` turn the bytes of one
//! connection into notes, on HTTP/2 with `frames` and `streams`, and `inside` unpacks what is
//! compressed; by `teller` they come to `books`, which adds them up, and to `hub`, which takes them
//! to the pages; `channel` defines the messages between a page and the server, `state`
//! what the teacher can change, `sheets` what students hand in, `own` a student's room of their own,
//! and `said` what pages say; `lanes` and `open` start it all, `door` is where connections come in,
//! and `servers` leads them to several servers over one log. `options` and `facts` hold the settings.

mod books;
mod channel;
mod channels;
mod door;
mod facts;
mod files;
mod follow;
mod frames;
mod head;
mod hub;
mod inside;
mod kept;
mod lanes;
mod note;
mod open;
mod options;
mod order;
mod own;
mod qr;
mod route;
mod said;
mod servers;
mod shared;
mod sheets;
mod sides;
mod state;
mod streams;
mod talker;
mod teller;
mod token;

pub use open::Classroom;
pub use options::{
    Beside, ClassroomError, Content, Lang, LessonFacts, Options, Practice, Reach, Several, View,
};
