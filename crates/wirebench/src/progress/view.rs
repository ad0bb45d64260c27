//! The runs of a command on a terminal: a line for each transport, and one for
//! all of them with the time left.

use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar};
use swarm::plan::{self, Plan, Variant};

use super::{
    columns::{self, Cells},
    line::{How, Line, counted, plain},
    screen::{self, said},
};

/// The length of the bar that shows the progress of all runs, in letters.
const BAR: usize = 24;
/// The width that is assumed if a terminal does not report its width.
const ORDINARY: usize = 80;

/// The display of a command's runs. When dropped, it leaves the lines as they are.
#[derive(Debug)]
pub(crate) struct View {
    quiet: bool,
    live: Option<Live>,
    began: Instant,
    /// The number of runs, where it is known.
    total: Option<usize>,
    /// The expected duration of all runs.
    takes: Duration,
    started: usize,
    /// The expected duration of the finished runs.
    over: Duration,
    current: Duration,
}

#[derive(Debug)]
struct Live {
    heads: ProgressBar,
    transports: Vec<Transport>,
    overall: ProgressBar,
}

#[derive(Debug)]
struct Transport {
    name: String,
    bar: ProgressBar,
    started: usize,
    of: Option<usize>,
}

/// The last line, as the line of a run moves it on.
#[derive(Debug)]
pub(super) struct Overall {
    bar: ProgressBar,
    /// The words of the line, such as `run 3 of 12: clients=100 #2`.
    words: String,
    began: Instant,
    run_began: Instant,
    /// The expected durations of the runs before this one, of this one, and of all; `None` if the
    /// number of runs is not known.
    expected: Option<[Duration; 3]>,
}

impl View {
    /// Makes a view of these runs.
    pub(crate) fn new(plans: &[Plan], quiet: bool) -> Self {
        let mut names: Vec<(String, Option<usize>)> = Vec::new();
        for plan in plans {
            let name = name(&plan.variant);
            match names.iter_mut().find(|known| known.0 == name) {
                Some((_, count)) => *count = count.map(|count| count + 1),
                None => names.push((name, Some(1))),
            }
        }
        // In the order of the words, which a shuffled plan does not have.
        names.sort();
        Self::of(names, Some(plans.len()), plan::estimate(plans), quiet)
    }

    /// Makes a view of runs whose number nobody knows yet.
    pub(crate) fn open(variants: &[Variant], quiet: bool) -> Self {
        let mut names: Vec<_> = variants.iter().map(|one| (name(one), None)).collect();
        names.sort();
        names.dedup();
        Self::of(names, None, Duration::ZERO, quiet)
    }

    fn of(
        names: Vec<(String, Option<usize>)>,
        total: Option<usize>,
        takes: Duration,
        quiet: bool,
    ) -> Self {
        // Without a name nothing is known of the terminal, and indicatif draws nothing on it.
        let term = std::env::var("TERM").unwrap_or_default();
        let dumb = term.is_empty() || term == "dumb";
        let live = !quiet && !dumb && std::io::stderr().is_terminal() && !names.is_empty();
        Self {
            quiet,
            live: live.then(|| Live::begin(names)),
            began: Instant::now(),
            total,
            takes,
            started: 0,
            over: Duration::ZERO,
            current: Duration::ZERO,
        }
    }

    /// Makes the line of the next run.
    pub(crate) fn run(&mut self, plan: &Plan) -> Line {
        self.started += 1;
        self.over += self.current;
        self.current = plan.takes();
        let name = name(&plan.variant);
        let cell = if plan.cell == "-" { "" } else { &plan.cell };
        let title = format!("[{}] {name} {cell}", counted(self.started, self.total));
        let overall = self.overall(plan);
        let transport = self.live.as_mut().and_then(|live| {
            let known = live
                .transports
                .iter_mut()
                .find(|known| known.name == name)?;
            known.started += 1;
            Some(known)
        });
        let (how, counts) = match (self.quiet, transport, overall) {
            (true, ..) => (How::Quiet, (0, None)),
            (false, Some(known), Some(overall)) => {
                let bar = known.bar.clone();
                (How::Live { bar, overall }, (known.started - 1, known.of))
            }
            _ => {
                let last = Instant::now();
                (How::Plain { last }, (0, None))
            }
        };
        Line::new(title.trim_end().to_owned(), name, counts, how)
    }

