//! The end of the program where the parser of the command line has the last word: help, the version,
//! or what makes no sense.

use std::{io::Write, process::ExitCode};

use crate::{Ended, end, exit::Exit, output};

/// Prints what the parser says and returns the exit code. Help that could not be written is no
/// success.
pub(crate) fn end_with(told: &clap::Error) -> ExitCode {
    if told.use_stderr() {
        // There is no better place to report that this could not be written.
        let _ = told.print();
        return Exit::Usage.into();
    }
    let printed = output::check()
        .and_then(|()| told.print().map_err(output::not_printed))
        .and_then(|()| output::stdout().flush());
    end(printed.map(|()| Ended::Well).map_err(Into::into))
}
