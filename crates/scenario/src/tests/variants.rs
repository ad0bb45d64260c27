//! Lists and words in a `[[transport]]`: which variants they make, and what those are given.

use wire::Protocol;

use super::{SMALL, study};
use crate::{
    TransportEntry,
    plan::{Plan, Variant},
};

#[test]
fn a_list_in_a_transport_makes_variants_not_cells() {
    let study = study(
        SMALL,
        &[
            "transport.0.interval=[\"1s\", \"5s\"]",
            "transport.0.keep_alive=[true, false]",
        ],
    )
    .expect("a scenario");
    let variants: Vec<String> = study
        .plans()
        .iter()
        .map(|plan| plan.variant.to_string())
        .collect();
    assert_eq!(variants, ["1s", "1s close", "5s", "5s close", "-"]);
    assert_eq!(study.cells.len(), 1);
}

/// Checks that no side has anything of its own, such as keep-alive, which would decide a comparison
/// by itself.
#[test]
fn every_way_is_given_the_same_unless_its_variant_says_otherwise() {
    let text = format!(
        "{SMALL}[[transport]]\nkind = \"long_poll\"\n\
         [[transport]]\nkind = \"http_stream\"\nframing = [\"ndjson\", \"sse\"]\n"
    );
    let study = |overrides: &[&str]| study(&text, overrides).expect("a scenario").plans();
    for profile in ["minimal", "browser"] {
        let plans = study(&[&format!("headers.profile={profile}"), "traffic.speak=post"]);
        assert_eq!(plans.len(), 5);
        let packing = |plan: &Plan| {
            let named = plan.read_headers.iter();
            let mut lines = named.filter(|(name, _)| name.eq_ignore_ascii_case("accept-encoding"));
            lines.next().map(|(_, value)| value.clone())
        };
        for plan in &plans {
            assert!(plan.variant.keeps_connections(), "{}", plan.id());
            assert_eq!(packing(plan), packing(&plans[0]), "{}", plan.id());
            assert_eq!(
                (&plan.swarm, &plan.traffic, &plan.headers, &plan.say_headers),
                (
                    &plans[0].swarm,
                    &plans[0].traffic,
                    &plans[0].headers,
                    &plans[0].say_headers
                ),
                "{}",
                plan.id()
            );
        }
    }
    let names = |plans: Vec<Plan>| -> Vec<String> {
        let names = plans.iter().map(|plan| plan.variant.to_string());
        names.collect()
    };
    let (same, other) = (
        names(study(&[])),
        names(study(&["transport.2.keep_alive=false"])),
    );
    let differ = same.iter().zip(&other).filter(|(one, two)| one != two);
    assert_eq!(differ.count(), 1, "{same:?} and {other:?}");
}

#[test]
fn a_list_of_protocols_makes_variants_that_differ_in_name() {
    let text = SMALL.replace(
        "kind = \"websocket\"",
        "kind = \"websocket\"\nprotocol = [\"plain\", \"socket_io\", \"sockjs\"]\n\
         [[transport]]\nkind = [\"http_stream\", \"sse\"]\nprotocol = \"sockjs\"",
    );
    let plans = study(&text, &[]).expect("a scenario").plans();
    let named = |plan: &Plan| (plan.variant.transport().name(), plan.variant.to_string());
    let named: Vec<_> = plans.iter().skip(1).map(named).collect();
    let expected = [
        ("websocket", "-"),
        ("websocket", "socket_io"),
        ("websocket", "sockjs"),
        ("http_stream", "sockjs"),
        ("http_stream", "sse sockjs"),
    ];
    assert_eq!(
        named,
        expected.map(|(transport, variant)| (transport, variant.to_owned()))
    );
    for plan in plans {
        let entry = TransportEntry::from(plan.variant.clone());
        assert_eq!(entry.variant(), plan.variant);
    }
}

