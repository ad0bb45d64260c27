//! The path between people and server, and the sentence of it in the column `path`. One type writes
//! the sentence and reads it, so that nothing else looks for words in it.

use std::{fmt, time::Duration};

/// The sentence for a path with nothing in it.
const LOOPBACK: &str = "loopback";
/// The words before the address of a server that was given.
const TARGET: &str = "target ";
/// The words for a server that does not keep the contract of the built-in server.
const CONTRACT_OF_ITS_OWN: &str = "a contract of its own";
/// The words for such a server that may change texts.
const CHANGES_TEXTS: &str = ", texts may come back changed";
/// The words before those of a proxy.
const PROXY: &str = "proxy ";
/// The words before the delay of a link.
const LINK: &str = "link ";
/// The words after the delay of a link.
const EACH_WAY: &str = " each way";
/// The words before the largest deviation from the delay.
const JITTER: &str = "jitter ";
/// The words for a link that does more than delay.
const MORE_THAN_DELAY: &str = "more than a delay";

/// The path between people and server. The default is the loopback interface of one machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path {
    /// The server, if it was given by its address.
    pub target: Option<Target>,
    /// The words for the proxy before the server, such as `nginx right`, if there is one.
    pub proxy: Option<String>,
    /// The simulated network, if there is one.
    pub link: Option<Link>,
    /// The parts of the sentence that this version does not know.
    pub others: Vec<String>,
}

/// A server that was given by its address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The value of the `Host` header.
    pub host: String,
    /// The contract that the server keeps.
    pub contract: Contract,
}

/// The contract that a given server keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Contract {
    /// The contract of the built-in server.
    #[default]
    BuiltIn,
    /// Another one, so that the sizes of messages cannot be predicted.
    OfItsOwn {
        /// True if texts may come back changed.
        changes_texts: bool,
    },
}

/// A simulated network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Link {
    /// The delay, which is the same each way.
    pub delay: Duration,
    /// The people whose connections go over the link.
    pub whose: Whose,
    /// The largest deviation from the delay, in either direction.
    pub jitter: Duration,
    /// True if the link does more than delay (it limits the rate, stalls, holds data back or cuts
    /// connections), so that times cannot be predicted.
    pub does_more: bool,
}

/// The people whose connections go over a link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whose {
    /// The link is in the path of everybody.
    #[default]
    Everybody,
    /// The link is in the path of readers.
    Readers,
    /// The link is in the path of speakers.
    Speakers,
}

impl Whose {
    const ALL: [Self; 3] = [Self::Readers, Self::Speakers, Self::Everybody];

    const fn words(self) -> &'static str {
        match self {
            Self::Everybody => "",
            Self::Readers => ", readers only",
            Self::Speakers => ", speakers only",
        }
    }
}

impl Path {
    /// Reads the sentence of a row. Rows without one are of versions that had only the loopback.
    #[must_use]
    pub fn read(sentence: &str) -> Self {
        let mut path = Self::default();
        let (server, link) = match sentence.strip_prefix(LINK) {
            Some(link) => ("", Some(link)),
            None => split(sentence, LINK),
        };
        match link.map(|link| (link, Link::read(link))) {
            Some((_, Some((link, others)))) => {
                path.link = Some(link);
                path.others = others;
            }
            Some((link, None)) => path.others.push(format!("{LINK}{link}")),
            None => {}
        }
        if let Some(target) = server.strip_prefix(TARGET) {
            let (target, proxy) = split(target, PROXY);
            path.target = Some(Target::read(target));
            path.proxy = proxy.map(str::to_owned);
        } else if let Some(proxy) = server.strip_prefix(PROXY) {
            path.proxy = Some(proxy.to_owned());
        } else if !matches!(server, "" | LOOPBACK) {
            path.others.insert(0, server.to_owned());
        }
        path
    }

    /// Returns whether nothing lies between people and a server that the program started.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether the server keeps a contract of its own.
    #[must_use]
    pub fn has_own_contract(&self) -> bool {
        let target = self.target.as_ref();
        target.is_some_and(|target| target.contract != Contract::BuiltIn)
    }
}

/// Splits a sentence before the last part that begins with `word`, which is left out.
fn split<'s>(sentence: &'s str, word: &str) -> (&'s str, Option<&'s str>) {
    match sentence.rsplit_once(&format!(", {word}")) {
        Some((before, after)) => (before, Some(after)),
        None => (sentence, None),
    }
}

impl Target {
    fn read(words: &str) -> Self {
        let contract = |words: &str| match words.strip_prefix(CONTRACT_OF_ITS_OWN)? {
            "" => Some(false),
            CHANGES_TEXTS => Some(true),
            _ => None,
        };
        let own = words.strip_suffix(')').and_then(|words| {
            let (host, words) = words.split_once(" (")?;
            Some((host, contract(words)?))
        });
        match own {
            Some((host, changes_texts)) => Self {
                host: host.to_owned(),
                contract: Contract::OfItsOwn { changes_texts },
            },
            None => Self {
                host: words.to_owned(),
                contract: Contract::BuiltIn,
            },
        }
    }
}

impl Link {
    /// Reads the words after `link`, and returns those parts as well that this version does not know.
    fn read(words: &str) -> Option<(Self, Vec<String>)> {
        let (delay, rest) = words.split_once(EACH_WAY)?;
        let mut link = Self {
            delay: humantime::parse_duration(delay).ok()?,
            ..Self::default()
        };
        let (whose, rest) = Whose::ALL
            .into_iter()
            .find_map(|whose| Some((whose, rest.strip_prefix(whose.words())?)))?;
        link.whose = whose;
        let mut others = Vec::new();
        for part in rest.split(", ").filter(|part| !part.is_empty()) {
            let jitter = part.strip_prefix(JITTER);
            if let Some(Ok(jitter)) = jitter.map(humantime::parse_duration) {
                link.jitter = jitter;
            } else if part == MORE_THAN_DELAY {
                link.does_more = true;
            } else {
                others.push(part.to_owned());
            }
        }
        Some((link, others))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target.as_ref().map(ToString::to_string);
        let proxy = self.proxy.as_ref().map(|words| format!("{PROXY}{words}"));
        let link = self.link.as_ref().map(ToString::to_string);
        let parts = target.into_iter().chain(proxy).chain(link);
        let parts: Vec<String> = parts.chain(self.others.iter().cloned()).collect();
        if parts.is_empty() {
            return formatter.write_str(LOOPBACK);
        }
        formatter.write_str(&parts.join(", "))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{TARGET}{}", self.host)?;
        match self.contract {
            Contract::BuiltIn => Ok(()),
            Contract::OfItsOwn { changes_texts } => {
                let changes = if changes_texts { CHANGES_TEXTS } else { "" };
                write!(formatter, " ({CONTRACT_OF_ITS_OWN}{changes})")
            }
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let delay = humantime::format_duration(self.delay);
        write!(formatter, "{LINK}{delay}{EACH_WAY}{}", self.whose.words())?;
        if !self.jitter.is_zero() {
            let jitter = humantime::format_duration(self.jitter);
            write!(formatter, ", {JITTER}{jitter}")?;
        }
        if self.does_more {
            write!(formatter, ", {MORE_THAN_DELAY}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
