//! The server to drive.

use std::{
    io,
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    str::FromStr,
    sync::mpsc,
    thread,
    time::Duration,
};

use tls::{Connector, LoadError, Trust, Versions};

/// The time that the next address of a name waits for the one before (RFC 8305, section 5:
/// the Connection Attempt Delay).
const STAGGER: Duration = Duration::from_millis(250);

/// The location of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The server's address, as readers know it.
    pub address: SocketAddr,
    /// The server's address for those who speak and do not listen; the same, unless only
    /// one of the two goes by way of a link.
    pub speakers: SocketAddr,
    /// The addresses of all servers that have the same rooms, if there are several: people go to
    /// them in turn, whatever their room, and `address` is one of them. Otherwise empty.
    pub nodes: Vec<SocketAddr>,
    /// All addresses of its name, in the order in which they are tried.
    pub addresses: Vec<SocketAddr>,
    /// The value of the `Host` header.
    pub host: String,
    /// The part before `/rooms` in the server's paths; empty or `/` and more, without a
    /// slash at the end.
    pub prefix: String,
    /// The maker of sessions under TLS; `None` speaks in the clear.
    pub tls: Option<Connector>,
    /// True if requests go over HTTP/2: by ALPN under TLS, else by prior knowledge (RFC 9113,
    /// section 3.3). A server that does not speak it is a failure.
    pub http2: bool,
    /// True if each reader reads by a task of its own, none in a batch. What is measured is the
    /// same: tests compare the two.
    #[doc(hidden)]
    pub one_by_one: bool,
}

/// A text that is no server's URL.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The text is not of the form `http://host[:port][/prefix]`.
    #[error(
        "{0:?} is not a target; write http://HOST:PORT or https://HOST, such as http://127.0.0.1:8080"
    )]
    NoUrl(String),
    /// The text names `https` or `wss`, and the certificates to trust cannot be read.
    #[error("{0:?} cannot be reached by TLS: {1}")]
    Tls(String, #[source] LoadError),
    /// The name has no address.
    #[error("{host} has no address: {error}")]
    NoAddress {
        /// The host as written.
        host: String,
        /// The reason for the failure.
        error: std::io::Error,
    },
}

impl Target {
    /// Returns the server at `address`, under its address as its name.
    #[must_use]
    pub fn at(address: SocketAddr) -> Self {
        Self {
            address,
            speakers: address,
            nodes: Vec::new(),
            addresses: vec![address],
            host: address.to_string(),
            prefix: String::new(),
            tls: None,
            http2: false,
            one_by_one: false,
        }
    }

    /// Reads `http://HOST[:PORT][/PREFIX]`, or the same with `https`, `ws` or `wss`; `trust` says
    /// whose certificates are taken under TLS.
    ///
    /// # Errors
    /// Fails if the text is no such URL, its name has no address, or nobody can be trusted.
    pub fn read(url: &str, trust: &Trust) -> Result<Self, TargetError> {
        let no_url = || TargetError::NoUrl(url.to_owned());
        let (scheme, rest) = url.split_once("://").ok_or_else(no_url)?;
        let is_sealed = match scheme.to_ascii_lowercase().as_str() {
            // A WebSocket's address is the same server's.
            "http" | "ws" => false,
            "https" | "wss" => true,
            _ => return Err(no_url()),
        };
        let (host, prefix) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if host.is_empty() || rest.contains(['?', '#', '@', ' ']) {
            return Err(no_url());
        }
        let (name, has_port) = name_of(host);
        let addresses = addresses(host, has_port, is_sealed)?;
        let address = *addresses.first().ok_or_else(no_url)?;
        let connector = || Connector::new(name, trust, Versions::Both, true);
        let tls = is_sealed
            .then(connector)
            .transpose()
            .map_err(|error| TargetError::Tls(url.to_owned(), error))?;
        Ok(Self {
            address,
            speakers: address,
            nodes: Vec::new(),
            addresses,
            host: host.to_owned(),
            prefix: prefix.trim_end_matches('/').to_owned(),
            tls,
            http2: false,
            one_by_one: false,
        })
    }

    /// Returns the name of the server as a certificate has it: its host without the port.
    #[must_use]
    pub fn name(&self) -> &str {
        name_of(&self.host).0
    }

    /// Finds the address of its name that answers, and goes to it from here on:
    /// the first one, and while that is silent or once it has refused, the next
    /// (RFC 8305, in its simplest form).
    ///
    /// # Errors
    /// Fails if no address takes a connection within `patience`, with the first error that
    /// an address reported.
    pub fn reach(&mut self, patience: Duration) -> io::Result<()> {
        self.address = first_that_answers(&self.addresses, patience)?;
        self.speakers = self.address;
        Ok(())
    }
}

