//! The port of a program that must be told one before it starts, and a look at which process
//! listens there: a port that was free a moment ago may be somebody else's by now, and nobody must
//! be sent to them.

use std::{fs, io, net::TcpListener};

use crate::process_tree::ProcessTree;

/// The tables of TCP sockets (proc(5)): those of IPv4, and those that take both.
const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];
/// The state of a socket that listens.
const LISTENS: &str = "0A";

/// Returns a loopback port that nobody listens on.
///
/// # Errors
/// Fails if none is free.
pub(crate) fn free() -> io::Result<u16> {
    let free = TcpListener::bind("127.0.0.1:0")?;
    Ok(free.local_addr()?.port())
}

/// Returns whether the process `pid`, or one that it has started, listens on a port.
pub(crate) fn is_of(pid: u32, port: u16) -> bool {
    ProcessTree::below(pid).is_some_and(|all| listens(all.pids(), port))
}

/// Returns whether one of these processes listens on a port.
fn listens(mut pids: impl Iterator<Item = u32>, port: u16) -> bool {
    let tables = TABLES.map(|table| fs::read_to_string(table).unwrap_or_default());
    let sockets: Vec<String> = tables
        .iter()
        .flat_map(|table| table.lines())
        .filter_map(|line| socket(line, port))
        .collect();
    !sockets.is_empty() && pids.any(|pid| has_open(pid, &sockets))
}

/// Returns the name of a listening socket as a link to an open file has it, if the line is that of
/// one on this port.
fn socket(line: &str, port: u16) -> Option<String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (_, local) = fields.get(1)?.rsplit_once(':')?;
    let is_it = u16::from_str_radix(local, 16) == Ok(port) && fields.get(3) == Some(&LISTENS);
    let inode = fields.get(9).filter(|_| is_it)?;
    Some(format!("socket:[{inode}]"))
}

fn has_open(pid: u32, sockets: &[String]) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    let mut links = files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok());
    links.any(|link| {
        sockets
            .iter()
            .any(|socket| link.as_os_str() == socket.as_str())
    })
}

#[cfg(test)]
mod tests {
    use std::{iter, net::TcpListener, process};

    use super::*;

    #[test]
    fn a_port_is_told_by_who_listens_on_it() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let own = || iter::once(process::id());
        assert!(listens(own(), port));
        // Somebody else does not, whoever does.
        assert!(!listens(iter::once(u32::MAX >> 1), port));
        assert!(is_of(process::id(), port));
        drop(listener);
        assert!(!listens(own(), port) && !is_of(process::id(), port));
    }
}
