//! `wirebench classroom`: the chat in front of a class.

use std::io::{self, Write};

use anyhow::{Context, ensure};
use classroom::{Beside, Classroom, Lang, Options};

use crate::{Ended, args, stop::asked_to_stop};

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
        let classroom = Classroom::open(settings(options))?;
        announce(&classroom)?;
        classroom.serve(asked_to_stop(false)).await?;
        Ok(Ended::Well)
    })
}

fn settings(options: args::Classroom) -> Options {
    Options {
        listen: options.listen,
        link: options.link,
        lang: match options.lang {
            args::Lang::En => Lang::En,
            args::Lang::Zh => Lang::Zh,
        },
        allow_origins: options.allow_origin,
        room: options.room,
        max_people: options.people,
        drafts_per_second: options.per_second,
        text_limit: 16 * 1024,
        beside: lessons::pages().into_iter().map(beside).collect(),
    }
}

fn beside(page: lessons::Page) -> Beside {
    Beside {
        path: page.path,
        media_type: page.media_type,
        text: page.text,
    }
}

fn announce(classroom: &Classroom) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on {}", classroom.url())?;
    writeln!(out)?;
    writeln!(out, "  for the class   {}", classroom.url())?;
    writeln!(out, "  side by side    {}", classroom.lanes_url())?;
    writeln!(out, "  for the teacher {}", classroom.teacher_url())?;
    writeln!(out)?;
    for line in classroom.qr().lines() {
        writeln!(out, "  {line}")?;
    }
    out.flush()?;
    Ok(())
}
