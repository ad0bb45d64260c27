//! Every command that a page or a file for CI shows is one that the program understands, and the
//! two READMEs have the same commands and the same figures.

use std::{collections::BTreeSet, fs};

use crate::fixture::{repository, text, wirebench};

/// The files whose commands are held against the program.
const FILES: [&str; 8] = [
    "README.md",
    "README.zh.md",
    "docs/src/first-run.md",
    "docs/src/commands.md",
    "docs/src/ci.md",
    "docs/src/install.md",
    "deploy/ci/gate",
    "deploy/Dockerfile",
];

fn read(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Returns the lines of a page's code blocks, without comments and prompts.
fn code(page: &str) -> Vec<String> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for line in page.lines() {
        let line = line.trim();
        if line.starts_with("```") {
            is_code = !is_code;
        } else if is_code && !line.is_empty() {
            let line = line.split(" #").next().unwrap_or_default();
            let line = line.split("  ").next().unwrap_or_default();
            lines.push(line.trim().to_owned());
        }
    }
    lines
}

/// Returns the subcommand and the long flags of each `wirebench COMMAND …` of a text.
fn commands(of: &str) -> BTreeSet<(String, Vec<String>)> {
    let mut found = BTreeSet::new();
    let joined = of.replace("\\\n", " ");
    for line in joined.lines() {
        let words: Vec<&str> = line
            .split(|letter: char| letter.is_whitespace() || "`\"',[]()|;".contains(letter))
            .filter(|word| !word.is_empty())
            .collect();
        let starts = words.iter().enumerate().filter(|(_, word)| {
            **word == "wirebench" || word.ends_with("/wirebench") || **word == "$wirebench"
        });
        for (at, _) in starts {
            let Some(command) = words.get(at + 1) else {
                continue;
            };
            let is_command = command.bytes().all(|byte| byte.is_ascii_lowercase());
            if !is_command || line.contains("cargo") {
                continue;
            }
            let flags = words[at + 2..].iter().take_while(|word| **word != "&&");
            let flags = flags.filter(|word| word.starts_with("--"));
            let flags = flags.map(|flag| flag.split('=').next().unwrap_or_default().to_owned());
            found.insert(((*command).to_owned(), flags.collect()));
        }
    }
    found
}

#[test]
fn each_command_and_flag_of_a_page_exists() {
    let mut looked_at = 0;
    for name in FILES {
        let page = read(name);
        let text_of_it = if name.contains(".md") {
            code(&page).join("\n")
        } else {
            page
        };
        for (command, flags) in commands(&text_of_it) {
            let output = wirebench()
                .args([command.as_str(), "--help"])
                .output()
                .unwrap();
            let help = text(&output.stdout);
            assert!(output.status.success(), "{name}: wirebench {command}");
            for flag in flags {
                let is_there = help
                    .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'))
                    .any(|word| word == flag);
                assert!(is_there, "{name}: wirebench {command} {flag}");
            }
            looked_at += 1;
        }
    }
    assert!(looked_at > 30, "only {looked_at} commands");
}

/// Returns all numbers of a page that are not in its code blocks, sorted.
fn figures(page: &str) -> Vec<String> {
    let prose = page.split("```").step_by(2);
    let is_of_number = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == ',';
    let words = prose.flat_map(|part| part.split(move |letter| !is_of_number(letter)));
    let mut found: Vec<String> = words
        .map(|word| {
            word.trim_matches(|letter: char| !letter.is_ascii_digit())
                .to_owned()
        })
        .filter(|word| !word.is_empty())
        .collect();
    found.sort();
    found
}

/// Returns what is different between two READMEs.
fn differences(english: &str, chinese: &str) -> Vec<String> {
    let mut told = Vec::new();
    if code(english) != code(chinese) {
        told.push("other commands".to_owned());
    }
    if figures(english) != figures(chinese) {
        told.push("other figures".to_owned());
    }
    let links = |page: &str| -> BTreeSet<String> {
        let targets = page.split("](").skip(1);
        let targets = targets.filter_map(|rest| rest.split(')').next());
        let others = |target: &&str| !target.starts_with("README");
        targets.filter(others).map(str::to_owned).collect()
    };
    let (here, there) = (links(english), links(chinese));
    told.extend(
        here.symmetric_difference(&there)
            .map(|link| format!("only one links to {link}")),
    );
    told
}

#[test]
fn both_readmes_say_the_same() {
    let (english, chinese) = (read("README.md"), read("README.zh.md"));
    assert_eq!(differences(&english, &chinese), Vec::<String>::new());
    assert!(figures(&english).len() >= 25, "{:?}", figures(&english));
    assert!(code(&english).len() >= 8);
    // What the test would overlook is not much of a test.
    for (right, wrong) in [
        ("```\nscripts/test", "```\nscripts/tests"),
        ("| 1", "| 9"),
        ("7.25", "7.26"),
        ("](docs", "](dogs"),
    ] {
        assert!(english.contains(right), "{right}");
        let spoiled = english.replacen(right, wrong, 1);
        assert!(!differences(&spoiled, &chinese).is_empty(), "{wrong}");
    }
}

/// Returns the keys below `with:` of each step that uses the action in a page or a workflow.
fn given(page: &str) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = page.lines().collect();
    let mut keys = Vec::new();
    for (at, _) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.contains("uses: ./deploy/ci"))
    {
        let with = lines[at + 1..]
            .iter()
            .position(|line| line.trim() == "with:");
        let Some(with) = with.filter(|distance| *distance == 0).map(|_| at + 1) else {
            continue;
        };
        let below = lines[with + 1..].iter();
        let below = below.take_while(|line| indent(line) > indent(lines[with]));
        let named = below.filter(|line| !line.trim_start().starts_with('#'));
        keys.extend(named.filter_map(|line| Some(line.trim().split_once(':')?.0.to_owned())));
    }
    keys
}

/// Checks that the action hands each of its inputs to the script, and pages use no other.
#[test]
fn the_action_the_script_and_the_pages_agree() {
    let (action, script) = (read("deploy/ci/action.yml"), read("deploy/ci/gate"));
    let (_, inputs) = action.split_once("inputs:\n").unwrap();
    let (inputs, steps) = inputs.split_once("\noutputs:\n").unwrap();
    let inputs: BTreeSet<&str> = inputs
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|name| !name.starts_with(' '))
        .collect();
    assert!(
        inputs.contains("scenario") && inputs.len() >= 6,
        "{inputs:?}"
    );
    for input in &inputs {
        assert!(
            steps.contains(&format!("inputs.{input}")),
            "{input} is not used"
        );
    }
    let (_, env) = steps.rsplit_once("env:\n").unwrap();
    let variables: Vec<&str> = env
        .lines()
        .filter_map(|line| line.trim().split(':').next())
        .collect();
    assert!(variables.len() >= 6, "{variables:?}");
    for variable in variables {
        assert!(script.contains(&format!("${{{variable}:-")), "{variable}");
    }
    for page in [
        "README.md",
        "README.zh.md",
        "docs/src/ci.md",
        "deploy/ci/workflow.yml",
    ] {
        let keys = given(&read(page));
        assert!(keys.len() >= 2, "{page}: {keys:?}");
        for key in keys {
            assert!(inputs.contains(key.as_str()), "{page}: {key} is no input");
        }
    }
}
