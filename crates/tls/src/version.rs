//! The versions of TLS that are spoken here, and what a record of each costs.

use std::{fmt, str::FromStr};

use rustls::{CipherSuite, ProtocolVersion, SupportedProtocolVersion};

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// TLS 1.2 (RFC 5246).
    V1_2,
    /// TLS 1.3 (RFC 8446).
    V1_3,
}

impl Version {
    /// Returns the version as it is written: `1.2` or `1.3`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
        }
    }

    /// Returns the version of a connection; `None` for one that is not spoken here.
    pub(crate) const fn of(version: ProtocolVersion) -> Option<Self> {
        match version {
            ProtocolVersion::TLSv1_2 => Some(Self::V1_2),
            ProtocolVersion::TLSv1_3 => Some(Self::V1_3),
            _ => None,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "1.2" => Ok(Self::V1_2),
            "1.3" => Ok(Self::V1_3),
            other => Err(format!("TLS {other:?} is not spoken here; use 1.2 or 1.3")),
        }
    }
}

/// The versions that one side offers or takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Versions {
    /// Both; the newer one is used where the other side has it.
    #[default]
    Both,
    /// One, and no other.
    Only(Version),
}

impl Versions {
    /// Returns the versions in the words of rustls.
    pub(crate) fn supported(self) -> Vec<&'static SupportedProtocolVersion> {
        let (old, new) = (&rustls::version::TLS12, &rustls::version::TLS13);
        match self {
            Self::Both => vec![new, old],
            Self::Only(Version::V1_2) => vec![old],
            Self::Only(Version::V1_3) => vec![new],
        }
    }
}

/// The version and the cipher that a connection agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suite {
    /// The version.
    pub version: Version,
    /// True if records are sealed with ChaCha20-Poly1305 (RFC 7905), false for AES-GCM.
    pub is_chacha: bool,
}

impl Suite {
    /// Returns the suite of a connection.
    pub(crate) fn of(version: ProtocolVersion, cipher: CipherSuite) -> Option<Self> {
        let is_chacha = matches!(
            cipher,
            CipherSuite::TLS13_CHACHA20_POLY1305_SHA256
                | CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
                | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
        );
        Version::of(version).map(|version| Self { version, is_chacha })
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cipher = if self.is_chacha { " ChaCha20" } else { "" };
        write!(formatter, "{}{cipher}", self.version)
    }
}
