//! The scenarios, header profiles, claims and workloads that come with the program, found by name
//! from any folder.
//!
//! A name is the path of a file in `scenarios/`, without its ending: `quick`, `peers/nchan`,
//! `claims/framing`.

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

/// A file that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// The path below `scenarios/`, such as `peers/nchan.toml`.
    pub path: &'static str,
    /// The text.
    pub text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The sentences of the scenarios in Chinese, by name and key.
const CHINESE: &str = include_str!("shipped/zh.toml");

/// The folder of header profiles.
const PROFILES: &str = "headers/";
/// The folder of workloads.
const WORKLOADS: &str = "workloads/";
/// The ending of each file's name.
const ENDING: &str = ".toml";
/// The number of names that are suggested for one that does not exist.
const SUGGESTED: usize = 3;
/// The likeness from which on a name may have been meant (Jaro and Winkler, 0 to 1).
const ALIKE: f64 = 0.7;
/// The distance from the most alike from which on a name is not suggested beside it.
const FURTHER: f64 = 0.1;

impl File {
    /// Returns the name of the file: its path without the ending.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.path.strip_suffix(ENDING).unwrap_or(self.path)
    }
}

/// Returns all files, sorted by path.
#[must_use]
pub const fn files() -> &'static [File] {
    FILES
}

/// Returns the scenarios, those of peers and of claims included.
pub fn scenarios() -> impl Iterator<Item = &'static File> {
    let others = [PROFILES, WORKLOADS];
    let is_other = move |file: &&File| others.iter().any(|folder| file.path.starts_with(folder));
    FILES.iter().filter(move |file| !is_other(file))
}

/// Returns the workloads, which are advised on and not run.
pub fn workloads() -> impl Iterator<Item = &'static File> {
    let files = FILES.iter();
    files.filter(|file| file.path.starts_with(WORKLOADS))
}

/// Returns the workload of this name, with its folder or without, if there is one.
#[must_use]
pub fn workload(name: &Path) -> Option<&'static File> {
    let name = name.to_str()?;
    let name = name.strip_prefix(WORKLOADS).unwrap_or(name);
    workloads().find(|file| file.name().strip_prefix(WORKLOADS) == Some(name))
}

/// Returns the scenario of this name, if there is one.
#[must_use]
pub fn find(name: &Path) -> Option<&'static File> {
    let name = name.to_str()?;
    scenarios().find(|file| file.name() == name)
}

/// Returns the Chinese of a sentence of the scenario of this name: of its `question`, `motive` or
/// `expect`, or of the `statement`, `wrong`, `pass` or `comment` of a claim. There is none unless the sentence is the one of the
/// scenario that comes with the program: a changed copy says something else.
#[must_use]
pub fn chinese(name: &str, key: &str, sentence: &str) -> Option<&'static str> {
    static TEXTS: LazyLock<BTreeMap<String, BTreeMap<String, String>>> =
        LazyLock::new(|| toml::from_str(CHINESE).unwrap_or_default());
    let said = TEXTS.get(name)?.get(key)?;
    // A claim may have the name of a scenario.
    let mut files = scenarios().filter(|file| file.name().rsplit('/').next() == Some(name));
    let is_same = files.any(|file| {
        written(file, key)
            .is_some_and(|text| text.split_whitespace().eq(sentence.split_whitespace()))
    });
    is_same.then_some(said.as_str())
}

/// Returns a sentence of a scenario or of the claim in it.
fn written(file: &File, key: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(file.text).ok()?;
    let written = table.get(key).or_else(|| table.get("claim")?.get(key))?;
    Some(written.as_str()?.to_owned())
}

/// Returns the names that are most like one that does not exist, the most alike first. A path is
/// compared by its last part.
#[must_use]
pub fn nearest(missing: &Path) -> Vec<&'static str> {
    let Some(wanted) = missing.file_stem().and_then(|stem| stem.to_str()) else {
        return Vec::new();
    };
    let likeness = |file: &File| {
        let last = file.name().rsplit('/').next().unwrap_or_default();
        strsim::jaro_winkler(wanted, last)
    };
    let mut found: Vec<(f64, &str)> = scenarios()
        .map(|file| (likeness(file), file.name()))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .collect();
    found.sort_by(|one, other| other.0.total_cmp(&one.0));
    let best = found.first().map_or(0.0, |(likeness, _)| *likeness);
    let near = found
        .into_iter()
        .filter(|(likeness, _)| best - likeness < FURTHER);
    near.map(|(_, name)| name).take(SUGGESTED).collect()
}

