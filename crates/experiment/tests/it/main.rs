//! Experiments against the real server over loopback sockets.

mod crowd;
mod no_chat;

use std::{future::pending, net::SocketAddr, sync::mpsc, thread};

use tokio::{net::TcpListener, runtime::Runtime};

/// Starts a server that lasts as long as this process. Returns its address.
fn server() -> SocketAddr {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        Runtime::new().unwrap().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            let served = server::serve(listener, server::Settings::default(), pending()).await;
            served.unwrap();
        });
    });
    address.recv().unwrap()
}
