//! The lines on standard error in which a server says what it lacks: events of `tracing`.

mod queue;

use std::io::{self, Stderr};

use anyhow::Context;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Registry,
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::{Layer, SubscriberExt},
};

use self::queue::Queue;
use crate::args::LogFormat;

/// The writing of log lines. When it is dropped, what was said is written, if somebody reads it.
#[derive(Debug)]
#[must_use]
pub(crate) struct Writing(Queue<Stderr>);

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.flush();
    }
}

/// Has what this program and its server warn of written to standard error from now on, by a thread of
/// its own.
pub(crate) fn begin(format: LogFormat) -> anyhow::Result<Writing> {
    let queue = Queue::new(format, io::stderr());
    tracing::subscriber::set_global_default(lines(format, queue.clone()))
        .context("cannot write log lines")?;
    Ok(Writing(queue))
}

/// Returns what writes each warning as a line. Those of other libraries are left out: a client can
/// cause as many of them as it likes (such as h2's, of a ping's answer that nobody asked for).
fn lines(
    format: LogFormat,
    to: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync {
    // Nobody may be there to read them.
    let lines = fmt::layer().log_internal_errors(false);
    let lines = lines.with_target(false).with_writer(to);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => {
            let objects = lines.json().flatten_event(true);
            objects
                .with_current_span(false)
                .with_span_list(false)
                .boxed()
        }
    };
    let ours = ["server", "wirebench"].map(|name| (name, LevelFilter::WARN));
    let ours: Targets = ours.into_iter().collect();
    Registry::default().with(lines).with(ours)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;
    use crate::serve::say_open;

    /// A page that keeps what is written on it.
    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no holder panics").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Returns what is written of two warnings of ours, and of what is no warning or not ours.
    fn written(format: LogFormat) -> String {
        let page = Page::default();
        let to = page.clone();
        tracing::subscriber::with_default(lines(format, move || to.clone()), || {
            tracing::warn!(target: "server::net", topic = "store", "it is \"full\"");
            tracing::info!(target: "server::net", "it is well");
            tracing::warn!(target: "h2::proto", "a ping");
            say_open("192.0.2.1:80".parse().expect("an address"), true);
        });
        let bytes = page.0.lock().expect("no holder panics").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn warnings_of_ours_are_a_line_each_in_either_form_and_nothing_else_is_written() {
        let open = "everybody who reaches 192.0.2.1:80 may read and speak in every room";
        let text = written(LogFormat::Text);
        let lines = text.lines().map(|line| {
            let (time, rest) = line.split_once(' ').expect("a time");
            assert!(humantime::parse_rfc3339(time).is_ok(), "{line}");
            rest.to_owned()
        });
        let expected = [
            " WARN it is \"full\" topic=\"store\"".to_owned(),
            format!(" WARN {open} topic=\"open\""),
        ];
        assert_eq!(lines.collect::<Vec<_>>(), expected);

        let text = written(LogFormat::Json);
        let lines = text.lines().map(|line| {
            let mut object: Value = serde_json::from_str(line).expect("an object");
            let time = object["timestamp"].take();
            let time = time.as_str().map(humantime::parse_rfc3339);
            assert!(time.is_some_and(|time| time.is_ok()), "{line}");
            object
        });
        let expected = [("it is \"full\"", "store"), (open, "open")].map(|(message, topic)| {
            json!({"timestamp": null, "level": "WARN", "message": message, "topic": topic})
        });
        assert_eq!(lines.collect::<Vec<_>>(), expected);
    }
}
