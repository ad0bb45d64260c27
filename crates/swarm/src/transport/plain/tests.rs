//! Connections over real sockets, read as a batch reads them and gone on with as a task does.

use std::{future::poll_fn, rc::Rc, time::Duration};

use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    socket::{io::tests::has_uring, meter::Bytes, ring::Ring},
    transport::reader::Heard,
};

/// A connection, its other end, and the texts that it has given.
struct Pair {
    plain: Plain,
    far: TcpStream,
    /// The bytes that were counted.
    bytes: Rc<Bytes>,
    texts: Vec<String>,
}

async fn pair(make: impl FnOnce(Meter) -> Plain) -> Pair {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let near = TcpStream::connect(address).await.unwrap();
    let (far, _) = listener.accept().await.unwrap();
    let bytes = Rc::new(Bytes::default());
    Pair {
        plain: make(Meter::new(near, Rc::clone(&bytes), None)),
        far,
        bytes,
        texts: Vec::new(),
    }
}

async fn stream(framing: Framing) -> Pair {
    pair(|meter| Plain::of_lines(meter, Vec::new(), framing)).await
}

async fn web_socket() -> Pair {
    pair(|meter| Plain::of_frames(meter, Vec::new(), 1024)).await
}

impl Pair {
    async fn write(&mut self, bytes: &[u8]) {
        self.far.write_all(bytes).await.unwrap();
    }

