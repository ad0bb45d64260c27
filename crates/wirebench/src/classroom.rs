//! `wirebench classroom`: the chat in front of a class.

mod log;

use std::{io::Write, time::Duration};

use anyhow::{Context, ensure};
use classroom::{
    Beside, Classroom, ClassroomError, Lang, LessonFacts, Options, Practice, Several, View,
};
use tls::Acceptor;
use wire::Way;

use self::log::ClassLog;
use crate::{
    Ended, args, certificates,
    failure::not_listening,
    log_lines,
    serve::{say_certificate, say_open},
    stop::asked_to_stop,
};

/// The room of the lanes, and the one that the chat page suggests.
const ROOM: &str = "hall";

/// Serves until SIGTERM or Ctrl-C.
///
/// The first line printed is `listening on http://ADDRESS`, as every command
/// that serves has it; then the links for the class and for the teacher.
pub(crate) fn classroom(options: args::Classroom) -> anyhow::Result<Ended> {
    ensure!(
        wire::room_name_is_valid(&options.room),
        "no room can be called {:?}: use 1 to 64 of A-Z a-z 0-9 _ -",
        options.room
    );
    let _writing = log_lines::begin(args::LogFormat::Text)?;
    // Each person is a descriptor or two, and each lane's link doubles them.
    rlimit::increase_nofile_limit(u64::MAX).context("cannot raise the limit of open files")?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let tls = certificates::acceptor(&options.tls, options.listen, &options.limits.host)?;
    let log = ClassLog::open(&options.store)?;
    runtime.block_on(async {
        let listen = options.listen;
        let several = log.as_ref().map(|log| log.several.clone());
        let settings = settings(options, several, tls.clone());
        let classroom = Classroom::open(settings).map_err(not_open)?;
        let mut out = crate::output::stdout();
        writeln!(out, "listening on {}", classroom.url())?;
        out.flush()?;
        say_certificate(tls.as_ref());
        say_links(&classroom);
        if let Some(log) = &log {
            log.say();
        }
        say_code(&classroom);
        say_open(listen, tls.is_some());
        classroom.serve(asked_to_stop(false)).await?;
        Ok(Ended::Well)
    })
}

/// Serves a chat of these settings with its lanes and lessons, for a browser, until asked to stop.
/// `opened` is called before anybody is served.
pub(crate) async fn with_lanes(
    options: &args::Serve,
    chat: server::Settings,
    opened: impl FnOnce(&Classroom) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let classroom = Classroom::open(Options {
        listen: options.listen,
        link: link::Settings::default(),
        lang: options.lang.into(),
        room: ROOM.to_owned(),
        view: View::Lanes,
        chat,
        several: None,
        beside: beside(options.lang),
        lessons: facts(),
        practice: practice(),
    })
    .map_err(not_open)?;
    opened(&classroom)?;
    classroom.serve(asked_to_stop(false)).await?;
    Ok(())
}

fn settings(options: args::Classroom, several: Option<Several>, tls: Option<Acceptor>) -> Options {
    let chat = server::Settings {
        allow_origins: options.allow_origin,
        drafts_per_second: Some(options.per_second),
        max_people: Some(options.people),
        kept_rooms: vec![options.room.clone()],
        text_limit: 16 * 1024,
        heartbeat: Duration::from_secs(15),
        goodbye: Duration::from_secs(2),
        tls,
        // Only lanes whose visitor asks for it: everybody else's bytes stay what they are.
        compress: server::Compress::Named,
        ..server::Settings::default()
    };
    Options {
        listen: options.listen,
        link: options.link,
        lang: options.lang.into(),
        room: options.room,
        view: View::Wire,
        chat: options.limits.within(options.shares.within(chat)),
        several,
        beside: beside(options.lang),
        lessons: facts(),
        practice: practice(),
    }
}

/// Returns the error for a classroom that did not open, with advice about the address.
fn not_open(error: ClassroomError) -> anyhow::Error {
    match error {
        ClassroomError::Listen(why, address) => not_listening(address, &why),
        other => other.into(),
    }
}

/// Returns the pages beside the chat: the lessons', of which those at addresses that name no language
/// are in this one, and the one that advises.
fn beside(lang: args::Lang) -> Vec<Beside> {
    let pages = lessons::pages().iter().cloned();
    let short = lessons::pages_of_server(lang.into());
    let lessons = pages.chain(short).map(|page| Beside {
        path: page.path,
        media_type: page.media_type,
        text: page.text.into(),
    });
    lessons.chain(crate::advise::beside(lang)).collect()
}

