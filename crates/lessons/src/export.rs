//! The lessons as a site in a folder: every page with links that work without a server, and no
//! links to pages that only a server has.

use crate::{Page, pages};

/// The style sheet and the picture that the pages share with the chat's.
const SHARED: [(&str, &str); 2] = [
    ("page/base.css", include_str!("../page/base.css")),
    ("page/icon.svg", include_str!("../page/icon.svg")),
];

/// Returns every file of the site: its path below the folder, and its text.
#[must_use]
pub fn export() -> Vec<(String, String)> {
    let shared = SHARED.map(|(path, text)| (path.to_owned(), text.to_owned()));
    // The answer key and other data are for the running server alone.
    let is_data = |path: &str| {
        std::path::Path::new(path)
            .extension()
            .is_some_and(|of| of == "json")
    };
    let pages = pages().iter().filter(|page| !is_data(&page.path));
    pages
        .map(|page| (file(&page.path), offline(page)))
        .chain(shared)
        .chain([("index.html".to_owned(), entrance())])
        .collect()
}

/// Returns the first page, which links to the list of lessons in either language.
fn entrance() -> String {
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>wirebench</title>\n\
     <link rel=\"stylesheet\" href=\"page/base.css\">\n</head>\n<body>\n<main>\n\
     <p><a href=\"lessons/en/index.html\">Lessons</a></p>\n\
     <p><a lang=\"zh-CN\" href=\"lessons/zh/index.html\">课程</a></p>\n</main>\n</body>\n</html>\n"
        .to_owned()
}

/// Returns the name of the file with the content of an address.
fn file(address: &str) -> String {
    let path = address.trim_start_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.contains('.') {
        path.to_owned()
    } else {
        format!("{path}/index.html")
    }
}

/// Returns a page whose links lead from file to file. Browsers do not run module scripts from a
/// folder, so the page has none of those.
fn offline(page: &Page) -> String {
    if !page.media_type.starts_with("text/html") {
        return page.text.clone();
    }
    let depth = file(&page.path).matches('/').count();
    let up = "../".repeat(depth);
    let mut text = String::new();
    for line in page.text.split_inclusive('\n') {
        if !line.contains("<script type=\"module\"") && !line.contains("class=\"try\"") {
            text.push_str(line);
        }
    }
    let mut linked = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = split_at_link(rest) {
        let (target, after) = after.split_once('"').unwrap_or((after, ""));
        linked.push_str(before);
        linked.push_str(&up);
        linked.push_str(&destination(target));
        linked.push('"');
        rest = after;
    }
    linked.push_str(rest);
    linked
}

/// Splits a text before the next link to an address of the server.
fn split_at_link(text: &str) -> Option<(&str, &str)> {
    let at = ["href=\"/", "src=\"/"]
        .iter()
        .filter_map(|cue| Some(text.find(cue)? + cue.len() - 1))
        .min()?;
    Some(text.split_at(at))
}

/// Returns the destination of a link in the folder: the page's file, or the first page if only a
/// server has the page.
fn destination(target: &str) -> String {
    let is_page = pages().iter().any(|page| page.path == target);
    if is_page
        || SHARED
            .iter()
            .any(|(path, _)| *path == target.trim_start_matches('/'))
    {
        file(target)
    } else {
        "index.html".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_link_leads_to_a_file_of_the_site() {
        let site = export();
        let files: HashSet<_> = site.iter().map(|(path, _)| path.clone()).collect();
        assert_eq!(files.len(), site.len());
        assert!(files.contains("lessons/plan/en/index.html"));
        assert!(files.contains("lessons/handshake/zh/index.html"));
        // Whatever is there in one language is there in the other.
        for file in files.iter().filter(|file| file.contains("/en/")) {
            assert!(files.contains(&file.replace("/en/", "/zh/")), "{file}");
        }
        // The museum works from a folder, too.
        let museum = |(path, _): &&(String, String)| path == "lessons/museum/zh/index.html";
        let (_, museum) = site.iter().find(museum).unwrap();
        assert!(museum.contains("<script defer src=\"../../../lessons/museum.js\">"));
        for (path, text) in site
            .iter()
            .filter(|(_, text)| text.starts_with("<!doctype html>"))
        {
            for cue in ["href=\"", "src=\""] {
                for link in text.split(cue).skip(1) {
                    let target = link.split('"').next().unwrap();
                    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                    let mut place: Vec<_> = folder.split('/').filter(|s| !s.is_empty()).collect();
                    for step in target.split('/') {
                        if step == ".." {
                            assert!(place.pop().is_some(), "{path}: {target}");
                        } else {
                            place.push(step);
                        }
                    }
                    assert!(files.contains(&place.join("/")), "{path}: {target}");
                }
            }
            assert!(!text.contains("<script type=\"module\""), "{path}");
        }
    }
}
