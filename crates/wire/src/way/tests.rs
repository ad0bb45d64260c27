use std::collections::BTreeSet;

use super::*;

#[test]
fn names_are_read_back() {
    for transport in Transport::ALL {
        assert_eq!(transport.name().parse(), Ok(transport));
    }
    for way in Way::ALL {
        assert_eq!(way.name().parse(), Ok(way));
        assert_eq!(way.key().parse(), Ok(way));
        assert_eq!(
            serde_json::to_value(way).unwrap(),
            serde_json::json!(way.name())
        );
    }
    let unknown = "websockets".parse::<Transport>().unwrap_err().to_string();
    assert!(unknown.starts_with("no transport is called \"websockets\"; there are short_poll, "));
    assert!(
        Transport::ALL
            .iter()
            .all(|one| unknown.contains(one.name()))
    );
    assert!("websockets".parse::<Way>().is_err());
}

#[test]
fn no_two_ways_share_what_tells_them_apart() {
    let distinct = |of: fn(Way) -> &'static str| {
        let all: BTreeSet<_> = Way::ALL.map(of).into_iter().collect();
        assert_eq!(all.len(), Way::ALL.len(), "{all:?}");
    };
    distinct(Way::name);
    distinct(Way::key);
    distinct(Way::path);
    distinct(Way::title);
    let labels: BTreeSet<_> = Way::ALL.map(|way| way.properties().label).into();
    assert_eq!(labels.len(), Way::ALL.len());
}

#[test]
fn each_transport_and_each_framing_has_a_way() {
    for transport in Transport::ALL {
        assert!(Way::ALL.iter().any(|way| way.transport() == transport));
    }
    for framing in Framing::ALL {
        assert!(Way::ALL.iter().any(|way| way.framing() == Some(framing)));
    }
    for way in Way::ALL {
        let framing = way.framing().unwrap_or(Framing::Ndjson);
        assert_eq!(Way::new(way.transport(), framing), Some(way));
        assert_eq!(Way::from_path(way.path()), Some(way));
        let variant = way.framing().map_or("-", Framing::name);
        let found = Way::from_columns(way.transport().name(), variant);
        assert_eq!(found, Some(way));
    }
    assert_eq!(Way::from_path("Poll"), None);
}

#[test]
fn the_columns_of_a_row_name_a_way() {
    let found = Way::from_columns;
    assert_eq!(found("http_stream", "sse gzip"), Some(Way::Sse));
    assert_eq!(found("http_stream", ""), Some(Way::Ndjson));
    assert_eq!(found("http_stream", "essex"), Some(Way::Ndjson));
    assert_eq!(found("short_poll", "250ms close"), Some(Way::ShortPoll));
    assert_eq!(found("carrier_pigeon", "sse"), None);
}

#[test]
fn a_poll_carries_batches_and_nothing_else_does() {
    for way in Way::ALL {
        assert_eq!(way.polls(), way.carrier() == Carrier::Batch, "{way}");
        assert!(!way.polls() || !way.carries_drafts(), "{way}");
    }
}

#[test]
fn a_page_gets_what_the_scripts_ask_for() {
    let page = serde_json::to_value(Way::Sse.properties()).unwrap();
    assert_eq!(page["name"], "sse");
    assert_eq!(page["transport"], "http_stream");
    assert_eq!(page["exchange"], "open");
    assert_eq!(page["carriesDrafts"], false);
}
