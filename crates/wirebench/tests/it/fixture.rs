//! The program itself, run as a user runs it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// The longest time that anything here may take on a machine that is busy with other tests.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// The settings that make a scenario take a second or two.
pub(crate) const MINIATURE: [&str; 8] = [
    "swarm.clients=20",
    "swarm.ramp=100ms",
    "traffic.settle=200ms",
    "traffic.measure=1s",
    "traffic.rate=10",
    "traffic.drain=20s",
    "repeats=1",
    "sittings=1",
];

pub(crate) fn wirebench() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirebench"));
    command.current_dir(repository()).stdin(Stdio::null());
    command
}

pub(crate) fn repository() -> PathBuf {
    // crates/wirebench is two folders below it.
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the command `wirebench run SCENARIO --out DIR` with the given `--set`s.
pub(crate) fn run(scenario: impl AsRef<Path>, out: &Path, sets: &[&str]) -> Command {
    let mut command = wirebench();
    command
        .arg("run")
        .arg(scenario.as_ref())
        .arg("--out")
        .arg(out);
    for set in sets {
        command.args(["--set", set]);
    }
    command
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Asserts an exit code, showing what was printed if it is another one.
pub(crate) fn ended(output: &Output, code: i32) {
    assert_eq!(
        output.status.code(),
        Some(code),
        "stdout:\n{}\nstderr:\n{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

/// Asserts that a run lost nothing: it ended with 0, or with 3 for no other
/// reason than that the generator doubts itself, as it may on a busy machine.
pub(crate) fn lost_nothing(output: &Output, folder: &Path) {
    let runs = folder.join("runs.csv");
    let errors = column(&runs, "error");
    assert!(!errors.is_empty(), "no run: {}", text(&output.stderr));
    let doubted = column(&runs, "valid").iter().any(|valid| valid == "false");
    ended(output, if doubted { 3 } else { 0 });
    for (codes, error) in column(&runs, "reasons").iter().zip(&errors) {
        let doubts = codes
            .split_whitespace()
            .all(|code| ["late", "busy", "starved"].contains(&code));
        assert!(doubts, "{codes}: {error}");
    }
    assert_eq!(column(&runs, "expected"), column(&runs, "delivered"));
    for wrong in ["lost", "duplicated", "reordered", "missed"] {
        let counts = column(&runs, wrong);
        assert!(
            counts.iter().all(|count| count == "0"),
            "{wrong}: {counts:?}"
        );
    }
}

/// Reads a column of a CSV file, a text for each row; nothing where there is no such file. A file
/// with rows must have the column, or whoever looks at all of its texts would look at none.
pub(crate) fn column(file: &Path, name: &str) -> Vec<String> {
    let Ok(mut reader) = csv::Reader::from_path(file) else {
        return Vec::new();
    };
    let head = reader.headers().expect("a head").clone();
    let Some(index) = head.iter().position(|column| column == name) else {
        let has_rows = reader.records().next().is_some();
        assert!(!has_rows, "{} has no column {name}", file.display());
        return Vec::new();
    };
    reader
        .records()
        .map(|row| row.expect("a row")[index].to_owned())
        .collect()
}

/// Asserts that each row has a positive number in a column of a CSV file, and that there are rows.
pub(crate) fn assert_positive(file: &Path, name: &str) {
    let values = column(file, name);
    let is_positive = |value: &String| value.parse::<f64>().is_ok_and(|value| value > 0.0);
    let all = !values.is_empty() && values.iter().all(is_positive);
    assert!(all, "{name}: {values:?}");
}

/// Waits for a condition, with a generous bound.
pub(crate) fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "still waiting: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Returns the child processes of `parent` whose command line contains `word`.
pub(crate) fn children(parent: u32, word: &str) -> Vec<i32> {
    let file = format!("/proc/{parent}/task/{parent}/children");
    fs::read_to_string(file)
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .filter(|pid: &i32| {
            fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| {
                String::from_utf8_lossy(&line)
                    .split('\0')
                    .any(|part| part == word)
            })
        })
        .collect()
}

pub(crate) fn signal(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).expect("the process is there");
}

pub(crate) fn is_alive(pid: i32) -> bool {
    // A zombie that its new parent has not collected yet is not alive.
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .trim()
            .starts_with('Z')
    })
}

/// A server of its own that ends with this value.
pub(crate) struct Serving {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Serving {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::command("serve", "127.0.0.1:0", arguments)
    }

    /// Starts a server that listens on this address.
    pub(crate) fn at(address: &str) -> Self {
        Self::command("serve", address, &[])
    }

    /// Starts a link to a server, which to its clients is the server.
    pub(crate) fn link(to: &str, arguments: &[&str]) -> Self {
        let address = to.strip_prefix("http://").expect("an address");
        let arguments = [&["--to", address], arguments].concat();
        Self::command("link", "127.0.0.1:0", &arguments)
    }

    fn command(command: &str, listen: &str, arguments: &[&str]) -> Self {
        let mut child = wirebench()
            .args([command, "--listen", listen])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a piped stdout");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("a first line");
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .expect("an address")
            .to_owned();
        Self { child, url }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
