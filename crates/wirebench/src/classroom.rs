//! `wirebench classroom`: the chat in front of a class.

use std::{
    io::{self, Write},
    time::Duration,
};

use anyhow::{Context, ensure};
use classroom::{Beside, Classroom, ClassroomError, Lang, LessonFacts, Options, Practice, View};
use tls::Acceptor;
use wire::Way;

use crate::{
    Ended, args, certificates,
    failure::not_listening,
    serve::{notice, say_certificate},
    stop::asked_to_stop,
};

/// The room of the lanes, and the one that the chat page suggests.
pub(crate) const ROOM: &str = "hall";

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
    // Each person is a descriptor or two, and each lane's link doubles them.
    rlimit::increase_nofile_limit(u64::MAX).context("cannot raise the limit of open files")?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let tls = certificates::acceptor(&options.tls, options.listen, &options.limits.host)?;
    runtime.block_on(async {
        let settings = settings(options, tls.clone());
        let classroom = Classroom::open(settings).map_err(not_open)?;
        let mut out = io::stdout().lock();
        writeln!(out, "listening on {}", classroom.url())?;
        out.flush()?;
        drop(out);
        say_certificate(tls.as_ref());
        say_links(&classroom);
        say_code(&classroom);
        classroom.serve(asked_to_stop(false)).await?;
        Ok(Ended::Well)
    })
}

fn settings(options: args::Classroom, tls: Option<Acceptor>) -> Options {
    let chat = server::Settings {
        allow_origins: options.allow_origin,
        drafts_per_second: Some(options.per_second),
        max_people: Some(options.people),
        kept_rooms: vec![options.room.clone()],
        text_limit: 16 * 1024,
        heartbeat: Duration::from_secs(15),
        goodbye: Duration::from_secs(2),
        notice: Some(notice(args::LogFormat::Text)),
        tls,
        ..server::Settings::default()
    };
    Options {
        listen: options.listen,
        link: options.link,
        lang: options.lang.into(),
        room: options.room,
        view: View::Wire,
        chat: options.limits.within(options.shares.within(chat)),
        beside: lessons(),
        lessons: facts(),
        practice: practice(),
    }
}

/// Returns the error for a classroom that did not open, with advice about the address.
pub(crate) fn not_open(error: ClassroomError) -> anyhow::Error {
    match error {
        ClassroomError::Listen(why, address) => not_listening(address, &why),
        other => other.into(),
    }
}

/// The lessons' pages.
pub(crate) fn lessons() -> Vec<Beside> {
    let pages = lessons::pages().iter().map(|page| Beside {
        path: page.path.clone(),
        media_type: page.media_type,
        text: page.text.clone(),
    });
    pages.collect()
}

/// Returns the facts about each lesson that the classroom needs to collect predictions.
pub(crate) fn facts() -> Vec<LessonFacts> {
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

/// The lanes of one's own that students need for what would disturb the class.
pub(crate) fn practice() -> Vec<Practice> {
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

/// Prints the addresses of the pages. A program that waited for the first line only may have closed
/// standard output since.
pub(crate) fn say_links(classroom: &Classroom) {
    let mut out = io::stdout().lock();
    let links = [
        ("for the class  ", classroom.url()),
        ("side by side   ", classroom.lanes_url()),
        ("for the teacher", classroom.teacher_url()),
        ("lessons        ", format!("{}/lessons", classroom.url())),
    ];
    let _ = writeln!(out);
    for (what, link) in links {
        let _ = writeln!(out, "  {what} {link}");
    }
    let _ = out.flush();
}

fn say_code(classroom: &Classroom) {
    let mut out = io::stdout().lock();
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
