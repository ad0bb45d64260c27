//! Tests that a buffering proxy delays a stream, and does not delay a WebSocket.

use super::*;

const STREAM_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const CHUNK: &[u8] = b"a\r\n0123456789\r\n";

/// Streams `chunks` chunks and the last one, counting each byte before it is written.
async fn stream(mut server: TcpStream, chunks: usize, begun: Arc<AtomicUsize>) -> TcpStream {
    let chunks = std::iter::repeat_n(CHUNK, chunks);
    for bytes in [STREAM_HEAD]
        .into_iter()
        .chain(chunks)
        .chain([&b"0\r\n\r\n"[..]])
    {
        begun.fetch_add(bytes.len(), Ordering::SeqCst);
        server.write_all(bytes).await.unwrap();
        // Lets the link and the client have every chance to see a byte too soon.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server
}

/// Streams through a link. Returns how much the server had sent when the first byte arrived, and
/// how much the client received in all.
async fn first_byte_after(buffer: &str, chunks: usize) -> (usize, usize) {
    let (mut client, server) = through(&format!("buffer={buffer}")).await;
    let begun = Arc::new(AtomicUsize::new(0));
    let streaming = tokio::spawn(stream(server, chunks, Arc::clone(&begun)));
    within(client.read_u8()).await.unwrap();
    let begun_by_then = begun.load(Ordering::SeqCst);
    drop(within(streaming).await.unwrap());
    let mut rest = Vec::new();
    within(client.read_to_end(&mut rest)).await.unwrap();
    assert!(rest.ends_with(b"a\r\n0123456789\r\n0\r\n\r\n"));
    (begun_by_then, 1 + rest.len())
}

#[tokio::test]
async fn a_stream_is_kept_back_until_the_buffer_is_full() {
    let whole = STREAM_HEAD.len() + 200 * CHUNK.len() + 5;
    let (begun, heard) = first_byte_after("1KiB", 200).await;
    assert!(begun >= 1024, "{begun}");
    assert_eq!(heard, whole);
}

#[tokio::test]
async fn a_stream_is_kept_back_until_it_is_complete() {
    let whole = STREAM_HEAD.len() + 60 * CHUNK.len() + 5;
    assert_eq!(first_byte_after("response", 60).await, (whole, whole));
}

#[tokio::test]
async fn a_complete_answer_passes_and_so_does_the_next() {
    let (mut client, mut server) = through("buffer=64KiB").await;
    for _ in 0..3 {
        // The next answer is given only once this one has been heard.
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
        server.write_all(answer).await.unwrap();
        let mut heard = [0; 43];
        within(client.read_exact(&mut heard)).await.unwrap();
        assert_eq!(&heard, answer);
    }
}

#[tokio::test]
async fn websocket_passes_frame_by_frame() {
    let (mut client, mut server) = through("buffer=response").await;
    let upgrade = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n";
    server.write_all(upgrade).await.unwrap();
    let mut heard = vec![0; upgrade.len()];
    within(client.read_exact(&mut heard)).await.unwrap();
    for number in 0..20 {
        server.write_all(&[0x81, 1, number]).await.unwrap();
        let mut frame = [0; 3];
        within(client.read_exact(&mut frame)).await.unwrap();
        assert_eq!(frame, [0x81, 1, number]);
        client.write_u8(number).await.unwrap();
        assert_eq!(within(server.read_u8()).await.unwrap(), number);
    }
}

#[tokio::test]
async fn what_was_kept_back_goes_out_before_the_idle_cut() {
    let (mut client, mut server) = through("buffer=response,idle-cut=200ms,delay=5ms").await;
    server.write_all(STREAM_HEAD).await.unwrap();
    server.write_all(CHUNK).await.unwrap();
    let mut heard = Vec::new();
    within(client.read_to_end(&mut heard)).await.unwrap();
    assert_eq!(heard, [STREAM_HEAD, CHUNK].concat());
}
