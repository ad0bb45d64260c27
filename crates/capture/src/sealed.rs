//! Connections under TLS (RFC 8446): recognised and named, but not opened.

use dissect::{Amount, Direction, Layer, Ledger, Purpose};

use crate::TlsVersion;

/// Returns whether bytes begin as a client of TLS does: a record with a `ClientHello`.
pub(crate) fn is_hello(bytes: &[u8]) -> bool {
    matches!(bytes, [22, 3, 0..=4, _, _, 1, ..])
}

/// Returns whether bytes begin with a record of TLS.
pub(crate) fn is_record(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=23, 3, 0..=4, high, _, ..] if *high <= 0x48)
}

/// Enters all bytes of one direction, with as many elements as there are records.
pub(crate) fn enter(ledger: &mut Ledger, direction: Direction, bytes: &[u8], carried: u64) {
    let mut count = 0;
    let mut at = 0;
    while let Some(&[_, _, _, high, low]) = bytes.get(at..at + 5) {
        count += 1;
        at += 5 + usize::from(u16::from_be_bytes([high, low]));
    }
    let amount = Amount {
        bytes: carried,
        count: count.max(u64::from(carried > 0)),
    };
    if carried > 0 {
        ledger.enter(direction, Purpose::Setup, Layer::Tls, amount);
    }
}

/// Returns the name of the server that a `ClientHello` asks for (RFC 6066, section 3).
pub(crate) fn name(bytes: &[u8]) -> Option<String> {
    // Record and handshake heads, version and random.
    let mut rest = Bytes(bytes.get(9 + 2 + 32..)?);
    let session = rest.byte()?;
    rest.skip(session.into())?;
    let suites = rest.word()?;
    rest.skip(suites)?;
    let compression = rest.byte()?;
    rest.skip(compression.into())?;
    rest.word()?;
    loop {
        let (kind, length) = (rest.word()?, rest.word()?);
        if kind != 0 {
            rest.skip(length)?;
            continue;
        }
        let (_, kind, length) = (rest.word()?, rest.byte()?, rest.word()?);
        let name = rest.0.get(..length).filter(|_| kind == 0)?;
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_".contains(byte);
        let name = str::from_utf8(name).ok()?;
        return name.as_bytes().iter().all(is_name).then(|| name.to_owned());
    }
}

/// The choice of the server.
pub(crate) struct ServerHello {
    pub(crate) random: [u8; 32],
    pub(crate) suite: u16,
}

impl ServerHello {
    /// Reads the first message of a server (RFC 8446, section 4.1.3).
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let [22, 3, _, _, _, 2, _, _, _, 3, _, ..] = bytes else {
            return None;
        };
        let random = bytes.get(11..43)?.try_into().ok()?;
        let mut rest = Bytes(bytes.get(43..)?);
        let session = rest.byte()?;
        rest.skip(session.into())?;
        let suite = rest.word()? as u16;
        Some(Self { random, suite })
    }
}

/// Returns the version that the server's first message chooses, by its cipher suite.
pub(crate) fn version(bytes: &[u8]) -> TlsVersion {
    match ServerHello::read(bytes) {
        // Those of TLS 1.3 stand by themselves (RFC 8446, appendix B.4).
        Some(hello) if hello.suite >> 8 == 0x13 => TlsVersion::V1_3,
        Some(_) if bytes.get(10) == Some(&3) => TlsVersion::V1_2,
        _ => TlsVersion::Unknown,
    }
}

/// The rest of a message, read from its front.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn word(&mut self) -> Option<usize> {
        let (high, low) = (self.byte()?, self.byte()?);
        Some(usize::from(high) << 8 | usize::from(low))
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.0 = self.0.get(count..)?;
        Some(())
    }
}
