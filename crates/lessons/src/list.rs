//! The list of all lessons, in the order in which they are taught.

use crate::{Lesson, LessonError};

struct Files {
    name: &'static str,
    toml: &'static str,
    text: [&'static str; 2],
    key: [&'static str; 2],
}

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(Files {
            name: $name,
            toml: include_str!(concat!("../lessons/", $name, "/lesson.toml")),
            text: [
                include_str!(concat!("../lessons/", $name, "/en.md")),
                include_str!(concat!("../lessons/", $name, "/zh.md")),
            ],
            key: [
                include_str!(concat!("../lessons/", $name, "/key.en.md")),
                include_str!(concat!("../lessons/", $name, "/key.zh.md")),
            ],
        }),+]
    };
}

/// The files of all lessons; a test compares them with the folder.
static FILES: &[Files] = &files![
    "poll-cost",
    "interval-latency",
    "three-transits",
    "six-connections",
    "one-connection",
    "buffering-proxy",
    "behind-nginx",
    "handshake",
    "two-or-six",
    "871-bytes",
    "batching",
    "heartbeats",
    "coming-back",
    "what-tls-adds",
    "library-cost",
    "ten-thousand",
    "several-servers",
];

/// Returns every lesson, in the order in which they are taught.
///
/// # Errors
/// Fails if a lesson's file cannot be read; the tests see to it that all can.
pub fn lessons() -> Result<Vec<Lesson>, LessonError> {
    FILES.iter().map(read).collect()
}

/// Returns the lesson of this name, if there is one.
///
/// # Errors
/// Fails if its file cannot be read.
pub fn find(name: &str) -> Result<Option<Lesson>, LessonError> {
    FILES
        .iter()
        .find(|files| files.name == name)
        .map(read)
        .transpose()
}

fn read(files: &Files) -> Result<Lesson, LessonError> {
    let experiment = toml::from_str(files.toml).map_err(|error| LessonError {
        name: files.name,
        problem: error.to_string(),
    })?;
    Ok(Lesson {
        name: files.name,
        text: files.text,
        key: files.key,
        experiment,
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::{Figure, Lang};

    #[test]
    fn every_folder_is_a_lesson() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons");
        let mut found: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        found.sort();
        let mut listed: Vec<_> = FILES.iter().map(|files| files.name).collect();
        listed.sort_unstable();
        assert_eq!(listed, found);
    }

    #[test]
    fn the_readme_lists_them_in_their_order() {
        let mut rest = include_str!("../lessons/README.md");
        for lesson in lessons().unwrap() {
            let lanes = lesson.in_lanes().next().is_some();
            let row = format!(
                "| [{}]({name}/en.md) | [{}]({name}/zh.md) | {} | {} |\n",
                lesson.experiment.title.get(Lang::En),
                lesson.experiment.title.get(Lang::Zh),
                lesson.experiment.question.get(Lang::En),
                if lanes { "page or command" } else { "command" },
                name = lesson.name,
            );
            let (_, after) = rest.split_once(&row).unwrap_or_else(|| panic!("{row}"));
            rest = after;
        }
    }

    #[test]
    fn every_lesson_is_whole() {
        for lesson in lessons().unwrap() {
            let Lesson {
                name, experiment, ..
            } = &lesson;
            assert!(!experiment.check.is_empty(), "{name}: nothing is checked");
            let traces: Vec<_> = experiment.trace.iter().map(|trace| &trace.name).collect();
            let crowds: Vec<_> = experiment.crowd.iter().map(|crowd| &crowd.name).collect();
            for check in &experiment.check {
                if let Some(crowd) = check.lanes.as_ref().and_then(|lanes| lanes.crowd.as_ref()) {
                    assert!(crowds.contains(&crowd), "{name}: {crowd}");
                }
                assert!(check.right < check.close, "{name}: {}", check.id);
                for figure in check.figures() {
                    match figure {
                        Figure::Trace(of) => assert!(traces.contains(&&of.trace), "{name}"),
                        Figure::Crowd(of) => assert!(crowds.contains(&&of.crowd), "{name}"),
                        Figure::Run(_) => assert!(!experiment.run.is_empty(), "{name}"),
                    }
                }
            }
            for lang in Lang::ALL {
                let text = lesson.text(lang);
                let title = format!("# {}\n", experiment.title.get(lang));
                assert!(text.starts_with(&title), "{name}: another title");
                assert!(text.contains(&format!("wirebench lab {name}")), "{name}");
            }
            // An answer to each closing question, numbered alike.
            for lang in Lang::ALL {
                let (_, closing) = lesson.text(lang).rsplit_once("\n## ").unwrap();
                let numbered = |text: &str| {
                    let starts = |number: u32| text.contains(&format!("\n{number}. "));
                    (1..100).take_while(|&number| starts(number)).count()
                };
                let key = format!("\n{}", lesson.key[lang as usize]);
                assert!(numbered(closing) > 0, "{name}");
                assert_eq!(numbered(&key), numbered(closing), "{name}: key");
            }
            // The same headings in both languages.
            let headings = |lang| {
                let lines = lesson.text(lang).lines();
                lines.filter(|line| line.starts_with("## ")).count()
            };
            assert_eq!(headings(Lang::En), headings(Lang::Zh), "{name}");
        }
    }
}
