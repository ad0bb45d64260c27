//! The options of `wirebench run` for people in several processes, and those of `wirebench merge`.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use clap::Args as ClapArgs;
use swarm::Part;

use super::value;

#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct Shards {
    /// Run only this part of the people, such as 2/4, while others run the rest; `wirebench merge`
    /// makes one folder of theirs
    #[arg(long, value_name = "PART", conflicts_with = "resume")]
    pub(crate) shard: Option<Part>,
    /// Time at which the first draft of a shard may be due, such as 2026-01-31T12:00:00Z, or in
    /// seconds since 1970
    #[arg(long, value_parser = moment, value_name = "TIME", requires = "shard", conflicts_with = "barrier")]
    pub(crate) start_at: Option<SystemTime>,
    /// Begin once everybody of the plan is in a room, by the server's own count, and wait so long
    /// for it
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "2m", value_parser = value::duration, value_name = "TIME", requires = "shard")]
    pub(crate) barrier: Option<Duration>,
    /// Largest error of this machine's calendar clock, such as 5ms: with it on every shard, merge tells
    /// latency between shards, as an interval that both errors make
    #[arg(long, value_parser = value::duration, value_name = "TIME", requires = "shard")]
    pub(crate) clock_error: Option<Duration>,
    /// Run the people in so many processes of this program, each with its own limit of open files,
    /// and merge what they measure
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64), value_name = "N", conflicts_with_all = ["shard", "resume"])]
    pub(crate) processes: Option<u16>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Merge {
    /// The results folders of all shards, in any order
    #[arg(value_name = "RUN", required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// Folder for the merged results
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// Reads `2026-01-31T12:00:00Z`, or seconds since 1970 such as `1769860800.5`.
fn moment(text: &str) -> Result<SystemTime, String> {
    let unix = text.parse::<f64>().ok();
    let since = unix.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    since
        .and_then(|since| UNIX_EPOCH.checked_add(since))
        .or_else(|| humantime::parse_rfc3339_weak(text).ok())
        .ok_or_else(|| {
            "no time: write 2026-01-31T12:00:00Z, or seconds since 1970 (date +%s)".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_either_form() {
        let at = |text| moment(text).map(|at| at.duration_since(UNIX_EPOCH).unwrap());
        assert_eq!(
            at("1769860800.5"),
            Ok(Duration::from_millis(1_769_860_800_500))
        );
        assert_eq!(
            at("2026-01-31T12:00:00Z"),
            Ok(Duration::from_hours(491_628))
        );
        for wrong in ["noon", "-1", "nan", "1e300", "2026-31-01"] {
            assert!(moment(wrong).unwrap_err().contains("date +%s"), "{wrong}");
        }
    }
}
