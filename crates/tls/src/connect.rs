//! The sessions of a client, and whom it trusts.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore,
    client::{Resumption, WebPkiServerVerifier},
    crypto::{CryptoProvider, ring},
};
use rustls_pki_types::ServerName;

use crate::{
    Failure, Fingerprint, KeyLog, LoadError, Session, Versions,
    identity::certificates_in,
    session::{HTTP_1_1, HTTP_2},
    verify::{Known, Listed},
};

/// The number of sessions that one client remembers. TLS 1.3 gives each connection two tickets, and
/// each is used once.
const REMEMBERED: usize = 8;

/// The servers whose certificates a client takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Certificates signed by an authority that the system trusts.
    System,
    /// Certificates signed by an authority in this file, and that file's own certificates.
    Authorities(PathBuf),
    /// Only the certificate with this fingerprint, whatever name it is for.
    Exactly(Fingerprint),
    /// Any certificate, so that anybody between client and server can read along.
    Anybody,
}

/// The maker of a client's sessions with one server.
#[derive(Debug, Clone)]
pub struct Connector {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    resumption: bool,
}

/// Two connectors are equal if they are the same one.
impl PartialEq for Connector {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.config, &other.config) && self.name == other.name
    }
}

impl Eq for Connector {}

impl Connector {
    /// Makes the sessions with the server called `host`: a name, or an IP address with or without
    /// brackets. Without `resumption` each handshake is a full one.
    ///
    /// # Errors
    /// Fails if `host` is no name or address, or if a list of authorities cannot be read.
    pub fn new(
        host: &str,
        trust: &Trust,
        versions: Versions,
        resumption: bool,
    ) -> Result<Self, LoadError> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name =
            ServerName::try_from(bare.to_owned()).map_err(|_| LoadError::Name(host.to_owned()))?;
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions.supported())
            .map_err(|error| LoadError::Identity(error.to_string()))?;
        let builder = match trust {
            Trust::System => builder.with_root_certificates(system()?),
            Trust::Authorities(file) => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(authorities(file, provider)?)),
            Trust::Exactly(_) | Trust::Anybody => {
                let only = match trust {
                    Trust::Exactly(fingerprint) => Some(*fingerprint),
                    _ => None,
                };
                builder
                    .dangerous()
                    .with_custom_certificate_verifier(Arc::new(Known { only, provider }))
            }
        };
        let mut config = builder.with_no_client_auth();
        config.resumption = Resumption::disabled();
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(Self {
            config: Arc::new(config),
            name,
            resumption,
        })
    }

    /// Returns the same connector for HTTP/2 alone: a server that does not choose it (RFC 7301) is
    /// no server for these sessions.
    #[must_use]
    pub fn for_http2(self) -> Self {
        self.offering(vec![HTTP_2.to_vec()])
    }

    /// Returns the same connector for whichever version of HTTP the server chooses, as browsers
    /// offer them: first HTTP/2, then HTTP/1.1.
    #[must_use]
    pub fn for_either_http(self) -> Self {
        self.offering(vec![HTTP_2.to_vec(), HTTP_1_1.to_vec()])
    }

    /// Returns the same connector, whose sessions offer these protocols.
    fn offering(self, protocols: Vec<Vec<u8>>) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = protocols;
        Self {
            config: Arc::new(config),
            ..self
        }
    }

    /// Returns the same connector, whose sessions write their secrets into a log.
    #[must_use]
    pub fn with_key_log(self, log: KeyLog) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.key_log = Arc::new(log);
        Self {
            config: Arc::new(config),
            ..self
        }
    }

    /// Returns the connector of one person, who remembers the sessions of their own earlier
    /// connections and nobody else's.
    #[must_use]
    pub fn of_one_person(&self) -> Self {
        if !self.resumption {
            return self.clone();
        }
        let mut config = ClientConfig::clone(&self.config);
        config.resumption = Resumption::in_memory_sessions(REMEMBERED);
        Self {
            config: Arc::new(config),
            ..self.clone()
        }
    }

    /// Returns whether sessions are resumed, so that each person needs a connector of their own.
    #[must_use]
    pub const fn remembers(&self) -> bool {
        self.resumption
    }

    /// Makes a session, which begins with a handshake.
    ///
    /// # Errors
    /// Fails if the system has no random numbers.
    pub fn session(&self) -> Result<Session, Failure> {
        let connection = ClientConnection::new(Arc::clone(&self.config), self.name.clone())?;
        Ok(Session::new(connection.into()))
    }
}

fn system() -> Result<RootCertStore, LoadError> {
    let mut store = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    store.add_parsable_certificates(found.certs);
    if store.is_empty() {
        let why = found.errors.first().map(ToString::to_string);
        return Err(LoadError::NoRoots(
            why.unwrap_or_else(|| "none was found".to_owned()),
        ));
    }
    Ok(store)
}

fn authorities(file: &Path, provider: Arc<CryptoProvider>) -> Result<Listed, LoadError> {
    let listed = certificates_in(file)?;
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(listed.iter().cloned());
    let signed = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider).build();
    let signed = signed.map_err(|_| LoadError::Pem(file.to_owned(), "certificate"))?;
    Ok(Listed { signed, listed })
}
