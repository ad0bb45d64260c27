//! XHR polling and JSONP polling: one frame, or one array of messages, for each
//! request.

use std::sync::Arc;

use bytes::Bytes;
use hyper::{Response, header};
use tokio::time::{Instant, sleep_until};

use crate::{
    http::{body::Body, reply},
    protocol::sockjs::{frame, pages::set, session::Session},
    room::{
        entry::Encoding,
        wrapping::{Carrier, Wrapping, for_script, quoted},
    },
    transport::Answer,
};

/// The encoding of events that are joined into one array frame.
pub(super) const ENCODING: Encoding = Encoding::Wrapped(Wrapping::SockJsText, Carrier::Bare);

/// Answers a poll; with a `callback` in a script. A new session is answered only that it is open.
pub(super) async fn answer(session: &Arc<Session>, is_new: bool, callback: Option<&str>) -> Answer {
    let frame = match session.begin() {
        Err(refusal) => refusal.to_owned(),
        Ok(turn) => {
            let frame = if is_new {
                frame::OPEN.to_owned()
            } else {
                wait(session).await
            };
            turn.end();
            frame
        }
    };
    Answer::Http(match callback {
        None => {
            let mut reply = Response::new(Body::whole(Bytes::from(frame + "\n")));
            set(
                &mut reply,
                header::CONTENT_TYPE,
                "application/javascript; charset=UTF-8",
            );
            set(&mut reply, header::CACHE_CONTROL, "no-store");
            reply
        }
        Some(callback) => {
            let frame = for_script(&quoted(&frame));
            reply::script(Bytes::from(format!("/**/{callback}({frame});\r\n")))
        }
    })
}

/// Waits for a frame.
async fn wait(session: &Session) -> String {
    let until = Instant::now() + session.settings.heartbeat;
    loop {
        let rung = session.bell.notified();
        let mut rung = std::pin::pin!(rung);
        // From here on no ring is missed.
        rung.as_mut().enable();
        let waiting = session.take_waiting();
        if !waiting.is_empty() {
            return join(&waiting);
        }
        let (place, portion) = session.next_portion(ENCODING);
        if let Some(portion) = portion {
            return array(&portion.bytes);
        }
        if session.room.is_closed() || session.has_ended() {
            return frame::GO_AWAY.to_owned();
        }
        tokio::select! {
            () = rung => {}
            () = session.room.news(place) => {}
            () = sleep_until(until) => return frame::HEARTBEAT.to_owned(),
        }
    }
}

/// Makes an array frame of events that are joined.
pub(super) fn array(events: &[u8]) -> String {
    format!("a[{}]", String::from_utf8_lossy(events))
}

/// Joins array frames into one.
pub(super) fn join(frames: &[String]) -> String {
    let bare = |frame: &String| frame[2..frame.len() - 1].to_owned();
    let messages: Vec<String> = frames.iter().map(bare).collect();
    format!("a[{}]", messages.join(","))
}
