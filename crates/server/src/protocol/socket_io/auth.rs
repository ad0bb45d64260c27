//! The identity that a client states when it connects, and the recognition of a client that
//! returns.

use serde::Deserialize;
use wire::Seq;

use crate::{
    http::query::{Query, QueryError},
    protocol::ids::Ids,
    settings::Settings,
};

/// The payload of a CONNECT packet: `auth` of the client's library, to which it
/// adds `pid` and `offset` when it comes back. Other keys are ignored.
#[derive(Debug, Default, Clone, Deserialize)]
pub(crate) struct Auth {
    #[serde(default)]
    pub(crate) room: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    person: Option<String>,
    #[serde(default)]
    after: Option<Place>,
    #[serde(default)]
    pid: Option<String>,
    #[serde(default)]
    offset: Option<String>,
}

/// A place as a program writes it: a number, or the words of a query.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Place {
    Number(Seq),
    Word(String),
}

/// A client's identity in one room: what the answer to its CONNECT holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The id of the client's socket.
    pub(crate) sid: String,
    /// The private id with which it comes back.
    pub(crate) pid: String,
}

impl Auth {
    /// Reads the payload of a CONNECT packet. The query of the handshake supplies what the payload
    /// leaves out.
    pub(crate) fn parse(payload: &str, query: &str) -> Option<Self> {
        let mut auth: Self = match payload {
            "" => Self::default(),
            // An array would be read as the fields in their order.
            _ if payload.starts_with('{') => serde_json::from_str(payload).ok()?,
            _ => return None,
        };
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = Some(value.into_owned());
            match key.as_ref() {
                "room" => auth.room = auth.room.or(value),
                "name" => auth.name = auth.name.or(value),
                "person" => auth.person = auth.person.or(value),
                "after" => auth.after = auth.after.or(value.map(Place::Word)),
                _ => {}
            }
        }
        Some(auth)
    }

    /// Returns the query that the client makes, as a reader with this `sid`. A client that chose no
    /// token is known by its `sid`.
    pub(crate) fn query(&self, sid: &str, settings: &Settings) -> Result<Query, QueryError> {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.append_pair("person", self.person.as_deref().unwrap_or(sid));
        if let Some(name) = &self.name {
            text.append_pair("name", name);
        }
        match &self.after {
            Some(Place::Number(seq)) => {
                text.append_pair("after", &seq.to_string());
            }
            Some(Place::Word(word)) => {
                text.append_pair("after", word);
            }
            None => {}
        }
        Query::read(&text.finish(), settings)
    }

    /// Returns whether the client says that it was here before.
    pub(crate) fn comes_back(&self) -> bool {
        self.pid.is_some() && self.offset.is_some()
    }

    /// Returns the identity of a client that comes back to the log `name`, and its place there, if
    /// this server gave that identity out.
    pub(crate) fn returning(&self, ids: &Ids, name: &str) -> Option<(Identity, Seq)> {
        let pid = self.pid.as_deref()?;
        let place = self.offset.as_deref()?.parse().ok()?;
        let (sid, signature) = pid.split_at_checked(SID_LENGTH)?;
        (ids.sign(sid, name) == signature).then(|| {
            let identity = Identity {
                sid: sid.to_owned(),
                pid: pid.to_owned(),
            };
            (identity, place)
        })
    }
}

/// The length of a socket's id.
const SID_LENGTH: usize = 32;

impl Identity {
    /// Makes the identity of a client that is new to the log `name`.
    pub(crate) fn fresh(ids: &Ids, name: &str) -> Self {
        let sid = ids.fresh();
        let pid = format!("{sid}{}", ids.sign(&sid, name));
        Self { sid, pid }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::After;

    #[test]
    fn the_payload_counts_more_than_the_query() {
        let auth = Auth::parse(r#"{"name":"ann","x":1}"#, "room=a&name=ben&after=3").unwrap();
        assert_eq!(auth.room.as_deref(), Some("a"));
        let query = auth.query("sid", &Settings::default()).unwrap();
        assert_eq!(query.name.as_deref(), Some("ann"));
        assert_eq!(query.person.as_deref(), Some("sid"));
        assert_eq!(query.after, After::Place(3));
        let auth = Auth::parse(r#"{"after":"latest","person":"p"}"#, "").unwrap();
        let query = auth.query("sid", &Settings::default()).unwrap();
        assert_eq!(query.after, After::Latest);
        assert_eq!(query.person.as_deref(), Some("p"));
        for bad in ["[]", "7", "{", r#"{"room":5}"#, r#"{"after":-1}"#] {
            assert!(Auth::parse(bad, "").is_none(), "{bad}");
        }
    }

    #[test]
    fn only_who_was_here_comes_back() {
        let ids = Ids::new();
        let known = Identity::fresh(&ids, "a");
        let back = |pid: &str, room: &str, offset: &str| {
            let payload = serde_json::json!({"pid": pid, "offset": offset}).to_string();
            Auth::parse(&payload, "").unwrap().returning(&ids, room)
        };
        let (again, place) = back(&known.pid, "a", "7").unwrap();
        assert_eq!((again, place), (Identity::fresh_of(&known), 7));
        assert!(back(&known.pid, "b", "7").is_none());
        assert!(back(&known.pid, "a", "x").is_none());
        assert!(
            back(&known.pid.replace('0', "1"), "a", "7").is_none_or(|_| !known.pid.contains('0'))
        );
        assert!(back("", "a", "7").is_none());
        assert!(back(&"\u{e4}".repeat(40), "a", "7").is_none());
    }

    impl Identity {
        fn fresh_of(other: &Self) -> Self {
            Self {
                sid: other.sid.clone(),
                pid: other.pid.clone(),
            }
        }
    }
}
