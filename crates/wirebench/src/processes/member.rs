//! One process of a load generator, seen from the one that started it.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::Sender,
    thread,
};

use anyhow::{Context, bail};

use super::{
    Event,
    words::{Instruction, Order, Told},
};

/// A process, which ends with this value.
#[derive(Debug)]
pub(super) struct Member {
    child: Child,
    stdin: ChildStdin,
    /// The words that it says, until somebody listens.
    said: Option<BufReader<ChildStdout>>,
}

impl Member {
    /// Starts a process and waits until it has begun its part.
    pub(super) fn start(order: &Order) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let mut child = Command::new(program)
            .arg("swarm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A group of its own: Ctrl-C reaches the one who started it, which then ends the run.
            .process_group(0)
            .spawn()
            .context("cannot be started")?;
        // The pipes are there: they were asked for above.
        let stdin = child.stdin.take().expect("a piped stdin");
        let stdout = child.stdout.take().expect("a piped stdout");
        let mut member = Self {
            child,
            stdin,
            said: None,
        };
        let mut said = BufReader::new(stdout);
        member.write(order)?;
        let mut line = String::new();
        said.read_line(&mut line)?;
        match serde_json::from_str(&line) {
            Ok(Told::Started) => {}
            Ok(Told::Failed(why)) => bail!(why),
            _ => bail!("it ended before it had begun"),
        }
        member.said = Some(said);
        Ok(member)
    }

    /// Passes on what it says from now on, as from process `number`, until it says nothing more.
    pub(super) fn listen(
        &mut self,
        number: usize,
        events: Sender<(usize, Event)>,
    ) -> anyhow::Result<()> {
        let said = self.said.take().context("somebody listens already")?;
        thread::Builder::new()
            .name(format!("process-{}", number + 1))
            .spawn(move || {
                for line in said.lines().map_while(Result::ok) {
                    let Ok(told) = serde_json::from_str(&line) else {
                        break;
                    };
                    if events.send((number, Event::Told(Box::new(told)))).is_err() {
                        return;
                    }
                }
                // Nobody may be there any more who wants to know.
                let _ = events.send((number, Event::Gone));
            })
            .context("cannot start a thread")?;
        Ok(())
    }

    /// Tells it something. One that has ended hears nothing, which is found out elsewhere.
    pub(super) fn tell(&mut self, instruction: &Instruction) {
        let _ = self.write(instruction);
    }

    fn write(&mut self, line: &impl serde::Serialize) -> anyhow::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.stdin.write_all(&text)?;
        Ok(self.stdin.flush()?)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // No-ops on a process that has been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
