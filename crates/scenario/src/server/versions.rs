//! The versions of HTTP and TLS, as a scenario writes them: with quotes, or as a number that is taken
//! for the same.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

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
