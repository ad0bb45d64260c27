//! The thread that says the drafts goes before all others, where it may.
//!
//! Swarm and server share the machine's processors. A draft that leaves late
//! because a reader was being served first is a mistake of the generator's, so
//! the one thread that keeps the schedule asks the kernel to be preferred. That takes a privilege
//! (`CAP_SYS_NICE`); where the kernel groups sessions, the priority counts only among the threads
//! of this program's own session. Without the privilege all goes on as before, and the run says so.

use rustix::{process::setpriority_process, thread::gettid};

/// The priority, on the scale from -20 to 19, that sound servers ask for.
const NICENESS: i32 = -11;

/// Asks the kernel to prefer the calling thread. Returns whether that was granted.
pub(crate) fn ask() -> bool {
    // Linux keeps a niceness for each thread, although POSIX defines it for processes.
    setpriority_process(Some(gettid()), NICENESS).is_ok()
}
