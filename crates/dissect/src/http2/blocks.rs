//! The header blocks of one direction for those who want all of their fields.

use super::hpack::Decoder;
use crate::Reason;

/// A field of a head: its name and its value. Both are empty where the capture does not say them.
pub type HeaderField = (Vec<u8>, Vec<u8>);

/// Decodes the header blocks of one direction of a connection of HTTP/2 (HPACK, RFC 7541), each whole
/// and all in their order, because a block may refer to fields of the blocks before it.
#[derive(Debug)]
pub struct HeaderBlocks(Decoder);

impl HeaderBlocks {
    /// Makes the decoder. `is_cut` says that blocks came before the first that it is given: fields
    /// that only they said are then given with an empty name or value.
    #[must_use]
    pub fn new(is_cut: bool) -> Self {
        Self(if is_cut {
            Decoder::cut()
        } else {
            Decoder::new()
        })
    }

    /// Reads the next block.
    ///
    /// # Errors
    /// Fails if the block cannot be decoded or its fields are longer than any head that is read.
    /// No later block can be decoded then.
    pub fn read(&mut self, block: &[u8]) -> Result<Vec<HeaderField>, Reason> {
        let mut fields = Vec::new();
        self.0.each(block, |field| {
            fields.push((field.name.to_vec(), field.value.to_vec()));
        })?;
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_only_earlier_blocks_said_are_empty() {
        // GET, a field of the table that is not known, and one that the block itself puts there.
        let block = [&b"\x82\xc6\x40\x01a\x01b"[..], &[0xbe]].concat();
        let known = (b"a".to_vec(), b"b".to_vec());
        let fields = HeaderBlocks::new(true).read(&block);
        let get = (b":method".to_vec(), b"GET".to_vec());
        let none = (Vec::new(), Vec::new());
        assert_eq!(fields, Ok(vec![get, none, known.clone(), known]));
        let whole = HeaderBlocks::new(false).read(&block);
        assert_eq!(whole, Err(Reason::HeaderBlock));
    }
}
