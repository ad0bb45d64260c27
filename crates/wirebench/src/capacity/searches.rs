//! All searches of a command: one for each transport and each combination of the
//! values that are swept beside the one that grows.

use std::collections::BTreeMap;

use analysis::{
    Spread,
    capacity::{self, CapacityRow, Condition, StoppedBy},
};
use anyhow::Context;
use results::Rows;
use scenario::Study;
use swarm::plan::{Plan, RunId};

use super::{
    judge::{self, Trial},
    search::{Knee, Load, Next, Strategy, Verdict},
};
use crate::{
    only::Only,
    request::{Request, SearchSettings},
    resume,
};

/// The searches and what they found so far.
#[derive(Debug)]
pub(super) struct Searches {
    request: Request,
    settings: SearchSettings,
    condition: Condition,
    strategy: Strategy,
    /// The plans of each load that was looked at.
    loads: BTreeMap<Load, Vec<Plan>>,
    /// The scenario with a cell for each of those loads.
    pub(super) study: Study,
    list: Vec<Search>,
}

#[derive(Debug)]
struct Search {
    transport: String,
    variant: String,
    /// The values of the other swept keys; `-` if there are none.
    cell: String,
    trials: BTreeMap<Load, Vec<Trial>>,
}

impl Searches {
    /// Creates the searches, without any results yet.
    pub(super) fn begin(request: Request, settings: SearchSettings) -> anyhow::Result<Self> {
        let strategy = settings.strategy(&request)?;
        let study = settings.study(&request, strategy.first)?;
        let mut searches = Self {
            condition: Condition::parse(&settings.until).context("--until")?,
            strategy,
            loads: BTreeMap::new(),
            study,
            list: Vec::new(),
            request,
            settings,
        };
        let grown = searches.grown();
        let first = searches.plans_of(strategy.first)?.to_vec();
        for plan in first.iter().filter(|plan| plan.repeat == 1) {
            let RunId {
                transport, variant, ..
            } = plan.id();
            searches.list.push(Search {
                transport,
                variant,
                cell: capacity::others(&plan.cell, grown),
                trials: BTreeMap::new(),
            });
        }
        Ok(searches)
    }

    /// Returns a plan of the first load for every transport with its parameters.
    pub(super) fn first_plans(&self) -> &[Plan] {
        &self.loads[&self.strategy.first]
    }

    /// Returns the number of searches.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns the run that search `at` wants next; `None` when it is at its end.
    pub(super) fn wants(&mut self, at: usize) -> anyhow::Result<Option<Plan>> {
        let search = &self.list[at];
        let Next::Try(load) = self.strategy.next(&search.verdicts(self.settings.repeats)) else {
            return Ok(None);
        };
        let repeat = search.trials.get(&load).map_or(0, Vec::len) + 1;
        self.plan(at, load, repeat).map(Some)
    }

    fn plan(&mut self, at: usize, load: Load, repeat: usize) -> anyhow::Result<Plan> {
        let grown = self.grown();
        self.plans_of(load)?;
        let search = &self.list[at];
        let found = self.loads[&load].iter().find(|plan| {
            let id = plan.id();
            id.transport == search.transport
                && id.variant == search.variant
                && id.repeat == repeat
                && capacity::others(&id.cell, grown) == search.cell
        });
        found.cloned().with_context(|| {
            format!(
                "no run of {} {} with that load",
                search.transport, search.variant
            )
        })
    }

    fn plans_of(&mut self, load: Load) -> anyhow::Result<&[Plan]> {
        if !self.loads.contains_key(&load) {
            let study = self.settings.study(&self.request, load)?;
            self.loads.insert(load, self.chosen(&study));
            let known = |label: &str| self.study.cells.iter().any(|cell| cell.label == label);
            let new: Vec<_> = study
                .cells
                .into_iter()
                .filter(|cell| !known(&cell.label))
                .collect();
            self.study.cells.extend(new);
        }
        Ok(&self.loads[&load])
    }

