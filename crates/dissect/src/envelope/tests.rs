use super::*;

/// Reads a text in pieces of `size` bytes: what was told, neighbouring bytes of one layer together.
fn told(protocol: Protocol, direction: Direction, text: &str, size: usize) -> Vec<Part> {
    let mut envelope = Envelope::new(protocol, direction);
    let mut opening = Opening::new();
    let mut parts: Vec<Part> = Vec::new();
    let mut put = |part| match (parts.last_mut(), part) {
        (Some(Part::Bytes(last, len)), Part::Bytes(layer, more)) if *last == layer => *len += more,
        _ => parts.push(part),
    };
    for piece in text.as_bytes().chunks(size) {
        envelope.read(piece, &mut opening, &mut put);
    }
    envelope.end(&mut opening, &mut put);
    parts
}

/// Reads a text in pieces of every size: checks that the result is the same, and that all bytes are
/// accounted for.
fn parts(protocol: Protocol, direction: Direction, text: &str) -> Vec<Part> {
    let whole = told(protocol, direction, text, text.len().max(1));
    for size in [1, 2, 3, 5, 64, 65] {
        assert_eq!(told(protocol, direction, text, size), whole, "{text}");
    }
    let bytes = whole.iter().map(|part| match part {
        Part::Bytes(_, len) => *len,
        Part::Purpose(_) => 0,
    });
    assert_eq!(bytes.sum::<usize>(), text.len(), "{text}");
    whole
}

