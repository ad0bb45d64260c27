//! The built-in talker: says something at a steady pace, so that a class can
//! look at the wire instead of typing.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};
use wire::Draft;

use crate::shared::Shared;

/// Talks as the state says, for as long as it is polled.
pub(crate) async fn talk(shared: Arc<Shared>) -> ! {
    let mut state = shared.state.subscribe();
    let mut said = 0_u64;
    let mut due = Instant::now();
    loop {
        let talker = state.borrow_and_update().talker;
        if talker.per_second <= 0.0 {
            // The sender lives in `shared`, which lives at least as long.
            let _ = state.changed().await;
            due = Instant::now();
            continue;
        }
        tokio::select! {
            () = sleep_until(due) => {}
            _ = state.changed() => continue,
        }
        said += 1;
        shared.say(Draft {
            from: "talker".into(),
            text: text(said, talker.bytes),
            tag: None,
        });
        let pause = Duration::try_from_secs_f64(1.0 / talker.per_second);
        // Late is late: what was missed is not made up for in a burst.
        due = due.max(Instant::now() - Duration::from_secs(1)) + pause.unwrap_or(Duration::MAX);
    }
}

/// `bytes` of text that begin with a number.
fn text(said: u64, bytes: usize) -> String {
    const WORDS: &str = "the quick brown fox jumps over the lazy dog ";
    let mut text = format!("{said} ");
    text.extend(WORDS.chars().cycle().take(bytes));
    text.truncate(bytes.max(1));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_long_as_asked() {
        for bytes in [1, 2, 5, 40, 4096] {
            assert_eq!(text(123, bytes).len(), bytes);
        }
        assert!(text(7, 20).starts_with("7 the quick"));
    }
}
