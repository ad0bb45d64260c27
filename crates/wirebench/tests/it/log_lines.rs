//! The lines in which a server says what it lacks, as a person and as a program read them.

use std::{
    io::{BufRead, BufReader, PipeReader, Read, Write, pipe},
    net::TcpStream,
    process::Stdio,
    thread,
};

use rustix::fs::{OFlags, fcntl_setfl};
use serde_json::Value;

use crate::{
    fixture::{PATIENCE, Serving, until, wirebench},
    kills::exchange,
};

/// Starts a server whose standard error is a pipe, and which ends with its standard input.
fn start(arguments: &[&str]) -> Serving {
    start_with(arguments, Stdio::piped())
}

/// Starts a server with this standard error.
fn start_with(arguments: &[&str], stderr: Stdio) -> Serving {
    let mut child = wirebench()
        .args(["serve", "--listen=127.0.0.1:0", "--threads=1"])
        .arg("--until-stdin-closes")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ");
    let url = url.expect("an address").to_owned();
    Serving { child, url }
}

/// Ends a server, and returns what it wrote on standard error.
fn end(mut server: Serving) -> String {
    drop(server.child.stdin.take());
    let mut said = String::new();
    let mut stderr = server.child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert!(server.child.wait().unwrap().success(), "{said}");
    said
}

fn connect(server: &Serving) -> TcpStream {
    let (_, address) = server.url.split_once("://").expect("a scheme");
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Returns what comes on this connection before it ends.
fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Returns what a server under TLS with two places writes of a client that speaks plain HTTP, and of
/// one that comes when both places are taken.
fn written(format: &str) -> String {
    let server = start(&["--tls", "--connections=2", format]);
    let mut plain = connect(&server);
    let request = b"GET /rooms/a/poll HTTP/1.1\r\nhost: localhost\r\n\r\n";
    plain.write_all(request).unwrap();
    let answer = rest(plain);
    assert!(answer.contains("use_tls"), "{answer}");
    let halves = [connect(&server), connect(&server)];
    assert_eq!(rest(connect(&server)), "");
    drop(halves);
    end(server)
}

#[test]
fn what_a_server_lacks_is_a_line_for_a_person() {
    let said = written("--log-format=text");
    for (topic, part) in [
        ("handshake", "plain HTTP"),
        ("refused", "2 connections are open, which is the limit"),
    ] {
        let ending = format!(" topic=\"{topic}\"");
        let line = said.lines().find(|line| line.ends_with(&ending));
        let line = line.unwrap_or_else(|| panic!("nothing of {topic}: {said}"));
        assert!(line.contains("Z  WARN ") && line.contains(part), "{said}");
    }
}

#[test]
fn what_a_server_lacks_is_an_object_for_a_program() {
    let said = written("--log-format=json");
    let lines: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}")))
        .collect();
    for line in &lines {
        let mut keys: Vec<&str> = line
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        keys.sort_unstable();
        assert_eq!(keys, ["level", "message", "timestamp", "topic"], "{line}");
        assert_eq!(line["level"], "WARN");
    }
    for (topic, part) in [
        ("handshake", "plain HTTP"),
        ("refused", "2 connections are open, which is the limit"),
    ] {
        let line = lines.iter().find(|line| line["topic"] == topic);
        let line = line.unwrap_or_else(|| panic!("nothing of {topic}: {said}"));
        assert!(line["message"].as_str().unwrap().contains(part), "{said}");
    }
}

/// Returns a pipe that takes nothing more until somebody reads it.
fn full_pipe() -> (PipeReader, Stdio) {
    let (reader, mut writer) = pipe().unwrap();
    fcntl_setfl(&writer, OFlags::NONBLOCK).unwrap();
    for piece in [4_096, 1] {
        while matches!(writer.write(&vec![b' '; piece]), Ok(count) if count > 0) {}
    }
    fcntl_setfl(&writer, OFlags::empty()).unwrap();
    (reader, writer.into())
}

/// Checks that a server answers whose lines fill a pipe that nobody reads, and that they are there when
/// somebody does.
#[test]
fn a_server_answers_though_its_lines_fill_a_pipe() {
    let (mut reader, writer) = full_pipe();
    let mut server = start_with(&["--connections=1", "--log-format=text"], writer);
    let first = connect(&server);
    let refused = rest(connect(&server));
    assert!(refused.contains("connections_full"), "{refused}");
    drop(first);
    until("the place is free again", || {
        let answer = exchange(&server, "GET /rooms/a/people", "");
        answer.filter(|(status, _)| *status == 200)
    });
    let reading = thread::spawn(move || {
        let mut said = String::new();
        reader.read_to_string(&mut said).map(|_| said)
    });
    drop(server.child.stdin.take());
    assert!(server.child.wait().unwrap().success());
    let said = reading.join().unwrap().unwrap();
    assert!(
        said.contains("1 connections are open, which is the limit"),
        "{said:?}"
    );
}

/// Checks that a server ends though nobody reads what it says.
#[test]
fn a_server_ends_though_its_lines_fill_a_pipe() {
    let (reader, writer) = full_pipe();
    let mut server = start_with(&["--connections=1"], writer);
    let first = connect(&server);
    assert!(rest(connect(&server)).contains("connections_full"));
    drop((first, server.child.stdin.take()));
    assert!(server.child.wait().unwrap().success());
    drop(reader);
}

/// Checks that a server goes on whose lines nobody can be given any more.
#[test]
fn a_server_goes_on_when_nobody_reads_what_it_says() {
    for format in ["--log-format=text", "--log-format=json"] {
        let mut server = start(&["--connections=1", format]);
        drop(server.child.stderr.take());
        let first = connect(&server);
        let refused = rest(connect(&server));
        assert!(refused.contains("connections_full"), "{refused}");
        drop(first);
        until("the place is free again", || {
            let answer = exchange(&server, "GET /rooms/a/people", "");
            answer.filter(|(status, _)| *status == 200)
        });
    }
}
