//! A chat over socketioxide, as its own guide writes it: a client joins a room, and what it
//! says is emitted to the room, itself included.
//!
//! The room comes with the CONNECT. A client hears that it is connected before the handler of its
//! connection has run, so an event that it sends at once may find nobody who listens.
//!
//!     socketioxide-peer [PORT]      8101 unless another is given

use std::{env, error::Error, process};

use axum::{Router, serve::ListenerExt};
use serde::{Deserialize, Serialize};
use socketioxide::{
    SocketIo,
    extract::{Data, SocketRef},
};
use tokio::net::TcpSocket;

#[derive(Deserialize)]
struct Auth {
    room: String,
}

#[derive(Deserialize, Serialize)]
struct Draft {
    from: String,
    text: String,
    tag: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (layer, io) = SocketIo::new_layer();
    io.ns("/", join);

    let port = env::args().nth(1).map_or(Ok(8101), |port| port.parse())?;
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    let listener = socket.listen(4096)?;
    let (address, pid) = (listener.local_addr()?, process::id());
    println!("listening on http://{address}");
    println!(
        "process {pid}: wirebench run scenarios/peers/socketioxide.toml --target http://{address} --target-pid {pid}"
    );
    // As Node does with every connection of its own accord.
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    axum::serve(listener, Router::new().layer(layer)).await?;
    Ok(())
}

/// Has a client join the room that it names, and be heard there from then on.
async fn join(socket: SocketRef, Data(Auth { room }): Data<Auth>) {
    socket.join(room.clone());
    let joined = room.clone();
    socket.on("say", move |socket: SocketRef, Data::<Draft>(draft)| {
        let room = room.clone();
        async move {
            let _ = socket.within(room).emit("message", &draft).await;
        }
    });
    let _ = socket.emit("joined", &joined);
}
