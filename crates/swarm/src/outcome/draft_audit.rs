//! The account of each draft that a part of a run keeps, for the audit over all parts.

use serde::{Deserialize, Serialize};

/// The drafts that count, in the order in which they are due, as the people of one part know them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftAudit {
    /// The number of times that a reader of the part heard each draft.
    pub heard: Vec<u32>,
    /// True for each draft that the part sent and the server took.
    pub said: Vec<bool>,
}
