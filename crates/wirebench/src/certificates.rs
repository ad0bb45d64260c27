//! Certificates for servers, whom the swarm trusts, and where its secrets are written.

use std::{env, net::SocketAddr, path::PathBuf, sync::Once};

use anyhow::{Context, bail, ensure};
use scenario::{Http, Scenario, Server};
use swarm::Target;
use tls::{
    AcceptSettings, Acceptor, Connector, Fingerprint, Identity, KeyLog, Trust, Version, Versions,
};

use crate::{args::ServeTls, process_tree::RunningServer, progress, proxy::Proxy};

/// The variable of the environment that names the file for the secrets of the swarm's connections, as
/// browsers and curl know it (draft-ietf-tls-keylogfile, section 1).
const KEY_LOG: &str = "SSLKEYLOGFILE";

/// Returns the maker of sessions for a server at `listen`, which is also reached as `names`; `None`
/// if it is not to speak TLS.
pub(crate) fn acceptor(
    options: &ServeTls,
    listen: SocketAddr,
    names: &[String],
) -> anyhow::Result<Option<Acceptor>> {
    let identity = match (&options.tls_cert, &options.tls_key) {
        (Some(certificate), Some(key)) => Identity::load(certificate, key)?,
        _ if options.tls => Identity::made_for(own_names(listen, names))?,
        _ => {
            ensure!(
                options.tls_version.is_none() && !options.tls_no_resumption,
                "--tls-version and --tls-no-resumption are about TLS; add --tls"
            );
            return Ok(None);
        }
    };
    let settings = AcceptSettings {
        versions: options.tls_version.map_or(Versions::Both, Versions::Only),
        resumption: !options.tls_no_resumption,
    };
    Ok(Some(Acceptor::new(identity, settings)?))
}

/// Returns the names and addresses under which a server is reached from its own machine, and those
/// that it was told.
fn own_names(listen: SocketAddr, names: &[String]) -> Vec<String> {
    let mut all = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    let told = names.iter().filter(|name| *name != "*").cloned();
    let address = Some(server::reachable(listen).to_string());
    for name in told.chain(address) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// Returns the maker of the swarm's sessions with a server of the run's own; `None` if that has no
/// certificate.
pub(crate) fn with_own(
    address: SocketAddr,
    certificate: Option<Fingerprint>,
    settings: &Server,
) -> anyhow::Result<Option<Connector>> {
    let Some(only) = certificate else {
        return Ok(None);
    };
    let trust = Trust::Exactly(only);
    let name = address.ip().to_string();
    let connector = Connector::new(&name, &trust, versions(settings), settings.tls_resumption)?;
    logged(over_http(connector, settings)).map(Some)
}

/// Returns the maker of the swarm's sessions with a proxy of the run's own, if it is reached by
/// TLS.
pub(crate) fn with_proxy(proxy: &Proxy, settings: &Server) -> anyhow::Result<Option<Connector>> {
    with_own(proxy.address, proxy.certificate, settings)
}

/// Returns the maker of the swarm's sessions with a server that runs already, if it is reached by
/// TLS.
pub(crate) fn with_given(
    given: &RunningServer,
    scenario: &Scenario,
) -> anyhow::Result<Option<Connector>> {
    let (settings, link) = (&scenario.server, scenario.link.as_ref());
    let Target { tls, .. } = &given.target;
    if tls.is_none() {
        if let Some(version) = settings.tls.version() {
            bail!(
                "server.tls asks for TLS {version}, and the target is reached in the clear; write \
                 https:// in --target, or leave out server.tls"
            );
        }
        return Ok(None);
    }
    if link.is_some_and(scenario::LinkSettings::reads_answers) {
        bail!(
            "under TLS the link cannot tell where a response ends, and would keep back nothing; \
             leave out link.buffer, link.workers and link.cut"
        );
    }
    let name = given.target.name();
    let (versions, resumption) = (versions(settings), settings.tls_resumption);
    let connector = Connector::new(name, &given.trust, versions, resumption)?;
    logged(over_http(connector, settings)).map(Some)
}

/// Returns the connector that offers the version of HTTP which the scenario asks for.
fn over_http(connector: Connector, settings: &Server) -> Connector {
    match settings.http {
        Http::V1_1 => connector,
        Http::V2 => connector.for_http2(),
    }
}

/// Returns the connector whose secrets are written where the environment says, if it says so. A person
/// is told once, because whoever has the file can read along.
fn logged(connector: Connector) -> anyhow::Result<Connector> {
    static TOLD: Once = Once::new();
    let named = env::var_os(KEY_LOG).filter(|name| !name.is_empty());
    let Some(file) = named.map(PathBuf::from) else {
        return Ok(connector);
    };
    let log = KeyLog::to_file(&file).with_context(|| {
        let file = file.display();
        format!(
            "cannot write the secrets of TLS to {file}; {KEY_LOG} names it: unset it, or name \
             another file"
        )
    })?;
    TOLD.call_once(|| {
        progress::warn(&format!(
            "SSLKEYLOGFILE is set: the secrets of TLS are written to {}, and each handshake takes \
             longer",
            file.display()
        ));
    });
    Ok(connector.with_key_log(log))
}

fn versions(settings: &Server) -> Versions {
    match settings.tls {
        scenario::Tls::Off => Versions::Both,
        scenario::Tls::V1_2 => Versions::Only(Version::V1_2),
        scenario::Tls::V1_3 => Versions::Only(Version::V1_3),
    }
}
