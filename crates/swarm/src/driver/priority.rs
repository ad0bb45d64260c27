//! The thread that says the drafts goes before all others, where it may.
//!
//! Swarm and server share the machine's processors. A draft that leaves late
//! because a reader was being served first is a mistake of the generator's, so
//! the one thread that keeps the schedule asks the kernel to be preferred. That takes a privilege
//! (`CAP_SYS_NICE`); where the kernel groups sessions, the priority counts only among the threads
//! of this program's own session. Without the privilege all goes on as before, and the run says so.

/// Asks the kernel to prefer the calling thread. Returns whether that was granted.
#[cfg(target_os = "linux")]
pub(crate) fn ask() -> bool {
    use rustix::{process::setpriority_process, thread::gettid};

    /// The priority, on the scale from -20 to 19, that sound servers ask for.
    const NICENESS: i32 = -11;
    // Linux keeps a niceness for each thread, although POSIX defines it for processes.
    setpriority_process(Some(gettid()), NICENESS).is_ok()
}

/// Returns that it was not granted: elsewhere a priority is that of the whole process.
#[cfg(not(target_os = "linux"))]
pub(crate) fn ask() -> bool {
    false
}
