//! `--listen`, as a user writes it: both protocols, a name, an address that is taken, and what is no
//! address.

use std::{
    io::Write as _,
    net::{Ipv6Addr, TcpListener},
    process::{Command, Output, Stdio},
};

use crate::{
    fixture::{Serving, ended, text},
    kills::exchange,
};

/// Each command that listens.
const COMMANDS: [&[&str]; 3] = [&["serve"], &["link", "--to", "127.0.0.1:1"], &["classroom"]];

/// Returns what a command says that does not begin to listen; one that does is ended.
fn refused(command: &[&str], listen: &str) -> Output {
    Command::new("timeout")
        .args(["60", env!("CARGO_BIN_EXE_wirebench")])
        .args(command)
        .args(["--listen", listen])
        .stdin(Stdio::null())
        .output()
        .expect("timeout")
}

/// Checks that a server can be reached on the address that it was given, in either protocol, and
/// that the line which says where it listens names that address with the port that it took.
#[test]
fn a_server_listens_where_it_is_told() {
    let has_ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    for (told, shown, reached) in [
        ("127.0.0.1:0", "127.0.0.1", "127.0.0.1"),
        ("localhost:0", "127.0.0.1", "127.0.0.1"),
        ("0.0.0.0:0", "0.0.0.0", "127.0.0.1"),
        ("[::1]:0", "[::1]", "[::1]"),
        ("[::]:0", "[::]", "[::1]"),
    ] {
        if told.starts_with('[') && !has_ipv6 {
            let skipped = format!("SKIPPED: this machine has no IPv6 for {told}");
            writeln!(std::io::stderr(), "{skipped}").unwrap();
            continue;
        }
        let mut server = Serving::at(told);
        let port = server.url.strip_prefix(&format!("http://{shown}:"));
        let port = port.unwrap_or_else(|| panic!("{told}: {}", server.url));
        assert_ne!(port, "0", "{told}");
        server.url = format!("http://{reached}:{port}");
        let answer = exchange(&server, "GET /rooms/a/people", "");
        assert_eq!(answer.map(|(status, _)| status), Some(200), "{told}");
    }
}

/// Checks that an address which another program has is named, with the option that chooses another.
#[test]
fn an_address_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for command in COMMANDS {
        let output = refused(command, &address);
        ended(&output, 1);
        let said = text(&output.stderr);
        for part in [address.as_str(), "choose another with --listen"] {
            assert!(said.contains(part), "{command:?}: {said}");
        }
        assert_eq!(text(&output.stdout), "", "{command:?}");
    }
}

/// Checks that what is no address is told as a mistake in the command, with how one is written.
#[test]
fn what_is_no_address_is_told_how_one_is_written() {
    for command in COMMANDS {
        for wrong in [
            "nonsense",
            "127.0.0.1",
            "127.0.0.1:99999",
            "127.0.0.1:http",
            "[::1]",
        ] {
            let output = refused(command, wrong);
            ended(&output, 2);
            let said = text(&output.stderr);
            for part in [wrong, "--listen", "write HOST:PORT"] {
                assert!(said.contains(part), "{command:?} {wrong}: {said}");
            }
        }
    }
}
