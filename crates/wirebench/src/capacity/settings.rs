//! The settings of a search, from the command line and the scenario's
//! `[capacity]`, resolved before anything starts.

use analysis::capacity::Condition;
use anyhow::{Context, bail, ensure};
use scenario::{Capacity, Doubts, Grow, Study};
use swarm::plan::Pacing;

use super::search::{Growth, Load, Strategy};
use crate::{
    args,
    request::{Request, SearchSettings},
    scenarios,
};

/// The default resolution, in percent. It is about as fine as the noise between repeats allows.
const RESOLUTION: f64 = 5.0;
/// The largest rate if none is given, as a multiple of the first rate.
const MOST_RATES: f64 = 1_000.0;
/// The number of grains in a rate of one draft a second: `runs.csv` has as many digits.
const RATE_GRAINS: f64 = 1_000.0;
/// The reason for the end of a search, if the largest load was requested.
const AS_ASKED: &str = "as asked for by most";

impl SearchSettings {
    /// Puts the options over what the scenario says, and that over the defaults.
    pub(super) fn read(
        options: &args::Capacity,
        request: &Request,
        descriptors: u64,
    ) -> anyhow::Result<Self> {
        let study = scenarios::load(request.file(), &request.overrides)?;
        let own = study.cells[0].scenario.capacity.clone().unwrap_or_default();
        let Some(until) = options.until.clone().or_else(|| own.until.clone()) else {
            bail!("when is a load too much? Write --until 'p95 > 500ms', for one");
        };
        Condition::parse(&until).context("--until")?;
        let grow = options.grow.map_or(own.grow, Grow::from);
        let from = options
            .from
            .or(own.from)
            .unwrap_or_else(|| first(&study, grow));
        let step = options
            .step
            .or(own.step.filter(|_| options.resolution.is_none()));
        let mut settings = Self {
            until,
            grow,
            from,
            most: 0.0,
            most_because: String::new(),
            step,
            resolution: options.resolution.or(own.resolution).unwrap_or(RESOLUTION),
            repeats: options.repeats.unwrap_or(study.repeats),
            doubts: if options.note_doubts {
                Doubts::Note
            } else {
                own.doubts
            },
        };
        settings.check(&study)?;
        settings.most(options, &own, request, descriptors)?;
        Ok(settings)
    }

    fn check(&self, study: &Study) -> anyhow::Result<()> {
        for (name, value) in [
            ("--from", Some(self.from)),
            ("--step", self.step),
            ("--resolution", Some(self.resolution)),
        ] {
            let fine = value.is_none_or(|value| value.is_finite() && value > 0.0);
            ensure!(fine, "{name} must be a number above 0");
            let whole = name == "--resolution" || self.grow == Grow::Rate;
            let fine = whole || value.is_none_or(|value| value.fract() == 0.0);
            ensure!(fine, "{name}: clients are counted in whole numbers");
        }
        let foreign = study
            .cells
            .iter()
            .any(|cell| cell.scenario.target.is_some());
        ensure!(
            !foreign,
            "a search starts a fresh server for each run, and [target] is somebody else's; \
             leave it out, or sweep with `wirebench run`"
        );
        ensure!(
            self.resolution <= 100.0,
            "--resolution: doubling alone comes as near as 100 percent; 5 is the default"
        );
        ensure!(
            study.sittings <= 1,
            "a search decides from all runs of a load at once, so they cannot be spread over \
             sittings = {}; add --set sittings=1",
            study.sittings
        );
        ensure!(self.repeats > 0, "--repeats: 0 runs decide nothing");
        let paced = study
            .cells
            .iter()
            .any(|cell| matches!(cell.scenario.traffic.pacing, Pacing::InFlight { .. }));
        ensure!(
            !(paced && self.grow == Grow::Rate),
            "with drafts in flight there is no rate to grow; --grow clients would work"
        );
        Ok(())
    }

    /// Sets the largest load of the search, and the reason for that limit.
    fn most(
        &mut self,
        options: &args::Capacity,
        own: &Capacity,
        request: &Request,
        descriptors: u64,
    ) -> anyhow::Result<()> {
        // The first load must fit; the error says what would.
        self.study(request, self.load(self.from))?
            .check(descriptors)?;
        let asked = options.most.or(own.most);
        let (most, because) = match (self.grow, asked) {
            (Grow::Rate, None) => (
                self.from * MOST_RATES,
                "1,000 times the first rate; --most sets another".to_owned(),
            ),
            (Grow::Rate, Some(most)) => (most, AS_ASKED.to_owned()),
            (Grow::Clients, _) => {
                if let Some(most) = options.most {
                    // A limit from the command line that cannot be reached is refused at once.
                    let grain = self.grain(request)?;
                    let most = (self.load(most) / grain).max(1) * grain;
                    self.study(request, most)?.check(descriptors)?;
                }
                self.most_clients(asked, request, descriptors)?
            }
        };
        ensure!(
            most >= self.from,
            "--most {most} is less than the first load, {}",
            self.from
        );
        (self.most, self.most_because) = (most, because);
        Ok(())
    }

