//! The lessons as HTML, for servers of `/lessons`.

mod lesson_page;

use std::{fmt::Write, sync::LazyLock};

use pulldown_cmark::{Options, Parser, html::push_html};

use crate::{Lang, Lesson, lanes, lessons, museum};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// The start of a page that follows the reader's choice of a language.
const FOLLOWING: &str = "<body data-follows>";

/// A page, or a file that pages use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The address, such as `/lessons/handshake/en`.
    pub path: String,
    /// The media type.
    pub media_type: &'static str,
    /// The content.
    pub text: String,
}

/// Returns every page in both languages, and the files that they use: `/lessons/en` and
/// `/lessons/zh` list the lessons, `/lessons/plan/en` is the plan of a class, `/lessons/museum/en`
/// has two handshakes to take apart, `/lessons/NAME/en` is a lesson, and `/lessons/NAME/lanes.json`
/// holds the data of a lesson for the page of the lanes. They look like the pages beside which they
/// are served, whose style sheet they share.
#[must_use]
pub fn pages() -> &'static [Page] {
    static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
        // A test checks that every file can be read; an empty list is better than none.
        all(&lessons().unwrap_or_default())
    });
    &PAGES
}

/// Returns the pages at the addresses that name no language, such as `/lessons`. They are in the
/// language of the server, and their script leads a reader who chose the other one to it.
#[must_use]
pub fn pages_of_server(lang: Lang) -> Vec<Page> {
    let end = format!("/{}", lang.name());
    let of_lang = pages().iter().filter_map(|page| {
        let path = page.path.strip_suffix(&end)?;
        Some(html(
            path.to_owned(),
            page.text.replacen("<body>", FOLLOWING, 1),
        ))
    });
    of_lang.collect()
}

fn all(lessons: &[Lesson]) -> Vec<Page> {
    let file = |path: String, media_type, text| Page {
        path,
        media_type,
        text,
    };
    let css = "text/css; charset=utf-8";
    let js = "text/javascript; charset=utf-8";
    let mut pages = vec![
        file("/lessons/lessons.css".to_owned(), css, STYLE.to_owned()),
        file("/lessons/lessons.js".to_owned(), js, SCRIPT.to_owned()),
        file(
            "/lessons/museum.css".to_owned(),
            css,
            museum::STYLE.to_owned(),
        ),
        file("/lessons/museum.js".to_owned(), js, museum::script()),
    ];
    for lang in Lang::ALL {
        pages.push(html(list_address(lang).to_owned(), index(lessons, lang)));
        pages.push(html(plan_address(lang).to_owned(), plan(lang)));
        pages.push(html(museum::address(lang).to_owned(), museum::page(lang)));
        for (number, lesson) in lessons.iter().enumerate() {
            pages.push(html(
                address(lesson, lang),
                lesson_page::page(lessons, number, lang),
            ));
        }
    }
    for lesson in lessons {
        let path = format!("/lessons/{}/lanes.json", lesson.name);
        pages.push(file(path, "application/json", lanes::sheet(lesson)));
    }
    pages
}

fn is_in_lanes(lesson: &Lesson) -> bool {
    lesson.in_lanes().next().is_some()
}

const fn list_address(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "/lessons/en",
        Lang::Zh => "/lessons/zh",
    }
}

/// Returns the address of the plan of a class.
const fn plan_address(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "/lessons/plan/en",
        Lang::Zh => "/lessons/plan/zh",
    }
}

/// Returns the plan of a class, with its links to files turned into addresses.
fn plan(lang: Lang) -> String {
    let (text, title, other) = match lang {
        Lang::En => (
            include_str!("../lessons/plan.en.md"),
            "A plan for 90 minutes",
            Lang::Zh,
        ),
        Lang::Zh => (
            include_str!("../lessons/plan.zh.md"),
            "90 分钟教案",
            Lang::En,
        ),
    };
    let mut body = String::new();
    push_html(&mut body, Parser::new_ext(text, Options::ENABLE_TABLES));
    for name in [Lang::En, Lang::Zh].map(Lang::name) {
        body = body.replace(&format!("/{name}.md\""), &format!("/{name}\""));
    }
    let mut linked = String::new();
    for (index, part) in body.split("<a href=\"").enumerate() {
        let before = if index > 0 { "<a href=\"/lessons/" } else { "" };
        linked.push_str(before);
        linked.push_str(part);
    }
    document(title, lang, plan_address(other), &linked)
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
    let (title, lead, other) = match lang {
        Lang::En => (
            "Lessons",
            "A question each, a prediction to make first, an experiment, and what its figures say.",
            Lang::Zh,
        ),
        Lang::Zh => (
            "课程",
            "每课一个问题：先预测，再实验，然后看数字说明什么。",
            Lang::En,
        ),
    };
    let mut body = format!("<h1>{title}</h1>\n<p class=\"lead\">{lead}</p>\n<ol class=\"list\">\n");
    for lesson in lessons {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            body,
            "<li><a href=\"{}\"><b>{}</b> <span>{}</span>{}</a></li>",
            address(lesson, lang),
            escaped(lesson.experiment.title.get(lang)),
            escaped(lesson.experiment.question.get(lang)),
            only_way(lesson, lang),
        );
    }
    let plan = match lang {
        Lang::En => "For teachers: a plan for 90 minutes",
        Lang::Zh => "给教师：90 分钟教案",
    };
    let _ = writeln!(
        body,
        "</ol>\n<p><a href=\"{}\">{}</a></p>\n<p><a href=\"{}\">{plan}</a></p>",
        museum::address(lang),
        museum::title(lang),
        plan_address(lang)
    );
    document(title, lang, list_address(other), &body)
}

