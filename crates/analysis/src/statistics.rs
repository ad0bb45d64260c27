//! Statistics over several repeats of one run: median, minimum and maximum.
//!
//! The unit is the run. Percentiles are never averaged; the median of a column over the repeats is
//! the value of some run, or the mean of the values of two of them.

/// The median, the minimum and the maximum of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The middle value, or the mean of the two middle ones.
    pub median: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
}

impl Spread {
    /// Returns the spread of a sample, or `None` if it is empty. Values that are not numbers are
    /// left out.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values
            .into_iter()
            .filter(|value| value.is_finite())
            .collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Some(Self { median, min, max })
    }

    /// Returns whether all values are the same.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.min.total_cmp(&self.max).is_eq()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_numbers() {
        let odd = Spread::of([5.0, 1.0, 3.0]);
        assert_eq!(
            odd,
            Some(Spread {
                median: 3.0,
                min: 1.0,
                max: 5.0
            })
        );
        let even = Spread::of([4.0, 1.0, 3.0, 10.0]);
        assert_eq!(
            even,
            Some(Spread {
                median: 3.5,
                min: 1.0,
                max: 10.0
            })
        );
        let one = Spread::of([7.0]);
        assert_eq!(
            one,
            Some(Spread {
                median: 7.0,
                min: 7.0,
                max: 7.0
            })
        );
        assert!(one.is_some_and(|spread| spread.is_flat()));
    }

    #[test]
    fn nothing_and_no_number() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([f64::NAN]), None);
        assert_eq!(
            Spread::of([f64::NAN, 2.0]).map(|spread| spread.median),
            Some(2.0)
        );
    }
}