#[test]
fn a_list_of_compressions_makes_variants_that_ask_for_them() {
    let text = SMALL.replace(
        "kind = \"websocket\"",
        "kind = \"websocket\"\ncompression = [\"none\", \"deflate\", \"deflate_context\"]\n\
         [[transport]]\nkind = \"sse\"\ncompression = [\"gzip\", \"br\"]\n\
         [[transport]]\nkind = \"long_poll\"\nkeep_alive = false\ncompression = \"gzip\"",
    );
    let browser = "headers.profile=\"browser\"";
    for overrides in [&[][..], &[browser]] {
        let plans = study(&text, overrides).expect("a scenario").plans();
        let asked = |plan: &Plan| {
            // A browser accepts codings of an upgrade as well, which has no content.
            let is_it = |name: &str| match plan.variant.way() {
                wire::Way::Websocket => name.eq_ignore_ascii_case("sec-websocket-extensions"),
                _ => name.eq_ignore_ascii_case("accept-encoding"),
            };
            let lines = plan.read_headers.iter().filter(|(name, _)| is_it(name));
            let values: Vec<&str> = lines.map(|(_, value)| value.as_str()).collect();
            (plan.variant.to_string(), values.join(" & "))
        };
        let asked: Vec<_> = plans.iter().skip(2).map(asked).collect();
        let without = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        let expected = [
            ("deflate", without),
            ("deflate_context", "permessage-deflate"),
            ("sse gzip", "gzip"),
            ("sse br", "br"),
            ("hold 25s close gzip", "gzip"),
        ];
        let expected = expected.map(|(one, other)| (one.to_owned(), other.to_owned()));
        assert_eq!(asked, expected);
        for plan in plans {
            let entry = TransportEntry::from(plan.variant.clone());
            assert_eq!(entry.variant(), plan.variant);
            assert!(plan.variant.keeps_connections() || plan.variant.way().polls());
        }
    }
}

#[test]
fn framings_of_a_page_are_named_as_such_or_as_kinds() {
    let text = SMALL.replace(
        "kind = \"websocket\"",
        "kind = \"long_poll\"\nframing = \"jsonp\"\nhold = [\"2s\", \"25s\"]\n\
         [[transport]]\nkind = \"iframe\"\n\
         [[transport]]\nkind = \"http_stream\"\nframing = [\"ndjson\", \"sse\"]",
    );
    let plans: Vec<Plan> = study(&text, &["transport.0.interval=1s"]).unwrap().plans();
    let named = plans.iter().map(|plan| plan.variant.to_string());
    let mut named: Vec<String> = named.collect();
    named.sort();
    named.dedup();
    let expected = [
        "1s",
        "hold 25s jsonp",
        "hold 2s jsonp",
        "iframe",
        "ndjson",
        "sse",
    ];
    assert_eq!(named, expected);
    for plan in plans {
        let entry = TransportEntry::from(plan.variant.clone());
        assert_eq!(entry.variant(), plan.variant);
        let in_page = matches!(plan.variant, Variant::Jsonp { .. } | Variant::Iframe);
        assert_eq!(plan.variant.protocol() == Protocol::InPage, in_page);
    }
}

#[test]
fn the_scripts_of_a_library_are_its_protocol_with_a_framing() {
    let text = SMALL.replace(
        "kind = \"websocket\"",
        "kind = \"jsonp\"\nprotocol = [\"plain\", \"sockjs\"]\n\
         [[transport]]\nkind = \"iframe\"\nprotocol = \"sockjs\"",
    );
    let form = |plan: &Plan| {
        let mut lines = plan.say_headers.iter();
        lines.any(|(name, value)| name == "Content-Type" && value.contains("form"))
    };
    for profile in ["minimal", "browser"] {
        let plans = study(&text, &[&format!("headers.profile={profile}")]).unwrap();
        let plans = plans.plans();
        let mut found: Vec<_> = plans
            .iter()
            .filter(|plan| plan.variant.protocol() != Protocol::Plain)
            .map(|plan| {
                (
                    plan.variant.to_string(),
                    plan.variant.protocol(),
                    form(plan),
                )
            })
            .collect();
        found.sort();
        let expected = [
            ("hold 25s jsonp", Protocol::InPage, false),
            ("iframe sockjs", Protocol::SockjsInPage, false),
            ("jsonp sockjs", Protocol::SockjsInPage, true),
        ];
        let expected = expected.map(|(name, protocol, form)| (name.to_owned(), protocol, form));
        assert_eq!(found, expected, "{profile}");
        for plan in plans {
            let types = plan.say_headers.iter();
            let types = types.filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            assert!(types.count() <= 1, "{:?}", plan.say_headers);
            let entry = TransportEntry::from(plan.variant.clone());
            assert_eq!(entry.variant(), plan.variant);
        }
    }
}
