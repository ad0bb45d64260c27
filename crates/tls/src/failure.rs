//! The reasons why a connection under TLS fails.

use std::{fmt, io, path::PathBuf};

use rustls::{AlertDescription, CertificateError, Error};

/// The reason why a connection under TLS failed. Its text carries nothing that differs from one
/// connection of a run to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The certificate is not one that is trusted here.
    Untrusted(&'static str),
    /// The certificate is for another name.
    WrongName,
    /// The two sides have no version of TLS in common.
    NoVersion,
    /// The other side did not speak TLS.
    NotTls,
    /// The other side spoke HTTP where TLS was expected.
    PlainHttp,
    /// The other side closed the connection in mid-handshake.
    Closed,
    /// The two sides have no protocol above TLS in common (RFC 7301).
    NoProtocol,
    /// The handshake took too long.
    TooLate,
    /// The other side gave up, with this alert (RFC 8446, section 6.2).
    Alert(String),
    /// Any other violation of the protocol.
    Other(String),
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untrusted(why) => {
                write!(formatter, "TLS: the certificate is not trusted: {why}")
            }
            Self::WrongName => {
                formatter.write_str("TLS: the certificate is for another name than the target's")
            }
            Self::NoVersion => formatter
                .write_str("TLS: the other side does not offer the version that is asked for"),
            Self::NotTls => formatter.write_str("TLS: the other side does not speak TLS"),
            Self::PlainHttp => {
                formatter.write_str("TLS: the other side spoke plain HTTP; use https:// or wss://")
            }
            Self::Closed => formatter.write_str("TLS: closed in the middle of the handshake"),
            Self::NoProtocol => {
                formatter.write_str("TLS: the two sides have no version of HTTP in common (ALPN)")
            }
            Self::TooLate => formatter.write_str("TLS: the handshake was not over in time"),
            Self::Alert(alert) => write!(formatter, "TLS: the other side gave up: {alert}"),
            Self::Other(why) => write!(formatter, "TLS: {why}"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidCertificate(error) => of_certificate(&error),
            Error::PeerIncompatible(
                rustls::PeerIncompatible::Tls12NotOffered
                | rustls::PeerIncompatible::Tls12NotOfferedOrEnabled
                | rustls::PeerIncompatible::Tls13RequiredForQuic
                | rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13
                | rustls::PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                | rustls::PeerIncompatible::SupportedVersionsExtensionRequired,
            )
            | Error::AlertReceived(AlertDescription::ProtocolVersion) => Self::NoVersion,
            Error::AlertReceived(AlertDescription::NoApplicationProtocol)
            | Error::NoApplicationProtocol => Self::NoProtocol,
            Error::AlertReceived(alert) => Self::Alert(format!("{alert:?}")),
            Error::InvalidMessage(_) => Self::NotTls,
            other => Self::Other(other.to_string()),
        }
    }
}

fn of_certificate(error: &CertificateError) -> Failure {
    use CertificateError as Wrong;
    match error {
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => Failure::WrongName,
        Wrong::UnknownIssuer => Failure::Untrusted("nobody who is trusted here has signed it"),
        Wrong::Expired | Wrong::ExpiredContext { .. } => Failure::Untrusted("it has expired"),
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => {
            Failure::Untrusted("it is not valid yet")
        }
        Wrong::ApplicationVerificationFailure => {
            Failure::Untrusted("it is not the one that was expected")
        }
        Wrong::BadSignature => Failure::Untrusted("its signature is wrong"),
        Wrong::Revoked => Failure::Untrusted("it was revoked"),
        _ => Failure::Untrusted("it cannot be used for a server"),
    }
}

/// The reason why a certificate, a key or a list of authorities cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {0}: {1}")]
    Read(PathBuf, #[source] io::Error),
    /// The file holds nothing of the kind.
    #[error("{0} holds no {1} in PEM form (-----BEGIN ...-----)")]
    Pem(PathBuf, &'static str),
    /// Key and certificate do not belong together, or are of a kind that is not known here.
    #[error("certificate and key cannot be used: {0}")]
    Identity(String),
    /// The system names nobody who is trusted.
    #[error("the system has no list of trusted authorities: {0}; name one with --ca FILE")]
    NoRoots(String),
    /// The name of the server is none that a certificate could be for.
    #[error("{0:?} is no name of a server")]
    Name(String),
}
