//! The ciphers of TLS 1.3 (RFC 8446, sections 5 and 7) and of TLS 1.2 with AEAD (RFC 5246, 5288 and
//! 7905), to open records.

use ring::{
    aead::{
        AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
    },
    hkdf, hmac,
};

use crate::keys::Side;

/// The length of a nonce.
const NONCE: usize = 12;
/// The bytes of a nonce of AES-GCM that stand in each record of TLS 1.2.
const EXPLICIT: usize = 8;

/// A cipher suite that can be opened.
#[derive(Clone, Copy)]
pub(crate) struct Suite {
    algorithm: &'static Algorithm,
    is_sha_384: bool,
    /// True if it belongs to TLS 1.3.
    pub(crate) is_new: bool,
}

impl Suite {
    /// Returns the suite of this number, if it can be opened.
    pub(crate) fn of(number: u16) -> Option<Self> {
        let (algorithm, is_sha_384) = match number {
            0x1301 | 0x9c | 0x9e | 0xc02b | 0xc02f => (&AES_128_GCM, false),
            0x1302 | 0x9d | 0x9f | 0xc02c | 0xc030 => (&AES_256_GCM, true),
            0x1303 | 0xcca8 | 0xcca9 | 0xccaa => (&CHACHA20_POLY1305, false),
            _ => return None,
        };
        Some(Self {
            algorithm,
            is_sha_384,
            is_new: number >> 8 == 0x13,
        })
    }

    fn hkdf(self) -> hkdf::Algorithm {
        if self.is_sha_384 {
            hkdf::HKDF_SHA384
        } else {
            hkdf::HKDF_SHA256
        }
    }

    fn hmac(self) -> hmac::Algorithm {
        if self.is_sha_384 {
            hmac::HMAC_SHA384
        } else {
            hmac::HMAC_SHA256
        }
    }
}

/// A key for one direction, and how many records it has opened.
pub(crate) struct Opener {
    suite: Suite,
    key: LessSafeKey,
    iv: Vec<u8>,
    count: u64,
}

/// A length, for `ring`.
struct Len(usize);

impl hkdf::KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

/// Returns a key that follows from a secret (RFC 8446, section 7.1, `HKDF-Expand-Label`).
fn expand(suite: Suite, secret: &[u8], label: &str, len: usize) -> Option<Vec<u8>> {
    let label = format!("tls13 {label}");
    let head = [(len >> 8) as u8, len as u8, label.len() as u8];
    let info: [&[u8]; 3] = [&head, label.as_bytes(), &[0]];
    let prk = hkdf::Prk::new_less_safe(suite.hkdf(), secret);
    let mut key = vec![0; len];
    prk.expand(&info, Len(len)).ok()?.fill(&mut key).ok()?;
    Some(key)
}

/// Returns the secret that follows after a change of keys (RFC 8446, section 7.2).
pub(crate) fn updated(suite: Suite, secret: &[u8]) -> Option<Vec<u8>> {
    expand(suite, secret, "traffic upd", secret.len())
}

/// Returns this many bytes of the pseudorandom function of TLS 1.2 (RFC 5246, section 5).
fn stretched(suite: Suite, secret: &[u8], seed: &[u8], len: usize) -> Vec<u8> {
    let key = hmac::Key::new(suite.hmac(), secret);
    let mut all = Vec::new();
    let mut round = hmac::sign(&key, seed);
    while all.len() < len {
        let input = [round.as_ref(), seed].concat();
        all.extend_from_slice(hmac::sign(&key, &input).as_ref());
        round = hmac::sign(&key, round.as_ref());
    }
    all.truncate(len);
    all
}

impl Opener {
    /// Makes the key of a secret of TLS 1.3.
    pub(crate) fn of_secret(suite: Suite, secret: &[u8]) -> Option<Self> {
        let key = expand(suite, secret, "key", suite.algorithm.key_len())?;
        let iv = expand(suite, secret, "iv", NONCE)?;
        Self::of(suite, &key, iv)
    }

    /// Makes the key of one side from the master secret of TLS 1.2 and the random numbers of the
    /// server and the client (RFC 5246, section 6.3).
    pub(crate) fn of_master(
        suite: Suite,
        side: Side,
        master: &[u8],
        randoms: &[u8],
    ) -> Option<Self> {
        let key = suite.algorithm.key_len();
        let iv = if suite.algorithm == &CHACHA20_POLY1305 {
            NONCE
        } else {
            NONCE - EXPLICIT
        };
        let seed = [b"key expansion", randoms].concat();
        let block = stretched(suite, master, &seed, 2 * (key + iv));
        let (keys, ivs) = block.split_at(2 * key);
        let number = usize::from(side == Side::Server);
        let iv = &ivs[number * iv..][..iv];
        Self::of(suite, &keys[number * key..][..key], iv.to_vec())
    }

    fn of(suite: Suite, key: &[u8], iv: Vec<u8>) -> Option<Self> {
        let key = UnboundKey::new(suite.algorithm, key).ok()?;
        Some(Self {
            suite,
            key: LessSafeKey::new(key),
            iv,
            count: 0,
        })
    }

    /// Opens a record: its type, and its content. `None` if the key is another one.
    pub(crate) fn open(&mut self, record: &[u8]) -> Option<(u8, Vec<u8>)> {
        let (head, sealed) = record.split_at_checked(5)?;
        let opened = if self.suite.is_new {
            self.open_new(head, sealed)
        } else {
            self.open_old(head, sealed)
        };
        self.count += u64::from(opened.is_some());
        opened
    }

    fn open_new(&self, head: &[u8], sealed: &[u8]) -> Option<(u8, Vec<u8>)> {
        let mut content = sealed.to_vec();
        let nonce = self.counted()?;
        let opened = self
            .key
            .open_in_place(nonce, Aad::from(head), &mut content)
            .ok()?
            .len();
        content.truncate(opened);
        // Zeros behind the type are padding (RFC 8446, section 5.4).
        let last = content.iter().rposition(|&byte| byte > 0)?;
        let kind = content[last];
        content.truncate(last);
        Some((kind, content))
    }

    fn open_old(&self, head: &[u8], sealed: &[u8]) -> Option<(u8, Vec<u8>)> {
        let (nonce, sealed) = if self.iv.len() == NONCE {
            (self.counted()?, sealed)
        } else {
            let (explicit, sealed) = sealed.split_at_checked(EXPLICIT)?;
            let nonce = [self.iv.as_slice(), explicit].concat();
            (Nonce::try_assume_unique_for_key(&nonce).ok()?, sealed)
        };
        let len = sealed.len().checked_sub(self.suite.algorithm.tag_len())?;
        let mut around = self.count.to_be_bytes().to_vec();
        around.extend_from_slice(&head[..3]);
        around.extend_from_slice(&(len as u16).to_be_bytes());
        let mut content = sealed.to_vec();
        self.key
            .open_in_place(nonce, Aad::from(&around), &mut content)
            .ok()?;
        content.truncate(len);
        Some((head[0], content))
    }

    /// Returns the nonce of the next record, by its number (RFC 8446, section 5.3).
    fn counted(&self) -> Option<Nonce> {
        let mut nonce = self.iv.clone();
        let count = self.count.to_be_bytes();
        for (byte, count) in nonce.iter_mut().rev().zip(count.iter().rev()) {
            *byte ^= count;
        }
        Nonce::try_assume_unique_for_key(&nonce).ok()
    }
}
