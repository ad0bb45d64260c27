//! A claim's file: what a publication says, beside the scenario that tests it.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use claims::{Claim, Evidence, Part};
use scenario::shipped;
use serde::Deserialize;

/// The folder of the claims among the scenarios that come with the program.
const SHIPPED: &str = "claims/";
/// The advice for a folder of claims that cannot be read.
const ADVICE: &str = "without --folder, the claims that come with wirebench are taken";

/// Returns whether a folder stands for the claims that come with the program.
pub(super) fn come_with_the_program(folder: &Path) -> bool {
    folder.as_os_str().is_empty()
}

/// A claim's file, as far as `claims` reads it itself; the rest is the scenario.
#[derive(Debug)]
pub(crate) struct ClaimFile {
    /// The claim's name.
    pub(crate) name: String,
    /// The claim's `[claim]` table.
    pub(crate) claim: Claim,
    /// The file.
    pub(crate) path: PathBuf,
    /// True if the claim has transports to run; a claim that is only an experiment has none.
    pub(crate) has_runs: bool,
}

#[derive(Debug, Deserialize)]
struct File {
    name: String,
    claim: Claim,
    #[serde(default)]
    transport: Vec<toml::Table>,
}

impl ClaimFile {
    /// Reads the claim of this name in a folder.
    pub(crate) fn of(folder: &Path, name: &str) -> anyhow::Result<Self> {
        if !come_with_the_program(folder) {
            return Self::load(&folder.join(format!("{name}.toml")));
        }
        let path = PathBuf::from(format!("{SHIPPED}{name}"));
        let file = shipped::find(&path).with_context(|| format!("no claim is called {name:?}"))?;
        Self::parse(&path, file.text)
    }

    /// Reads a claim's file; the scenario in it is read when it is run.
    pub(crate) fn load(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read {}; {ADVICE}", path.display()))?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> anyhow::Result<Self> {
        let file: File =
            toml::from_str(text).with_context(|| format!("cannot read {}", path.display()))?;
        if path.file_stem() != Some(OsStr::new(&file.name)) {
            bail!(
                "{}: its name is {:?}, and must be the file's",
                path.display(),
                file.name
            );
        }
        // Whether it can be judged does not depend on what is measured.
        claims::assess(&file.name, &file.claim, &Evidence::default())
            .with_context(|| format!("cannot judge {}", path.display()))?;
        Ok(Self {
            name: file.name,
            claim: file.claim,
            path: path.to_owned(),
            has_runs: !file.transport.is_empty(),
        })
    }

    /// Returns the names of the claims in `folder`: first those that come with the program, in the
    /// order of the page, then all others.
    pub(crate) fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
        let mut others = if come_with_the_program(folder) {
            let files = shipped::scenarios().filter_map(|file| file.name().strip_prefix(SHIPPED));
            files.map(str::to_owned).collect()
        } else {
            in_folder(folder)?
        };
        others.sort();
        let mut names: Vec<String> = claims::names().map(str::to_owned).collect();
        names.retain(|name| others.contains(name));
        others.retain(|name| !names.contains(name));
        names.extend(others);
        Ok(names)
    }

    /// Returns the claim's parts. If the file names none, the whole is the only part.
    pub(crate) fn parts(&self) -> Vec<Part> {
        if !self.claim.part.is_empty() {
            return self.claim.part.clone();
        }
        let whole = Part {
            name: String::new(),
            set: Vec::new(),
            only: Vec::new(),
            may_fail: false,
        };
        self.has_runs.then_some(whole).into_iter().collect()
    }
}

/// Returns the names of the claims in a folder of files.
fn in_folder(folder: &Path) -> anyhow::Result<Vec<String>> {
    let files = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}; {ADVICE}", folder.display()))?;
    let files = files.filter_map(|entry| Some(entry.ok()?.path()));
    let files = files.filter(|file| file.extension() == Some(OsStr::new("toml")));
    let names = files.filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned()));
    Ok(names.collect())
}

#[cfg(test)]
mod tests {
    use scenario::Study;

    use super::*;

