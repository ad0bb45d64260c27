//! One run out of its parts: the sum of what they counted, and the audit of each draft over all of
//! them. Pure.

mod crossing;

use crate::{
    outcome::{DraftAudit, Outcome},
    part::Part,
    plan::Plan,
    schedule::{self, Schedule},
};

/// The failure under which deliveries are counted that some reader never got and another got twice,
/// so that the sums do not show it.
const HIDDEN: &str = "a draft that a reader never heard and the sums do not show";

/// The reason why outcomes are not those of the parts of one run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartsError {
    /// There are no parts at all.
    #[error("there is nothing to merge")]
    Nothing,
    /// Two parts belong to divisions into different numbers of parts.
    #[error("{part} and {other} divide the run into different numbers of parts")]
    OtherDivision {
        /// The part.
        part: Part,
        /// The first part.
        other: Part,
    },
    /// A part is there twice.
    #[error("part {0} is there twice")]
    Twice(Part),
    /// A part is not there.
    #[error("part {0} is missing")]
    Missing(Part),
    /// An outcome keeps no account of each draft.
    #[error("the outcome of part {0} has no account of each draft")]
    NoAudit(Part),
}

/// Makes one outcome of those of all parts of `plan`: counts and bytes as sums, histograms by their
/// counts, and each draft audited over all readers.
///
/// # Errors
/// Fails unless each part is there once.
pub fn merge(plan: &Plan, mut parts: Vec<(Part, Outcome)>) -> Result<Outcome, PartsError> {
    parts.sort_by_key(|(part, _)| *part);
    check(&parts)?;
    let mut audits = Vec::new();
    for (part, outcome) in &parts {
        let audit = outcome.audit.clone().ok_or(PartsError::NoAudit(*part))?;
        audits.push((*part, audit));
    }
    let cross_shard = crossing::cross_shard(&parts);
    let mut all = parts.into_iter().map(|(_, outcome)| outcome);
    let mut sum = all.next().ok_or(PartsError::Nothing)?;
    for other in all {
        sum.add(&other);
    }
    sum.cross_shard = cross_shard;
    if sum.ended_early.is_none() {
        enter(audited(plan, &audits), &mut sum);
    }
    Ok(sum)
}

/// Refuses what is not each part once.
fn check(parts: &[(Part, Outcome)]) -> Result<(), PartsError> {
    let first = parts.first().ok_or(PartsError::Nothing)?.0;
    for pair in parts.windows(2) {
        if pair[1].0 == pair[0].0 {
            return Err(PartsError::Twice(pair[1].0));
        }
    }
    for (part, _) in parts {
        if part.of() != first.of() {
            return Err(PartsError::OtherDivision {
                part: *part,
                other: first,
            });
        }
    }
    let is_there = |wanted: &Part| parts.iter().any(|(part, _)| part == wanted);
    match Part::all(first.of()).find(|part| !is_there(part)) {
        Some(missing) => Err(PartsError::Missing(missing)),
        None => Ok(()),
    }
}

/// The result of the audit of each draft over all parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Audited {
    expected: u64,
    /// Deliveries that never came.
    lost: u64,
    /// Deliveries beyond one for each reader.
    doubled: u64,
    said: u64,
}

/// Audits each draft that the whole plan makes due in *measure*: by its place in the schedule, which
/// is what its tag carries.
fn audited(plan: &Plan, audits: &[(Part, DraftAudit)]) -> Audited {
    let schedule = Schedule::new(plan);
    let end = schedule::nanos(plan.traffic.settle + plan.traffic.measure);
    let counting = schedule.counting(end);
    let readers: Vec<Vec<u64>> = audits
        .iter()
        .map(|(part, _)| part.readers_by_room(plan))
        .collect();
    let mut found = Audited::default();
    for (place, due) in schedule.drafts()[counting].iter().enumerate() {
        let mut is_said = false;
        for ((_, audit), readers) in audits.iter().zip(&readers) {
            let heard = audit.heard.get(place).copied().unwrap_or_default();
            let (heard, wanted) = (u64::from(heard), readers[due.room as usize]);
            found.expected += wanted;
            found.lost += wanted.saturating_sub(heard);
            found.doubled += heard.saturating_sub(wanted);
            is_said |= heard > 0 || audit.said.get(place).copied().unwrap_or_default();
        }
        found.said += u64::from(is_said);
    }
    found
}

