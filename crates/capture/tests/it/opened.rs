//! Connections under TLS, with the log of their keys and without.

use std::{
    fmt::Write as _,
    fs,
    io::{Read, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use capture::{Captured, Keys, Kind, Remark};
use dissect::{Direction, Layer};
use rustls::{
    ClientConfig, ClientConnection, Connection, KeyLog, RootCertStore, ServerConfig,
    ServerConnection, SupportedCipherSuite, SupportedProtocolVersion,
    crypto::{CryptoProvider, ring},
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    version::{TLS12, TLS13},
};

use crate::{
    h2,
    packets::{Link, Segment, Talk, pcap, sent},
};

/// Writes the lines of a log.
#[derive(Debug, Default)]
struct Log(Mutex<String>);

impl KeyLog for Log {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |bytes: &[u8]| {
            bytes.iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
        };
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        self.0.lock().unwrap().push_str(&line);
    }
}

fn ends(
    suite: SupportedCipherSuite,
    version: &'static SupportedProtocolVersion,
    log: Arc<Log>,
) -> [Connection; 2] {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(CryptoProvider {
        cipher_suites: vec![suite],
        ..ring::default_provider()
    });
    let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.key_log = log;
    let server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let name = "localhost".try_into().unwrap();
    let client = ClientConnection::new(Arc::new(client), name).unwrap();
    let server = ServerConnection::new(Arc::new(server)).unwrap();
    [client.into(), server.into()]
}

/// Carries what both ends have to send, until they have nothing more.
fn carry(ends: &mut [Connection; 2], talk: &mut Talk) {
    loop {
        let mut is_quiet = true;
        for side in [0, 1] {
            let mut bytes = Vec::new();
            while ends[side].wants_write() {
                ends[side].write_tls(&mut bytes).unwrap();
            }
            is_quiet &= bytes.is_empty();
            if side == 0 {
                talk.up(&bytes);
            } else {
                talk.down(&bytes);
            }
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                ends[1 - side].read_tls(&mut rest).unwrap();
                ends[1 - side].process_new_packets().unwrap();
            }
        }
        if is_quiet {
            return;
        }
    }
}

/// Returns a short poll under TLS, and the log of its keys.
fn polls(
    suite: SupportedCipherSuite,
    version: &'static SupportedProtocolVersion,
) -> (Vec<Segment>, String) {
    let log = Arc::new(Log::default());
    let mut ends = ends(suite, version, Arc::clone(&log));
    let mut talk = Talk::open(40_001);
    carry(&mut ends, &mut talk);
    for number in 0..6 {
        write!(ends[0].writer(), "GET /poll HTTP/1.1\r\nHost: chat\r\n\r\n").unwrap();
        carry(&mut ends, &mut talk);
        talk.wait(3);
        let body = if number == 2 { "[{}]" } else { "[]" };
        let len = body.len();
        write!(
            ends[1].writer(),
            "HTTP/1.1 200 OK\r\nContent-Length: {len}\r\n\r\n{body}"
        )
        .unwrap();
        carry(&mut ends, &mut talk);
        talk.wait(997);
        for end in &mut ends {
            let _ = end.reader().read(&mut [0; 4096]);
        }
    }
    for end in &mut ends {
        end.send_close_notify();
    }
    carry(&mut ends, &mut talk);
    let text = log.0.lock().unwrap().clone();
    (talk.close(), text)
}

fn read(segments: &[Segment], log: &str) -> Captured {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.pcap");
    fs::write(&file, pcap(Link::Raw, segments, 65_535)).unwrap();
    let mut keys = Keys::default();
    keys.add(log.as_bytes());
    capture::read(&file, &keys).unwrap()
}

#[test]
fn a_key_log_opens_every_cipher_of_both_versions() {
    let mut opened = 0;
    for suite in ring::ALL_CIPHER_SUITES {
        // The certificate has a key of an elliptic curve.
        if format!("{:?}", suite.suite()).contains("_RSA_") {
            continue;
        }
        let version = if suite.tls13().is_some() {
            &TLS13
        } else {
            &TLS12
        };
        let (segments, log) = polls(*suite, version);
        let captured = read(&segments, &log);
        assert_eq!(
            captured.conversations.len(),
            1,
            "{suite:?} {:?}",
            captured.conversations
        );
        let one = &captured.conversations[0];
        assert_eq!(
            one.kind,
            Kind::ShortPoll {
                interval: Duration::from_secs(1)
            },
            "{suite:?}"
        );
        assert_eq!((one.figures.polls, one.figures.empty), (6, 5));
        assert_eq!(Direction::ALL.map(|way| one.total(way)), sent(&segments));
        assert_eq!(
            (one.ledger.unparsed(), one.remarks.as_slice()),
            (0, &[][..])
        );
        assert!(one.ledger.layer(Direction::Up, Layer::Tls) > 0);
        opened += 1;
    }
    assert_eq!(opened, 6);
}

