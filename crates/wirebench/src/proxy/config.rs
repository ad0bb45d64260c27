//! The settings of each proxy as text: the least that passes requests on, and what every way to
//! read needs. Holes (`@PORT@` and others) are filled when a proxy is started.

mod nginx;

use std::{net::SocketAddr, time::Duration};

use scenario::{Balance, Preset, ProxyKind};

/// The settings of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProxyParameters {
    /// The program.
    pub(crate) kind: ProxyKind,
    /// The kind of settings.
    pub(crate) preset: Preset,
    /// The silence after which the proxy is to cut an answer; `None` for what the settings have.
    pub(crate) silence: Option<Duration>,
    /// The choice among several servers; `None` before one.
    pub(crate) balance: Option<Balance>,
}

/// Returns the lines that name these servers in settings for several.
pub(crate) fn servers(kind: ProxyKind, servers: &[SocketAddr]) -> String {
    let line = |(number, server): (usize, &SocketAddr)| match kind {
        ProxyKind::Haproxy => format!("    server s{number} {server}\n"),
        _ => format!("    server {server};\n"),
    };
    (1..).zip(servers).map(line).collect()
}

impl ProxyParameters {
    /// Returns the settings before one server, with what they have as limits of silence.
    pub(crate) const fn usual(kind: ProxyKind, preset: Preset) -> Self {
        Self {
            kind,
            preset,
            silence: None,
            balance: None,
        }
    }

    /// Returns whether every way to read has what it needs.
    fn is_right(self) -> bool {
        self.preset == Preset::Right
    }

    /// Returns the text of the file; empty for a program that has none.
    pub(crate) fn text(self) -> String {
        match self.kind {
            ProxyKind::Nginx => self.nginx(),
            ProxyKind::Haproxy => self.haproxy(),
            ProxyKind::Caddy => self.caddy(),
            ProxyKind::Varnish => self.varnish(),
            ProxyKind::Hitch => self.hitch(),
            ProxyKind::Command => String::new(),
        }
    }

    /// Returns the lines that a user copies into settings of their own: without what only a run
    /// needs.
    pub(crate) fn to_copy(self) -> String {
        match self.kind {
            ProxyKind::Nginx => self.nginx_server("80", "127.0.0.1:8080"),
            _ => self
                .text()
                .replace("@PORT@", "80")
                .replace("@UPSTREAM@", "127.0.0.1:8080")
                .replace("@UPSTREAM_HOST@", "127.0.0.1")
                .replace("@UPSTREAM_PORT@", "8080"),
        }
    }

    /// Returns the arguments with which the program runs in the foreground.
    pub(crate) fn arguments(self) -> Vec<String> {
        let mut words: Vec<String> = self
            .usual_arguments()
            .split(' ')
            .map(str::to_owned)
            .collect();
        if self.kind == ProxyKind::Varnish && (self.is_right() || self.silence.is_some()) {
            let seconds = self.seconds(3_600);
            for name in [
                "pipe_timeout",
                "timeout_idle",
                "idle_send_timeout",
                "send_timeout",
            ] {
                words.extend(["-p".to_owned(), format!("{name}={seconds}")]);
            }
        }
        words
    }

    const fn usual_arguments(self) -> &'static str {
        match self.kind {
            ProxyKind::Nginx => "-p @FOLDER@ -c @CONFIG@ -e stderr",
            ProxyKind::Haproxy => "-db -f @CONFIG@",
            ProxyKind::Caddy => "run --config @CONFIG@ --adapter caddyfile",
            // Varnish takes its address and its timeouts towards clients as arguments, not from the
            // file.
            ProxyKind::Varnish => {
                "-F -n @FOLDER@/varnish -j none -a 127.0.0.1:@PORT@ -f @CONFIG@ -s malloc,64m \
                 -T none"
            }
            ProxyKind::Hitch => "--config=@CONFIG@",
            ProxyKind::Command => "",
        }
    }

    /// Returns a time in whole seconds for the settings, at least one.
    fn seconds(self, usual: u64) -> u64 {
        self.silence
            .map_or(usual, |silence| silence.as_secs().max(1))
    }

    fn haproxy(self) -> String {
        let (silence, more) = if self.is_right() {
            let silence = self.seconds(3_600);
            let more = format!("    timeout tunnel {silence}s\n    option http-no-delay\n");
            (silence, more)
        } else {
            (self.seconds(50), String::new())
        };
        let (who, servers) = match self.balance {
            None => ("", "    server one @UPSTREAM@\n"),
            Some(Balance::RoundRobin) => ("", "    balance roundrobin\n@SERVERS@"),
            Some(Balance::Sticky) => (HAPROXY_WHO, "    balance hash var(txn.who)\n@SERVERS@"),
        };
        format!(
            "global\n    nbthread 1\n\n\
             defaults\n    mode http\n    timeout connect 5s\n    timeout client {silence}s\n    \
             timeout server {silence}s\n{more}\n\
             frontend people\n    bind 127.0.0.1:@PORT@ backlog 4096\n{who}    \
             default_backend chat\n\n\
             backend chat\n{servers}"
        )
    }

    fn caddy(self) -> String {
        let proxy = if self.is_right() {
            "reverse_proxy @UPSTREAM@ {\n\t\tflush_interval -1\n\t}"
        } else {
            "reverse_proxy @UPSTREAM@"
        };
        format!(
            "{{\n\tadmin off\n\tauto_https off\n\tlog {{\n\t\tlevel WARN\n\t}}\n}}\n\n\
             http://:@PORT@ {{\n\tbind 127.0.0.1\n\t{proxy}\n}}\n"
        )
    }

    fn varnish(self) -> String {
        let silence = if self.is_right() || self.silence.is_some() {
            let seconds = self.seconds(3_600);
            format!(
                "    .first_byte_timeout = {seconds}s;\n    .between_bytes_timeout = {seconds}s;\n"
            )
        } else {
            String::new()
        };
        let backend = format!(
            "vcl 4.1;\n\nbackend default {{\n    .host = \"@UPSTREAM_HOST@\";\n    \
             .port = \"@UPSTREAM_PORT@\";\n{silence}}}\n"
        );
        if !self.is_right() {
            return backend;
        }
        format!(
            "{backend}\n\
             sub vcl_recv {{\n    if (req.http.Upgrade ~ \"(?i)websocket\") {{\n        \
             return (pipe);\n    }}\n    return (pass);\n}}\n\n\
             sub vcl_pipe {{\n    if (req.http.Upgrade) {{\n        \
             set bereq.http.Upgrade = req.http.Upgrade;\n        \
             set bereq.http.Connection = req.http.Connection;\n    }}\n}}\n"
        )
    }

    fn hitch(self) -> String {
        let user = if is_root() {
            "user = \"nobody\"\ngroup = \"nogroup\"\n"
        } else {
            ""
        };
        let right = if self.is_right() {
            "tls-protos = TLSv1.2 TLSv1.3\nalpn-protos = \"http/1.1\"\n"
        } else {
            ""
        };
        format!(
            "frontend = {{\n    host = \"127.0.0.1\"\n    port = \"@PORT@\"\n}}\n\
             backend = \"[@UPSTREAM_HOST@]:@UPSTREAM_PORT@\"\n\
             pem-file = \"@FOLDER@/identity.pem\"\nworkers = 1\ndaemon = off\nlog-level = 1\n\
             {user}{right}"
        )
    }
}

