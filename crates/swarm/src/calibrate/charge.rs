//! The CPU time that the kernel charges on loopback to a thread that sends one small frame
//! to each of many connections, as a server's sweep does.
//!
//! On loopback the kernel does the receiver's half of TCP within the sender's call. Only frames
//! that may not leave, because the receiver's window is closed, are without it: they are just
//! queued. The difference between the two costs holds the receiver's half and also the sender's own
//! way down from the queue, so that its share is an upper bound.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

use serde::Serialize;

use crate::clock::thread_cpu;

/// Connections that are sent to in turn.
const CONNECTIONS: usize = 64;
/// The number of sweeps; the median counts.
const SWEEPS: usize = 15;
/// A small frame.
const FRAME: [u8; 128] = [b'x'; 128];
/// The pause between two sweeps, so that readers wait again.
const PAUSE: Duration = Duration::from_millis(2);
/// The most bytes that are written to close a window; it is closed long before.
const MOST: usize = 64 << 20;

/// CPU time of one `send` of a small frame over loopback.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Charge {
    /// The CPU time in microseconds if a reader waits for the frame.
    pub send_us: f64,
    /// The CPU time in microseconds if the frame is queued and cannot leave.
    pub queued_us: f64,
    /// The largest share of `send_us` that the receiver's half can be, from 0 to 1.
    pub receiver_share_at_most: f64,
}

/// Measures the CPU time of a send, in about a twentieth of a second. Returns `None` where the
/// system refuses the sockets, or the clock is too coarse.
#[must_use]
pub fn charge() -> Option<Charge> {
    let micros = |cpu: Duration| cpu.as_secs_f64() * 1e6;
    let (send_us, queued_us) = (micros(delivered().ok()?), micros(queued().ok()?));
    (send_us > 0.0).then(|| Charge {
        send_us,
        queued_us,
        receiver_share_at_most: (1.0 - queued_us / send_us).clamp(0.0, 1.0),
    })
}

fn pair(listener: &TcpListener) -> io::Result<(TcpStream, TcpStream)> {
    let near = TcpStream::connect(listener.local_addr()?)?;
    near.set_nodelay(true)?;
    Ok((near, listener.accept()?.0))
}

/// Returns the CPU time of one send, the median over sweeps.
fn sweeps(mut sweep: impl FnMut() -> io::Result<()>) -> io::Result<Duration> {
    let mut costs = Vec::with_capacity(SWEEPS);
    for _ in 0..SWEEPS {
        thread::sleep(PAUSE);
        let before = thread_cpu();
        sweep()?;
        costs.push(thread_cpu().saturating_sub(before));
    }
    costs.sort_unstable();
    Ok(costs[SWEEPS / 2] / CONNECTIONS as u32)
}

/// Measures sending to connections at each of which a thread waits.
fn delivered() -> io::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut senders = Vec::new();
    let mut readers = Vec::new();
    for _ in 0..CONNECTIONS {
        let (near, mut far) = pair(&listener)?;
        senders.push(near);
        readers.push(thread::Builder::new().stack_size(64 << 10).spawn(move || {
            let mut frame = FRAME;
            // The loop ends when the sender closes the connection.
            while far.read(&mut frame).is_ok_and(|read| read > 0) {}
        })?);
    }
    let cost = sweeps(|| {
        let mut senders = senders.iter_mut();
        senders.try_for_each(|sender| sender.write_all(&FRAME))
    });
    drop(senders);
    for reader in readers {
        // A reader does nothing that could panic.
        let _ = reader.join();
    }
    cost
}

/// Measures sending to a connection whose receiver reads nothing and has no room left.
fn queued() -> io::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (mut near, _far) = pair(&listener)?;
    near.set_nonblocking(true)?;
    let block = [b'x'; 16 << 10];
    let mut written = 0;
    // The loop ends when the receiver's buffer and the sender's are full.
    while written < MOST {
        match near.write(&block) {
            Ok(more) => written += more,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    // This makes room for the frames that are measured, behind all that waits already.
    nix::sys::socket::setsockopt(&near, nix::sys::socket::sockopt::SndBuf, &(32 << 20))?;
    sweeps(|| (0..CONNECTIONS).try_for_each(|_| near.write_all(&FRAME)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_arrives_costs_its_sender_more_than_one_that_waits() {
        let charge = charge().expect("loopback and a fine clock");
        assert!(charge.queued_us > 0.0, "{charge:?}");
        assert!(charge.send_us > charge.queued_us, "{charge:?}");
        assert!(charge.receiver_share_at_most < 1.0, "{charge:?}");
    }
}
