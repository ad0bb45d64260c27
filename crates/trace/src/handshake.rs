//! The computation of `Sec-WebSocket-Accept` from `Sec-WebSocket-Key` (RFC 6455, sections 4.1 and
//! 4.2.2).

use data_encoding::{BASE64, HEXLOWER};
use sha1::{Digest, Sha1};

/// The GUID that every server appends to the key (section 1.3).
pub(crate) const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Encodes sixteen bytes as a key.
pub(crate) fn key(bytes: [u8; 16]) -> String {
    BASE64.encode(&bytes)
}

/// The computation, step by step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    /// The key's sixteen bytes, in hexadecimal.
    pub(crate) nonce: String,
    /// The key and the GUID, one after the other.
    pub(crate) joined: String,
    /// The SHA-1 hash of `joined`, in hexadecimal.
    pub(crate) hash: String,
    /// The hash in base64, which is the server's answer.
    pub(crate) accept: String,
}

/// Computes the server's answer to `key`.
pub(crate) fn steps(key: &str) -> Steps {
    let joined = format!("{key}{GUID}");
    let hash = Sha1::digest(joined.as_bytes());
    Steps {
        nonce: BASE64
            .decode(key.as_bytes())
            .map_or_else(|_| "not base64".to_owned(), |bytes| HEXLOWER.encode(&bytes)),
        hash: HEXLOWER.encode(&hash),
        accept: BASE64.encode(&hash),
        joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the example of RFC 6455, section 1.3.
    #[test]
    fn the_rfcs_own_example() {
        let steps = steps("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(steps.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(steps.hash, "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
        assert_eq!(
            steps.nonce,
            "746865207361 6d706c65206e6f6e6365".replace(' ', "")
        );
    }
}
