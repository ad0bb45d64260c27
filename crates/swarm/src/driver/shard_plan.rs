//! The division of people among shards.

use crate::{part::Part, plan::Plan};

/// The people of one shard.
#[derive(Debug, Default, Clone)]
pub(crate) struct ShardPlan {
    /// The people who listen.
    pub(crate) listen: Vec<usize>,
    /// The people who only speak.
    pub(crate) publish_only: Vec<usize>,
    /// True if the shard sends the drafts.
    pub(crate) speaks: bool,
}

/// Divides the people of a part among the shards: those who speak go to the first, all others are
/// dealt out. The readers of a clerk stay together where they share connections.
pub(crate) fn divide(plan: &Plan, part: Part) -> Vec<ShardPlan> {
    let mut shards = vec![ShardPlan::default(); plan.swarm.shards + 1];
    let clients = plan.swarm.clients;
    let publish_only = plan.publish_only();
    shards[0].publish_only = (clients..clients + publish_only)
        .filter(|person| part.has(plan, *person))
        .collect();
    let mut readers = 0;
    for person in (0..clients).filter(|person| part.has(plan, *person)) {
        let clerk = plan.swarm.clerk_of(person);
        let shard = if plan.speaks_and_listens(person) {
            0
        } else if let Some(clerk) = clerk.filter(|_| plan.swarm.tabs > 1) {
            1 + clerk % plan.swarm.shards
        } else {
            readers += 1;
            1 + (readers - 1) % plan.swarm.shards
        };
        shards[shard].listen.push(person);
    }
    shards[0].speaks = !(shards[0].publish_only.is_empty() && shards[0].listen.is_empty());
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
        let shard_plans = divide(&plan, Part::WHOLE);
        let listen: Vec<_> = shard_plans
            .iter()
            .map(|shard_plan| shard_plan.listen.clone())
            .collect();
        assert_eq!(listen, [vec![0, 1, 2, 3], vec![4, 6, 8], vec![5, 7, 9]]);
        assert!(shard_plans[0].speaks && !shard_plans[1].speaks);
        plan.traffic.speak = Speak::Post;
        let shard_plans = divide(&plan, Part::WHOLE);
        assert_eq!(
            (shard_plans[0].listen.len(), &shard_plans[0].publish_only),
            (0, &vec![10, 11, 12, 13])
        );
        assert_eq!(shard_plans[1].listen, [0, 2, 4, 6, 8]);
        plan.traffic.publishers = 0;
        let shard_plans = divide(&plan, Part::WHOLE);
        assert_eq!(shard_plans.len(), 2);
        assert!(shard_plans.iter().all(|shard_plan| !shard_plan.speaks));
    }

    #[test]
    fn parts_together_are_the_same_people() {
        let mut plan = sample::plan(Variant::Websocket);
        plan.swarm.shards = 2;
        for speak in [Speak::Same, Speak::Post] {
            plan.traffic.speak = speak;
            let people = |part| {
                let mut people = Vec::new();
                for one in divide(&plan, part) {
                    assert!(one.speaks || one.publish_only.is_empty());
                    people.extend(one.listen);
                    people.extend(one.publish_only);
                }
                people
            };
            let mut parts: Vec<usize> = Part::all(3).flat_map(people).collect();
            let mut whole = people(Part::WHOLE);
            parts.sort_unstable();
            whole.sort_unstable();
            assert_eq!(parts, whole);
        }
        // Threads of a part share its readers evenly, whatever the numbers of both.
        plan.swarm.clients = 40;
        let second = divide(&plan, Part::new(2, 2).unwrap());
        let sizes: Vec<usize> = second.iter().map(|one| one.listen.len()).collect();
        assert_eq!(sizes, [0, 10, 10]);
    }

    #[test]
    fn a_clerk_is_in_one_shard_where_its_rooms_share_connections() {
        let mut plan = sample::plan(Variant::Websocket);
        (plan.swarm.clients, plan.swarm.rooms) = (12, Some(6));
        (plan.swarm.rooms_per_clerk, plan.swarm.shards) = (Some(3), 2);
        plan.traffic.publishers = 1;
        let listen = |plan: &Plan| -> Vec<Vec<usize>> {
            let shards = divide(plan, Part::WHOLE).into_iter();
            shards.map(|one| one.listen).collect()
        };
        let customers = vec![0, 1, 2, 3, 4, 5];
        assert_eq!(
            listen(&plan),
            [customers.clone(), vec![6, 8, 10], vec![7, 9, 11]]
        );
        plan.swarm.tabs = 3;
        assert_eq!(listen(&plan), [customers, vec![6, 7, 8], vec![9, 10, 11]]);
    }
}
