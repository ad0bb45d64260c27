//! A server on one thread and nothing around it, which builds in a fraction of the time that the
//! whole program takes. `scripts/count-instructions` counts in it.
//!
//! Takes a free port of this machine, and prints `listening on http://ADDRESS` as `wirebench serve`
//! does. `--io uring` and `--metrics` are the only choices. Ends in good order at SIGTERM.

#![expect(clippy::print_stdout, reason = "a program that says where it is")]

use std::{env, error::Error};

use server::{Counters, Io, Settings};
use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    let is_uring = arguments.windows(2).any(|pair| pair == ["--io", "uring"]);
    let has_metrics = arguments.iter().any(|argument| argument == "--metrics");
    let counters = has_metrics.then(Counters::new);
    let settings = Settings {
        tap: counters.as_ref().map(Counters::tap),
        counters,
        io: if is_uring { Io::Uring } else { Io::Epoll },
        ..Settings::default()
    };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(settings))
}

async fn serve(settings: Settings) -> Result<(), Box<dyn Error>> {
    let listener = server::listen("127.0.0.1:0".parse()?)?;
    let mut terminated = signal(SignalKind::terminate())?;
    println!("listening on http://{}", listener.local_addr()?);
    let stop = async {
        terminated.recv().await;
    };
    server::serve(listener, settings, stop).await?;
    Ok(())
}
