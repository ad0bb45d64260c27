//! The message for a command that failed.

use std::io::{Error, ErrorKind};

/// Writes the error and its causes on one line. Many of our errors name their cause
/// themselves, and nobody needs to read it twice.
pub(crate) fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !text.contains(&cause) {
            let between = if text.is_empty() { "" } else { ": " };
            text = format!("{text}{between}{cause}");
        }
    }
    text
}

/// Returns an error that advises the user about an address on which the server cannot listen.
pub(crate) fn not_listening(address: std::net::SocketAddr, why: &Error) -> anyhow::Error {
    let advice = match why.kind() {
        ErrorKind::AddrInUse => "something else uses it; choose another with --listen",
        ErrorKind::AddrNotAvailable => {
            "this machine has no such address; 127.0.0.1 is itself, 0.0.0.0 all that it has"
        }
        ErrorKind::PermissionDenied => "ports below 1024 are the system's; --listen another",
        _ => "choose another with --listen",
    };
    anyhow::anyhow!("cannot listen on {address}: {why}; {advice}")
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_cause_that_was_named_is_not_named_again() {
        let missing = || Err::<(), _>(Error::from(ErrorKind::NotFound));
        let twice =
            missing().map_err(|why| anyhow::Error::from(why).context("x: entity not found"));
        assert_eq!(told(&twice.unwrap_err()), "x: entity not found");
        let once = missing().context("cannot read x").unwrap_err();
        assert_eq!(told(&once), "cannot read x: entity not found");
    }
}
