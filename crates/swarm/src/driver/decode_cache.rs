//! The content of a text from the server, parsed once for all readers that receive the same
//! text.
//!
//! The readers of a room hear the same bytes, one after the other, and to parse an event costs more
//! than everything else that the swarm does with it. So the last text of each sort is kept with its
//! content, which is used again for the same bytes. A text that differs in a single byte is parsed
//! in full.

use std::rc::Rc;

use bytes::Bytes;
use wire::{Batch, Event, Glance, Protocol, codec};

use crate::{
    decoded::EventInfo,
    failure::Failure,
    library::packet::{self, Packet},
};

/// The last texts that were read, and what they said.
#[derive(Debug, Default)]
pub(crate) struct DecodeCache {
    text: Vec<u8>,
    said: Option<EventInfo>,
    body: Vec<u8>,
    brought: Option<Rc<Batch<EventInfo>>>,
    packed: Vec<u8>,
    packets: Option<Rc<[Packet]>>,
}

impl DecodeCache {
    /// Reads a line of a stream, or a frame.
    pub(crate) fn text(&mut self, text: &[u8]) -> Result<EventInfo, Failure> {
        if let Some(said) = self.said
            && self.text == text
        {
            return Ok(said);
        }
        let glance: Glance<'_> = codec::decode(text).map_err(|_| Failure::Unreadable)?;
        let said = EventInfo::new(&glance, text.len());
        keep(&mut self.text, text);
        self.said = Some(said);
        Ok(said)
    }

    /// Reads the text that a library's server sent.
    pub(crate) fn packets(
        &mut self,
        protocol: Protocol,
        bytes: &Bytes,
    ) -> Result<Rc<[Packet]>, Failure> {
        if let Some(packets) = &self.packets
            && self.packed == *bytes
        {
            return Ok(Rc::clone(packets));
        }
        let packets: Rc<[Packet]> = packet::read(protocol, bytes)?.into();
        keep(&mut self.packed, bytes);
        self.packets = Some(Rc::clone(&packets));
        Ok(packets)
    }

    /// Reads a poll's answer.
    pub(crate) fn batch(&mut self, body: &Bytes) -> Result<Rc<Batch<EventInfo>>, Failure> {
        if let Some(brought) = &self.brought
            && self.body == *body
        {
            return Ok(Rc::clone(brought));
        }
        let brought = Rc::new(read_batch(body)?);
        keep(&mut self.body, body);
        self.brought = Some(Rc::clone(&brought));
        Ok(brought)
    }
}

/// Keeps a copy: to hold on to a reader's own bytes would hold its buffer.
fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    kept.clear();
    kept.extend_from_slice(bytes);
}

fn read_batch(body: &Bytes) -> Result<Batch<EventInfo>, Failure> {
    let batch: Batch<Glance<'_>> = codec::decode(body).map_err(|_| Failure::Unreadable)?;
    let lengths = event_lengths(&batch, body)?;
    let events = batch.events.iter().zip(lengths);
    Ok(Batch {
        events: events
            .map(|(glance, length)| EventInfo::new(glance, length))
            .collect(),
        next: batch.next,
        missed: batch.missed,
        epoch: batch.epoch,
    })
}

/// Returns the length of each event's JSON in a batch. The length of a single event, the
/// common case, follows from the whole; otherwise the batch is parsed once more.
fn event_lengths(batch: &Batch<Glance<'_>>, body: &Bytes) -> Result<Vec<usize>, Failure> {
    match batch.events.len() {
        0 => Ok(Vec::new()),
        1 => {
            let around = match batch.epoch {
                Some(epoch) => codec::join_batch_of(epoch, [], batch.next, batch.missed),
                None => codec::join_batch([], batch.next, batch.missed),
            };
            let around = around.len();
            Ok(vec![body.len().saturating_sub(around)])
        }
        _ => {
            let whole: Batch<Event> = codec::decode(body).map_err(|_| Failure::Unreadable)?;
            let length = |event: &Event| codec::encode(event).len();
            Ok(whole.events.iter().map(length).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use wire::Seq;

    use super::*;

    fn event(seq: Seq) -> Bytes {
        let tag = "00002a-0003b9aca00-0003b9b8d50";
        Bytes::from(format!(
            r#"{{"seq":{seq},"kind":"message","from":"p","text":"x","tag":"{tag}","at":1}}"#
        ))
    }

    #[test]
    fn the_same_bytes_say_the_same_and_others_are_read() {
        let mut cache = DecodeCache::default();
        let first = cache.text(&event(1)).unwrap();
        assert_eq!((first.seq, first.length), (1, event(1).len()));
        assert_eq!(first.tag.map(|tag| tag.index), Some(0x2a));
        assert_eq!(cache.text(&event(1)).unwrap(), first);
        assert_eq!(cache.text(&event(2)).unwrap().seq, 2);
        assert_eq!(cache.text(&event(1)).unwrap(), first);
    }

    #[test]
    fn a_batch_is_kept_with_the_length_of_each_event() {
        let mut cache = DecodeCache::default();
        let body = codec::join_batch([&event(9)[..], &event(10)[..]], 10, 3);
        let batch = cache.batch(&body).unwrap();
        let lengths: Vec<usize> = batch.events.iter().map(|info| info.length).collect();
        assert_eq!(lengths, [event(9).len(), event(10).len()]);
        assert_eq!((batch.next, batch.missed), (10, 3));
        assert!(Rc::ptr_eq(&batch, &cache.batch(&body).unwrap()));
        let other = codec::join_batch([&event(9)[..]], 9, 3);
        assert_eq!(
            cache.batch(&other).unwrap().events[0].length,
            event(9).len()
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_kept() {
        let mut cache = DecodeCache::default();
        cache.text(&event(1)).unwrap();
        for _ in 0..2 {
            assert!(cache.text(&Bytes::from_static(b"{\"seq\":")).is_err());
            assert!(cache.batch(&Bytes::from_static(b"[]")).is_err());
        }
        assert_eq!(cache.text(&event(1)).unwrap().seq, 1);
    }
}
