//! The probes of all proxies, one after the other.

use std::{
    net::SocketAddr,
    thread::{self, ScopedJoinHandle},
};

use wire::Way;

use super::{
    client::Endpoint,
    finding::{Finding, Passes, Seen},
    probe::Bench,
    upstream::Upstream,
};
use crate::{
    args, certificates,
    proxy::{Proxy, Recipe, config::ProxyParameters, program::Program},
};

/// The probes of all proxies.
pub(super) struct Zoo<'a> {
    pub(super) options: &'a args::Proxies,
    pub(super) upstream: &'a Upstream,
}

impl Zoo<'_> {
    fn bench<'a>(&'a self, endpoint: &'a Endpoint) -> Bench<'a> {
        Bench {
            upstream: self.upstream,
            endpoint,
            most: u32::try_from(self.options.most).unwrap_or(u32::MAX),
        }
    }

    /// Runs the probes without a proxy, for comparison.
    pub(super) fn without(&self) -> Vec<Finding> {
        let endpoint = Endpoint {
            address: self.upstream.address,
            tls: None,
        };
        let mut found = all(&self.bench(&endpoint));
        for one in &mut found {
            "none".clone_into(&mut one.proxy);
            one.direct_us = one.takes_us;
        }
        found
    }

    /// Runs the probes through one proxy.
    pub(super) fn probe(
        &self,
        parameters: ProxyParameters,
        program: &Program,
        direct: &[Finding],
    ) -> anyhow::Result<Vec<Finding>> {
        let recipe = Recipe::known(parameters, program.clone());
        let (proxy, endpoint) = open(&recipe, self.upstream.address)?;
        let mut found = all(&self.bench(&endpoint));
        drop(proxy);
        let cuts = self.cuts(parameters, program)?;
        for (place, one) in found.iter_mut().enumerate() {
            one.proxy.clone_from(&recipe.words);
            one.version.clone_from(&program.version);
            one.direct_us = direct.get(place).and_then(|direct| direct.takes_us);
            // What was refused is no exchange that could be cut.
            let is_refused = one.first == Seen::Unknown && matches!(one.passes, Passes::No(_));
            one.cut = cuts
                .get(place)
                .copied()
                .filter(|_| !is_refused)
                .unwrap_or_default();
        }
        Ok(found)
    }

    /// Waits for all ways at once until a silent exchange of each is cut, by the limit that is
    /// asked for.
    fn cuts(&self, parameters: ProxyParameters, program: &Program) -> anyhow::Result<Vec<Seen>> {
        let silence = self.options.silence;
        let parameters = ProxyParameters {
            silence: (!silence.is_zero()).then_some(silence),
            ..parameters
        };
        let recipe = Recipe::known(parameters, program.clone());
        let (_proxy, endpoint) = open(&recipe, self.upstream.address)?;
        let bench = self.bench(&endpoint);
        let within = self.options.wait;
        Ok(thread::scope(|all| {
            let waiting = Way::ALL.map(|way| {
                // A short poll is answered at once, or never.
                (way != Way::ShortPoll).then(|| all.spawn(move || bench.cut(way, within)))
            });
            let seen = waiting.map(|one| one.map_or(Ok(Seen::Unknown), ScopedJoinHandle::join));
            seen.into_iter().map(Result::unwrap_or_default).collect()
        }))
    }
}

/// Starts a proxy before `upstream`. Returns it with the way in.
fn open(recipe: &Recipe, upstream: SocketAddr) -> anyhow::Result<(Proxy, Endpoint)> {
    let proxy = Proxy::start(recipe, &[upstream])?;
    let tls = certificates::with_proxy(&proxy, &scenario::Server::default())?;
    let endpoint = Endpoint {
        address: proxy.address,
        tls,
    };
    Ok((proxy, endpoint))
}

/// Looks at all ways, and at drafts.
fn all(bench: &Bench<'_>) -> Vec<Finding> {
    let ways = Way::ALL.into_iter().map(|way| bench.way(way));
    ways.chain([bench.post()]).collect()
}

/// Returns the row of a proxy that could not be looked at.
pub(super) fn failed(words: String, program: &Program, error: &anyhow::Error) -> Finding {
    Finding {
        proxy: words,
        version: program.version.clone(),
        way: "all".to_owned(),
        passes: Passes::No(format!("{error:#}")),
        ..Finding::default()
    }
}
