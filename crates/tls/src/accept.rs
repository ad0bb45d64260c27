//! The sessions of a server.

use std::sync::Arc;

use rustls::{
    ServerConfig,
    crypto::ring,
    server::{NoServerSessionStorage, ServerConnection},
};

use crate::{
    Failure, Fingerprint, Identity, LoadError, Session, Versions,
    session::{HTTP_1_1, HTTP_2},
};

/// The choices of a server under TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptSettings {
    /// The versions that are spoken.
    pub versions: Versions,
    /// True if clients are given tickets (RFC 8446, section 4.6.1; RFC 5077), with which their next
    /// handshake is shorter.
    pub resumption: bool,
}

impl Default for AcceptSettings {
    fn default() -> Self {
        Self {
            versions: Versions::Both,
            resumption: true,
        }
    }
}

/// The maker of a server's sessions.
#[derive(Debug, Clone)]
pub struct Acceptor {
    config: Arc<ServerConfig>,
    /// The configuration for connections that may not speak HTTP/2.
    without_http2: Arc<ServerConfig>,
    fingerprint: Fingerprint,
}

/// Two acceptors are equal if they are the same one.
impl PartialEq for Acceptor {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.config, &other.config)
    }
}

impl Eq for Acceptor {}

impl Acceptor {
    /// Makes the sessions of a server that shows `identity`.
    ///
    /// # Errors
    /// Fails if key and certificate do not belong together.
    pub fn new(identity: Identity, settings: AcceptSettings) -> Result<Self, LoadError> {
        let wrong = |error: rustls::Error| LoadError::Identity(error.to_string());
        let fingerprint = identity.fingerprint();
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&settings.versions.supported())
            .map_err(wrong)?
            .with_no_client_auth()
            .with_single_cert(identity.chain, identity.key)
            .map_err(wrong)?;
        // Only tickets: a store of sessions would be shared by all clients and have a bound.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        if settings.resumption {
            config.ticketer = ring::Ticketer::new().map_err(wrong)?;
        } else {
            config.send_tls13_tickets = 0;
        }
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        let without_http2 = Arc::new(config.clone());
        config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1_1.to_vec()];
        Ok(Self {
            config: Arc::new(config),
            without_http2,
            fingerprint,
        })
    }

    /// Returns the fingerprint of the certificate that is shown.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Makes the session of a client that has just connected; with `http2` the client may choose
    /// HTTP/2 (RFC 7301).
    ///
    /// # Errors
    /// Fails if the system has no random numbers.
    pub fn session(&self, http2: bool) -> Result<Session, Failure> {
        let config = if http2 {
            &self.config
        } else {
            &self.without_http2
        };
        let connection = ServerConnection::new(Arc::clone(config))?;
        Ok(Session::new(connection.into()))
    }
}
