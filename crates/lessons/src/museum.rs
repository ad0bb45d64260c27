//! The page on which two handshakes of WebSocket open byte by byte. Its script computes every value
//! that it shows.

use crate::{Lang, page::document};

/// The style of the page.
pub(crate) const STYLE: &str = include_str!("museum/museum.css");

/// The parts of the script, in the order in which they need each other.
const PARTS: [&str; 5] = [
    include_str!("museum/digests.js"),
    include_str!("museum/handshakes.js"),
    include_str!("museum/words.js"),
    include_str!("museum/explain.js"),
    include_str!("museum/museum.js"),
];

/// Returns the script of the page. It is no module, because browsers do not run modules from a
/// folder.
pub(crate) fn script() -> String {
    format!("'use strict';\n(() => {{\n{}}})();\n", PARTS.join("\n"))
}

/// Returns the address of the page.
pub(crate) const fn address(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "/lessons/museum/en",
        Lang::Zh => "/lessons/museum/zh",
    }
}

/// Returns the title of the page.
pub(crate) const fn title(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "The museum: two handshakes, byte by byte",
        Lang::Zh => "博物馆：逐字节看两种握手",
    }
}

/// Returns the page.
pub(crate) fn page(lang: Lang) -> String {
    let (body, other) = match lang {
        Lang::En => (include_str!("museum/en.html"), Lang::Zh),
        Lang::Zh => (include_str!("museum/zh.html"), Lang::En),
    };
    let head = "<link rel=\"stylesheet\" href=\"/lessons/museum.css\">\n\
                <script defer src=\"/lessons/museum.js\"></script>\n</head>";
    document(title(lang), lang, address(other), body).replacen("</head>", head, 1)
}
