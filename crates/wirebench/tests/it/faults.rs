//! Faults under a measurement: the folder of the results is gone in mid-run, and the clock of the
//! machine is set. Faults of a server: its open files are used up, or its clock is before 1970.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    fixture::{
        MINIATURE, PATIENCE, Serving, children, column, ended, is_alive, lost_nothing, run, text,
        until, wirebench,
    },
    histograms::log,
};

/// Starts a run of two transports, and returns it once one is finished and the next is under way.
fn half_done(out: &Path, more: &[&str]) -> (std::process::Child, i32) {
    let sets = [&MINIATURE[..], &["traffic.measure=2s"], more].concat();
    let child = run("scenarios/quick.toml", out, &sets)
        .args(["--only", "sse,websocket"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let runs = out.join("runs.csv");
    until("the first row", || {
        (column(&runs, "valid").len() == 1).then_some(())
    });
    let server = until("the second server", || {
        children(child.id(), "serve").first().copied()
    });
    (child, server)
}

/// Checks that a folder that is moved away, as by somebody who tidies up, takes the finished run
/// with it: that can be read and gone on with. The program says why it ends, and leaves nothing
/// running.
#[test]
fn a_folder_that_is_moved_away_keeps_the_finished_run() {
    let folder = tempfile::tempdir().unwrap();
    let (out, moved) = (folder.path().join("run"), folder.path().join("moved"));
    let (child, server) = half_done(&out, &[]);
    fs::rename(&out, &moved).unwrap();
    let output = child.wait_with_output().unwrap();
    ended(&output, 1);
    let said = text(&output.stderr);
    let gone = format!("{} is gone", out.display());
    assert!(said.contains(&gone), "{said}");
    assert!(said.contains("No such file or directory"), "{said}");
    assert!(!is_alive(server), "its server has ended");
    let reading = results::Store::open(&moved).unwrap().read();
    assert_eq!(reading.complaints, []);
    assert_eq!(reading.rows.runs.len(), 1);
    let resumed = wirebench()
        .args(["run", "--resume"])
        .arg(&moved)
        .output()
        .unwrap();
    lost_nothing(&resumed, &moved);
    assert_eq!(column(&moved.join("runs.csv"), "variant"), ["sse", "-"]);
}

/// Checks that a folder that is removed cannot be read by anybody; the program says so, does not
/// make another with half of what there was, and leaves nothing running.
#[test]
fn a_folder_that_is_removed_is_not_made_anew_with_half_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let (child, server) = half_done(&out, &[]);
    fs::remove_dir_all(&out).unwrap();
    let output = child.wait_with_output().unwrap();
    ended(&output, 1);
    let said = text(&output.stderr);
    assert!(said.contains("is gone, and the finished runs"), "{said}");
    assert!(!is_alive(server), "its server has ended");
    assert!(!out.join("runs.csv").exists(), "{said}");
}

/// Returns the numbers of the open files of a process, and how many of them are sockets.
fn open_files(pid: i32) -> (Vec<u64>, usize) {
    let files = fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten();
    let files: Vec<_> = files.flatten().map(|file| file.path()).collect();
    let is_socket = |file: &&PathBuf| {
        fs::read_link(file).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"))
    };
    let sockets = files.iter().filter(is_socket).count();
    let number = |file: &PathBuf| file.file_name()?.to_str()?.parse().ok();
    (files.iter().filter_map(number).collect(), sockets)
}

/// Checks that a server that has no more descriptors while readers are still coming makes a row that
/// says so, from both sides; the run goes to its end, keeps what was finished and leaves nothing
/// running.
#[test]
fn a_server_out_of_descriptors_in_mid_run_is_told_in_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let slowly = ["swarm.ramp=4s", "swarm.connect_within=5s"];
    let (child, server) = half_done(&out, &slowly);
    // Among its sockets are the one that listens and those by which it hears of signals.
    let open = until("some readers", || {
        let (files, sockets) = open_files(server);
        (sockets >= 8).then_some(files)
    });
    // Two numbers below it are free: the system gives out the lowest first.
    let most = (0..)
        .filter(|number| !open.contains(number))
        .nth(2)
        .unwrap();
    rlimit::prlimit(server, rlimit::Resource::NOFILE, Some((most, most)), None).unwrap();
    let output = child.wait_with_output().unwrap();
    ended(&output, 3);
    assert!(!is_alive(server), "its server has ended");
    let reading = results::Store::open(&out).unwrap().read();
    assert_eq!(reading.complaints, []);
    let runs = out.join("runs.csv");
    let of = |name: &str| column(&runs, name);
    assert_eq!(of("variant"), ["sse", "-"]);
    // The finished run is what it was.
    assert_eq!(of("opened_readers")[0], "20");
    assert_eq!(of("expected")[0], of("delivered")[0]);
    let errors = of("error");
    assert!(!errors[0].contains("connected in time"), "{errors:?}");
    let opened: usize = of("opened_readers")[1].parse().unwrap();
    assert!((1..20).contains(&opened), "{opened}");
    for words in ["not connected in time", "Too many open files"] {
        assert!(errors[1].contains(words), "{errors:?}");
    }
    assert_eq!(of("valid")[1], "false");
}

