//! `wirebench health`: the health check of a container that has no other program in it.

use std::{
    borrow::Cow,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    time::Duration,
};

use anyhow::{Context, anyhow, bail, ensure};

use crate::{Ended, args};

/// The address that answers whether a server takes work.
const READY: &str = "/healthz/ready";

/// The bytes of the longest first line that is read.
const LONGEST: u64 = 1 << 10;

/// The longest wait for a connection, and for each part of the answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks a server once; a server that is not ready is an error.
pub(crate) fn ask(options: &args::Health) -> anyhow::Result<Ended> {
    let url = &options.url;
    let Some(host) = url.strip_prefix("http://") else {
        bail!("{url} is no http:// address; the health check speaks no TLS");
    };
    let host = host.trim_end_matches('/');
    let status = status(host).with_context(|| format!("no answer from {url}"))?;
    ensure!(status == 200, "{url} is not ready: it answers {status}");
    writeln!(crate::output::stdout(), "ready")?;
    Ok(Ended::Well)
}

/// Returns the status of the answer of a server at `HOST:PORT`, or `HOST` alone.
fn status(host: &str) -> anyhow::Result<u16> {
    let addresses = with_port(host)
        .to_socket_addrs()
        .context("it has no address")?;
    let mut stream = connect(addresses)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // The request goes out in one write: if a server answers and closes after the first of several,
    // the next one fails.
    let request = format!("GET {READY} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST)).read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|word| word.parse().ok());
    status.with_context(|| format!("{:?} is no answer of HTTP", line.trim_end()))
}

/// Returns a host with its port, which is 80 unless it is told (RFC 9110, section 4.2.1).
fn with_port(host: &str) -> Cow<'_, str> {
    let port = host.rsplit_once(':').map(|(_, port)| port);
    match port {
        Some(port) if port.parse::<u16>().is_ok() => Cow::Borrowed(host),
        _ => Cow::Owned(format!("{host}:80")),
    }
}

/// Connects to the first of the addresses of a name that takes a connection: `localhost` may be `::1` as
/// well, where a server need not listen.
fn connect(addresses: impl Iterator<Item = SocketAddr>) -> anyhow::Result<TcpStream> {
    let mut refused = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => _ = refused.get_or_insert(error),
        }
    }
    Err(refused.map_or_else(|| anyhow!("it has no address"), Into::into))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn each_address_of_a_name_is_tried() {
        let open = TcpListener::bind("127.0.0.1:0").expect("a port");
        let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
        let [open_at, shut] = [&open, &closed].map(|one| one.local_addr().expect("an address"));
        drop(closed);
        let stream = connect([shut, open_at].into_iter()).expect("a connection");
        assert_eq!(stream.peer_addr().expect("an address"), open_at);
        for none in [vec![], vec![shut]] {
            assert!(connect(none.into_iter()).is_err());
        }
    }

    #[test]
    fn the_port_of_http_may_be_left_out() {
        assert_eq!(with_port("chat.example"), "chat.example:80");
        assert_eq!(with_port("[::1]"), "[::1]:80");
        for whole in ["chat.example:8080", "[::1]:80", "127.0.0.1:1"] {
            assert_eq!(with_port(whole), whole);
        }
    }
}