fn message(text: &str) -> String {
    format!(r#"{{"seq":7,"kind":"message","from":"ann","text":"{text}","at":1790000000000}}"#)
}

const fn envelope(len: usize) -> Part {
    Part::Bytes(Layer::Envelope, len)
}

const fn payload(len: usize) -> Part {
    Part::Bytes(Layer::Payload, len)
}

#[test]
fn a_socket_io_event_is_a_payload_within_17_bytes_and_a_place() {
    let json = message(r#"{ \"a\" \u001e }, 42["#);
    let text = format!("42[\"message\",{json},\"7\"]");
    assert_eq!(
        parts(Protocol::SocketIo, Direction::Down, &text),
        [
            Part::Purpose(Purpose::Deliver),
            envelope(13),
            payload(json.len()),
            envelope(5),
        ]
    );
}

#[test]
fn joined_packets_have_a_purpose_each() {
    let json = message("x");
    let text = format!("2\u{1e}42[\"message\",{json},\"7\"]\u{1e}42[\"leave\",{{}},\"8\"]\u{1e}4");
    assert_eq!(
        parts(Protocol::SocketIo, Direction::Down, &text),
        [
            Part::Purpose(Purpose::Heartbeat),
            Part::Purpose(Purpose::Deliver),
            envelope(2 + 13),
            payload(json.len()),
            Part::Purpose(Purpose::Presence),
            envelope(5 + 1 + 11),
            payload(2),
            Part::Purpose(Purpose::Deliver),
            envelope(5 + 2),
        ]
    );
}

#[test]
fn packets_without_a_message_are_envelope() {
    for (direction, text, purpose) in [
        (Direction::Down, "0{\"sid\":\"a\"}", Purpose::Setup),
        (Direction::Up, "40{\"room\":\"a\"}", Purpose::Setup),
        (Direction::Down, "44{\"message\":\"no\"}", Purpose::Setup),
        (Direction::Down, "430[{\"seq\":7}]", Purpose::Ack),
        (
            Direction::Down,
            "42[\"refused\",{\"error\":\"x\"}]",
            Purpose::Ack,
        ),
        (Direction::Down, "2", Purpose::Heartbeat),
        (Direction::Up, "3", Purpose::Heartbeat),
        (Direction::Up, "2probe", Purpose::Setup),
        (Direction::Down, "1", Purpose::Close),
        (Direction::Down, "", Purpose::Deliver),
    ] {
        let found = parts(Protocol::SocketIo, direction, text);
        assert_eq!(found[0], Part::Purpose(purpose), "{text}");
        assert!(
            found[1..].iter().all(|part| *part == envelope(text.len())),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_sockjs_message_is_what_its_string_stands_for() {
    let json = message("caf\u{e9} \\\"x\\\"");
    let quoted = format!("\"{}\"", json.replace('\\', "\\\\").replace('"', "\\\""));
    let escapes = quoted.len() - json.len() - 2;
    let whole = [
        Part::Purpose(Purpose::Deliver),
        envelope(3),
        payload(json.len()),
        envelope(escapes + 2),
    ];
    let text = format!("a[{quoted}]");
    assert_eq!(parts(Protocol::Sockjs, Direction::Down, &text), whole);
    // Other servers escape more; the message is the same.
    let text = format!("a[{}]", quoted.replace('\u{e9}', "\\u00e9"));
    let found = parts(Protocol::Sockjs, Direction::Down, &text);
    assert_eq!(found[2], payload(json.len()));
    let said = parts(Protocol::Sockjs, Direction::Up, &format!("[{quoted}]"));
    assert_eq!(said[0], Part::Purpose(Purpose::Say));
    assert_eq!(said[2], payload(json.len()));
}

#[test]
fn frames_of_sockjs_and_what_they_are_for() {
    let told = r#"a["{\"kind\":\"said\",\"seq\":7}"]"#;
    for (text, purpose) in [
        ("o", Purpose::Setup),
        ("h", Purpose::Heartbeat),
        ("h\n", Purpose::Heartbeat),
        (&"h".repeat(2048), Purpose::Setup),
        ("c[3000,\"Go away!\"]", Purpose::Close),
        (told, Purpose::Ack),
    ] {
        let found = parts(Protocol::Sockjs, Direction::Down, text);
        assert_eq!(
            found,
            [Part::Purpose(purpose), envelope(text.len())],
            "{text}"
        );
    }
    let both = r#"a["{\"seq\":1,\"kind\":\"join\"}","{\"seq\":2,\"kind\":\"message\"}"]"#;
    let purposes: Vec<Part> = parts(Protocol::Sockjs, Direction::Down, both)
        .into_iter()
        .filter(|part| matches!(part, Part::Purpose(_)))
        .collect();
    assert_eq!(
        purposes,
        [
            Part::Purpose(Purpose::Presence),
            Part::Purpose(Purpose::Deliver)
        ]
    );
}

#[test]
fn a_text_that_is_cut_off_within_an_escape_is_counted() {
    for text in [r#"a["{\"seq\":1,\"x\"#, r#"a["{\u00"#, r#"a["\"#] {
        let found = parts(Protocol::Sockjs, Direction::Down, text);
        assert_eq!(found[0], Part::Purpose(Purpose::Deliver), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_is_lost_however_it_is_cut(
        text in "(42\\[\"message\",|a\\[\"|[\\[\\]{}\"\\\\,a-z0-9\u{1e}\u{e9}u]){0,40}",
        up in proptest::bool::ANY,
    ) {
        let direction = if up { Direction::Up } else { Direction::Down };
        for protocol in [Protocol::SocketIo, Protocol::Sockjs] {
            parts(protocol, direction, &text);
        }
        let script = text.replace('\\', "\\\\").replace('"', "\\\"");
        for text in [format!("/**/f(\"{script}\");\r\n"), format!("d={text}&%4"), text] {
            parts(Protocol::SockjsInPage, direction, &text);
        }
    }
}

#[test]
fn the_script_element_of_a_page_is_envelope_and_its_argument_a_payload() {
    for (json, purpose) in [
        (message("a \\u003c/script> ( }"), Purpose::Deliver),
        (
            r#"{"seq":8,"kind":"join","from":"ann","online":2}"#.to_owned(),
            Purpose::Presence,
        ),
        (
            r#"{"kind":"gap","missed":3,"next":9}"#.to_owned(),
            Purpose::Deliver,
        ),
    ] {
        let text = format!("<script>e({json})</script>");
        let expected = [
            Part::Purpose(purpose),
            envelope("<script>e(".len()),
            payload(json.len()),
            envelope(")</script>".len()),
        ];
        assert_eq!(parts(Protocol::InPage, Direction::Down, &text), expected);
    }
    // The beginning of the page, and what no server of ours writes.
    for (text, purpose) in [
        (
            "<!doctype html><script>e({\"kind\":\"open\"})</script>   ",
            Purpose::Setup,
        ),
        ("<script>", Purpose::Deliver),
        ("<b>", Purpose::Deliver),
        ("x", Purpose::Deliver),
    ] {
        let expected = [Part::Purpose(purpose), envelope(text.len())];
        assert_eq!(parts(Protocol::InPage, Direction::Down, text), expected);
    }
}

#[test]
fn a_frame_in_a_script_or_in_a_form_is_read_as_if_it_stood_alone() {
    let json = message("caf\u{e9} \\\"x\\\" <b>");
    let quote = |text: &str| {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{escaped}\"")
    };
    let frame = format!("a[{0},{0}]", quote(&json));
    let script = quote(&frame).replace('<', "\\u003c");
    for (before, after) in [("/**/_jp.a(", ");\r\n"), ("<script>\np(", ");\n</script>")] {
        let text = format!("{before}{script}{after}");
        let found = parts(Protocol::SockjsInPage, Direction::Down, &text);
        let of = |layer| {
            let bytes = found.iter().filter_map(|part| match part {
                Part::Bytes(one, len) if *one == layer => Some(*len),
                _ => None,
            });
            bytes.collect::<Vec<usize>>()
        };
        assert_eq!(of(Layer::Payload), [json.len(), json.len()], "{text}");
        let around = text.len() - 2 * json.len();
        assert_eq!(of(Layer::Envelope).iter().sum::<usize>(), around, "{text}");
        assert_eq!(found[0], Part::Purpose(Purpose::Deliver), "{text}");
    }
    let form = |text: &str| {
        let byte = |byte: u8| match byte {
            b' ' => "+".to_owned(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        };
        format!("d={}", text.bytes().map(byte).collect::<String>())
    };
    let said = parts(
        Protocol::SockjsInPage,
        Direction::Up,
        &form(&format!("[{}]", quote(&json))),
    );
    assert_eq!(said[0], Part::Purpose(Purpose::Say));
    assert_eq!(said[2], payload(json.len()));
}

#[test]
fn scripts_without_a_message_are_for_what_their_frame_is_for() {
    for (text, purpose) in [
        ("/**/_jp.a(\"o\");\r\n", Purpose::Setup),
        ("<script>\np(\"h\");\n</script>", Purpose::Heartbeat),
        (
            "/**/_jp.a(\"c[3000,\\\"Go away!\\\"]\");\r\n",
            Purpose::Close,
        ),
        ("<!doctype html>\n<html>\"a[\"   ", Purpose::Setup),
        ("{\"error\":\"x\"}", Purpose::Deliver),
        ("", Purpose::Deliver),
    ] {
        let found = parts(Protocol::SockjsInPage, Direction::Down, text);
        assert_eq!(found[0], Part::Purpose(purpose), "{text}");
        let rest = found[1..].iter();
        assert!(
            rest.clone().all(|part| *part == envelope(text.len())),
            "{text}: {found:?}"
        );
    }
}
