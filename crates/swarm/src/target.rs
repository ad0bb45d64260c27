//! The server to drive.

use std::{
    io,
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    str::FromStr,
    sync::mpsc,
    thread,
    time::Duration,
};

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
    /// All addresses of its name, in the order in which they are tried.
    pub addresses: Vec<SocketAddr>,
    /// The value of the `Host` header.
    pub host: String,
    /// The part before `/rooms` in the server's paths; empty or `/` and more, without a
    /// slash at the end.
    pub prefix: String,
}

/// A text that is no server's URL.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The text is not of the form `http://host[:port][/prefix]`.
    #[error("{0:?} is not a target; write http://HOST:PORT, such as http://127.0.0.1:8080")]
    NoUrl(String),
    /// The text names `https` or `wss`.
    #[error(
        "{0:?} is reached by TLS, which the swarm does not speak: it would measure the cipher as \
         well. Name the plain HTTP port behind the proxy that ends TLS, such as http://127.0.0.1:8080"
    )]
    Tls(String),
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
    /// The server at `address`, under its address as its name.
    #[must_use]
    pub fn at(address: SocketAddr) -> Self {
        Self {
            address,
            speakers: address,
            addresses: vec![address],
            host: address.to_string(),
            prefix: String::new(),
        }
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

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let no_url = || TargetError::NoUrl(url.to_owned());
        let (scheme, rest) = url.split_once("://").ok_or_else(no_url)?;
        match scheme.to_ascii_lowercase().as_str() {
            // A WebSocket's address is the same server's.
            "http" | "ws" => {}
            "https" | "wss" => return Err(TargetError::Tls(url.to_owned())),
            _ => return Err(no_url()),
        }
        let (host, prefix) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if host.is_empty() || rest.contains(['?', '#', '@', ' ']) {
            return Err(no_url());
        }
        // What follows an IPv6 address's bracket, or the whole of a name.
        let after_name = host.rsplit(']').next().unwrap_or(host);
        let with_port = if after_name.contains(':') {
            host.to_owned()
        } else {
            format!("{host}:80")
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
        let address = *addresses.first().ok_or_else(no_url)?;
        Ok(Self {
            address,
            speakers: address,
            addresses,
            host: host.to_owned(),
            prefix: prefix.trim_end_matches('/').to_owned(),
        })
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
        // One that says nothing (TEST-NET-1) does not hold up the next.
        target.addresses = vec!["192.0.2.1:9".parse().unwrap(), open];
        target.reach(Duration::from_secs(5)).unwrap();
        assert_eq!(target.address, open);
    }

    #[test]
    fn tls_is_named_as_the_reason() {
        for url in ["https://a.test", "wss://a.test/ws", "HTTPS://a.test"] {
            let error = url.parse::<Target>().unwrap_err().to_string();
            assert!(error.contains("TLS"), "{error}");
        }
        assert!("ws://127.0.0.1:1/x".parse::<Target>().is_ok());
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for bad in [
            "127.0.0.1:8080",
            "https://a",
            "http://",
            "http:///x",
            "http://a:b/",
            "http://u@127.0.0.1",
        ] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }
}
