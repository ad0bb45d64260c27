//! The command-line options about TLS.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// The certificate and the versions of TLS of a server.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "TLS")]
pub(crate) struct ServeTls {
    /// Speak TLS, with a certificate that is made on the spot unless --tls-cert names one
    #[arg(long)]
    pub(crate) tls: bool,
    /// Speak TLS and show the certificate in this file (PEM), with those that vouch for it
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The key of that certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The only version to speak, 1.2 or 1.3 [default: both]
    #[arg(long, value_name = "VERSION")]
    pub(crate) tls_version: Option<tls::Version>,
    /// Give clients no tickets, so that each handshake is a full one
    #[arg(long)]
    pub(crate) tls_no_resumption: bool,
}

/// The servers that a client trusts.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "TLS")]
pub(crate) struct TargetTls {
    /// Authorities whose certificates an https:// target may show (PEM), in place of the system's
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub(crate) ca: Option<PathBuf>,
    /// Take any certificate of an https:// target, whoever shows it: anybody between here and there
    /// can read along and answer in its place
    #[arg(long)]
    pub(crate) insecure: bool,
}
