//! Publications and queries as clients write them: JSON, forms and URLs.

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::by_hand::field;

/// Returns room and text of a publication, as JSON or as a form.
pub(super) fn published(head: &str, body: &str) -> Option<(String, String)> {
    if field(head, "content-type")? == "application/json" {
        let said: Json = serde_json::from_str(body).ok()?;
        return Some((
            said["channel"].as_str()?.to_owned(),
            said["data"].to_string(),
        ));
    }
    let fields: HashMap<&str, String> = body
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key, unescaped(value)))
        .collect();
    Some((fields.get("channel")?.clone(), fields.get("data")?.clone()))
}

/// Returns the text of a URL or of a form, where a plus is a blank. As many servers do, the
/// query is read as a form.
pub(super) fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}
