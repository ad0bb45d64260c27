//! Tests of a link that ends TLS itself.

use link::Silence;
use tls::{AcceptSettings, Acceptor, Connector, Identity, Session, Trust, Versions};

use super::{
    exchanges::{ASK, Counting},
    *,
};

/// Starts a link that ends TLS before `to`. Returns where it listens, and who may talk to it.
async fn sealed(to: SocketAddr, settings: &str) -> (SocketAddr, Connector) {
    let settings = link::settings_from(settings).unwrap();
    let identity = Identity::made_for(vec!["127.0.0.1".to_owned()]).unwrap();
    let acceptor = Acceptor::new(identity, AcceptSettings::default()).unwrap();
    let trust = Trust::Exactly(acceptor.fingerprint());
    let connector = Connector::new("127.0.0.1", &trust, Versions::Both, true).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let end = std::future::pending();
    tokio::spawn(link::run_sealed(
        listener,
        to,
        settings,
        acceptor,
        Silence::new(),
        end,
    ));
    (address, connector)
}

/// A client under TLS.
struct Client {
    stream: TcpStream,
    session: Session,
}

impl Client {
    async fn open(address: SocketAddr, connector: &Connector) -> io::Result<Self> {
        let mut client = Self {
            stream: TcpStream::connect(address).await?,
            session: connector.session().map_err(io::Error::other)?,
        };
        client.flush().await?;
        while client.session.is_handshaking() {
            client.more().await?;
        }
        Ok(client)
    }

    async fn flush(&mut self) -> io::Result<()> {
        let mut wire = Vec::new();
        self.session.send(&mut wire)?;
        self.stream.write_all(&wire).await
    }

    /// Reads once, and fails at the end.
    async fn more(&mut self) -> io::Result<()> {
        let mut some = [0; 4096];
        let size = self.stream.read(&mut some).await?;
        if size == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.session
            .receive(&some[..size], &mut |_| {})
            .map_err(io::Error::other)?;
        self.flush().await
    }

    async fn say(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let sealed = self.session.seal(bytes)?;
            bytes = &bytes[sealed..];
        }
        self.flush().await
    }

    /// Hears so many bytes.
    async fn hear(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.session.content().len() < count {
            if self.session.has_ended() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.more().await?;
        }
        let heard = self.session.content()[..count].to_vec();
        self.session.take(count);
        Ok(heard)
    }

    /// Asks once, and hears the answer of [`Counting`].
    async fn ask(&mut self) -> io::Result<()> {
        self.say(ASK).await?;
        let answer = self.hear(40).await?;
        assert!(answer.ends_with(b"ok"), "{answer:?}");
        Ok(())
    }
}

#[tokio::test]
async fn requests_under_tls_wait_for_a_worker() {
    for (workers, is_bounded) in [("workers=3,delay=1ms", true), ("", false)] {
        let (server, counts) = Counting::serve(Some(Duration::from_millis(30))).await;
        let (address, connector) = sealed(server, workers).await;
        let people: Vec<_> = (0..10)
            .map(|_| {
                let connector = connector.clone();
                tokio::spawn(async move {
                    let mut client = Client::open(address, &connector).await?;
                    for _ in 0..4 {
                        client.ask().await?;
                    }
                    io::Result::Ok(())
                })
            })
            .collect();
        for person in people {
            within(person).await.unwrap().unwrap();
        }
        assert_eq!(counts.answered.load(Ordering::SeqCst), 40, "{workers}");
        let most = counts.most.load(Ordering::SeqCst);
        assert!((most <= 3) == is_bounded && most > 1, "{workers}: {most}");
    }
}

#[tokio::test]
async fn under_tls_a_pause_between_two_exchanges_is_no_silence() {
    let (server, _) = Counting::serve(Some(Duration::ZERO)).await;
    let (address, connector) = sealed(server, "cut-idle=200ms").await;
    let mut client = within(Client::open(address, &connector)).await.unwrap();
    within(client.ask()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    within(client.ask()).await.unwrap();
}

#[tokio::test]
async fn under_tls_a_silent_exchange_is_cut_in_good_order() {
    let (server, _) = Counting::serve(None).await;
    let (address, connector) = sealed(server, "cut-idle=200ms").await;
    let mut client = within(Client::open(address, &connector)).await.unwrap();
    client.say(ASK).await.unwrap();
    let head = within(client.hear(47)).await.unwrap();
    assert!(head.ends_with(b"\r\n\r\n"), "{head:?}");
    let end = within(client.hear(1)).await.unwrap_err();
    assert_eq!(end.kind(), io::ErrorKind::UnexpectedEof);
    assert!(client.session.has_ended(), "no close_notify");
}

#[tokio::test]
async fn what_is_said_under_tls_comes_back_whole() {
    let echo = echo_server().await;
    let (address, connector) = sealed(echo, "").await;
    let mut client = within(Client::open(address, &connector)).await.unwrap();
    // More than a record holds, and less than the sockets between take while nobody reads.
    let said = random_bytes(7, 100_000);
    client.say(&said).await.unwrap();
    assert!(within(client.hear(said.len())).await.unwrap() == said);
}

#[tokio::test]
async fn who_speaks_in_the_clear_to_a_link_under_tls_hears_no_answer() {
    let (server, counts) = Counting::serve(Some(Duration::ZERO)).await;
    let (address, _) = sealed(server, "").await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(ASK).await.unwrap();
    let mut all = Vec::new();
    // An alert, and then the end; or a reset.
    let _ = within(client.read_to_end(&mut all)).await;
    assert!(!all.starts_with(b"HTTP"), "{all:?}");
    assert_eq!(counts.answered.load(Ordering::SeqCst), 0);
}