    /// Reads in small pieces until the connection is ready, or `until` holds while it waits: then
    /// returns nothing.
    async fn read(
        &mut self,
        until: impl Fn(&Plain, &[String]) -> bool,
    ) -> Option<Result<(), Failure>> {
        let Self { plain, texts, .. } = self;
        let mut room = [0; 7];
        poll_fn(|context| {
            let polled = plain.poll_texts(context, &mut room, |text| {
                if text == b"spoiled" {
                    return Err(Failure::Unreadable);
                }
                texts.push(String::from_utf8(text.to_vec()).unwrap());
                Ok(())
            });
            match polled {
                Poll::Ready(result) => Poll::Ready(Some(result)),
                Poll::Pending if until(plain, texts) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// Returns the next text that the reader's own task hears.
    async fn heard_by_task(self) -> (Result<String, Failure>, TcpStream) {
        let Listener::Websocket(mut listener) = self.plain.into_listener() else {
            panic!("no WebSocket");
        };
        let heard = listener.next().await.map(|heard| match heard {
            Heard::Text(text) | Heard::Batch(text) => String::from_utf8(text.to_vec()).unwrap(),
        });
        (heard, self.far)
    }
}

/// Returns a chunk.
fn chunk(content: &str) -> Vec<u8> {
    format!("{:x}\r\n{content}\r\n", content.len()).into_bytes()
}

#[tokio::test]
async fn a_stream_is_read_whatever_pieces_it_comes_in() {
    for framing in Framing::ALL {
        let mut pair = stream(framing).await;
        let event = wire::lines::frame(framing, 1, b"{\"one\":1}");
        let event = str::from_utf8(&event).unwrap();
        let heartbeat = str::from_utf8(wire::lines::heartbeat(framing)).unwrap();
        // One event in two chunks, two in one.
        let (begin, end) = event.split_at(event.len() - 4);
        let twice = event.repeat(2);
        for content in [heartbeat, begin, end, &twice] {
            pair.write(&chunk(content)).await;
        }
        assert_eq!(pair.read(|_, texts| texts.len() == 3).await, None);
        assert_eq!(pair.texts, ["{\"one\":1}"; 3], "{framing:?}");
    }
}

#[tokio::test]
async fn what_came_behind_the_head_is_read_without_more() {
    let rest = chunk("{}\n");
    let mut pair = pair(|meter| Plain::of_lines(meter, rest, Framing::Ndjson)).await;
    assert_eq!(pair.read(|_, _| true).await, None);
    assert_eq!(pair.texts, ["{}"]);
}

#[tokio::test]
async fn the_end_of_a_stream_says_how_it_ended() {
    let cut = Failure::Lost(ErrorKind::UnexpectedEof);
    let no_chunk = Failure::Lost(ErrorKind::InvalidInput);
    for (bytes, failure) in [
        ("0\r\n\r\n", Failure::Closed),
        ("", cut.clone()),
        ("5\r\n{}", cut),
        ("x", no_chunk),
        ("8\r\nspoiled\n\r\n", Failure::Unreadable),
    ] {
        let mut pair = stream(Framing::Ndjson).await;
        pair.write(&chunk("{}\n")).await;
        pair.write(bytes.as_bytes()).await;
        pair.far.shutdown().await.unwrap();
        let end = pair.read(|_, _| false).await;
        assert_eq!(end, Some(Err(failure)), "{bytes:?}");
        assert_eq!(pair.texts, ["{}"], "{bytes:?}");
    }
}

#[tokio::test]
async fn a_frame_is_read_whatever_pieces_it_comes_in() {
    let mut pair = web_socket().await;
    pair.write(b"\x81\x05hello\x81\x0elonger ").await;
    let is_kept = |plain: &Plain, _: &[String]| plain.kept.len() == 9;
    assert_eq!(pair.read(is_kept).await, None);
    assert_eq!(pair.texts, ["hello"]);
    pair.write(b"message\x82\x02{}").await;
    assert_eq!(pair.read(|_, texts| texts.len() == 3).await, None);
    assert_eq!(pair.texts[1..], ["longer message", "{}"]);
    assert!(pair.plain.kept.is_empty());
}

#[tokio::test]
async fn a_ping_and_fragments_are_for_the_task_which_answers() {
    let mut pair = web_socket().await;
    pair.write(b"\x81\x02{}\x89\x02hi\x01\x03{\"a\x80\x04\":1}")
        .await;
    assert_eq!(pair.read(|_, _| false).await, Some(Ok(())));
    assert_eq!(pair.texts, ["{}"]);
    let (heard, mut far) = pair.heard_by_task().await;
    assert_eq!(heard, Ok("{\"a\":1}".to_owned()));
    let mut pong = [0; 8];
    far.read_exact(&mut pong).await.unwrap();
    assert_eq!(pong[..2], [0x8a, 0x82], "a pong, masked");
}

#[tokio::test]
async fn a_task_goes_on_in_the_middle_of_a_frame() {
    let mut pair = web_socket().await;
    pair.write(b"\x81\x05hel").await;
    assert_eq!(pair.read(|plain, _| plain.kept.len() == 5).await, None);
    pair.write(b"lo").await;
    let (heard, _) = pair.heard_by_task().await;
    assert_eq!(heard, Ok("hello".to_owned()));
}

#[tokio::test]
async fn a_close_and_an_end_are_for_the_task_which_knows_what_they_mean() {
    for (bytes, failure) in [
        (&b"\x88\x02\x03\xe9"[..], Failure::ClosedWith(1001)),
        (&b"\x81\x05hel"[..], Failure::Closed),
        (&b""[..], Failure::Closed),
    ] {
        let mut pair = web_socket().await;
        pair.write(bytes).await;
        pair.far.shutdown().await.unwrap();
        assert_eq!(pair.read(|_, _| false).await, Some(Ok(())), "{bytes:?}");
        let (heard, mut far) = pair.heard_by_task().await;
        assert_eq!(heard, Err(failure), "{bytes:?}");
        let mut answer = Vec::new();
        far.read_to_end(&mut answer).await.unwrap();
        // A close frame is answered by one (RFC 6455, section 5.5.1), with the same code behind a mask.
        let (begins, length): (&[u8], _) = match bytes {
            [0x88, ..] => (&[0x88, 0x82], 8),
            _ => (&[], 0),
        };
        assert!(answer.starts_with(begins), "{answer:?}");
        assert_eq!(answer.len(), length, "{bytes:?}");
    }
}

/// Reads a connection by a ring up to the byte `cut`, takes it back with what has come meanwhile,
/// and returns what it gave until then and afterwards.
async fn handed_over(mut pair: Pair, bytes: &[u8], cut: usize) -> Vec<String> {
    let mut ring = Ring::open(1).unwrap();
    assert_eq!(pair.plain.take_kept(&mut |_: &[u8]| Ok(())), Ok(true));
    ring.begin(0, pair.plain.lend().unwrap()).unwrap();
    pair.write(&bytes[..cut]).await;
    let mut texts = Vec::new();
    let mut taken = 0;
    while taken < cut {
        ring.look().unwrap();
        ring.take_next(|arrival| {
            if let Came::Bytes(bytes) = arrival.came {
                taken += bytes.len();
            }
            let mut take = |text: &[u8]| {
                texts.push(String::from_utf8(text.to_vec()).unwrap());
                Ok(())
            };
            assert_eq!(pair.plain.take_came(arrival.came, &mut take), Ok(true));
        });
    }
    let (middle, rest) = bytes[cut..].split_at((bytes.len() - cut) / 2);
    pair.write(middle).await;
    // Half of the times it has been received before the end.
    if cut.is_multiple_of(2) && !middle.is_empty() {
        while !ring.look().unwrap() {}
    }
    ring.stop(0, |arrival| pair.plain.keep(arrival.came))
        .unwrap();
    pair.write(rest).await;
    pair.texts = texts;
    let counted = Rc::clone(&pair.bytes);
    let whole = bytes.len() as u64;
    let is_all = |_: &Plain, texts: &[String]| texts.len() >= 3 && counted.down.get() >= whole;
    assert_eq!(pair.read(is_all).await, None, "{cut}");
    assert_eq!(counted.down.get(), whole, "{cut}");
    pair.texts
}

#[tokio::test]
async fn nothing_is_lost_wherever_a_ring_hands_over() {
    if !has_uring() {
        return;
    }
    let frames = b"\x81\x05hello\x81\x0elonger message\x82\x02{}".to_vec();
    for cut in 0..=frames.len() {
        let texts = handed_over(web_socket().await, &frames, cut).await;
        assert_eq!(texts, ["hello", "longer message", "{}"], "{cut}");
    }
    let chunks = [chunk("{\"a\":1}\n{\"b\""), chunk(":2}\n"), chunk("{}\n")].concat();
    for cut in 0..=chunks.len() {
        let texts = handed_over(stream(Framing::Ndjson).await, &chunks, cut).await;
        assert_eq!(texts, ["{\"a\":1}", "{\"b\":2}", "{}"], "{cut}");
    }
}

#[tokio::test]
async fn a_task_answers_the_ping_that_a_ring_received() {
    if !has_uring() {
        return;
    }
    let mut pair = web_socket().await;
    let mut ring = Ring::open(1).unwrap();
    ring.begin(0, pair.plain.lend().unwrap()).unwrap();
    pair.write(b"\x81\x02{}\x89\x02hi\x81\x05").await;
    while !ring.look().unwrap() {}
    let mut count = 0;
    let taken = ring.take_next(|arrival| {
        let mut take = |_: &[u8]| {
            count += 1;
            Ok(())
        };
        pair.plain.take_came(arrival.came, &mut take)
    });
    assert_eq!((taken, count), (Some(Ok(false)), 1));
    pair.write(b"hel").await;
    ring.stop(0, |arrival| pair.plain.keep(arrival.came))
        .unwrap();
    pair.write(b"lo").await;
    let (heard, mut far) = pair.heard_by_task().await;
    assert_eq!(heard, Ok("hello".to_owned()));
    let mut pong = [0; 8];
    far.read_exact(&mut pong).await.unwrap();
    assert_eq!(pong[..2], [0x8a, 0x82], "a pong, masked");
}

/// Checks that an end, and an error that the kernel tells once, are met by whoever reads next.
#[tokio::test]
async fn the_end_that_a_ring_met_is_met_again() {
    if !has_uring() {
        return;
    }
    for is_reset in [false, true] {
        let mut pair = web_socket().await;
        let mut ring = Ring::open(1).unwrap();
        ring.begin(0, pair.plain.lend().unwrap()).unwrap();
        if is_reset {
            SockRef::from(&pair.far)
                .set_linger(Some(Duration::ZERO))
                .unwrap();
        }
        let Pair { mut plain, far, .. } = pair;
        drop(far);
        while !ring.look().unwrap() {}
        ring.stop(0, |arrival| plain.keep(arrival.came)).unwrap();
        let mut room = [0; 7];
        let polled = poll_fn(|context| plain.poll_texts(context, &mut room, |_| Ok(()))).await;
        let reset = Err(Failure::Lost(ErrorKind::ConnectionReset));
        assert_eq!(polled, if is_reset { reset } else { Ok(()) });
    }
}
