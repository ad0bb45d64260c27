//! The text that a protocol of messages puts around an event.
//!
//! An event is wrapped when the first reader needs it, and kept with the entry
//! of the log: all readers of one protocol share its bytes, and a room without
//! such readers has none.

use bytes::Bytes;
use wire::{
    Glance, Kind, codec,
    deflate::{Deflater, frames},
    hixie_76,
};

use crate::room::entry::{Encoding, chunk, text_frame};

/// The text around one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    /// Nothing: the event as it is.
    Json,
    /// Nothing, and no other event beside it: it is packed by itself in a context of its reader.
    Alone,
    /// A script element of a forever iframe: `<script>e({…})</script>`.
    Script,
    /// A Socket.IO event in an Engine.IO message, with the place as its offset:
    /// `42["message",{…},"7"]`.
    SocketIo,
    /// A SockJS array frame, for a WebSocket: `a["{…}"]`.
    SockJs,
    /// A SockJS array frame and a line feed, for XHR streaming.
    SockJsLine,
    /// A SockJS array frame as an event of an event stream.
    SockJsEvent,
    /// A SockJS array frame in a script element, for an htmlfile.
    SockJsScript,
    /// The event as a JSON string, which polls join into one array frame.
    SockJsText,
}

/// The carrier in which wrapped events travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// No wrapping: the text as it is.
    Bare,
    /// A text frame of a WebSocket.
    Frame,
    /// An HTTP chunk.
    Chunk,
    /// A text of hixie-76, between 0x00 and 0xff.
    Sentinels,
    /// A compressed text frame of a WebSocket (RFC 7692), which needs no context.
    Deflated,
}

impl Wrapping {
    /// Wraps the JSON of an event or of a gap.
    pub(crate) fn wrap(self, json: &[u8]) -> Vec<u8> {
        // What enters a log was encoded here, so it is UTF-8.
        let text = String::from_utf8_lossy(json);
        match self {
            Self::Script => format!("<script>e({})</script>\n", for_script(&text)).into_bytes(),
            Self::SocketIo => socket_io(json),
            Self::SockJsText => quoted(&text).into_bytes(),
            Self::Json | Self::Alone => json.to_vec(),
            _ => self.wrap_frame(&format!("a[{}]", quoted(&text))),
        }
    }

    /// Puts the text of a frame of SockJS (o, h, a or c) into what surrounds
    /// frames here. Leaves it as it is where nothing does.
    pub(crate) fn wrap_frame(self, frame: &str) -> Vec<u8> {
        match self {
            Self::SockJsLine => format!("{frame}\n"),
            Self::SockJsEvent => format!("data: {frame}\r\n\r\n"),
            Self::SockJsScript => {
                let frame = for_script(&quoted(frame));
                format!("<script>\np({frame});\n</script>\r\n")
            }
            _ => frame.to_owned(),
        }
        .into_bytes()
    }

    /// Returns the bytes between two events that go out together without a
    /// carrier of their own.
    fn separator(self) -> &'static [u8] {
        match self {
            Self::SocketIo => b"\x1e",
            Self::SockJsText => b",",
            _ => b"",
        }
    }

    /// Returns the largest number of events in the answer to one poll. A client
    /// of Engine.IO in Python takes no answer of more than 16 packets, and some
    /// may be no events.
    pub(crate) fn most_joined(self) -> usize {
        match self {
            Self::SocketIo => 12,
            Self::Alone => 1,
            _ => usize::MAX,
        }
    }

    /// Returns the number of bytes of events after which an answer that goes on
    /// is ended, so that the client asks anew: a browser keeps all of it in
    /// memory. SockJS has 128 KiB.
    pub(crate) fn longest_answer(self) -> usize {
        match self {
            Self::Script | Self::Json | Self::Alone => usize::MAX,
            _ => 128 * 1024,
        }
    }

    /// Returns the text that is sent after a long silence.
    fn heartbeat(self) -> Vec<u8> {
        match self {
            Self::Script => b"\n".to_vec(),
            // The ping of Engine.IO; a server that only keeps silence never
            // sends it, because its pings are due at fixed times.
            Self::SocketIo => b"2".to_vec(),
            _ => self.wrap_frame("h"),
        }
    }
}

