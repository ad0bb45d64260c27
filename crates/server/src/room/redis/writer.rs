//! The thread that adds to the logs in Redis what is handed over here, for all rooms.
//!
//! While Redis is busy, what comes meanwhile gathers for the next batch. A batch whose answer did
//! not come is sent once more under its number over a new connection, and is answered as it was if
//! it had been added already. If that fails, too, its drafts are refused, and all others until
//! Redis has answered again.

use std::{
    sync::{
        Arc,
        atomic::Ordering::{Relaxed, SeqCst},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use redis::{Cmd, Value};
use tokio::sync::oneshot;
use wire::People;

use crate::{
    room::{
        recorder::{Gathered, NotStored, Over, Task, gather},
        redis::{
            PATIENCE, Shared,
            batch::{Batch, Batches},
            life, people,
        },
    },
    store::{
        StoreError,
        redis::{Connection, reply, script::Script},
    },
};

/// The time between two signs of life.
const BEAT: Duration = Duration::from_secs(1);
/// The time after the last sign of life when a server's people are removed.
const LEASE: Duration = Duration::from_secs(5);
/// The time between two attempts to reach a Redis that has failed.
const RETRY: Duration = Duration::from_millis(250);
/// The time between two times at which the rooms that are open are kept in Redis.
const REFRESH: Duration = Duration::from_mins(1);

/// A question who is in a room, and who asked it.
type Question = (String, oneshot::Sender<Result<People, NotStored>>);

/// The thread's state.
#[derive(Debug)]
pub(super) struct Writer {
    shared: Arc<Shared>,
    delay: Duration,
    connection: Option<Connection>,
    /// The number of the last batch.
    batch: u64,
    /// The time of the next sign of life, or of the next attempt to reach Redis.
    beat_at: Instant,
    refresh_at: Instant,
    /// The time from which on a server without a sign of life is dead. While Redis was away nobody
    /// could give one.
    reap_at: Instant,
}

impl Writer {
    pub(super) fn new(shared: &Arc<Shared>, delay: Duration) -> Self {
        Self {
            shared: Arc::clone(shared),
            delay,
            connection: None,
            batch: 0,
            beat_at: Instant::now(),
            refresh_at: Instant::now() + REFRESH,
            reap_at: Instant::now() + LEASE,
        }
    }

    /// Adds what is handed over, until the server leaves or is abandoned, or nobody is there to hand
    /// over.
    pub(super) fn run(mut self, tasks: &Receiver<Task>) {
        let _over = Over(Arc::clone(&self.shared.has_failed));
        self.beat();
        loop {
            let rest = self.beat_at.saturating_duration_since(Instant::now());
            let gathered = match tasks.recv_timeout(rest) {
                Ok(task) => gather(task, tasks, self.delay),
                Err(RecvTimeoutError::Timeout) => Gathered {
                    tasks: Vec::new(),
                    end: None,
                },
                Err(RecvTimeoutError::Disconnected) => break,
            };
            if self.shared.has_ended() {
                break;
            }
            self.write(gathered.tasks);
            if let Some(end) = gathered.end {
                let _ = end.send(());
                break;
            }
            if self.beat_at <= Instant::now() {
                self.beat();
            }
        }
        self.shared.has_ended.store(true, Relaxed);
    }

    fn write(&mut self, tasks: Vec<Task>) {
        let mut batches = Batches::default();
        let mut questions = Vec::new();
        for task in tasks {
            match task {
                Task::Change(room, change) => {
                    batches.add(room, change, &self.shared.redis.node);
                }
                Task::People(room, reply) => questions.push((room, reply)),
                // Other servers may have the room; it goes once nobody keeps it.
                Task::Forget(..) | Task::End(_) => {}
            }
        }
        if !batches.all.is_empty() {
            self.append(batches.all);
        }
        if !questions.is_empty() {
            self.answer(questions);
        }
    }

    /// Adds the batches, and lets speakers know.
    fn append(&mut self, batches: Vec<Batch>) {
        let Shared {
            redis, log_events, ..
        } = &*self.shared;
        let mut commands: Vec<_> = batches
            .iter()
            .map(|batch| {
                self.batch += 1;
                batch.command(redis, self.batch, *log_events)
            })
            .collect();
        commands.extend(redis.wait());
        let mut answers = self.send(&commands);
        let copied = self.copied(&mut answers, batches.len());
        for (batch, answer) in batches.into_iter().zip(answers) {
            match answer.and_then(|answer| reply::numbers(&answer)) {
                Ok(_) if !copied => batch.give_up(),
                Ok(answer) => self.settle(batch, &answer),
                Err(error) => {
                    // Marked before `give_up` answers speakers, who then hand over nothing more.
                    self.failed(&error);
                    batch.give_up();
                }
            }
        }
    }

    /// Removes the answer to `WAIT` from behind the answers to `batches` batches, if replicas are
    /// asked for. Returns whether enough replicas have all of these batches.
    fn copied(&mut self, answers: &mut Vec<Result<Value, StoreError>>, batches: usize) -> bool {
        let Some(answer) = answers.drain(batches..).next() else {
            return true;
        };
        match self.shared.redis.copied(answer) {
            Ok(()) => true,
            Err(error) => {
                self.failed(&error);
                false
            }
        }
    }

    fn settle(&mut self, batch: Batch, answer: &[u64]) {
        match answer {
            [0, seqs @ ..] if seqs.len() == batch.len() => batch.publish(seqs),
            // The log is another one, or shorter than it was.
            _ => {
                if let Some(connection) = &mut self.connection {
                    self.shared.lose(connection, &batch.label.name, &batch.room);
                }
                batch.give_up();
            }
        }
    }

    /// Sends commands in one go. If that fails it is not known which of them were carried out: each
    /// is sent once more.
    fn send(&mut self, commands: &[Cmd]) -> Vec<Result<Value, StoreError>> {
        if !self.shared.has_failed.load(SeqCst)
            && let Some(connection) = &mut self.connection
            && let Ok(values) = connection.call_all(commands)
        {
            return values.into_iter().map(Ok).collect();
        }
        self.connection = None;
        let mut again = self.shared.redis.connect(PATIENCE);
        let answers = commands
            .iter()
            .map(|command| match &mut again {
                Ok(connection) => {
                    let answer = connection.call(command);
                    if let Err(StoreError::Away(why)) = &answer {
                        // Each of the other commands would wait as long again.
                        again = Err(StoreError::Away(why.clone()));
                    }
                    answer
                }
                Err(StoreError::Away(why)) => Err(StoreError::Away(why.clone())),
                Err(error) => Err(StoreError::Away(error.to_string())),
            })
            .collect();
        self.connection = again.ok();
        answers
    }

    /// Answers who is in rooms.
    fn answer(&mut self, questions: Vec<Question>) {
        let commands: Vec<_> = questions
            .iter()
            .map(|(room, _)| people::who(&self.shared.redis, room))
            .collect();
        let answers = self.send(&commands);
        for ((_, asked), answer) in questions.into_iter().zip(answers) {
            let people = answer.and_then(people::read);
            // An asker that has stopped waiting needs no answer.
            let _ = asked.send(people.map_err(|_| NotStored));
        }
    }

    /// Gives a sign of life, and does what is due at such a time.
    fn beat(&mut self) {
        match self.try_beat() {
            Ok(()) => self.beat_at = Instant::now() + BEAT,
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&mut self, error: &StoreError) {
        self.connection = None;
        self.beat_at = Instant::now() + RETRY;
        self.shared.fail(|| error.to_string());
    }

    fn try_beat(&mut self) -> Result<(), StoreError> {
        let shared = Arc::clone(&self.shared);
        let node = &shared.redis.node;
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => shared.redis.connect(PATIENCE)?,
        };
        let mut beat = Script::Beat.call(&[&shared.redis.keys.nodes()]);
        beat.arg(node).arg(LEASE.as_millis() as u64);
        let mut answer = reply::list(connection.call(&beat)?).into_iter();
        let was_alive = answer.next() == Some(Value::Int(1));
        if let Some(wait) = shared.redis.wait() {
            // Nothing is taken while too few replicas follow.
            shared.redis.copied(connection.call(&wait))?;
        }
        // Changes are taken from now on; `life::sync` tells Redis of those refused before.
        let had_failed = shared.has_failed.swap(false, SeqCst);
        if had_failed {
            self.reap_at = Instant::now() + LEASE;
        }
        if had_failed || !was_alive {
            life::sync(&shared, &mut connection)?;
        }
        if self.reap_at <= Instant::now() {
            for dead in answer.filter_map(|dead| reply::text(&dead)) {
                life::reap(&shared, &mut connection, &dead)?;
            }
        }
        if self.refresh_at <= Instant::now() {
            self.refresh_at = Instant::now() + REFRESH;
            life::refresh(&shared, &mut connection)?;
        }
        self.connection = Some(connection);
        Ok(())
    }
}
