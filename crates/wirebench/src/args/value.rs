//! Values that several commands take, and what is said of a wrong one.

use std::{
    net::{SocketAddr, ToSocketAddrs},
    time::Duration,
};

use scenario::MOST_THREADS;

/// Reads a duration such as `50ms` or `1m 30s`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| "no duration: write a number and a unit, such as 50ms or 60s".to_owned())
}

/// Reads an address such as `127.0.0.1:8080` or `localhost:8080`: of a name's addresses that of the
/// older protocol, which is what others mean by `localhost`.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let found: Vec<SocketAddr> = text
        .to_socket_addrs()
        .map_err(|_| "no address: write HOST:PORT, such as 127.0.0.1:8080".to_owned())?
        .collect();
    let first = found.iter().find(|address| address.is_ipv4());
    first
        .or(found.first())
        .copied()
        .ok_or_else(|| "this name has no address".to_owned())
}

/// Reads a number of threads that any system can start.
pub(super) fn threads(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| *count <= MOST_THREADS)
        .ok_or_else(|| format!("write a number from 0, one for each processor, to {MOST_THREADS}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_threads_as_can_be() {
        assert_eq!(threads("0"), Ok(0));
        assert_eq!(threads("256"), Ok(256));
        for wrong in ["257", "-1", "two"] {
            assert!(threads(wrong).unwrap_err().contains("to 256"), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_value_is_told_what_is_right() {
        assert_eq!(duration("50ms"), Ok(Duration::from_millis(50)));
        assert!(duration("50").unwrap_err().contains("such as 50ms"));
        assert_eq!(
            address("localhost:8080"),
            Ok(SocketAddr::from(([127, 0, 0, 1], 8080)))
        );
        for wrong in ["8080", "127.0.0.1", "127.0.0.1:99999"] {
            assert!(address(wrong).unwrap_err().contains("HOST:PORT"), "{wrong}");
        }
    }
}
