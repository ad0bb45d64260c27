//! The facts that stay fixed while a classroom is open, and the part that pages may know.

use serde_json::{Value, json};
use wire::Way;

use crate::{
    lanes::Ports,
    options::{Lang, LessonFacts, View},
};

/// The facts that stay fixed while a classroom is open.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) room: String,
    pub(crate) token: String,
    /// Tells this classroom from one that is started later at the same address.
    pub(crate) id: String,
    /// The address at which the class opens the chat.
    pub(crate) url: String,
    pub(crate) lang: Lang,
    pub(crate) view: View,
    pub(crate) has_lessons: bool,
    pub(crate) lessons: Vec<LessonFacts>,
    /// The silence after which a stream or WebSocket gets a heartbeat, in seconds.
    pub(crate) heartbeat: f64,
    /// True if lanes that say nothing of it are compressed; `None` if none can be.
    pub(crate) compress: Option<bool>,
    /// True if the classroom is served under TLS.
    pub(crate) tls: bool,
}

impl Facts {
    /// Returns the facts that every page may know: all but the token and the keys.
    pub(crate) fn public(&self, ports: &Ports) -> Value {
        let lanes: Vec<_> = Way::ALL
            .iter()
            .zip(&ports.lanes)
            .map(|(lane, port)| json!({"lane": lane, "port": port}))
            .collect();
        let own: Vec<_> = ports
            .own
            .iter()
            .map(|(practice, port)| {
                json!({"lane": practice.lane, "delay": practice.delay_ms, "port": port})
            })
            .collect();
        let sheets: Vec<_> = self.lessons.iter().map(|lesson| &lesson.told).collect();
        json!({
            "id": self.id,
            "url": self.url,
            "room": self.room,
            "lang": self.lang,
            "lessons": self.has_lessons,
            "heartbeat": self.heartbeat,
            "compress": self.compress,
            "tls": self.tls,
            "wire": self.view == View::Wire,
            "lanes": lanes,
            "own": own,
            "sheets": sheets,
        })
    }
}
