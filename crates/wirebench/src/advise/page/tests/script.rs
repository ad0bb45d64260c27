//! The page's own script against the command, run by Node.

use std::{fs, io::Write, process::Command};

use serde_json::{Value, json};

use super::{APPLICATIONS, Made, Said, State, differs, expected, made, states};
use crate::advise::page::SCRIPTS;

/// Returns whether Node is installed. If not, fails where the checks require it and says that the
/// test is skipped elsewhere.
fn have_node() -> bool {
    if Command::new("node").arg("--version").output().is_ok() {
        return true;
    }
    assert!(
        std::env::var_os("WIREBENCH_REQUIRE").is_none(),
        "node is not installed; install Debian's package nodejs"
    );
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: node is not installed, so the page's own arithmetic was not run"
    );
    false
}

/// Evaluates the page's own script over tables and positions.
const HARNESS: &str = "const fs = require('fs');\n\
    const script = fs.readFileSync(process.argv[2], 'utf8');\n\
    const [reckon, rounded] = new Function(`${script}\\nreturn [reckon, rounded];`)();\n\
    const cases = JSON.parse(fs.readFileSync(process.argv[3], 'utf8'));\n\
    const said = ({ value, within, words }, unit) => words ? [words[0], null]\n\
      : [`${rounded(value / unit)} ± ${Math.round(within * 100)} %`, value / unit];\n\
    const answers = cases.map(({ table, states }) => states.map((state) =>\n\
      reckon(table, state).map(({ figures, bills, processors, memory, breaks }) => ({\n\
        numbers: [...figures, ...bills],\n\
        others: [said(processors, 1), said(memory, 1048576), [breaks[0], null]],\n\
        chinese: [processors, memory].map(({ words }) => words?.[1] ?? '').concat(breaks[1]),\n\
      }))));\n\
    console.log(JSON.stringify(answers));\n";

/// Returns a position as the script gets it.
fn as_json(state: State) -> Value {
    let [rate, payload, trip, headers] = state.at;
    json!({
        "readers": state.readers, "rooms": state.rooms, "headers": state.headers(),
        "reconnects": state.reconnects, "tabs": state.tabs, "files": state.files,
        "workers": state.workers, "tls": state.tls, "http": state.http, "proxy": state.proxy,
        "at": { "rate": rate, "payload": payload, "trip": trip, "headers": headers },
    })
}

/// Runs the script over all tables; returns what it says of each way at each position.
fn reckoned_by_script(all: &[Made]) -> Vec<Vec<Vec<Value>>> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path
    };
    let cases: Vec<Value> = all
        .iter()
        .map(|made| {
            let states: Vec<Value> = states().into_iter().map(as_json).collect();
            json!({ "table": made.table, "states": states })
        })
        .collect();
    let output = Command::new("node")
        .arg(file("harness.js", HARNESS))
        .arg(file("reckon.js", &SCRIPTS[..3].join("\n")))
        .arg(file("cases.json", &Value::from(cases).to_string()))
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).expect("answers")
}

/// Reads what the script says of one way, and checks that all words are there in Chinese as well.
fn read_said(answer: &Value, chinese: &mut Vec<String>) -> Said {
    let part = |name: &str| answer[name].clone();
    let words: Vec<String> = serde_json::from_value(part("chinese")).expect("words");
    chinese.extend(words.into_iter().filter(|words| !words.is_empty()));
    Said {
        numbers: serde_json::from_value(part("numbers")).expect("numbers"),
        others: serde_json::from_value(part("others")).expect("others"),
    }
}

#[test]
fn the_script_of_the_page_reckons_as_the_command_does() {
    if !have_node() {
        return;
    }
    let all: Vec<Made> = APPLICATIONS.iter().map(|text| made(text)).collect();
    let answers = reckoned_by_script(&all);
    assert_eq!(answers.len(), all.len());
    let (mut chinese, mut english, mut processors) = (Vec::new(), Vec::new(), 0);
    for (made, answers) in all.iter().zip(&answers) {
        assert_eq!(answers.len(), states().len());
        for (state, found) in states().into_iter().zip(answers) {
            let found: Vec<Said> = found
                .iter()
                .map(|answer| read_said(answer, &mut chinese))
                .collect();
            let expected = expected(made, state);
            assert_eq!(differs(&found, &expected), None, "{state:?}");
            let has_number = |said: &&Said| said.others[0].1.is_some();
            processors += expected.iter().filter(has_number).count();
            let others = expected.into_iter().flat_map(|said| said.others);
            english.extend(others.map(|(text, _)| text));
        }
    }
    for words in &chinese {
        let is_chinese = words.chars().any(|letter| ('一'..='龥').contains(&letter));
        assert!(is_chinese, "not in Chinese: {words}");
    }
    // The positions reach all that can be said.
    assert!(processors > 0, "no processor time is known anywhere");
    for words in [
        "beyond the calibration; nearest: 1000 readers",
        "not calibrated over HTTP/",
        " B of headers: run advise --calibrate",
        "less than ",
        " ± ",
        "NOW: a browser's 6 connections",
        "NOW: 50 workers",
        "open files",
        "WebSockets to a host",
        "a proxy's 60 s of silence",
        "the proxy gathers chunks for 200 ms; ",
        "NOW: the proxy answers upgrades with 426; ",
    ] {
        assert!(english.iter().any(|text| text.contains(words)), "{words}");
    }
}
