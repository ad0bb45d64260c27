//! The limits of a browser, a proxy and a server, and how far each way to read strains them.

use wire::{BROWSER_CONNECTIONS, Exchange, Way};

use super::{Advice, HEARTBEAT, Usage};
use crate::model::Situation;

/// The WebSockets that Chromium opens to one host.
const SOCKETS: f64 = 255.0;
/// The files that a server has open beside its connections.
const OTHER_FILES: f64 = 64.0;

/// The bounds that a workload meets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The number of tabs that one person has open.
    pub tabs: f64,
    /// True if exchanges share one connection, as over HTTP/2.
    pub shares_connections: bool,
    /// The number of files that the server may have open.
    pub files: f64,
    /// The number of exchanges that a pool of workers carries at once, if there is one.
    pub workers: Option<f64>,
    /// The silence in seconds at which a proxy ends an exchange, if there is one.
    pub idle_cut: Option<f64>,
}

/// A limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The connections of a browser to one origin.
    BrowserConnections,
    /// The WebSockets of a browser to one host.
    BrowserSockets,
    /// The files that the server may have open.
    OpenFiles,
    /// The workers of a pool.
    Workers,
    /// The silence at which a proxy ends an exchange, in seconds.
    ProxyIdle,
}

/// A limit, and the load that a workload puts on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strain {
    /// The limit.
    pub limit: Limit,
    /// The load, in the unit of the limit.
    pub load: f64,
    /// The bound.
    pub bound: f64,
}

impl Strain {
    /// Returns the load as a share of the bound.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.load / self.bound
    }

    /// Returns whether the load is beyond the bound.
    #[must_use]
    pub fn breaks(&self) -> bool {
        self.load > self.bound
    }
}

/// Returns the limits that a way meets, the most strained first.
#[must_use]
pub fn strains(
    situation: &Situation,
    advice: &Advice,
    usage: &Usage,
    bounds: &Bounds,
) -> Vec<Strain> {
    let exchange = situation.way.exchange();
    let stays = exchange != Exchange::Immediate;
    let strain = |limit, load, bound| Strain { limit, load, bound };
    let mut list = vec![strain(
        Limit::OpenFiles,
        advice.open + OTHER_FILES,
        bounds.files,
    )];
    if situation.way == Way::Websocket {
        list.push(strain(Limit::BrowserSockets, bounds.tabs, SOCKETS));
    } else if stays && !bounds.shares_connections {
        // A tab that holds a connection needs another one to speak.
        let speaks = f64::from(u8::from(usage.speaks));
        list.push(strain(
            Limit::BrowserConnections,
            bounds.tabs + speaks,
            BROWSER_CONNECTIONS as f64,
        ));
    }
    if let Some(workers) = bounds.workers.filter(|_| stays) {
        list.push(strain(Limit::Workers, usage.readers, workers));
    }
    if let Some(cut) = bounds.idle_cut.filter(|_| stays) {
        let silence = match exchange {
            Exchange::Held => situation.every,
            _ => HEARTBEAT,
        };
        list.push(strain(Limit::ProxyIdle, silence, cut));
    }
    list.sort_by(|one, other| other.share().total_cmp(&one.share()));
    list
}
