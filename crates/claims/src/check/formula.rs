//! The functions that claims and lessons may call by name: the models, and a little arithmetic.

use analysis::model::{
    eviction::{Crowd, TIMER},
    framing, latency,
};

/// Returns the value of a function of [`analysis::model`], or of arithmetic, by its name; `None` if
/// none of this name takes so many arguments. Times are in seconds, rates in messages a second,
/// sizes in bytes.
#[must_use]
pub fn formula(name: &str, arguments: &[f64]) -> Option<f64> {
    Some(match (name, arguments) {
        ("short_poll_quantile", &[quantile, interval, delay]) => {
            latency::short_poll_quantile(quantile, interval, delay)
        }
        ("short_poll_deviation", &[interval]) => latency::short_poll_deviation(interval),
        ("long_poll_mean", &[rate, delay]) => latency::long_poll_mean(rate, delay),
        ("long_poll_mean_constant", &[period, delay]) => {
            latency::long_poll_mean_constant(period, delay)
        }
        ("long_poll_max", &[delay]) => latency::long_poll_max(delay),
        ("empty_share", &[rate, interval]) => latency::empty_share(rate, interval),
        ("empty_share_constant", &[period, interval]) => {
            latency::empty_share_constant(period, interval)
        }
        ("late_share_constant", &[period, interval]) => {
            latency::late_share_constant(period, interval)
        }
        ("stall_quantile", &[quantile, stall, run]) => {
            latency::stall_quantile(quantile, stall, run)
        }
        ("pooled", &[calls, pool, delay]) => {
            latency::pooled(calls as u32, (pool as u32).max(1), delay)
        }
        ("eviction_rate", &[readers, places, speakers, drafts, wait]) => {
            let round = wait + TIMER;
            let crowd = Crowd {
                readers,
                places,
                speakers,
                drafts,
                round,
            };
            crowd.rate()
        }
        ("ws_head", &[payload]) => framing::ws_head(payload as u64) as f64,
        ("ws_mask", &[]) => framing::WS_MASK as f64,
        ("chunk", &[content]) => framing::chunk(content as u64) as f64,
        ("sse", &[number]) => framing::sse(number as u64) as f64,
        ("ndjson", &[]) => framing::NDJSON as f64,
        ("min", &[one, other]) => one.min(other),
        ("max", &[one, other]) => one.max(other),
        ("ceil", &[value]) => value.ceil(),
        ("round", &[value]) => value.round(),
        ("ln", &[value]) => value.ln(),
        ("sqrt", &[value]) => value.sqrt(),
        _ => return None,
    })
}
