//! Speaking: by POST for three of the transports, and by frame on a WebSocket.

use std::time::Instant;

use wire::{Draft, Said, codec};

use crate::{
    room::{Room, reason::Reason},
    settings::Settings,
};

/// Puts the draft that `json` encodes into the room. The answer's `tag` is the
/// draft's. `person` is the speaker's token; without it a limit on the pace
/// knows speakers by name.
pub(crate) fn say(
    room: &Room,
    settings: &Settings,
    person: Option<&str>,
    json: &[u8],
) -> Result<Said, Reason> {
    // The decoder would refuse it too, but not say what is wrong.
    if let Err(error) = std::str::from_utf8(json) {
        return Err(Reason::NotUtf8(error.valid_up_to()));
    }
    let draft: Draft = codec::decode(json)?;
    draft.check(settings.text_limit)?;
    if let Some(most) = settings.drafts_per_second
        && !room
            .pace
            .allows(person.unwrap_or(&draft.from), most, Instant::now())
    {
        return Err(Reason::TooFast(most));
    }
    let tag = draft.tag.clone();
    let seq = room.say(draft).ok_or(Reason::Leaving)?;
    Ok(Said {
        kind: None,
        seq,
        tag,
    })
}
