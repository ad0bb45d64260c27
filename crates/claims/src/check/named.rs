//! The figures of a run by the names that claims and lessons give them. A name is looked up in the
//! registry of figures ([`analysis::metric`]) first; the rest of the figures is listed here.

use super::expression::ExpressionError;
use analysis::{
    metric::{self, Metric, Of},
    model::per_hour,
    objective::{alike, meant},
    unit::Unit,
};
use results::RunRow;

/// A function that converts a value from the registry's unit to the unit that a name says.
type Conversion = fn(f64) -> f64;

/// The ends of names that say a unit, each with the registry's unit and the conversion from it.
const ENDS: [(&str, Unit, Conversion); 4] = [
    ("_ms", Unit::Milliseconds, |ms| ms),
    ("_ms", Unit::Microseconds, |us| us / 1e3),
    ("_us", Unit::Microseconds, |us| us),
    ("_percent", Unit::Share, |share| share * 1e2),
];

/// The keys by which claims know figures that the registry has under another key.
const OTHER_KEYS: [(&str, &Metric); 6] = [
    // A claim says itself how many messages its runs have: the registry's `p99` has no value if
    // there are fewer than a hundred.
    ("p99", &metric::P99_AS_READ),
    ("spread", &metric::SPREAD_P50),
    ("opening", &metric::OPENING_P50),
    ("empty", &metric::EMPTY_SHARE),
    ("setup_bytes", &metric::SETUP_BYTES_PER_CLIENT),
    ("peak_per_second", &metric::RECONNECT_PEAK),
];

/// The figures that the registry does not have.
const OWN: [(&str, Of); 26] = [
    ("p90_ms", |run| thousandth(run.p90_us)),
    ("mean_ms", |run| thousandth(run.mean_us)),
    ("deviation_ms", |run| thousandth(run.deviation_us)),
    ("sent_p50_ms", |run| thousandth(run.sent_p50_us)),
    ("sent_p99_ms", |run| thousandth(run.sent_p99_us)),
    ("event_bytes", |run| share(run.event_bytes, run.delivered)),
    // These three are divided by the deliveries that count. Those of the registry
    // (`header_bytes_per_delivery`, `exchanges_per_delivery`, `server_cpu_us_per_delivery`) are
    // divided by all events that the window brought, which are more where a poll also brings
    // messages of the settling phase. Claims were published with these.
    ("header_bytes", |run| run.header_bytes_per_delivery),
    ("exchanges", |run| share(run.exchanges, run.delivered)),
    ("server_cpu_us", |run| run.server_cpu_us_per_delivery),
    // The registry's `server_rss_bytes_per_client` has no value for a server that several runs
    // share; this has the column's.
    ("memory_kib", |run| {
        let bytes = run.server_rss_bytes_per_client?;
        Some(bytes as f64 / 1024.0)
    }),
    ("lost_percent", |run| share(run.lost * 100, run.expected)),
    ("clients", |run| Some(run.clients as f64)),
    ("rate", |run| Some(run.rate_per_s)),
    ("delivered", |run| Some(run.delivered as f64)),
    ("expected", |run| Some(run.expected as f64)),
    ("lost", |run| Some(run.lost as f64)),
    ("missed", |run| Some(run.missed as f64)),
    ("duplicated", |run| Some(run.duplicated as f64)),
    ("polls", |run| Some(run.exchanges as f64)),
    ("empty_polls", |run| Some(run.empty_exchanges as f64)),
    ("measured_s", |run| Some(run.measured_ms as f64 / 1e3)),
    ("opened_readers", |run| Some(run.opened_readers? as f64)),
    ("link_workers", |run| Some(run.link_workers? as f64)),
    ("cut_after_s", |run| thousandth(run.link_cut_after_ms)),
    ("cuts_per_hour", |run| per_hour(run, run.cut_connections)),
    ("broker_bytes_out", |run| Some(run.broker_bytes_out? as f64)),
];

