//! A draft that came to a reader for the first time.

use std::rc::Rc;

use super::{in_flight, shard::Shard};
use crate::{draft::Tag, transport::reader::Receiver};

/// Does what follows from the arrival of a draft at a reader that did not have it yet.
pub(super) fn delivered(shard: &Rc<Shard>, reader: Receiver<'_>, tag: Tag) {
    shard.freshness.borrow_mut().heard(reader.place, tag.due);
    in_flight::heard(shard, reader.person, tag.index);
    shard.look_whether_complete();
}
