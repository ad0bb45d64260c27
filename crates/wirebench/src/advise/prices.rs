//! The bill of a workload, from a price file that is dated and can be edited.

use std::{fs, path::Path};

use analysis::advice::{Advice, MONTH};
use anyhow::{Context, bail};
use serde::Deserialize;
use wire::Way;

use super::workload::Workload;

/// The price file that comes with the program.
pub(super) const EMBEDDED: &str = include_str!("prices.toml");
/// A million, a gigabyte and a kibibyte.
const MILLION: f64 = 1e6;
const GB: f64 = 1e9;
const KIB: f64 = 1_024.0;

/// A price file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prices {
    pub(super) currency: String,
    #[serde(default)]
    pub(super) plan: Vec<Plan>,
}

/// The prices of one provider for some ways to read. A price that is left out is zero.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) source: String,
    /// The day of the prices.
    pub(super) dated: String,
    /// The ways, by their keys.
    ways: Vec<String>,
    #[serde(default)]
    pub(super) base: f64,
    #[serde(default)]
    requests_million: f64,
    #[serde(default)]
    requests_included_million: f64,
    #[serde(default = "one")]
    socket_messages_per_request: f64,
    #[serde(default)]
    sent_million: f64,
    #[serde(default = "usual_unit")]
    sent_unit_kib: f64,
    #[serde(default)]
    connection_minutes_million: f64,
    #[serde(default)]
    egress_gb: f64,
    #[serde(default)]
    egress_included_gb: f64,
    #[serde(default)]
    busy_gb_s_million: f64,
    #[serde(default)]
    busy_gb_s_included: f64,
    #[serde(default)]
    busy_gb: f64,
    #[serde(default)]
    busy_ms: f64,
}

const fn one() -> f64 {
    1.0
}

const fn usual_unit() -> f64 {
    32.0
}

impl Prices {
    /// Reads a price file, or the one that comes with the program.
    pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(file) = file else {
            return Self::parse(EMBEDDED);
        };
        let shown = file.display();
        let text = fs::read_to_string(file).with_context(|| {
            format!("cannot read {shown}; --print-prices prints one to begin with")
        })?;
        Self::parse(&text).with_context(|| format!("{shown} is no price file"))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let prices: Self = toml::from_str(text)?;
        if prices.plan.is_empty() {
            bail!("it has no [[plan]]; add one, as --print-prices shows");
        }
        for (index, plan) in prices.plan.iter().enumerate() {
            plan.check()?;
            if prices.plan[..index]
                .iter()
                .any(|other| other.name == plan.name)
            {
                bail!("two plans are called {:?}; rename one of them", plan.name);
            }
        }
        Ok(prices)
    }
}

impl Plan {
    fn check(&self) -> anyhow::Result<()> {
        let name = &self.name;
        let prices = [
            ("base", self.base),
            ("requests_million", self.requests_million),
            ("requests_included_million", self.requests_included_million),
            ("sent_million", self.sent_million),
            (
                "connection_minutes_million",
                self.connection_minutes_million,
            ),
            ("egress_gb", self.egress_gb),
            ("egress_included_gb", self.egress_included_gb),
            ("busy_gb_s_million", self.busy_gb_s_million),
            ("busy_gb_s_included", self.busy_gb_s_included),
            ("busy_gb", self.busy_gb),
            ("busy_ms", self.busy_ms),
        ];
        for (key, price) in prices {
            if !price.is_finite() || price < 0.0 {
                bail!("plan {name:?}: {key} = {price} is no price; give 0 or more");
            }
        }
        let divisors = [
            (
                "socket_messages_per_request",
                self.socket_messages_per_request,
            ),
            ("sent_unit_kib", self.sent_unit_kib),
        ];
        for (key, divisor) in divisors {
            if !divisor.is_finite() || divisor <= 0.0 {
                bail!("plan {name:?}: {key} = {divisor} must be above zero");
            }
        }
        if humantime::parse_rfc3339_weak(&format!("{}T00:00:00Z", self.dated)).is_err() {
            bail!(
                "plan {name:?}: dated = {:?} is no day; write 2026-11-28",
                self.dated
            );
        }
        if self.ways.is_empty() {
            bail!("plan {name:?} has no ways; name some of {}", keys());
        }
        for way in &self.ways {
            if !Way::ALL.iter().any(|known| known.properties().key == way) {
                bail!(
                    "plan {name:?}: {way:?} is no way to read; there are {}",
                    keys()
                );
            }
        }
        Ok(())
    }

    /// Returns the bill of a month; `None` if the plan is not for this way, or if something that it
    /// charges for is not known.
    pub(super) fn bill(&self, way: Way, advice: &Advice, workload: &Workload) -> Option<f64> {
        let charges = self.charges(way, advice, workload)?;
        Some(self.base + charges.iter().map(Charge::price).sum::<f64>())
    }