/// Enters what the audit found into the sum.
fn enter(found: Audited, sum: &mut Outcome) {
    sum.expected = found.expected;
    sum.drafts_said = found.said;
    let hidden = found.lost.saturating_sub(sum.lost());
    if hidden > 0 {
        sum.failures.insert(HIDDEN.to_owned(), hidden);
    }
    sum.duplicated += found.doubled;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plan::Variant, sample};

    /// Makes a plan of ten people in two rooms; four drafts a second in each, for a second that
    /// counts.
    fn parts(plan: &Plan, of: usize) -> Vec<(Part, Outcome)> {
        let schedule = Schedule::new(plan);
        let counting = schedule.counting(u64::MAX);
        let drafts = &schedule.drafts()[counting];
        let part = |part: Part| {
            let readers = part.readers_by_room(plan);
            let mut outcome = Outcome::empty();
            let heard: Vec<u32> = drafts
                .iter()
                .map(|due| readers[due.room as usize] as u32)
                .collect();
            let is_own = |due: &&schedule::Due| part.has(plan, due.person(plan));
            let own = drafts.iter().filter(is_own).count() as u64;
            outcome.delivered = heard.iter().map(|heard| u64::from(*heard)).sum();
            outcome.expected = outcome.delivered;
            (outcome.drafts_due, outcome.drafts_said) = (own, own);
            let said = drafts.iter().map(|due| is_own(&due)).collect();
            outcome.audit = Some(DraftAudit { heard, said });
            (part, outcome)
        };
        Part::all(of).map(part).collect()
    }

    fn heard(parts: &mut [(Part, Outcome)], part: usize, draft: usize, more: i32) {
        let outcome = &mut parts[part].1;
        let audit = outcome.audit.as_mut().unwrap();
        audit.heard[draft] = audit.heard[draft].checked_add_signed(more).unwrap();
        outcome.delivered = outcome.delivered.checked_add_signed(more.into()).unwrap();
    }

    #[test]
    fn all_parts_together_are_one_run() {
        let plan = sample::plan(Variant::Websocket);
        for of in [1, 2, 3, 4] {
            let whole = merge(&plan, parts(&plan, of)).unwrap();
            assert_eq!((whole.expected, whole.delivered), (40, 40));
            assert_eq!((whole.drafts_due, whole.drafts_said), (8, 8));
            assert_eq!((whole.lost(), whole.duplicated), (0, 0));
            assert!(whole.failures.is_empty());
        }
    }

    #[test]
    fn a_double_of_one_draft_hides_no_loss_of_another() {
        let plan = sample::plan(Variant::Websocket);
        let mut spoiled = parts(&plan, 2);
        heard(&mut spoiled, 0, 6, -1);
        let lost = merge(&plan, spoiled).unwrap();
        assert_eq!((lost.lost(), lost.duplicated), (1, 0));
        assert!(lost.failures.is_empty());
        let mut spoiled = parts(&plan, 2);
        heard(&mut spoiled, 0, 2, 1);
        assert_eq!(merge(&plan, spoiled).unwrap().duplicated, 1);
        // The sums are right, and neither draft is.
        let mut spoiled = parts(&plan, 2);
        heard(&mut spoiled, 0, 2, -1);
        heard(&mut spoiled, 0, 4, 1);
        let hidden = merge(&plan, spoiled).unwrap();
        assert_eq!((hidden.lost(), hidden.duplicated), (0, 1));
        assert_eq!(hidden.failures[HIDDEN], 1);
    }

    #[test]
    fn a_draft_is_said_if_anybody_heard_it() {
        let plan = sample::plan(Variant::Websocket);
        let mut parts = parts(&plan, 2);
        for (_, outcome) in &mut parts {
            outcome.audit.as_mut().unwrap().said.fill(false);
        }
        assert_eq!(merge(&plan, parts).unwrap().drafts_said, 8);
    }

    #[test]
    fn what_is_not_each_part_once_is_refused() {
        let plan = sample::plan(Variant::Websocket);
        let refused = |change: fn(&mut Vec<(Part, Outcome)>)| {
            let mut parts = parts(&plan, 3);
            change(&mut parts);
            merge(&plan, parts).unwrap_err()
        };
        let part = |number, of| Part::new(number, of).unwrap();
        assert_eq!(refused(Vec::clear), PartsError::Nothing);
        let missing = refused(|parts| drop(parts.remove(1)));
        assert_eq!(missing, PartsError::Missing(part(2, 3)));
        let twice = refused(|parts| parts[2].0 = parts[1].0);
        assert_eq!(twice, PartsError::Twice(part(2, 3)));
        let other = refused(|parts| parts[2].0 = Part::new(3, 4).unwrap());
        let (part, first) = (part(3, 4), part(1, 3));
        assert_eq!(other, PartsError::OtherDivision { part, other: first });
        let blind = refused(|parts| parts[0].1.audit = None);
        assert_eq!(blind, PartsError::NoAudit(Part::new(1, 3).unwrap()));
    }
}
