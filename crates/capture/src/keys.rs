//! Logs of keys, as browsers, curl and rustls write them (`SSLKEYLOGFILE`, draft-ietf-tls-keylogfile).

use std::{collections::HashMap, fs::File, io::Read, path::Path};

use data_encoding::HEXLOWER_PERMISSIVE;

/// The longest log that is read, in bytes.
const LONGEST_LOG: u64 = 64 << 20;

/// The secrets of a connection of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Secret {
    /// The master secret of TLS 1.2.
    Master,
    /// The secrets of TLS 1.3 for handshakes and for content, of the client and of the server.
    Handshake(Side),
    Content(Side),
}

/// The side that seals with a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Client,
    Server,
}

/// The secrets that logs name, by the random number of the client's first message.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    secrets: HashMap<([u8; 32], Secret), Vec<u8>>,
}

impl Keys {
    /// Reads a log. Lines that are none of a log are left out.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn read(file: &Path) -> std::io::Result<Self> {
        let mut log = Vec::new();
        File::open(file)?.take(LONGEST_LOG).read_to_end(&mut log)?;
        let mut keys = Self::default();
        keys.add(&log);
        Ok(keys)
    }

    /// Adds all lines of a log that can be read; others are left out.
    pub fn add(&mut self, log: &[u8]) {
        for line in log.split(|&byte| byte == b'\n') {
            if let Some((random, secret, value)) = entry(line) {
                self.secrets.insert((random, secret), value);
            }
        }
    }

    /// Returns whether there is no secret.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    pub(crate) fn secret(&self, random: &[u8], secret: Secret) -> Option<&[u8]> {
        let random = random.try_into().ok()?;
        self.secrets.get(&(random, secret)).map(Vec::as_slice)
    }
}

fn entry(line: &[u8]) -> Option<([u8; 32], Secret, Vec<u8>)> {
    let mut words = line.trim_ascii().split(|&byte| byte == b' ');
    let secret = match words.next()? {
        b"CLIENT_RANDOM" => Secret::Master,
        b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Secret::Handshake(Side::Client),
        b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => Secret::Handshake(Side::Server),
        b"CLIENT_TRAFFIC_SECRET_0" => Secret::Content(Side::Client),
        b"SERVER_TRAFFIC_SECRET_0" => Secret::Content(Side::Server),
        _ => return None,
    };
    let random = HEXLOWER_PERMISSIVE.decode(words.next()?).ok()?;
    let value = HEXLOWER_PERMISSIVE.decode(words.next()?).ok()?;
    Some((random.try_into().ok()?, secret, value))
}
