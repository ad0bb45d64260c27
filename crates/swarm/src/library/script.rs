//! The scripts in which SockJS is read across origins: the answers of jsonp-polling, and the
//! elements of an htmlfile. A script is taken off before anybody else sees the frame in it.

use bytes::Bytes;

use super::letters;

/// The place in which the client of SockJS keeps the functions of its page.
const FUNCTIONS: &str = "_jp.a";

/// The script element around a frame in an htmlfile, line by line; the call is between them.
const OPENS: &[u8] = b"<script>";
const CLOSES: &[u8] = b"</script>";

/// Returns the name of a page's function, as that client draws it.
pub(super) fn callback(number: u64) -> String {
    // Six letters, of the eight that a number has here.
    format!("{FUNCTIONS}{}", &letters(number)[2..])
}

/// Writes what a page sends in a form with one field.
pub(super) fn form(list: &str) -> String {
    let mut form = "d=".to_owned();
    form.extend(form_urlencoded::byte_serialize(list.as_bytes()));
    form
}

/// Returns the frame in the answer to jsonp-polling, which is the argument of a call; `None` if it
/// is not the call of this function.
pub(crate) fn answer(script: &[u8], callback: &str) -> Option<Bytes> {
    let call = script.strip_prefix(b"/**/")?;
    argument(call.strip_suffix(b"\r\n")?, callback)
}

/// Returns the only argument of a call, which is a string.
fn argument(call: &[u8], callback: &str) -> Option<Bytes> {
    let call = call.strip_prefix(callback.as_bytes())?;
    let text = call.strip_prefix(b"(")?.strip_suffix(b");")?;
    let frame: String = serde_json::from_slice(text).ok()?;
    Some(frame.into())
}

/// The position in an htmlfile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Before the first line of the page.
    Page,
    /// Within the page, before any element; true once it has named the function that was asked for.
    Head { named: bool },
    /// Before an element.
    Between,
    /// Behind the first line of an element.
    Call,
    /// Behind the call in an element.
    End,
}

/// The reader of an htmlfile, line by line.
#[derive(Debug)]
pub(crate) struct HtmlFile {
    position: Position,
    /// The line by which the page names the function that was asked for.
    names: String,
}

impl HtmlFile {
    /// Makes the reader of a page that is to name a function.
    pub(crate) fn new(callback: &str) -> Self {
        Self {
            position: Position::Page,
            names: format!("    var c = parent.{callback};"),
        }
    }

    /// Takes a line without its end. Returns the frame of an element, and any line that may
    /// not stand where it does as it is: that is no frame.
    pub(crate) fn line(&mut self, line: Bytes) -> Option<Bytes> {
        let text = line.strip_suffix(b"\r").unwrap_or(&line[..]);
        self.position = match self.position {
            Position::Page if text == b"<!doctype html>" => Position::Head { named: false },
            Position::Head { .. } if text == self.names.as_bytes() => {
                Position::Head { named: true }
            }
            // The padding, blanks alone, is the last line before the elements.
            Position::Head { named: true } if text.trim_ascii().is_empty() => Position::Between,
            Position::Head { named } if !text.trim_ascii().is_empty() => Position::Head { named },
            Position::Between if text == OPENS => Position::Call,
            Position::Between if text.is_empty() => Position::Between,
            Position::Call => {
                self.position = Position::End;
                return Some(argument(text, "p").unwrap_or(line));
            }
            Position::End if text == CLOSES => Position::Between,
            _ => return Some(line),
        };
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!doctype html>\n<html><head>\n</head><body><h2>Don't panic!</h2>\n\
         \x20 <script>\n    var c = parent._jp.aaaaaac;\n    c.start();\n  </script>\n    \r\n\r\n";

    fn read(stream: &str) -> Vec<String> {
        let mut page = HtmlFile::new(&callback(2));
        let lines = stream.split_inclusive('\n');
        let lines = lines.map(|line| Bytes::from(line.trim_end_matches('\n').to_owned()));
        let texts = lines.filter_map(|line| page.line(line));
        texts
            .map(|text| String::from_utf8(text.to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn only_the_call_that_was_asked_for_is_taken_off() {
        assert_eq!(callback(2), "_jp.aaaaaac");
        let of = |script: &str| answer(script.as_bytes(), "_jp.aaaaaac");
        let good = "/**/_jp.aaaaaac(\"a[\\\"{}\\\"]\");\r\n";
        assert_eq!(of(good).as_deref(), Some(&b"a[\"{}\"]"[..]));
        for bad in [
            "",
            "a[]",
            "/**/_jp.aaaaaab(\"o\");\r\n",
            "/**/_jp.aaaaaac(\"o\");",
            "/**/_jp.aaaaaac(o);\r\n",
            "_jp.aaaaaac(\"o\");\r\n",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_elements_of_a_page_are_its_frames() {
        let element = |frame: &str| format!("<script>\np({frame:?});\n</script>\r\n");
        let stream = format!("{PAGE}{}{}", element("o"), element("a[\"{}\"]"));
        assert_eq!(read(&stream), ["o", "a[\"{}\"]"]);
    }

    #[test]
    fn a_page_that_is_another_one_is_no_frame() {
        let element = "<script>\np(\"o\");\n</script>\r\n";
        for bad in [
            "{}\n".to_owned(),
            element.to_owned(),
            // The page names another function.
            format!("{}{element}", PAGE.replace("aaaaaac", "aaaaaab")),
            format!("{PAGE}<script>\nq(\"o\");\n</script>\r\n"),
            format!("{PAGE}{element}alert(1)\n"),
        ] {
            let texts = read(&bad);
            assert!(texts.iter().any(|text| text != "o"), "{bad}: {texts:?}");
        }
    }

    #[test]
    fn a_form_has_one_field() {
        assert_eq!(form("[\"a b+c\"]"), "d=%5B%22a+b%2Bc%22%5D");
    }
}
