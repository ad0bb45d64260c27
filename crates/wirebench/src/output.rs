//! Standard output, where the commands print their results: a failure to print is told apart from all
//! others, and nothing is done for a command whose results cannot be printed.
//!
//! A function that the loader calls before `main` looks whether the program was started without standard
//! output (`>&-`). In `main` it is too late: the standard library has put `/dev/null` in its place, and
//! ignores that nothing can be written to what is open only for reading.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
    sync::atomic::{AtomicBool, Ordering},
};

/// True if the program was started with a standard output to which nothing can be written.
static IS_UNUSABLE: AtomicBool = AtomicBool::new(false);

#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "only the loader calls a function before main; this one makes a system call and sets a flag"
)]
mod before_main {
    use std::sync::atomic::Ordering;

    use rustix::fs::{OFlags, fcntl_getfl};

    use super::IS_UNUSABLE;

    // SAFETY: the section is a list of functions with this signature, which the loader calls one by
    // one before `main`. The function needs nothing that the standard library sets up by then.
    #[used]
    #[unsafe(link_section = ".init_array")]
    static CHECK_STDOUT: extern "C" fn() = check_stdout;

    extern "C" fn check_stdout() {
        let can_be_written = fcntl_getfl(rustix::stdio::stdout())
            .is_ok_and(|flags| flags & OFlags::RWMODE != OFlags::RDONLY);
        IS_UNUSABLE.store(!can_be_written, Ordering::Relaxed);
    }
}

/// The failure to print.
#[derive(Debug)]
struct NotPrinted(String);

impl fmt::Display for NotPrinted {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "cannot write to standard output: {}", self.0)
    }
}

impl std::error::Error for NotPrinted {}

/// Standard output; its errors are those of printing.
#[derive(Debug)]
pub(crate) struct Output(io::Stdout);

/// Returns standard output.
pub(crate) fn stdout() -> Output {
    Output(io::stdout())
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(not_printed)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(not_printed)
    }
}

/// Returns an error of standard output as a failure to print, whose kind is the same.
pub(crate) fn not_printed(error: io::Error) -> io::Error {
    match error.kind() {
        // The writer tries again after this error.
        ErrorKind::Interrupted => error,
        kind => io::Error::new(kind, NotPrinted(error.to_string())),
    }
}

/// Checks that standard output can be written to.
pub(crate) fn check() -> io::Result<()> {
    if !IS_UNUSABLE.load(Ordering::Relaxed) {
        return Ok(());
    }
    let why = "it is closed, or open only for reading; direct it to a file, or to /dev/null";
    Err(io::Error::other(NotPrinted(why.to_owned())))
}

/// Returns the kind of the failure to print, if this error is one.
pub(crate) fn failure(error: &anyhow::Error) -> Option<ErrorKind> {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .find(|cause| {
            let inner = cause.get_ref();
            inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<NotPrinted>)
        })
        .map(io::Error::kind)
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_failure_to_print_is_told_from_all_others() {
        let broken = || io::Error::from(ErrorKind::BrokenPipe);
        let printing = || Err::<(), _>(not_printed(broken()));
        assert_eq!(
            failure(&printing().unwrap_err().into()),
            Some(ErrorKind::BrokenPipe)
        );
        let told = printing().context("cannot list them").unwrap_err();
        assert_eq!(failure(&told), Some(ErrorKind::BrokenPipe));
        assert_eq!(failure(&broken().into()), None);
        let elsewhere = Err::<(), _>(broken()).context("the server's standard input");
        assert_eq!(failure(&elsewhere.unwrap_err()), None);
        let again = not_printed(ErrorKind::Interrupted.into());
        assert_eq!(failure(&again.into()), None);
    }

    #[test]
    fn a_failure_to_print_says_why() {
        let full = not_printed(ErrorKind::StorageFull.into());
        let told = full.to_string();
        assert!(
            told.starts_with("cannot write to standard output: "),
            "{told}"
        );
    }
}
