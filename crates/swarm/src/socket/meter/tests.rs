//! Accounts of real sockets, and what the kernel says about the same bytes.

use std::num::NonZeroUsize;

use dissect::{Layer, Ledger, Purpose};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::{
    measure::{
        ledger::{Accountant, Use},
        tcp_info::TcpInfo,
    },
    plan::{Accounting, Variant},
    sample,
    socket::source::Sources,
    target::Target,
};

const POLL: &[u8] = b"GET /rooms/a/poll HTTP/1.1\r\nHost: b\r\n\r\n";
const EMPTY: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n{\"events\":[],\"next\":7,\"missed\":0}";

/// A swarm's socket with its account, and the server's end of it.
struct Pair {
    accountant: Rc<Accountant>,
    bytes: Rc<Bytes>,
    client: Meter,
    server: TcpStream,
    socket: i32,
}

async fn pair(person: usize, accounting: Accounting) -> io::Result<Pair> {
    let mut plan = sample::plan(Variant::Websocket);
    plan.swarm.accounting = accounting;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let sources = Sources::new(&plan, &Target::at(listener.local_addr()?));
    let stream = sources.connect(person).await?;
    let (server, _) = listener.accept().await?;
    let accountant = Accountant::new(&plan);
    let bytes = Rc::new(Bytes::default());
    let socket = stream.as_raw_fd();
    let account = accountant.open(person, Use::Read, &stream, false);
    Ok(Pair {
        client: Meter::new(stream, Rc::clone(&bytes), account),
        accountant,
        bytes,
        server,
        socket,
    })
}

impl Pair {
    async fn up(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.client.write_all(bytes).await?;
        self.server
            .read_exact(&mut vec![0; bytes.len()])
            .await
            .map(|_| ())
    }

    async fn down(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.server.write_all(bytes).await?;
        self.client
            .read_exact(&mut vec![0; bytes.len()])
            .await
            .map(|_| ())
    }
}

#[tokio::test]
async fn the_window_is_what_became_known_in_it() -> io::Result<()> {
    let mut pair = pair(0, Accounting::All).await?;
    pair.up(POLL).await?;
    pair.down(EMPTY).await?;
    // Its purpose shows in the window, so all of it is in the window.
    pair.up(POLL).await?;
    pair.accountant.begin_window();
    pair.down(EMPTY).await?;
    pair.up(POLL).await?;
    pair.accountant.end_window();
    pair.accountant.sample_window();
    pair.down(EMPTY).await?;
    drop(pair.client);
    let accounts = pair.accountant.close();
    let metered = [pair.bytes.up.get(), pair.bytes.down.get()];
    assert_eq!(metered, [3 * POLL.len() as u64, 3 * EMPTY.len() as u64]);
    assert_eq!(accounts.metered, metered);
    assert_eq!(Direction::ALL.map(|way| accounts.whole.total(way)), metered);
    let window = Direction::ALL.map(|way| accounts.window.purpose(way, Purpose::Empty));
    assert_eq!(window, [POLL.len() as u64, EMPTY.len() as u64]);
    assert_eq!((accounts.difference, accounts.connections), (0, 1));
    assert_eq!(accounts.faults, [""; 0]);
    // SYN, the handshake's end and three requests at least, and less of it in the window.
    let segments = |ledger: &Ledger| ledger.amount(Direction::Up, Purpose::Setup, Layer::TcpIp);
    let whole = segments(&accounts.whole);
    assert!(whole.count >= 5 + 2, "{whole:?}");
    assert_eq!(whole.bytes, 52 * whole.count + 8);
    assert!((1..whole.count).contains(&segments(&accounts.window).count));
    Ok(())
}

#[tokio::test]
async fn the_kernel_counted_the_same_bytes_in_segments_of_1460() -> io::Result<()> {
    let mut pair = pair(0, Accounting::All).await?;
    let body = vec![b'x'; 100_000];
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    pair.up(POLL).await?;
    pair.down(head.as_bytes()).await?;
    pair.down(&body).await?;
    let info = TcpInfo::of(pair.socket)?;
    assert_eq!(info.bytes, [pair.bytes.up.get(), pair.bytes.down.get()]);
    // A segment carries 1,460 bytes less 12 for timestamps; the kernel decides how full each one
    // is.
    let least = 100_000_u64.div_ceil(1_448);
    assert!((least..least + 30).contains(&info.segments[1]), "{info:?}");
    // The server's FIN is not one of its bytes.
    drop(pair.server);
    assert_eq!(pair.client.read(&mut [0]).await?, 0);
    assert_eq!(TcpInfo::of(pair.socket)?.bytes, info.bytes);
    Ok(())
}

#[tokio::test]
async fn what_breaks_the_protocol_is_told_with_its_byte() -> io::Result<()> {
    let mut pair = pair(0, Accounting::All).await?;
    pair.up(POLL).await?;
    pair.down(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n")
        .await?;
    drop(pair.client);
    let accounts = pair.accountant.close();
    assert_eq!(accounts.faults, ["byte 47 down: not the size of a chunk"]);
    assert_eq!((accounts.whole.unparsed(), accounts.difference), (5, 0));
    assert_eq!(accounts.cut_off, 0);
    Ok(())
}

#[tokio::test]
async fn what_we_cut_in_two_by_leaving_is_nobodys_fault() -> io::Result<()> {
    let mut pair = pair(0, Accounting::All).await?;
    pair.up(POLL).await?;
    pair.down(b"HTTP/1.1 200").await?;
    pair.accountant.leave();
    drop(pair.client);
    let accounts = pair.accountant.close();
    assert_eq!(accounts.faults, [""; 0]);
    // The beginning of a head is in the account of heads, so that nothing is left without one.
    assert_eq!((accounts.whole.unparsed(), accounts.cut_off), (0, 0));
    assert_eq!(accounts.difference, 0);
    Ok(())
}

#[tokio::test]
async fn what_a_server_cuts_in_two_has_its_account() -> io::Result<()> {
    let mut pair = pair(0, Accounting::All).await?;
    pair.up(POLL).await?;
    pair.down(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r")
        .await?;
    drop(pair.client);
    let accounts = pair.accountant.close();
    assert_eq!(accounts.faults, [""; 0]);
    let framing = accounts
        .whole
        .amount(Direction::Down, Purpose::Empty, Layer::Chunk);
    assert_eq!((framing.bytes, accounts.difference), (2, 0));
    assert_eq!((accounts.whole.unparsed(), accounts.cut_off), (0, 0));
    Ok(())
}

#[tokio::test]
async fn a_sample_is_as_large_as_it_says_and_the_others_are_left_out() -> io::Result<()> {
    for (count, people) in [(1, 10), (3, 10), (10, 10), (7, 1_000), (40, 10)] {
        let sample = Accounting::Sample(NonZeroUsize::new(count).unwrap());
        let included = (0..people).filter(|&person| sample.includes(person, people));
        assert_eq!(included.count(), count.min(people));
        assert!(sample.includes(0, people));
    }
    let sample = Accounting::Sample(NonZeroUsize::MIN);
    for (accounting, person, connections) in
        [(sample, 0, 1), (sample, 1, 0), (Accounting::Off, 0, 0)]
    {
        let mut pair = pair(person, accounting).await?;
        pair.up(POLL).await?;
        drop(pair.client);
        let accounts = pair.accountant.close();
        assert_eq!(accounts.connections, connections);
        assert_eq!(
            accounts.whole.total(Direction::Up),
            connections * POLL.len() as u64
        );
        assert_eq!(pair.bytes.up.get(), POLL.len() as u64);
    }
    Ok(())
}
