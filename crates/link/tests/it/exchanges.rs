//! Tests of a path that lets in so many exchanges at once, and of one that ends them.

use super::*;

pub(crate) const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const STREAM_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/// A server that answers each request after `work`, and counts how many it works on at once.
pub(crate) struct Counting {
    now: AtomicUsize,
    pub(crate) most: AtomicUsize,
    pub(crate) answered: AtomicUsize,
}

impl Counting {
    /// Serves requests; a request is held for good if `work` is `None`, as a stream is.
    pub(crate) async fn serve(work: Option<Duration>) -> (SocketAddr, Arc<Self>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counting = Arc::new(Self {
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
        });
        let counts = Arc::clone(&counting);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&counts).answer(stream, work));
            }
        });
        (address, counting)
    }

    async fn answer(self: Arc<Self>, mut stream: TcpStream, work: Option<Duration>) {
        let mut request = [0; ASK.len()];
        while stream.read_exact(&mut request).await.is_ok() {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            if let Some(work) = work {
                tokio::time::sleep(work).await;
            } else {
                stream.write_all(STREAM_HEAD).await.unwrap();
                let _ = stream.read_u8().await;
            }
            self.now.fetch_sub(1, Ordering::SeqCst);
            self.answered.fetch_add(1, Ordering::SeqCst);
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
            if stream.write_all(answer).await.is_err() {
                return;
            }
        }
    }
}

/// Asks `times` times over one connection.
async fn ask(address: SocketAddr, times: usize) {
    let mut client = TcpStream::connect(address).await.unwrap();
    for _ in 0..times {
        client.write_all(ASK).await.unwrap();
        let mut answer = [0; 40];
        within(client.read_exact(&mut answer)).await.unwrap();
        assert!(answer.ends_with(b"ok"));
    }
}

#[tokio::test]
async fn only_so_many_requests_are_worked_on_at_once() {
    for (workers, is_bounded) in [("workers=3", true), ("", false)] {
        let (server, counts) = Counting::serve(Some(Duration::from_millis(30))).await;
        let address = link(server, workers).await;
        let people: Vec<_> = (0..10).map(|_| tokio::spawn(ask(address, 4))).collect();
        for person in people {
            within(person).await.unwrap();
        }
        assert_eq!(counts.answered.load(Ordering::SeqCst), 40, "{workers}");
        let most = counts.most.load(Ordering::SeqCst);
        assert!((most <= 3) == is_bounded && most > 1, "{workers}: {most}");
    }
}

#[tokio::test]
async fn a_stream_keeps_its_worker_and_the_others_wait() {
    let (workers, readers) = (4, 9);
    let (server, counts) = Counting::serve(None).await;
    let address = link(server, &format!("workers={workers}")).await;
    let mut streams = Vec::new();
    for _ in 0..readers {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(ASK).await.unwrap();
        streams.push(client);
    }
    // Those who are let in hear the head; who waits hears nothing.
    let fit = link::readers_at_once(Some(workers), readers);
    let mut heads = 0;
    for (number, client) in streams.iter_mut().enumerate() {
        let mut head = [0; STREAM_HEAD.len()];
        // Who is to be let in is waited for, however slow the machine.
        let patience = if number < fit {
            PATIENCE
        } else {
            Duration::from_millis(300)
        };
        let in_time = timeout(patience, client.read_exact(&mut head)).await;
        heads += usize::from(in_time.is_ok());
    }
    assert_eq!((heads, counts.most.load(Ordering::SeqCst)), (fit, fit));
    // One leaves: the next is let in.
    drop(streams.remove(0));
    let mut head = [0; STREAM_HEAD.len()];
    within(streams[fit - 1].read_exact(&mut head))
        .await
        .unwrap();
}

/// Reads a stream again and again through a link for about `time`, and returns how often it was
/// cut, and how long the shortest lasted.
async fn cuts(settings: &str, beat: Option<Duration>, time: Duration) -> (usize, Duration) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = link(listener.local_addr().unwrap(), settings).await;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                stream.read_exact(&mut [0; ASK.len()]).await?;
                stream.write_all(STREAM_HEAD).await?;
                while let Some(beat) = beat {
                    tokio::time::sleep(beat).await;
                    stream.write_all(b"1\r\n\n\r\n").await?;
                }
                stream.read_u8().await
            });
        }
    });
    let (began, mut count, mut shortest) = (Instant::now(), 0, Duration::MAX);
    while began.elapsed() < time {
        let opened = Instant::now();
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(ASK).await.unwrap();
        let mut all = Vec::new();
        let left = time.saturating_sub(began.elapsed());
        if timeout(left, client.read_to_end(&mut all)).await.is_ok() {
            assert!(all.starts_with(STREAM_HEAD));
            count += 1;
            shortest = shortest.min(opened.elapsed());
        }
    }
    (count, shortest)
}

#[tokio::test]
async fn a_stream_is_cut_as_often_as_predicted() {
    let beat = Some(Duration::from_millis(20));
    let time = Duration::from_millis(2_100);
    for (settings, beat, is_cut) in [
        ("cut-after=200ms", beat, true),
        ("cut-after=200ms,cut-idle=1s", beat, true),
        ("cut-idle=200ms", None, true),
        // Something moves more often than that, even on a busy machine.
        ("cut-idle=1500ms", beat, false),
    ] {
        let cut = link::settings_from(settings).unwrap().cut;
        let (count, shortest) = cuts(settings, beat, time).await;
        let predicted = cut.per_hour(beat, Duration::ZERO) * time.as_secs_f64() / 3_600.0;
        let measured = count as f64;
        assert_eq!(count > 0, is_cut, "{settings}");
        // Never sooner than it is asked for, so never more often; a busy machine makes it fewer.
        assert!(
            measured <= predicted,
            "{settings}: {measured} of {predicted}"
        );
        assert!(
            measured >= predicted / 2.0,
            "{settings}: {measured} of {predicted}"
        );
        assert!(shortest >= Duration::from_millis(200), "{shortest:?}");
    }
}

#[tokio::test]
async fn a_poller_between_two_questions_is_not_cut() {
    let (server, counts) = Counting::serve(Some(Duration::ZERO)).await;
    let address = link(server, "cut-after=150ms,cut-idle=150ms").await;
    let mut client = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        client.write_all(ASK).await.unwrap();
        within(client.read_exact(&mut [0; 40])).await.unwrap();
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(counts.answered.load(Ordering::SeqCst), 3);
}
