//! Speaking: by POST for three of the transports, and by frame on a WebSocket.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use wire::{Draft, Said, codec};

use crate::{
    address::Address,
    room::{
        Room,
        presence::Identity,
        reason::Reason,
        taking::{Accepted, Unsaid},
    },
    settings::Settings,
};

/// The pause between two looks whether readers have caught up.
const LOOK: Duration = Duration::from_millis(2);
/// The time after which a speaker whom readers cannot follow is refused.
const PATIENCE: Duration = Duration::from_secs(10);
/// The number of bytes of memory that an event uses for each byte of its draft.
const COPIES: usize = 3;

/// A person who speaks, as far as limits know them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speaker<'a> {
    /// The token; without it speakers are known by name.
    pub(crate) person: Option<&'a str>,
    pub(crate) address: Address,
}

/// Puts the draft that `json` encodes into the room. The answer's `tag` is the
/// draft's.
///
/// A draft that would push out an event which readers who keep up were not given yet
/// waits until they were: its speaker is slowed, and they miss nothing. A reader that
/// has stopped reading is not waited for.
pub(crate) async fn say(
    room: &Room,
    settings: &Settings,
    speaker: Speaker<'_>,
    json: &[u8],
) -> Result<Said, Reason> {
    let draft = checked(room, settings, speaker, json)?;
    let wait = earned(room, settings, speaker, &draft)?;
    if !wait.is_zero() {
        Box::pin(sleep(wait)).await;
    }
    let (tag, bytes) = (draft.tag.clone(), COPIES * json.len());
    let taken = match room.try_say(draft, bytes) {
        Ok(taken) => taken,
        Err(Unsaid::Leaving) => return Err(Reason::Leaving),
        Err(Unsaid::NotStored) => return Err(Reason::NotStored),
        // Boxed, as it is seldom needed.
        Err(Unsaid::Pressed(back)) => Box::pin(say_in_turn(room, back, bytes)).await?,
    };
    let seq = match taken {
        Accepted::Said(seq) => seq,
        // An error of the channel means that the thread which writes is gone.
        Accepted::Handed(reply) => match reply.await {
            Ok(Ok(seq)) => seq,
            Ok(Err(_)) | Err(_) => return Err(Reason::NotStored),
        },
    };
    Ok(Said {
        kind: None,
        seq,
        tag,
    })
}

/// Puts a draft that came over a socket into the room, as [`say`] does, and counts a refusal if
/// that is asked for. Refusals over HTTP are counted where they are answered.
pub(crate) async fn speak(
    room: &Room,
    settings: &Settings,
    speaker: Speaker<'_>,
    json: &[u8],
) -> Result<Said, Reason> {
    let said = say(room, settings, speaker, json).await;
    if let (Err(reason), Some(counters)) = (&said, &settings.counters) {
        counters.refuse(reason.code());
    }
    said
}

/// Puts a draft into the room once readers have caught up.
async fn say_in_turn(room: &Room, mut draft: Draft, bytes: usize) -> Result<Accepted, Reason> {
    let began = Instant::now();
    loop {
        if began.elapsed() > PATIENCE {
            return Err(Reason::Pressed);
        }
        room.seats.sweep_soon();
        sleep(LOOK).await;
        match room.try_say(draft, bytes) {
            Ok(taken) => return Ok(taken),
            Err(Unsaid::Leaving) => return Err(Reason::Leaving),
            Err(Unsaid::NotStored) => return Err(Reason::NotStored),
            Err(Unsaid::Pressed(back)) => draft = back,
        }
    }
}

/// Decodes a draft, if it is one and its speaker may speak.
fn checked(
    room: &Room,
    settings: &Settings,
    speaker: Speaker<'_>,
    json: &[u8],
) -> Result<Draft, Reason> {
    // The decoder would refuse it too, but not say what is wrong.
    if let Err(error) = std::str::from_utf8(json) {
        return Err(Reason::NotUtf8(error.valid_up_to()));
    }
    let draft: Draft = codec::decode(json)?;
    draft.check(settings.text_limit)?;
    if room.rules.any() {
        may_speak(room, speaker, &draft)?;
    }
    Ok(draft)
}

/// Takes a draft off what its speaker, the room and the speaker's address may send. Returns for how
/// long it is to wait. If one of them may send no more, none of them has sent this draft: an address
/// that is too fast does not use up what the room may send, nor a person what their address may.
fn earned(
    room: &Room,
    settings: &Settings,
    speaker: Speaker<'_>,
    draft: &Draft,
) -> Result<Duration, Reason> {
    let now = Instant::now();
    let take_of_address = || {
        let wait = room.shares.draft(speaker.address, now);
        wait.map_err(Reason::AddressTooFast)
    };
    let Some(most) = settings.drafts_per_second else {
        return take_of_address();
    };
    let name = speaker.person.unwrap_or(&draft.from);
    let taken = room.pace.take(name, most, now, take_of_address);
    taken.unwrap_or(Err(Reason::TooFast(most)))
}

/// Refuses a speaker whom the teacher muted or sent out.
fn may_speak(room: &Room, speaker: Speaker<'_>, draft: &Draft) -> Result<(), Reason> {
    let token = speaker
        .person
        .map(|token| Identity::Token(token.to_owned()));
    let name = Identity::Name(draft.from.clone());
    let rules = &room.rules;
    let known = token.iter().chain([&name]);
    if rules.is_banned(token.as_ref().or(Some(&name)), Some(speaker.address)) {
        return Err(Reason::Banned);
    }
    if known.into_iter().any(|identity| rules.is_muted(identity)) {
        return Err(Reason::Muted);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{room::tests::room_of, settings::PerAddress};

    /// Checks that what one address is refused uses up nothing of what the room may send: forty
    /// drafts at once here, and one address far fewer.
    #[test]
    fn an_address_that_is_too_fast_leaves_the_room_to_others() {
        let settings = Settings {
            drafts_per_second: Some(1),
            per_address: PerAddress {
                drafts_per_second: Some(1),
                ..PerAddress::default()
            },
            ..Settings::default()
        };
        let room = room_of(&settings);
        let draft = Draft {
            from: "ann".into(),
            text: "x".into(),
            tag: None,
        };
        let takes = |person: &str, last: u8| {
            let speaker = Speaker {
                person: Some(person),
                address: Address::of([192, 0, 2, last].into()),
            };
            earned(&room, &settings, speaker, &draft)
        };
        let made_up = (0..100).map(|number: u8| takes(&number.to_string(), 1));
        let refused = made_up.filter(|taken| matches!(taken, Err(Reason::AddressTooFast(1))));
        assert!(refused.count() > 90);
        assert!(takes("ben", 2).is_ok());
    }
}
