//! The measured values of the predicted quantities, computed from a run's own rows.

use super::{Quantity, library, path};
use results::{
    RunRow,
    digest::{Account, Sum},
};

/// The measurements of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured<'a> {
    pub(super) run: &'a RunRow,
    pub(super) ledger: &'a [Account<'a>],
    pub(super) p95_us: Option<u64>,
}

fn ratio(amount: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| amount as f64 / of as f64)
}

/// The purposes of the bytes of a poll, whether or not it brought an event.
const ASKED: &[&str] = &["deliver", "empty", "presence"];
const DELIVER: &[&str] = &["deliver"];
/// The purposes of records that hold content, and not messages of TLS itself.
const CONTENT: &[&str] = &["deliver", "say", "ack", "empty", "heartbeat", "presence"];

impl Measured<'_> {
    fn sum(&self, direction: &str, purposes: &[&str], layer: &str) -> Sum {
        let mut sum = Sum::default();
        for row in self.window() {
            let is_it =
                row.direction == direction && row.layer == layer && purposes.contains(&row.purpose);
            if is_it {
                sum.bytes += row.bytes;
                sum.count += row.count;
            }
        }
        sum
    }

    /// Returns the accounts of the measured window.
    fn window(&self) -> impl Iterator<Item = &Account<'_>> {
        self.ledger.iter().filter(|row| row.is_of_window())
    }

    fn all(&self, direction: &str, purpose: impl Fn(&str) -> bool) -> u64 {
        self.window()
            .filter(|row| row.direction == direction && row.layer != "tcp_ip")
            .filter(|row| purpose(row.purpose))
            .map(|row| row.bytes)
            .sum()
    }

    /// Returns the measured value, or `None` if the rows do not contain the quantity.
    pub(super) fn of(&self, quantity: Quantity) -> Option<f64> {
        let run = self.run;
        match quantity {
            Quantity::EventJson => self
                .sum("down", DELIVER, "payload")
                .each()
                .or_else(|| ratio(run.event_bytes, run.delivered)),
            Quantity::PollHead => self.sum("up", ASKED, "http_head").each(),
            Quantity::PollAnswerHead => self.sum("down", DELIVER, "http_head").each(),
            Quantity::BatchAround => self.batch_around(),
            Quantity::EmptyBatch => {
                let answers = self.sum("down", &["empty"], "http_head").count;
                ratio(self.sum("down", &["empty"], "batch").bytes, answers)
            }
            Quantity::Envelope => {
                let events = self.sum("down", DELIVER, "payload").count;
                ratio(self.sum("down", DELIVER, "envelope").bytes, events)
            }
            Quantity::TextFrame => {
                let events = self.sum("down", DELIVER, "payload").count;
                ratio(self.sum("down", DELIVER, "text_frame").bytes, events)
            }
            Quantity::Chunk => {
                // Each chunk has two elements: its size line and its end.
                let chunk = self.sum("down", DELIVER, "chunk");
                ratio(2 * chunk.bytes, chunk.count)
            }
            Quantity::FrameHead => self.sum("down", DELIVER, "ws_head").each(),
            Quantity::H2Frame => {
                let [up, down] = ["up", "down"].map(|way| self.sum(way, CONTENT, "h2_frame"));
                ratio(up.bytes + down.bytes, up.count + down.count)
            }
            Quantity::TlsRecord => {
                let [up, down] = ["up", "down"].map(|way| self.sum(way, CONTENT, "tls"));
                ratio(up.bytes + down.bytes, up.count + down.count)
            }
            Quantity::DraftJson => self.sum("up", &["say"], "payload").each(),
            Quantity::DraftEnvelope => {
                let drafts = self.sum("up", &["say"], "payload").count;
                ratio(self.sum("up", &["say"], "envelope").bytes, drafts)
            }
            Quantity::DraftHead => {
                let heads = ["http_head", "ws_head"].map(|layer| self.sum("up", &["say"], layer));
                heads.into_iter().find_map(Sum::each)
            }
            Quantity::DraftMask => self.sum("up", &["say"], "ws_mask").each(),
            Quantity::AckHead => self.sum("down", &["ack"], "http_head").each(),
            Quantity::AckJson => {
                let answers = self.sum("down", &["ack"], "http_head").count;
                let json = self.sum("down", &["ack"], "batch").bytes;
                // The answer of a library is no JSON.
                let text = self.sum("down", &["ack"], "envelope").bytes;
                ratio(json + text, answers)
            }
            Quantity::OpeningUp => self.opening("up", run.connect_bytes_up),
            Quantity::OpeningDown => self.opening("down", run.connect_bytes_down),
            Quantity::ExchangesPerDelivery => ratio(run.exchanges, run.delivered),
            Quantity::EmptyShare => ratio(run.empty_exchanges, run.exchanges),
            Quantity::BytesUp => ratio(run.bytes_up, run.delivered),
            Quantity::BytesDown => ratio(run.bytes_down, run.delivered),
            Quantity::SilenceUp => self.silence("up"),
            Quantity::SilenceDown => self.silence("down"),
            Quantity::Mean => run.mean_us.map(|us| us as f64),
            Quantity::Deviation => run.deviation_us.map(|us| us as f64),
            Quantity::P50 => run.p50_us.map(|us| us as f64),
            Quantity::P95 => self.p95_us.map(|us| us as f64),
            Quantity::Max => run.max_us.map(|us| us as f64),
            Quantity::ReconnectPeak => run.reconnect_peak_per_s.map(|peak| peak as f64),
            Quantity::ReadersAtOnce => run.opened_readers.map(|readers| readers as f64),
            Quantity::CutsPerHour => path::per_hour(run, run.cut_connections),
            Quantity::ReplaysPerHour => path::per_hour(run, run.replayed_events),
        }
    }

    fn batch_around(&self) -> Option<f64> {
        let answers = self.sum("down", DELIVER, "http_head").count;
        let events = self.sum("down", DELIVER, "payload").count;
        let commas = events.saturating_sub(answers);
        let around = self.sum("down", DELIVER, "batch").bytes;
        ratio(around.saturating_sub(commas), answers)
    }

    /// Returns the bytes of an opening for each client: from the ledger, in which each opening has
    /// as many heads as requests, or else from what the sockets had carried when everybody was
    /// connected.
    fn opening(&self, direction: &str, counted: Option<u64>) -> Option<f64> {
        let mut sum = Sum::default();
        // The connections are opened before the window.
        for row in self.ledger.iter().filter(|row| row.is_whole()) {
            // The ledger enters its estimate of TCP and IP as set-up; it is left out here, and so
            // are handshakes of TLS, whose length depends on the certificate.
            if matches!(row.layer, "tcp_ip" | "tls") {
                continue;
            }
            if (row.direction, row.purpose) == (direction, "setup") {
                sum.bytes += row.bytes;
                sum.count += if row.layer == "http_head" {
                    row.count
                } else {
                    0
                };
            }
        }
        let counted = counted.filter(|_| matches!(self.run.tls.as_str(), "" | "off"));
        let requests = (self.run.way()).map_or(1, |way| library::requests(self.run.spoken(), way));
        let each = sum.each().map(|each| each * requests as f64);
        each.or_else(|| ratio(counted?, self.run.clients))
    }

    fn silence(&self, direction: &str) -> Option<f64> {
        let is_kept = |purpose: &str| !matches!(purpose, "setup" | "close");
        let bytes = self.all(direction, is_kept);
        let connection_ms = self.run.clients * self.run.measured_ms;
        (!self.ledger.is_empty()).then_some(())?;
        Some(ratio(bytes, connection_ms)? * 3_600_000.0)
    }
}
