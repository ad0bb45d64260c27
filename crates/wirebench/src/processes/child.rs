//! `wirebench swarm`: one process of a load generator. It is told its part of a run on standard input
//! and says on standard output what it notices; it ends when standard input closes.

use std::{
    io::{BufRead, Stdin, Write},
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use swarm::{Running, Starter, Stopper, outcome::Notice, start_part};

use super::{
    conduct::monotonic_now,
    words::{Instruction, Order, Told},
};
use crate::Ended;

/// Takes an order and runs it.
pub(crate) fn swarm() -> anyhow::Result<Ended> {
    let stdin = std::io::stdin();
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    let order: Order = serde_json::from_str(&line)
        .context("this is how `run --processes` starts a process; it is of no use by itself")?;
    let (plan, target, part) = order.into_run();
    let (running, starter) = match start_part(plan, target, part) {
        Ok(started) => started,
        Err(error) => {
            tell(&Told::Failed(error.to_string()))?;
            return Ok(Ended::Well);
        }
    };
    tell(&Told::Started)?;
    let (closer, ended) = mpsc::channel();
    let stopper = running.stopper();
    thread::Builder::new()
        .name("wishes".to_owned())
        .spawn(move || heed(&stdin, &starter, &stopper, &closer))?;
    follow(&running, &ended)?;
    let mut outcome = running.finish();
    // All processes of the run are on this machine, and read one calendar clock.
    outcome.clock_error = Some(Duration::ZERO);
    tell(&Told::Outcome(Box::new(outcome)))?;
    Ok(Ended::Well)
}

/// Says what the run notices, to its end.
fn follow(running: &Running, closed: &Receiver<()>) -> anyhow::Result<()> {
    for notice in &running.notices {
        match notice {
            Notice::Phase(phase) => tell(&Told::Phase(phase))?,
            Notice::Gathered => tell(&Told::Gathered)?,
            Notice::Second(second) => tell(&Told::Second(second))?,
            Notice::WindowEnded(look) => {
                tell(&Told::WindowEnded)?;
                // The run itself bounds the time for which connections stay open.
                let _ = closed.recv();
                drop(look);
            }
        }
    }
    Ok(())
}

/// Does what standard input asks for, until it closes.
fn heed(stdin: &Stdin, starter: &Starter, stopper: &Stopper, closes: &Sender<()>) {
    for line in stdin.lock().lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(Instruction::Begin(at)) => {
                let wait = at.saturating_sub(monotonic_now());
                starter.begin(Instant::now() + Duration::from_nanos(wait));
            }
            Ok(Instruction::Stop(reason)) => stopper.stop(reason),
            Ok(Instruction::Close) => {
                // A run that is over closes by itself.
                let _ = closes.send(());
            }
            Err(_) => break,
        }
    }
    stopper.stop("the program that started this process has ended");
    let _ = closes.send(());
}

fn tell(told: &Told) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec(told)?;
    text.push(b'\n');
    let mut stdout = crate::output::stdout();
    stdout.write_all(&text)?;
    Ok(stdout.flush()?)
}
