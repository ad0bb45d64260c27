//! A sum of costs, none of them negative, fitted to runs by least squares of the relative errors.
//! Which quantities cost anything is chosen by the errors for runs that a fit has not seen, so that
//! a cost that only follows the noise of a few runs is left out.

/// The number of quantities.
const QUANTITIES: usize = 4;

/// A load of some quantities, and its cost.
pub(super) type Point = ([f64; QUANTITIES], f64);

/// The costs of one unit of each quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    costs: [f64; QUANTITIES],
    /// The largest relative error for a point that a fit to all others had not seen.
    pub(super) within: f64,
}

/// The mean of the squared errors by which a choice must be better than a simpler one: rounding is
/// less.
const BETTER: f64 = 1e-9;

impl Fit {
    /// Fits the costs to points; `None` if the points do not determine any.
    pub(super) fn of(points: &[Point]) -> Option<Self> {
        let mut best: Option<(f64, Self)> = None;
        for chosen in choices() {
            let Some((error, fit)) = fitted(points, &chosen) else {
                continue;
            };
            if best.is_none_or(|(least, _)| error < least - BETTER) {
                best = Some((error, fit));
            }
        }
        Some(best?.1)
    }

    /// Returns the cost of a load.
    pub(super) fn at(&self, load: [f64; QUANTITIES]) -> f64 {
        sum(self.costs, load)
    }
}

/// Returns all choices of quantities, the simplest first.
fn choices() -> Vec<Vec<usize>> {
    let of = |bits: usize| (0..QUANTITIES).filter(move |index| bits >> index & 1 == 1);
    let mut all: Vec<Vec<usize>> = (1..1_usize << QUANTITIES)
        .map(|bits| of(bits).collect())
        .collect();
    all.sort_by_key(Vec::len);
    all
}

/// Fits the chosen quantities, and returns the mean of the squared errors for points that a fit to
/// all others had not seen. `None` if a cost is negative, or if points do not tell them apart.
fn fitted(points: &[Point], chosen: &[usize]) -> Option<(f64, Fit)> {
    let costs = solved(points, chosen)?;
    if costs.iter().any(|cost| *cost < 0.0) {
        return None;
    }
    let (mut squares, mut within) = (0.0, 0.0_f64);
    for (index, (load, cost)) in points.iter().enumerate() {
        let mut others = points.to_vec();
        others.remove(index);
        let error = sum(solved(&others, chosen)?, *load) / cost - 1.0;
        squares += error * error;
        within = within.max(error.abs());
    }
    Some((squares / points.len() as f64, Fit { costs, within }))
}

fn sum(costs: [f64; QUANTITIES], load: [f64; QUANTITIES]) -> f64 {
    costs
        .iter()
        .zip(load)
        .map(|(cost, amount)| cost * amount)
        .sum()
}

/// Solves the normal equations for the chosen quantities, the others costing nothing; `None` if the
/// points do not tell them apart.
#[expect(
    clippy::needless_range_loop,
    reason = "two rows are read at the same column"
)]
fn solved(points: &[Point], chosen: &[usize]) -> Option<[f64; QUANTITIES]> {
    /// The share of a row below which nothing but rounding is left of it.
    const SINGULAR: f64 = 1e-9;
    let size = chosen.len();
    let mut rows = vec![vec![0.0; size + 1]; size];
    for (load, cost) in points {
        for (row, one) in chosen.iter().enumerate() {
            for (column, other) in chosen.iter().enumerate() {
                rows[row][column] += load[*one] * load[*other] / (cost * cost);
            }
            rows[row][size] += load[*one] / cost;
        }
    }
    let scales: Vec<f64> = (0..size).map(|index| rows[index][index]).collect();
    for pivot in 0..size {
        if rows[pivot][pivot] <= scales[pivot] * SINGULAR {
            return None;
        }
        for row in 0..size {
            if row != pivot {
                let factor = rows[row][pivot] / rows[pivot][pivot];
                for column in pivot..=size {
                    rows[row][column] -= factor * rows[pivot][column];
                }
            }
        }
    }
    let mut costs = [0.0; QUANTITIES];
    for (row, index) in chosen.iter().enumerate() {
        costs[*index] = rows[row][size] / rows[row][row];
    }
    Some(costs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOADS: [[f64; QUANTITIES]; 8] = [
        [1.0, 1_000.0, 5.0, 100.0],
        [1.0, 300.0, 5.0, 30.0],
        [1.0, 100.0, 5.0, 10.0],
        [1.0, 900.0, 15.0, 90.0],
        [1.0, 300.0, 1.0, 30.0],
        [1.0, 300.0, 5.0, 120.0],
        [1.0, 100.0, 5.0, 80.0],
        [1.0, 900.0, 40.0, 90.0],
    ];

    fn points(costs: [f64; QUANTITIES], noise: [f64; 8]) -> Vec<Point> {
        let loads = LOADS.into_iter().zip(noise);
        loads
            .map(|(load, noise)| (load, sum(costs, load) * (1.0 + noise)))
            .collect()
    }

    #[test]
    fn what_was_put_in_comes_out() {
        for costs in [
            [0.0, 10e-6, 50e-6, 2e-6],
            [0.0, 10e-6, 0.0, 2e-6],
            [0.0, 10e-6, 0.0, 0.0],
            // Some time passes whatever the load is.
            [1e-3, 10e-6, 50e-6, 2e-6],
        ] {
            let fit = Fit::of(&points(costs, [0.0; 8])).expect("a fit");
            let unseen = [1.0, 500.0, 8.0, 60.0];
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
        let fit = Fit::of(&points([0.0, 10e-6, 50e-6, 2e-6], noise)).expect("a fit");
        assert!(fit.within > 0.03 && fit.within < 0.6, "{fit:?}");
        assert!(fit.costs.iter().all(|cost| *cost >= 0.0), "{fit:?}");
    }

    #[test]
    fn a_choice_comes_after_all_that_are_simpler() {
        let all = choices();
        assert_eq!(all.len(), 15);
        assert_eq!(all[0].len(), 1);
        assert!(all.is_sorted_by_key(Vec::len));
        assert_eq!(all[14], [0, 1, 2, 3]);
    }

    #[test]
    fn too_few_points_determine_nothing() {
        assert_eq!(
            Fit::of(&points([0.0, 1e-6, 1e-6, 1e-6], [0.0; 8])[..1]),
            None
        );
        assert_eq!(Fit::of(&[]), None);
    }
}
