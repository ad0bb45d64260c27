//! A sum of costs, none of them negative, fitted to runs by least squares of the relative errors.
//! Which quantities cost anything is chosen by the errors for runs that a fit has not seen, so that
//! a cost that only follows the noise of a few runs is left out.

/// The number of quantities of which any choice may be taken.
const FREE: usize = 4;
/// The number of quantities after those of which one may be taken: forms of the same amount.
const FORMS: usize = 3;
/// The number of quantities.
pub(super) const QUANTITIES: usize = FREE + FORMS;

/// A load of some quantities, and its cost.
pub(super) type Point = ([f64; QUANTITIES], f64);

/// The costs of one unit of each quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    costs: [f64; QUANTITIES],
    /// The share of the fitted cost within which a further run lies, ninety-five times in a hundred.
    pub(super) within: f64,
}

/// The part of the squared errors that a choice must leave of those of a simpler one. With a few runs
/// an additional cost makes them a little smaller by chance.
const WORTH: f64 = 0.9;
/// The mean of the squared errors by which it must be better beside that: rounding is less.
const BETTER: f64 = 1e-9;
/// The number of times that costs are fitted again, with errors relative to what was fitted before.
const ROUNDS: usize = 3;

impl Fit {
    /// Fits the costs to points; `None` if the points do not determine any.
    pub(super) fn of(points: &[Point]) -> Option<Self> {
        let mut best: Option<(f64, Self)> = None;
        for chosen in choices() {
            let Some((error, fit)) = fitted(points, &chosen) else {
                continue;
            };
            if best.is_none_or(|(least, _)| error < least * WORTH - BETTER) {
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
        .filter(|bits| (bits >> FREE).count_ones() <= 1)
        .map(|bits| of(bits).collect())
        .collect();
    all.sort_by_key(Vec::len);
    all
}

/// Fits the chosen quantities, and returns the mean of the squared errors for points that a fit to
/// all others had not seen. `None` if a cost is negative, or if points do not tell them apart.
fn fitted(points: &[Point], chosen: &[usize]) -> Option<(f64, Fit)> {
    let freedom = points.len().checked_sub(chosen.len())?;
    let costs = solved(points, chosen)?;
    if freedom == 0 || costs.iter().any(|cost| *cost < 0.0) {
        return None;
    }
    let mut errors = Vec::with_capacity(points.len());
    for (index, (load, cost)) in points.iter().enumerate() {
        let mut others = points.to_vec();
        others.remove(index);
        let expected = sum(solved(&others, chosen)?, *load);
        if expected <= 0.0 {
            return None;
        }
        errors.push(cost / expected - 1.0);
    }
    let squares: f64 = errors.iter().map(|error| error * error).sum();
    let mean = squares / errors.len() as f64;
    let largest = errors.iter().fold(0.0, |most: f64, error| most.max(error.abs()));
    let within = largest.max(student(freedom) * mean.sqrt());
    Some((mean, Fit { costs, within }))
}

/// Returns the quantile of Student's distribution that leaves a fortieth on either side.
fn student(freedom: usize) -> f64 {
    const QUANTILES: [f64; 10] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    ];
    QUANTILES[(freedom.max(1) - 1).min(QUANTILES.len() - 1)]
}

/// Fits the chosen quantities to points, the others costing nothing, by least squares of the errors as
/// shares of what is fitted. Were they shares of what was measured, runs that came out low by chance
/// would weigh more than those that came out high, and the costs would be too low. `None` if the points
/// do not tell them apart.
fn solved(points: &[Point], chosen: &[usize]) -> Option<[f64; QUANTITIES]> {
    let measured: Vec<f64> = points.iter().map(|(_, cost)| *cost).collect();
    let mut costs = weighed(points, &measured, chosen)?;
    for _ in 0..ROUNDS {
        let fitted: Vec<f64> = points.iter().map(|(load, _)| sum(costs, *load)).collect();
        if fitted.iter().any(|cost| *cost <= 0.0) {
            return None;
        }
        costs = weighed(points, &fitted, chosen)?;
    }
    Some(costs)
}

fn sum(costs: [f64; QUANTITIES], load: [f64; QUANTITIES]) -> f64 {
    costs
        .iter()
        .zip(load)
        .map(|(cost, amount)| cost * amount)
        .sum()
}

/// Solves the normal equations for the chosen quantities, the error of each point being a share of its
/// size; `None` if the points do not tell them apart.
#[expect(
    clippy::needless_range_loop,
    reason = "two rows are read at the same column"
)]
fn weighed(points: &[Point], sizes: &[f64], chosen: &[usize]) -> Option<[f64; QUANTITIES]> {
    /// The share of a row below which nothing but rounding is left of it.
    const SINGULAR: f64 = 1e-9;
    let size = chosen.len();
    let mut rows = vec![vec![0.0; size + 1]; size];
    for ((load, cost), of) in points.iter().zip(sizes) {
        for (row, one) in chosen.iter().enumerate() {
            for (column, other) in chosen.iter().enumerate() {
                rows[row][column] += load[*one] * load[*other] / (of * of);
            }
            rows[row][size] += load[*one] * cost / (of * of);
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
mod tests;
