use super::*;
use crate::Ledger;

const ASK: &[u8] = b"GET /rooms/a/poll?after=7 HTTP/1.1\r\nHost: b\r\n\r\n";
const NOTHING: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n{\"events\":[],\"next\":7,\"missed\":0}";

/// Makes a record on the wire: of this type, with so many bytes after its head.
fn record(kind: u8, sealed: usize) -> Vec<u8> {
    let mut wire = vec![kind, 3, 3];
    wire.extend_from_slice(&u16::try_from(sealed).unwrap().to_be_bytes());
    wire.resize(sealed + 5, 0xEE);
    wire
}

/// Makes a record of data in TLS 1.3 with AES-GCM: type and tag after the content.
fn data(content: &[u8]) -> Vec<u8> {
    record(23, content.len() + 17)
}

/// Dissects a poll under TLS as its client sees it, cut into pieces of `cut` bytes.
fn poll(cut: usize) -> (Ledger, [u64; 2], Option<Fault>) {
    poll_until(cut, usize::MAX)
}

/// Dissects such a poll whose connection ends behind so many bytes.
fn poll_until(cut: usize, mut end: usize) -> (Ledger, [u64; 2], Option<Fault>) {
    let mut ledger = Ledger::new();
    let mut crossed = [0; 2];
    let mut sealed = Sealed::new(Dissector::new(), Direction::Up);
    let steps: [(Direction, Vec<u8>, Content<'_>); 9] = [
        // The hellos, the server's certificate, a ticket, and the client's last flight.
        (Direction::Up, record(22, 200), Content::Control),
        (Direction::Down, record(22, 90), Content::Control),
        (Direction::Down, record(20, 1), Content::Control),
        (Direction::Down, record(23, 600), Content::Control),
        (Direction::Up, record(23, 53), Content::Control),
        (Direction::Down, record(23, 180), Content::Control),
        (Direction::Up, data(ASK), Content::Data(ASK)),
        (Direction::Down, data(NOTHING), Content::Data(NOTHING)),
        (Direction::Up, record(23, 19), Content::Close),
    ];
    let mut sink = |span| ledger.add(span);
    for (direction, wire, content) in steps {
        if direction == Direction::Up {
            sealed.content(direction, content, &mut sink);
        }
        let came = &wire[..wire.len().min(end)];
        crossed[direction as usize] += came.len() as u64;
        for piece in came.chunks(cut) {
            sealed.cross(direction, piece, &mut sink);
        }
        if came.len() < wire.len() {
            break;
        }
        if direction == Direction::Down {
            sealed.content(direction, content, &mut sink);
        }
        end -= came.len();
    }
    sealed.finish(&mut sink);
    let fault = sealed.fault().copied();
    (ledger, crossed, fault)
}

#[test]
fn each_byte_of_the_wire_is_in_one_account_however_it_was_cut() {
    for cut in [1, 4, 5, 6, 7, 100, 10_000] {
        let (ledger, crossed, fault) = poll(cut);
        assert_eq!(fault, None, "{cut}");
        for direction in Direction::ALL {
            assert_eq!(
                ledger.total(direction),
                crossed[direction as usize],
                "{cut}"
            );
        }
        let tls = |direction, purpose| ledger.amount(direction, purpose, Layer::Tls);
        for direction in Direction::ALL {
            let around = tls(direction, Purpose::Empty);
            assert_eq!((around.bytes, around.count), (22, 1), "{cut}");
        }
        assert_eq!(tls(Direction::Up, Purpose::Setup).bytes, 205 + 58);
        assert_eq!(
            tls(Direction::Down, Purpose::Setup).bytes,
            95 + 6 + 605 + 185
        );
        assert_eq!(tls(Direction::Up, Purpose::Close).bytes, 24);
        let head = ledger.amount(Direction::Up, Purpose::Empty, Layer::HttpHead);
        assert_eq!(head.bytes, ASK.len() as u64);
    }
}

#[test]
fn a_record_of_tls_itself_is_not_taken_for_data_that_was_announced() {
    let mut ledger = Ledger::new();
    let mut sealed = Sealed::new(Dissector::new(), Direction::Up);
    let mut sink = |span| ledger.add(span);
    sealed.content(Direction::Up, Content::Data(ASK), &mut sink);
    // New keys go out first (RFC 8446, section 4.6.3).
    sealed.cross(Direction::Up, &record(23, 22), &mut sink);
    sealed.cross(Direction::Up, &data(ASK), &mut sink);
    sealed.finish(&mut sink);
    assert_eq!(
        ledger.layer(Direction::Up, Layer::HttpHead),
        ASK.len() as u64
    );
    assert_eq!(ledger.layer(Direction::Up, Layer::Tls), 27 + 22);
}

#[test]
fn each_byte_has_an_account_wherever_the_connection_ends() {
    let (whole, crossed, _) = poll(10_000);
    for end in 0..crossed.iter().sum::<u64>() as usize {
        let (ledger, crossed, fault) = poll_until(7, end);
        assert!(fault.is_none_or(|fault| fault.reason == Reason::Truncated));
        assert_eq!(ledger.unparsed(), 0, "{end}");
        for direction in Direction::ALL {
            assert_eq!(ledger.total(direction), crossed[direction as usize]);
            // What is in a record counts once all of it has crossed.
            let head = ledger.layer(direction, Layer::HttpHead);
            assert!([0, whole.layer(direction, Layer::HttpHead)].contains(&head));
        }
    }
}

#[test]
fn half_a_record_is_a_fault_and_of_tls() {
    for (begun, purpose, layer) in [
        (data(ASK), Purpose::Setup, Layer::Tls),
        (record(ALERT, 26), Purpose::Close, Layer::Tls),
        (record(71, 40), Purpose::Setup, Layer::Unparsed),
    ] {
        for came in [1, 5, 20] {
            let mut ledger = Ledger::new();
            let mut sealed = Sealed::new(Dissector::new(), Direction::Up);
            let mut sink = |span| ledger.add(span);
            sealed.content(Direction::Up, Content::Data(ASK), &mut sink);
            sealed.cross(Direction::Up, &begun[..came], &mut sink);
            sealed.cross(Direction::Down, &record(23, 40), &mut sink);
            sealed.finish(&mut sink);
            let fault = sealed.fault().expect("a fault");
            assert_eq!((fault.direction, fault.at), (Direction::Up, 0));
            assert_eq!(fault.reason, Reason::Truncated);
            let account = ledger.amount(Direction::Up, purpose, layer);
            assert_eq!(account.bytes, came as u64, "{purpose:?}");
            assert_eq!(ledger.total(Direction::Up), came as u64);
            assert_eq!(ledger.total(Direction::Down), 45);
        }
    }
}
