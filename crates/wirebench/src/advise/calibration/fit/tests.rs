//! Tests of fits to points whose costs are known.

use super::*;

const LOADS: [[f64; FREE]; 8] = [
    [1.0, 1_000.0, 5.0, 100.0],
    [1.0, 300.0, 5.0, 30.0],
    [1.0, 100.0, 5.0, 10.0],
    [1.0, 900.0, 15.0, 90.0],
    [1.0, 300.0, 1.0, 30.0],
    [1.0, 300.0, 5.0, 120.0],
    [1.0, 100.0, 5.0, 80.0],
    [1.0, 900.0, 40.0, 90.0],
];

/// Returns a load whose second quantity has three forms beside it, each bent more than the one before.
fn bent(load: [f64; FREE]) -> [f64; QUANTITIES] {
    let [one, two, three, four] = load;
    let form = |pause: f64| two / (1.0 + two * pause);
    [one, two, three, four, form(0.002), form(0.005), form(0.02)]
}

fn points(costs: [f64; QUANTITIES], noise: [f64; 8]) -> Vec<Point> {
    let loads = LOADS.map(bent).into_iter().zip(noise);
    loads
        .map(|(load, noise)| (load, sum(costs, load) * (1.0 + noise)))
        .collect()
}

#[test]
fn what_was_put_in_comes_out() {
    for costs in [
        [0.0, 10e-6, 50e-6, 2e-6, 0.0, 0.0, 0.0],
        [0.0, 10e-6, 0.0, 2e-6, 0.0, 0.0, 0.0],
        [0.0, 10e-6, 0.0, 0.0, 0.0, 0.0, 0.0],
        // Some time passes whatever the load is.
        [1e-3, 10e-6, 50e-6, 2e-6, 0.0, 0.0, 0.0],
        // What comes after a pause costs more.
        [0.0, 10e-6, 50e-6, 0.0, 0.0, 90e-6, 0.0],
    ] {
        let fit = Fit::of(&points(costs, [0.0; 8])).expect("a fit");
        let unseen = bent([1.0, 500.0, 8.0, 60.0]);
        assert!(
            (fit.at(unseen) / sum(costs, unseen) - 1.0).abs() < 1e-6,
            "{costs:?}"
        );
        assert!(fit.within < 1e-6, "{fit:?}");
    }
}

#[test]
fn noise_shows_in_the_interval_and_no_cost_is_negative() {
    let noise = [0.05, -0.05, 0.04, -0.03, 0.05, -0.05, 0.03, -0.04];
    let costs = [0.0, 10e-6, 50e-6, 2e-6, 0.0, 0.0, 0.0];
    let fit = Fit::of(&points(costs, noise)).expect("a fit");
    assert!(fit.within > 0.05 && fit.within < 0.6, "{fit:?}");
    assert!(fit.costs.iter().all(|cost| *cost >= 0.0), "{fit:?}");
    let unseen = bent([1.0, 500.0, 8.0, 60.0]);
    let off = sum(costs, unseen) / fit.at(unseen) - 1.0;
    assert!(off.abs() < fit.within, "{off} {fit:?}");
}

/// Checks that runs which came out low by chance do not weigh more than others: four that are a fifth
/// too low and four that are a fifth too high have the true cost in their midst.
#[test]
fn a_cost_is_not_drawn_to_the_runs_that_came_out_low() {
    let costs = [0.0, 10e-6, 0.0, 0.0, 0.0, 0.0, 0.0];
    let noise = [0.2, -0.2, 0.2, -0.2, 0.2, -0.2, 0.2, -0.2];
    let only = [1];
    let [_, cost, ..] = solved(&points(costs, noise), &only).expect("a cost");
    assert!((cost / 10e-6 - 1.0).abs() < 1e-9, "{cost}");
    // Two runs cannot show that a third differs by no more than they do.
    let fit = Fit::of(&points(costs, noise)[..2]).expect("a fit");
    assert!(fit.within > 1.0, "{fit:?}");
}

#[test]
fn every_choice_has_one_form_of_an_amount_at_most() {
    let all = choices();
    assert_eq!(all.len(), 63);
    assert!(all.contains(&vec![0]) && all.contains(&vec![0, 1, 2, 3, 6]));
    let forms = |choice: &[usize]| choice.iter().filter(|index| **index >= FREE).count();
    assert!(all.iter().all(|choice| forms(choice) <= 1));
}

/// Checks that what no run can tell apart is not decided by chance: of two forms that are the other's
/// mirror image, neither is taken alone.
#[test]
fn choices_that_are_as_likely_count_alike() {
    let load = |one: f64, other: f64| [0.0, 0.0, 0.0, 0.0, one, other, 0.0];
    let mirrored = [(1.0, 2.0), (2.0, 1.0), (3.0, 4.0), (4.0, 3.0)];
    let costs = [1.6, 1.6, 3.3, 3.3];
    let points: Vec<Point> = mirrored
        .into_iter()
        .zip(costs)
        .map(|((one, other), cost)| (load(one, other), cost))
        .collect();
    let fit = Fit::of(&points).expect("a fit");
    let [.., one, other, _] = fit.costs;
    assert!((one - other).abs() < 1e-9 && one > 0.0, "{fit:?}");
}

#[test]
fn too_few_points_determine_nothing() {
    let costs = [0.0, 1e-6, 1e-6, 1e-6, 0.0, 0.0, 0.0];
    assert_eq!(Fit::of(&points(costs, [0.0; 8])[..1]), None);
    assert_eq!(Fit::of(&[]), None);
}
