//! A session that each person opens before it reads or says anything: a request
//! whose answer fills holes of all others.

use std::rc::Rc;

use hyper::{
    Response,
    body::Incoming,
    header::{HeaderMap, HeaderName, SET_COOKIE},
};

use super::{Description, Said, lookup};
use crate::{
    failure::Failure,
    measure::ledger::Use,
    socket::{connection::Connection, network::Network, request, session::Session},
    template::{Template, Value},
};

/// The request that opens a session, ready to be used.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) method: hyper::Method,
    pub(super) path: Template,
    pub(super) headers: Vec<(HeaderName, Template)>,
    pub(super) body: Option<Template>,
    /// The requests that follow it.
    pub(super) then: Vec<Self>,
}

impl Opening {
    /// Returns the texts of the request.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        let lines = self.headers.iter().map(|(_, line)| line);
        [&self.path].into_iter().chain(lines).chain(&self.body)
    }
}

impl Description {
    /// Opens a session for `person` unless there is one, or none is wanted.
    ///
    /// # Errors
    /// Fails if the request fails or is refused, or if its answer leaves a hole empty.
    pub(crate) async fn open_session(
        &self,
        network: &Network,
        person: usize,
        room: usize,
    ) -> Result<(), Failure> {
        let Some(opening) = &self.session else {
            return Ok(());
        };
        if network.sessions.borrow().contains_key(&person) {
            return Ok(());
        }
        let opened = self.ask_for_session(opening, network, person, room).await;
        let session = opened.map_err(|failure| match failure {
            failure @ (Failure::Session(_) | Failure::Connect(_)) => failure,
            failure => Failure::NoSession(Box::new(failure)),
        })?;
        network
            .sessions
            .borrow_mut()
            .insert(person, Rc::new(session));
        Ok(())
    }

    async fn ask_for_session(
        &self,
        opening: &Opening,
        network: &Network,
        person: usize,
        room: usize,
    ) -> Result<Session, Failure> {
        let mut connection = Connection::open(network, person, Use::Open, None).await?;
        let known = |value: &Value| self.fixed(value, person, room);
        let response = self
            .ask_in_session(&mut connection, network, opening, room, &known)
            .await?;
        let session = self.read_session(response).await?;
        for further in &opening.then {
            let known = |value: &Value| {
                let fixed = || self.fixed(value, person, room);
                session.fills(value).or_else(fixed)
            };
            if !connection.is_free().await {
                connection = Connection::open(network, person, Use::Open, None).await?;
            }
            let response = self
                .ask_in_session(&mut connection, network, further, room, &known)
                .await?;
            request::whole_body(response).await?;
        }
        Ok(session)
    }

    async fn ask_in_session(
        &self,
        connection: &mut Connection,
        network: &Network,
        opening: &Opening,
        room: usize,
        known: &impl Fn(&Value) -> Option<String>,
    ) -> Result<Response<Incoming>, Failure> {
        let body = opening.body.as_ref().map(|body| body.fill(known).0);
        let path = opening.path.fill(known).0;
        let mut request = request::say(network, &path, body.unwrap_or_default().into())?;
        *request.method_mut() = opening.method.clone();
        super::add(&opening.headers, request.headers_mut(), known);
        request::tell_empty(&mut request);
        let response = connection.send(request).await?;
        let status = response.status();
        if !status.is_success() {
            let room = self.room_name(room);
            return Err(Failure::status(status.as_u16(), response.headers(), &room));
        }
        Ok(response)
    }

    /// Sends a text of a reader beside its polls, to where drafts are sent.
    pub(super) async fn send_beside(
        &self,
        network: &Network,
        person: usize,
        room: usize,
        text: String,
    ) -> Result<(), Failure> {
        let said = Said {
            network,
            person,
            room,
            number: 0,
            draft: text.into(),
        };
        let mut request = request::say(network, &self.say_path(&said), said.draft.clone())?;
        self.prepare_draft(&mut request, &said);
        let mut connection = Connection::open(network, person, Use::Open, None).await?;
        let response = connection.send(request).await?;
        let status = response.status().as_u16();
        if !self.takes(status) {
            let room = self.room_name(room);
            return Err(Failure::status(status, response.headers(), &room));
        }
        request::whole_body(response).await.map(drop)
    }