    /// Returns the largest number of clients, limited by the request and by the number of open
    /// files, and the reason for the limit.
    fn most_clients(
        &self,
        asked: Option<f64>,
        request: &Request,
        descriptors: u64,
    ) -> anyhow::Result<(f64, String)> {
        let grain = self.grain(request)?;
        let wanted = asked.map_or(descriptors, |most| self.load(most)) / grain;
        let found = largest(self.load(self.from) / grain, wanted, |grains| {
            let study = self.study(request, grains * grain)?;
            Ok(study.check(descriptors).is_ok())
        })?;
        let because = if asked.is_some() && found == wanted {
            AS_ASKED.to_owned()
        } else {
            format!("{descriptors} open files allow no more (ulimit -Hn)")
        };
        Ok(((found * grain) as f64, because))
    }

    /// Returns the scenario at one load.
    pub(super) fn study(&self, request: &Request, load: Load) -> anyhow::Result<Study> {
        // A list of one value is a sweep of one cell, which names itself.
        let grown = format!("{}=[{}]", self.grow.key(), self.value(load));
        let repeats = format!("repeats={}", self.repeats);
        let overrides: Vec<String> = request
            .overrides
            .iter()
            .cloned()
            .chain([grown, repeats, "sittings=1".to_owned()])
            .collect();
        Ok(Study::load(request.file(), &overrides)?)
    }

    /// Returns the way through the loads.
    pub(super) fn strategy(&self, request: &Request) -> anyhow::Result<Strategy> {
        Ok(Strategy {
            first: self.load(self.from),
            most: self.load(self.most),
            grain: self.grain(request)?,
            growth: match self.step {
                Some(step) => Growth::Steps(self.load(step)),
                None => Growth::Doubling(self.resolution / 100.0),
            },
        })
    }

    /// Returns the number of which every load must be a multiple. If clients grow by whole rooms,
    /// it is the number of people in a room, or in one room of each size. Because a study keeps
    /// only the number of rooms, the function doubles the load to see whether the number of rooms
    /// grows with it.
    fn grain(&self, request: &Request) -> anyhow::Result<Load> {
        if self.grow == Grow::Rate {
            return Ok(1);
        }
        let first = self.load(self.from);
        let sizes = self.study(request, first)?.cells[0]
            .scenario
            .swarm
            .room_sizes
            .clone();
        if let Some(sizes) = sizes {
            return Ok(sizes.iter().sum::<usize>() as Load);
        }
        let rooms = |load| -> anyhow::Result<Load> {
            let study = self.study(request, load)?;
            Ok(study.cells[0].scenario.swarm.room_count() as Load)
        };
        let (one, two) = (rooms(first)?, rooms(first * 2)?);
        Ok(if two > one { first / one } else { 1 })
    }

    /// Returns a value of the grown key as a load.
    pub(super) fn load(&self, value: f64) -> Load {
        match self.grow {
            Grow::Clients => value as Load,
            Grow::Rate => (value * RATE_GRAINS).round() as Load,
        }
    }

    /// Returns a load as a value of the grown key.
    pub(super) fn value(&self, load: Load) -> f64 {
        match self.grow {
            Grow::Clients => load as f64,
            Grow::Rate => load as f64 / RATE_GRAINS,
        }
    }
}

/// Returns the scenario's own value of what grows, the smallest of a sweep.
fn first(study: &Study, grow: Grow) -> f64 {
    let values = study.cells.iter().map(|cell| match grow {
        Grow::Clients => cell.scenario.swarm.clients as f64,
        Grow::Rate => cell.scenario.traffic.rate,
    });
    values.fold(f64::MAX, f64::min)
}

/// Finds the largest number from `low`, which fits, to `high` that fits.
fn largest(
    mut low: Load,
    mut high: Load,
    fits: impl Fn(Load) -> anyhow::Result<bool>,
) -> anyhow::Result<Load> {
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if fits(middle)? {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(low.min(high))
}
