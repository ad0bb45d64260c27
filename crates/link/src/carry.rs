//! The link itself: accepts connections and has them carried.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    sync::{Notify, OwnedSemaphorePermit, Semaphore, futures::OwnedNotified},
    task::JoinSet,
    time::sleep,
};

use crate::{Settings, SettingsError, guests::Guests, relay, timer::Timer};

/// The reason for which a link could not start or had to end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The settings contradict themselves.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The kernel gave no timer, or took it back.
    #[error("the link has no timer: {0}; raise the limit on open files (`ulimit -n`)")]
    Timer(io::Error),
    /// No more connections can be accepted.
    #[error(
        "the link cannot accept a connection while it carries {carried}: {error}; each needs \
         two descriptors, so raise the limit on open files (`ulimit -n`)"
    )]
    Accept {
        /// The number of connections that were being carried.
        carried: usize,
        /// The error that the kernel reported.
        error: io::Error,
    },
}

/// A switch by which a link goes silent, as a path does when a machine on it is unplugged: nothing
/// moves any more on the connections that it carries then, in either direction, and neither side is
/// told (no FIN, no RST). New connections are carried as before.
#[derive(Debug, Clone, Default)]
pub struct Silence(Arc<Notify>);

impl Silence {
    /// Makes a switch that was not used yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets all connections that are carried now go silent for good.
    pub fn begin(&self) {
        self.0.notify_waiters();
    }

    /// Returns a future that is ready once a silence begins that begins after this call.
    pub(crate) fn begun(&self) -> OwnedNotified {
        Arc::clone(&self.0).notified_owned()
    }
}

/// The state that all connections of one link share.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) to: SocketAddr,
    pub(crate) settings: Settings,
    pub(crate) timer: Timer,
    /// The free workers, if there are only so many.
    pub(crate) workers: Option<Arc<Semaphore>>,
    pub(crate) silence: Silence,
}

/// Carries every connection that `listener` accepts to `to` and back, until `shutdown` is ready;
/// then drops everything that is still under way, including late bytes.
///
/// An error on one connection, such as a refused dial, ends that connection with a reset at the
/// other side, where a swarm counts it; the link goes on.
///
/// # Errors
///
/// Returns an error if the settings contradict themselves, or if the process has no descriptor left
/// for the timer or the next connection. A measurement through a link that silently accepts no
/// connection would be wrong.
pub async fn run(
    listener: TcpListener,
    to: SocketAddr,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> Result<(), LinkError> {
    run_silenced(listener, to, settings, Silence::new(), shutdown).await
}

/// Carries connections as [`run`] does, until `silence` makes those that there are go silent.
///
/// # Errors
///
/// Returns the errors of [`run`].
pub async fn run_silenced(
    listener: TcpListener,
    to: SocketAddr,
    settings: Settings,
    silence: Silence,
    shutdown: impl Future<Output = ()>,
) -> Result<(), LinkError> {
    carry(listener, to, settings, silence, shutdown, Shortage::Ends).await
}

/// Carries connections as [`run`] does, but continues if a connection cannot be accepted for lack
/// of descriptors or memory: new connections wait until others have ended. This suits programs that
/// serve people, for which slowness is better than an end.
///
/// Each connection that is carried holds one of the places of `guests`, which several links may
/// share, and is not accepted before there is one. This matters where the far side is in the same
/// process: if the link's two descriptors for each connection left none with which the far side
/// accepts it, no connection would ever end. A connection of an address that has as many places as
/// it may is reset.
///
/// # Errors
///
/// Returns an error if the settings contradict themselves, if there is no timer, or if the
/// listening socket itself fails.
pub async fn run_on(
    listener: TcpListener,
    to: SocketAddr,
    settings: Settings,
    guests: Guests,
    shutdown: impl Future<Output = ()>,
) -> Result<(), LinkError> {
    let (silence, shortage) = (Silence::new(), Shortage::Passes(guests));
    carry(listener, to, settings, silence, shutdown, shortage).await
}

/// The reaction of a link to a connection that it cannot accept.
#[derive(Debug)]
enum Shortage {
    /// The link ends.
    Ends,
    /// The link waits for a moment and tries again; it accepts no more than there are places.
    Passes(Guests),
}

impl Shortage {
    const fn passes(&self) -> bool {
        matches!(self, Self::Passes(_))
    }

    /// Returns the guests, where the number of connections is limited.
    const fn guests(&self) -> Option<&Guests> {
        match self {
            Self::Ends => None,
            Self::Passes(guests) => Some(guests),
        }
    }

    /// Waits for a place, where the number of connections is limited.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        match self {
            Self::Ends => None,
            Self::Passes(guests) => guests.place().await,
        }
    }
}

