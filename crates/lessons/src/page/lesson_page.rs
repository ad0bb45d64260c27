//! The page of one lesson: its text, with the link to its experiment, and the figures folded away.

use pulldown_cmark::{Options, Parser, html::push_html};

use super::{address, document, escaped, is_in_lanes};
use crate::{Lang, Lesson};

/// Returns the page of one of the lessons, with links to its neighbours.
pub(super) fn page(lessons: &[Lesson], number: usize, lang: Lang) -> String {
    let lesson = &lessons[number];
    let other = match lang {
        Lang::En => Lang::Zh,
        Lang::Zh => Lang::En,
    };
    let mut body = String::new();
    push_html(
        &mut body,
        Parser::new_ext(lesson.text(lang), Options::ENABLE_TABLES),
    );
    let heading = try_heading(lang);
    let mut way = link(lesson, lang);
    if !is_in_lanes(lesson) {
        way = format!("{way}\n{}", by_command(lang));
    }
    body = body.replacen(heading, &format!("{heading}\n{way}"), 1);
    body = folded(&body, lang);
    let neighbour = |lesson: &Lesson, class: &str, arrows: [&str; 2]| {
        format!(
            "<a class=\"{class}\" href=\"{}\">{}{}{}</a>\n",
            address(lesson, lang),
            arrows[0],
            escaped(lesson.experiment.title.get(lang)),
            arrows[1],
        )
    };
    body.push_str("<p class=\"next\">\n");
    if let Some(before) = number.checked_sub(1).map(|before| &lessons[before]) {
        body.push_str(&neighbour(before, "before", ["← ", ""]));
    }
    if let Some(after) = lessons.get(number + 1) {
        body.push_str(&neighbour(after, "after", ["", " →"]));
    }
    body.push_str("</p>\n");
    let title = lesson.experiment.title.get(lang);
    document(title, lang, &address(lesson, other), &body)
}

/// Returns the heading of the experiment, which is the same in every lesson.
pub(super) const fn try_heading(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "<h2>Try it</h2>",
        Lang::Zh => "<h2>动手</h2>",
    }
}

/// Returns a link to the lanes, set to this lesson's experiment; there is a sheet for predictions if
/// no browser can measure it.
fn link(lesson: &Lesson, lang: Lang) -> String {
    let (button, hint) = match (is_in_lanes(lesson), lang) {
        (true, Lang::En) => (
            "Try it side by side",
            "here, in this browser; or by the command below.",
        ),
        (true, Lang::Zh) => ("并排试一试", "就在这个浏览器里；或者用下面的命令。"),
        (false, Lang::En) => (
            "Predict and hand in",
            "here, in this browser, on a phone too; then the answers open.",
        ),
        (false, Lang::Zh) => (
            "写下预测并提交",
            "就在这个浏览器里，手机也行；提交后答案展开。",
        ),
    };
    let (name, tag) = (lesson.name, lang.name());
    format!(
        "<p class=\"try\"><a class=\"button main\" href=\"/classroom?lesson={name}&amp;lang={tag}\">{button}</a> {hint}</p>"
    )
}

/// Folds away the text about the figures, so that nobody reads it before predicting.
fn folded(body: &str, lang: Lang) -> String {
    let (from, to, summary) = match lang {
        Lang::En => (
            "<h2>What the figures say</h2>",
            "<h2>Questions</h2>",
            "What the figures say (predict first)",
        ),
        Lang::Zh => (
            "<h2>数字说明什么</h2>",
            "<h2>思考</h2>",
            "数字说明什么（请先预测）",
        ),
    };
    let parts = body
        .split_once(from)
        .and_then(|(before, rest)| Some((before, rest.split_once(to)?)));
    parts.map_or_else(
        || body.to_owned(),
        |(before, (inside, after))| {
            format!(
                "{before}<details class=\"fold\"><summary>{summary}</summary>\n{inside}</details>\n{to}{after}"
            )
        },
    )
}

/// Returns the text that replaces the link for an experiment that no browser can do.
fn by_command(lang: Lang) -> String {
    let words = match lang {
        Lang::En => {
            "This one takes more than a browser has: a crowd, or a network in the way. One command runs it, asks for your predictions and writes the page to hand in:"
        }
        Lang::Zh => {
            "这个实验在浏览器里做不了：它需要一大群读者，或者一段特别的网络。用一条命令运行，它会先问你的预测，最后写出可提交的页面："
        }
    };
    format!("<p class=\"by-command\">{words}</p>")
}
