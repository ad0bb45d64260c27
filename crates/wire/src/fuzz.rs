//! Drafts, events and places of any bytes: what is taken is written and read again as the same.

use crate::{Batch, Draft, Event, Gap, codec, read_place};

#[path = "../../../fuzz/driver.rs"]
mod driver;

#[test]
fn fuzz_drafts_and_events() {
    driver::fuzz("draft", 20_000, &[], |input| {
        if let Ok(draft) = codec::decode::<Draft>(input) {
            let again = codec::encode(&draft);
            assert_eq!(codec::decode::<Draft>(&again).ok().as_ref(), Some(&draft));
            if draft.check(1_000).is_ok() {
                assert!(!draft.text.is_empty() && draft.text.len() <= 1_000);
            }
        }
        if let Ok(batch) = codec::decode::<Batch<Event>>(input) {
            let events: Vec<_> = batch.events.iter().map(codec::encode).collect();
            let events = events.iter().map(|event| &event[..]);
            let again = codec::join_batch(events, batch.next, batch.missed);
            let read: Batch<Event> = codec::decode(&again).expect("what was written");
            assert_eq!((read.next, read.missed), (batch.next, batch.missed));
            assert_eq!(read.events, batch.events);
        }
        if let Ok(gap) = codec::decode::<Gap>(input) {
            let again = codec::encode(&gap);
            assert_eq!(codec::decode::<Gap>(&again).ok(), Some(gap));
        }
    });
}

#[test]
fn fuzz_places() {
    driver::fuzz("cursor", 50_000, &[], |input| {
        let text = String::from_utf8_lossy(input);
        let Some((seq, epoch)) = read_place(&text) else {
            return;
        };
        let written = epoch.map_or(seq.to_string(), |epoch| format!("{seq}-{epoch}"));
        assert_eq!(read_place(&written), Some((seq, epoch)));
        // Nothing but zeros before the number may have been lost.
        assert_eq!(
            text.trim_start_matches('0'),
            written.trim_start_matches('0')
        );
    });
}
