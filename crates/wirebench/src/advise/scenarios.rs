//! The scenarios that are written: that of a workload, and those of the runs of a calibration that are
//! nearest to a workload beyond it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};

use super::{
    calibration::Nearest,
    document::{self, Choice},
    figures::Figures,
    sheets::Sources,
    workload::Workload,
};
use crate::{progress, shell};

/// Writes the scenario of a workload, and beside it those of the nearest runs where it lies beyond the
/// calibration. What an earlier call wrote is replaced, or removed where nothing replaces it.
///
/// # Errors
/// Fails if a file cannot be written, and before any is written if one is there that this command did
/// not write.
pub(super) fn write(sources: &Sources<'_>, all: &[Figures], file: &Path) -> anyhow::Result<()> {
    let calibration = sources.calibration.iter();
    let nearest = calibration.flat_map(|calibration| {
        let all = all.iter();
        all.filter_map(move |one| calibration.nearest(one, sources.workload))
    });
    let groups = grouped(nearest);
    may_replace(file)?;
    // What is no file, such as /dev/stdout, has nothing beside it.
    let has_beside = file.is_file() || !file.exists();
    if has_beside {
        for number in 0..groups.len() {
            may_replace(&beside(file, number))?;
        }
    }
    of_workload(sources.workload, file)?;
    if has_beside {
        of_nearest(&groups, file)?;
    }
    Ok(())
}

/// Refuses to replace a file that has something in it which this command did not write.
fn may_replace(file: &Path) -> anyhow::Result<()> {
    ensure!(
        !file.is_file() || is_replaceable(file)?,
        "{} is there, and is no scenario that this command wrote; move it away, or give --scenario \
         another name",
        file.display()
    );
    Ok(())
}

fn is_replaceable(file: &Path) -> anyhow::Result<bool> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim().is_empty() || document::is_ours(&text))
}

/// Writes the scenarios of the nearest runs, and removes those of an earlier call, which may have had
/// more of them.
fn of_nearest(groups: &[(Workload, Vec<Choice>)], file: &Path) -> anyhow::Result<()> {
    for (number, (workload, choices)) in groups.iter().enumerate() {
        let file = beside(file, number);
        save(&file, &document::text(workload, choices, false))?;
        let ways: Vec<String> = choices.iter().map(|choice| choice.title()).collect();
        tell(
            &file,
            &format!(
                "the scenario of the nearest calibrated run of {} ({})",
                ways.join("; "),
                workload.told()
            ),
        );
    }
    let further = (groups.len()..).map(|number| beside(file, number));
    for stale in further.take_while(|file| file.is_file()) {
        if is_replaceable(&stale)? {
            let shown = stale.display();
            fs::remove_file(&stale).with_context(|| format!("cannot remove {shown}"))?;
            progress::say(&format!(
                "{shown} was of an earlier workload, and is removed"
            ));
        }
    }
    Ok(())
}

/// Returns the runs of the same workload together, with each way once.
fn grouped(all: impl Iterator<Item = Nearest>) -> Vec<(Workload, Vec<Choice>)> {
    let mut groups: Vec<(Workload, Vec<Choice>)> = Vec::new();
    for Nearest { workload, choice } in all {
        match groups.iter_mut().find(|(known, _)| *known == workload) {
            Some((_, choices)) if choices.contains(&choice) => {}
            Some((_, choices)) => choices.push(choice),
            None => groups.push((workload, vec![choice])),
        }
    }
    groups
}

/// Returns the name of the file of a nearest run, beside the file of the workload's own scenario.
fn beside(file: &Path, number: usize) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let number = match number {
        0 => String::new(),
        number => format!("-{}", number + 1),
    };
    file.with_file_name(format!("{stem}-nearest{number}.toml"))
}

/// Writes the scenario of a workload, as far as one scenario can have all of it.
fn of_workload(workload: &Workload, file: &Path) -> anyhow::Result<()> {
    if workload.proxy.is_some() && !document::takes_proxy(workload) {
        progress::say(
            "the scenario leaves the proxy out: a run reaches one in the clear over HTTP/1.1, and \
             hitch by TLS",
        );
    }
    let all = Choice::all(workload).into_iter();
    let choices: Vec<Choice> = all.filter(|choice| choice.is_runnable(workload)).collect();
    if choices.len() < Choice::all(workload).len() {
        progress::say("the scenario leaves WebSocket out: its figures are those over HTTP/1.1");
    }
    save(file, &document::text(workload, &choices, true))?;
    tell(file, "the scenario");
    Ok(())
}

