//! A sum of costs, none of them negative, fitted to runs by least squares of the relative errors.
//! Which quantities cost anything is not known before. Each choice of them is fitted by itself and
//! tried on runs that it had not seen, and the costs are the mean over all choices, weighed by how
//! likely these errors make them. The single best choice would follow the noise of a few runs: with
//! a tenth of noise another one is the best each time.

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

/// The costs that follow from one choice of quantities.
#[derive(Debug)]
struct Candidate {
    costs: [f64; QUANTITIES],
    /// The number of quantities chosen.
    chosen: usize,
    /// The cost of each point, as a fit to all other points predicts it.
    unseen: Vec<f64>,
    /// The mean of the squares of the relative errors of these.
    error: f64,
}

/// The squared error that is nothing but rounding.
const NOTHING: f64 = 1e-18;
/// The number of times that costs are fitted again, with errors relative to what was fitted before.
const ROUNDS: usize = 3;

impl Fit {
    /// Fits the costs to points; `None` if the points do not determine any.
    pub(super) fn of(points: &[Point]) -> Option<Self> {
        let choices = choices().into_iter();
        let all: Vec<Candidate> = choices
            .filter_map(|chosen| Candidate::of(points, &chosen))
            .collect();
        let least = all.iter().map(|one| one.error).min_by(f64::total_cmp)?;
        // The likelihood of a choice whose errors are normal with an unknown variance falls with
        // this power of their mean square.
        let power = points.len() as f64 / 2.0;
        let likely = |one: &Candidate| ((least + NOTHING) / (one.error + NOTHING)).powf(power);
        let weights: Vec<f64> = all.iter().map(likely).collect();
        let whole: f64 = weights.iter().sum();
        let mean = |of: &dyn Fn(&Candidate) -> f64| {
            let weighed = all.iter().zip(&weights);
            weighed.map(|(one, weight)| of(one) * weight).sum::<f64>() / whole
        };
        let unseen: Vec<f64> = (0..points.len())
            .map(|index| mean(&|one| one.unseen[index]))
            .collect();
        let chosen = mean(&|one| one.chosen as f64);
        Some(Self {
            costs: std::array::from_fn(|index| mean(&|one| one.costs[index])),
            within: interval(points, &unseen, points.len() as f64 - chosen),
        })
    }

    /// Returns the cost of one unit of each quantity.
    pub(super) const fn costs(&self) -> [f64; QUANTITIES] {
        self.costs
    }

    /// Returns the cost of a load.
    pub(super) fn at(&self, load: [f64; QUANTITIES]) -> f64 {
        sum(self.costs, load)
    }
}

/// Returns all choices of quantities.
fn choices() -> Vec<Vec<usize>> {
    let of = |bits: usize| (0..QUANTITIES).filter(move |index| bits >> index & 1 == 1);
    (1..1_usize << QUANTITIES)
        .filter(|bits| (bits >> FREE).count_ones() <= 1)
        .map(|bits| of(bits).collect())
        .collect()
}

impl Candidate {
    /// Fits the chosen quantities. `None` if a cost is negative, or if points do not tell them apart.
    fn of(points: &[Point], chosen: &[usize]) -> Option<Self> {
        if points.len() <= chosen.len() {
            return None;
        }
        let costs = solved(points, chosen)?;
        if costs.iter().any(|cost| *cost < 0.0) {
            return None;
        }
        let mut unseen = Vec::with_capacity(points.len());
        for (index, (load, _)) in points.iter().enumerate() {
            let mut others = points.to_vec();
            others.remove(index);
            let cost = sum(solved(&others, chosen)?, *load);
            if cost <= 0.0 {
                return None;
            }
            unseen.push(cost);
        }
        let squares: f64 = errors(points, &unseen).map(|error| error * error).sum();
        Some(Self {
            costs,
            chosen: chosen.len(),
            error: squares / points.len() as f64,
            unseen,
        })
    }
}

/// Returns the errors of expected costs, as shares of them.
fn errors(points: &[Point], expected: &[f64]) -> impl Iterator<Item = f64> {
    let pairs = points.iter().zip(expected);
    pairs.map(|((_, cost), expected)| cost / expected - 1.0)
}

/// Returns the share of its cost within which a further run lies, by the errors for runs that a fit had
/// not seen: that of Student's distribution, and no less than the largest of them.
fn interval(points: &[Point], unseen: &[f64], freedom: f64) -> f64 {
    let squares: f64 = errors(points, unseen).map(|error| error * error).sum();
    let spread = (squares / points.len() as f64).sqrt();
    let largest = errors(points, unseen).map(f64::abs).fold(0.0, f64::max);
    largest.max(student(freedom as usize) * spread)
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