    fn overall(&self, plan: &Plan) -> Option<Overall> {
        let number = match self.total {
            Some(total) => format!("run {} of {total}", self.started),
            None => format!("run {}", self.started),
        };
        let cell = if plan.cell == "-" { "" } else { &plan.cell };
        let words = format!("{number}: {cell} #{}", plan.repeat);
        Some(Overall {
            bar: self.live.as_ref()?.overall.clone(),
            words: words.replace(":  #", ": #"),
            began: self.began,
            run_began: Instant::now(),
            expected: self.total.map(|_| [self.over, self.current, self.takes]),
        })
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let Some(live) = &self.live else { return };
        live.heads.abandon();
        for transport in &live.transports {
            transport.bar.abandon();
        }
        live.overall.finish_and_clear();
        screen::leave();
    }
}

impl Live {
    fn begin(names: Vec<(String, Option<usize>)>) -> Self {
        let all = MultiProgress::new();
        screen::enter(&all);
        let line = |cells: &Cells| {
            let bar = all.add(ProgressBar::no_length().with_style(plain()));
            bar.set_message(columns::fitted(cells, "", width()));
            bar
        };
        let heads = line(&columns::heads());
        let transports = names
            .into_iter()
            .map(|(name, of)| {
                let mut cells = Cells::default();
                (cells[0], cells[1]) = (name.clone(), counted(0, of));
                cells[2] = said("waiting");
                Transport {
                    bar: line(&cells),
                    name,
                    started: 0,
                    of,
                }
            })
            .collect();
        let overall = line(&Cells::default());
        Self {
            heads,
            transports,
            overall,
        }
    }
}

impl Overall {
    /// Returns the number of columns of the terminal, which a person may change at any time.
    #[expect(clippy::unused_self, reason = "one terminal, and this stands for it")]
    pub(super) fn width(&self) -> usize {
        width()
    }

    /// Shows the progress of all runs.
    pub(super) fn show(&self) {
        self.draw(self.run_began.elapsed());
    }

    /// Records that this run is over.
    pub(super) fn run_ended(&self) {
        let takes = self.expected.map(|[_, takes, _]| takes);
        self.draw(takes.unwrap_or_default());
    }

    fn draw(&self, into: Duration) {
        let Some([over, takes, all]) = self.expected else {
            let time = columns::waiting(self.began.elapsed());
            let text = said(&format!("{}, {time} so far", self.words));
            self.bar.set_message(columns::cut(&text, width() - 1));
            return;
        };
        let done = over + into.min(takes);
        let share = done.as_secs_f64() / all.as_secs_f64().max(f64::MIN_POSITIVE);
        let full = (share * BAR as f64).round() as usize;
        let bar = format!(
            "{}{}",
            "#".repeat(full.min(BAR)),
            "-".repeat(BAR.saturating_sub(full))
        );
        let left = columns::waiting(all.saturating_sub(done).mul_f64(self.pace(over)));
        let text = said(&format!("about {left} left, {}", self.words));
        let text = format!("[{bar}] {text}");
        self.bar.set_message(columns::cut(&text, width() - 1));
    }

    /// Returns the ratio of the time that the runs took so far to the expected time, between 0.2
    /// and 5.
    fn pace(&self, over: Duration) -> f64 {
        if over.is_zero() {
            return 1.0;
        }
        let took = self.run_began.duration_since(self.began);
        (took.as_secs_f64() / over.as_secs_f64()).clamp(0.2, 5.0)
    }
}

fn width() -> usize {
    terminal_size::terminal_size_of(std::io::stderr())
        .map_or(ORDINARY, |(width, _)| usize::from(width.0).max(2))
}

/// Returns the transport and its parameters, as the columns of `runs.csv` have them.
fn name(variant: &Variant) -> String {
    match variant.to_string().as_str() {
        "-" => variant.transport().to_string(),
        parameters => format!("{} {parameters}", variant.transport()),
    }
}
