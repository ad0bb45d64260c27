//! How far a measured number may be from its prediction.

/// What may be measured where a number was predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// As a share of the prediction.
    pub share: f64,
    /// In the quantity's unit, where that is more.
    pub amount: f64,
    /// The prediction is a bound: less is always right.
    pub at_most: bool,
}

impl Tolerance {
    /// Counted bytes: what rounding of a mean over digits leaves.
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

    /// Whether what was measured agrees with what was predicted.
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