/// The person who asks, by the name in the address, and otherwise the connection, for `HAProxy`
/// from version 2.6 on.
const HAPROXY_WHO: &str = "    tcp-request connection set-var(sess.port) src_port\n    \
     http-request set-var(txn.who) src,concat(:,sess.port)\n    \
     http-request set-var(txn.who) url_param(name) if { url_param(name) -m found }\n    \
     http-request set-var(txn.who) url_param(person) if { url_param(person) -m found }\n";

/// Returns whether this process is root's: nginx and Hitch then have to be told which user to be.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Returns the name of the file that the settings are written to.
pub(crate) const fn file_name(kind: ProxyKind) -> &'static str {
    match kind {
        ProxyKind::Nginx => "nginx.conf",
        ProxyKind::Haproxy => "haproxy.cfg",
        ProxyKind::Caddy => "Caddyfile",
        ProxyKind::Varnish => "default.vcl",
        ProxyKind::Hitch => "hitch.conf",
        ProxyKind::Command => "proxy.conf",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::proxy::filling::Filling;

    #[test]
    fn every_hole_of_every_text_is_filled() {
        let address = "127.0.0.1:9321".parse().expect("an address");
        let filling = Filling {
            port: 8123,
            upstream: address,
            servers: servers(ProxyKind::Nginx, &[address]),
            folder: Path::new("/tmp/x"),
            config: Path::new("/tmp/x/c"),
        };
        for kind in ProxyKind::KNOWN {
            for preset in Preset::of(kind).iter().copied() {
                let is_right = preset == Preset::Right;
                let silence = is_right.then_some(Duration::from_secs(7));
                let parameters = ProxyParameters {
                    silence,
                    ..ProxyParameters::usual(kind, preset)
                };
                let text = parameters.text() + &parameters.arguments().join(" ");
                let filled = filling.fill(&text);
                assert!(!filled.contains('@'), "{filled}");
                assert!(
                    filled.contains("8123") && filled.contains("9321"),
                    "{filled}"
                );
                assert!(
                    !parameters.to_copy().contains("@PORT@"),
                    "{}",
                    parameters.to_copy()
                );
                let cuts = !matches!(kind, ProxyKind::Caddy | ProxyKind::Hitch);
                assert_eq!(is_right && cuts, filled.contains("7s"), "{filled}");
            }
        }
    }

    #[test]
    fn the_folder_of_nginx_may_have_any_name() {
        for preset in Preset::ALL {
            let parameters = ProxyParameters::usual(ProxyKind::Nginx, preset);
            let text = parameters.text();
            assert!(!text.contains("@FOLDER@"), "{text}");
            let words = parameters.arguments();
            assert!(words.iter().any(|word| word == "@FOLDER@"), "{words:?}");
        }
    }

    #[test]
    fn before_several_servers_all_are_named_and_sticky_says_by_whom() {
        let all: [SocketAddr; 2] =
            ["127.0.0.1:9321", "127.0.0.1:9322"].map(|text| text.parse().expect("an address"));
        for kind in [ProxyKind::Nginx, ProxyKind::Haproxy] {
            let balances = [Balance::RoundRobin, Balance::Sticky];
            let presets = Preset::of(kind).iter();
            for (preset, balance) in
                presets.flat_map(|preset| balances.map(|balance| (*preset, balance)))
            {
                let parameters = ProxyParameters {
                    balance: Some(balance),
                    ..ProxyParameters::usual(kind, preset)
                };
                let filling = Filling {
                    port: 8123,
                    upstream: all[0],
                    servers: servers(kind, &all),
                    folder: Path::new("/tmp/x"),
                    config: Path::new("/tmp/x/c"),
                };
                let text = filling.fill(&parameters.text());
                assert!(!text.contains('@'), "{text}");
                for server in all {
                    assert_eq!(text.matches(&server.to_string()).count(), 1, "{text}");
                }
                let is_sticky = text.contains("hash") && text.contains("person");
                assert_eq!(is_sticky, balance == Balance::Sticky, "{text}");
            }
        }
    }
}
