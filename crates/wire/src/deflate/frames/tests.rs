use super::*;
use crate::deflate::head::MASKED;

const LIMIT: usize = 1 << 16;

fn incoming() -> Incoming {
    Incoming::new(Inflater::new(false, LIMIT))
}

fn taken(incoming: &mut Incoming) -> Result<Vec<u8>, Fault> {
    let mut all = Vec::new();
    let mut buffer = [0; 7];
    loop {
        match incoming.take(&mut buffer)? {
            0 => return Ok(all),
            count => all.extend_from_slice(&buffer[..count]),
        }
    }
}

fn plain(content: &[u8], first: u8) -> Vec<u8> {
    let mut frame = Vec::new();
    push_head(&mut frame, first, 0, content.len());
    frame.extend_from_slice(content);
    frame
}

#[test]
fn frames_come_out_plain_however_they_are_cut() {
    let long = b"a text that is said again and again, ".repeat(30);
    let mut deflater = Deflater::new(false);
    let payload = deflater.message(&long);
    let (half, rest) = payload.split_at(payload.len() / 2);
    let ping = [0x89, 2, b'h', b'i'];
    let on_the_wire = [
        text_frame(&deflater.message(b"Hello")),
        // Fragments, with a ping between them (RFC 7692, section 7.2.3.1).
        plain(half, RSV1 | 1),
        ping.to_vec(),
        plain(b"", 0),
        plain(rest, FIN),
        plain(b"as it is", FIN | 1),
        plain(b"", FIN | 1),
    ]
    .concat();
    let expected = [
        plain(b"Hello", FIN | 1),
        ping.to_vec(),
        plain(&long, FIN | 1),
        plain(b"as it is", FIN | 1),
        plain(b"", FIN | 1),
    ]
    .concat();
    for size in [1, 2, 3, 10, on_the_wire.len()] {
        let mut incoming = incoming();
        for piece in on_the_wire.chunks(size) {
            incoming.push(piece);
        }
        assert_eq!(taken(&mut incoming).unwrap(), expected, "{size}");
    }
}

#[test]
fn a_client_s_frames_are_compressed_and_come_back_unmasked() {
    let key = [1, 2, 3, 4];
    let text = b"hello hello hello hello";
    let mut masked = vec![0x81, MASKED | text.len() as u8];
    masked.extend(key);
    masked.extend(text.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b));
    let pong = [0x8a, MASKED, 9, 9, 9, 9];
    let mut out = Vec::new();
    compress(
        &mut Deflater::new(false),
        &[&masked[..], &pong].concat(),
        &mut out,
    );
    assert_eq!(out[0], COMPRESSED_TEXT);
    assert_eq!(out[2..6], key);
    assert!(out.len() < masked.len() + pong.len());
    let mut incoming = incoming();
    incoming.push(&out);
    let mut expected = vec![0x81, MASKED | text.len() as u8, 0, 0, 0, 0];
    expected.extend_from_slice(text);
    expected.extend_from_slice(&pong);
    assert_eq!(taken(&mut incoming).unwrap(), expected);
}

#[test]
fn what_breaks_the_protocol_is_passed_on_or_is_a_fault() {
    // A reader of plain frames finds these itself.
    for frame in [plain(b"x", FIN | RSV1 | 9), plain(b"x", FIN | 0x20 | 1)] {
        let mut incoming = incoming();
        incoming.push(&frame);
        assert_eq!(taken(&mut incoming).unwrap(), frame);
    }
    let begun = plain(&Deflater::new(false).message(b"Hello"), RSV1 | 1);
    for second in [FIN | 1, FIN | RSV1 | 1, FIN | RSV1, FIN | 0x10] {
        let mut incoming = incoming();
        incoming.push(&[begun.clone(), plain(b"x", second)].concat());
        assert_eq!(taken(&mut incoming), Err(Fault::Frame), "{second:x}");
    }
    // The first frame has no mask, and this one has.
    let mut incoming = incoming();
    incoming.push(&[&begun[..], &[FIN, MASKED | 1, 0, 0, 0, 0, 0]].concat());
    assert_eq!(taken(&mut incoming), Err(Fault::Frame));
}

#[test]
fn many_large_messages_are_inflated_one_by_one() {
    let large = text_frame(&Deflater::new(false).message(&vec![b'x'; LIMIT]));
    let mut incoming = incoming();
    incoming.push(&large.repeat(50));
    let mut buffer = [0; 1000];
    let mut all = 0;
    loop {
        match incoming.take(&mut buffer).unwrap() {
            0 => break,
            count => all += count,
        }
        assert!(incoming.ready.len() < LIMIT + ENOUGH);
    }
    assert_eq!(all, 50 * (LIMIT + 10));
    assert!(incoming.arrived.is_empty());
}

#[test]
fn what_is_too_long_is_a_fault_after_what_came_before() {
    let bomb = text_frame(&Deflater::new(false).message(&vec![0; LIMIT + 1]));
    let mut endless = vec![FIN | RSV1 | 1, 127];
    endless.extend_from_slice(&u64::MAX.to_be_bytes());
    for bad in [bomb, endless] {
        let before = plain(b"before", FIN | 1);
        let mut incoming = incoming();
        incoming.push(&[&before[..], &bad, b"x"].concat());
        let mut buffer = [0; 64];
        assert_eq!(incoming.take(&mut buffer), Ok(before.len()));
        assert_eq!(incoming.take(&mut buffer), Err(Fault::TooLong(LIMIT)));
    }
}
