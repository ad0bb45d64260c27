//! Lessons as HTML, for whoever serves `/lessons`.

use std::fmt::Write;

use pulldown_cmark::{Options, Parser, html::push_html};

use crate::{Lang, Lesson, lessons};

const STYLE: &str = include_str!("page.css");

/// A page, or the style sheet of all pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its address, such as `/lessons/handshake/en`.
    pub path: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its text.
    pub text: String,
}

/// What stands at this address below `/lessons`: `/lessons` itself and
/// `/lessons/zh` list the lessons, `/lessons/NAME/en` and `/lessons/NAME/zh` are
/// lessons, `/lessons/lessons.css` is their style. There is no script.
#[must_use]
pub fn file(path: &str) -> Option<Page> {
    let path = path.strip_suffix('/').unwrap_or(path);
    pages().into_iter().find(|page| page.path == path)
}

/// Every page.
#[must_use]
pub fn pages() -> Vec<Page> {
    // That every file can be read is tested; an empty list is better than none.
    let lessons = lessons().unwrap_or_default();
    let mut pages = vec![Page {
        path: "/lessons/lessons.css".to_owned(),
        media_type: "text/css; charset=utf-8",
        text: STYLE.to_owned(),
    }];
    for lang in Lang::ALL {
        let path = match lang {
            Lang::En => "/lessons",
            Lang::Zh => "/lessons/zh",
        };
        pages.push(html(path.to_owned(), index(&lessons, lang)));
        for (number, lesson) in lessons.iter().enumerate() {
            let path = address(lesson, lang);
            pages.push(html(path, of(&lessons, number, lang)));
        }
    }
    pages
}

fn html(path: String, text: String) -> Page {
    Page {
        path,
        media_type: "text/html; charset=utf-8",
        text,
    }
}

fn address(lesson: &Lesson, lang: Lang) -> String {
    format!("/lessons/{}/{}", lesson.name, lang.name())
}

fn index(lessons: &[Lesson], lang: Lang) -> String {
    let (title, other, switch) = match lang {
        Lang::En => ("Lessons", "/lessons/zh", "中文"),
        Lang::Zh => ("课程", "/lessons", "English"),
    };
    let mut body = format!("<h1>{title}</h1>\n<ol>\n");
    for lesson in lessons {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            body,
            "<li><a href=\"{}\">{}</a><br>{}</li>",
            address(lesson, lang),
            escaped(lesson.experiment.title.get(lang)),
            escaped(lesson.experiment.question.get(lang)),
        );
    }
    body.push_str("</ol>\n");
    let nav = format!("<a href=\"/\">wirebench</a> <a href=\"{other}\">{switch}</a>");
    document(title, lang, &nav, &body)
}

fn of(lessons: &[Lesson], number: usize, lang: Lang) -> String {
    let lesson = &lessons[number];
    let (all, all_path, other, switch) = match lang {
        Lang::En => ("All lessons", "/lessons", Lang::Zh, "中文"),
        Lang::Zh => ("全部课程", "/lessons/zh", Lang::En, "English"),
    };
    let mut nav = format!(
        "<a href=\"{all_path}\">{all}</a> <a href=\"{}\">{switch}</a>",
        address(lesson, other)
    );
    if let Some(next) = lessons.get(number + 1) {
        let _ = write!(
            nav,
            " <a href=\"{}\">{} →</a>",
            address(next, lang),
            escaped(next.experiment.title.get(lang))
        );
    }
    let mut body = String::new();
    push_html(
        &mut body,
        Parser::new_ext(lesson.text(lang), Options::ENABLE_TABLES),
    );
    document(lesson.experiment.title.get(lang), lang, &nav, &body)
}

fn document(title: &str, lang: Lang, nav: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<link rel=\"stylesheet\" href=\"/lessons/lessons.css\">\n</head>\n\
         <body>\n<nav>{nav}</nav>\n<main>\n{body}</main>\n</body>\n</html>\n",
        lang.name(),
        escaped(title),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_lead_only_to_pages() {
        let pages = pages();
        assert_eq!(pages.len(), 1 + 2 + 2 * lessons().unwrap().len());
        for page in &pages {
            assert!(!page.text.contains("<script"), "{}", page.path);
            for link in page.text.split("href=\"").skip(1) {
                let target = link.split('"').next().unwrap();
                assert!(
                    target == "/" || file(target).is_some(),
                    "{}: {target}",
                    page.path
                );
            }
        }
        assert!(file("/lessons/").is_some());
        assert!(file("/lessons/../Cargo.toml").is_none());
    }
}
