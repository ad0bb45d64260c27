//! Tests of the rule with simulated noise whose true effect is known; the seed is fixed.

use super::{Family, Sample, interval, test};

/// The generator `SplitMix64` (Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((word ^ (word >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Returns a normally distributed number (Box and Muller, 1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// The noise, 10 %. The figures of one transport share a part of its variance, because they come
/// from the same runs.
const NOISE: f64 = 0.1;
/// The number of figures of one transport that come from the same runs.
const OF_A_RUN: usize = 6;

/// Returns the figures of the runs of one side.
fn side(dice: &mut Dice, figures: usize, runs: usize, shared: f64) -> Vec<Vec<f64>> {
    let mut common = vec![0.0; runs];
    (0..figures)
        .map(|figure| {
            if figure.is_multiple_of(OF_A_RUN) {
                common.fill_with(|| dice.normal());
            }
            let value = |common: &f64| {
                let own = dice.normal();
                (NOISE * (shared.sqrt() * common + (1.0 - shared).sqrt() * own)).exp()
            };
            common.iter().map(value).collect()
        })
        .collect()
}

/// Returns, for each figure, whether a gate reports a difference; `slower` multiplies the first
/// figures.
fn told(dice: &mut Dice, figures: usize, runs: usize, shared: f64, slower: &[f64]) -> Vec<bool> {
    let before = side(dice, figures, runs, shared);
    let mut after = side(dice, figures, runs, shared);
    for (figure, factor) in after.iter_mut().zip(slower) {
        for value in figure {
            *value *= factor;
        }
    }
    let chances: Vec<_> = after
        .iter()
        .zip(&before)
        .map(|(after, before)| test(&Sample::once(after), &Sample::once(before)))
        .collect();
    let family = Family::of(chances.iter().map(|chance| (chance.p, chance.least)));
    chances
        .iter()
        .map(|chance| chance.p <= family.limit)
        .collect()
}

/// Checks that a gate as a whole raises a false alarm in at most 5 of 100 comparisons of equal
/// sides. With 1,000 trials at 5 %, more than 67 alarms occur with a probability of 1/150.
#[test]
fn a_gate_over_many_figures_is_right_as_a_whole() {
    let mut dice = Dice(1);
    for (figures, trials) in [(18, 1_000), (200, 200)] {
        for runs in [3, 5, 7] {
            for shared in [0.0, 0.8] {
                let alarms = (0..trials)
                    .filter(|_| told(&mut dice, figures, runs, shared, &[]).contains(&true))
                    .count();
                let share = f64::from(u32::try_from(alarms).expect("few")) / f64::from(trials);
                assert!(share <= 0.067, "{figures} {runs} {shared}: {share}");
            }
        }
    }
}

/// Checks that, with seven repeats, one figure of 18 that is 30 % slower is found in most cases,
/// and nearly always if it is not alone. With five it cannot be found alone, and seldom with two
/// others.
#[test]
fn what_is_thirty_percent_slower_is_found() {
    let mut dice = Dice(2);
    let mut power = |runs: usize, slower: &[f64]| {
        let found = (0..400).filter(|_| told(&mut dice, 18, runs, 0.5, slower)[0]);
        found.count() as f64 / 400.0
    };
    let one = power(7, &[1.3]);
    let three_of_seven = power(7, &[1.3; 3]);
    let three_of_five = power(5, &[1.3; 3]);
    let half_as_slow_again = power(7, &[1.5]);
    let all = [one, three_of_seven, three_of_five, half_as_slow_again];
    assert!(one > 0.65 && three_of_seven > 0.8, "{all:?}");
    assert!(three_of_five > 0.1 && half_as_slow_again > 0.97, "{all:?}");
}

/// Checks that a 95 % interval contains the true ratio in at least that share of cases, from four
/// runs on.
#[test]
fn intervals_cover_what_they_claim() {
    let mut dice = Dice(3);
    for runs in 3..=10 {
        let mut held = 0;
        for _ in 0..1_000 {
            let pair = side(&mut dice, 2, runs, 0.0);
            let subject: Vec<f64> = pair[0].iter().map(|value| value * 1.7).collect();
            let found = interval(&Sample::once(&subject), &Sample::once(&pair[1]));
            assert_eq!(found.is_some(), runs >= 4, "{runs}");
            held += usize::from(found.is_none_or(|interval| interval.holds(1.7)));
        }
        assert!(held >= 933, "{runs}: {held}");
    }
}

/// Checks that amounts which sittings add to both sides alike cause no false alarm. If labels were
/// assigned over all sittings, they would hide a real difference.
#[test]
fn sittings_that_differ_raise_no_alarm_and_hide_nothing() {
    let mut dice = Dice(4);
    let shares = [1.0, 1.3].map(|factor| {
        let found = (0..600).filter(|_| {
            let levels = [dice.normal(), dice.normal()].map(|level| (0.5 * level).exp());
            let mut runs = |factor: f64| {
                let run = |at: u32| (at % 2, levels[at as usize % 2] * factor);
                let runs: Vec<(u32, f64)> = (0..8).map(run).collect();
                let noisy = runs
                    .into_iter()
                    .map(|(sitting, value)| (sitting, value * (NOISE * dice.normal()).exp()));
                Sample::of(noisy)
            };
            test(&runs(factor), &runs(1.0)).p <= super::ALPHA
        });
        found.count() as f64 / 600.0
    });
    assert!(shares[0] <= 0.075 && shares[1] > 0.8, "{shares:?}");
}
