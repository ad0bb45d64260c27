//! Polls whose interval is slept after the answer, and polls that keep to a schedule, over a path
//! that takes its time.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    net::TcpStream,
    time::{Instant, sleep, sleep_until},
};

use super::{ExperimentError, Seen, calls::exchange, run};

/// Asks `polls` times in each manner and measures the time from one question to the next.
///
/// # Errors
/// Fails if a socket fails, or a poll is refused.
pub fn slept(
    address: SocketAddr,
    interval: Duration,
    polls: usize,
) -> Result<Vec<Seen>, ExperimentError> {
    run(async {
        let mut seen = Vec::new();
        for (name, is_slept) in [("slept", true), ("scheduled", false)] {
            let (period, answer) = asked(address, interval, polls, is_slept).await?;
            let subject = format!("{name} {}", interval.as_millis());
            for (quantity, time) in [("period", period), ("answer", answer)] {
                seen.push(Seen {
                    subject: subject.clone(),
                    quantity,
                    value: time.as_secs_f64() * 1e3,
                    unit: "ms",
                });
            }
        }
        Ok(seen)
    })
}

/// Returns the mean time from one question to the next, and the mean time of an answer.
async fn asked(
    address: SocketAddr,
    interval: Duration,
    polls: usize,
    is_slept: bool,
) -> Result<(Duration, Duration), ExperimentError> {
    let request = "GET /rooms/slept/poll?after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    // The first question also waits for the connection.
    exchange(&mut stream, request, "200").await?;
    let begin = Instant::now();
    let mut answers = Duration::ZERO;
    for poll in 1..=polls {
        let asked = Instant::now();
        exchange(&mut stream, request, "200").await?;
        answers += asked.elapsed();
        if is_slept {
            sleep(interval).await;
        } else {
            sleep_until(begin + interval * poll as u32).await;
        }
    }
    Ok((begin.elapsed() / polls as u32, answers / polls as u32))
}