/// A clock of the wall that is set by `STEP_BY` seconds once `STEP_AFTER` have passed, for every
/// program that loads this.
const STEPPED: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int (*reads)(clockid_t, struct timespec *);

static struct timespec began;
static long after, by;
static reads real;

__attribute__((constructor)) static void begin(void) {
    real = (reads)dlsym(RTLD_NEXT, "clock_gettime");
    after = atol(getenv("STEP_AFTER"));
    by = atol(getenv("STEP_BY"));
    real(CLOCK_MONOTONIC, &began);
}

int clock_gettime(clockid_t id, struct timespec *time) {
    if (!real) begin();
    int failed = real(id, time);
    struct timespec now;
    if (id == CLOCK_REALTIME && !failed) {
        real(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - began.tv_sec >= after) time->tv_sec += by;
    }
    return failed;
}
"#;

/// Compiles that; where there is no C compiler, says so and returns `None`.
fn stepped_clock(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    fs::write(&source, STEPPED).unwrap();
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status();
    if compiled.is_ok_and(|status| status.success()) {
        return Some(library);
    }
    assert!(
        std::env::var_os("WIREBENCH_REQUIRE").is_none(),
        "no C compiler, which sets the clock of a run"
    );
    let _ = writeln!(std::io::stderr(), "SKIPPED: there is no C compiler");
    None
}

#[test]
fn a_clock_that_is_set_in_mid_run_moves_no_figure() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = stepped_clock(folder.path()) else {
        return;
    };
    let stepped = |by: &str| {
        let out = folder.path().join(format!("by{by}"));
        // The folder is begun before that, and the last run after it, however slow the machine.
        let sets = [&MINIATURE[..], &["traffic.measure=6s"]].concat();
        let output = run("scenarios/quick.toml", &out, &sets)
            .args(["--only", "long_poll,websocket"])
            .env("LD_PRELOAD", &library)
            .env("STEP_AFTER", "6")
            .env("STEP_BY", by)
            .output()
            .unwrap();
        lost_nothing(&output, &out);
        let runs = out.join("runs.csv");
        assert_eq!(column(&runs, "variant"), ["hold 25s", "-"]);
        for name in [
            "max_us",
            "staleness_p50_us",
            "opening_p50_us",
            "measured_ms",
        ] {
            for figure in column(&runs, name) {
                // A step of an hour would show as 3.6e9 us.
                let figure: u64 = figure.parse().expect(name);
                assert!(figure < 20_000_000, "{name} {figure}");
            }
        }
        // Whatever is dated is dated, and read again.
        assert_eq!(log(&out).len(), 4);
        let reading = results::Store::open(&out).unwrap().read();
        assert_eq!(reading.complaints, []);
        let drawn = wirebench().arg("plot").arg(&out).output().unwrap();
        assert!(matches!(drawn.status.code(), Some(0 | 3)), "{drawn:?}");
        dates(&out)
    };
    let (back, ahead) = std::thread::scope(|scope| {
        let back = scope.spawn(|| stepped("-3600"));
        let ahead = stepped("3600");
        (back.join().unwrap(), ahead)
    });
    // The clock was set indeed: a run began before the folder was begun, or an hour after.
    assert!(back < 0.0, "{back}");
    assert!(ahead > 3_600.0, "{ahead}");
}

