//! The few header fields that decide where bytes belong.

use httparse::Header;

use crate::{Reason, http::Length};

/// The values of those fields.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the head"
)]
#[derive(Default)]
pub(crate) struct Fields {
    content_length: Option<u64>,
    chunked: bool,
    pub(crate) websocket: bool,
    pub(crate) deflate: bool,
    pub(crate) encoded: bool,
    /// True if a key of hixie-76 is among the fields.
    pub(crate) old_keys: bool,
}

impl Fields {
    pub(crate) fn read(headers: &[Header<'_>]) -> Result<Self, Reason> {
        let mut fields = Self::default();
        for header in headers {
            let value = header.value.trim_ascii();
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            // By length first: of a browser's fifteen fields, one or two are
            // then compared.
            match header.name.len() {
                14 if is("content-length") => fields.add_lengths(value)?,
                17 if is("transfer-encoding") => fields.add_coding(value)?,
                7 if is("upgrade") => {
                    fields.websocket |= tokens(value, b',').any(|token| same(token, "websocket"));
                }
                24 if is("sec-websocket-extensions") => {
                    fields.deflate |= names_deflate(value);
                }
                18 if is("sec-websocket-key1") => fields.old_keys = true,
                16 if is("content-encoding") => fields.encoded |= is_coded(value),
                _ => {}
            }
        }
        Ok(fields)
    }

    /// Reads a content length, or a list of equal ones (RFC 9110 section 8.6). It must have only
    /// digits, and the same value if it is repeated.
    fn add_lengths(&mut self, value: &[u8]) -> Result<(), Reason> {
        tokens(value, b',').try_for_each(|length| self.add_length(length))
    }

    fn add_length(&mut self, value: &[u8]) -> Result<(), Reason> {
        let length = Some(value)
            .filter(|value| !value.is_empty() && value.iter().all(u8::is_ascii_digit))
            .and_then(|value| str::from_utf8(value).ok()?.parse().ok())
            .ok_or(Reason::BodyLength)?;
        match self.content_length.replace(length) {
            Some(other) if other != length => Err(Reason::BodyLength),
            _ => Ok(()),
        }
    }

    /// Reads a transfer coding. Chunks within another coding would be content that cannot be read,
    /// and chunking twice is forbidden.
    fn add_coding(&mut self, value: &[u8]) -> Result<(), Reason> {
        if self.chunked || !same(value, "chunked") {
            return Err(Reason::TransferCoding);
        }
        self.chunked = true;
        Ok(())
    }

    /// Returns the length of the body, or `None` if no field states it.
    pub(crate) fn length(&self) -> Result<Option<Length>, Reason> {
        match (self.chunked, self.content_length) {
            // The classic way to smuggle a request past a proxy.
            (true, Some(_)) => Err(Reason::BodyLength),
            (true, None) => Ok(Some(Length::Chunked)),
            (false, length) => Ok(length.map(Length::Bytes)),
        }
    }
}

/// Returns whether a list of content codings names one (RFC 9110 section 8.4); `identity` is none.
pub(crate) fn is_coded(value: &[u8]) -> bool {
    tokens(value, b',').any(|token| !token.is_empty() && !same(token, "identity"))
}

/// Returns whether a list of extensions has permessage-deflate in it (RFC 7692).
pub(crate) fn names_deflate(value: &[u8]) -> bool {
    tokens(value, b',')
        .filter_map(|extension| tokens(extension, b';').next())
        .any(|name| same(name, "permessage-deflate"))
}

fn tokens(value: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    value
        .split(move |&byte| byte == separator)
        .map(<[u8]>::trim_ascii)
}

fn same(value: &[u8], word: &str) -> bool {
    value.eq_ignore_ascii_case(word.as_bytes())
}
