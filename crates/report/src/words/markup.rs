//! The texts of a page between its tags, and in its titles.

/// The elements whose content is no text: styles, commands, names of keys and files.
const KEPT: [&str; 4] = ["style", "code", "pre", "dd"];

/// Returns a page with its texts translated. Tags, commands and values of settings stay.
pub(super) fn translated(page: &str, tag: &str, say: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((text, after)) = rest.split_once('<') {
        out.push_str(&of_text(text, &say));
        let (inside, after) = after.split_once('>').unwrap_or((after, ""));
        out.push('<');
        out.push_str(&of_tag(inside, &say));
        out.push('>');
        rest = after;
        let name = inside.split([' ', '/']).next().unwrap_or(inside);
        if KEPT.contains(&name) {
            let end = rest.find(&format!("</{name}>")).unwrap_or(rest.len());
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    out.push_str(&of_text(rest, &say));
    out.replacen("<html lang=\"en\">", &format!("<html lang=\"{tag}\">"), 1)
}

fn of_text(text: &str, say: impl Fn(&str) -> String) -> String {
    if text.trim().is_empty() {
        return text.to_owned();
    }
    escaped(&say(&plain(text)))
}

/// Translates the title of a tag, which a reader sees on pointing at it.
fn of_tag(inside: &str, say: impl Fn(&str) -> String) -> String {
    const TITLE: &str = " title=\"";
    let Some((before, after)) = inside.split_once(TITLE) else {
        return inside.to_owned();
    };
    let Some((title, after)) = after.split_once('"') else {
        return inside.to_owned();
    };
    format!("{before}{TITLE}{}\"{after}", escaped(&say(&plain(title))))
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn texts_are_translated_and_commands_are_not() {
        let page = "<html lang=\"en\"><style>p{color:red}</style><p title=\"a &lt; b\">x &amp; y</p>\
                    <code>x</code><svg><text>x</text></svg>z";
        let shout = |text: &str| text.to_uppercase();
        assert_eq!(
            translated(page, "zh-CN", shout),
            "<html lang=\"zh-CN\"><style>p{color:red}</style><p title=\"A &lt; B\">X &amp; Y</p>\
             <code>x</code><svg><text>X</text></svg>Z"
        );
    }
}
