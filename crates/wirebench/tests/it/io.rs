//! `--io` and `server.io` as a user meets them, also where the system forbids `io_uring`.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    fixture::{column, ended, lost_nothing, run, text, wirebench},
    proxies::{is_there, sets},
};

/// A program in Python that forbids itself a system call, as a container's seccomp filter does
/// (`EPERM`, see seccomp(2)), and becomes another program. Arguments: the number of the call, which
/// is the same on all processors that this project is built for, and the command.
const FORBID: &str = r#"
import ctypes, os, struct, sys
def step(code, yes, no, value): return struct.pack("HBBI", code, yes, no, value)
steps = b"".join([
    step(0x20, 0, 0, 0),                  # load the number of the call
    step(0x15, 0, 1, int(sys.argv[1])),   # is it this one?
    step(0x06, 0, 0, 0x00050000 | 1),     # yes: EPERM
    step(0x06, 0, 0, 0x7fff0000),         # no: go on
])
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]
libc = ctypes.CDLL(None, use_errno=True)
program = Program(len(steps) // 8, steps)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0):
    sys.exit("no filter can be set here: " + os.strerror(ctypes.get_errno()))
os.execv(sys.argv[2], sys.argv[2:])
"#;

/// The system calls that make a ring and submit to it.
const SETUP: &str = "425";
const ENTER: &str = "426";

/// Returns a command that may not make one system call.
fn forbidden(call: &str, command: &Command) -> Command {
    let mut other = Command::new("python3");
    other.args(["-c", FORBID, call]).arg(command.get_program());
    other.args(command.get_args()).stdin(Stdio::null());
    if let Some(folder) = command.get_current_dir() {
        other.current_dir(folder);
    }
    other
}

fn serve(io: &str) -> Command {
    let mut command = wirebench();
    command.args(["serve", "--listen=127.0.0.1:0", "--threads=1"]);
    command.args(["--until-stdin-closes", io]);
    command
}

#[test]
fn uring_where_it_is_forbidden_is_an_error_and_auto_says_so_once() {
    if !is_there("python3", "python3") {
        return;
    }
    for call in [SETUP, ENTER] {
        let output = forbidden(call, &serve("--io=uring")).output().unwrap();
        ended(&output, 1);
        assert_eq!(text(&output.stdout), "");
        let said = text(&output.stderr);
        assert!(
            said.contains("--io epoll and --io auto would work"),
            "{said}"
        );
        assert!(
            said.contains("io_uring cannot be had: Operation not permitted"),
            "{said}"
        );
        assert!(said.contains("seccomp"), "{said}");

        let mut child = forbidden(call, &serve("--io=auto"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        lines.read_line(&mut line).unwrap();
        assert!(line.starts_with("listening on http://"), "{line}");
        drop(child.stdin.take());
        let output = child.wait_with_output().unwrap();
        ended(&output, 0);
        let said = text(&output.stderr);
        assert_eq!(said.matches("io_uring cannot be had").count(), 1, "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

/// Returns the column `io` and the reason in the manifest of a run in which nothing was lost.
fn ran(folder: &Path, mut command: Command) -> (Vec<String>, Option<String>) {
    let output = command
        .args(["--only", "websocket,long_poll"])
        .output()
        .unwrap();
    lost_nothing(&output, folder);
    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let why = manifest["machine"]["io_uring"].as_str().map(str::to_owned);
    (column(&folder.join("runs.csv"), "io"), why)
}

#[test]
fn a_run_keeps_how_its_server_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let asked = sets(&["server.io=[\"epoll\",\"auto\"]"]);
    let command = || run("scenarios/quick.toml", &out, &asked);
    let (io, why) = ran(&out, command());
    let auto = if why.is_none() { "uring" } else { "epoll" };
    // Each way is run in both cells.
    let cells = column(&out.join("runs.csv"), "cell");
    assert_eq!(cells.len(), 4, "{cells:?}");
    for (cell, io) in cells.iter().zip(&io) {
        let wanted = if cell == "io=auto" { auto } else { "epoll" };
        assert_eq!(io, wanted, "{cell}: {why:?}");
    }
    if !is_there("python3", "python3") {
        return;
    }
    std::fs::remove_dir_all(&out).unwrap();
    let (io, why) = ran(&out, forbidden(SETUP, &command()));
    assert_eq!(io, ["epoll"; 4]);
    let why = why.expect("the manifest has the reason");
    assert!(why.contains("Operation not permitted"), "{why}");
}
