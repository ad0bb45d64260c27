//! The detection of each request at the moment it comes.
//!
//! The dissector keeps a poll's head back until the answer shows its purpose. A view that draws
//! requests as they happen cannot wait for that.

/// The length of the longest head that is parsed; the server's own limit is the same.
const LONGEST: usize = 64 * 1024;

/// The heads among the bytes of a connection's upward direction.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    /// The bytes of a head that is not complete yet.
    begun: Vec<u8>,
    /// The number of bytes of a body that are still to come.
    body: u64,
    /// True if the connection no longer speaks HTTP, or never did.
    over: bool,
}

impl Heads {
    /// Takes the next bytes, and passes on each head that they complete.
    pub(crate) fn push(&mut self, mut bytes: &[u8], mut found: impl FnMut(&[u8])) {
        while !bytes.is_empty() && !self.over {
            let skipped = self.body.min(bytes.len() as u64);
            self.body -= skipped;
            bytes = &bytes[skipped as usize..];
            if bytes.is_empty() {
                return;
            }
            let before = self.begun.len();
            self.begun.extend_from_slice(bytes);
            let from = before.saturating_sub(3);
            let Some(end) = find(&self.begun[from..]).map(|at| from + at + 4) else {
                self.over = self.begun.len() > LONGEST;
                return;
            };
            found(&self.begun[..end]);
            self.read_fields(end);
            bytes = &bytes[end - before..];
        }
    }

    /// Reads from the head what follows it: a body of some length, or bytes that are not HTTP.
    fn read_fields(&mut self, end: usize) {
        let head = String::from_utf8_lossy(&self.begun[..end]).to_ascii_lowercase();
        for line in head.lines() {
            if let Some(length) = line.strip_prefix("content-length:") {
                self.body = length.trim().parse().unwrap_or(0);
            }
            // Frames, or chunks, which no browser sends here: in either case the next request
            // cannot be found among them.
            self.over |= line.starts_with("upgrade:") || line.starts_with("transfer-encoding:");
        }
        self.begun.clear();
    }
}

fn find(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_found_however_the_bytes_are_cut() {
        let bytes = b"POST /a HTTP/1.1\r\nContent-Length: 18\r\n\r\nGET /not HTTP/1.1\n\
            GET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\x81\x00GET /d HTTP/1.1\r\n\r\n";
        for size in [1, 2, 3, 5, 17, 40, 1000] {
            let mut heads = Heads::default();
            let mut found = Vec::new();
            for piece in bytes.chunks(size) {
                heads.push(piece, |head| found.push(head[..7].to_vec()));
            }
            assert_eq!(found, [b"POST /a", b"GET /b ", b"GET /c "], "{size}");
        }
    }

    #[test]
    fn what_never_ends_is_given_up() {
        let mut heads = Heads::default();
        for _ in 0..100 {
            heads.push(&[b'x'; 1024], |_| panic!("no head"));
        }
        assert!(heads.over);
    }
}
