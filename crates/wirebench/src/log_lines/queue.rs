//! Log lines on their way to where they are read. They are written by a thread of their own, so that
//! whoever has something to say waits for nobody who reads: a pipe that is full and never read holds up
//! that thread alone. The crate tracing-appender has such a thread as well, but its log does not say how
//! many lines were left out of it.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, SystemTime},
};

use humantime::format_rfc3339_micros;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::args::LogFormat;

/// The most lines that wait to be written; further ones are left out.
const MOST: usize = 256;
/// The longest time for which the end of the program waits for lines to be written.
const PATIENCE: Duration = Duration::from_secs(1);
/// The topic of the line that says how many were left out.
const TOPIC: &str = "log";

/// A line, and the number of lines that were left out just before it.
#[derive(Debug)]
struct Line {
    bytes: Vec<u8>,
    left_out: u64,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<Line>,
    /// The lines that found no room since the last one that did.
    left_out: u64,
    /// True while the thread writes a line.
    is_writing: bool,
    /// True once there is a thread: a program that says nothing needs none.
    has_thread: bool,
}

/// The lines that wait, and where they are written.
struct Shared<W> {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    format: LogFormat,
    to: Mutex<W>,
}

/// A queue of lines, which takes each at once or leaves it out.
pub(super) struct Queue<W>(Arc<Shared<W>>);

impl<W> Clone for Queue<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Write + Send + 'static> Queue<W> {
    pub(super) fn new(format: LogFormat, to: W) -> Self {
        Self(Arc::new(Shared {
            waiting: Mutex::default(),
            changed: Condvar::new(),
            format,
            to: Mutex::new(to),
        }))
    }

    /// Takes a line, unless too many wait.
    fn push(&self, bytes: &[u8]) {
        let mut waiting = self.0.waiting();
        if waiting.lines.len() >= MOST {
            waiting.left_out += 1;
            return;
        }
        let left_out = std::mem::take(&mut waiting.left_out);
        waiting.lines.push_back(Line {
            bytes: bytes.to_vec(),
            left_out,
        });
        if !waiting.has_thread {
            let shared = Arc::clone(&self.0);
            let thread = thread::Builder::new().name("log".to_owned());
            // Without a thread lines wait for one that a later line may get.
            waiting.has_thread = thread.spawn(move || shared.write_on()).is_ok();
        }
        self.0.changed.notify_all();
    }

    /// Waits until all lines are written, but no longer than for a second: nobody may read them.
    pub(super) fn flush(&self) {
        let is_busy = |waiting: &mut Waiting| !waiting.lines.is_empty() || waiting.is_writing;
        let waiting = self.0.waiting();
        if waiting.has_thread {
            let waited = self
                .0
                .changed
                .wait_timeout_while(waiting, PATIENCE, is_busy);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl<W: Write> Shared<W> {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes each line when it comes.
    fn write_on(&self) {
        loop {
            let line = self.next();
            let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody may be there to read it.
            let _ = line.write(&mut *to, self.format);
            drop(to);
            self.waiting().is_writing = false;
            self.changed.notify_all();
        }
    }

    fn next(&self) -> Line {
        let mut waiting = self.waiting();
        loop {
            if let Some(line) = waiting.lines.pop_front() {
                waiting.is_writing = true;
                return line;
            }
            let woken = self.changed.wait(waiting);
            waiting = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Line {
    fn write(&self, to: &mut impl Write, format: LogFormat) -> io::Result<()> {
        if self.left_out > 0 {
            to.write_all(told(self.left_out, format).as_bytes())?;
        }
        to.write_all(&self.bytes)?;
        to.flush()
    }
}

/// Returns the line that says how many were left out, in the form of the others.
fn told(left_out: u64, format: LogFormat) -> String {
    let time = format_rfc3339_micros(SystemTime::now());
    let lines = if left_out == 1 {
        "line was"
    } else {
        "lines were"
    };
    let message = format!("{left_out} {lines} left out: nobody read those before");
    match format {
        LogFormat::Text => format!("{time}  WARN {message} topic=\"{TOPIC}\"\n"),
        LogFormat::Json => {
            let time = time.to_string();
            let line = json!({
                "timestamp": time, "level": "WARN", "message": message, "topic": TOPIC
            });
            format!("{line}\n")
        }
    }
}

/// A writer of one line, which goes into the queue when it is whole.
#[derive(Debug)]
pub(super) struct Entry<W: Write + Send + 'static> {
    queue: Queue<W>,
    line: Vec<u8>,
}

impl<W> std::fmt::Debug for Queue<W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Queue")
    }
}

impl<W: Write + Send + 'static> Write for Entry<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write + Send + 'static> Drop for Entry<W> {
    fn drop(&mut self) {
        self.queue.push(&self.line);
    }
}

impl<W: Write + Send + 'static> MakeWriter<'_> for Queue<W> {
    type Writer = Entry<W>;

    fn make_writer(&self) -> Entry<W> {
        Entry {
            queue: self.clone(),
            line: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A page on which each line is written only when it may be.
    struct Slow {
        may: mpsc::Receiver<()>,
        page: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Once the test lets go of its end, everything may be written.
            let _ = self.may.recv();
            self.page.lock().expect("no holder panics").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Returns what is written of many lines that nobody reads at first, and of one that comes later.
    fn written(format: LogFormat, count: usize) -> Vec<String> {
        let (let_go, may) = mpsc::channel();
        let page = Arc::<Mutex<Vec<u8>>>::default();
        let slow = Slow {
            may,
            page: Arc::clone(&page),
        };
        let queue = Queue::new(format, slow);
        queue.push(b"first\n");
        while !queue.0.waiting().is_writing {
            thread::yield_now();
        }
        for number in 0..count {
            queue.push(format!("{number}\n").as_bytes());
        }
        drop(let_go);
        queue.flush();
        queue.push(b"last\n");
        queue.flush();
        let bytes = page.lock().expect("no holder panics").clone();
        let text = String::from_utf8(bytes).expect("text");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn lines_beyond_the_room_are_left_out_and_counted_by_the_next() {
        let lines = written(LogFormat::Text, MOST + 3);
        assert_eq!(lines.len(), 1 + MOST + 2);
        assert_eq!((lines[0].as_str(), lines[1].as_str()), ("first", "0"));
        assert_eq!(lines[MOST], (MOST - 1).to_string());
        let (time, told) = lines[MOST + 1].split_once(' ').expect("a time");
        assert!(humantime::parse_rfc3339(time).is_ok(), "{time}");
        let words = " WARN 3 lines were left out: nobody read those before topic=\"log\"";
        assert_eq!(told, words);
        assert_eq!(lines[MOST + 2], "last");
        let lines = written(LogFormat::Json, MOST + 1);
        let told: serde_json::Value = serde_json::from_str(&lines[MOST + 1]).expect("an object");
        assert_eq!(told["topic"], "log");
        assert!(
            told["message"]
                .as_str()
                .expect("text")
                .starts_with("1 line was left out")
        );
    }

    #[test]
    fn lines_that_have_room_are_all_written_in_order() {
        let lines = written(LogFormat::Text, 3);
        assert_eq!(lines, ["first", "0", "1", "2", "last"]);
    }
}
