//! The columns of what it costs a server that all readers come back at once, from the seconds of the
//! run.

use results::{RunRow, row::TimelineRow};
use swarm::plan::{CutKind, Plan};

/// Returns `row` with the processor time of the seconds from the cut of the plan to the moment at
/// which the last reader was back.
pub(super) fn fill(row: RunRow, plan: &Plan, timeline: &[TimelineRow]) -> RunRow {
    let seconds = seconds(&row, plan, timeline);
    RunRow {
        back_server_cpu_us: seconds.as_ref().map(|seconds| seconds.iter().sum()),
        back_server_cpu_peak_us: seconds.and_then(|seconds| seconds.into_iter().max()),
        ..row
    }
}

/// Returns the processor time of the server in each of these seconds; `None` if connections are not
/// lost at one moment that the plan knows, not all readers came back in the window, or a second says
/// nothing of the server.
fn seconds(row: &RunRow, plan: &Plan, timeline: &[TimelineRow]) -> Option<Vec<u64>> {
    let cut = plan.cut.as_ref().filter(|cut| cut.rate.is_none())?;
    // Nobody loses a connection to a server that stands still, and a silence is noticed later.
    if matches!(cut.kind, CutKind::Freeze | CutKind::Silent) {
        return None;
    }
    let from = cut.after.as_millis() as u64;
    let (first, last) = (from / 1_000, (from + row.back_last_ms?) / 1_000);
    let of = |second: u64| {
        let found = timeline.iter().find(|row| u64::from(row.second) == second);
        found?.server_cpu_us
    };
    (first..=last).map(of).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use swarm::plan::Cut;

    use super::*;

    fn second(second: u32, cpu: Option<u64>) -> TimelineRow {
        TimelineRow {
            transport: String::new(),
            variant: String::new(),
            cell: String::new(),
            repeat: 1,
            second,
            delivered: 0,
            p50_us: None,
            p99_us: None,
            bytes_up: 0,
            bytes_down: 0,
            server_cpu_us: cpu,
            server_rss_bytes: None,
            connected: None,
            connections: None,
        }
    }

    fn told(kind: CutKind, last_back: Option<u64>, timeline: &[TimelineRow]) -> [Option<u64>; 2] {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/quick.toml");
        let study = scenario::Study::load(file.as_ref(), &[]).expect("a scenario");
        let mut plan = study.plans().remove(0);
        plan.cut = Some(Cut {
            kind,
            after: Duration::from_millis(1_200),
            rate: None,
            share: 1.0,
            duration: Duration::from_secs(1),
        });
        let row = RunRow {
            back_last_ms: last_back,
            ..RunRow::default()
        };
        let row = fill(row, &plan, timeline);
        [row.back_server_cpu_us, row.back_server_cpu_peak_us]
    }

    #[test]
    fn the_seconds_from_the_cut_to_the_last_return_are_added_up() {
        let cpu = [10, 20, 300, 4_000, 50_000];
        let seconds: Vec<TimelineRow> = (0..).zip(cpu).map(|(n, us)| second(n, Some(us))).collect();
        let kill = |back| told(CutKind::Kill, back, &seconds);
        assert_eq!(kill(Some(100)), [Some(20), Some(20)]);
        assert_eq!(kill(Some(1_900)), [Some(4_320), Some(4_000)]);
        // It was after the window, or one did not come back.
        assert_eq!(kill(Some(3_800)), [None, None]);
        assert_eq!(kill(None), [None, None]);
        assert_eq!(told(CutKind::Freeze, Some(100), &seconds), [None, None]);
        let unknown = [second(1, Some(5)), second(2, None)];
        assert_eq!(told(CutKind::Kill, Some(900), &unknown), [None, None]);
    }
}