fn first_that_answers(addresses: &[SocketAddr], patience: Duration) -> io::Result<SocketAddr> {
    let (sender, answers) = mpsc::channel();
    let mut refused = None;
    let mut waiting = 0;
    for address in addresses.iter().copied() {
        let sender = sender.clone();
        thread::spawn(move || {
            let answer = TcpStream::connect_timeout(&address, patience).map(|_| address);
            // Nobody waits any more once another has answered.
            let _ = sender.send(answer);
        });
        waiting += 1;
        match answers.recv_timeout(STAGGER) {
            Ok(Ok(address)) => return Ok(address),
            Ok(Err(error)) => {
                waiting -= 1;
                refused.get_or_insert(error);
            }
            Err(_) => {}
        }
    }
    for answer in answers.iter().take(waiting) {
        match answer {
            Ok(address) => return Ok(address),
            Err(error) => _ = refused.get_or_insert(error),
        }
    }
    Err(refused.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into()))
}

/// Splits a host into its name and whether a port follows. An IPv6 address stands in brackets.
fn name_of(host: &str) -> (&str, bool) {
    let after = host.rfind(']').map_or(0, |at| at + 1);
    match host[after..].find(':') {
        Some(at) => (&host[..after + at], true),
        None => (host, false),
    }
}

fn addresses(host: &str, has_port: bool, is_sealed: bool) -> Result<Vec<SocketAddr>, TargetError> {
    let with_port = match (has_port, is_sealed) {
        (true, _) => host.to_owned(),
        (false, false) => format!("{host}:80"),
        (false, true) => format!("{host}:443"),
    };
    let no_address = |error| TargetError::NoAddress {
        host: host.to_owned(),
        error,
    };
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in with_port.to_socket_addrs().map_err(no_address)? {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

/// Reads the URL as [`Target::read`] does, with the certificates that the system trusts.
impl FromStr for Target {
    type Err = TargetError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        Self::read(url, &Trust::System)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let target: Target = "http://127.0.0.1:8080/chat/".parse().unwrap();
        assert_eq!(target.address, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(
            (target.host.as_str(), target.prefix.as_str()),
            ("127.0.0.1:8080", "/chat")
        );
        let target: Target = "http://[::1]".parse().unwrap();
        assert_eq!(target.address, "[::1]:80".parse().unwrap());
        assert_eq!(
            (target.host.as_str(), target.prefix.as_str()),
            ("[::1]", "")
        );
    }

    #[test]
    fn each_address_of_a_name_is_tried() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let open = listener.local_addr().unwrap();
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let shut = closed.local_addr().unwrap();
        drop(closed);
        let mut target = Target::at(shut);
        let refused = target.reach(Duration::from_secs(1)).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        for addresses in [vec![shut, open], vec![open, shut], vec![shut, shut, open]] {
            target.addresses = addresses;
            target.reach(Duration::from_secs(5)).unwrap();
            assert_eq!((target.address, target.speakers), (open, open));
        }
        // An address that never answers (TEST-NET-1) does not hold up the next.
        target.addresses = vec!["192.0.2.1:9".parse().unwrap(), open];
        target.reach(Duration::from_secs(5)).unwrap();
        assert_eq!(target.address, open);
    }

    #[test]
    fn https_and_wss_are_under_tls() {
        let read = |url| Target::read(url, &Trust::Anybody).unwrap();
        for url in [
            "https://127.0.0.1",
            "wss://127.0.0.1/ws",
            "HTTPS://127.0.0.1:443",
        ] {
            let target = read(url);
            assert!(target.tls.is_some(), "{url}");
            assert_eq!((target.name(), target.address.port()), ("127.0.0.1", 443));
        }
        assert_eq!(read("https://[::1]:8443/x").name(), "[::1]");
        for url in ["ws://127.0.0.1:1/x", "http://localhost:1"] {
            assert!(read(url).tls.is_none(), "{url}");
        }
        let nobody = Trust::Authorities("/nowhere/ca.pem".into());
        let error = Target::read("https://127.0.0.1", &nobody).unwrap_err();
        assert!(matches!(error, TargetError::Tls(..)), "{error}");
        assert!(Target::read("http://127.0.0.1", &nobody).is_ok());
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for bad in [
            "127.0.0.1:8080",
            "gopher://a",
            "https://",
            "http://",
            "http:///x",
            "http://a:b/",
            "http://u@127.0.0.1",
        ] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }
}
