//! The division of people among shards.

use std::ops::Range;

use crate::plan::Plan;

/// The people of one shard.
#[derive(Debug, Default, Clone)]
pub(crate) struct ShardPlan {
    /// The people who listen.
    pub(crate) listen: Vec<usize>,
    /// The people who only speak.
    pub(crate) publish_only: Range<usize>,
    /// True if the shard sends the drafts.
    pub(crate) speaks: bool,
}

/// Divides the people among the shards: those who speak go to the first, all others are
/// dealt out.
pub(crate) fn divide(plan: &Plan) -> Vec<ShardPlan> {
    let mut shards = vec![ShardPlan::default(); plan.swarm.shards + 1];
    let publish_only = plan.publish_only();
    shards[0].publish_only = plan.swarm.clients..plan.swarm.clients + publish_only;
    let who_speak = plan.rooms() * plan.traffic.publishers;
    shards[0].speaks = who_speak > 0;
    for person in 0..plan.swarm.clients {
        let shard = match person.checked_sub(who_speak - publish_only) {
            None => 0,
            Some(reader) => 1 + reader % plan.swarm.shards,
        };
        shards[shard].listen.push(person);
    }
    shards.retain(|shard_plan| shard_plan.speaks || !shard_plan.listen.is_empty());
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
        let shard_plans = divide(&plan);
        let listen: Vec<_> = shard_plans
            .iter()
            .map(|shard_plan| shard_plan.listen.clone())
            .collect();
        assert_eq!(listen, [vec![0, 1, 2, 3], vec![4, 6, 8], vec![5, 7, 9]]);
        assert!(shard_plans[0].speaks && !shard_plans[1].speaks);
        plan.traffic.speak = Speak::Post;
        let shard_plans = divide(&plan);
        assert_eq!(
            (shard_plans[0].listen.len(), &shard_plans[0].publish_only),
            (0, &(10..14))
        );
        assert_eq!(shard_plans[1].listen, [0, 2, 4, 6, 8]);
        plan.traffic.publishers = 0;
        let shard_plans = divide(&plan);
        assert_eq!(shard_plans.len(), 2);
        assert!(shard_plans.iter().all(|shard_plan| !shard_plan.speaks));
    }
}
