//! The interpretation of a text from a server that assigns no numbers: each tag of ours in
//! it is a delivery.

use std::rc::Rc;

use super::{delivery, shard::Shard};
use crate::{
    draft::Tag,
    failure::Failure,
    foreign::{ReaderState, altered},
    measure::audit::{Numbered, Verdict},
    schedule,
    socket::arrival::Stamp,
    transport::reader::Reader,
};

/// Takes a poll's answer (`is_answer`), a line of a stream or a frame.
pub(super) fn hear(
    shard: &Rc<Shard>,
    reader: &Reader,
    place: &ReaderState,
    text: &[u8],
    is_answer: bool,
) {
    let tags: Vec<(usize, Tag)> = Tag::all_in(text).collect();
    if tags.is_empty() && !is_answer {
        // A greeting, a heartbeat, an answer to a draft.
        return;
    }
    shard.tally.borrow_mut().exchange(tags.len());
    for (number, (_, tag)) in tags.iter().enumerate() {
        let numbered = place.description().numbered(tag.index);
        let Some(draft) = numbered.filter(|_| is_of_this_run(shard, tag)) else {
            continue;
        };
        if draft.room != reader.room {
            shard.failed(&Failure::OtherRoom);
            continue;
        }
        if place.description().keeps_texts() {
            let length = schedule::payload_bytes(&shard.run.plan, tag.index);
            let said = shard.run.filler.text(tag.index, length);
            if !altered::is_whole(&said, altered::around(text, &tags, number)) {
                shard.tally.borrow_mut().altered();
            }
        }
        delivered(shard, reader, place, draft, *tag, text.len() / tags.len());
    }
}

fn delivered(
    shard: &Rc<Shard>,
    reader: &Reader,
    place: &ReaderState,
    draft: Numbered,
    tag: Tag,
    length: usize,
) {
    let now = shard.run.clock.now();
    {
        let mut tally = shard.tally.borrow_mut();
        match place.heard(draft, tag.overlaps) {
            Verdict::New => {}
            Verdict::Late => tally.reordered += 1,
            Verdict::Double => {
                tally.duplicated += 1;
                return;
            }
        }
        tally.heard(reader.person, reader.place, tag, now, length);
        if let Some(at) = reader.arrival.as_ref().and_then(Stamp::at) {
            tally.arrived(tag, at, now);
        }
    }
    delivery::delivered(shard, reader.receiver(), tag);
}

/// Returns whether a draft is of this run. A server without rooms may still give what was said in
/// an earlier run, by the clock of that run.
fn is_of_this_run(shard: &Shard, tag: &Tag) -> bool {
    // Before there is a timetable nobody has spoken.
    let Some(table) = shard.timetable.get() else {
        return false;
    };
    let drafts = shard.run.schedule.drafts();
    !shard.run.launched.is_scheduled()
        || drafts
            .get(tag.index)
            .is_some_and(|draft| table.settle + draft.at == tag.due)
}

#[cfg(test)]
mod tests;
