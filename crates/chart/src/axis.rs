//! Scales, which turn values into places, and the positions of their ticks.
//!
//! The axes of plotters choose ticks by themselves; these figures need ticks at chosen percentiles
//! and labels with units, so they place their own.

/// A scale between two values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// A scale on which equal steps add the same amount.
    Linear {
        /// The value at the low end.
        low: f64,
        /// The value at the high end.
        high: f64,
    },
    /// A scale on which equal steps multiply by the same factor.
    Log {
        /// The value at the low end, above zero.
        low: f64,
        /// The value at the high end.
        high: f64,
    },
}

impl Scale {
    /// Creates a linear scale from zero to a round number that is at least the value.
    #[must_use]
    pub fn from_zero(most: f64) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        let step = round_step(most, 5.0);
        Self::Linear {
            low: 0.0,
            high: (most / step).ceil() * step,
        }
    }

    /// Creates a logarithmic scale whose ends are 1, 2 or 5 times a power of ten.
    #[must_use]
    pub fn log_around(least: f64, most: f64) -> Self {
        let low = log_steps(least * 0.999).0;
        let high = log_steps(most * 1.001).1;
        Self::Log { low, high }
    }

    /// Returns the position of a value: 0 at the low end, 1 at the high end. A value beyond an end
    /// is placed at that end.
    #[must_use]
    pub fn share(self, value: f64) -> f64 {
        let share = match self {
            Self::Linear { low, high } => (value - low) / (high - low),
            Self::Log { low, high } => (value.max(low) / low).ln() / (high / low).ln(),
        };
        share.clamp(0.0, 1.0)
    }

    /// Returns the values that are labelled.
    #[must_use]
    pub fn ticks(self) -> Vec<f64> {
        match self {
            Self::Linear { low, high } => {
                let step = round_step(high - low, 5.0);
                let count = ((high - low) / step).round() as u32;
                (0..=count).map(|at| low + f64::from(at) * step).collect()
            }
            Self::Log { low, high } => {
                let decades = (high / low).log10();
                let factors: &[f64] = if decades < 2.2 {
                    &[1.0, 2.0, 5.0]
                } else {
                    &[1.0]
                };
                powers(low, high, factors)
            }
        }
    }

    /// Returns the values that are labelled where there is little room: powers of ten, or both ends.
    #[must_use]
    pub fn few_ticks(self) -> Vec<f64> {
        match self {
            Self::Linear { low, high } => vec![low, high],
            Self::Log { low, high } => {
                let decades = powers(low, high, &[1.0]);
                if decades.len() > 1 {
                    decades
                } else {
                    vec![low, high]
                }
            }
        }
    }

    /// Returns the values that have a faint line and no label.
    #[must_use]
    pub fn minor_ticks(self) -> Vec<f64> {
        match self {
            Self::Linear { .. } => Vec::new(),
            Self::Log { low, high } => powers(low, high, &[2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]),
        }
    }
}

/// Returns a step of 1, 2 or 5 times a power of ten that divides a span into about `parts`.
fn round_step(span: f64, parts: f64) -> f64 {
    let rough = span / parts;
    let power = 10f64.powf(rough.log10().floor());
    let factor = match rough / power {
        r if r <= 1.0 => 1.0,
        r if r <= 2.0 => 2.0,
        r if r <= 5.0 => 5.0,
        _ => 10.0,
    };
    factor * power
}

/// Returns the nearest 1, 2 or 5 times a power of ten below and above the value.
fn log_steps(value: f64) -> (f64, f64) {
    let power = 10f64.powf(value.log10().floor());
    let mut below = power;
    for factor in [1.0, 2.0, 5.0, 10.0] {
        if factor * power >= value {
            return (below, factor * power);
        }
        below = factor * power;
    }
    (below, 10.0 * power)
}

fn powers(low: f64, high: f64, factors: &[f64]) -> Vec<f64> {
    let from = low.log10().floor() as i32;
    let to = high.log10().ceil() as i32;
    let within = low * 0.999..=high * 1.001;
    (from..=to)
        .flat_map(|power| factors.iter().map(move |factor| factor * 10f64.powi(power)))
        .filter(|value| within.contains(value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(values: &[f64], expected: &[f64]) {
        assert_eq!(values.len(), expected.len(), "{values:?}");
        for (value, expected) in values.iter().zip(expected) {
            assert!((value - expected).abs() <= expected * 1e-9, "{values:?}");
        }
    }

    #[test]
    fn linear_scales_end_round() {
        let scale = Scale::from_zero(37.0);
        near(&scale.ticks(), &[0.0, 10.0, 20.0, 30.0, 40.0]);
        assert!((scale.share(20.0) - 0.5).abs() < 1e-9);
        assert!((scale.share(400.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn log_scales_end_at_one_two_or_five() {
        let scale = Scale::log_around(130.0, 1_300_000.0);
        assert_eq!(
            scale,
            Scale::Log {
                low: 100.0,
                high: 2_000_000.0
            }
        );
        near(&scale.ticks(), &[100.0, 1e3, 1e4, 1e5, 1e6]);
        let short = Scale::log_around(30.0, 90.0);
        near(&short.ticks(), &[20.0, 50.0, 100.0]);
        near(&short.few_ticks(), &[20.0, 100.0]);
        let long = Scale::log_around(3.0, 90.0);
        near(&long.few_ticks(), &[10.0, 100.0]);
        near(&Scale::from_zero(37.0).few_ticks(), &[0.0, 40.0]);
    }
}
