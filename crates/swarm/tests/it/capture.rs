//! The estimate of TCP and IP headers held against a packet capture.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpStream},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use dissect::{Direction, Layer, Ledger, Purpose};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use swarm::plan::{Plan, Variant};
use wire::Framing;

use crate::fixture::{Server, assert_whole, plan, run};

const PATIENCE: Duration = Duration::from_secs(30);

/// A captured packet.
#[derive(Debug, Clone, Copy)]
struct Packet {
    source: SocketAddr,
    destination: SocketAddr,
    /// The position at which the packet's data ends, in bytes from the first of this
    /// direction; `None` without data.
    data_end: Option<u64>,
    /// Headers of IP and TCP.
    headers: u64,
}

/// A capture that goes on until it is dropped.
struct Capture {
    tshark: Child,
    packets: mpsc::Receiver<Packet>,
}

impl Drop for Capture {
    fn drop(&mut self) {
        // The group: tshark has dumpcap do the capturing, which would go on.
        let group = Pid::from_raw(self.tshark.id().cast_signed());
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.tshark.wait();
    }
}

impl Capture {
    /// Captures what passes loopback from and to `port`; `None` without tshark.
    fn start(port: u16) -> Option<Self> {
        let filter = format!("tcp port {port}");
        let fields = "ip.src tcp.srcport ip.dst tcp.dstport tcp.seq tcp.len ip.hdr_len tcp.hdr_len";
        let mut tshark = Command::new("tshark")
            // Immediately, a line a packet, and big enough to lose none.
            .args([
                "-i", "lo", "-n", "-l", "-B", "64", "-f", &filter, "-T", "fields",
            ])
            .args(fields.split(' ').flat_map(|field| ["-e", field]))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .ok()?;
        let lines = BufReader::new(tshark.stdout.take()?).lines();
        let (sender, packets) = mpsc::channel();
        thread::spawn(move || {
            for packet in lines.map_while(Result::ok).filter_map(|line| parse(&line)) {
                if sender.send(packet).is_err() {
                    break;
                }
            }
        });
        Some(Self { tshark, packets })
    }

    /// Knocks at the server until a packet shows that capturing has begun; the
    /// addresses that knocked.
    fn wait_until_it_runs(&mut self, server: SocketAddr) -> Option<Vec<SocketAddr>> {
        let began = Instant::now();
        let mut knocked = Vec::new();
        while began.elapsed() < PATIENCE {
            let knock = TcpStream::connect(server).unwrap();
            knocked.push(knock.local_addr().unwrap());
            drop(knock);
            if self
                .packets
                .recv_timeout(Duration::from_millis(200))
                .is_ok()
            {
                return Some(knocked);
            }
            if self.tshark.try_wait().is_ok_and(|ended| ended.is_some()) {
                return None;
            }
        }
        None
    }
}

fn parse(line: &str) -> Option<Packet> {
    let mut fields = line.split('\t');
    let mut address = || {
        let ip = fields.next()?.parse().ok()?;
        Some(SocketAddr::new(ip, fields.next()?.parse().ok()?))
    };
    let (source, destination) = (address()?, address()?);
    let mut number = || fields.next()?.parse::<u64>().ok();
    let (sequence, data) = (number()?, number()?);
    Some(Packet {
        source,
        destination,
        // Counted from the SYN, which takes a number of its own.
        data_end: (data > 0).then(|| sequence + data - 1),
        headers: number()? + number()?,
    })
}

/// Packets and bytes of both directions, added up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    packets: [u64; 2],
    data: [u64; 2],
    headers: [u64; 2],
}

#[test]
#[expect(clippy::print_stderr, reason = "a check that is left out says so")]
fn the_estimate_is_what_a_capture_shows() {
    let required = std::env::var_os("WIREBENCH_REQUIRE").is_some_and(|value| value == "1");
    let variants = [
        Variant::Websocket,
        Variant::HttpStream {
            framing: Framing::Sse,
        },
        Variant::LongPoll {
            hold: Duration::from_secs(25),
            keep_alive: true,
        },
        Variant::ShortPoll {
            interval: Duration::from_millis(50),
            keep_alive: false,
        },
    ];
    for variant in variants {
        let server = Server::start();
        let capture = Capture::start(server.address.port());
        let started = capture.and_then(|mut capture| {
            let knocked = capture.wait_until_it_runs(server.address)?;
            Some((capture, knocked))
        });
        let Some((capture, knocked)) = started else {
            assert!(
                !required,
                "tshark cannot capture on loopback; scripts/test installs it"
            );
            eprintln!(
                "SKIPPED: tshark cannot capture on loopback, so the estimate of TCP/IP headers was not checked"
            );
            return;
        };
        let plan = plan(variant);
        let (outcome, _) = run(&plan, &server);
        assert_whole(&plan, &outcome);
        let sum = add_up(&capture, &knocked, server.address, &outcome.ledger);
        compare(&plan, &sum, &outcome.ledger);
    }
}

/// Adds packets up until they carried what the ledger has and no more come.
fn add_up(capture: &Capture, knocked: &[SocketAddr], server: SocketAddr, ledger: &Ledger) -> Sum {
    let wanted = Direction::ALL.map(|way| ledger.total(way));
    let mut sum = Sum::default();
    let mut ends = BTreeMap::new();
    let mut wait = PATIENCE;
    while let Ok(packet) = capture.packets.recv_timeout(wait) {
        let (direction, client) = if packet.destination == server {
            (Direction::Up, packet.source)
        } else {
            (Direction::Down, packet.destination)
        };
        if knocked.contains(&client) {
            continue;
        }
        sum.packets[direction as usize] += 1;
        if let Some(end) = packet.data_end {
            // What a busy machine sends twice is carried once.
            let carried: &mut u64 = ends.entry((client, direction)).or_default();
            sum.data[direction as usize] += end.saturating_sub(*carried);
            *carried = end.max(*carried);
        }
        sum.headers[direction as usize] += packet.headers;
        if sum.data == wanted {
            // Closing segments follow; tshark writes them within a second.
            wait = Duration::from_secs(2);
        }
    }
    sum
}

/// Asserts that bytes agree exactly, and segments within a twentieth and one for each person, because
/// the last few of each connection can only be guessed: a busy server may send its acknowledgement of
/// a FIN before its own.
fn compare(plan: &Plan, sum: &Sum, ledger: &Ledger) {
    let name = format!("{:?}", plan.variant);
    for way in Direction::ALL {
        assert_eq!(sum.data[way as usize], ledger.total(way), "{name}");
        let estimate = ledger.amount(way, Purpose::Setup, Layer::TcpIp);
        let (packets, headers) = (sum.packets[way as usize], sum.headers[way as usize]);
        let tolerance = packets / 20 + plan.swarm.clients as u64;
        let name = format!("{name}: {packets} packets, {headers} bytes of headers, {estimate:?}");
        assert!(estimate.count.abs_diff(packets) <= tolerance, "{name}");
        assert!(estimate.bytes.abs_diff(headers) <= 60 * tolerance, "{name}");
    }
}