/// Returns the name and the text of each header profile.
pub(super) fn profiles() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().filter_map(|file| {
        let name = file.name().strip_prefix(PROFILES)?;
        Some((name, file.text))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::Study;

    #[test]
    fn each_scenario_is_the_one_of_its_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let mut named = 0;
        for file in files() {
            let text = fs::read_to_string(folder.join(file.path)).expect(file.path);
            assert_eq!(text, file.text, "{}", file.path);
        }
        // A claim that an experiment measures has no people, so that it is no plan.
        let has_people = |file: &&File| file.text.contains("\n[swarm]");
        for file in scenarios().filter(has_people) {
            let by_name = Study::load(Path::new(file.name()), &[]);
            let by_path = Study::load(&folder.join(file.path), &[]);
            let [by_name, by_path] = [by_name, by_path].map(|study| study.expect(file.path));
            assert_eq!(by_name.cells, by_path.cells, "{}", file.path);
            named += 1;
        }
        assert!(named > 40, "only {named} scenarios");
        assert!(profiles().count() >= 4);
        assert!(workloads().count() >= 5);
    }

    #[test]
    fn a_workload_is_no_scenario() {
        let name = Path::new("workloads/fleet-config");
        let by_name = workload(name).expect("a workload");
        assert_eq!(workload(Path::new("fleet-config")), Some(by_name));
        assert_eq!((find(name), workload(Path::new("quick"))), (None, None));
        assert!(
            nearest(name)
                .iter()
                .all(|name| !name.starts_with(WORKLOADS))
        );
    }

    /// Checks that every scenario asks in Chinese too, every claim has its sentences in Chinese too,
    /// and no text is of a scenario that is no longer there.
    #[test]
    fn each_scenario_has_its_sentences_in_chinese() {
        let texts: BTreeMap<String, BTreeMap<String, String>> =
            toml::from_str(CHINESE).expect("a table");
        let mut found = 0;
        for file in scenarios() {
            let table: toml::Table = toml::from_str(file.text).expect(file.path);
            let name = file.name().rsplit('/').next().expect("a name");
            let is_claim = file.path.starts_with("claims/");
            let (of, keys): (Option<&toml::Value>, &[&str]) = if is_claim {
                (
                    table.get("claim"),
                    &["statement", "pass", "wrong", "comment"],
                )
            } else {
                (None, &["question", "motive", "expect"])
            };
            for key in keys {
                let sentence = of.map_or_else(|| table.get(*key), |claim| claim.get(*key));
                let Some(sentence) = sentence.and_then(toml::Value::as_str) else {
                    // Not every claim is wrong, and code explains some.
                    assert!(["wrong", "comment"].contains(key), "{}.{key}", file.path);
                    continue;
                };
                let said = chinese(name, key, sentence).unwrap_or_else(|| panic!("{name}.{key}"));
                assert!(said.contains(|letter| letter > '\u{2E7F}'), "{name}.{key}");
                let other = format!("{sentence} And more.");
                assert_eq!(chinese(name, key, &other), None, "{name}.{key}");
                found += 1;
            }
        }
        let written: usize = texts.values().map(BTreeMap::len).sum();
        assert_eq!(found, written, "a text is of no scenario");
    }

    #[test]
    fn a_name_that_does_not_exist_has_neighbours() {
        assert_eq!(nearest(Path::new("quik")).first(), Some(&"quick"));
        let moved = Path::new("elsewhere/scenarios/quick.toml");
        assert_eq!(nearest(moved).first(), Some(&"quick"));
        assert_eq!(nearest(Path::new("nchn")).first(), Some(&"peers/nchan"));
        assert!(nearest(Path::new("comparsion")).len() <= SUGGESTED);
        assert_eq!(nearest(Path::new("zzzzzz")), Vec::<&str>::new());
        for wrong in ["quik", "quick.toml", "headers/minimal", ""] {
            assert_eq!(find(Path::new(wrong)), None, "{wrong}");
        }
    }

    #[test]
    fn an_error_says_what_was_read() {
        let refused = Study::load(Path::new("quick"), &["swarm.cleints=5".to_owned()]);
        let refused = refused.expect_err("no such key").to_string();
        assert!(refused.contains("swarm.cleints"), "{refused}");
        let refused = Study::load(Path::new("quick"), &["swarm.clients=0".to_owned()]);
        let refused = refused.expect_err("nobody").to_string();
        assert!(refused.contains("swarm.clients"), "{refused}");
        let missing = Study::load(Path::new("quick.toml"), &[]).expect_err("no such file");
        assert!(missing.to_string().contains("quick.toml"), "{missing}");
    }
}
