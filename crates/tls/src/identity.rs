//! The certificate that a server shows, and the key that belongs to it.

use std::{fmt, path::Path};

use rcgen::{CertificateParams, DnType, KeyPair};
use ring::digest::{SHA256, digest};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer,
    pem::{self, PemObject},
};

use crate::LoadError;

/// The SHA-256 of a certificate in DER form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Returns the fingerprint of a certificate.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, certificate).as_ref());
        Self(bytes)
    }

    /// Reads what [`Display`](fmt::Display) writes; colons may be left out.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

/// Writes the bytes as browsers and `openssl x509 -fingerprint` do: `AB:CD:...`.
impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            let colon = if place > 0 { ":" } else { "" };
            write!(formatter, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Fingerprint({self})")
    }
}

/// A chain of certificates, the server's own first, and its key.
#[derive(Debug)]
pub struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Makes a certificate for these names and addresses, signed by its own key (ECDSA over P-256).
    ///
    /// # Errors
    /// Fails if a name cannot stand in a certificate, or if the system has no random numbers.
    pub fn made_for(names: Vec<String>) -> Result<Self, LoadError> {
        let made = || {
            let mut wishes = CertificateParams::new(names)?;
            wishes
                .distinguished_name
                .push(DnType::CommonName, "wirebench, made on the spot");
            let key = KeyPair::generate()?;
            let certificate = wishes.self_signed(&key)?;
            Ok(Self {
                chain: vec![certificate.der().clone()],
                key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            })
        };
        made().map_err(|error: rcgen::Error| LoadError::Identity(error.to_string()))
    }

    /// Reads a chain of certificates and a key from two files in PEM form.
    ///
    /// # Errors
    /// Fails if a file cannot be read or holds nothing of the kind.
    pub fn load(certificates: &Path, key: &Path) -> Result<Self, LoadError> {
        let chain = certificates_in(certificates)?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, "key", error))?;
        Ok(Self { chain, key })
    }

    /// Returns the key and the chain in PEM form (RFC 7468), for another program to read from one
    /// file.
    #[must_use]
    pub fn pem(&self) -> String {
        let kind = match self.key {
            PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
            PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
            _ => "PRIVATE KEY",
        };
        let mut text = armoured(kind, self.key.secret_der());
        for certificate in &self.chain {
            text += &armoured("CERTIFICATE", certificate);
        }
        text
    }

    /// Returns the fingerprint of the server's own certificate.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.chain.first().map_or(&[], |first| first.as_ref()))
    }
}

/// The width of a line in PEM form (RFC 7468, section 2).
const LINE: usize = 64;

/// Returns bytes as a block in PEM form.
fn armoured(kind: &str, bytes: &[u8]) -> String {
    let mut text = format!("-----BEGIN {kind}-----\n");
    let digits = base64(bytes);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % LINE == 0 {
            text.push('\n');
        }
        text.push(digit);
    }
    text + &format!("\n-----END {kind}-----\n")
}

/// Returns bytes in base64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let mut bits = 0;
        for place in 0..3 {
            bits = bits << 8 | u32::from(three.get(place).copied().unwrap_or(0));
        }
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > three.len() {
                '='
            } else {
                char::from(digit)
            });
        }
    }
    text
}

/// Reads all certificates of a file; there is at least one.
pub(crate) fn certificates_in(file: &Path) -> Result<Vec<CertificateDer<'static>>, LoadError> {
    let read = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(file, "certificate", error))?;
    if read.is_empty() {
        return Err(LoadError::Pem(file.to_owned(), "certificate"));
    }
    Ok(read)
}

fn wrong(file: &Path, what: &'static str, error: pem::Error) -> LoadError {
    match error {
        pem::Error::Io(error) => LoadError::Read(file.to_owned(), error),
        _ => LoadError::Pem(file.to_owned(), what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_it_is_written() {
        // SHA-256 of nothing (FIPS 180-2).
        let known = Fingerprint::of(b"");
        let text = "E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:\
                    27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55";
        assert_eq!(known.to_string(), text);
        assert_eq!(Fingerprint::read(text), Some(known));
        assert_eq!(Fingerprint::read(&text.replace(':', "")), Some(known));
        for bad in ["", "E3", &text[..92], &text.replace('B', "G")] {
            assert_eq!(Fingerprint::read(bad), None, "{bad}");
        }
    }

    /// Checks the test vectors of RFC 4648, section 10.
    #[test]
    fn bytes_in_base64_as_the_rfc_has_them() {
        let digits: Vec<String> = (0..=6).map(|end| base64(&b"foobar"[..end])).collect();
        assert_eq!(
            digits,
            [
                "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"
            ]
        );
    }

    #[test]
    fn another_program_reads_the_same_identity() {
        let made = Identity::made_for(vec!["127.0.0.1".into()]).unwrap();
        let pem = made.pem();
        assert!(pem.lines().all(|line| line.len() <= LINE), "{pem}");
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
        assert_eq!(key, made.key);
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        assert_eq!(chain.unwrap(), made.chain);
    }

    #[test]
    fn each_certificate_made_is_another() {
        let make = || Identity::made_for(vec!["localhost".into(), "127.0.0.1".into()]).unwrap();
        assert_ne!(make().fingerprint(), make().fingerprint());
        assert!(Identity::made_for(vec!["no name\u{fe}".into()]).is_err());
    }

    #[test]
    fn a_file_that_is_none_is_named() {
        let missing = Identity::load(
            Path::new("/nowhere/cert.pem"),
            Path::new("/nowhere/key.pem"),
        );
        assert!(missing.unwrap_err().to_string().contains("cert.pem"));
        let manifest = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        let other = Identity::load(manifest, manifest).unwrap_err().to_string();
        assert!(other.contains("no certificate"), "{other}");
    }
}
