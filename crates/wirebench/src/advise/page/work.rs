//! The processor time and memory of a way, as data: what a calibration says under each version of TLS
//! and at each stop of the header bytes, or why it says nothing.

use scenario::Tls;
use serde::Serialize;

use crate::advise::{
    calibration::{Basis, Calibration, both},
    figures::Figures,
    workload::Workload,
};

/// The versions of TLS that somebody may choose.
pub(super) const VERSIONS: [Tls; 3] = [Tls::Off, Tls::V1_2, Tls::V1_3];

/// The calibration of this machine; where one is there that cannot be read, the reason.
#[derive(Debug)]
pub(in crate::advise) struct Measured(Result<Option<Calibration>, String>);

/// The knowledge of a way's work.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Known {
    /// The basis on which it is reckoned.
    Basis(Basis),
    /// The reason why there is none, in English and in Chinese.
    Reason {
        /// The words.
        why: [String; 2],
    },
}

impl Measured {
    /// Takes what was read, or the reason why it could not be.
    pub(in crate::advise) fn of(read: anyhow::Result<Option<Calibration>>) -> Self {
        Self(read.map_err(|error| format!("{error:#}")))
    }

    /// Returns what is known of a way over one version of HTTP: for each version of TLS, at each stop of
    /// the header bytes, or once if that is the same at all stops.
    pub(super) fn known(
        &self,
        [plain, sealed]: [&Figures; 2],
        workload: &Workload,
        headers: &[f64],
    ) -> Vec<Vec<Known>> {
        let of = |tls: Tls| {
            let one = if tls == Tls::Off { plain } else { sealed };
            let workload = Workload {
                tls,
                ..workload.clone()
            };
            let at = |bytes: &f64| self.at(one, &workload, *bytes);
            let mut all: Vec<Known> = headers.iter().map(at).collect();
            if all.windows(2).all(|pair| pair[0] == pair[1]) {
                all.truncate(1);
            }
            all
        };
        VERSIONS.into_iter().map(of).collect()
    }

    fn at(&self, one: &Figures, workload: &Workload, headers: f64) -> Known {
        let lines = if one.choice.way.polls() {
            one.line_bytes as f64 + headers
        } else {
            0.0
        };
        let basis = match &self.0 {
            Ok(calibration) => Basis::of(calibration.as_ref(), lines, one, workload),
            Err(why) => Err(why.clone()),
        };
        match basis {
            Ok(basis) => Known::Basis(basis),
            Err(why) => Known::Reason { why: both(&why) },
        }
    }
}
