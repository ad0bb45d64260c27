//! The figures of a workload over each way to read, by the formulas that runs are held against.

use analysis::{
    advice::{Advice, Bounds, Strain, Usage, strains},
    model::{self, Prediction, Situation},
};
use anyhow::Context;
use results::RunRow;
use scenario::{Cell, Http};
use swarm::plan::Plan;

use super::{
    document::{Choice, study},
    workload::Workload,
};
use crate::{only::Only, route, rows};

/// The `Host` of a run's own server, whose bytes each request carries: five digits of a port, as
/// ports are that a system chooses.
const HOST: &str = "127.0.0.1:40000";

/// The figures that a workload comes to over one way to read.
#[derive(Debug, Clone)]
pub(super) struct Figures {
    pub(super) choice: Choice,
    pub(super) title: String,
    /// The transport and the variant, as in the columns of a run.
    pub(super) transport: String,
    pub(super) variant: String,
    /// The situation that the formulas were given.
    pub(super) situation: Situation,
    /// The figures of the application.
    pub(super) advice: Advice,
    /// The sizes of single items, and what else a run of it is held against.
    pub(super) predictions: Vec<Prediction>,
    /// The limits that it meets, the most strained first.
    pub(super) strains: Vec<Strain>,
    /// The bytes of header lines on each reading request.
    pub(super) line_bytes: u64,
}

/// Returns the figures of a workload over each way that is asked for.
pub(super) fn of(workload: &Workload, only: &[Only]) -> anyhow::Result<Vec<Figures>> {
    let mut all = Vec::new();
    for choice in Choice::all(workload) {
        // The formulas of a WebSocket are those over HTTP/1.1, whatever the rest goes over.
        let mut workload = workload.clone();
        if !choice.is_runnable(&workload) {
            workload.http = Http::V1_1;
        }
        let study = study(&workload, &[choice])?;
        let plans = study.plans();
        let plan = plans.first().context("a scenario of one way has one run")?;
        if Only::any(only, &plan.variant) {
            all.push(figures(&workload, choice, plan, &study.cells[0])?);
        }
    }
    anyhow::ensure!(
        !all.is_empty(),
        "--only leaves no way to read; name some of short_poll, long_poll, ndjson, sse, websocket"
    );
    Ok(all)
}

/// Returns the columns of a run of this plan that are known before it is made.
pub(super) fn planned(plan: &Plan, cell: &Cell) -> RunRow {
    let mut path = route::path(cell, false, HOST);
    path.tls = cell.scenario.server.tls.version().unwrap_or("off");
    path.http = cell.scenario.server.http.version();
    RunRow {
        measured_ms: plan.traffic.measure.as_millis() as u64,
        ..rows::planned(plan, &path)
    }
}

fn figures(
    workload: &Workload,
    choice: Choice,
    plan: &Plan,
    cell: &Cell,
) -> anyhow::Result<Figures> {
    let mut row = planned(plan, cell);
    if let Some(version) = workload.tls.version() {
        // A proxy that ends TLS is no part of the scenario that is predicted.
        version.clone_into(&mut row.tls);
    }
    let situation = Situation::of(&row)
        .with_context(|| format!("no formula covers {} as it is asked for", choice.title()))?;
    let usage = usage(workload);
    let advice = Advice::of(&situation, &usage);
    Ok(Figures {
        choice,
        title: choice.title(),
        transport: row.transport.clone(),
        variant: row.variant.clone(),
        situation,
        advice,
        predictions: model::of_run(&row),
        strains: strains(&situation, &advice, &usage, &bounds(workload)),
        line_bytes: row.read_line_bytes.unwrap_or_default(),
    })
}

/// Returns the limits that a way meets under the numbers of a workload.
#[cfg(test)]
pub(super) fn strained(one: &Figures, workload: &Workload) -> Vec<Strain> {
    let usage = usage(workload);
    strains(&one.situation, &one.advice, &usage, &bounds(workload))
}

/// Returns the people of a workload, and the way in which they use it.
pub(super) fn usage(workload: &Workload) -> Usage {
    Usage {
        readers: workload.readers as f64,
        rooms: workload.rooms as f64,
        speaks: workload.speaks,
        reconnects_a_day: workload.reconnects_a_day,
        hours_a_day: workload.hours_a_day,
        hidden: workload.hidden,
        tail: workload.tail,
    }
}

/// Returns the limits of a browser, a proxy and a server that a workload meets.
pub(super) fn bounds(workload: &Workload) -> Bounds {
    Bounds {
        tabs: workload.tabs,
        shares_connections: workload.http == Http::V2,
        files: workload.open_files,
        workers: workload.workers,
        idle_cut: workload.proxy_idle,
    }
}

#[cfg(test)]
mod tests {
    use analysis::model::Quantity;

    use super::*;
    use crate::args::WorkloadInputs;

    fn figures(lines: &str) -> Vec<Figures> {
        let inputs: WorkloadInputs = toml::from_str(lines).expect("inputs");
        let workload = Workload::of(&inputs).expect("a workload");
        of(&workload, &[]).expect("figures")
    }

    const BASE: &str = "readers = 500\nrooms = 10\nmessages_per_reader = 0.1\n";

    /// Checks that, the digits of a message's number apart, a cookie of a thousand bytes costs a
    /// poll a thousand and a WebSocket's messages none.
    #[test]
    fn a_cookie_costs_each_request_its_bytes_and_a_socket_nothing() {
        let (without, with) = (
            figures(BASE),
            figures(&format!("{BASE}cookie_bytes = 1000\n")),
        );
        for (one, other) in without.iter().zip(&with) {
            let up = |figures: &Figures| figures.advice.costs.read.expect("bytes").up;
            let asked = one
                .advice
                .costs
                .asked
                .map_or(0.0, |asked| asked.per_message);
            let expected = asked * (1_000.0 + "Cookie: \r\n".len() as f64);
            let more = up(other) - up(one);
            assert!((more - expected).abs() < 1e-6, "{}: {more}", one.title);
        }
    }

    #[test]
    fn over_http_2_nothing_is_made_up_and_a_websocket_stays_where_it_is() {
        let all = figures(&format!("{BASE}http = \"2\"\ntls = \"1.3\"\n"));
        for one in &all {
            let is_socket = one.title == "WebSocket";
            assert_eq!(one.advice.month.is_some(), is_socket, "{}", one.title);
            assert!(one.advice.requests.is_some() && one.advice.delays.is_some());
            // A piece of a stream has no head, and a poll has.
            let (read, polls) = (one.advice.costs.read, one.choice.way.polls());
            assert_eq!(read.is_none(), polls, "{}", one.title);
        }
        let sealed = all.last().expect("a WebSocket");
        let record = Quantity::TlsRecord;
        assert!(sealed.predictions.iter().any(|one| one.quantity == record));
    }

    #[test]
    fn a_proxy_changes_no_formula_and_its_limit_is_told() {
        let (direct, behind) = (
            figures(BASE),
            figures(&format!("{BASE}proxy = \"nginx\"\nproxy_idle_s = 20\n")),
        );
        for (one, other) in direct.iter().zip(&behind) {
            assert_eq!(one.advice, other.advice);
        }
        let socket = behind.last().expect("a WebSocket");
        assert!(socket.strains.iter().any(Strain::breaks));
    }
}
