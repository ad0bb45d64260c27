//! The division of people among shards.

use std::ops::Range;

use crate::plan::Plan;

/// The people of one shard.
#[derive(Debug, Default, Clone)]
pub(crate) struct Crew {
    /// The people who listen.
    pub(crate) listen: Vec<usize>,
    /// The people who only speak.
    pub(crate) only_speak: Range<usize>,
    /// True if the shard sends the drafts.
    pub(crate) speaks: bool,
}

/// Divides the people among the shards: those who speak go to the first, all others are
/// dealt out.
pub(crate) fn divide(plan: &Plan) -> Vec<Crew> {
    let mut shards = vec![Crew::default(); plan.swarm.shards + 1];
    let mere_speakers = plan.mere_speakers();
    shards[0].only_speak = plan.swarm.clients..plan.swarm.clients + mere_speakers;
    let who_speak = plan.rooms() * plan.traffic.publishers;
    shards[0].speaks = who_speak > 0;
    for person in 0..plan.swarm.clients {
        let shard = match person.checked_sub(who_speak - mere_speakers) {
            None => 0,
            Some(reader) => 1 + reader % plan.swarm.shards,
        };
        shards[shard].listen.push(person);
    }
    shards.retain(|crew| crew.speaks || !crew.listen.is_empty());
    shards
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        plan::{Speak, Variant},
        sample,
    };

    #[test]
    fn those_who_speak_are_in_the_first_shard() {
        let mut plan = sample::plan(Variant::Websocket);
        plan.swarm.shards = 2;
        let crews = divide(&plan);
        let listen: Vec<_> = crews.iter().map(|crew| crew.listen.clone()).collect();
        assert_eq!(listen, [vec![0, 1, 2, 3], vec![4, 6, 8], vec![5, 7, 9]]);
        assert!(crews[0].speaks && !crews[1].speaks);
        plan.traffic.speak = Speak::Post;
        let crews = divide(&plan);
        assert_eq!(
            (crews[0].listen.len(), &crews[0].only_speak),
            (0, &(10..14))
        );
        assert_eq!(crews[1].listen, [0, 2, 4, 6, 8]);
        plan.traffic.publishers = 0;
        let crews = divide(&plan);
        assert_eq!(crews.len(), 2);
        assert!(crews.iter().all(|crew| !crew.speaks));
    }
}
