//! `/echo` under permessage-deflate (RFC 7692), frame by frame: each offer, and what may come.

use flate2::{Compress, Decompress, FlushCompress, FlushDecompress};
use server::Settings;

use super::sockets::{frame, masked, upgrade_at};
use crate::fixture::{Server, Wire};

const NAME: &str = "permessage-deflate";
/// The bytes that end a flushed message, which are not sent (section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

// First bytes of frames: FIN, RSV1, and the opcode.
const TEXT: u8 = 0x81;
const PACKED: u8 = 0xc1;
const PACKED_BINARY: u8 = 0xc2;
const PACKED_BEGIN: u8 = 0x41;
const GOES_ON: u8 = 0x00;
const ENDS: u8 = 0x80;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
const CLOSE: u8 = 0x88;

const LIMIT: usize = 1 << 16;

fn server() -> Server {
    Server::with(Settings {
        echo: true,
        echo_limit: LIMIT,
        ..Settings::default()
    })
}

/// A client's end of a compressed WebSocket, made of zlib alone.
struct End {
    wire: Wire,
    up: Compress,
    down: Decompress,
    /// The bits of the server's window.
    bits: u8,
    /// True where each message begins without a context.
    resets_up: bool,
    resets_down: bool,
}

impl End {
    /// Opens `/echo` with an offer that is taken up as `answer`, and has no larger window than that
    /// says.
    async fn open(server: &Server, offer: &str, answer: &str) -> Self {
        let (head, wire) = upgrade_at(server, "/echo", offer).await;
        assert_eq!(extensions(&head), Some(answer), "{offer}");
        let bits = answer.split_once("server_max_window_bits=");
        let bits = bits.map_or(15, |(_, bits)| bits.parse().unwrap());
        Self {
            wire,
            up: Compress::new(flate2::Compression::default(), false),
            down: Decompress::new_with_window_bits(false, bits),
            bits,
            resets_up: answer.contains("client_no_context_takeover"),
            resets_down: answer.contains("server_no_context_takeover"),
        }
    }

    /// Returns the compressed payload of a message.
    fn packed(&mut self, content: &[u8]) -> Vec<u8> {
        if self.resets_up {
            self.up.reset();
        }
        let mut payload = Vec::with_capacity(content.len() + 1_000);
        self.up
            .compress_vec(content, &mut payload, FlushCompress::Sync)
            .unwrap();
        // A second empty message in a row has nothing to flush (section 7.2.3.6).
        payload.strip_suffix(&TAIL).unwrap_or(&[0]).to_vec()
    }

    /// Hears a message that comes compressed; returns its first byte, its content and how many bytes
    /// it took.
    async fn hear(&mut self) -> (u8, Vec<u8>, usize) {
        let (first, payload) = frame(&mut self.wire).await;
        if self.resets_down {
            // A reset would give it the largest window.
            self.down = Decompress::new_with_window_bits(false, self.bits);
        }
        let mut content = Vec::with_capacity(LIMIT + 1);
        let whole = [&payload[..], &TAIL].concat();
        self.down
            .decompress_vec(&whole, &mut content, FlushDecompress::Sync)
            .expect("a message that fits the window");
        (first, content, payload.len())
    }

    /// Says a text and hears it come back; returns how many bytes that took.
    async fn round(&mut self, content: &[u8]) -> usize {
        let payload = self.packed(content);
        self.wire.write(&masked(PACKED, &payload)).await;
        let (first, heard, length) = self.hear().await;
        assert!((first, &heard[..]) == (PACKED, content));
        length
    }
}

/// Returns the line of an answer's head about extensions.
fn extensions(head: &str) -> Option<&str> {
    let mut lines = head.lines();
    lines.find_map(|line| line.strip_prefix("sec-websocket-extensions: "))
}

/// Returns letters in which nothing comes twice, by xorshift (Marsaglia, 2003).
fn letters(count: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        b' ' + ((state >> 11) % 64) as u8
    };
    (0..count).map(next).collect()
}

/// Checks that the server's close frame has this code, and that the connection then ends in order.
async fn closed(wire: &mut Wire, code: u16, why: &str) {
    let (first, payload) = frame(wire).await;
    assert_eq!(
        (first, &payload[..2]),
        (CLOSE, &code.to_be_bytes()[..]),
        "{why}"
    );
    assert_eq!(wire.rest().await, b"", "{why}");
}

