//! The timer of systems without timerfd: a thread that sleeps until the moment.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    thread,
    time::Instant,
};

/// The moment that is waited for, and by whom.
#[derive(Debug)]
struct State {
    due: Instant,
    /// The task to wake then; `None` while nobody waits.
    waker: Option<Waker>,
    is_dropped: bool,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // No holder leaves it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes whoever waits, each time when it is due, until the timer is dropped.
    fn ring(&self) {
        let mut state = self.state();
        while !state.is_dropped {
            let wait = state.due.saturating_duration_since(Instant::now());
            state = if state.waker.is_none() {
                let waited = self.changed.wait(state);
                waited.unwrap_or_else(PoisonError::into_inner)
            } else if wait.is_zero() {
                let waker = state.waker.take();
                // The task asks for the state again: let it go first.
                drop(state);
                waker.into_iter().for_each(Waker::wake);
                self.state()
            } else {
                let waited = self.changed.wait_timeout(state, wait);
                waited.unwrap_or_else(PoisonError::into_inner).0
            };
        }
    }
}

/// A timer that rings at a moment, and at another after [`Delay::reset`].
#[derive(Debug)]
pub struct Delay(Arc<Shared>);

impl Delay {
    /// Makes a timer that rings at `due`.
    ///
    /// # Errors
    /// Fails if the system starts no thread.
    pub fn new(due: Instant) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                due,
                waker: None,
                is_dropped: false,
            }),
            changed: Condvar::new(),
        });
        let ringing = Arc::clone(&shared);
        thread::Builder::new()
            .name("timer".to_owned())
            .spawn(move || ringing.ring())?;
        Ok(Self(shared))
    }

    /// Lets it ring at `due` instead.
    pub fn reset(&mut self, due: Instant) {
        self.0.state().due = due;
        self.0.changed.notify_one();
    }
}

impl Future for Delay {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.state();
        if Instant::now() >= state.due {
            state.waker = None;
            return Poll::Ready(Ok(()));
        }
        state.waker = Some(context.waker().clone());
        drop(state);
        self.0.changed.notify_one();
        Poll::Pending
    }
}

impl Drop for Delay {
    fn drop(&mut self) {
        self.0.state().is_dropped = true;
        self.0.changed.notify_one();
    }
}
