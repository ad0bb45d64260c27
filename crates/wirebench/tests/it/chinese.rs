//! Tests of what is printed and drawn with `--lang zh`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::fixture::{column, ended, run, text, wirebench};

const OWN: &str = "name = \"own\"\nquestion = \"Does it work?\"\nquestion_zh = \"这样行吗？\"\n\
    motive = \"I want to know.\"\nexpect = \"It does.\"\nexpect_zh = \"行。\"\n\
    [swarm]\nclients = 2\nramp = \"100ms\"\n\
    [traffic]\nrate = 10\nsettle = \"100ms\"\nmeasure = \"500ms\"\ndrain = \"2s\"\n\
    [[transport]]\nkind = \"long_poll\"\n[[transport]]\nkind = \"websocket\"\n";

/// Checks that every line of each drawn table is as wide as the others on a terminal.
fn assert_in_line(printed: &str) {
    let drawn = printed
        .lines()
        .filter(|line| line.starts_with(['│', '┌', '╞', '└']));
    let widths: Vec<usize> = drawn.map(sheet::width).collect();
    assert!(!widths.is_empty(), "{printed}");
    let all = widths.iter().all(|width| *width == widths[0]);
    assert!(all, "{widths:?}\n{printed}");
}

/// Returns the English words of lines that are no names, each with its line.
fn english(lines: &str) -> BTreeSet<String> {
    // A run is called what `--only` takes, in every language.
    const VARIANTS: [&str; 2] = ["websocket", "hold"];
    const MARKS: &str = " （）：，。、；“”‘’";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../report/src/words/zh.toml");
    let tables: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut left = BTreeSet::new();
    for line in lines.lines() {
        let words = line.split(|letter: char| MARKS.contains(letter));
        let words = words.map(|word| word.trim_matches([',', '.', ';', ':', '(', ')']));
        let words = words.filter(|word| {
            let is_word = word.len() > 2 && word.chars().all(|letter| letter.is_ascii_alphabetic());
            is_word && !tables["kept"].contains_key(*word) && !VARIANTS.contains(word)
        });
        left.extend(words.map(|word| format!("{word} ({line})")));
    }
    left
}

#[test]
fn a_run_is_told_in_chinese_with_the_sentences_of_its_author() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    fs::write(&file, OWN).unwrap();
    let out = folder.path().join("out");
    let page = || fs::read_to_string(out.join("report.html")).unwrap();
    let summary = folder.path().join("summary.md");
    let output = run(&file, &out, &[])
        .args(["--lang", "zh"])
        .arg("--summary")
        .arg(&summary)
        .output()
        .unwrap();
    let printed = text(&output.stdout);
    for words in ["传输方式", "长轮询", "送达", "有效", "请打开 "] {
        assert!(printed.contains(words), "{words}: {printed}");
    }
    assert_in_line(&printed);
    let summary = fs::read_to_string(summary).unwrap();
    for words in ["2 次运行中 ", "0 个目标中 0 个达到"] {
        assert!(summary.contains(words), "{words}: {summary}");
    }
    let said = text(&output.stderr);
    for words in ["次运行，约 ", "校准：", "送达  p50"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(english(&said), BTreeSet::new(), "{said}");
    let chinese = page();
    for words in ["这样行吗？", "行。", "I want to know."] {
        assert!(chinese.contains(words), "{words}");
    }
    assert!(!chinese.contains("Does it work?") && !chinese.contains("It does."));
    let output = wirebench().arg("plot").arg(&out).output().unwrap();
    assert!(text(&output.stdout).contains("transport"));
    assert!(page().contains("Does it work?") && !page().contains("这样行吗？"));
    let output = wirebench()
        .arg("compare")
        .args([&out, &out])
        .args(["--lang", "zh"])
        .output()
        .unwrap();
    ended(&output, 0);
    let printed = text(&output.stdout);
    // A busy machine makes the runs not valid, which is another sentence about the same doubt.
    for words in ["场景、机器和版本相同。", "不能断定："] {
        assert!(printed.contains(words), "{words}: {printed}");
    }
    // Of runs of which none is valid there is nothing to put into a table.
    let valid = column(&out.join("runs.csv"), "valid");
    if valid.iter().any(|valid| valid == "true") {
        assert!(printed.contains("│ 传输方式"), "{printed}");
        assert_in_line(&printed);
    }
    let gate = wirebench()
        .arg("compare")
        .args([&out, &out])
        .args(["--gate", "--lang", "zh"])
        .output()
        .unwrap();
    let said = text(&gate.stderr);
    assert!(said.starts_with("把关: "), "{said}");
    assert_eq!(english(&said), BTreeSet::new(), "{said}");
    let json = wirebench()
        .arg("compare")
        .args([&out, &out])
        .args(["--json", "--lang", "zh"])
        .output()
        .unwrap();
    let json = text(&json.stdout);
    assert!(json.starts_with('{'), "{json}");
    let is_chinese = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
    assert!(
        !json.contains(is_chinese),
        "what programs read stays: {json}"
    );
}

#[test]
fn claims_and_advice_are_told_in_chinese() {
    let print = |arguments: &[&str]| {
        let output = wirebench()
            .args(arguments)
            .args(["--lang", "zh"])
            .output()
            .unwrap();
        ended(&output, 0);
        text(&output.stdout)
    };
    let claims = print(&["claims", "--list"]);
    assert!(claims.contains("abril-5-updates      五次更新"), "{claims}");
    let asked = ["advise", "--readers", "1000", "--messages-per-room", "2"];
    let advice = print(&asked);
    for words in ["1000 个读者", "打开的连接", "短轮询", "最先到极限的"] {
        assert!(advice.contains(words), "{words}: {advice}");
    }
    let csv = print(&[&asked[..], &["--csv"]].concat());
    assert!(
        csv.contains("connections open") && !csv.contains("打开"),
        "{csv}"
    );
}
