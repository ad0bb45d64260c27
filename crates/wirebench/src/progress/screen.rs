//! The terminal, of which there is one, while a view is shown on it.
//!
//! A view redraws its lines by moving the cursor up. All other output must go around it, and the
//! `^C` that a terminal shows for Ctrl-C would move the lines by one. The terminal therefore shows
//! no `^C` until the view ends.

use std::{
    io::{Write, stderr},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use indicatif::MultiProgress;
use nix::{
    sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr},
    unistd::{getpgrp, tcgetpgrp},
};
use report::Lang;

/// The language of what is said; English where nothing was chosen.
static LANG: OnceLock<Lang> = OnceLock::new();

static SCREEN: Mutex<Option<Screen>> = Mutex::new(None);

struct Screen {
    view: MultiProgress,
    /// The terminal's settings before the view; `None` if they were not changed.
    found: Option<Termios>,
}

/// Locks the screen. Poisoning is ignored, because no holder of the lock can leave it half changed.
fn screen() -> MutexGuard<'static, Option<Screen>> {
    SCREEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins a view.
pub(super) fn enter(view: &MultiProgress) {
    *screen() = Some(Screen {
        view: view.clone(),
        found: without_carets(),
    });
}

/// Ends the view, whose last lines stay. Does nothing where there is none.
pub(crate) fn leave() {
    let found = screen().take().and_then(|screen| screen.found);
    if let Some(found) = found.filter(|_| in_foreground()) {
        let _ = tcsetattr(stderr(), SetArg::TCSANOW, &found);
    }
}

/// Chooses the language of what is said, once for the whole program.
pub(crate) fn speak(lang: Lang) {
    let _ = LANG.set(lang);
}

/// Returns an English text in the language of what is said; a text that is not known stays English.
pub(crate) fn said(text: &str) -> String {
    let bare = text.trim_start();
    let blanks = &text[..text.len() - bare.len()];
    let lang = LANG.get().copied().unwrap_or_default();
    format!("{blanks}{}", lang.say(bare))
}

/// Returns why a run is not valid in the language of what is said, each of its reasons by itself.
pub(crate) fn reasons(english: &str) -> String {
    let reasons: Vec<String> = english.split("; ").map(said).collect();
    reasons.join("; ")
}

/// Prints a warning for a person in the chosen language.
pub(crate) fn warn(text: &str) {
    put(&format!("{}: {}", said("warning"), said(text)));
}

/// Prints one line for a person in the chosen language, above the view where there is one.
pub(crate) fn say(text: &str) {
    put(&said(text));
}

/// Prints one line as it is.
pub(crate) fn put(text: &str) {
    let screen = screen();
    // A closed standard error is no reason to end a run.
    let _ = match screen.as_ref() {
        // The view begins a line of its own.
        Some(screen) => screen
            .view
            .suspend(|| writeln!(stderr(), "{}", text.trim_start())),
        None => writeln!(stderr(), "{text}"),
    };
}

fn without_carets() -> Option<Termios> {
    if !in_foreground() {
        return None;
    }
    let found = tcgetattr(stderr()).ok()?;
    let mut quiet = found.clone();
    quiet.local_flags.remove(LocalFlags::ECHOCTL);
    tcsetattr(stderr(), SetArg::TCSANOW, &quiet).ok()?;
    Some(found)
}

/// Returns whether this process is in the foreground. A process that changes a terminal from the
/// background is stopped.
fn in_foreground() -> bool {
    tcgetpgrp(stderr()).is_ok_and(|group| group == getpgrp())
}
