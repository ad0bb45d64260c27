//! A connection under TLS, opened with the secrets of a log.

use crate::{
    TlsVersion,
    cipher::{Opener, Suite, updated},
    keys::{Keys, Secret, Side},
    sealed,
    stream::Run,
    stretch::Wire,
};

/// The types of records (RFC 8446, section 5.1).
const CHANGE_CIPHER_SPEC: u8 = 20;
const APPLICATION_DATA: u8 = 23;

/// Opens a connection. `None` if there are no secrets of it, or its cipher is none that can be
/// opened; it then stays sealed.
pub(crate) fn open(wire: &Wire, keys: &Keys) -> Option<Wire> {
    if keys.is_empty() || !sealed::is_hello(&wire.up.bytes) {
        return None;
    }
    // Behind the heads of record and handshake, and the version.
    let client = wire.up.bytes.get(11..43)?;
    let hello = sealed::ServerHello::read(&wire.down.bytes)?;
    let suite = Suite::of(hello.suite)?;
    let openers = |side: Side| -> Option<Box<dyn Openers>> {
        if suite.is_new {
            let handshake = keys.secret(client, Secret::Handshake(side))?;
            let content = keys.secret(client, Secret::Content(side))?;
            return Some(Box::new(New {
                suite,
                secrets: vec![content.to_vec(), handshake.to_vec()],
                current: None,
                last: Vec::new(),
            }));
        }
        let master = keys.secret(client, Secret::Master)?;
        let randoms = [hello.random.as_slice(), client].concat();
        let opener = Opener::of_master(suite, side, master, &randoms)?;
        Some(Box::new(Old {
            opener,
            has_changed: false,
        }))
    };
    let up = content(&wire.up, openers(Side::Client)?.as_mut());
    let down = content(&wire.down, openers(Side::Server)?.as_mut());
    let is_opened = !up.bytes.is_empty() || !down.bytes.is_empty();
    let tls = if suite.is_new {
        TlsVersion::V1_3
    } else {
        TlsVersion::V1_2
    };
    is_opened.then_some(Wire {
        up,
        down,
        tls,
        ..*wire
    })
}

/// Opens the records of one direction, in their order.
trait Openers {
    /// Opens a record: its type and content, empty for one that is not sealed. `None` if it cannot
    /// be opened.
    fn open(&mut self, record: &[u8]) -> Option<(u8, Vec<u8>)>;
}

/// The keys of TLS 1.3: those of the handshake, of content, and those that follow.
struct New {
    suite: Suite,
    /// The secrets that are still to come, the next one last.
    secrets: Vec<Vec<u8>>,
    current: Option<Opener>,
    last: Vec<u8>,
}

impl Openers for New {
    fn open(&mut self, record: &[u8]) -> Option<(u8, Vec<u8>)> {
        if record.first() != Some(&APPLICATION_DATA) {
            return Some((*record.first()?, Vec::new()));
        }
        if let Some(opened) = self.current.as_mut().and_then(|opener| opener.open(record)) {
            return Some(opened);
        }
        // Nothing but a record that it opens shows that the next key is in use.
        let next = match self.secrets.last() {
            Some(next) => next.clone(),
            None => updated(self.suite, &self.last)?,
        };
        let mut following = Opener::of_secret(self.suite, &next)?;
        let opened = following.open(record)?;
        self.secrets.pop();
        self.last = next;
        self.current = Some(following);
        Some(opened)
    }
}

/// The key of TLS 1.2, which is in use behind a record that says so.
struct Old {
    opener: Opener,
    has_changed: bool,
}

impl Openers for Old {
    fn open(&mut self, record: &[u8]) -> Option<(u8, Vec<u8>)> {
        if self.has_changed {
            return self.opener.open(record);
        }
        let kind = *record.first()?;
        self.has_changed = kind == CHANGE_CIPHER_SPEC;
        Some((kind, Vec::new()))
    }
}

/// Returns the content of one direction as a run: with the times of its records, and all bytes of
/// the records counted. It stops at the first record that cannot be opened.
fn content(sealed: &Run, openers: &mut dyn Openers) -> Run {
    let mut run = Run {
        carried: sealed.carried,
        gap: sealed.gap,
        has_begin: sealed.has_begin,
        has_end: sealed.has_end,
        ..Run::default()
    };
    let mut at = 0;
    while let Some(&[_, _, _, high, low]) = sealed.bytes.get(at..at + 5) {
        let end = at + 5 + usize::from(u16::from_be_bytes([high, low]));
        let Some(record) = sealed.bytes.get(at..end) else {
            break;
        };
        let Some((kind, content)) = openers.open(record) else {
            run.gap = Some((at as u64, crate::Why::NoKey));
            break;
        };
        let is_content = kind == APPLICATION_DATA && !content.is_empty();
        let len = if is_content { content.len() } else { 0 };
        run.around.0 += (record.len() - len) as u64;
        run.around.1 += 1;
        if is_content {
            run.marks.push((run.bytes.len(), sealed.time(end - 1)));
            run.bytes.extend(content);
        }
        at = end;
    }
    run
}
