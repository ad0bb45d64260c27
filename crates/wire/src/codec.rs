//! The conversion to and from JSON; this is the only module that depends on the format.
//!
//! All texts are UTF-8 without line ends, so a JSON text is also a line.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{Epoch, Seq};

/// The error for a text that is not the expected JSON.
#[derive(Debug, thiserror::Error)]
#[error("not the JSON that was expected: {0}")]
pub struct DecodeError(#[from] serde_json::Error);

/// Encodes any type of this crate.
#[must_use]
pub fn encode<T: Serialize>(value: &T) -> Bytes {
    // Encoding can fail only for maps whose keys are not strings, and no type of this crate has
    // one.
    Bytes::from(serde_json::to_vec(value).expect("the wire types encode"))
}

/// Decodes any type of this crate; borrows from `text` if the type can.
///
/// # Errors
/// Fails if `text` is not what was expected; the error names the position.
pub fn decode<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, DecodeError> {
    Ok(serde_json::from_slice(text)?)
}

/// Joins events that are already JSON into a batch, without encoding them again.
#[must_use]
pub fn join_batch<'a>(events: impl IntoIterator<Item = &'a [u8]>, next: Seq, missed: u64) -> Bytes {
    join(events, next, missed, format_args!(""))
}

/// Joins events as [`join_batch`] does, and adds the log's epoch.
#[must_use]
pub fn join_batch_of<'a>(
    epoch: Epoch,
    events: impl IntoIterator<Item = &'a [u8]>,
    next: Seq,
    missed: u64,
) -> Bytes {
    join(events, next, missed, format_args!(",\"epoch\":\"{epoch}\""))
}

fn join<'a>(
    events: impl IntoIterator<Item = &'a [u8]>,
    next: Seq,
    missed: u64,
    more: fmt::Arguments<'_>,
) -> Bytes {
    let mut text = Vec::with_capacity(256);
    text.extend_from_slice(b"{\"events\":[");
    for (index, event) in events.into_iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        text.extend_from_slice(event);
    }
    text.extend_from_slice(format!("],\"next\":{next},\"missed\":{missed}{more}}}").as_bytes());
    Bytes::from(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Batch, Draft, Event, Glance, Kind};

    fn any_event() -> impl Strategy<Value = Event> {
        (
            1..u64::MAX,
            ".{1,64}",
            ".{1,200}",
            proptest::option::of("[ -~]{0,64}"),
            0..u64::MAX,
        )
            .prop_map(|(seq, from, text, tag, at)| Event {
                seq,
                kind: Kind::Message,
                from,
                text: Some(text),
                tag,
                online: None,
                at,
            })
    }

    proptest! {
        #[test]
        fn an_event_survives_and_is_one_line(event in any_event()) {
            let text = encode(&event);
            prop_assert!(!text.contains(&b'\n') && !text.contains(&b'\r'));
            prop_assert_eq!(decode::<Event>(&text).unwrap(), event);
        }

        #[test]
        fn a_glance_sees_what_the_event_says(event in any_event()) {
            let text = encode(&event);
            let glance: Glance<'_> = decode(&text).unwrap();
            prop_assert_eq!(glance.seq, event.seq);
            prop_assert_eq!(glance.tag.as_deref(), event.tag.as_deref());
        }

        #[test]
        fn a_joined_batch_is_the_encoded_batch(events in prop::collection::vec(any_event(), 0..5), next: u64, missed: u64) {
            let texts: Vec<Bytes> = events.iter().map(encode).collect();
            let joined = join_batch(texts.iter().map(AsRef::as_ref), next, missed);
            let batch = Batch { events, next, missed, epoch: None };
            prop_assert_eq!(&joined, &encode(&batch));
            prop_assert_eq!(decode::<Batch<Event>>(&joined).unwrap(), batch.clone());
            let epoch = Epoch::from_bits(next);
            let joined = join_batch_of(epoch, texts.iter().map(AsRef::as_ref), next, missed);
            let batch = Batch { epoch: Some(epoch), ..batch };
            prop_assert_eq!(&joined, &encode(&batch));
            prop_assert_eq!(decode::<Batch<Event>>(&joined).unwrap(), batch);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode::<Draft>(&bytes);
            let _ = decode::<Batch<Glance<'_>>>(&bytes);
        }
    }

    #[test]
    fn an_event_has_the_fields_of_the_contract_in_their_order() {
        let event = Event {
            seq: 7,
            kind: Kind::Message,
            from: "ann".into(),
            text: Some("hi".into()),
            tag: None,
            online: None,
            at: 1_790_000_000_000,
        };
        assert_eq!(
            encode(&event),
            r#"{"seq":7,"kind":"message","from":"ann","text":"hi","at":1790000000000}"#
        );
    }
}
