//! Templates of every kind of text, filled and refused.

use http::HeaderName;

use super::*;

fn filled_in(text: &str, within: Within, id: Option<&str>) -> (String, bool) {
    let template = Template::parse(text, within).unwrap();
    template.fill(|value| match value {
        Value::Room => Some("r1".to_owned()),
        Value::Id => id.map(str::to_owned),
        Value::Draft => Some(r#"{"tag":"a+b"}"#.to_owned()),
        _ => None,
    })
}

fn filled(text: &str, id: Option<&str>) -> (String, bool) {
    filled_in(text, Within::Url, id)
}

#[test]
fn holes_are_filled_with_what_is_known() {
    assert_eq!(filled("/a", None), ("/a".to_owned(), true));
    let path = "/{room}/x?after={id|0}&y";
    assert_eq!(filled(path, None), ("/r1/x?after=0&y".to_owned(), true));
    let with = filled(path, Some("7"));
    assert_eq!(with, ("/r1/x?after=7&y".to_owned(), true));
    assert_eq!(filled("{id}", None), (String::new(), false));
    assert_eq!(filled("{id|}", None), (String::new(), true));
}

#[test]
fn a_place_is_encoded_for_where_it_stands() {
    let place = Some("a b+c/d=");
    let in_url = filled("/x?after={id}", place).0;
    assert_eq!(in_url, "/x?after=a%20b%2Bc%2Fd%3D");
    assert_eq!(filled("/x?after={id:raw}", place).0, "/x?after=a b+c/d=");
    assert_eq!(
        filled("/x?after={id:form}", place).0,
        "/x?after=a+b%2Bc%2Fd%3D"
    );
    let line = filled_in("{id}", Within::Header, place).0;
    assert_eq!(line, "a b+c/d=");
    let body = filled_in(r#"{"after":{id:json}}"#, Within::Body, place).0;
    assert_eq!(body, r#"{"after":"a b+c/d="}"#);
    let form = filled_in("topic={room}&data={draft}", Within::Form, None).0;
    assert_eq!(form, "topic=r1&data=%7B%22tag%22%3A%22a%2Bb%22%7D");
    assert_eq!(filled_in("{id:url}", Within::Form, Some(" ")).0, "%20");
}

#[test]
fn numbers_are_added_and_stay_exact() {
    let sum = |text: &str, id: &str| filled(text, Some(id));
    assert_eq!(sum("{id+1}", "9"), ("10".to_owned(), true));
    assert_eq!(sum("{id - 1}", "9"), ("8".to_owned(), true));
    assert_eq!(sum("{id-1}", "0").0, "-1");
    let big = "1000000000000000000000007";
    assert_eq!(sum("{id}", big).0, big);
    assert_eq!(sum("{id+1}", big).0, "1000000000000000000000008");
    // What is no number has no sum.
    assert_eq!(sum("{id+1|5}", "x"), ("5".to_owned(), true));
    assert_eq!(sum("{id+1}", "x"), (String::new(), false));
    assert_eq!(filled("{id+1|0}", None).0, "0");
    let json = |text: &str| {
        let template = Template::parse(text, Within::Url).unwrap();
        let hole = template.holes().next().unwrap().clone();
        (hole.value, hole.plus)
    };
    let keys = |keys: &str| Value::Json(keys.to_owned());
    assert_eq!(json("{json -1.id+2}"), (keys("-1.id"), 2));
    assert_eq!(json("{json -1}"), (keys("-1"), 0));
    assert_eq!(json("{json x-1}"), (keys("x-1"), 0));
    assert_eq!(json("{json x - 1}"), (keys("x"), -1));
}

#[test]
fn braces_that_are_no_holes() {
    let body = |text: &str| filled_in(text, Within::Body, None).0;
    assert_eq!(body(r#"{"a":{"b":"{room}"}}"#), r#"{"a":{"b":"r1"}}"#);
    assert_eq!(body(r#"[{},{ "a":[{1}]}]"#), r#"[{},{ "a":[{1}]}]"#);
    assert_eq!(body("{{room}}"), "{room}");
    assert_eq!(body("{{room}"), "{room}");
    assert_eq!(
        body(r#"{"a":"{{","b":{"c":1}}"#),
        r#"{"a":"{","b":{"c":1}}"#
    );
    assert_eq!(body("{{{room}"), "{r1");
    assert_eq!(filled("/{{x}}/{room}", None).0, "/{x}/r1");
}

#[test]
fn what_fills_no_hole_is_told() {
    let said = |text: &str| Template::parse(text, Within::Url).unwrap_err().to_string();
    assert!(
        said("/{rom}").starts_with("{rom} is no hole; did you mean {room}? there are {room}, ")
    );
    assert!(said("{headr X}").contains("did you mean {header NAME}?"));
    assert!(said("{json}").contains("it is written {json KEY.KEY}. "));
    assert!(said("/{room").starts_with("a { without its }"));
    for bad in [
        "{}",
        "{header }",
        "{header a b}",
        "{json}",
        "{json a..b}",
        "{room 1}",
        "{session a b}",
    ] {
        assert!(said(bad).contains("is no hole"), "{bad}");
    }
    assert!(said("{room:ulr}").contains(r#"did you mean "url"?"#));
    assert!(said("{room:}").contains("there is no encoding"));
    for of_bytes in ["{length}", "{room:sized}"] {
        assert!(said(of_bytes).contains("belongs to frames of bytes"));
    }
    let in_body = Template::parse("query{mesages}", Within::Body).unwrap_err();
    assert!(in_body.to_string().contains("{{ is a brace"), "{in_body}");
    let template = Template::parse("{header Etag}{json a.b|1}", Within::Url).unwrap();
    let values: Vec<_> = template.values().cloned().collect();
    let header = Value::Header(HeaderName::from_static("etag"));
    assert_eq!(values, [header, Value::Json("a.b".to_owned())]);
}

#[test]
fn a_cookie_may_have_dots_anywhere_in_its_name() {
    for name in ["sid", "connect.sid", ".AspNetCore.Session", "a..b."] {
        let template = Template::parse(&format!("{{session cookie {name}}}"), Within::Header);
        let template = template.unwrap();
        let values: Vec<_> = template.values().collect();
        assert_eq!(values, [&Value::SessionCookie(name.to_owned())]);
    }
    for bad in ["{session cookie }", "{session .a}", "{json .a}"] {
        assert!(Template::parse(bad, Within::Header).is_err(), "{bad}");
    }
}

/// Checks the packets of MQTT 3.1.1 (sections 3.1, 3.8 and 3.3), byte for byte.
#[test]
fn a_frame_of_bytes_has_lengths() {
    let packet = |text: &str, draft: &str| {
        let template = Template::parse(text, Within::Bytes).unwrap();
        template.fill_bytes(|value| match value {
            Value::Room => Some("r1".to_owned()),
            Value::Person => Some("ann".to_owned()),
            Value::Draft => Some(draft.to_owned()),
            _ => None,
        })
    };
    let connect = packet("\u{10}{length}\0\u{4}MQTT\u{4}\u{2}\0\0{person:sized}", "");
    assert_eq!(connect, b"\x10\x0f\0\x04MQTT\x04\x02\0\0\0\x03ann");
    let subscribe = packet("\u{82}{length}\0\u{1}{room:sized}\0", "");
    assert_eq!(subscribe, b"\x82\x07\0\x01\0\x02r1\0");
    let publish = "0{length}{room:sized}{draft}";
    assert_eq!(packet(publish, "é"), b"0\x06\0\x02r1\xc3\xa9");
    // 321 is the example of section 2.2.3.
    let long = packet(publish, &"x".repeat(317));
    assert_eq!((&long[..3], long.len()), (&b"0\xc1\x02"[..], 324));
    // A length counts the one behind it.
    assert_eq!(packet("{length}a{length}b", ""), b"\x03a\x01b");
}