    /// Returns what the plan charges for in a month, beside its base; `None` as above.
    pub(super) fn charges(
        &self,
        way: Way,
        advice: &Advice,
        workload: &Workload,
    ) -> Option<[Charge; 5]> {
        if !self.ways.iter().any(|key| key == way.properties().key) {
            return None;
        }
        let online = workload.hours_a_day * 3_600.0 * MONTH;
        let openings = advice.openings_a_day * MONTH;
        let asked =
            advice.requests? * online - advice.openings_a_day / 86_400.0 * online + openings;
        let is_socket = way == Way::Websocket;
        let said = if is_socket && workload.speaks {
            advice.drafts * online
        } else {
            0.0
        };
        let requests = asked + said / self.socket_messages_per_request;
        let sent = if is_socket {
            advice.deliveries * online + said
        } else {
            0.0
        };
        let units = (message_bytes(advice) / self.sent_unit_kib / KIB)
            .ceil()
            .max(1.0);
        let egress = if self.egress_gb > 0.0 {
            advice.month?.down * advice.open / GB
        } else {
            0.0
        };
        let minutes = advice.open * online / 60.0;
        let busy = (asked + said) * self.busy_ms / 1e3 * self.busy_gb;
        let charge = |amount, included, each| Charge {
            amount,
            included,
            each,
        };
        Some([
            charge(
                requests / MILLION,
                self.requests_included_million,
                self.requests_million,
            ),
            charge(sent * units / MILLION, 0.0, self.sent_million),
            charge(minutes / MILLION, 0.0, self.connection_minutes_million),
            charge(egress, self.egress_included_gb, self.egress_gb),
            // Prices are for a million gigabyte-seconds.
            charge(
                busy / MILLION,
                self.busy_gb_s_included / MILLION,
                self.busy_gb_s_million,
            ),
        ])
    }
}

/// A part of a bill: an amount, of which some is included, and the price of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Charge {
    pub(super) amount: f64,
    pub(super) included: f64,
    pub(super) each: f64,
}

impl Charge {
    fn price(&self) -> f64 {
        (self.amount - self.included).max(0.0) * self.each
    }
}

/// Returns the bytes of one message on a WebSocket; 0 where they are not known and do not matter.
fn message_bytes(advice: &Advice) -> f64 {
    advice.costs.read.map_or(0.0, |read| read.down)
}

/// Returns the keys of all ways.
fn keys() -> String {
    let keys: Vec<&str> = Way::ALL.iter().map(|way| way.properties().key).collect();
    keys.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{advise::figures, args::WorkloadInputs};

    fn bill(plan: &str, way: Way, lines: &str) -> Option<f64> {
        let inputs: WorkloadInputs = toml::from_str(lines).expect("inputs");
        let workload = Workload::of(&inputs).expect("a workload");
        let all = figures::of(&workload, &[]).expect("figures");
        let one = all
            .iter()
            .find(|one| one.choice.way == way)
            .expect("the way");
        let prices = Prices::read(None).expect("prices");
        let plan = prices
            .plan
            .iter()
            .find(|one| one.name == plan)
            .expect("the plan");
        plan.bill(way, &one.advice, &workload)
    }

    /// Compares with example 4 of the provider's own page: 10,000 clients on 100 objects, each of
    /// which says something once a minute and connects once in the month.
    #[test]
    fn the_provider_s_own_example_to_the_cent() {
        let lines = "readers = 10000\nrooms = 100\nmessages_per_reader = 0.016666666666666666\n\
                     reconnects_a_day = 0.03333333333333333\n";
        let bill = bill("Durable Objects", Way::Websocket, lines).expect("priced");
        assert!((bill - 10.00).abs() < 0.005, "{bill}");
    }

    /// Compares with a sum that is made by hand: 100 readers who ask once a second.
    #[test]
    fn polls_are_requests() {
        let lines = "readers = 100\nmessages_per_room = 0.1\nintervals_s = [1]\n";
        let month = 30.0 * 86_400.0;
        let found = bill("API Gateway, HTTP", Way::ShortPoll, lines).expect("priced");
        let requests = (100.0 + 0.1) * month / 1e6;
        assert!((found - requests).abs() < 0.01, "{found} {requests}");
        assert_eq!(bill("API Gateway, WebSocket", Way::ShortPoll, lines), None);
        let minutes = 100.0 * 43_200.0 / 1e6 * 0.25;
        let sent = 100.0 * 0.1 * month / 1e6;
        let found = bill("API Gateway, WebSocket", Way::Websocket, lines).expect("priced");
        assert!((found - minutes - sent).abs() < 0.01, "{found}");
    }

    #[test]
    fn a_file_that_cannot_be_right_is_refused() {
        let plan = "name = \"a\"\nsource = \"me\"\ndated = \"2026-11-28\"\nways = [\"sse\"]\n";
        let whole = format!("currency = \"EUR\"\n[[plan]]\n{plan}");
        assert!(Prices::parse(&whole).is_ok());
        for (text, told) in [
            ("currency = \"EUR\"".to_owned(), "it has no [[plan]]"),
            (
                whole.replace("\"sse\"", "\"carrier pigeon\""),
                "is no way to read",
            ),
            (whole.replace("\"sse\"", ""), "has no ways"),
            (whole.replace("2026-11-28", "yesterday"), "is no day"),
            (format!("{whole}base = -1"), "give 0 or more"),
            (format!("{whole}egress_gb = nan"), "give 0 or more"),
            (format!("{whole}sent_unit_kib = 0"), "must be above zero"),
            (format!("{whole}egres_gb = 1"), "egres_gb"),
            (format!("{whole}[[plan]]\n{plan}"), "rename one of them"),
        ] {
            let refused = format!("{:#}", Prices::parse(&text).expect_err(&text));
            assert!(refused.contains(told), "{text}: {refused}");
        }
    }
}
