//! The times of an entry of a HAR.

use std::time::{Duration, UNIX_EPOCH};

use super::model::{Entry, Timings};

/// The latest time that is believed, in seconds since 1970.
const LATEST: f64 = 1e11;

/// The times of an entry.
pub(super) struct Times {
    pub(super) sent: Duration,
    pub(super) asked: Duration,
    pub(super) answered: Duration,
    pub(super) end: Duration,
}

impl Times {
    pub(super) fn of(entry: &Entry, started: Duration) -> Self {
        let none = Timings::default();
        let timings = entry.timings.as_ref().unwrap_or(&none);
        let before = [timings.blocked, timings.dns, timings.connect].map(millis);
        let sent = started + before.into_iter().sum::<Duration>();
        let asked = sent + millis(timings.send);
        let answered = asked + millis(timings.wait);
        let messages = entry.messages.iter().flatten();
        let last = messages
            .filter_map(|one| one.time)
            .map(seconds)
            .max()
            .unwrap_or_default();
        Self {
            sent,
            asked,
            answered,
            end: (started + millis(entry.time)).max(answered).max(last),
        }
    }
}

fn millis(time: Option<f64>) -> Duration {
    seconds(time.unwrap_or(0.0) / 1_000.0)
}

fn seconds(time: f64) -> Duration {
    Duration::try_from_secs_f64(time.clamp(0.0, LATEST)).unwrap_or_default()
}

/// Returns a moment since 1970 (RFC 3339), with any offset.
pub(super) fn time(text: &str) -> Option<Duration> {
    let at = text.len().checked_sub(6)?;
    let (moment, offset) = text.split_at_checked(at)?;
    let since = |text: &str| {
        let moment = humantime::parse_rfc3339_weak(text).ok()?;
        moment.duration_since(UNIX_EPOCH).ok()
    };
    let sign = offset
        .chars()
        .next()
        .filter(|sign| matches!(sign, '+' | '-'));
    let Some(sign) = sign else {
        return since(text);
    };
    let (hours, minutes) = offset[1..].split_once(':')?;
    let (hours, minutes): (u64, u64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let offset = Duration::from_secs(hours * 3_600 + minutes * 60);
    let moment = since(&format!("{moment}Z"))?;
    if sign == '+' {
        moment.checked_sub(offset)
    } else {
        moment.checked_add(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_any_offset() {
        let noon = Some(Duration::from_hours(474_804));
        assert_eq!(time("2024-03-01T12:00:00.000Z"), noon);
        assert_eq!(time("2024-03-01T13:30:00.000+01:30"), noon);
        assert_eq!(time("2024-03-01T07:00:00-05:00"), noon);
        for wrong in [
            "",
            "now",
            "2024-03-01",
            "2024-03-01T12:00:00+é:00",
            "2024-13-01T12:00:00Z",
        ] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }
}
