//! `[server]`: the server that a run starts, and a stop of it.

use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// The longest text that a server takes unless it is told otherwise, in bytes.
const TEXT_LIMIT: usize = 65_536;

/// Returns whether a limit need not be written down.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
const fn is_usual(limit: &usize) -> bool {
    *limit == TEXT_LIMIT
}

/// `[server]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Threads of the server. Default 1.
    pub threads: usize,
    /// Events that a room keeps. Default 200.
    pub log: usize,
    /// Bytes of the longest text that it takes in a draft. Default 65536.
    #[serde(skip_serializing_if = "is_usual")]
    pub text_limit: usize,
    /// True if events that wait for a reader go out in one write, as they do by
    /// default, false if each goes out in a write of its own.
    pub coalesce: bool,
    /// The version of TLS that connections are under, `"1.2"` or `"1.3"`; false for connections in
    /// the clear. Default false. With --target, the version that is asked of it.
    pub tls: Tls,
    /// The version of HTTP that requests go over, `"1.1"` or `"2"`: HTTP/2 by ALPN under TLS, else by
    /// prior knowledge. Default "1.1".
    pub http: Http,
    /// True if a person's second connection may resume what the first agreed on (tickets), which
    /// makes its handshake shorter. Default true.
    pub tls_resumption: bool,
    /// The place where the server keeps its logs. On disk a draft is answered once it is there, in a
    /// folder of the run's own inside the results folder. Default `memory`.
    #[serde(skip_serializing_if = "StoreKind::is_usual")]
    pub store: StoreKind,
    /// A stop of the server for a while. Default: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall: Option<ServerStall>,
}

/// `http`: the version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Http {
    /// HTTP/1.1 (RFC 9112).
    #[default]
    V1_1,
    /// HTTP/2 (RFC 9113) and no other.
    V2,
}

impl Http {
    /// Returns the version as it is written.
    #[must_use]
    pub const fn version(self) -> &'static str {
        match self {
            Self::V1_1 => "1.1",
            Self::V2 => "2",
        }
    }
}

impl Serialize for Http {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.version())
    }
}

impl<'de> Deserialize<'de> for Http {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HttpVisitor)
    }
}

struct HttpVisitor;

impl Visitor<'_> for HttpVisitor {
    type Value = Http;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("\"1.1\" or \"2\"")
    }

    /// Takes a version without its quotes for one.
    fn visit_f64<E: Error>(self, version: f64) -> Result<Http, E> {
        self.visit_str(&version.to_string())
    }

    fn visit_i64<E: Error>(self, version: i64) -> Result<Http, E> {
        self.visit_str(&version.to_string())
    }

    fn visit_u64<E: Error>(self, version: u64) -> Result<Http, E> {
        self.visit_str(&version.to_string())
    }

    fn visit_str<E: Error>(self, version: &str) -> Result<Http, E> {
        match version {
            "1.1" => Ok(Http::V1_1),
            "2" => Ok(Http::V2),
            other => Err(E::custom(format!(
                "is {other:?}, a version that is not spoken here; \"1.1\" or \"2\" would work"
            ))),
        }
    }
}

impl JsonSchema for Http {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Http".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": ["1.1", "2", 1.1, 2] })
    }
}

/// The place where a server keeps its logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    /// They are in memory, and gone with the server.
    #[default]
    Memory,
    /// They are on disk (`serve --store`), and a server that follows goes on with them.
    Disk,
}

impl StoreKind {
    /// Returns whether it need not be written down.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks with a reference"
    )]
    fn is_usual(&self) -> bool {
        *self == Self::Memory
    }
}

/// `tls`: whether connections are under TLS, and in which version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    /// Connections are in the clear.
    #[default]
    Off,
    /// TLS 1.2 and no other.
    V1_2,
    /// TLS 1.3 and no other.
    V1_3,
}

impl Tls {
    /// Returns the version as it is written; `None` without TLS.
    #[must_use]
    pub const fn version(self) -> Option<&'static str> {
        match self {
            Self::Off => None,
            Self::V1_2 => Some("1.2"),
            Self::V1_3 => Some("1.3"),
        }
    }
}

impl Serialize for Tls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.version() {
            None => serializer.serialize_bool(false),
            Some(version) => serializer.serialize_str(version),
        }
    }
}

impl<'de> Deserialize<'de> for Tls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TlsVisitor)
    }
}

struct TlsVisitor;

impl Visitor<'_> for TlsVisitor {
    type Value = Tls;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("false, \"1.2\" or \"1.3\"")
    }

    fn visit_bool<E: Error>(self, is_on: bool) -> Result<Tls, E> {
        if is_on {
            return Err(E::custom(
                "is true, which is no version of TLS; \"1.3\" or \"1.2\" would work",
            ));
        }
        Ok(Tls::Off)
    }

    /// Takes a version without its quotes for one.
    fn visit_f64<E: Error>(self, version: f64) -> Result<Tls, E> {
        self.visit_str(&version.to_string())
    }

    fn visit_str<E: Error>(self, version: &str) -> Result<Tls, E> {
        match version {
            "1.2" => Ok(Tls::V1_2),
            "1.3" => Ok(Tls::V1_3),
            other => Err(E::custom(format!(
                "is {other:?}, a version that is not spoken here; \"1.2\" or \"1.3\" would work"
            ))),
        }
    }
}

impl JsonSchema for Tls {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Tls".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": [false, "1.2", "1.3", 1.2, 1.3] })
    }
}

/// `stall = { after = "10s", for = "1400ms" }`: the server's process is stopped
/// once, as by a long pause for garbage or a full disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerStall {
    /// Time from the beginning of *measure* to the stop.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub after: Duration,
    /// The length of the stop.
    #[serde(rename = "for", with = "humantime_serde")]
    #[schemars(with = "String")]
    pub duration: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            threads: 1,
            log: 200,
            text_limit: TEXT_LIMIT,
            coalesce: true,
            tls: Tls::Off,
            http: Http::V1_1,
            tls_resumption: true,
            store: StoreKind::Memory,
            stall: None,
        }
    }
}
