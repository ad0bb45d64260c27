//! Tests of the ways in which connections end: half-closed, closed for silence, reset, refused, or
//! with the link.

use std::net::IpAddr;

use link::Guests;
use tokio::net::TcpSocket;

use super::*;

/// Returns how the other side ended: in order, or with a reset.
async fn end_of(stream: &mut TcpStream) -> Result<(), io::ErrorKind> {
    let mut rest = Vec::new();
    match within(stream.read_to_end(&mut rest)).await {
        Ok(_) => Ok(()),
        Err(error) => Err(error.kind()),
    }
}

#[tokio::test]
async fn a_half_closed_connection_still_carries_the_answer() {
    let (mut client, mut server) = through("delay=10ms,jitter=5ms").await;
    client.write_all(b"question").await.unwrap();
    client.shutdown().await.unwrap();
    let mut heard = String::new();
    within(server.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "question");
    server.write_all(b"answer").await.unwrap();
    server.shutdown().await.unwrap();
    heard.clear();
    within(client.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "answer");
}

#[tokio::test]
async fn a_connection_is_reset_at_its_age_on_both_sides() {
    let began = Instant::now();
    let (mut client, mut server) = through("reset-after=100ms").await;
    for stream in [&mut client, &mut server] {
        assert_eq!(end_of(stream).await, Err(io::ErrorKind::ConnectionReset));
    }
    assert!(began.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_silent_connection_is_closed_on_both_sides() {
    let began = Instant::now();
    let (mut client, mut server) = through("idle-cut=150ms,delay=5ms").await;
    for stream in [&mut client, &mut server] {
        assert_eq!(end_of(stream).await, Ok(()));
    }
    assert!(began.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn one_side_that_speaks_keeps_a_connection_open() {
    let (mut client, mut server) = through("idle-cut=3s").await;
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(4) {
        server.write_u8(1).await.unwrap();
        within(client.read_u8()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(server);
    assert_eq!(end_of(&mut client).await, Ok(()));
}

#[tokio::test]
async fn one_side_s_reset_reaches_the_other() {
    let (mut client, server) = through("").await;
    server.set_zero_linger().unwrap();
    drop(server);
    assert_eq!(
        end_of(&mut client).await,
        Err(io::ErrorKind::ConnectionReset)
    );
}

/// Checks that a link with two places accepts a third connection only once one of the two has ended.
#[tokio::test]
async fn a_connection_waits_for_a_place() {
    let listener = || TcpListener::bind("127.0.0.1:0");
    let (far, entrance) = (listener().await.unwrap(), listener().await.unwrap());
    let (to, address) = (far.local_addr().unwrap(), entrance.local_addr().unwrap());
    let guests = Guests::new(2);
    let kept = guests.clone();
    let settings = link::Settings::default();
    let link = link::run_on(entrance, to, settings, guests, std::future::pending());
    let link = tokio::spawn(link);
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(TcpStream::connect(address).await.unwrap());
    }
    let mut servers = Vec::new();
    for _ in 0..2 {
        servers.push(within(far.accept()).await.unwrap().0);
    }
    assert_eq!(kept.free(), 0);
    let third = timeout(Duration::from_millis(100), far.accept()).await;
    assert!(third.is_err(), "there were two places");
    drop((clients.remove(0), servers.remove(0)));
    within(far.accept()).await.unwrap();
    link.abort();
}

/// Connects from the loopback address `127.0.0.host`.
async fn connect_from(host: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    let from = SocketAddr::from(([127, 0, 0, host], 0));
    socket.bind(from).unwrap();
    socket.connect(to).await.unwrap()
}

#[tokio::test]
async fn one_address_does_not_take_all_places_and_is_known_behind_the_link() {
    let listener = || TcpListener::bind("127.0.0.1:0");
    let (far, entrance) = (listener().await.unwrap(), listener().await.unwrap());
    let (to, address) = (far.local_addr().unwrap(), entrance.local_addr().unwrap());
    let guests = Guests::new(4);
    let kept = guests.clone();
    let settings = link::Settings::default();
    let link = link::run_on(entrance, to, settings, guests, std::future::pending());
    let link = tokio::spawn(link);
    let mut inside = Vec::new();
    for _ in 0..3 {
        let client = connect_from(2, address).await;
        let (server, near) = within(far.accept()).await.unwrap();
        assert_eq!(kept.behind(near), Some(IpAddr::from([127, 0, 0, 2])));
        inside.push((client, server));
    }
    let mut fourth = connect_from(2, address).await;
    let end = end_of(&mut fourth).await;
    assert_eq!(end, Err(io::ErrorKind::ConnectionReset));
    let _other = connect_from(3, address).await;
    let (_server, near) = within(far.accept()).await.unwrap();
    assert_eq!(kept.behind(near), Some(IpAddr::from([127, 0, 0, 3])));
    link.abort();
}

#[tokio::test]
async fn a_refused_dial_resets_that_connection_only() {
    // Bound and never listening, so that nobody else can have the port meanwhile.
    let deaf = TcpSocket::new_v4().unwrap();
    deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let to = deaf.local_addr().unwrap();
    let address = link(to, "").await;
    for _ in 0..2 {
        let mut client = TcpStream::connect(address).await.unwrap();
        assert_eq!(
            end_of(&mut client).await,
            Err(io::ErrorKind::ConnectionReset)
        );
    }
}

#[tokio::test]
async fn the_link_ends_when_it_is_told_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(link::run(
        listener,
        echo_server().await,
        link::Settings::default(),
        async {
            let _ = told.await;
        },
    ));
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_u8(1).await.unwrap();
    within(client.read_u8()).await.unwrap();
    tell.send(()).unwrap();
    within(running).await.unwrap().unwrap();
    assert!(within(client.read_u8()).await.is_err());
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    let settings = link::Settings {
        jitter: Duration::from_millis(1),
        ..link::Settings::default()
    };
    let error = within(link::run(listener, to, settings, std::future::pending()))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("raise the delay"), "{error}");
}

/// Checks that a link that goes silent lets neither end know: no byte, no FIN, no RST. Whoever
/// connects anew is carried.
#[tokio::test]
async fn a_silence_ends_nothing_and_lets_nothing_through() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    let entrance = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = entrance.local_addr().unwrap();
    let silence = link::Silence::new();
    let settings = link::Settings::default();
    let switch = silence.clone();
    tokio::spawn(link::run_silenced(
        entrance,
        to,
        settings,
        silence,
        std::future::pending(),
    ));
    let mut ends = Vec::new();
    for _ in 0..2 {
        let mut client = TcpStream::connect(address).await.unwrap();
        let (mut server, _) = within(listener.accept()).await.unwrap();
        client.write_u8(1).await.unwrap();
        assert_eq!(within(server.read_u8()).await.unwrap(), 1);
        ends.push((client, server));
        if ends.len() == 1 {
            switch.begin();
        }
    }
    let [(silent, deaf), (client, server)] = &mut ends[..] else {
        unreachable!("two connections");
    };
    // What would have come before these would have been heard before them.
    silent.write_all(b"anybody").await.unwrap();
    deaf.write_all(b"nobody").await.unwrap();
    client.write_all(b"there").await.unwrap();
    server.write_all(b"here").await.unwrap();
    let mut heard = [0; 5];
    within(server.read_exact(&mut heard)).await.unwrap();
    assert_eq!(&heard, b"there");
    within(client.read_exact(&mut heard[..4])).await.unwrap();
    for stream in [silent, deaf] {
        let short = Duration::from_millis(100);
        let waited = tokio::time::timeout(short, stream.read_u8()).await;
        assert!(waited.is_err(), "heard {waited:?}");
    }
}

/// Checks that whatever a client asks for, a link dials the one address that it was given.
#[tokio::test]
async fn a_link_leads_to_its_own_address_and_to_no_other() {
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = other.local_addr().unwrap();
    let said = format!(
        "CONNECT {elsewhere} HTTP/1.1\r\nhost: {elsewhere}\r\n\r\n\
         GET http://{elsewhere}/ HTTP/1.1\r\nhost: {elsewhere}\r\n\r\n"
    );
    for settings in ["", "buffer=response,cut-after=1h"] {
        let (mut client, mut server) = through(settings).await;
        client.write_all(said.as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        let mut heard = String::new();
        within(server.read_to_string(&mut heard)).await.unwrap();
        assert_eq!(heard, said, "{settings}");
    }
    let nobody = tokio::time::timeout(Duration::from_millis(50), other.accept()).await;
    assert!(nobody.is_err(), "{nobody:?}");
}
