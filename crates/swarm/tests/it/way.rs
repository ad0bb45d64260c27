//! The way between the swarm and a server: direct, or over a link.

use std::{net::SocketAddr, sync::mpsc, thread};

use swarm::{Target, outcome::Outcome, plan::Plan};
use tokio::{net::TcpListener, runtime::Builder};

/// Starts a link to `to` that lasts as long as this process, and returns where it listens.
pub(crate) fn link(to: SocketAddr, settings: &'static str) -> SocketAddr {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            let settings = link::settings_from(settings).unwrap();
            let _ = link::run(listener, to, settings, std::future::pending()).await;
        });
    });
    address.recv().unwrap()
}

/// Runs `plan` against `target` to its end.
pub(crate) fn run_to(plan: &Plan, target: Target) -> Outcome {
    let running = swarm::start(plan.clone(), target).unwrap();
    running.notices.iter().for_each(drop);
    running.finish()
}