/// The time to wait after accepting failed because other connections hold the resources.
const REST: Duration = Duration::from_millis(20);

async fn carry(
    listener: TcpListener,
    to: SocketAddr,
    settings: Settings,
    silence: Silence,
    shutdown: impl Future<Output = ()>,
    shortage: Shortage,
) -> Result<(), LinkError> {
    settings.check()?;
    let (timer, clockwork) = loop {
        match Timer::start() {
            Ok(started) => break started,
            Err(_) if shortage.passes() => sleep(REST).await,
            Err(error) => return Err(LinkError::Timer(error)),
        }
    };
    let workers = settings.workers.map(|workers| {
        let workers = workers.min(Semaphore::MAX_PERMITS);
        Arc::new(Semaphore::new(workers))
    });
    let link = Arc::new(Link {
        to,
        settings,
        timer,
        workers,
        silence,
    });
    // Its own task, so that a due byte never waits for an accept.
    let mut clockwork_task = JoinSet::new();
    clockwork_task.spawn(clockwork.run());
    tokio::select! {
        () = shutdown => Ok(()),
        error = accept(&listener, &link, &shortage) => Err(error),
        Some(stopped) = clockwork_task.join_next() => {
            Err(LinkError::Timer(stopped.unwrap_or_else(io::Error::other)))
        }
    }
}

/// Accepts and carries until accepting itself fails.
async fn accept(listener: &TcpListener, link: &Arc<Link>, shortage: &Shortage) -> LinkError {
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        let next = async {
            let place = shortage.place().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((client, peer)) => {
                let guests = shortage.guests();
                let entered = guests.map(|guests| guests.enter(peer.ip(), place));
                if let Some(None) = entered {
                    // The client gets a reset, so that it does not take this for an orderly end.
                    let _ = client.set_zero_linger();
                    continue;
                }
                let guest = entered.flatten();
                connections.spawn(relay::carry(Arc::clone(link), client, number, guest));
                number += 1;
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) if shortage.passes() && !socket_is_gone(&error) => {
                sleep(REST).await;
            }
            Err(error) => {
                return LinkError::Accept {
                    carried: connections.len(),
                    error,
                };
            }
        }
    }
}

/// Returns whether a failed accept concerns only a client that left before it was accepted.
pub(crate) fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// The errors of accept(2) that tell of the listening descriptor.
#[cfg(unix)]
const GONE: [i32; 4] = [libc::EBADF, libc::EINVAL, libc::ENOTSOCK, libc::EOPNOTSUPP];
/// The same errors in the numbers of Windows (`WSAEBADF` and so on).
#[cfg(windows)]
const GONE: [i32; 4] = [10_009, 10_022, 10_038, 10_045];

/// Returns whether a failed accept means that the listening socket itself is gone
/// (accept(2)); every other shortage passes.
fn socket_is_gone(error: &io::Error) -> bool {
    error
        .raw_os_error()
        .is_some_and(|code| GONE.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_is_no_broken_socket() {
        let is_gone = |code| socket_is_gone(&io::Error::from_raw_os_error(code));
        for passing in [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM] {
            assert!(!is_gone(passing), "{passing}");
        }
        for gone in [libc::EBADF, libc::EINVAL, libc::ENOTSOCK] {
            assert!(is_gone(gone), "{gone}");
        }
    }
}
