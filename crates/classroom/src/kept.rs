//! The pages beside the chat. A content that takes long to make is made on a thread of its own, so
//! that the first visitor of its page holds nobody up.

use std::{collections::HashMap, thread};

use bytes::Bytes;
use server::ExtensionResponse;
use tokio::sync::watch;

use crate::options::{Beside, Content};

/// The content of a page that could not be made.
const NOT_MADE: &[u8] = b"This page could not be made.";

/// A page beside the chat; its content may still be in the making.
pub(crate) struct Kept {
    media_type: &'static str,
    bytes: watch::Receiver<Option<Bytes>>,
}

impl Kept {
    fn new(
        media_type: &'static str,
        content: Option<Bytes>,
    ) -> (Self, watch::Sender<Option<Bytes>>) {
        let (sender, bytes) = watch::channel(content);
        (Self { media_type, bytes }, sender)
    }

    /// Returns the page, or the promise of it.
    pub(crate) fn response(&self) -> ExtensionResponse {
        if let Some(bytes) = self.bytes.borrow().clone() {
            return ExtensionResponse::File {
                content_type: self.media_type,
                bytes,
                connect: String::new(),
            };
        }
        let mut bytes = self.bytes.clone();
        ExtensionResponse::Later {
            content_type: self.media_type,
            bytes: Box::pin(async move {
                let made = bytes.wait_for(Option::is_some).await;
                // The thread that makes it may have ended before it was done.
                let made = made.ok().and_then(|made| made.clone());
                made.unwrap_or_else(|| Bytes::from_static(NOT_MADE))
            }),
        }
    }
}

/// Returns the pages by their addresses, and begins to make those that are not there yet.
pub(crate) fn keep(pages: Vec<Beside>) -> HashMap<String, Kept> {
    let mut kept = HashMap::new();
    for page in pages {
        let (content, make) = match page.text {
            Content::Whole(text) => (Some(Bytes::from(text)), None),
            Content::Made(make) => (None, Some(make)),
        };
        let (one, sender) = Kept::new(page.media_type, content);
        kept.insert(page.path, one);
        if let Some(make) = make {
            thread::spawn(move || sender.send_replace(Some(Bytes::from(make()))));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(make: fn() -> String) -> Kept {
        let page = Beside {
            path: "/page".to_owned(),
            media_type: "text/plain",
            text: Content::Made(make),
        };
        keep(vec![page]).remove("/page").expect("the page")
    }

    async fn text(kept: &Kept) -> Bytes {
        match kept.response() {
            ExtensionResponse::File { bytes, .. } => bytes,
            ExtensionResponse::Later { bytes, .. } => bytes.await,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_page_is_made_once_and_then_kept() {
        let kept = kept(|| "made".to_owned());
        assert_eq!(text(&kept).await, "made");
        let again = kept.response();
        assert!(matches!(again, ExtensionResponse::File { .. }), "{again:?}");
        assert_eq!(text(&kept).await, "made");
    }

    #[tokio::test]
    async fn a_page_that_cannot_be_made_says_so_and_holds_nobody() {
        let kept = kept(|| panic!("a page that cannot be made, in a test"));
        assert_eq!(text(&kept).await, NOT_MADE);
    }
}
