//! Tests of the workloads that come with the program: advice is near what people measured, and the
//! page of the book that says so is made of it.

use std::fmt::Write;

use super::*;
use crate::advise::{figures, prices::Prices, workload::Workload};

/// The page of the book.
const PAGE: &str = "docs/src/workloads.md";

const HEAD: &str = "# Workloads of others\n\n\
    Applications from public threads, beside what those people measured. `wirebench advise NAME` \
    advises on each, with flags before its numbers; `wirebench scenarios --export DIR` copies the \
    files. Numbers that a thread does not have are named. A test makes this page, and holds advice to \
    the numbers of the threads.\n";

/// Returns each workload with its name.
fn all() -> Vec<(&'static str, Written)> {
    let files = shipped::workloads();
    files
        .map(|file| (file.name(), Written::of(file.text).expect(file.path)))
        .collect()
}

/// Makes something of the advice on a workload.
fn advised<T>(written: &Written, make: impl FnOnce(&[Figures], &Sources<'_>) -> T) -> T {
    let workload = Workload::of(&written.inputs).expect("a workload");
    let prices = Prices::read(None).expect("prices");
    let all = figures::of(&workload, &[]).expect("figures");
    let sources = Sources {
        workload: &workload,
        calibration: None,
        prices: &prices,
    };
    make(&all, &sources)
}

#[test]
fn advice_is_as_near_to_what_was_measured_as_the_files_say() {
    let workloads = all();
    assert!(workloads.len() >= 5);
    for (name, written) in &workloads {
        let thread = written.thread.as_ref().expect(name);
        assert!(thread.source.starts_with("https://"), "{name}");
        assert!(!thread.measured.is_empty(), "{name}");
        advised(written, |all, sources| {
            for said in &thread.measured {
                let found = said.advised(all, sources);
                let (text, value) = found.unwrap_or_else(|| panic!("{name}: {}", said.figure));
                let Some(measured) = said.value else {
                    assert!(value.is_none(), "{name}: {text} has a number to be held");
                    continue;
                };
                let value = value.unwrap_or_else(|| panic!("{name}: {text}"));
                let differs = said.difference(Some(value)).expect("numbers").abs();
                assert!(differs <= said.within, "{name}: {value} beside {measured}");
                assert!(
                    said.within < 0.005 || !said.why.is_empty(),
                    "{name}: no reason"
                );
            }
        });
    }
}

#[test]
fn the_page_of_the_book_is_up_to_date() {
    let mut page = HEAD.to_owned();
    for (name, written) in all() {
        let thread = written.thread.as_ref().expect(name);
        let (told, table) = advised(&written, |all, sources| {
            let told = sources.workload.told();
            (told, thread.beside(all, sources).markdown())
        });
        let short = name.rsplit('/').next().unwrap_or(name);
        let Thread {
            title,
            source,
            dated,
            assumed,
            ..
        } = thread;
        write!(
            page,
            "\n## {title}\n\n`wirebench advise {short}`: {told}.\n\nFrom [{source}]({source}), \
             {dated}. {assumed}\n\n{table}"
        )
        .expect("a text");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(PAGE);
    if std::env::var_os("WIREBENCH_UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "{PAGE} is out of date; run WIREBENCH_UPDATE_DOCS=1 cargo test --package wirebench written"
    );
}

#[test]
fn a_workload_is_found_by_its_name_and_a_wrong_one_named() {
    let by_name = read(Path::new("fleet-config")).expect("a workload");
    let by_path = read(Path::new("workloads/fleet-config")).expect("a workload");
    assert_eq!(by_name.inputs, by_path.inputs);
    let refused = format!("{:#}", read(Path::new("nobody")).expect_err("no workload"));
    assert!(refused.contains("workloads/fleet-config"), "{refused}");
    for (text, told) in [
        ("leaders = 3\n", "leaders"),
        ("readers = 3\n[thread]\ntitle = \"a\"\n", "missing field"),
        ("[thread]\nheading = \"a\"\n", "heading"),
    ] {
        let refused = format!("{:#}", Written::of(text).expect_err(text));
        assert!(refused.contains(told), "{text}: {refused}");
    }
}