    /// Checks that every claim that can be judged has a file that can be run, and nothing else
    /// does.
    #[test]
    fn every_claim_has_a_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/claims");
        for name in claims::names() {
            let claim_file = ClaimFile::load(&folder.join(format!("{name}.toml"))).expect(name);
            assert_eq!(claim_file.name, name);
            for part in claim_file.parts() {
                let study = Study::load(&claim_file.path, &part.set).expect(name);
                assert!(!study.plans().is_empty(), "{name} {}", part.name);
            }
            assert!(
                claim_file.has_runs || claim_file.claim.experiment.is_some(),
                "{name}"
            );
        }
        let files = fs::read_dir(&folder).expect("the folder of claims");
        assert_eq!(files.count(), claims::names().count());
        let shipped = Path::new("");
        for folder in [folder.as_path(), shipped] {
            let names = ClaimFile::names(folder).expect("the folder of claims");
            assert!(names.iter().eq(claims::names()));
        }
        for name in claims::names() {
            let claim_file = ClaimFile::of(shipped, name).expect(name);
            assert!(Study::load(&claim_file.path, &[]).is_ok() || !claim_file.has_runs);
        }
    }

    const OWN: &str = r#"
name = "own"
question = "?"
[[transport]]
kind = "websocket"
[claim]
statement = "A frame has two bytes."
source = "me"
kind = "exact"
pass = "two"
[claim.published]
frame = { value = 2, unit = "B" }
[[claim.check]]
quantity = "head of a frame"
unit = "B"
published = "frame"
of = { transport = "websocket" }
formula = "ws_head(21)"
figure = 'bytes("down", "deliver", "ws_head") / events'
judge = { near_published = 0 }
"#;

    /// Checks that a claim of a reader's own is a file and nothing else, and says what is wrong
    /// with it before anything is measured.
    #[test]
    fn a_claim_of_ones_own_needs_no_code() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("own.toml");
        fs::write(&file, OWN).expect("written");
        assert_eq!(ClaimFile::names(folder.path()).expect("a folder"), ["own"]);
        let claim_file = ClaimFile::load(&file).expect("a claim");
        let judged =
            claims::assess("own", &claim_file.claim, &Evidence::default()).expect("checks");
        assert_eq!(judged.findings[0].predicted, Some(2.0));
        assert_eq!(
            judged.verdict,
            claims::Verdict::NotShown,
            "nothing measured"
        );
        for (right, wrong, told) in [
            (
                "/ events",
                "/ event",
                "there is no figure \"event\" here; did you mean events?",
            ),
            ("ws_head(21)", "ws_haed(21)", "there is no function ws_haed"),
            (
                "\"frame\"\nof",
                "\"fame\"\nof",
                "nothing is published under \"fame\"",
            ),
            (
                "near_published = 0",
                "more_than = 2",
                "more_than needs figure and over",
            ),
            (
                "unit = \"B\"\npub",
                "unti = \"B\"\npub",
                "unknown field `unti`",
            ),
            ("name = \"own\"", "name = \"other\"", "must be the file's"),
            (
                "[[claim.check]]",
                "[[claim.part]]",
                "unknown field `figure`",
            ),
        ] {
            assert!(OWN.contains(right), "{right}");
            fs::write(&file, OWN.replace(right, wrong)).expect("written");
            let refused = ClaimFile::load(&file).expect_err(wrong);
            assert!(
                format!("{refused:#}").contains(told),
                "{wrong}: {refused:#}"
            );
        }
        let none = OWN.split("[[claim.check]]").next().expect("a head");
        fs::write(&file, none).expect("written");
        let refused = format!("{:#}", ClaimFile::load(&file).expect_err("no judge"));
        assert!(refused.contains("has no [[claim.check]]"), "{refused}");
    }

    /// Checks that the page names the figures that there are, and its example can be judged.
    #[test]
    fn the_page_on_claims_names_what_there_is() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/claims.md");
        let page = fs::read_to_string(page).expect("the page");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("own.toml");
        let (_, figures) = page
            .split_once("The figures of a run are ")
            .expect("a list");
        let (figures, _) = figures.split_once("sse_id_line").expect("its end");
        let figures: Vec<&str> = figures.split('`').skip(1).step_by(2).collect();
        assert!(figures.len() > 25, "{figures:?}");
        for figure in figures.into_iter().filter(|figure| !figure.is_empty()) {
            let text = OWN.replace("/ events", &format!("/ {figure}"));
            fs::write(&file, text).expect("written");
            ClaimFile::load(&file).expect(figure);
        }
        let (_, example) = page.split_once("```toml\n").expect("an example");
        let (example, _) = example.split_once("```").expect("its end");
        let file = folder.path().join("frame-head.toml");
        fs::write(&file, example).expect("written");
        let claim_file = ClaimFile::load(&file).expect("the example");
        let study = Study::load(&claim_file.path, &[]).expect("a scenario");
        assert_eq!(study.plans().len(), 1);
    }
}
