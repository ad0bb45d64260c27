//! The parts of a HAR that are read (HTTP Archive 1.2, and what browsers add to it). Every part may
//! be missing.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

#[derive(Debug, Deserialize)]
pub(super) struct Document {
    pub(super) log: Log,
}

#[derive(Debug, Deserialize)]
pub(super) struct Log {
    pub(super) entries: Vec<Box<RawValue>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) started_date_time: String,
    /// Milliseconds.
    pub(super) time: Option<f64>,
    pub(super) request: Request,
    pub(super) response: Response,
    pub(super) timings: Option<Timings>,
    pub(super) connection: Option<Value>,
    #[serde(rename = "_webSocketMessages")]
    pub(super) messages: Option<Vec<Message>>,
    #[serde(rename = "_fromCache")]
    pub(super) from_cache: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) http_version: Option<String>,
    pub(super) headers: Option<Vec<Field>>,
    pub(super) headers_size: Option<f64>,
    pub(super) body_size: Option<f64>,
    pub(super) post_data: Option<PostData>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PostData {
    pub(super) text: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Response {
    pub(super) status: Option<f64>,
    pub(super) http_version: Option<String>,
    pub(super) headers: Option<Vec<Field>>,
    pub(super) content: Option<Content>,
    pub(super) headers_size: Option<f64>,
    pub(super) body_size: Option<f64>,
    #[serde(rename = "_transferSize")]
    pub(super) transfer_size: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Content {
    pub(super) size: Option<f64>,
    pub(super) compression: Option<f64>,
    pub(super) mime_type: Option<String>,
    pub(super) text: Option<String>,
    pub(super) encoding: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
}

/// Milliseconds; -1 where a part does not apply.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Timings {
    pub(super) blocked: Option<f64>,
    pub(super) dns: Option<f64>,
    pub(super) connect: Option<f64>,
    pub(super) ssl: Option<f64>,
    pub(super) send: Option<f64>,
    pub(super) wait: Option<f64>,
}

/// A message of a WebSocket, as Chromium writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Seconds since 1970.
    pub(super) time: Option<f64>,
    pub(super) opcode: Option<f64>,
    pub(super) data: Option<String>,
}