#[test]
fn keys_that_do_not_fit_are_named_and_bytes_are_counted() {
    let suite = ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let (segments, log) = polls(suite, &TLS13);
    let (_, other) = polls(suite, &TLS13);
    // The right connection, but the secrets of another.
    let mut swapped = String::new();
    for (line, other) in log.lines().zip(other.lines()) {
        let (name, _) = line.rsplit_once(' ').unwrap();
        let (_, secret) = other.rsplit_once(' ').unwrap();
        writeln!(swapped, "{name} {secret}").unwrap();
    }
    for (log, remark) in [
        (other.as_str(), Remark::NoSecret),
        (swapped.as_str(), Remark::NoSecret),
        ("", Remark::Sealed),
        ("CLIENT_RANDOM 00 zz\n", Remark::Sealed),
    ] {
        let one = read(&segments, log).conversations.remove(0);
        assert_eq!((one.kind, one.remarks), (Kind::Tls, vec![remark]));
        assert_eq!(
            one.ledger.layer(Direction::Up, Layer::Tls),
            sent(&segments)[0]
        );
    }
}

/// Returns a short poll over HTTP/2 under TLS, and the log of its keys.
fn polls_over_2() -> (Vec<Segment>, String) {
    let suite = ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let log = Arc::new(Log::default());
    let mut ends = ends(suite, &TLS13, Arc::clone(&log));
    let mut talk = Talk::open(40_001);
    carry(&mut ends, &mut talk);
    let settings = h2::frame(4, 0, 0, &[]);
    ends[0]
        .writer()
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .unwrap();
    ends[0].writer().write_all(&settings).unwrap();
    ends[1].writer().write_all(&settings).unwrap();
    carry(&mut ends, &mut talk);
    for number in 0..6 {
        // GET, http, /index.html; answered with 200.
        let asked = h2::frame(h2::HEADERS, 5, 1 + 2 * number, b"\x82\x86\x85");
        ends[0].writer().write_all(&asked).unwrap();
        carry(&mut ends, &mut talk);
        talk.wait(3);
        let head = h2::frame(h2::HEADERS, 4, 1 + 2 * number, b"\x88");
        let content = h2::frame(h2::DATA, 1, 1 + 2 * number, b"[]");
        ends[1]
            .writer()
            .write_all(&[head, content].concat())
            .unwrap();
        carry(&mut ends, &mut talk);
        talk.wait(997);
        for end in &mut ends {
            let _ = end.reader().read(&mut [0; 4096]);
        }
    }
    for end in &mut ends {
        end.send_close_notify();
    }
    carry(&mut ends, &mut talk);
    let text = log.0.lock().unwrap().clone();
    (talk.close(), text)
}

#[test]
fn http_2_under_tls_is_told_by_stream_and_its_records_once() {
    let (segments, log) = polls_over_2();
    let captured = read(&segments, &log);
    let interval = Duration::from_secs(1);
    let kinds: Vec<Kind> = captured.conversations.iter().map(|one| one.kind).collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    assert!(kinds.contains(&Kind::ShortPoll { interval }), "{kinds:?}");
    assert!(kinds.contains(&Kind::Http2));
    for way in Direction::ALL {
        let total: u64 = captured
            .conversations
            .iter()
            .map(|one| one.total(way))
            .sum();
        assert_eq!(total, sent(&segments)[way as usize]);
    }
    for one in &captured.conversations {
        let is_own = one.kind == Kind::Http2;
        assert_eq!(one.ledger.layer(Direction::Up, Layer::Tls) > 0, is_own);
        assert_eq!(
            (one.ledger.unparsed(), one.remarks.as_slice()),
            (0, &[][..])
        );
    }
    let (sealed, _) = polls_over_2();
    assert_eq!(read(&sealed, "").conversations[0].kind, Kind::Tls);
}

/// Returns connections under TLS by a name each, with the log of their keys: both versions, and
/// HTTP/2.
pub(super) fn talks() -> [(&'static str, Vec<Segment>, String); 3] {
    let new = ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let old = ring::cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let named = |name, (segments, log)| (name, segments, log);
    [
        named("TLS 1.3", polls(new, &TLS13)),
        named("TLS 1.2", polls(old, &TLS12)),
        named("HTTP/2", polls_over_2()),
    ]
}
