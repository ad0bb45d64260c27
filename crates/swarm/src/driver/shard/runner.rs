//! A thread with its people, its tally and its own runtime. While it measures it shares
//! nothing with other shards; it receives commands and sends a status a second.

use std::{rc::Rc, time::Duration};

use tokio::runtime::{Builder, LocalOptions};
use wire::Carrier;

use super::Shard;
use crate::{
    clock::{Nanos, SECOND},
    driver::{
        batch::{self, by_ring},
        config::{Command, ShardConfig, Status},
        person, priority, publish, speaker,
    },
    failure::Failure,
    measure::tally::Tally,
    plan::Io,
};

/// The time that all closing messages together may take.
const GOODBYE: Duration = Duration::from_secs(3);

/// The time within which short polls on their way may come back at the end.
const LEAVE: Nanos = SECOND;

/// Runs one shard to its end. `None` would mean that a task outlived its
/// runtime.
pub(crate) fn run(config: ShardConfig) -> Option<Tally> {
    let shard = Rc::new(Shard::new(&config));
    if config.goes_first() {
        shard.tally.borrow_mut().speaks_first = priority::ask();
    }
    if config.run.io == Io::Uring
        && let Err(error) = shard.batch.open_ring()
    {
        let kind = format!("no io_uring for a shard: {}", error.kind());
        shard.tally.borrow_mut().failed(&kind, 1);
    }
    let mut runtime = Builder::new_current_thread();
    match runtime.enable_all().build_local(LocalOptions::default()) {
        Ok(runtime) => runtime.block_on(async {
            run_people(Rc::clone(&shard), config).await;
            shard.batch.close();
        }),
        Err(error) => {
            let kind = format!("no runtime for a shard: {}", error.kind());
            shard.tally.borrow_mut().failed(&kind, 1);
        }
    }
    // The tasks that held the shard ended with the runtime.
    Rc::into_inner(shard).map(|shard| {
        let mut tally = shard.tally.into_inner();
        tally.accounts = shard.network.accountant.close();
        tally.received_by_ring = shard.batch.lent();
        tally.retried = shard.network.retried.get();
        tally.suite = shard.network.suite.get();
        if let Some(lines) = &shard.network.lines {
            (tally.comebacks.begun, tally.comebacks.made) = lines.take();
        }
        tally
    })
}

async fn run_people(shard: Rc<Shard>, mut config: ShardConfig) {
    tokio::task::spawn_local(batch::read(Rc::clone(&shard)));
    tokio::task::spawn_local(by_ring::read(Rc::clone(&shard)));
    for (place, &person) in config.people.iter().enumerate() {
        tokio::task::spawn_local(person::run(Rc::clone(&shard), person, place));
    }
    for person in config.publish_only.clone() {
        tokio::task::spawn_local(publish::connect(Rc::clone(&shard), person));
    }
    let report = |report| {
        // The coordinator outlives its shards; if not, nobody wants to know.
        let _ = config.reports.send((config.number, report));
    };
    while !shard.is_gathered() && *config.commands.borrow() == Command::Connect {
        tokio::select! {
            () = shard.changed.notified() => {}
            changed = config.commands.changed() => if changed.is_err() { return },
        }
    }
    let absent = config.people.len() - shard.settled();
    let absent = absent + shard.unconnected.get();
    let too_late = Failure::TooLate.to_string();
    shard.tally.borrow_mut().failed(&too_late, absent as u64);
    shard.begin();
    report(Status::Gathered);
    let _ = config
        .commands
        .wait_for(|commands| *commands != Command::Connect)
        .await;
    if config.speaks {
        tokio::task::spawn_local(speaker::speak(Rc::clone(&shard), config.commands.clone()));
    }
    if shard.run.part.is_whole() {
        let looking = Rc::clone(&shard);
        tokio::task::spawn_local(async move { looking.sample_freshness().await });
    }
    let cutting = Rc::clone(&shard);
    tokio::task::spawn_local(async move { cutting.cut().await });
    let churning = Rc::clone(&shard);
    tokio::task::spawn_local(async move { churning.churn().await });
    let watching = Rc::clone(&shard);
    tokio::task::spawn_local(async move { watching.watch_lag().await });
    shard
        .follow(&config.people, &mut config.commands, report)
        .await;
    report(Status::Drained);
    shard.network.accountant.sample_window();
    let _ = config
        .commands
        .wait_for(|commands| *commands == Command::Close)
        .await;
    shard.take_leave().await;
}

impl Shard {
    /// Lets short polls that are on their way come back; an answer that meets a
    /// closed socket would be in the server's accounts and not in ours.
    async fn take_leave(&self) {
        self.network.accountant.leave();
        self.say_goodbye().await;
        let patience = self.run.clock.now() + LEAVE;
        while self.network.questions.get() > 0 && self.run.clock.now() < patience {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Closes WebSockets as they want to be closed. Each task bounds its own
    /// wait; another protocol has no word for it.
    async fn say_goodbye(&self) {
        let plan = &self.run.plan;
        let changes = plan.churn.as_ref().is_some_and(|churn| churn.changes);
        if plan.variant.way().carrier() != Carrier::Frame && !changes {
            return;
        }
        self.over.notify_waiters();
        let all_gone = async {
            while self.gone.get() + self.outside.get() < self.people {
                self.changed.notified().await;
            }
        };
        let _ = tokio::time::timeout(GOODBYE, all_gone).await;
    }
}
