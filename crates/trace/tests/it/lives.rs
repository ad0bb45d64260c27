//! Tests of one trace of each way. The listing is the same each time, except for its times.

use std::{sync::OnceLock, thread, time::Duration};

use dissect::{Direction, Layer, Purpose};
use trace::{Record, Settings, Traced, What};
use wire::{Protocol, Way};

/// Traces a life over `way`, whose dice always fall the same.
pub(crate) fn traced(settings: Settings) -> Record {
    let settings = Settings {
        seed: Some(7),
        ..settings
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(trace::record(&settings)).unwrap()
}

/// Returns a trace of each way, made once for all tests.
pub(crate) fn lives() -> &'static [Record] {
    static LIVES: OnceLock<Vec<Record>> = OnceLock::new();
    LIVES.get_or_init(|| {
        let lives = Traced::all().map(|way| thread::spawn(move || traced(Settings::new(way))));
        let lives: Vec<_> = lives.collect();
        lives.into_iter().map(|life| life.join().unwrap()).collect()
    })
}

/// Returns a listing without what differs from run to run.
fn masked(listing: &str) -> String {
    let mut masked = String::new();
    for line in listing
        .lines()
        .filter(|line| !line.starts_with("connection "))
    {
        let mut line = line.to_owned();
        if line.contains("> ann sends") || line.contains("<-- the server") {
            line.replace_range(..9, "    *.***");
        }
        for (before, digits, mark) in [
            ("127.0.0.1:", 5, "PORT-"),
            ("\"at\":", 13, "1700000000000"),
            ("date: ", 29, "Mon, 01 Jan 2024 00:00:00 GMT"),
        ] {
            if let Some(start) = line.find(before).map(|at| at + before.len()) {
                line.replace_range(start..start + digits, mark);
            }
        }
        masked.push_str(&line);
        masked.push('\n');
    }
    masked
}

#[test]
fn listings() {
    // Those of libraries have pings and ids of sessions, which differ from run to run.
    let of_a_library =
        |record: &&Record| matches!(record.way, Traced::Spoken(of, _) if of.is_library());
    for record in lives().iter().filter(|record| !of_a_library(record)) {
        let listing = trace::listing(record);
        insta::assert_snapshot!(format!("listing_{}", record.way), masked(&listing));
    }
}

#[test]
fn every_byte_is_in_an_account_and_in_an_element() {
    for record in lives() {
        let ledger = trace::ledger(record);
        assert_eq!(ledger.unparsed(), 0, "{}", record.way);
        for direction in Direction::ALL {
            assert_eq!(ledger.total(direction), record.total(direction));
            let elements = trace::elements(record);
            let bytes: usize = elements
                .iter()
                .filter(|one| one.direction == direction)
                .map(|one| one.bytes.len())
                .sum();
            assert_eq!(bytes as u64, record.total(direction));
        }
        // Heard from another, heard from herself, and said once.
        let delivered = trace::elements(record)
            .iter()
            .filter(|one| one.direction == Direction::Down && one.purpose() == Purpose::Deliver)
            .count();
        assert_eq!(delivered, 2, "{}", record.way);
        let said = ledger.amount(Direction::Up, Purpose::Say, Layer::Payload);
        assert_eq!((said.count, said.bytes), (1, 29), "{}", record.way);
    }
}

/// Checks that a life under TLS is the same one in records, whose bytes all crossed the socket.
#[test]
fn a_life_under_tls_is_the_same_in_records() {
    let plain = lives()
        .iter()
        .find(|one| one.way == Way::Websocket)
        .unwrap();
    let sealed = traced(Settings {
        tls: Some(tls::Version::V1_3),
        ..Settings::new(Way::Websocket)
    });
    assert!(plain.secrets.is_empty() && plain.tls.is_none());
    let lines: Vec<&str> = sealed.secrets.lines().collect();
    let words = lines.iter().map(|line| line.split(' ').count());
    assert!(
        lines.len() >= 4 && words.eq(lines.iter().map(|_| 3)),
        "{lines:?}"
    );
    assert_eq!(trace::ledger(&sealed).unparsed(), 0);
    for direction in Direction::ALL {
        assert_eq!(plain.crossed(direction), plain.total(direction));
        // A record has 22 bytes beside its content, and there is a handshake.
        let records = sealed.connections[0].pieces.iter();
        let records = records.filter(|piece| piece.direction == direction).count() as u64;
        let around = sealed.crossed(direction) - sealed.total(direction);
        assert!(around > 22 * records + 100, "{direction:?}: {around}");
        let bytes = sealed.connections[0].crossed().iter();
        let bytes = bytes.filter(|piece| piece.direction == direction);
        let first = &bytes.clone().next().unwrap().bytes;
        assert_eq!(first[..2], [22, 3], "a handshake");
    }
    let listing = trace::listing(&sealed);
    assert!(listing.contains("Under TLS 1.3") && listing.contains("in the records"));
}

/// Checks a masked envelope and the payload in it, each with the part of the key that belongs to
/// it.
#[test]
fn what_a_library_says_is_unmasked_in_its_place() {
    for (way, said) in [
        (
            "socket-io",
            [
                "unmasked",
                "42[\"message\",",
                "{\"from\":\"ann\",\"text\":\"hello\"}",
            ],
        ),
        (
            "sockjs",
            ["unmasked", "[\"", "{\\\"from\\\":\\\"ann\\\",\\\"text"],
        ),
        ("socket-io-polling", ["41\\x1e1", "0{\"sid\":", "&sid="]),
    ] {
        let way: Traced = way.parse().unwrap();
        let record = lives().iter().find(|one| one.way == way).unwrap();
        let listing = trace::listing(record);
        for part in said {
            assert!(listing.contains(part), "{way}: {part} in {listing}");
        }
    }
}

