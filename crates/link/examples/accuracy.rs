//! The measurement of how much later than requested a link delivers: ping-pong over loopback, with
//! and without a link.
//!
//! `cargo run --release -p wirebench-link --example accuracy`
//!
//! Both ends of the ping-pong are plain blocking threads, so that the measured lateness is that of
//! the link and not of another runtime. An exchange passes the link twice. Its added error is its
//! round trip less twice the requested delay, less the median round trip without a link. It
//! contains the cost of any relay, two more passages through the kernel each way, the wake-ups of
//! idle processors, and the timer's lateness. The second table is the same exchange while other
//! connections keep the link busy.
//!
//! The last columns are a control: the lateness of a plain `thread::sleep` of the same delay at the
//! same time. A control with a poor p99 shows that the machine was busy with something else; the
//! p99 of the row then reflects that and not the link.
#![expect(
    clippy::print_stdout,
    reason = "an example prints what it found; nothing calls it"
)]

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use link::Settings;

const EXCHANGES: usize = 200;
const DELAYS_MS: [u64; 4] = [0, 5, 25, 50];
/// The number of other connections in the second table, and the pause of each between two messages.
const OTHERS: usize = 1000;
const OTHERS_PAUSE: Duration = Duration::from_secs(1);
const MESSAGE: [u8; 64] = [b'x'; 64];

fn main() -> io::Result<()> {
    let echo = echo_server()?;
    let direct = round_trips(echo)?;
    println!(
        "round trips of {} bytes, {EXCHANGES} each, in microseconds\n\
         without a link: p50 {}, p99 {}",
        MESSAGE.len(),
        micros(quantile(&direct, 0.5)),
        micros(quantile(&direct, 0.99)),
    );
    for others in [0, OTHERS] {
        println!("\nwith {others} other connections, each saying one message a second");
        println!(
            "asked one way | asked round trip | p50 | p99 | added p50 | added p99 | sleep p50 | sleep p99"
        );
        for delay in DELAYS_MS.map(Duration::from_millis) {
            let link = start_link(echo, delay)?;
            let quiet = keep_busy(link, others)?;
            let control = sleep_lateness(delay, Arc::clone(&quiet));
            let through = round_trips(link)?;
            quiet.store(true, Ordering::Relaxed);
            let control = control.join().expect("a loop of sleeps has no panic in it");
            print_row(delay, quantile(&direct, 0.5), &through, &control);
        }
    }
    Ok(())
}

fn print_row(delay: Duration, direct: Duration, through: &[Duration], control: &[Duration]) {
    let expected = 2 * delay + direct;
    let [p50, p99] = [0.5, 0.99].map(|at| quantile(through, at));
    println!(
        "{:>13} | {:>16} | {:>6} | {:>6} | {:>9} | {:>9} | {:>9} | {:>9}",
        micros(delay),
        micros(2 * delay),
        micros(p50),
        micros(p99),
        micros(p50) - micros(expected),
        micros(p99) - micros(expected),
        micros(quantile(control, 0.5)),
        micros(quantile(control, 0.99)),
    );
}

fn micros(duration: Duration) -> i128 {
    duration.as_micros().cast_signed()
}

/// Returns the value that a share of `at` of the samples, sorted, does not exceed.
fn quantile(sorted: &[Duration], at: f64) -> Duration {
    let rank = (at * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// Exchanges one message at a time with the server at `address`. Returns the sorted round trips.
fn round_trips(address: SocketAddr) -> io::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answer = MESSAGE;
    let mut exchange = || {
        let sent = Instant::now();
        stream.write_all(&MESSAGE)?;
        stream.read_exact(&mut answer)?;
        io::Result::Ok(sent.elapsed())
    };
    exchange()?; // the first one also waits for the link to dial
    let mut all = (0..EXCHANGES)
        .map(|_| exchange())
        .collect::<io::Result<Vec<_>>>()?;
    all.sort_unstable();
    Ok(all)
}

/// Measures how late plain sleeps of `delay` end, until `quiet` is set. The result is sorted and
/// has at least one value.
fn sleep_lateness(delay: Duration, quiet: Arc<AtomicBool>) -> JoinHandle<Vec<Duration>> {
    // A sleep of zero would spin, and disturb what it is to control.
    let delay = delay.max(Duration::from_millis(1));
    thread::spawn(move || {
        let mut all = Vec::new();
        while all.is_empty() || !quiet.load(Ordering::Relaxed) {
            let asleep = Instant::now();
            thread::sleep(delay);
            all.push(asleep.elapsed().saturating_sub(delay));
        }
        all.sort_unstable();
        all
    })
}

/// Sends back what comes, on as many connections as there are.
fn echo_server() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let echo = move || -> io::Result<()> {
                stream.set_nodelay(true)?;
                let mut bytes = MESSAGE;
                loop {
                    stream.read_exact(&mut bytes)?;
                    stream.write_all(&bytes)?;
                }
            };
            let _ = thread::Builder::new().stack_size(64 << 10).spawn(echo);
        }
    });
    Ok(address)
}

/// Starts a link with a runtime of its own, as `wirebench link` has.
fn start_link(to: SocketAddr, delay: Duration) -> io::Result<SocketAddr> {
    let runtime = tokio::runtime::Runtime::new()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let settings = Settings {
        delay,
        ..Settings::default()
    };
    thread::spawn(move || {
        runtime.block_on(link::run(listener, to, settings, std::future::pending()))
    });
    Ok(address)
}

/// Opens `others` connections that exchange a message each pause, spread over it, until they are
/// asked to be quiet.
fn keep_busy(link: SocketAddr, others: usize) -> io::Result<Arc<AtomicBool>> {
    let quiet = Arc::new(AtomicBool::new(false));
    let mut streams = Vec::new();
    for _ in 0..others {
        let stream = TcpStream::connect(link)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        streams.push(stream);
    }
    let told = Arc::clone(&quiet);
    thread::spawn(move || {
        let mut heard = [0; 4 * MESSAGE.len()];
        for mut stream in streams.iter().cycle() {
            if told.load(Ordering::Relaxed) {
                return;
            }
            // What came since its last turn; there may be nothing yet.
            let _ = stream.read(&mut heard);
            let _ = stream.write_all(&MESSAGE);
            thread::sleep(OTHERS_PAUSE / others as u32);
        }
    });
    Ok(quiet)
}
