//! The forever iframe: the HTTP stream as a page that never ends, in which each
//! event is a script element. Browsers run each as soon as it has come.

use bytes::Bytes;
use hyper::{Method, Request, Version};
use tokio::{io::AsyncWriteExt, sync::watch};

use crate::{
    http::{callback::CallbackParameters, refusal::Refusal, reply},
    net::handover::Handover,
    room::{
        entry::Encoding,
        wrapping::{Carrier, Wrapping},
    },
    transport::{Answer, Running, Session, http_stream::Subscription, reading::Reading},
};

/// Answers with a page, and goes on as an HTTP stream does.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the ways to read have one signature"
)]
pub(crate) fn answer(reading: Reading, parameters: &CallbackParameters) -> Result<Answer, Refusal> {
    let head = reply::open_page();
    let request = reading.request.as_deref();
    if request.is_some_and(|request| request.method() == Method::HEAD) {
        return Ok(Answer::Http(head));
    }
    let carrier = match request.map(Request::version) {
        Some(Version::HTTP_10 | Version::HTTP_2) => Carrier::Bare,
        _ => Carrier::Chunk,
    };
    let subscription = Subscription::new(reading, Encoding::Wrapped(Wrapping::Script, carrier));
    let page = Page {
        beginning: carrier.carry(beginning(parameters)),
        subscription,
    };
    Ok(Answer::Session(head, Box::new(page)))
}

/// Returns the beginning of the page: the function that hands each event to the surrounding page,
/// and a first call of it, which shows that page that it gets through. Without a callback events
/// are posted as messages, which pages of other origins do not get.
fn beginning(parameters: &CallbackParameters) -> Vec<u8> {
    let hand = match &parameters.callback {
        Some(callback) => format!("parent.{callback}(m)"),
        None => "parent.postMessage(m,location.origin)".to_owned(),
    };
    let padding = " ".repeat(parameters.padding);
    format!(
        "<!doctype html><meta charset=\"utf-8\"><title>wirebench</title>\
         <script>function e(m){{{hand}}}e({{\"kind\":\"open\"}})</script>{padding}\n"
    )
    .into_bytes()
}

/// A page that is never finished.
#[derive(Debug)]
struct Page {
    beginning: Bytes,
    subscription: Subscription,
}

impl Session for Page {
    fn run(self: Box<Self>, mut handover: Handover, leaving: watch::Receiver<bool>) -> Running {
        Box::pin(async move {
            let Self {
                beginning,
                subscription,
            } = *self;
            if handover.stream.write_all(&beginning).await.is_ok() {
                Box::new(subscription).run(handover, leaving).await;
            }
        })
    }
}
