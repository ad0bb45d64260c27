//! The scripts in which a page reads across origins: the answer to JSONP, and the elements of a
//! forever iframe. A script is taken off before anybody else sees the JSON in it.

use std::cell::Cell;

use bytes::Bytes;
use wire::{Protocol, Seq, Way};

use super::reader::Reader;
use crate::{failure::Failure, library::letters, plan::Plan};

/// The beginning of the name of a page's function.
const CALLBACK: &str = "jp_";

/// The bytes around an event in a forever iframe.
const ELEMENT: (&[u8], &[u8]) = (b"<script>e(", b")</script>");

/// The beginning of the page in a forever iframe, which comes before all events.
const PAGE: &[u8] = b"<!doctype html>";

/// One reader's part in reading as a page does.
#[derive(Debug, Default)]
pub(crate) struct InPage {
    /// The number of questions so far: each names a function of its own.
    asked: Cell<u64>,
}

impl InPage {
    /// Creates the part of a reader; `None` if the plan has no page, or describes a server of its
    /// own.
    pub(crate) fn new(plan: &Plan) -> Option<Self> {
        let is_in_page = plan.variant.protocol() == Protocol::InPage;
        (is_in_page && plan.foreign.is_none()).then(Self::default)
    }

    /// Returns the path of the question at which a reader takes its place: one that is answered at
    /// once.
    pub(crate) fn first(&self, reader: &Reader, place: Option<Seq>) -> String {
        self.question(reader.lurking(Way::LongPoll, place) + "&hold=0")
    }

    /// Returns the path of a question with the name of the function that takes the answer.
    pub(crate) fn question(&self, path: String) -> String {
        let asked = self.asked.get() + 1;
        self.asked.set(asked);
        path + "&callback=" + &callback(asked)
    }

    /// Takes the script off the answer to the last question.
    ///
    /// # Errors
    /// Fails if the answer is no call of the function that the question named.
    pub(crate) fn answer(&self, script: &Bytes) -> Result<Bytes, Failure> {
        let json = argument(script, &callback(self.asked.get()));
        json.ok_or(Failure::Script)
    }
}

/// Returns the last part of the path at which a page reads.
pub(crate) const fn path(way: Way) -> &'static str {
    match way {
        Way::LongPoll => "jsonp",
        _ => "iframe",
    }
}

fn callback(asked: u64) -> String {
    format!("{CALLBACK}{}", letters(asked))
}

/// Returns the argument of the call that a script consists of, behind a comment of spaces.
fn argument(script: &Bytes, callback: &str) -> Option<Bytes> {
    let call = script.strip_prefix(b"/*")?.trim_ascii_start();
    let call = call
        .strip_prefix(b"*/")?
        .strip_prefix(callback.as_bytes())?;
    let json = call.strip_prefix(b"(")?.strip_suffix(b");\n")?;
    Some(script.slice_ref(json))
}

/// Takes the script element off an event in a page; what is no such element is left as it is, and
/// is no JSON.
pub(crate) fn event(line: Bytes) -> Bytes {
    let json = line
        .strip_prefix(ELEMENT.0)
        .and_then(|rest| rest.strip_suffix(ELEMENT.1));
    match json {
        Some(json) => line.slice_ref(json),
        None => line,
    }
}

/// Checks that a line is the beginning of a page.
///
/// # Errors
/// Fails if it is anything else.
pub(crate) fn begins(line: &[u8]) -> Result<(), Failure> {
    let is_page = line.starts_with(PAGE);
    is_page.then_some(()).ok_or(Failure::Script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_call_that_was_asked_for_is_taken_off() {
        let text = |script: &str| argument(&Bytes::from(script.to_owned()), "jp_a");
        for good in ["/**/jp_a({});\n", "/*   */jp_a({});\n"] {
            assert_eq!(text(good).as_deref(), Some(&b"{}"[..]), "{good}");
        }
        for bad in [
            "",
            "{}",
            "jp_a({});\n",
            "/**/jp_b({});\n",
            "/**/jp_a({})",
            "/**/jp_a({});",
            "/*x*/jp_a({});\n",
            "/**/jp_a{});\n",
        ] {
            assert_eq!(text(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_element_is_taken_off_and_anything_else_is_no_json() {
        let of = |line: &'static str| event(Bytes::from_static(line.as_bytes()));
        assert_eq!(of("<script>e({\"seq\":1})</script>"), "{\"seq\":1}");
        for bad in ["<script>f({})</script>", "<script>e({})", "<b>"] {
            assert_eq!(of(bad), bad);
        }
        assert_eq!(begins(b"<!doctype html><meta>"), Ok(()));
        assert_eq!(begins(b"{}"), Err(Failure::Script));
    }

    #[test]
    fn each_question_names_a_function_of_the_same_length() {
        let page = InPage::default();
        let paths = [page.question("/".to_owned()), page.question("/".to_owned())];
        assert_eq!(paths, ["/&callback=jp_aaaaaaab", "/&callback=jp_aaaaaaac"]);
        let late = Bytes::from_static(b"/**/jp_aaaaaaab({});\n");
        assert_eq!(page.answer(&late), Err(Failure::Script));
    }
}
