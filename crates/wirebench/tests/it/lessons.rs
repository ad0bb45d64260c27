//! A life on the wire and a lesson, from the command line to the files they leave.

use std::{
    fs,
    io::Write,
    process::{Output, Stdio},
    thread,
};

use crate::{
    fixture::{column, ended, text, wirebench},
    proxies::is_there,
};

/// A scenario of a lesson as a matter of seconds.
const SHORT: [&str; 7] = [
    "--set=swarm.clients=20",
    "--set=swarm.ramp=100ms",
    "--set=traffic.settle=200ms",
    "--set=traffic.measure=2s",
    "--set=traffic.drain=20s",
    "--quiet",
    "--seed=5",
];

#[test]
fn a_trace_leaves_what_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let output = wirebench()
        .args(["trace", "websocket", "--profile=browser", "--message=<&>"])
        .arg("--link=delay=5ms")
        .arg("--svg")
        .arg(file("a.svg"))
        .arg("--pcapng")
        .arg(file("a.pcapng"))
        .output()
        .unwrap();
    ended(&output, 0);
    let listing = text(&output.stdout);
    assert!(listing.contains("User-Agent: Mozilla/5.0"), "{listing}");
    assert!(listing.contains("SHA-1 of that"));
    assert!(listing.contains("the same"));
    assert!(
        fs::read_to_string(file("a.svg"))
            .unwrap()
            .starts_with("<svg")
    );
    assert_eq!(
        fs::read(file("a.pcapng")).unwrap()[..4],
        [0x0a, 0x0d, 0x0d, 0x0a]
    );
    assert!(text(&output.stderr).contains("not captured"));
    for (arguments, hint) in [
        (["trace", "pigeon"], "short_poll, long_poll"),
        (["trace", "sse"], "no header profile"),
    ] {
        let mut command = wirebench();
        command.args(arguments).arg("--profile=browsr");
        let output = command.output().unwrap();
        assert!(!output.status.success());
        assert!(
            text(&output.stderr).contains(hint),
            "{}",
            text(&output.stderr)
        );
    }
}

#[test]
fn a_lab_compares_predictions_with_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let answers = folder.path().join("mine.toml");
    // Right, close, and far off.
    fs::write(
        &answers,
        "student = \"A <b> & C\"\ndown = 2\nup = 4\nlong = 80\n",
    )
    .unwrap();
    let output = wirebench()
        .args(["lab", "two-or-six", "--seed=3", "--answers"])
        .arg(&answers)
        .arg("--out")
        .arg(folder.path())
        .output()
        .unwrap();
    ended(&output, 0);
    let said = text(&output.stdout);
    let verdicts: Vec<&str> = said
        .lines()
        .filter_map(|line| line.rsplit_once("-> "))
        .map(|(_, verdict)| verdict)
        .collect();
    assert_eq!(verdicts, ["right", "close", "off"], "{said}");
    let page = fs::read_to_string(folder.path().join("lab.html")).unwrap();
    assert!(page.contains("A &lt;b&gt; &amp; C") && !page.contains("<b>"));
    assert!(page.contains("<svg") && page.contains("--seed 3"));
    assert!(!page.contains("<script") && !page.contains("src="));
    let kept = fs::read_to_string(folder.path().join("answers.toml")).unwrap();
    assert!(kept.contains("long = 80"), "{kept}");
}

/// Checks that a folder `run` of somebody else is not taken for one of a lesson, which a new call
/// removes.
#[test]
fn a_lab_leaves_what_no_lesson_made() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("run/mine.txt");
    fs::create_dir(folder.path().join("run")).unwrap();
    fs::write(&mine, "mine").unwrap();
    let output = wirebench()
        .args(["lab", "two-or-six", "--out"])
        .arg(folder.path())
        .output()
        .unwrap();
    ended(&output, 1);
    let said = text(&output.stderr);
    assert!(said.contains("choose another --out"), "{said}");
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_lab_runs_swarms_with_answers_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let output = lab_from_stdin(folder.path(), "250\n\n1,000 ms\n");
    // On a busy machine a run may not be valid; it is shown all the same.
    assert!(
        matches!(output.status.code(), Some(0 | 3)),
        "{}",
        text(&output.stderr)
    );
    let said = text(&output.stdout);
    assert_eq!(said.matches("-> ").count(), 3, "{said}");
    assert!(said.contains("没有预测"), "{said}");
    let page = fs::read_to_string(folder.path().join("lab.html")).unwrap();
    assert!(page.contains("lang=\"zh\"") && page.contains("<svg"));
    assert!(page.contains("消息多久到达") && !page.contains("Lower is better"));
    assert!(folder.path().join("run/runs.csv").exists());
}