/// Returns a note on an experiment that no browser can do; empty if a browser can.
fn only_way(lesson: &Lesson, lang: Lang) -> &'static str {
    match (is_in_lanes(lesson), lang) {
        (true, _) => "",
        (false, Lang::En) => " <small>by one command, not in the browser</small>",
        (false, Lang::Zh) => " <small>用一条命令做，不在浏览器里</small>",
    }
}

/// Returns a page; `other` is the address of the same page in the other language.
pub(crate) fn document(title: &str, lang: Lang, other: &str, body: &str) -> String {
    let (tag, all, lanes, switch, switch_tag) = match lang {
        Lang::En => ("en", "Lessons", "Side by side", "中文", "zh-CN"),
        Lang::Zh => ("zh-CN", "课程", "并排比较", "English", "en"),
    };
    let (title, list, name) = (escaped(title), list_address(lang), lang.name());
    format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} · wirebench</title>\n\
         <link rel=\"icon\" href=\"/page/icon.svg\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"/page/base.css\">\n\
         <link rel=\"stylesheet\" href=\"/lessons/lessons.css\">\n\
         <script type=\"module\" src=\"/lessons/lessons.js\"></script>\n</head>\n\
         <body>\n<header class=\"top\">\n\
         <a class=\"brand\" href=\"/\"><img src=\"/page/icon.svg\" alt=\"\" width=\"28\" height=\"28\"> <span>wirebench</span></a>\n\
         <nav class=\"beside\"><a href=\"{list}\">{all}</a> <a href=\"/classroom?lang={name}\">{lanes}</a></nav>\n\
         <a class=\"button\" id=\"lang\" lang=\"{switch_tag}\" href=\"{other}\">{switch}</a>\n</header>\n\
         <main>\n{body}</main>\n</body>\n</html>\n",
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
    use super::{lesson_page::try_heading, *};

    #[test]
    fn pages_lead_only_to_pages() {
        let beside = ["/", "/page/icon.svg", "/page/base.css"];
        for page in pages() {
            // The only script is one in a file: the pages' policy allows no other.
            assert!(!page.text.contains("<script>"), "{}", page.path);
            for link in page.text.split("href=\"").skip(1) {
                let target = link.split('"').next().unwrap();
                assert!(
                    beside.contains(&target)
                        || target.starts_with("/classroom?l")
                        || pages().iter().any(|page| page.path == target),
                    "{}: {target}",
                    page.path
                );
            }
        }
    }

    #[test]
    fn addresses_without_a_language_are_in_that_of_the_server() {
        for lang in Lang::ALL {
            let short = pages_of_server(lang);
            let tag = ["<html lang=\"en\">", "<html lang=\"zh-CN\">"][lang as usize];
            for path in [
                "/lessons",
                "/lessons/plan",
                "/lessons/museum",
                "/lessons/handshake",
            ] {
                let page = short.iter().find(|page| page.path == path).unwrap();
                assert!(page.text.contains(tag), "{path}");
                assert!(page.text.contains(FOLLOWING), "{path}");
                assert!(pages().iter().all(|other| other.path != path), "{path}");
            }
            assert_eq!(short.len(), lessons().unwrap().len() + 3);
        }
    }

    #[test]
    fn each_page_leads_to_itself_in_the_other_language() {
        for page in pages()
            .iter()
            .filter(|page| page.media_type.starts_with("text/html"))
        {
            let (path, name) = page.path.rsplit_once('/').unwrap();
            let other = if name == "en" { "zh" } else { "en" };
            let (_, link) = page.text.split_once("id=\"lang\"").unwrap();
            assert!(
                link.contains(&format!("href=\"{path}/{other}\"")),
                "{}",
                page.path
            );
            assert!(!page.text.contains(FOLLOWING), "{}", page.path);
        }
    }

    #[test]
    fn experiments_stand_under_their_heading() {
        for lesson in lessons().unwrap() {
            for lang in Lang::ALL {
                let path = address(&lesson, lang);
                let page = pages().iter().find(|page| page.path == path).unwrap();
                assert!(page.text.contains(try_heading(lang)), "{path}");
                let way = format!("/classroom?lesson={}&amp;lang=", lesson.name);
                assert!(page.text.contains(&way), "{path}");
                // The part that gives the answers away is folded, and the closing questions are
                // not.
                let (_, fold) = page.text.split_once("<details class=\"fold\">").unwrap();
                let (inside, after_fold) = fold.split_once("</details>").unwrap();
                assert!(inside.len() > 300 && after_fold.contains("<ol>"), "{path}");
                // In either case, the command stands there, too.
                let command = format!("<code>wirebench lab {}", lesson.name);
                let (_, after) = page.text.split_once(try_heading(lang)).unwrap();
                assert!(after.contains(&command), "{path}");
                let is_by_command = after.contains("class=\"by-command\"");
                assert_eq!(is_by_command, !is_in_lanes(&lesson), "{path}");
            }
        }
        let whole = |lesson: &&Lesson| is_in_lanes(lesson);
        assert_eq!(lessons().unwrap().iter().filter(whole).count(), 9);
    }
}
