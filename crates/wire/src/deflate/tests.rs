use super::*;

const LIMIT: usize = 1 << 20;

fn inflate(payload: &[u8]) -> Result<Vec<u8>, Fault> {
    Inflater::new(false, LIMIT).message(payload)
}

/// Checks the example of RFC 7692, sections 7.2.3.1 and 7.2.3.2: "Hello", and once more with the
/// context.
#[test]
fn hello_as_the_standard_has_it() {
    let first = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
    let mut kept = Deflater::new(true);
    assert_eq!(kept.message(b"Hello"), first);
    assert_eq!(kept.message(b"Hello"), again);
    let mut dropped = Deflater::new(false);
    assert_eq!(dropped.message(b"Hello"), first);
    assert_eq!(dropped.message(b"Hello"), first);
    let mut inflater = Inflater::new(true, LIMIT);
    assert_eq!(inflater.message(&first).unwrap(), b"Hello");
    assert_eq!(inflater.message(&again).unwrap(), b"Hello");
    // Without the context there is nothing to refer to.
    assert_eq!(inflate(&first).unwrap(), b"Hello");
    assert_eq!(inflate(&again), Err(Fault::Broken));
}

/// Checks the examples of sections 7.2.3.3 (no compression), 7.2.3.4 (a last block), 7.2.3.5 (two
/// blocks) and 7.2.3.6 (an empty message).
#[test]
fn blocks_of_all_kinds_are_read() {
    for payload in [
        &[
            0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
        ][..],
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        &[
            0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
        ],
    ] {
        assert_eq!(inflate(payload).unwrap(), b"Hello", "{payload:x?}");
    }
    assert_eq!(inflate(&[0x00]).unwrap(), b"");
    let mut kept = Deflater::new(true);
    assert_eq!([kept.message(b""), kept.message(b"")], [[0x00], [0x00]]);
}

#[test]
fn what_is_deflated_is_inflated() {
    let random: Vec<u8> = (0..100_000_u32)
        .map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let same = vec![b'a'; 300_000];
    for keeps in [false, true] {
        let (mut deflater, mut inflater) = (Deflater::new(keeps), Inflater::new(keeps, LIMIT));
        for content in [&b"x"[..], &random, &same, b"", &random[..5_000]] {
            let payload = deflater.message(content);
            assert_eq!(inflater.message(&payload).unwrap(), content);
        }
    }
}

/// Returns bytes in which nothing comes twice, by xorshift (Marsaglia, 2003).
fn noise(length: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 11) as u8
    };
    (0..length).map(next).collect()
}

/// Checks each window by what is said again within it, in a later message, and beyond it.
#[test]
fn a_compressor_looks_back_as_far_as_its_window_and_no_further() {
    let said = noise(200, 0x1234_5678);
    for bits in 9..=15 {
        let window = Window::of_bits(bits).unwrap();
        let far = noise(1 << bits, 0x9e37_79b9);
        for keeps in [false, true] {
            let mut deflater = Deflater::with_window(keeps, window);
            // An end that has no larger window than the one that was agreed on.
            let mut inflate = Decompress::new_with_window_bits(false, bits);
            let mut length = |content: &[u8]| {
                if !keeps {
                    // A reset would give it the largest window.
                    inflate = Decompress::new_with_window_bits(false, bits);
                }
                let payload = deflater.message(content);
                assert_eq!(inflated(&mut inflate, &payload, LIMIT).unwrap(), content);
                payload.len()
            };
            let twice = length(&said.repeat(2));
            assert!((200..260).contains(&twice), "{bits} {keeps}: {twice}");
            let again = length(&said);
            assert_eq!(keeps, again < 50, "{bits} {keeps}: {again}");
            length(&far);
            let again = length(&said);
            assert!(again > 190, "{bits} {keeps}: {again}");
        }
    }
    assert_eq!([7, 8, 16].map(Window::of_bits), [None; 3]);
}

#[test]
fn a_bomb_is_not_inflated_and_its_limit_is_the_last_byte_that_fits() {
    for length in [LIMIT, LIMIT + 1, 100 * LIMIT] {
        let payload = Deflater::new(false).message(&vec![0; length]);
        assert!(payload.len() < length / 500);
        let inflated = inflate(&payload).map(|content| content.len());
        let expected = if length > LIMIT {
            Err(Fault::TooLong(LIMIT))
        } else {
            Ok(length)
        };
        assert_eq!(inflated, expected, "{length}");
    }
}

#[test]
fn rubbish_is_broken() {
    for payload in [&[0xff; 20][..], b"no deflate at all", &[0x07]] {
        assert_eq!(inflate(payload), Err(Fault::Broken), "{payload:x?}");
    }
}

/// Checks that frames come out whole, and in their order, however little a socket takes at once.
#[test]
fn frames_wait_until_a_socket_takes_them() {
    let plain = |length: usize| {
        let content: Vec<u8> = (0..length).map(|at| (at * at % 251) as u8).collect();
        let mut frame = Vec::new();
        head::push_head(&mut frame, 0x82, 0, length);
        frame.extend(content);
        frame
    };
    let mut outgoing = frames::Outgoing::new(Deflater::new(false));
    assert_eq!(outgoing.rest(), b"");
    for pieces in [vec![plain(100)], vec![plain(100), plain(300_000)]] {
        let mut whole = Vec::new();
        for piece in &pieces {
            frames::compress(&mut Deflater::new(false), piece, &mut whole);
            outgoing.push(piece);
        }
        let mut taken = Vec::new();
        while !outgoing.rest().is_empty() {
            let count = outgoing.rest().len().min(7);
            taken.extend_from_slice(&outgoing.rest()[..count]);
            outgoing.take(count);
        }
        assert_eq!(taken, whole);
    }
}
