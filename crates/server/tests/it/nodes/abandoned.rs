//! A server that ends as if its process had been killed, and one that is given connections that
//! others accepted.

use server::{Chat, Endpoint, Settings, Source};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
};
use wire::Draft;

use super::redis::{Redis, store};
use crate::fixture::soon;

fn draft(text: &str) -> Draft {
    Draft {
        from: "ann".into(),
        text: text.to_owned(),
        tag: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_abandoned_writes_nothing_more() {
    let Some(redis) = Redis::start() else { return };
    let chat = Chat::new(Settings {
        store: Some(store(&redis.url(), &server::RedisSettings::default())),
        ..Settings::default()
    })
    .unwrap();
    let other = redis.node();
    assert_eq!(chat.say("a", draft("one")), Ok(true));
    // What was handed over is there before it ends.
    super::whole(&other, 1).await;
    chat.abandon();
    assert_eq!(chat.say("a", draft("two")), Ok(false));
    assert_eq!(other.say("three").await, 2);
    let batch = super::whole(&other, 2).await;
    assert_eq!(batch["events"][1]["text"], "three");
    assert_eq!(redis.length(), 2);
}

#[tokio::test]
async fn a_connection_that_was_accepted_elsewhere_is_served() {
    let chat = Chat::new(Settings::default()).unwrap();
    let (open, endpoints) = mpsc::unbounded_channel();
    let (hand, handed) = mpsc::unbounded_channel();
    let source = Source::Handed(handed);
    open.send(Endpoint {
        source,
        tap: None,
        behind: None,
    })
    .unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        server::serve_endpoints(&chat, endpoints, stopped).await
    });
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut near = TcpStream::connect(door.local_addr().unwrap())
        .await
        .unwrap();
    hand.send(door.accept().await.unwrap()).unwrap();
    // Whoever came stays, though nobody hands over any more.
    drop(hand);
    let request = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    near.write_all(request).await.unwrap();
    let mut answer = String::new();
    soon(near.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    drop(stop);
    soon(served).await.unwrap().unwrap();
}