/// Checks the bytes that a library or a page puts around a message, in the messages of a life.
#[test]
fn envelopes_have_the_size_that_the_protocol_gives_them() {
    for record in lives() {
        let ledger = trace::ledger(record);
        let around = ledger.amount(Direction::Down, Purpose::Deliver, Layer::Envelope);
        let Traced::Spoken(protocol, way) = record.way else {
            assert_eq!(around.bytes, 0, "{}", record.way);
            continue;
        };
        // The two events have one digit, and 16 quotes.
        let each = match (protocol, way.polls()) {
            (Protocol::InPage, true) => "/**/hear();\n".len(),
            (Protocol::InPage, false) => "<script>e()</script>".len(),
            (Protocol::SocketIo, _) => "42[\"message\",,\"2\"]".len(),
            (Protocol::Sockjs, true) => "a[\"\"]\n".len() + 16,
            // A quote is escaped twice, and those of the list once.
            (Protocol::SockjsInPage, true) => {
                "/**/_jp.abcdefg(\"a[\\\"\\\"]\");\r\n".len() + 16 * 3
            }
            (Protocol::SockjsInPage, false) => {
                "<script>\np(\"a[\\\"\\\"]\");\n</script>".len() + 16 * 3
            }
            _ => "a[\"\"]".len() + 16,
        };
        assert_eq!(around.bytes, 2 * each as u64, "{}", record.way);
    }
}

#[test]
fn the_handshake_of_2010_is_explained_number_by_number() {
    let record = lives()
        .iter()
        .find(|one| one.way == Traced::Hixie76)
        .unwrap();
    let elements = trace::elements(record);
    let [asked, answered] = [&elements[0], &elements[1]].map(|one| one.bytes.as_slice());
    let head = String::from_utf8_lossy(&asked[..asked.len() - 8]).into_owned();
    let listing = trace::listing(record);
    let mut parts = Vec::new();
    for name in ["Sec-WebSocket-Key1: ", "Sec-WebSocket-Key2: "] {
        let key = head
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap();
        let digits: String = key.chars().filter(char::is_ascii_digit).collect();
        let spaces = key.matches(' ').count() as u32;
        let part = digits.parse::<u32>().unwrap() / spaces;
        assert!(listing.contains(&format!("its digits              {digits}\n")));
        assert!(listing.contains(&format!("its spaces              {spaces}\n")));
        assert!(listing.contains(&format!("the one by the other    {part}\n")));
        parts.extend(part.to_be_bytes());
    }
    parts.extend(&asked[asked.len() - 8..]);
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert!(listing.contains(&format!("all sixteen             {}\n", hex(&parts))));
    let hash = hex(&answered[answered.len() - 16..]);
    assert!(
        listing.contains(&format!("MD5 of that             {hash}\n")),
        "{hash}"
    );
}

#[test]
fn ladders_hold_every_element() {
    for record in lives() {
        let svg = trace::sequence::svg(record);
        let text = trace::sequence::text(record);
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        let elements = trace::elements(record).len();
        assert_eq!(
            text.lines().filter(|line| line.contains('·')).count(),
            elements
        );
        assert_eq!(svg.matches(" · ").count(), elements);
    }
}

#[test]
fn a_link_shows_in_the_times_and_a_profile_in_the_bytes() {
    let record = traced(Settings {
        link: Some(link::settings_from("delay=40ms").unwrap()),
        read_headers: vec![("X-Room-Of".to_owned(), "{host}".to_owned())],
        message: "a message of more than one hundred and twenty-five bytes ".repeat(3),
        ..Settings::new(Way::Websocket)
    });
    let elements = trace::elements(&record);
    assert!(elements[1].at >= elements[0].at + Duration::from_millis(80));
    assert!(String::from_utf8_lossy(&elements[0].bytes).contains("X-Room-Of: 127.0.0.1:"));
    let long = elements
        .iter()
        .find(|one| one.what == What::Frame && one.purpose() == Purpose::Deliver)
        .unwrap();
    assert_eq!(long.spans[0].len, 4);
    assert!(trace::listing(&record).contains("126: the length is in the next 2 bytes"));
}

#[test]
fn what_cannot_be_said_is_refused_in_words() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let refuse = |settings: Settings| {
        runtime
            .block_on(trace::record(&settings))
            .unwrap_err()
            .to_string()
    };
    let mut settings = Settings::new(Way::Sse);
    settings.message.clear();
    assert!(refuse(settings).contains("1 to 65536"));
    let mut settings = Settings::new(Way::Sse);
    settings.say_headers = vec![("A".to_owned(), "b\r\nC: d".to_owned())];
    assert!(refuse(settings).contains("line break"));
    let unknown = "carrier pigeon".parse::<Traced>().unwrap_err().to_string();
    assert!(unknown.contains("short_poll") && unknown.contains("sockjs-eventsource"));
    for way in Traced::all() {
        assert_eq!(way.to_string().parse(), Ok(way));
    }
    let [dashed, scenario] = ["socket-io", "socket_io"].map(str::parse::<Traced>);
    assert_eq!(dashed, scenario);
}
