//! The permitted deviation of a measured number from its prediction.

/// The range of measured values that agree with a prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// The deviation as a share of the prediction.
    pub share: f64,
    /// The deviation in the quantity's unit, which applies if it is larger.
    pub amount: f64,
    /// True if the prediction is an upper bound, so that a smaller value always agrees.
    pub at_most: bool,
}

impl Tolerance {
    /// The tolerance of counted bytes, which covers the rounding of a mean over digits.
    pub(super) const BYTES: Self = Self::amount(0.5);

    pub(super) const fn share(share: f64) -> Self {
        Self {
            share,
            amount: 0.0,
            at_most: false,
        }
    }

    pub(super) const fn amount(amount: f64) -> Self {
        Self {
            share: 0.0,
            amount,
            at_most: false,
        }
    }

    pub(super) const fn at_most(self) -> Self {
        Self {
            at_most: true,
            ..self
        }
    }

    /// Returns whether a measured value agrees with the predicted one.
    #[must_use]
    pub fn holds(&self, predicted: f64, measured: f64) -> bool {
        let difference = measured - predicted;
        let allowed = (predicted.abs() * self.share).max(self.amount);
        difference <= allowed && (self.at_most || difference >= -allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::Tolerance;

    #[test]
    fn shares_amounts_and_bounds() {
        let tenth = Tolerance::share(0.1);
        assert!(tenth.holds(50.0, 54.9) && tenth.holds(50.0, 45.1));
        assert!(!tenth.holds(50.0, 55.1) && !tenth.holds(50.0, 44.9));
        assert!(Tolerance::BYTES.holds(6.0, 6.5) && !Tolerance::BYTES.holds(6.0, 6.6));
        let bound = tenth.at_most();
        assert!(bound.holds(150.0, 20.0) && !bound.holds(150.0, 166.0));
        assert!(!tenth.holds(50.0, f64::NAN));
    }
}