/// Returns a time of a row in the next larger unit.
fn thousandth(time: Option<u64>) -> Option<f64> {
    time.map(|time| time as f64 / 1e3)
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A figure that a name stands for.
#[derive(Clone, Copy)]
pub(super) struct Named {
    of: Of,
    conversion: Conversion,
}

impl Named {
    /// Finds the figure of a name.
    pub(super) fn find(name: &str) -> Option<Self> {
        registered(name).or_else(|| own(name))
    }

    /// Returns the figure of a run, or `None` if the run has none.
    pub(super) fn value(self, run: &RunRow) -> Option<f64> {
        (self.of)(run).map(self.conversion)
    }
}

/// Finds a figure of the registry.
fn registered(name: &str) -> Option<Named> {
    keys().find_map(|(key, metric)| {
        let rest = name.strip_prefix(key)?;
        let (_, conversion) = ends(metric).find(|(end, _)| *end == rest)?;
        Some(Named {
            of: metric.metric,
            conversion,
        })
    })
}

/// Finds a figure that the registry does not have.
fn own(name: &str) -> Option<Named> {
    let (_, of) = OWN.into_iter().find(|(own, _)| *own == name)?;
    Some(Named {
        of,
        conversion: |value| value,
    })
}

/// Returns the keys that names begin with, each with its figure of the registry.
fn keys() -> impl Iterator<Item = (&'static str, &'static Metric)> {
    let keys = metric::all().map(|metric| (metric.key, metric));
    let keys = keys.filter(|(key, _)| OTHER_KEYS.iter().all(|(other, _)| other != key));
    OTHER_KEYS.into_iter().chain(keys)
}

/// Returns the ends with which a key is a name, each with its conversion. A name says the unit of a
/// time and of a share; every other figure has the unit of the registry, and so does one whose key
/// says it, such as `proxy_cpu_us_per_delivery`.
fn ends(metric: &'static Metric) -> impl Iterator<Item = (&'static str, Conversion)> {
    let has_units = metric.unit.is_time() || metric.unit == Unit::Share;
    let says_unit = has_units && !metric.key.contains("_us_per_");
    let fitting = ENDS
        .into_iter()
        .filter(move |(_, unit, _)| says_unit && *unit == metric.unit);
    let whole: (&'static str, Conversion) = ("", |value| value);
    let whole = (!says_unit).then_some(whole);
    let fitting = fitting.map(|(end, _, conversion)| (end, conversion));
    whole.into_iter().chain(fitting)
}

/// Returns all names of figures of a run.
pub(super) fn names() -> impl Iterator<Item = String> {
    let spelled = |(key, metric): (&'static str, &'static Metric)| {
        ends(metric).map(move |(end, _)| format!("{key}{end}"))
    };
    let own = OWN.into_iter().map(|(name, _)| name.to_owned());
    own.chain(keys().flat_map(spelled))
}

/// Returns the question whether a similar name was meant; empty if none is similar, or if the name
/// itself is known and only has no meaning in its place.
pub(super) fn advice(name: &str, known: impl Iterator<Item = String>) -> String {
    let known: Vec<String> = known.collect();
    if known.iter().any(|known| known == name) {
        return String::new();
    }
    meant(alike(name, known.iter().map(String::as_str)))
}

/// Returns a figure of a run by its name; `None` if the run has none. The suffix `_ms` stands for
/// milliseconds, `_us` for microseconds, `_s` for seconds.
///
/// # Errors
/// Fails if there is no figure of this name; the error has the nearest name that there is.
pub fn figure(name: &str, run: &RunRow) -> Result<Option<f64>, ExpressionError> {
    let named = Named::find(name).ok_or_else(|| ExpressionError::Figure(name.to_owned()))?;
    Ok(named.value(run))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Checks that no name stands for two figures, and that each figure of the registry has one.
    #[test]
    fn a_name_is_one_figure() {
        let names: Vec<String> = names().collect();
        let distinct: BTreeSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
        for name in &names {
            assert!(Named::find(name).is_some(), "{name}");
        }
        for metric in metric::all() {
            assert!(ends(metric).count() > 0, "{} has no name", metric.key);
        }
    }

    /// Checks that a figure that no claim named before is found by its key, in the unit that the
    /// name asks for.
    #[test]
    fn a_figure_of_the_registry_needs_no_entry_here() {
        let run = RunRow {
            staleness_p99_us: Some(2_500),
            coherence: Some(0.25),
            batch_max: Some(7),
            ..RunRow::default()
        };
        let value = |name| figure(name, &run).ok().flatten();
        assert_eq!(value("staleness_p99_ms"), Some(2.5));
        assert_eq!(value("staleness_p99_us"), Some(2_500.0));
        assert_eq!(value("coherence_percent"), Some(25.0));
        assert_eq!(value("batch_max"), Some(7.0));
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest() {
        for (name, nearest) in [
            ("p50", "p50_ms"),
            ("max", "max_ms"),
            ("server_cpu_ms", "server_cpu_us"),
            ("coherence", "coherence_percent"),
            ("staleness_p99_s", "staleness_p99_ms"),
        ] {
            let refused = figure(name, &RunRow::default()).expect_err(name);
            let told = format!("no figure of a run is called {name:?}; did you mean {nearest}?");
            assert_eq!(refused.to_string(), told);
        }
        let refused = figure("zzz", &RunRow::default()).expect_err("no such figure");
        assert_eq!(refused.to_string(), "no figure of a run is called \"zzz\"");
    }
}