    async fn read_session(&self, response: Response<Incoming>) -> Result<Session, Failure> {
        let headers = response.headers().clone();
        let body = request::whole_body(response).await?;
        let body = String::from_utf8_lossy(&body);
        let told = |(value, source): &(Value, String)| {
            let text = match value {
                Value::Session(keys) => lookup::told(&body, keys),
                Value::SessionHeader(name) => field(&headers, name),
                Value::SessionCookie(name) => cookie(&headers, name),
                _ => None,
            };
            let text = text.ok_or_else(|| Failure::Session(source.clone()))?;
            Ok((value.clone(), text))
        };
        let all: Result<Vec<_>, Failure> = self.session_holes.iter().map(told).collect();
        Ok(Session::new(all?))
    }
}

/// Returns the value of a field, which may have letters that are not ASCII.
pub(super) fn field(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = str::from_utf8(headers.get(name)?.as_bytes());
    Some(value.ok()?.to_owned())
}

/// Returns the value of a cookie (RFC 6265, section 4.1.1). Of several by that name the last counts, which
/// takes the place of those before (section 5.3), but none that is over already.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(SET_COOKIE).iter().rev();
    lines
        .filter_map(|line| str::from_utf8(line.as_bytes()).ok())
        .find_map(|line| {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (named, value) = pair.split_once('=')?;
            let is_it = named.trim() == name && !is_over(attributes);
            is_it.then(|| value.trim().to_owned())
        })
}

/// Returns whether the attributes of a cookie take it back (`Max-Age=0`, section 5.2.2).
fn is_over(attributes: &str) -> bool {
    attributes.split(';').any(|attribute| {
        let (name, value) = attribute.split_once('=').unwrap_or_default();
        let is_age = name.trim().eq_ignore_ascii_case("max-age");
        is_age && value.trim().parse().is_ok_and(|age: i64| age <= 0)
    })
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_found_among_several() {
        let mut headers = HeaderMap::new();
        for line in ["a=1; Path=/", "sid=x=y ; HttpOnly", "b"] {
            headers.append(SET_COOKIE, HeaderValue::from_static(line));
        }
        assert_eq!(cookie(&headers, "sid").as_deref(), Some("x=y"));
        assert_eq!(cookie(&headers, "a").as_deref(), Some("1"));
        assert_eq!(cookie(&headers, "Path"), None);
    }

    #[test]
    fn the_last_cookie_of_a_name_counts_unless_it_is_over() {
        for (lines, value) in [
            (&["sid=a; Path=/", "sid=b; Max-Age=60"][..], Some("b")),
            (&["sid=; Max-Age=0", "sid=a"], Some("a")),
            (&["sid=a", "sid=; Path=/old; max-age = -1"], Some("a")),
            (&["sid=deleted; Max-Age=0; Path=/"], None),
            (&["sid=a; Max-Age=soon"], Some("a")),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(SET_COOKIE, HeaderValue::from_static(line));
            }
            assert_eq!(cookie(&headers, "sid").as_deref(), value, "{lines:?}");
        }
    }

    #[test]
    fn letters_that_are_not_ascii_are_read_and_bytes_that_are_no_letters_are_not() {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_static("x-place");
        for (value, read) in [(&b"J\xc3\xbcrg"[..], Some("J\u{fc}rg")), (b"J\xfcrg", None)] {
            let line = HeaderValue::from_bytes(value).unwrap();
            headers.insert(name.clone(), line);
            assert_eq!(field(&headers, &name).as_deref(), read);
            let line = HeaderValue::from_bytes(&[&b"me="[..], value].concat()).unwrap();
            headers.insert(SET_COOKIE, line);
            assert_eq!(cookie(&headers, "me").as_deref(), read);
        }
    }
}
