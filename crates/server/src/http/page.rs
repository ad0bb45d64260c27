//! The files of the chat page, which are part of the binary.

use std::sync::LazyLock;

use bytes::Bytes;
use hyper::{
    Response,
    header::{self, HeaderName, HeaderValue},
};
use wire::{Way, codec};

use crate::http::{body::Body, reply::Reply};

/// A file of the page.
#[derive(Debug, PartialEq)]
pub(crate) struct Asset {
    /// The path in `crates/server/page`, and under `/page/`.
    path: &'static str,
    text: &'static str,
}

macro_rules! assets {
    ($($path:literal),+ $(,)?) => {
        [$(Asset { path: $path, text: include_str!(concat!("../../page/", $path)) }),+]
    };
}

/// The files of the page; a test compares them with the folder.
static ASSETS: &[Asset] = &assets![
    "index.html",
    "base.css",
    "chat.css",
    "path.css",
    "talk.css",
    "texts.js",
    "words.js",
    "chat.js",
    "choice.js",
    "reasons.js",
    "recall.js",
    "view.js",
    "ways.js",
    "icon.svg",
    "client/backoff.js",
    "client/choose.js",
    "client/close.js",
    "client/connect.js",
    "client/http_stream.js",
    "client/iframe.js",
    "client/jsonp.js",
    "client/library.js",
    "client/link.js",
    "client/long_poll.js",
    "client/options.js",
    "client/path.js",
    "client/room.js",
    "client/short_poll.js",
    "client/socket_io.js",
    "client/sockjs.js",
    "client/speak.js",
    "client/sse.js",
    "client/token.js",
    "client/websocket.js",
];

/// The file `ways.js` with the ways to read a room: the list that all of this project has is put in
/// the place of an empty one.
static WAYS: LazyLock<Asset> = LazyLock::new(|| {
    let ways = codec::encode(&Way::ALL.map(Way::properties));
    let ways = format!("WAYS = {};", String::from_utf8_lossy(&ways));
    let text = include_str!("../../page/ways.js").replacen("WAYS = [];", &ways, 1);
    Asset {
        path: "ways.js",
        text: text.leak(),
    }
});

/// The colour of each way, for whatever a page marks by its name.
static TINTS: LazyLock<Asset> = LazyLock::new(|| {
    let rule = |way: Way| {
        let tint = way.properties().tint;
        format!("[data-lane=\"{way}\"] {{ --tint: {tint}; }}\n")
    };
    Asset {
        path: "ways.css",
        text: Way::ALL.map(rule).concat().leak(),
    }
});

/// The headers of every file: nothing from elsewhere, no inline scripts, and
/// always asked for again, because there are no versions in the addresses.
const HEADERS: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-cache"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // An address may hold a person's token.
    (header::REFERRER_POLICY, "no-referrer"),
];

/// Returns the policy that says what a page may load and run. `connect` names
/// further sources that its scripts may connect to.
pub(crate) fn policy(connect: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'self'; connect-src 'self' ws: wss: {connect}; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    // Sources that cannot stand in a header are all left out.
    HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'self'"))
}

/// Returns the file at this path: `/` is the page itself.
pub(crate) fn asset(path: &str) -> Option<&'static Asset> {
    let path = match path {
        "/" => "index.html",
        _ => path.strip_prefix("/page/")?,
    };
    match path {
        "ways.js" => Some(&WAYS),
        "ways.css" => Some(&TINTS),
        _ => ASSETS.iter().find(|asset| asset.path == path),
    }
}

/// Answers with a file of the chat page.
pub(crate) fn reply(asset: &Asset) -> Reply {
    let bytes = Bytes::from_static(asset.text.as_bytes());
    file(media_type(asset.path), bytes, policy(""))
}

/// Answers with any file of a page.
pub(crate) fn file(content_type: &'static str, bytes: Bytes, policy: HeaderValue) -> Reply {
    let mut reply = Response::new(Body::whole(bytes));
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    reply
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn files_in(folder: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                files_in(&entry.path(), &format!("{path}/"), found);
            } else {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_served_and_no_other() {
        let mut found = Vec::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
        files_in(&folder, "", &mut found);
        found.sort();
        let mut served: Vec<_> = ASSETS.iter().map(|asset| asset.path).collect();
        served.sort_unstable();
        assert_eq!(served, found);
        assert!(asset("/page/../src/lib.rs").is_none());
    }

    #[test]
    fn the_pages_know_every_way_to_read() {
        let text = asset("/page/ways.js").unwrap().text;
        let choose = asset("/page/client/choose.js").unwrap().text;
        for way in Way::ALL {
            assert!(text.contains(&format!("\"name\":\"{way}\"")), "{way}");
            let tints = asset("/page/ways.css").unwrap().text;
            assert!(
                tints.contains(&format!("[data-lane=\"{way}\"] {{ --tint: #")),
                "{way}"
            );
            // The page's client has a file for it, and a place for it in its order.
            let file = format!("import * as {way} from './{way}.js';");
            assert!(
                choose.contains(&file) && choose.contains(&format!("'{way}'")),
                "{way}"
            );
        }
    }
}
