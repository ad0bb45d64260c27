//! The figure that a check is about, found in what was measured; and its formula's value. Figures
//! and formulas are those that claims know by the same names.

use anyhow::Context;
use claims::{figure, formula};
use dissect::Direction;
use lessons::{Check, Figure, Formula, Lesson, OfRun, OfTrace};
use results::RunRow;

use super::experiment::Evidence;

/// Refuses a lesson that names a figure of a run that does not exist, before anything is measured.
pub(super) fn check_figures(lesson: &Lesson) -> anyhow::Result<()> {
    let nothing = RunRow::default();
    for check in &lesson.experiment.check {
        for wish in check.figures() {
            if let Figure::Run(wish) = wish {
                figure(&wish.run, &nothing)
                    .with_context(|| format!("lesson {}, check {:?}", lesson.name, check.id))?;
            }
        }
    }
    Ok(())
}

/// Returns the value that was measured for a check, or `None` if there is none.
pub(super) fn measured(check: &Check, evidence: &Evidence) -> Option<f64> {
    let mut value = of(&check.figure, evidence)?;
    if let Some(minus) = &check.minus {
        value -= of(minus, evidence)?;
    }
    let over = match &check.over {
        None => 1.0,
        Some(figure) => of(figure, evidence).filter(|over| *over != 0.0)?,
    };
    Some(value / over * check.times)
}

/// Returns the value of a check's formula, or `None` if the check has no formula.
pub(super) fn predicted(check: &Check) -> Option<f64> {
    match check.formula.as_ref()? {
        Formula::Value(value) => Some(*value),
        Formula::Call { call, args, times } => Some(formula(call, args)? * times),
    }
}

fn of(figure: &Figure, evidence: &Evidence) -> Option<f64> {
    match figure {
        Figure::Trace(wish) => of_trace(wish, evidence),
        Figure::Run(wish) => of_run(wish, &evidence.rows.runs),
        Figure::Crowd(wish) => evidence.crowds.fact(&wish.crowd, wish.read.name()),
    }
}

/// Returns the mean over elements of each direction; both directions added.
fn of_trace(wish: &OfTrace, evidence: &Evidence) -> Option<f64> {
    let (_, record) = evidence
        .traces
        .iter()
        .find(|(name, _)| *name == wish.trace)?;
    let elements = trace::elements(record);
    let mut sum = None;
    for direction in Direction::ALL {
        if wish
            .direction
            .as_deref()
            .is_some_and(|only| only != direction.name())
        {
            continue;
        }
        let bytes: Vec<u64> = elements
            .iter()
            .filter(|one| one.direction == direction && one.purpose().name() == wish.purpose)
            .map(|one| {
                let spans = one.spans.iter().filter(|span| {
                    let layer = span.layer.name();
                    wish.layers.is_empty() || wish.layers.iter().any(|only| only == layer)
                });
                spans.map(|span| span.len).sum()
            })
            .collect();
        if !bytes.is_empty() {
            let mean = bytes.iter().sum::<u64>() as f64 / bytes.len() as f64;
            *sum.get_or_insert(0.0) += mean;
        }
    }
    sum
}

/// Returns the median of the rows that fit.
fn of_run(wish: &OfRun, runs: &[RunRow]) -> Option<f64> {
    let fits =
        |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
    let mut values: Vec<f64> = runs
        .iter()
        .filter(|row| row.transport == wish.transport)
        .filter(|row| fits(&wish.variant, &row.variant) && fits(&wish.cell, &row.cell))
        .filter_map(|row| figure(&wish.run, row).ok().flatten())
        .collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::{super::experiment, *};

    #[test]
    fn a_difference_needs_both_figures() {
        let row = |cell: &str, opening| RunRow {
            transport: "websocket".to_owned(),
            cell: cell.to_owned(),
            opening_p50_us: opening,
            ..RunRow::default()
        };
        let lesson = lessons::find("what-tls-adds").unwrap().unwrap();
        let checks = lesson.experiment.check;
        let check = checks.iter().find(|check| check.id == "opening").unwrap();
        let mut evidence = Evidence::default();
        evidence.rows.runs = vec![
            row("tls=1.3", Some(151_000)),
            row("tls=false", Some(101_000)),
        ];
        assert_eq!(measured(check, &evidence), Some(50.0));
        evidence.rows.runs[1].opening_p50_us = None;
        assert_eq!(measured(check, &evidence), None);
    }

    /// Lessons and claims name the same figures.
    #[test]
    fn every_figure_of_a_lesson_is_known() {
        for lesson in lessons::lessons().unwrap() {
            check_figures(&lesson).unwrap();
        }
    }

    #[test]
    fn an_unknown_figure_is_refused_with_advice() {
        let mut lesson = lessons::find("what-tls-adds").unwrap().unwrap();
        let mut checks = lesson.experiment.check.iter_mut();
        let check = checks.find(|check| check.id == "opening").unwrap();
        let Some(Figure::Run(wish)) = &mut check.minus else {
            panic!("the check takes a figure of a run away");
        };
        wish.run = "opening_msec".to_owned();
        let refused = format!("{:#}", check_figures(&lesson).unwrap_err());
        assert_eq!(
            refused,
            "lesson what-tls-adds, check \"opening\": no figure of a run is called \
             \"opening_msec\"; did you mean opening_ms?"
        );
    }

    #[test]
    fn every_lesson_can_be_run_and_every_formula_is_known() {
        for lesson in lessons::lessons().unwrap() {
            if !lesson.experiment.run.is_empty() {
                let study = experiment::study(&lesson, 7, &[]).unwrap();
                let seconds: u64 = study
                    .plans()
                    .iter()
                    .map(|plan| {
                        (plan.swarm.ramp + plan.traffic.settle + plan.traffic.measure).as_secs()
                    })
                    .sum();
                assert!(seconds <= 70, "{}: {seconds} s", lesson.name);
            }
            for check in &lesson.experiment.check {
                assert_eq!(
                    check.formula.is_some(),
                    predicted(check).is_some(),
                    "{}: {}",
                    lesson.name,
                    check.id
                );
            }
        }
    }
}
