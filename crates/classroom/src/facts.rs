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
    /// The address at which the class opens the chat.
    pub(crate) url: String,
    pub(crate) lang: Lang,
    pub(crate) view: View,
    pub(crate) has_lessons: bool,
    pub(crate) lessons: Vec<LessonFacts>,
    /// The silence after which a stream or WebSocket gets a heartbeat, in seconds.
    pub(crate) heartbeat: f64,
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
            "url": self.url,
            "room": self.room,
            "lang": self.lang,
            "lessons": self.has_lessons,
            "heartbeat": self.heartbeat,
            "wire": self.view == View::Wire,
            "lanes": lanes,
            "own": own,
            "sheets": sheets,
        })
    }
}
