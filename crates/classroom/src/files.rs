//! The classroom's addresses: its page's files, and the channel.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use server::{Extension, ExtensionRequest, ExtensionResponse};

use crate::{
    kept,
    lanes::Ports,
    open,
    options::{Beside, Lang},
    shared::Shared,
};

/// A file of the page.
struct File {
    /// The path in `crates/classroom/page`, and under `/classroom/`.
    path: &'static str,
    text: &'static str,
}

macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        [$(File { path: $path, text: include_str!(concat!("../page/", $path)) }),+]
    };
}

/// The files of the page; a test compares them with the folder.
static FILES: &[File] = &files![
    "accept.js",
    "bytes.css",
    "bytes.js",
    "channel.js",
    "classroom.css",
    "collection.css",
    "collection.js",
    "controls.js",
    "countdown.js",
    "crowd-picture.js",
    "crowd.js",
    "element.js",
    "exchanges.js",
    "experiment.css",
    "experiment.js",
    "explain.js",
    "figures.js",
    "filler.js",
    "follow.js",
    "frame.js",
    "hand-in.js",
    "index.html",
    "ladder.js",
    "lane.js",
    "lanes.css",
    "latencies.js",
    "libraries.js",
    "main.js",
    "measure.js",
    "narrow.css",
    "own.js",
    "present.css",
    "present.js",
    "saying.js",
    "servers.js",
    "spark.js",
    "teacher.css",
    "teacher.js",
    "texts.js",
    "views.js",
    "wire.css",
    "wire.js",
];

/// The chat page as a plain server serves it.
const CHAT_PAGE: &str = include_str!("../chat/index.html");
/// The script by which the teacher moves a chat page; it is added in a classroom only.
const FOLLOW: &str = "<script type=\"module\" src=\"/classroom/follow.js\"></script>\n  </head>";
/// The attributes that hide the links to other pages on a server that has none.
const BESIDE: &str = " data-beside hidden";

/// Returns the extension that serves the classroom beside the chat.
pub(crate) fn extension(shared: &Arc<Shared>, beside: Vec<Beside>) -> Extension {
    let shared = Arc::clone(shared);
    let beside = kept::keep(beside);
    Extension::new(move |request| {
        answer(&shared, request).or_else(|| {
            let path = request.path.strip_suffix('/').unwrap_or(request.path);
            Some(beside.get(path)?.response())
        })
    })
}

fn answer(shared: &Arc<Shared>, request: &ExtensionRequest<'_>) -> Option<ExtensionResponse> {
    let path = match request.path {
        "/" => return Some(page("index.html", chat_page(shared), "")),
        "/classroom" => "index.html",
        path => path.strip_prefix("/classroom/")?,
    };
    match path {
        "channel" => Some(ExtensionResponse::Channel(open::talk(shared))),
        "qr.svg" => Some(page(path, crate::qr::svg(&shared.facts.url), "")),
        "config" => {
            let config = shared.facts.public(&ports(shared));
            Some(ExtensionResponse::Json(config.to_string().into()))
        }
        "books" => Some(ExtensionResponse::Json(books(shared, request.query))),
        _ => {
            let file = FILES.iter().find(|file| file.path == path)?;
            let text = in_language(file.text, shared.facts.lang);
            Some(page(file.path, text, &sources(shared)))
        }
    }
}

/// Returns the lanes' ports, and opens them first, because whoever opens the page of the lanes
/// wants them open. If no port is free, there are none, and the page says so.
fn ports(shared: &Shared) -> Ports {
    shared.lanes.open().unwrap_or_default()
}

/// Formats the lanes' ports as sources of a Content-Security-Policy.
fn sources(shared: &Shared) -> String {
    let scheme = shared.facts.url.split(':').next().unwrap_or("http");
    let ports = ports(shared);
    let sources = ports.all().map(|port| format!("{scheme}://*:{port}"));
    sources.collect::<Vec<_>>().join(" ")
}

/// Returns the chat page, with the script by which the teacher moves it and the links to the other
/// pages.
fn chat_page(shared: &Shared) -> String {
    let mut text = CHAT_PAGE
        .replacen("</head>", FOLLOW, 1)
        .replacen(BESIDE, "", 1);
    if !shared.facts.has_lessons {
        text = text.replacen("id=\"lessons\"", "id=\"lessons\" hidden", 1);
    }
    in_language(&text, shared.facts.lang)
}

/// Returns a page with the language in which its scripts begin.
fn in_language(page: &str, lang: Lang) -> String {
    page.replacen("lang=\"en\"", &format!("lang=\"{}\"", lang.tag()), 1)
}

/// Returns the totals of the person whose token is given, as JSON.
fn books(shared: &Shared, query: &str) -> Bytes {
    let person = form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == "person")
        .map(|(_, token)| token.into_owned());
    let totals = person.and_then(|person| shared.books().of(&person));
    json!(totals).to_string().into()
}

fn page(path: &str, text: impl Into<Bytes>, connect: &str) -> ExtensionResponse {
    ExtensionResponse::File {
        content_type: media_type(path),
        bytes: text.into(),
        connect: connect.to_owned(),
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("svg") => "image/svg+xml",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "text/html; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_served_and_no_other() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
        let mut found: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort();
        let mut served: Vec<_> = FILES.iter().map(|file| file.path).collect();
        served.sort_unstable();
        assert_eq!(served, found);
        for cue in ["</head>", BESIDE, "id=\"lessons\"", "lang=\"en\""] {
            assert!(CHAT_PAGE.contains(cue), "{cue}");
        }
    }
}