fn save(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn tell(file: &Path, what: &str) {
    let (shown, word) = (file.display(), shell::path(file));
    progress::say(&format!(
        "{shown} is {what}; run it with: wirebench run {word}"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        advise::{calibration::tests::calibration, figures, prices::Prices},
        args::WorkloadInputs,
    };

    /// Writes the scenarios of an application to a file.
    fn write_of(application: &str, file: &Path) -> anyhow::Result<()> {
        let inputs: WorkloadInputs = toml::from_str(application).expect("inputs");
        let workload = Workload::of(&inputs).expect("a workload");
        let all = figures::of(&workload, &[]).expect("figures");
        let (measured, prices) = (calibration(), Prices::read(None).expect("prices"));
        let sources = Sources {
            workload: &workload,
            calibration: Some(&measured),
            prices: &prices,
        };
        write(&sources, &all, file)
    }

    /// Returns the files that are written for an application, by name.
    fn written(application: &str) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().expect("a folder");
        write_of(application, &folder.path().join("mine.toml")).expect("written");
        let mut files: Vec<(String, String)> = fs::read_dir(folder.path())
            .expect("a folder")
            .map(|entry| {
                let path = entry.expect("an entry").path();
                let name = path.file_name().expect("a name").to_string_lossy();
                (name.into_owned(), fs::read_to_string(&path).expect("text"))
            })
            .collect();
        files.sort();
        files
    }

    /// Checks that of a workload ten times as large as what was measured the largest run is written, that
    /// it can be run, and that what was not measured at all has none.
    #[test]
    fn beyond_a_calibration_the_nearest_run_is_written_as_a_scenario() {
        let files = written("readers = 10000\nrooms = 200\nmessages_per_room = 5\n");
        let [(name, text), (own, _)] = &files[..] else {
            panic!("{files:?}");
        };
        assert_eq!(
            (name.as_str(), own.as_str()),
            ("mine-nearest.toml", "mine.toml")
        );
        for line in [
            "clients = 1000",
            "rooms = 20",
            "rate = 5",
            "kind = \"websocket\"",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert_eq!(text.matches("[[transport]]").count(), 1, "{text}");
        let study = scenario::Study::from_text(name, text, &[]).expect("a scenario");
        assert_eq!(study.plans().len(), 1);
        let within = written("readers = 500\nrooms = 10\nmessages_per_room = 5\n");
        assert_eq!(within.len(), 1, "{within:?}");
    }

    /// Checks that what an earlier call wrote for another workload does not stay, and that a file of
    /// somebody else does, before anything is written.
    #[test]
    fn earlier_scenarios_are_replaced_and_files_of_others_are_not() {
        const LARGE: &str = "readers = 10000\nrooms = 200\nmessages_per_room = 5\n";
        const SMALL: &str = "readers = 500\nrooms = 10\nmessages_per_room = 5\n";
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let file = path("mine.toml");
        write_of(LARGE, &file).expect("written");
        let nearest = fs::read_to_string(path("mine-nearest.toml")).expect("text");
        fs::write(path("mine-nearest-2.toml"), &nearest).expect("a stale one");
        fs::write(path("mine-nearest-3.toml"), "name = \"mine\"\n").expect("another's");
        write_of(LARGE, &file).expect("written again");
        assert!(path("mine-nearest.toml").is_file());
        assert!(!path("mine-nearest-2.toml").exists());
        write_of(SMALL, &file).expect("written");
        assert!(!path("mine-nearest.toml").exists());
        assert!(path("mine-nearest-3.toml").is_file());
        let own = fs::read_to_string(&file).expect("text");
        for foreign in ["mine-nearest.toml", "mine.toml"] {
            fs::write(path(foreign), "name = \"mine\"\n").expect("another's");
            let refused = write_of(LARGE, &file).expect_err("refused").to_string();
            assert!(
                refused.contains(foreign) && refused.contains("--scenario"),
                "{refused}"
            );
            let kept = fs::read_to_string(path(foreign)).expect("text");
            assert_eq!(kept, "name = \"mine\"\n");
            if foreign != "mine.toml" {
                assert_eq!(fs::read_to_string(&file).expect("text"), own);
            }
        }
    }

    #[test]
    fn nothing_is_written_beside_what_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("mine.toml");
        std::os::unix::fs::symlink("/dev/null", &link).expect("a link");
        write_of(
            "readers = 10000\nrooms = 200\nmessages_per_room = 5\n",
            &link,
        )
        .expect("written");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn ways_with_the_same_nearest_run_share_a_scenario() {
        let inputs: WorkloadInputs =
            toml::from_str("readers = 10\nmessages_per_room = 1\n").expect("inputs");
        let workload = Workload::of(&inputs).expect("a workload");
        let of = |readers, choice| Nearest {
            workload: Workload {
                readers,
                ..workload.clone()
            },
            choice,
        };
        let all = Choice::all(&workload);
        let nearest = [of(5, all[0]), of(5, all[0]), of(5, all[1]), of(6, all[2])];
        let groups = grouped(nearest.into_iter());
        let lengths: Vec<usize> = groups.iter().map(|(_, choices)| choices.len()).collect();
        assert_eq!(lengths, [2, 1]);
        let names = [0, 1].map(|number| beside(Path::new("a/b.toml"), number));
        assert_eq!(
            names,
            ["a/b-nearest.toml", "a/b-nearest-2.toml"].map(PathBuf::from)
        );
    }
}
