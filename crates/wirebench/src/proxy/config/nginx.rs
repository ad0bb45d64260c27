//! The settings of nginx: the least, those that articles show, and those that are right.

use scenario::{Balance, Preset};

use super::{ProxyParameters, is_root};

impl ProxyParameters {
    /// Returns the file of nginx. Its paths are relative to the folder that `-p` names, whose own name
    /// may have a blank in it, which ends a word of the file.
    pub(super) fn nginx(self) -> String {
        let user = if is_root() { "user root;\n" } else { "" };
        let server = self.nginx_server("127.0.0.1:@PORT@ backlog=4096", "@UPSTREAM@");
        let server = server.replace('\n', "\n    ");
        format!(
            "{user}daemon off;\nworker_processes 1;\npid nginx.pid;\nerror_log stderr warn;\n\n\
             events {{\n    worker_connections 16384;\n}}\n\n\
             http {{\n    access_log off;\n    client_body_temp_path body;\n    \
             proxy_temp_path proxy;\n    fastcgi_temp_path fastcgi;\n    \
             uwsgi_temp_path uwsgi;\n    scgi_temp_path scgi;\n\n    \
             {}\n}}\n",
            server.trim_end()
        )
    }

    /// Returns the servers that requests go to as nginx knows them, with a blank line behind; empty if
    /// no settings need them.
    fn nginx_upstream(self, upstream: &str) -> String {
        let keeps = if self.is_right() {
            "    keepalive 64;\n"
        } else {
            ""
        };
        let (who, hash, servers) = match self.balance {
            None if !self.is_right() => return String::new(),
            None => ("", "", format!("    server {upstream};\n")),
            Some(Balance::RoundRobin) => ("", "", "@SERVERS@".to_owned()),
            Some(Balance::Sticky) => (
                NGINX_WHO,
                "    hash $who consistent;\n",
                "@SERVERS@".to_owned(),
            ),
        };
        format!("{who}upstream chat {{\n{hash}{servers}{keeps}}}\n\n")
    }

    /// Returns the lines of `server`, before a server at `upstream`.
    pub(super) fn nginx_server(self, listen: &str, upstream: &str) -> String {
        let chat = self.nginx_upstream(upstream);
        let to = if chat.is_empty() { upstream } else { "chat" };
        let mut lines = vec![format!("proxy_pass http://{to};")];
        lines.extend(lines_of(self.preset).iter().map(|line| (*line).to_owned()));
        if self.silence.is_some() || self.is_right() {
            let seconds = self.seconds(3_600);
            let limits = ["read", "send"].map(|way| format!("proxy_{way}_timeout {seconds}s;"));
            lines.extend(limits);
        }
        let (map, keeps) = if self.is_right() {
            (CONNECTION_OF_UPGRADE, CLIENTS_STAY)
        } else {
            ("", "")
        };
        format!(
            "{map}{chat}server {{\n    listen {listen};\n{keeps}\n    location / {{\n        \
             {}\n    }}\n}}\n",
            lines.join("\n        ")
        )
    }
}

/// The version in which an upgrade can be asked for; from nginx 1.29.7 on it is the default.
const VERSION: &str = "proxy_http_version 1.1;";
/// The header that asks for an upgrade, as it came.
const UPGRADE: &str = "proxy_set_header Upgrade $http_upgrade;";
/// The header that every request gets, as articles write it.
const CONNECTION: &str = "proxy_set_header Connection \"upgrade\";";
/// The line without which answers are gathered.
const BUFFERING: &str = "proxy_buffering off;";

/// The value of `Connection` that fits a request.
const CONNECTION_OF_UPGRADE: &str = "map $http_upgrade $connection_of_upgrade {\n    default upgrade;\n    \
     ''      '';\n}\n\n";
/// The lines by which a client's connection lasts.
const CLIENTS_STAY: &str = "    keepalive_timeout 1h;\n    keepalive_requests 1000000000;\n";

/// Returns the lines behind `proxy_pass`, without limits of silence.
///
/// The lines for WebSocket are on nginx's own page (<https://nginx.org/en/docs/http/websocket.html>),
/// and the lines for server-sent events are in the answer to question 801628 of Server Fault. Other
/// articles add `chunked_transfer_encoding off`. It is left out here, because a stream then has
/// neither chunks nor a length, so that no ledger can tell where it ends.
const fn lines_of(preset: Preset) -> &'static [&'static str] {
    match preset {
        Preset::Default => &[],
        Preset::UpgradeLines => &[UPGRADE, CONNECTION],
        Preset::WebsocketLines => &[VERSION, UPGRADE, CONNECTION],
        Preset::SseLines => &[
            "proxy_set_header Connection '';",
            VERSION,
            BUFFERING,
            "proxy_cache off;",
        ],
        Preset::BothLines => &[VERSION, UPGRADE, CONNECTION, BUFFERING],
        Preset::Right => &[
            VERSION,
            "proxy_set_header Host $http_host;",
            UPGRADE,
            "proxy_set_header Connection $connection_of_upgrade;",
            BUFFERING,
        ],
    }
}

/// The person who asks, by the name in the address, and otherwise the connection, for nginx.
const NGINX_WHO: &str = "map \"$arg_person$arg_name\" $who {\n    default $arg_person$arg_name;\n    \
     ''      $remote_addr:$remote_port;\n}\n\n";

#[cfg(test)]
mod tests {
    use scenario::ProxyKind;

    use super::*;

    fn text(preset: Preset) -> String {
        ProxyParameters::usual(ProxyKind::Nginx, preset).text()
    }

    #[test]
    fn what_articles_write_for_nginx_is_in_the_right_settings_and_not_in_the_least() {
        for line in [UPGRADE, BUFFERING, VERSION, "proxy_read_timeout 3600s;"] {
            assert!(
                text(Preset::Right).contains(line) && !text(Preset::Default).contains(line),
                "{line}"
            );
        }
    }

    /// Checks that the lines of each article lack at least one of those that every way needs.
    #[test]
    fn the_lines_of_articles_are_half_right() {
        let needed = [VERSION, UPGRADE, BUFFERING, "proxy_read_timeout"];
        for (preset, has) in [
            (Preset::UpgradeLines, [false, true, false, false]),
            (Preset::WebsocketLines, [true, true, false, false]),
            (Preset::SseLines, [true, false, true, false]),
            (Preset::BothLines, [true, true, true, false]),
        ] {
            let text = text(preset);
            assert_eq!(needed.map(|line| text.contains(line)), has, "{text}");
        }
    }
}
