//! The server to drive.

use std::{
    net::{SocketAddr, ToSocketAddrs},
    str::FromStr,
};

/// Where the server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its address, as readers know it.
    pub address: SocketAddr,
    /// Its address for those who speak and do not listen; the same, unless only
    /// one of the two goes by way of a link.
    pub speakers: SocketAddr,
    /// What the `Host` header says.
    pub host: String,
    /// What stands before `/rooms` in its paths; empty or `/` and more, without
    /// a slash at the end.
    pub prefix: String,
}

/// A text that is no server's URL.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// Not `http://host[:port][/prefix]`.
    #[error("{0:?} is not a target; write http://HOST:PORT, such as http://127.0.0.1:8080")]
    NoUrl(String),
    /// The name has no address.
    #[error("{host} has no address: {error}")]
    NoAddress {
        /// The host as written.
        host: String,
        /// Why not.
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
            host: address.to_string(),
            prefix: String::new(),
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let no_url = || TargetError::NoUrl(url.to_owned());
        let rest = url.strip_prefix("http://").ok_or_else(no_url)?;
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
        let address = with_port
            .to_socket_addrs()
            .map_err(no_address)?
            .next()
            .ok_or_else(no_url)?;
        Ok(Self {
            address,
            speakers: address,
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