/// Checks all windows with the four choices of contexts: the answer has what was asked for, a
/// message refers to the one before where it may, and nothing refers further back than the window.
#[tokio::test]
async fn what_is_offered_is_kept() {
    let server = server();
    let (said, other) = (letters(400, 0x1234_5678), letters(600, 0x9e37_79b9));
    for bits in [
        None,
        Some(9),
        Some(10),
        Some(11),
        Some(12),
        Some(13),
        Some(14),
        Some(15),
    ] {
        for contexts in [
            "",
            "; server_no_context_takeover",
            "; client_no_context_takeover",
            "; server_no_context_takeover; client_no_context_takeover",
        ] {
            let window = bits.map_or(String::new(), |bits| {
                format!("; server_max_window_bits={bits}")
            });
            let answer = format!("{NAME}{contexts}{window}");
            let offer = format!("{NAME}; client_max_window_bits{window}{contexts}");
            let mut end = End::open(&server, &offer, &answer).await;
            let alone = end.round(&said).await;
            assert!(alone > 250, "{answer}: {alone}");
            end.round(&other).await;
            // Beyond a window of 512 bytes, and within one of 2 KiB.
            let again = end.round(&said).await;
            let may_refer = !end.resets_down && bits.is_none_or(|bits| bits > 10);
            assert_eq!(again < 50, may_refer, "{answer}: {again} {alone}");
            end.round(b"").await;
        }
    }
}

#[tokio::test]
async fn the_first_offer_that_can_be_kept_is_taken() {
    let server = server();
    for (offers, answer) in [
        // Windows of 8 bits: the client's is its own, and the server's is not to be had.
        ("permessage-deflate; client_max_window_bits=8", NAME),
        (
            "permessage-deflate; server_max_window_bits=8, permessage-deflate; \
             server_max_window_bits=\"10\"",
            "permessage-deflate; server_max_window_bits=10",
        ),
        (
            "x-webkit-deflate-frame, permessage-deflate; client_max_window_bits=16, \
             permessage-deflate; server_no_context_takeover=1, permessage-deflate; unknown, \
             permessage-deflate; server_max_window_bits, permessage-deflate",
            NAME,
        ),
        // As case 13.7 of the Autobahn suite has it, and over two lines.
        (
            "permessage-deflate; client_no_context_takeover; client_max_window_bits; \
             server_no_context_takeover; server_max_window_bits=9\r\n\
             sec-websocket-extensions: permessage-deflate",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=9",
        ),
        (
            "permessage-deflate; server_max_window_bits=7\r\n\
             sec-websocket-extensions: permessage-deflate",
            NAME,
        ),
    ] {
        let mut end = End::open(&server, offers, answer).await;
        end.round(b"hello").await;
    }
}

#[tokio::test]
async fn without_an_offer_that_can_be_kept_nothing_is_compressed() {
    let server = server();
    let declined = [
        ("/echo", "x"),
        ("/echo", "permessage-deflate; server_max_window_bits=8"),
        (
            "/echo",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        ),
        ("/echo?compress=0", NAME),
    ];
    for (target, offer) in declined {
        let (head, mut wire) = upgrade_at(&server, target, offer).await;
        assert_eq!(extensions(&head), None, "{target} {offer}");
        wire.write(&masked(TEXT, b"hello")).await;
        assert_eq!(wire.take_bytes(7).await, b"\x81\x05hello");
        wire.write(&masked(PACKED, &[0xf2, 0x48, 0x05, 0x00])).await;
        closed(&mut wire, 1002, "RSV1 without an agreement").await;
    }
}

#[tokio::test]
async fn messages_come_in_fragments_and_go_back_whole() {
    let server = server();
    let mut end = End::open(&server, NAME, NAME).await;
    let text = "Grüße, 你好, ".repeat(40);
    for size in [1, 7, 1_000] {
        let payload = end.packed(text.as_bytes());
        let mut first = PACKED_BEGIN;
        for piece in payload.chunks(size) {
            end.wire.write(&masked(first, piece)).await;
            end.wire.write(&masked(PING, b"?")).await;
            assert_eq!(frame(&mut end.wire).await, (PONG, b"?".to_vec()));
            first = GOES_ON;
        }
        end.wire.write(&masked(ENDS, b"")).await;
        let (first, heard, _) = end.hear().await;
        assert_eq!((first, heard), (PACKED, text.clone().into_bytes()));
    }
    // A message that is not compressed may come as well, in fragments too (section 6).
    end.wire.write(&masked(TEXT, b"as it is")).await;
    assert_eq!(end.hear().await.1, b"as it is");
    end.wire.write(&masked(0x02, b"as ")).await;
    end.wire.write(&masked(ENDS, b"it is")).await;
    let (first, heard, _) = end.hear().await;
    assert_eq!((first, heard), (PACKED_BINARY, b"as it is".to_vec()));
}

/// Checks a message that is far longer than what the server's socket takes at once.
#[tokio::test]
async fn a_message_that_leaves_in_many_pieces_comes_back_whole() {
    const LONG: usize = 2 << 20;
    let server = Server::with(Settings {
        echo: true,
        echo_limit: LONG,
        send_buffer: Some(64 * 1024),
        ..Settings::default()
    });
    let mut end = End::open(&server, NAME, NAME).await;
    let said = letters(LONG, 0x1234_5678);
    let payload = end.packed(&said);
    assert!(payload.len() > LONG / 2, "{}", payload.len());
    end.wire.write(&masked(PACKED, &payload)).await;
    let (first, payload) = frame(&mut end.wire).await;
    let whole = [&payload[..], &TAIL].concat();
    let mut heard = Vec::with_capacity(LONG + 1);
    end.down
        .decompress_vec(&whole, &mut heard, FlushDecompress::Sync)
        .expect("a message that fits the window");
    assert!(first == PACKED && heard == said);
    // Nothing of it is left before the next message.
    end.round(b"short").await;
}