    fn chosen(&self, study: &Study) -> Vec<Plan> {
        let mut plans = study.plans();
        plans.retain(|plan| Only::any(&self.request.only, &plan.variant));
        plans
    }

    /// Takes note of runs, those of an earlier call among them, and returns their plans. A run that
    /// Ctrl-C cut short is left out.
    pub(super) fn learn(&mut self, rows: &Rows) -> anyhow::Result<Vec<Plan>> {
        let mut plans = Vec::new();
        for (run, figure) in self.condition.figures(&rows.runs, &rows.ladder) {
            let cell = capacity::others(&run.cell, self.grown());
            let Some(at) = self.list.iter().position(|search| {
                (&search.transport, &search.variant, &search.cell)
                    == (&run.transport, &run.variant, &cell)
            }) else {
                continue;
            };
            if resume::cut_short(run) {
                continue;
            }
            let load = self.settings.load(capacity::load(run, self.grown()));
            plans.push(self.plan(at, load, run.repeat as usize)?);
            let trial = Trial::of(run, figure, &self.condition, self.settings.doubts);
            let trials = &mut self.list[at].trials;
            trials.entry(load).or_default().push(trial);
        }
        Ok(plans)
    }

    fn grown(&self) -> &'static str {
        self.settings.grow.word()
    }

    /// Returns the rows of `capacity.csv`, as far as they are known.
    pub(super) fn rows(&self) -> Vec<CapacityRow> {
        self.list.iter().map(|search| self.row(search)).collect()
    }

    fn row(&self, search: &Search) -> CapacityRow {
        let known = search.verdicts(self.settings.repeats);
        let knee = Knee::of(&known);
        let done = matches!(self.strategy.next(&known), Next::Done(_));
        let broke = knee.broke.map(|(load, _)| load);
        let (stopped_by, why) = match knee.broke {
            _ if !done => (StoppedBy::Unfinished, String::new()),
            Some((load, by)) => (by, search.why(load, by)),
            None => (StoppedBy::Limit, self.settings.most_because.clone()),
        };
        let value = |load: Option<Load>| load.map(|load| self.settings.value(load));
        CapacityRow {
            transport: search.transport.clone(),
            variant: search.variant.clone(),
            cell: search.cell.clone(),
            grown: self.grown().to_owned(),
            held: value(knee.held),
            broke: value(broke),
            stopped_by,
            repeats: self.settings.repeats as u32,
            condition: self.settings.until.clone(),
            held_figure: knee.held.and_then(|load| search.figure(load)),
            broke_figure: broke.and_then(|load| search.figure(load)),
            why,
            doubted: [knee.held, broke]
                .into_iter()
                .flatten()
                .any(|load| search.doubted(load)),
        }
    }
}

impl Search {
    /// Returns the loads on which the repeats agree by now.
    fn verdicts(&self, repeats: usize) -> BTreeMap<Load, Verdict> {
        let verdict =
            |(load, trials): (&Load, &Vec<Trial>)| Some((*load, judge::verdict(trials, repeats)?));
        self.trials.iter().filter_map(verdict).collect()
    }

    /// Returns the median of the condition's figure over the valid runs of a load.
    fn figure(&self, load: Load) -> Option<f64> {
        let trials = self.trials.get(&load)?;
        Spread::of(trials.iter().filter_map(|trial| trial.figure)).map(|spread| spread.median)
    }

    fn doubted(&self, load: Load) -> bool {
        let trials = self.trials.get(&load).into_iter().flatten();
        trials.into_iter().any(|trial| trial.doubted)
    }

    fn why(&self, load: Load, by: StoppedBy) -> String {
        let mut trials = self.trials.get(&load).into_iter().flatten();
        let first = trials.find(|trial| trial.verdict == Verdict::Broke(by));
        first.map_or_else(String::new, |trial| trial.why.clone())
    }
}