/// Returns the facts about each lesson that the classroom needs to collect predictions.
fn facts() -> Vec<LessonFacts> {
    // That every file can be read is tested; an empty list is better than none.
    let lessons = lessons::lessons().unwrap_or_default();
    let facts = lessons.iter().map(|lesson| LessonFacts {
        name: lesson.name.to_owned(),
        checks: lesson
            .experiment
            .check
            .iter()
            .map(|check| check.id.clone())
            .collect(),
        told: lessons::told(lesson),
        key: lesson.key.map(str::to_owned),
    });
    facts.collect()
}

/// Returns the lanes of one's own that students need for what would disturb the class.
fn practice() -> Vec<Practice> {
    let mut needed = Vec::new();
    for lesson in lessons::lessons().unwrap_or_default() {
        for (_, lanes) in lesson.in_lanes().filter(|(_, lanes)| lanes.disturbs()) {
            let Some(lane) = Way::ALL.into_iter().find(|lane| lane.name() == lanes.lane) else {
                continue;
            };
            let practice = Practice {
                lane,
                delay_ms: lanes.delay.unwrap_or(0).into(),
            };
            if !needed.contains(&practice) {
                needed.push(practice);
            }
        }
    }
    needed
}

impl From<args::Lang> for Lang {
    fn from(lang: args::Lang) -> Self {
        match lang {
            args::Lang::En => Self::En,
            args::Lang::Zh => Self::Zh,
        }
    }
}

impl From<args::Lang> for lessons::Lang {
    fn from(lang: args::Lang) -> Self {
        match lang {
            args::Lang::En => Self::En,
            args::Lang::Zh => Self::Zh,
        }
    }
}

/// Prints the addresses of the pages. A program that waited for the first line only may have closed
/// standard output since.
pub(crate) fn say_links(classroom: &Classroom) {
    let mut out = crate::output::stdout();
    let links = [
        ("for the class  ", classroom.url()),
        ("side by side   ", classroom.lanes_url()),
        ("for the teacher", classroom.teacher_url()),
        ("lessons        ", format!("{}/lessons", classroom.url())),
        ("your numbers   ", format!("{}/advise", classroom.url())),
    ];
    let _ = writeln!(out);
    for (what, link) in links {
        let _ = writeln!(out, "  {what} {link}");
    }
    let _ = out.flush();
}

fn say_code(classroom: &Classroom) {
    let mut out = crate::output::stdout();
    let _ = writeln!(out);
    for line in classroom.qr().lines() {
        let _ = writeln!(out, "  {line}");
    }
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lessons_are_in_the_language_of_the_server() {
        for (lang, tag) in [
            (args::Lang::En, "lang=\"en\""),
            (args::Lang::Zh, "lang=\"zh-CN\""),
        ] {
            let pages = beside(lang);
            let page = |path: &str| {
                let page = pages.iter().find(|page| page.path == path);
                match &page.expect("a page").text {
                    classroom::Content::Whole(text) => text.clone(),
                    classroom::Content::Made(make) => make(),
                }
            };
            let tagged = format!("<html {tag}>");
            assert!(page("/lessons").contains(&tagged));
            assert!(page("/lessons/handshake").contains(&tagged));
            assert!(page("/lessons/zh").contains("<html lang=\"zh-CN\">"));
        }
    }

    #[test]
    fn every_lesson_has_the_lanes_that_a_student_needs() {
        let practice = practice();
        let has = |lane, delay_ms| practice.contains(&Practice { lane, delay_ms });
        assert!(has(Way::Websocket, 100) && has(Way::LongPoll, 100));
        assert!(has(Way::ShortPoll, 0));
        // One lane of a name each: a page finds it by its transport.
        for (index, one) in practice.iter().enumerate() {
            assert!(practice[..index].iter().all(|other| other.lane != one.lane));
        }
        for lesson in facts() {
            assert!(!lesson.checks.is_empty() && lesson.key.iter().all(|key| key.len() > 100));
            // The key is not among the facts that every page gets.
            assert!(!lesson.told.to_string().contains(&lesson.key[0][..20]));
        }
    }
}