fn lab_from_stdin(out: &std::path::Path, answers: &str) -> Output {
    let mut child = wirebench()
        .args(["lab", "interval-latency", "--lang=zh", "--out"])
        .arg(out)
        .args(SHORT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(answers.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn a_lab_plays_a_browser() {
    let folder = tempfile::tempdir().unwrap();
    let answers = folder.path().join("mine.toml");
    // Who forgets the browser, or counts WebSockets among the six, is off.
    fs::write(&answers, "one_port = 8\ntwo_ports = 8\nsockets = 6\n").unwrap();
    let output = wirebench()
        .args(["lab", "six-connections", "--answers"])
        .arg(&answers)
        .arg("--out")
        .arg(folder.path())
        .output()
        .unwrap();
    ended(&output, 0);
    let crowds = fs::read_to_string(folder.path().join("crowds.csv")).unwrap();
    for fact in [
        "one-port,heard,6.0",
        "two-ports,heard,8.0",
        "many-sockets,heard,255.0",
    ] {
        assert!(crowds.contains(fact), "{crowds}");
    }
    let draft = crowds
        .lines()
        .find_map(|line| line.strip_prefix("held,draft_ms,"));
    let ms: f64 = draft.unwrap().split(',').next().unwrap().parse().unwrap();
    // Never before the hold is over.
    assert!(ms > 4_900.0, "{crowds}");
    let said = text(&output.stdout);
    let verdicts: Vec<_> = said
        .lines()
        .filter_map(|line| line.rsplit_once("-> "))
        .collect();
    let verdicts: Vec<_> = verdicts.iter().map(|(_, verdict)| *verdict).collect();
    let none = "no prediction";
    assert_eq!(verdicts, ["off", "right", none, "off", none], "{said}");
}

/// Runs a lesson as a matter of seconds. Returns what it said.
fn lab_in_short(lesson: &str, out: &std::path::Path) -> String {
    let output = wirebench()
        .args(["lab", lesson, "--out"])
        .arg(out)
        .args(SHORT)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    // On a busy machine a run may not be valid; it is shown all the same.
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 3)), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_lab_shares_a_connection_of_http2() {
    let folder = tempfile::tempdir().unwrap();
    lab_in_short("one-connection", folder.path());
    let crowds = fs::read_to_string(folder.path().join("crowds.csv")).unwrap();
    for fact in ["six,heard,6.0", "one,heard,8.0", "many,heard,128.0"] {
        assert!(crowds.contains(fact), "{crowds}");
    }
    let draft = crowds
        .lines()
        .find_map(|line| line.strip_prefix("held,draft_ms,"));
    let ms: f64 = draft.unwrap().split(',').next().unwrap().parse().unwrap();
    // Over HTTP/1.1 it waits for the end of the hold.
    assert!(ms < 4_900.0, "{crowds}");
}

/// Checks who comes in through nginx set wrong and set right, as the lesson says.
#[test]
fn a_lab_goes_through_nginx() {
    if !is_there("nginx", "nginx") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    lab_in_short("behind-nginx", folder.path());
    let runs = folder.path().join("run/runs.csv");
    let opened = column(&runs, "opened_readers");
    let ways = column(&runs, "transport").into_iter();
    let all = ways.zip(column(&runs, "cell")).zip(opened);
    let mut found: Vec<_> = all
        .map(|((way, cell), opened)| format!("{way} {cell} {opened}"))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "http_stream settings=default 0",
            "http_stream settings=right 20",
            "long_poll settings=default 20",
            "long_poll settings=right 20",
            "websocket settings=default 0",
            "websocket settings=right 20",
        ]
    );
}

#[test]
fn lessons_are_listed_and_unknown_ones_refused() {
    let output = wirebench().args(["lab", "--lang=zh"]).output().unwrap();
    ended(&output, 0);
    assert_eq!(text(&output.stdout).matches("\n\n").count(), 17);
    let output = wirebench().args(["lab", "poll-coast"]).output().unwrap();
    ended(&output, 1);
    assert!(text(&output.stderr).contains("`wirebench lab` lists them"));
}

/// Returns the bytes of an account for each of the elements of another, as a listing tells them.
fn each(listing: &str, account: [&str; 3], of: [&str; 3]) -> u64 {
    let find = |account: [&str; 3]| {
        let row = listing.lines().find_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            (words.len() == 5 && words[..3] == account).then(|| [words[3], words[4]])
        });
        row.map_or([0, 0], |row| {
            row.map(|number| number.parse::<u64>().unwrap())
        })
    };
    let ([bytes, _], [_, count]) = (find(account), find(of));
    assert!(count > 0 && bytes % count == 0, "{account:?}: {listing}");
    bytes / count
}

/// Checks that the lesson about libraries says of each of their ways the count of a trace.
#[test]
fn the_lesson_about_libraries_has_the_numbers_of_traces() {
    let lesson = lessons::find("library-cost").unwrap().unwrap();
    for lang in lessons::Lang::ALL {
        let (_, table) = lesson.text(lang).split_once("\n| `websocket` |").unwrap();
        let (table, _) = table.split_once("\n\n").unwrap();
        let table = format!("| `websocket` |{table}");
        let rows: Vec<&str> = table.lines().collect();
        assert_eq!(rows.len(), 11, "{table}");
        // One language is enough to trace: the other has the same table.
        if lang == lessons::Lang::Zh {
            assert!(lesson.text(lessons::Lang::En).contains(&table), "{table}");
            continue;
        }
        thread::scope(|all| {
            for row in rows {
                all.spawn(move || {
                    let name = row.split('`').nth(1).unwrap();
                    let output = wirebench().args(["trace", name]).output().unwrap();
                    ended(&output, 0);
                    let listing = text(&output.stdout);
                    let event = each(
                        &listing,
                        ["down", "deliver", "envelope"],
                        ["down", "deliver", "payload"],
                    );
                    let draft = each(
                        &listing,
                        ["up", "say", "envelope"],
                        ["up", "say", "payload"],
                    );
                    assert_eq!(row, format!("| `{name}` | {event} | {draft} |"));
                });
            }
        });
    }
}
