//! WebSocket frames of chosen sizes, there and back: what their heads take.

use std::net::SocketAddr;

use dissect::{Direction, Layer};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::{
    ExperimentError, Seen, run,
    tap::{Tap, lengths},
};

/// Sends a message of each size to `/echo` of the server at `address`, and waits
/// for it to come back.
///
/// # Errors
/// Fails if a socket fails, or the server does not echo.
pub fn frames(address: SocketAddr, sizes: &[usize]) -> Result<Vec<Seen>, ExperimentError> {
    run(async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let tap = Tap::new(stream);
        let view = tap.view();
        let url = format!("ws://{address}/echo");
        let (mut socket, _) = tokio_tungstenite::client_async(url, tap).await?;
        let mut seen = Vec::new();
        for &size in sizes {
            let before = view.spans().len();
            socket.send(Message::binary(vec![0; size])).await?;
            let echo = socket.next().await;
            let echo =
                echo.ok_or_else(|| ExperimentError::Answer("the socket ended".to_owned()))??;
            if echo.len() != size {
                return Err(ExperimentError::Answer(format!(
                    "{} bytes came back of {size}",
                    echo.len()
                )));
            }
            let spans = &view.spans()[before..];
            for direction in Direction::ALL {
                let sum = |layer| lengths(spans, direction, layer).iter().sum::<u64>();
                let subject = format!("{} {size}", direction.name());
                seen.push(Seen::bytes(&subject, "ws_head", sum(Layer::WsHead)));
                seen.push(Seen::bytes(&subject, "ws_mask", sum(Layer::WsMask)));
            }
        }
        socket.close(None).await?;
        Ok(seen)
    })
}
