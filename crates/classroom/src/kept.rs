//! The pages beside the chat. A content that takes long to make is made on a thread of its own when
//! somebody first asks for it, so that this visitor holds nobody up, and a server whose page nobody
//! opens has neither the work nor the memory.

use std::{collections::HashMap, sync::Mutex, thread};

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
    /// The making of the content, until it has begun.
    making: Mutex<Option<Making>>,
}

/// The function that makes a content, and the receivers of it.
struct Making {
    make: fn() -> String,
    to: watch::Sender<Option<Bytes>>,
}

impl Making {
    fn begin(self) {
        thread::spawn(move || self.to.send_replace(Some(Bytes::from((self.make)()))));
    }
}

impl Kept {
    fn new(page: Beside) -> Self {
        let (to, bytes) = watch::channel(None);
        let making = match page.text {
            Content::Made(make) => Some(Making { make, to }),
            Content::Whole(text) => {
                to.send_replace(Some(Bytes::from(text)));
                None
            }
        };
        Self {
            media_type: page.media_type,
            bytes,
            making: Mutex::new(making),
        }
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
        if let Some(making) = self.making.lock().expect("no holder panics").take() {
            making.begin();
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

/// Returns the pages by their addresses.
pub(crate) fn keep(pages: Vec<Beside>) -> HashMap<String, Kept> {
    let pages = pages.into_iter();
    pages
        .map(|page| (page.path.clone(), Kept::new(page)))
        .collect()
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