impl Carrier {
    /// Puts a text into the carrier.
    pub(crate) fn carry(self, text: Vec<u8>) -> Bytes {
        match self {
            Self::Bare => Bytes::from(text),
            Self::Frame => text_frame(&text),
            Self::Chunk => chunk(&[&text]),
            Self::Sentinels => sentinels(&text),
            Self::Deflated => {
                let payload = Deflater::new(false).message(&text);
                Bytes::from(frames::text_frame(&payload))
            }
        }
    }
}

/// Returns the heartbeat of a wrapping in its carrier.
pub(crate) fn heartbeat(wrapping: Wrapping, carrier: Carrier) -> Bytes {
    match carrier {
        Carrier::Sentinels => Bytes::from_static(&hixie_76::PASSED_OVER),
        Carrier::Deflated => Encoding::Frame.heartbeat(),
        _ => carrier.carry(wrapping.heartbeat()),
    }
}

/// Makes a text frame of hixie-76 (section 5.3). No byte of UTF-8 is its end.
pub(crate) fn sentinels(text: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(text.len() + 2);
    frame.push(hixie_76::TEXT);
    frame.extend_from_slice(text);
    frame.push(hixie_76::END);
    Bytes::from(frame)
}

/// Joins wrapped events that travel without a carrier.
pub(crate) fn join_bare(wrapping: Wrapping, encoded: &[Bytes]) -> Bytes {
    Bytes::from(encoded.join(wrapping.separator()))
}

/// Makes a Socket.IO event: its name is the kind, and its last argument the place after it, which a
/// client uses to recover (Socket.IO protocol 5, and "connection state recovery").
fn socket_io(json: &[u8]) -> Vec<u8> {
    let (name, place) = match codec::decode::<Glance<'_>>(json) {
        Ok(glance) => match glance.kind {
            Kind::Join => ("join", glance.seq),
            Kind::Leave => ("leave", glance.seq),
            Kind::Gap => ("gap", glance.next),
            _ => ("message", glance.seq),
        },
        Err(_) => ("message", 0),
    };
    let mut packet = Vec::with_capacity(json.len() + 32);
    packet.extend_from_slice(format!("42[\"{name}\",").as_bytes());
    packet.extend_from_slice(json);
    packet.extend_from_slice(format!(",\"{place}\"]").as_bytes());
    packet
}

/// Encodes a text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    // A `Value` would be written piece by piece through `Display`: several times the work.
    serde_json::to_string(text).expect("a text is JSON")
}

/// Writes JSON in a way that it can stand in a script element: no `<` can end
/// it, and the two line ends that old engines do not take in a string are
/// escaped. Both occur in strings only.
pub(crate) fn for_script(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"seq":7,"kind":"message","from":"ann","text":"</script>\"","at":1}"#;

    fn text(wrapping: Wrapping) -> String {
        String::from_utf8(wrapping.wrap(JSON.as_bytes())).unwrap()
    }

    #[test]
    fn a_socket_io_event_ends_with_its_place() {
        assert_eq!(
            text(Wrapping::SocketIo),
            format!("42[\"message\",{JSON},\"7\"]")
        );
        let gap = br#"{"kind":"gap","missed":12,"next":40}"#;
        let packet = String::from_utf8(Wrapping::SocketIo.wrap(gap)).unwrap();
        assert!(packet.starts_with("42[\"gap\",{") && packet.ends_with(",\"40\"]"));
    }

    #[test]
    fn no_text_leaves_its_script_element() {
        for wrapping in [Wrapping::Script, Wrapping::SockJsScript] {
            let text = text(wrapping);
            assert_eq!(text.matches("</script>").count(), 1, "{text}");
            assert_eq!(text.matches('<').count(), 2, "{text}");
        }
    }

    #[test]
    fn a_sockjs_frame_is_an_array_of_one_string() {
        let frame = text(Wrapping::SockJs);
        let inside: Vec<String> = serde_json::from_str(&frame[1..]).unwrap();
        assert_eq!(inside, [JSON]);
        assert_eq!(text(Wrapping::SockJsLine), format!("{frame}\n"));
        assert_eq!(
            text(Wrapping::SockJsEvent),
            format!("data: {frame}\r\n\r\n")
        );
        let bare = [
            Wrapping::SockJsText.wrap(b"1"),
            Wrapping::SockJsText.wrap(b"2"),
        ]
        .map(Bytes::from);
        assert_eq!(join_bare(Wrapping::SockJsText, &bare), "\"1\",\"2\"");
    }
}
