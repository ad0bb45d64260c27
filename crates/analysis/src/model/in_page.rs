//! The bytes that scripts add to the plain contract, counted from their texts: the answer to JSONP,
//! and the page of a forever iframe.

use wire::{Exchange, Protocol, Way};

use super::{
    exchange::{self, Client},
    framing::chunk,
    library::{Both, length},
    situation::Situation,
};

/// The comment and the call around a batch. The load generator names a function of this length.
pub(super) const CALL: u64 = length("/**/jp_aaaaaaaa();\n");
/// The script element around an event, without the line end.
pub(super) const ELEMENT: u64 = length("<script>e()</script>");
/// The parameter that names the function.
const CALLBACK: u64 = length("&callback=jp_aaaaaaaa");
const NO_SNIFF: u64 = length("x-content-type-options: nosniff\r\n");
const NO_REFERRER: u64 = length("referrer-policy: no-referrer\r\n");
/// The page as far as it is there before any event.
const BEGINNING: u64 = length(
    "<!doctype html><meta charset=\"utf-8\"><title>wirebench</title>\
     <script>function e(m){parent.postMessage(m,location.origin)}e({\"kind\":\"open\"})</script>\n",
);

/// Returns the bytes around the batch in one answer; 0 where it is no script.
pub(super) const fn call(situation: &Situation) -> u64 {
    match (situation.protocol, situation.way.exchange()) {
        (Protocol::InPage, Exchange::Held) => CALL,
        _ => 0,
    }
}

/// Returns the size of the head of a question that continues after `seq`.
pub(super) fn question(client: &Client, seq: u64, hold: f64) -> u64 {
    let plain = client.question(Way::LongPoll, seq, hold);
    plain - length(Way::LongPoll.path()) + length("jsonp") + CALLBACK
}

/// Returns the size of the head of an answer with a script of this many bytes.
pub(super) fn answer(script: u64, closes: bool) -> u64 {
    let json = exchange::poll_answer(script, closes) - length("application/json");
    json + length("text/javascript; charset=utf-8") + NO_SNIFF
}

/// Returns the bytes that open the page.
pub(super) fn opening(client: &Client) -> Both {
    Both {
        up: client.open("iframe"),
        down: exchange::stream_answer("text/html; charset=utf-8")
            + NO_SNIFF
            + NO_REFERRER
            + BEGINNING
            + chunk(BEGINNING),
    }
}
