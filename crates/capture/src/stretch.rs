//! The stretches of a connection that can be read: behind a gap, reading goes on at the next request
//! whose answer can be found.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use crate::{TlsVersion, head, stream::Run};

/// A stretch of a connection, which is nearly always all of it: up is from the client.
#[derive(Debug)]
pub(crate) struct Wire {
    /// The number of the connection.
    pub(crate) lane: usize,
    pub(crate) client: SocketAddr,
    pub(crate) server: SocketAddr,
    pub(crate) up: Run,
    pub(crate) down: Run,
    pub(crate) first: Duration,
    pub(crate) last: Duration,
    /// The time from the SYN to its answer, as it was captured.
    pub(crate) round_trip: Duration,
    pub(crate) reset: bool,
    /// The version of TLS that was opened.
    pub(crate) tls: TlsVersion,
    /// True if another stretch of the connection came before.
    pub(crate) is_continued: bool,
}

/// The runs of one direction that are left.
pub(crate) type Runs = VecDeque<Run>;

/// Returns the stretches of a connection that has these runs.
pub(crate) fn wires(bare: &Wire, mut up: Runs, mut down: Runs) -> Vec<Wire> {
    let mut wires: Vec<Wire> = Vec::new();
    let mut first = bare.first;
    while let Some((up_at, down_at, time)) = next(&up, &down) {
        let wire = Wire {
            up: take(&mut up, up_at),
            down: take(&mut down, down_at),
            last: time,
            reset: false,
            ..stretch(bare, first, !wires.is_empty())
        };
        wires.push(wire);
        first = time;
    }
    let (all_up, all_down) = (take(&mut up, None), take(&mut down, None));
    wires.push(Wire {
        up: all_up,
        down: all_down,
        ..stretch(bare, first, !wires.is_empty())
    });
    wires
}

fn stretch(bare: &Wire, first: Duration, is_continued: bool) -> Wire {
    Wire {
        up: Run::default(),
        down: Run::default(),
        first,
        is_continued,
        ..*bare
    }
}

/// A place: the number of a run, and the place within it.
type Position = (usize, usize);

/// Returns where the next stretch begins in each direction (`None`: nothing of it is left), and
/// when.
fn next(up: &Runs, down: &Runs) -> Option<(Option<Position>, Option<Position>, Duration)> {
    let behind = |runs: &Runs| runs.get(1).map(|run| run.time(0));
    let is_up = match (behind(up), behind(down)) {
        (None, None) => return None,
        (Some(up), Some(down)) => up <= down,
        (up, _) => up.is_some(),
    };
    if is_up {
        let (request, asked) = starts(up, 1, head::first_request).next()?;
        let answers = starts(down, 0, head::first_answer);
        let answer = answers.into_iter().find(|(_, at)| *at >= asked);
        return Some((Some(request), answer.map(|found| found.0), asked));
    }
    // The last request before an answer is the one that it answers, unless requests are sent ahead.
    starts(down, 1, head::first_answer).find_map(|(answer, answered)| {
        let before = starts(up, 0, head::first_request).take_while(|(_, at)| *at <= answered);
        let (request, asked) = before.last().filter(|(place, _)| *place > (0, 0))?;
        Some((Some(request), Some(answer), asked))
    })
}

/// Returns the places, from this run on, at which messages begin, with their times.
fn starts(
    runs: &Runs,
    from: usize,
    find: fn(&Run, usize) -> Option<usize>,
) -> impl Iterator<Item = (Position, Duration)> {
    runs.iter()
        .enumerate()
        .skip(from)
        .flat_map(move |(number, run)| {
            let mut next = Some(0);
            std::iter::from_fn(move || {
                let place = find(run, next?)?;
                next = Some(place + 1);
                Some(((number, place), run.time(place)))
            })
        })
}

/// Takes all in front of a place, or everything: one run, which also counts the bytes of those that
/// cannot be read behind its gap.
fn take(runs: &mut Runs, to: Option<Position>) -> Run {
    let (number, place) = to.unwrap_or((runs.len(), 0));
    let mut taken: Option<Run> = None;
    let mut add = |run: Run| match &mut taken {
        None => taken = Some(run),
        Some(taken) => {
            taken.carried += run.carried;
            taken.has_end |= run.has_end;
        }
    };
    for _ in 0..number {
        if let Some(run) = runs.pop_front() {
            add(run);
        }
    }
    if let Some(run) = runs.front_mut().filter(|_| to.is_some()) {
        let behind = run.split_off(place);
        let before = std::mem::replace(run, behind);
        add(Run {
            has_end: false,
            ..before
        });
    }
    taken.unwrap_or_default()
}
