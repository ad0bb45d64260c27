//! A disk that is full in the middle of a run.
//!
//! The disk is a file system of a few megabytes in memory, mounted in a name
//! space of its own, so that it ends with the test however that ends.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use crate::fixture::{MINIATURE, column, repository, text};

/// Runs until one run is finished, fills the disk, lets the next run fail, looks at what is left,
/// makes room and goes on. `$1` is the disk, `$2` the folder of outputs and copies.
const STORY: &str = r#"
mount -t tmpfs -o size=12m tmpfs "$1" || exit 99
"$BIN" run scenarios/quick.toml --out "$1/run" --only http_stream,websocket $SETS \
    >"$2/run.out" 2>"$2/run.err" & run=$!
until [ "$(wc -l 2>/dev/null <"$1/run/runs.csv")" -ge 2 ] 2>/dev/null; do
    kill -0 $run || break
    sleep 0.05
done
cat /dev/zero >"$1/ballast" 2>/dev/null
wait $run; echo $? >"$2/run.code"
cp -r "$1/run" "$2/full"
rm "$1/ballast"
"$BIN" run --resume "$1/run" >"$2/resume.out" 2>"$2/resume.err"; echo $? >"$2/resume.code"
cp -r "$1/run" "$2/whole"
"#;

/// Returns a shell in a mount name space of its own; nothing where the system forbids it.
fn shell() -> Option<Vec<&'static str>> {
    let ways = [
        vec!["unshare", "--mount"],
        vec!["unshare", "--user", "--map-root-user", "--mount"],
    ];
    ways.into_iter().find(|way| {
        let probe = "mount -t tmpfs -o size=64k tmpfs /tmp";
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).args(["sh", "-c", probe]);
        command.stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

#[test]
fn a_full_disk_loses_nothing_that_was_finished() {
    let Some(shell) = shell() else {
        // In a container that may not mount, this cannot be had at any price; the
        // next test asks the same of a limit on the size of files.
        writeln!(
            std::io::stderr(),
            "SKIPPED: this system lets nobody mount a small file system"
        )
        .unwrap();
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (disk, told) = (folder.path().join("disk"), folder.path().join("told"));
    fs::create_dir(&disk).unwrap();
    fs::create_dir(&told).unwrap();
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .args(["sh", "-c", STORY, "sh"])
        .args([&disk, &told])
        .current_dir(repository())
        .env("BIN", env!("CARGO_BIN_EXE_wirebench"))
        .env("SETS", sets())
        .output()
        .unwrap();
    let read = |name: &str| fs::read_to_string(told.join(name)).unwrap_or_default();
    let said = format!("{}{}", text(&output.stderr), read("run.err"));
    assert_eq!(read("run.code").trim(), "1", "{said}");
    for word in [
        "No space left on device",
        "finished run",
        "make room, then go on with: wirebench run --resume",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    readable(&told.join("full"));
    let code = read("resume.code");
    // On a busy machine the generator may doubt itself.
    assert!(matches!(code.trim(), "0" | "3"), "{}", read("resume.err"));
    let variants = column(&told.join("whole/runs.csv"), "variant");
    assert_eq!(variants.len(), 3, "each once: {variants:?}");
    readable(&told.join("whole"));
}

fn sets() -> String {
    let sets = MINIATURE.map(|set| format!("--set {set}"));
    sets.join(" ")
}

/// Asserts that every file of the folder is whole, and contains only runs that are finished.
fn readable(folder: &Path) {
    let reading = results::Store::open(folder).unwrap().read();
    assert_eq!(reading.complaints, []);
    assert!(!reading.rows.runs.is_empty());
    assert!(reading.rows.ladder.len() > reading.rows.runs.len());
}

/// Enough deliveries for a long ladder, in a short time.
const MANY_RUNGS: &str = " --set traffic.measure=500ms --set swarm.clients=200";

/// Checks a full disk, for which a limit on the size of files stands, which everybody may set.
#[test]
fn a_file_that_may_not_grow_loses_nothing_that_was_finished() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    // 20 KiB: the manifest, and the percentiles of about five runs.
    let story = r#"trap '' XFSZ; ulimit -f 20; exec "$BIN" run scenarios/quick.toml --out "$1" --only websocket $SETS --set repeats=9"#;
    let output = Command::new("bash")
        .args(["-c", story, "bash"])
        .arg(&out)
        .current_dir(repository())
        .env("BIN", env!("CARGO_BIN_EXE_wirebench"))
        .env("SETS", sets() + MANY_RUNGS)
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("File too large"), "{said}");
    assert!(said.contains("wirebench run --resume"), "{said}");
    readable(&out);
    let runs = column(&out.join("runs.csv"), "repeat").len();
    assert!((1..9).contains(&runs), "{runs} runs");
}

/// Claims behave in the same way, although a claim's folder is a part of a larger one.
#[test]
fn claims_on_a_full_disk_are_told_like_a_run_and_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("claims");
    let claims = |limit: &str, arguments: &str| {
        let story = format!(r#"trap '' XFSZ; {limit} exec "$BIN" claims {arguments}"#);
        Command::new("bash")
            .args(["-c", &story, "bash"])
            .arg(&out)
            .current_dir(repository())
            .env("BIN", env!("CARGO_BIN_EXE_wirebench"))
            .output()
            .unwrap()
    };
    // Short polls of a second: each run has some hundred percentiles of its own.
    let sets = "--set swarm.clients=200 --set swarm.ramp=100ms --set traffic.rate=5 \
         --set traffic.settle=100ms --set traffic.measure=1s --set repeats=4";
    let arguments = format!("shortpoll-uniform --out \"$1\" {sets}");
    // 9 KiB: the manifest, and the percentiles of two or three runs.
    let full = claims("ulimit -f 9;", &arguments);
    let said = text(&full.stderr);
    assert_eq!(full.status.code(), Some(1), "{said}");
    for word in [
        "File too large",
        "finished run",
        "make room, then go on with: wirebench claims --resume",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let claim = out.join("shortpoll-uniform");
    readable(&claim);
    let runs = column(&claim.join("runs.csv"), "repeat").len();
    assert!((1..4).contains(&runs), "{runs} runs");
    let resumed = claims("", "--resume \"$1\"");
    assert!(
        matches!(resumed.status.code(), Some(0 | 3)),
        "{}",
        text(&resumed.stderr)
    );
    readable(&claim);
    let repeats = column(&claim.join("runs.csv"), "repeat");
    assert_eq!(repeats, ["1", "2", "3", "4"]);
}
