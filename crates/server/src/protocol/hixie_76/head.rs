//! The opening handshake (sections 5.1 and 5.2 of the draft).

use hyper::{
    HeaderMap, Request,
    header::{self, HeaderValue},
};
use wire::{
    Way,
    hixie_76::{self, KEY_3, Key},
};

use crate::{
    http::{head, origin, refusal::Refusal, route::Route},
    settings::Settings,
};

/// The number of header lines that such a head has at most: no client sent near as many.
const HEADERS: usize = 100;
const KEY_1: &str = "sec-websocket-key1";
const KEY_2: &str = "sec-websocket-key2";

/// The two keys of a handshake, taken apart.
pub(super) type Keys = (Key, Key);

/// The head of a request for an old WebSocket of a room.
#[derive(Debug)]
pub(super) struct Head {
    request: Request<()>,
}

impl Head {
    /// Reads the head that `received` begins with. Returns its length with it; `None` if it is
    /// incomplete, too long, or that of another request: one without either key, or not for a
    /// WebSocket of a room.
    pub(super) fn read(received: &[u8], settings: &Settings) -> Option<(usize, Self)> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(length) = parsed.parse(received).ok()? else {
            return None;
        };
        if length > settings.head_bytes || parsed.headers.len() > settings.head_lines {
            return None;
        }
        let is_key = |name: &str| {
            [KEY_1, KEY_2]
                .iter()
                .any(|key| name.eq_ignore_ascii_case(key))
        };
        if parsed.method != Some("GET") || !parsed.headers.iter().any(|field| is_key(field.name)) {
            return None;
        }
        let mut request = Request::get(parsed.path?);
        for field in &*parsed.headers {
            request = request.header(field.name, field.value);
        }
        let mut request = request.body(()).ok()?;
        head::settle_host(&mut request);
        let route = Route::of(request.uri().path(), false).ok()?;
        matches!(route, Route::Read(_, Way::Websocket)).then_some((length, Self { request }))
    }

    /// Returns the name of the room.
    pub(super) fn room(&self) -> &str {
        match Route::of(self.request.uri().path(), false) {
            Ok(Route::Read(room, _)) => room,
            _ => "",
        }
    }

    /// Returns the part of the target behind the question mark.
    pub(super) fn query(&self) -> &str {
        self.request.uri().query().unwrap_or("")
    }

    /// Checks everything that stands in the head (section 5.1), and takes the keys apart.
    pub(super) fn check(&self, settings: &Settings) -> Result<Keys, Refusal> {
        head::check(&self.request, settings)?;
        let headers = self.request.headers();
        let asks = |name, word: &str| {
            only(headers, name).is_some_and(|value| value.eq_ignore_ascii_case(word.as_bytes()))
        };
        if !asks(header::UPGRADE.as_str(), "websocket")
            || !asks(header::CONNECTION.as_str(), "upgrade")
        {
            return Err(Refusal::NoUpgrade);
        }
        let key = |number, name| {
            let value = only(headers, name).ok_or(Refusal::NoOldKey(number))?;
            Key::read(value).map_err(|why| Refusal::OldKey { number, why })
        };
        let keys = (key(1, KEY_1)?, key(2, KEY_2)?);
        origin::check(headers, settings)?;
        Ok(keys)
    }

    /// Returns the whole answer to the handshake (section 5.2): its head, and the hash. `secure` says
    /// whether the connection is under TLS, where the location's scheme is `wss`.
    pub(super) fn answer(&self, keys: Keys, third: &[u8], secure: bool) -> Vec<u8> {
        let headers = self.request.headers();
        let text = |name: header::HeaderName, absent: &'static [u8]| {
            headers
                .get(name)
                .map_or(absent, HeaderValue::as_bytes)
                .to_vec()
        };
        let target = self.request.uri().path_and_query();
        let mut answer = b"HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\n\
            Connection: Upgrade\r\nSec-WebSocket-Origin: "
            .to_vec();
        answer.extend(text(header::ORIGIN, b"null"));
        answer.extend_from_slice(b"\r\nSec-WebSocket-Location: ");
        answer.extend_from_slice(if secure { b"wss://" } else { b"ws://" });
        answer.extend(text(header::HOST, b""));
        answer.extend_from_slice(target.map_or("/", |target| target.as_str()).as_bytes());
        answer.extend_from_slice(b"\r\n\r\n");
        let mut key_3 = [0; KEY_3];
        key_3.copy_from_slice(third);
        let challenge = hixie_76::challenge(keys.0, keys.1, key_3);
        answer.extend(hixie_76::answer(challenge));
        answer
    }
}

/// Returns the value of a header that is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(more: &str) -> String {
        format!(
            "GET /rooms/demo/ws?name=ann HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\nUpgrade: WebSocket\r\n{more}\r\n"
        )
    }

    fn checked(more: &str) -> Result<Keys, Refusal> {
        let (_, head) = Head::read(head(more).as_bytes(), &Settings::default()).unwrap();
        head.check(&Settings::default())
    }

    const FIRST: &str = "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\n";

    #[test]
    fn the_drafts_own_example_is_answered() {
        let head = head(&format!("{FIRST}Origin: http://x\r\n"));
        let (length, head) = Head::read(head.as_bytes(), &Settings::default()).unwrap();
        assert_eq!(length, head_length());
        assert_eq!((head.room(), head.query()), ("demo", "name=ann"));
        let keys = || head.check(&Settings::default()).unwrap();
        for (secure, scheme) in [(false, "ws:"), (true, "wss:")] {
            let answer = head.answer(keys(), b"^n:ds[4U", secure);
            let expected = format!(
                "HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\n\
                 Connection: Upgrade\r\nSec-WebSocket-Origin: http://x\r\n\
                 Sec-WebSocket-Location: {scheme}//x/rooms/demo/ws?name=ann\r\n\r\n\
                 8jKS'y:G*Co,Wxa-"
            );
            assert_eq!(String::from_utf8(answer).unwrap(), expected);
        }
    }

    fn head_length() -> usize {
        head(&format!("{FIRST}Origin: http://x\r\n")).len()
    }

    #[test]
    fn requests_without_old_keys_are_left_alone() {
        for other in [
            head(FIRST).replace("/ws", "/sse"),
            head(FIRST).replace("/rooms/demo", ""),
            head(FIRST).replace("GET", "POST"),
            head("").replace("Key2", "Key"),
            head(FIRST).replace("\r\n\r\n", ""),
        ] {
            let settings = Settings::default();
            assert!(Head::read(other.as_bytes(), &settings).is_none(), "{other}");
        }
        let few = Settings {
            head_lines: 3,
            ..Settings::default()
        };
        assert!(Head::read(head(FIRST).as_bytes(), &few).is_none());
    }

    #[test]
    fn what_no_such_client_sends_is_refused() {
        assert!(checked(FIRST).is_ok());
        assert!(matches!(checked(""), Err(Refusal::NoOldKey(1))));
        let twice = FIRST.repeat(2);
        assert!(matches!(checked(&twice), Err(Refusal::NoOldKey(1))));
        let bad = "Sec-WebSocket-Key1: 41\r\n";
        assert!(matches!(
            checked(bad),
            Err(Refusal::OldKey { number: 1, .. })
        ));
        let foreign = format!("{FIRST}Origin: http://evil.test\r\n");
        assert!(matches!(checked(&foreign), Err(Refusal::Origin(_))));
        let again = format!("{FIRST}Upgrade: h2c\r\n");
        assert!(matches!(checked(&again), Err(Refusal::NoUpgrade)));
    }
}