/// Checks frames that may not come once permessage-deflate is agreed on (section 6.1; RFC 6455,
/// sections 5.1, 5.2, 5.4 and 5.5).
#[tokio::test]
async fn a_frame_that_may_not_come_is_closed_with_1002() {
    const RSV1: u8 = 0x40;
    const RSV2: u8 = 0x20;
    let server = server();
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let (begun, rest) = hello.split_at(3);
    let unmasked = |first: u8, payload: &[u8]| [&[first, payload.len() as u8], payload].concat();
    for (why, frames) in [
        ("RSV1 on a ping", vec![masked(PING | RSV1, b"")]),
        ("RSV1 on a close frame", vec![masked(CLOSE | RSV1, b"")]),
        (
            "RSV1 on a continuation",
            vec![masked(PACKED_BEGIN, begun), masked(ENDS | RSV1, rest)],
        ),
        (
            "RSV1 on a continuation of what is not compressed",
            vec![masked(0x01, b"hel"), masked(ENDS | RSV1, b"lo")],
        ),
        ("RSV2", vec![masked(PACKED | RSV2, &hello)]),
        (
            "RSV2 on a continuation",
            vec![masked(PACKED_BEGIN, begun), masked(ENDS | RSV2, rest)],
        ),
        ("a continuation of nothing", vec![masked(ENDS, b"x")]),
        (
            "a message within a compressed one",
            vec![masked(PACKED_BEGIN, begun), masked(PACKED, &hello)],
        ),
        (
            "a compressed message within one that is not",
            vec![masked(0x01, b"hel"), masked(PACKED, &hello)],
        ),
        ("no mask", vec![unmasked(PACKED, &hello)]),
        (
            "no mask on a continuation",
            vec![masked(PACKED_BEGIN, begun), unmasked(ENDS, rest)],
        ),
        (
            "a ping in two pieces",
            vec![masked(PACKED_BEGIN, begun), masked(PING & !ENDS, b"")],
        ),
    ] {
        let mut end = End::open(&server, NAME, NAME).await;
        end.round(b"hello").await;
        // What the client sends behind it does not keep the close frame from it.
        end.wire
            .write(&[frames.concat(), vec![0; 5_000]].concat())
            .await;
        closed(&mut end.wire, 1002, why).await;
    }
}

#[tokio::test]
async fn text_is_utf_8_once_it_is_inflated() {
    let server = server();
    let mut end = End::open(&server, NAME, NAME).await;
    let bad = b"hello \xff hello";
    let payload = end.packed(bad);
    end.wire.write(&masked(PACKED_BINARY, &payload)).await;
    let (first, heard, _) = end.hear().await;
    assert_eq!((first, &heard[..]), (PACKED_BINARY, &bad[..]));
    let payload = end.packed(bad);
    end.wire.write(&masked(PACKED, &payload)).await;
    closed(&mut end.wire, 1007, "no UTF-8").await;
    let mut end = End::open(&server, NAME, NAME).await;
    end.wire.write(&masked(PACKED, b"this is no deflate")).await;
    closed(&mut end.wire, 1007, "no deflate").await;
}

#[tokio::test]
async fn a_bomb_is_closed_with_1009_and_the_longest_message_comes_back() {
    let server = server();
    let largest = vec![b'x'; LIMIT];
    let mut end = End::open(&server, NAME, NAME).await;
    end.round(&largest).await;
    // Of a client that said nothing before, so that it can be read by itself.
    let mut fresh = End::open(&server, NAME, NAME).await;
    let bomb = fresh.packed(&vec![b'x'; 200 * LIMIT]);
    assert!(bomb.len() < LIMIT / 2);
    let halves = bomb.split_at(bomb.len() / 2);
    for frames in [
        masked(PACKED, &bomb),
        [masked(PACKED_BEGIN, halves.0), masked(ENDS, halves.1)].concat(),
        // A head that promises more than anything may be.
        [&[PACKED, 0xff][..], &u64::MAX.to_be_bytes(), &[0; 4]].concat(),
    ] {
        let mut end = End::open(&server, NAME, NAME).await;
        end.wire.write(&[frames, vec![0; 5_000]].concat()).await;
        closed(&mut end.wire, 1009, "a bomb").await;
    }
    let mut end = End::open(&server, NAME, NAME).await;
    let longer = end.packed(&vec![b'x'; LIMIT + 1]);
    end.wire.write(&masked(PACKED, &longer)).await;
    closed(&mut end.wire, 1009, "one byte too many").await;
}
