//! `wirebench classroom`: the chat in front of a class.

use std::{
    io::{self, Write},
    time::Duration,
};

use anyhow::{Context, ensure};
use classroom::{Beside, Classroom, ClassroomError, Lang, Options, View};

use crate::{Ended, args, failure::not_listening, stop::asked_to_stop};

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
    runtime.block_on(async {
        let classroom = Classroom::open(settings(options)).map_err(not_open)?;
        let mut out = io::stdout().lock();
        writeln!(out, "listening on {}", classroom.url())?;
        out.flush()?;
        drop(out);
        say_links(&classroom);
        say_code(&classroom);
        classroom.serve(asked_to_stop(false)).await?;
        Ok(Ended::Well)
    })
}

fn settings(options: args::Classroom) -> Options {
    Options {
        listen: options.listen,
        link: options.link,
        lang: options.lang.into(),
        room: options.room,
        view: View::Wire,
        chat: server::Settings {
            allow_origins: options.allow_origin,
            drafts_per_second: Some(options.per_second),
            max_people: Some(options.people),
            text_limit: 16 * 1024,
            heartbeat: Duration::from_secs(15),
            goodbye: Duration::from_secs(2),
            ..server::Settings::default()
        },
        beside: lessons(),
    }
}

/// Why a classroom did not open, with what to do about an address.
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

impl From<args::Lang> for Lang {
    fn from(lang: args::Lang) -> Self {
        match lang {
            args::Lang::En => Self::En,
            args::Lang::Zh => Self::Zh,
        }
    }
}

/// Says which pages there are. Whoever waited for the first line only may have
/// closed our standard output since.
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
