//! A load generator of several processes of this program, each with its own threads and its own
//! limit of open files. This one starts them, has them begin together, adds up their seconds and, at
//! the end, what they measured.

pub(crate) mod child;
mod conduct;
mod member;
mod words;

use std::{
    sync::mpsc::{self, Receiver, Sender},
    thread::{self, JoinHandle},
};

use anyhow::{Context, bail};
use swarm::{
    Part, Target,
    outcome::{Ending, Notice, Outcome},
    plan::Plan,
};

use conduct::Conductor;
use member::Member;
use words::Order;

/// The processes of one run.
#[derive(Debug)]
pub(crate) struct Crew {
    /// The notices of the run, over all processes.
    pub(crate) notices: Receiver<Notice>,
    events: Sender<(usize, Event)>,
    thread: JoinHandle<Outcome>,
}

/// Something that concerns the process of this number.
#[derive(Debug)]
enum Event {
    /// It said something.
    Told(Box<words::Told>),
    /// It says nothing more.
    Gone,
    /// All are to end early. It does not come from a process.
    Stop(Ending),
}

impl Crew {
    /// Starts so many processes, each with its part of `plan`.
    ///
    /// # Errors
    /// Fails if a process cannot be started, or cannot do its part.
    pub(crate) fn start(plan: &Plan, target: &Target, count: usize) -> anyhow::Result<Self> {
        if target.tls.is_some() {
            bail!("--processes does not support TLS; use --shard");
        }
        let (events, inbox) = mpsc::channel();
        let mut members = Vec::new();
        for part in Part::all(count) {
            let order = Order::new(plan, target, part);
            let member = Member::start(&order)
                .with_context(|| format!("process {part} of the load generator"))?;
            members.push(member);
        }
        for (number, member) in members.iter_mut().enumerate() {
            member.listen(number, events.clone())?;
        }
        let (sender, notices) = mpsc::channel();
        let plan = plan.clone();
        let thread = thread::Builder::new()
            .name("conductor".to_owned())
            .spawn(move || Conductor::new(members, sender).conduct(&plan, &inbox))
            .context("cannot start a thread")?;
        Ok(Self {
            notices,
            events,
            thread,
        })
    }

    /// Ends the run early in all processes.
    pub(crate) fn stop(&self, reason: impl Into<Ending>) {
        // A run that is over needs no stopping.
        let _ = self.events.send((0, Event::Stop(reason.into())));
    }

    /// Waits for the end of all processes and returns what they came to together.
    pub(crate) fn finish(self) -> Outcome {
        drop((self.notices, self.events));
        match self.thread.join() {
            Ok(outcome) => outcome,
            // A mistake of ours: no outcome would be true.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}