/// Returns the seconds from the beginning of a folder to that of its last run, by the clock of the
/// wall.
fn dates(out: &Path) -> f64 {
    let manifest = fs::read(out.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let started = humantime::parse_rfc3339(manifest["started"].as_str().unwrap()).unwrap();
    let started = started.duration_since(std::time::UNIX_EPOCH).unwrap();
    let log = fs::read_to_string(out.join("latency.hlog")).unwrap();
    let last = log.lines().last().unwrap();
    // `Tag=…,START,LENGTH,MAX,HISTOGRAM`
    let start = last.rsplit(',').nth(3).unwrap();
    start.parse::<f64>().unwrap() - started.as_secs_f64()
}

/// Asks a server for `path` and returns the answer, if it comes.
fn asked(address: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Sends a request over a connection that stays open, and returns the answer up to `end`.
fn answered(address: &str, request: &str, end: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    while !text(&answer).contains(end) {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "{}", text(&answer));
        answer.extend_from_slice(&buffer[..count]);
    }
    text(&answer)
}

/// Checks that a server whose clock is before 1970 answers polls and drafts, and says of all else
/// why it does not, again and again: a panic over the date would leave a lock poisoned for good.
#[test]
fn a_clock_before_1970_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = stepped_clock(folder.path()) else {
        return;
    };
    let mut child = wirebench()
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("LD_PRELOAD", &library)
        .env("STEP_AFTER", "0")
        // 95 years.
        .env("STEP_BY", "-3000000000")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let url = line.trim().replace("listening on ", "");
    let server = Serving { child, url };
    let address = server.url.strip_prefix("http://").unwrap();
    let version = format!("HTTP/1.1\r\nhost: {address}\r\n");
    let draft = r#"{"from":"ann","text":"x"}"#;
    let length = draft.len();
    let say = format!("POST /rooms/a/messages {version}content-length: {length}\r\n\r\n{draft}");
    let poll = format!("GET /rooms/a/poll?after=0 {version}\r\n");
    for _ in 0..2 {
        let said = answered(address, &say, "}");
        assert!(said.starts_with("HTTP/1.1 201"), "{said}");
        let read = answered(address, &poll, "\"missed\":0}");
        assert!(read.starts_with("HTTP/1.1 200"), "{read}");
        let date = "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
        assert!(read.contains(date) && read.contains("\"at\":0"), "{read}");
        let other = asked(address, "/healthz").unwrap();
        assert!(other.starts_with("HTTP/1.1 503"), "{other}");
        assert!(other.contains("before 1970"), "{other}");
    }
}

/// Checks that a server whose open files were used up through a lane serves again once those who
/// used them have left: each connection of a lane takes several.
#[test]
fn files_that_a_lane_used_up_come_back() {
    for command in ["serve", "classroom"] {
        let story = r#"ulimit -n 150; exec "$0" "$@" --listen 127.0.0.1:0"#;
        let mut child = Command::new("sh")
            .args(["-c", story, env!("CARGO_BIN_EXE_wirebench"), command])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned));
        let address = url.expect("an address");
        let config = asked(&address, "/classroom/config").unwrap();
        let config = config.split_once("\r\n\r\n").expect("a body").1;
        let config: serde_json::Value = serde_json::from_str(config).unwrap();
        for lane in config["lanes"].as_array().unwrap() {
            let port = u16::try_from(lane["port"].as_u64().unwrap()).unwrap();
            let held: Vec<_> = (0..200)
                .map_while(|_| TcpStream::connect(("127.0.0.1", port)).ok())
                .collect();
            assert!(held.len() > 100, "{command}");
            // So that the server takes as many of them as it can.
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        let answer = asked(&address, "/healthz");
        let _ = child.kill();
        let _ = child.wait();
        let answer = answer.unwrap_or_else(|error| error.to_string());
        assert!(answer.starts_with("HTTP/1.1 200"), "{command}: {answer}");
    }
}
