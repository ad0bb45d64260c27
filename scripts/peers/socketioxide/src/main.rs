//! A chat over socketioxide, as its own examples write it: a client joins a room, and
//! what it says is emitted to the room, itself included.
//!
//!     wirebench-peer-socketioxide [PORT]      8099 unless another is given

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use socketioxide::{
    SocketIo,
    extract::{Data, Extension, SocketRef},
};
use tokio::net::TcpListener;

/// The room that a socket has joined.
#[derive(Debug, Clone)]
struct Room(String);

fn welcome(socket: SocketRef, io: SocketIo) {
    socket.on("join", async |socket: SocketRef, Data(room): Data<String>| {
        socket.extensions.insert(Room(room.clone()));
        socket.join(room.clone());
        let _ = socket.emit("joined", &room);
    });
    socket.on("say", async move |Extension(Room(room)): Extension<Room>, Data(draft): Data<Value>| {
        let _ = io.to(room).emit("message", &draft).await;
    });
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "8099".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let (service, io) = SocketIo::new_svc();
    let all = io.clone();
    io.ns("/", async move |socket: SocketRef| welcome(socket, all.clone()));
    let (address, pid) = (listener.local_addr()?, std::process::id());
    println!("listening on http://{address}");
    println!("process {pid}: wirebench run scenarios/peers/socketioxide.toml --target http://{address} --target-pid {pid}");
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = service.clone();
        tokio::spawn(async move {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            let _ = connection.with_upgrades().await;
        });
    }
}
