//! The thread that says the drafts goes before all others, where it may.
//!
//! Swarm and server share the machine's processors. A draft that leaves late
//! because a reader was being served first is a mistake of the generator's, so
//! the one thread that keeps the schedule asks the kernel to be preferred. That
//! takes a privilege (`CAP_SYS_NICE`), and where the kernel groups sessions it counts
//! within this program's own only; without it all goes on as before, and the
//! run says so.

use rustix::{process::setpriority_process, thread::gettid};

/// The priority, on the scale from -20 to 19, that sound servers ask for.
const NICENESS: i32 = -11;

/// Asks for it for the calling thread; whether it was granted.
pub(crate) fn ask() -> bool {
    // Linux keeps it for each thread, whatever POSIX says of processes.
    setpriority_process(Some(gettid()), NICENESS).is_ok()
}
