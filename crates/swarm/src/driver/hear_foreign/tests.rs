//! The tests of what a reader of a foreign event stream asks for when it comes back.

use std::{rc::Rc, sync::Arc};

use hyper::header::{HeaderMap, HeaderValue};
use wire::Framing;

use crate::{
    clock::Clock,
    foreign::{Description, ReaderState},
    plan::{Foreign, Message, Reading, Saying, Variant},
    sample,
    schedule::Schedule,
    socket::{headers::Headers, network::Network, source::Sources},
    target::Target,
};

/// Returns the place of a reader of an event stream that comes back with its last id.
fn state() -> ReaderState {
    let framing = Framing::Sse;
    let mut plan = sample::plan(Variant::HttpStream { framing });
    let mut read = Reading::of("/sse/{room}?from={id|start}");
    read.headers = vec!["Last-Event-ID: {id}".to_owned()];
    plan.foreign = Some(Foreign {
        message: Message::Draft,
        transforms: false,
        session: None,
        read,
        say: Saying::default(),
    });
    let target = Target::at(([127, 0, 0, 1], 1).into());
    let sources = Arc::new(Sources::new(&plan, &target));
    let headers = Headers::new(&plan, &target).expect("the profile's lines");
    let network = Network::new(&plan, &target, &sources, &headers, Clock::start());
    let description = Description::new(&plan, &Schedule::new(&plan));
    let description = description.expect("templates").expect("a description");
    ReaderState::new(Arc::new(description), Rc::new(network), 0, 0, 1)
}

#[test]
fn an_empty_id_takes_back_the_one_before() {
    let state = state();
    let asked = || {
        let mut headers = HeaderMap::new();
        state.add_headers(&mut headers);
        (state.path(None), headers.remove("last-event-id"))
    };
    let first = asked();
    assert!(
        first.0.ends_with("?from=start") && first.1.is_none(),
        "{first:?}"
    );
    state.note_id("7");
    let (path, line) = asked();
    assert!(path.ends_with("?from=7"), "{path}");
    assert_eq!(line, Some(HeaderValue::from_static("7")));
    state.note_id("");
    assert_eq!(asked(), first);
}
