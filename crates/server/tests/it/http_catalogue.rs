//! The catalogue of requests, right and wrong: one case, one answer, whichever reader of heads
//! it comes to.
//!
//! `http_catalogue.txt` has a case in each line. What each request is to be answered with is
//! followed by one more request on the same connection: where the server and the case disagree
//! about the end of a request, the second answer gives it away.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::fixture::{Server, soon};

const CATALOGUE: &str = include_str!("http_catalogue.txt");
const NEXT: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
/// The end of a head, and the same with a header that leaves the request to hyper and changes
/// nothing else.
const END: &str = r"\r\n\r\n";
const SLOW_END: &str = r"\r\nupgrade: nothing\r\n\r\n";

/// A line of the catalogue: what is sent, and the statuses that may come back, in their order.
struct Case {
    name: &'static str,
    statuses: Vec<Vec<&'static str>>,
    request: &'static str,
}

fn cases() -> Vec<Case> {
    let lines = CATALOGUE.lines();
    let cases = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    cases
        .map(|line| {
            let fields: Vec<_> = line.splitn(4, " | ").collect();
            let [name, _section, statuses, request] = fields[..] else {
                panic!("not four fields: {line}");
            };
            let statuses = statuses.split(' ').map(|any| any.split('|').collect());
            Case {
                name,
                statuses: statuses.collect(),
                request,
            }
        })
        .collect()
}

/// Returns the bytes that a text with escapes stands for.
fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        let escaped = if letter == '\\' { rest.next() } else { None };
        match escaped {
            None => bytes.extend(letter.to_string().bytes()),
            Some('r') => bytes.push(b'\r'),
            Some('n') => bytes.push(b'\n'),
            Some('t') => bytes.push(b'\t'),
            Some('0') => bytes.push(0),
            Some('x') => {
                let digits: String = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap());
            }
            Some(other) => panic!("an escape that is none: \\{other} in {text}"),
        }
    }
    bytes
}

/// Returns the statuses that come in answer to a request and one more behind it, until the
/// server ends the connection.
async fn statuses(server: &Server, request: &str) -> Vec<String> {
    let mut wire = server.connect().await;
    let sent = [&*bytes(request), NEXT].concat();
    // Of a connection that the server ended early, whether all can be sent is chance.
    let _ = wire.stream.write_all(&sent).await;
    let mut came = Vec::new();
    let _ = soon(wire.stream.read_to_end(&mut came)).await;
    let came = String::from_utf8_lossy(&came);
    let heads = came.split("HTTP/1.").skip(1);
    // Texts about HTTP/1.1 in an answer have no status behind it.
    let statuses = heads.filter_map(|head| head.get(2..5));
    let statuses = statuses.filter(|status| status.parse::<u16>().is_ok());
    statuses.map(str::to_owned).collect()
}

fn fits(case: &Case, statuses: &[String]) -> bool {
    let pairs = case.statuses.iter().zip(statuses);
    case.statuses.len() == statuses.len()
        && pairs
            .into_iter()
            .all(|(any, status)| any.contains(&&**status))
}

/// Returns the request as the other reader of heads gets it; `None` where there is one alone.
fn slowly(request: &str) -> Option<String> {
    let begins = ["GET /rooms/a/poll", "POST /rooms/a/messages"];
    let has_two = begins.iter().any(|begin| request.starts_with(begin)) && request.contains(END);
    has_two.then(|| request.replacen(END, SLOW_END, 1))
}

#[tokio::test]
async fn every_case_of_the_catalogue_is_answered_as_it_says() {
    let server = Server::start();
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 200, "{} cases", cases.len());
    for case in &cases {
        let quick = statuses(&server, case.request).await;
        if !fits(case, &quick) {
            wrong.push(format!("{}: {quick:?}, not {:?}", case.name, case.statuses));
        }
        if let Some(request) = slowly(case.request) {
            let slow = statuses(&server, &request).await;
            if slow != quick {
                wrong.push(format!("{}: {quick:?}, and {slow:?} by hyper", case.name));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    // Nobody else was disturbed.
    let answer = server.get("/healthz").await;
    assert_eq!(answer.status(), 200);
}
