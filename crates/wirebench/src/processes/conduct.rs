//! The course of a run in several processes: each phase when the first reaches it, each second when
//! all have told it, the end when all have ended.

use std::{
    sync::mpsc::{Receiver, Sender},
    time::Duration,
};

use nix::time::{ClockId, clock_gettime};
use swarm::{
    Part, Seconds,
    outcome::{Ending, Look, Notice, Outcome, Phase},
    plan::Plan,
};

use super::{
    Event,
    member::Member,
    words::{Instruction, Told},
};

/// The time from the moment at which everybody is connected to the first draft, so that each process
/// knows it by then.
const LEAD: Duration = Duration::from_millis(200);
/// The time for which a look at the server may keep connections open.
const LOOK: Duration = Duration::from_secs(2);

/// Holds the processes of a run together.
#[derive(Debug)]
pub(super) struct Conductor {
    members: Vec<Member>,
    notices: Sender<Notice>,
    seconds: Seconds,
    phase: Option<Phase>,
    gathered: usize,
    /// True for each process whose window has ended, or that has ended.
    windows: Vec<bool>,
    has_looked: bool,
    outcomes: Vec<Option<Outcome>>,
    gone: usize,
    stopped: Option<Ending>,
}

impl Conductor {
    /// Makes the conductor of these processes.
    pub(super) fn new(members: Vec<Member>, notices: Sender<Notice>) -> Self {
        let count = members.len();
        Self {
            members,
            notices,
            seconds: Seconds::new(count),
            phase: None,
            gathered: 0,
            windows: vec![false; count],
            has_looked: false,
            outcomes: (0..count).map(|_| None).collect(),
            gone: 0,
            stopped: None,
        }
    }

    /// Takes the run to its end.
    pub(super) fn conduct(mut self, plan: &Plan, inbox: &Receiver<(usize, Event)>) -> Outcome {
        while self.gone < self.members.len() {
            // Each process says at least that it is gone.
            let Ok((number, event)) = inbox.recv() else {
                break;
            };
            match event {
                Event::Told(told) => self.told(number, *told),
                Event::Gone => self.is_gone(number),
                Event::Stop(reason) => self.stop(reason),
            }
        }
        self.outcome(plan)
    }

    fn told(&mut self, number: usize, told: Told) {
        match told {
            Told::Started => {}
            Told::Failed(why) => self.stop(why.into()),
            Told::Phase(phase) => {
                if self.phase < Some(phase) {
                    self.phase = Some(phase);
                    self.tell(Notice::Phase(phase));
                }
            }
            Told::Gathered => {
                self.gathered += 1;
                if self.gathered == self.members.len() {
                    self.tell(Notice::Gathered);
                    self.instruct(&Instruction::Begin(
                        monotonic_now() + LEAD.as_nanos() as u64,
                    ));
                }
            }
            Told::Second(second) => {
                self.seconds.add(number, second);
                self.pass_seconds();
            }
            Told::WindowEnded => self.window_ended(number),
            Told::Outcome(outcome) => {
                if let Some(reason) = &outcome.ended_early {
                    self.stop(reason.clone());
                }
                self.outcomes[number] = Some(*outcome);
            }
        }
    }

    fn is_gone(&mut self, number: usize) {
        self.gone += 1;
        if self.outcomes[number].is_none() {
            let number = number + 1;
            let why = format!("process {number} of the load generator ended in mid-run");
            self.stop(why.into());
        }
        self.window_ended(number);
    }

    /// Notes that a process has ended its window. The last one to do so ends that of the run.
    fn window_ended(&mut self, number: usize) {
        self.windows[number] = true;
        self.seconds.drained(number);
        self.pass_seconds();
        if self.has_looked || !self.windows.iter().all(|ended| *ended) {
            return;
        }
        self.has_looked = true;
        if self.phase > Some(Phase::Connect) {
            let (look, over) = Look::new();
            self.tell(Notice::WindowEnded(look));
            let _ = over.recv_timeout(LOOK);
        }
        self.instruct(&Instruction::Close);
    }

    fn pass_seconds(&mut self) {
        while let Some(second) = self.seconds.next_whole() {
            self.tell(Notice::Second(second));
        }
    }

    fn stop(&mut self, reason: Ending) {
        if self.stopped.is_none() {
            self.stopped = Some(reason.clone());
            self.instruct(&Instruction::Stop(reason));
        }
    }

    fn instruct(&mut self, instruction: &Instruction) {
        for member in &mut self.members {
            member.tell(instruction);
        }
    }

    fn tell(&self, notice: Notice) {
        // Nobody has to listen.
        let _ = self.notices.send(notice);
    }

    /// Returns what all processes came to together.
    fn outcome(self, plan: &Plan) -> Outcome {
        let parts = Part::all(self.members.len()).zip(self.outcomes);
        let parts = parts.filter_map(|(part, outcome)| Some((part, outcome?)));
        let mut outcome = match swarm::merge(plan, parts.collect()) {
            Ok(outcome) => outcome,
            Err(error) => Outcome {
                ended_early: Some(error.to_string().into()),
                ..Outcome::empty()
            },
        };
        outcome.ended_early = self.stopped.or(outcome.ended_early);
        outcome
    }
}

/// Returns the time of the machine's monotonic clock, in nanoseconds.
pub(super) fn monotonic_now() -> u64 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from);
    now.as_nanos() as u64
}
