//! A hidden command that keeps a program as long as somebody wants it: it starts the program, and
//! ends it and all that it started when standard input closes, even if the process that asked for
//! it was killed. `run` starts its proxies in this way, so that none of them is left behind.

use std::{
    fs::File,
    io::Write,
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};
use tokio::signal::unix::{SignalKind, signal};

use crate::{Ended, args, stop::asked_to_stop};

/// The time that a program may take to end before it is killed.
const GOODBYE: Duration = Duration::from_secs(3);

/// The beginning of the line that says which process the program is.
pub(crate) const PROCESS: &str = "process ";

/// Starts the program, says its process id, and keeps it until it is wanted no more.
pub(crate) fn keep(options: &args::Keep) -> anyhow::Result<Ended> {
    let (program, arguments) = (options.command.split_first()).context("no program to keep")?;
    let shown = program.display();
    let log = File::create(&options.log)
        .with_context(|| format!("cannot write {}", options.log.display()))?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        // A group of its own, which all that it starts is in.
        .process_group(0)
        .spawn()
        .inspect_err(|error| {
            let _ = writeln!(&log, "cannot start {shown}: {error}");
        })?;
    let mut stdout = crate::output::stdout();
    writeln!(stdout, "{PROCESS}{}", child.id())?;
    stdout.flush()?;
    let ended = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(wait(&mut child));
    let group = Pid::from_raw(child.id().cast_signed());
    if ended.is_none() {
        say_goodbye(&mut child, group);
    }
    // What it started and did not end is in its group.
    let _ = killpg(group, Signal::SIGKILL);
    let _ = child.wait();
    if let Some(status) = ended {
        bail!("{shown} ended: {status}");
    }
    if let Some(folder) = &options.folder {
        let _ = std::fs::remove_dir_all(folder);
    }
    Ok(Ended::Well)
}

/// Waits until the program is wanted no more (`None`), or has ended by itself.
async fn wait(child: &mut Child) -> Option<ExitStatus> {
    let ended = async {
        let Ok(mut children) = signal(SignalKind::child()) else {
            return std::future::pending().await;
        };
        loop {
            if let Ok(Some(status)) = child.try_wait() {
                return status;
            }
            children.recv().await;
        }
    };
    tokio::select! {
        () = asked_to_stop(true) => None,
        status = ended => Some(status),
    }
}

/// Asks the program to end, and waits for it for a while.
fn say_goodbye(child: &mut Child, group: Pid) {
    // The number of the group is also that of its first process, which gets this signal.
    let _ = kill(group, Signal::SIGTERM);
    let asked = Instant::now();
    while asked.elapsed() < GOODBYE && matches!(child.try_wait(), Ok(None)) {
        sleep(Duration::from_millis(5));
    }
}
