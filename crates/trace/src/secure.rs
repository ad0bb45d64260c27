//! The TLS of a trace: a certificate made on the spot, and clients that trust it alone and write
//! down their secrets.

use tls::{
    AcceptSettings, Acceptor, Connector, Identity, KeyLog, LoadError, Session, Trust, Versions,
};

use crate::TraceError;

/// The name in the certificate, which is the address of every trace.
const NAME: &str = "127.0.0.1";

/// The two ends of the connections of a trace.
#[derive(Debug)]
pub(crate) struct Secure {
    acceptor: Acceptor,
    connector: Connector,
    log: KeyLog,
}

impl Secure {
    /// Makes the ends of connections under this version alone.
    pub(crate) fn new(version: tls::Version) -> Result<Self, TraceError> {
        let failed = |error: LoadError| TraceError::Tls(error.to_string());
        let versions = Versions::Only(version);
        // Each handshake of a life is a full one, so that all of them are alike.
        let settings = AcceptSettings {
            versions,
            resumption: false,
        };
        let identity = Identity::made_for(vec![NAME.to_owned()]).map_err(failed)?;
        let acceptor = Acceptor::new(identity, settings).map_err(failed)?;
        let trust = Trust::Exactly(acceptor.fingerprint());
        let connector = Connector::new(NAME, &trust, versions, false).map_err(failed)?;
        let log = KeyLog::default();
        Ok(Self {
            acceptor,
            connector: connector.with_key_log(log.clone()),
            log,
        })
    }

    /// Returns the server's end.
    pub(crate) fn acceptor(&self) -> Acceptor {
        self.acceptor.clone()
    }

    /// Makes the session of one more connection.
    pub(crate) fn session(&self) -> Result<Session, TraceError> {
        let session = self.connector.session();
        session.map_err(|failure| TraceError::Tls(failure.to_string()))
    }

    /// Returns the secrets of all connections so far.
    pub(crate) fn secrets(&self) -> String {
        self.log.lines()
    }
}
