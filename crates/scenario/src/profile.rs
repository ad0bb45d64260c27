//! Header profiles: message heads as someone captured or published them, kept as
//! data. A file holds whole heads as text, so that its bytes can be counted
//! against what was published, and a person can paste what a browser shows.

use std::{fs, path::Path};

use serde::Deserialize;

use super::{error::Problem, expected::suggestion, shipped};

/// The heads of one kind of client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderProfile {
    /// A reading request: both polls and the NDJSON stream.
    #[serde(default)]
    pub fetch: Head,
    /// A draft said by a request of its own. Left out: as `fetch`.
    pub say: Option<Head>,
    /// A stream read by `EventSource`. Left out: as `fetch`.
    pub eventsource: Option<Head>,
    /// A WebSocket's opening request. Left out: as `fetch`.
    pub websocket: Option<Head>,
    /// A response that was published with the request. No run sends it.
    pub response: Option<Head>,
}

/// The head of one message: its first line, if it is there, and its header lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Head {
    /// Request or status line; empty where only header lines were given.
    pub first: String,
    /// Name and value of each header line, in order.
    pub lines: Vec<(String, String)>,
}

impl Head {
    /// Returns the value of a header, by its name in lower case.
    pub(super) fn line(&self, name: &str) -> Option<&str> {
        let line = self
            .lines
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        line.map(|(_, value)| value.as_str())
    }
}

impl TryFrom<String> for Head {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut head = Self::default();
        for (index, line) in text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .enumerate()
        {
            let is_first = line.starts_with("HTTP/") || line.contains(" HTTP/");
            if index == 0 && is_first {
                line.clone_into(&mut head.first);
            } else {
                head.lines.push(split(line)?);
            }
        }
        Ok(head)
    }
}

/// Splits `Name: value` in two (RFC 9110, sections 5.1 and 5.5).
pub(super) fn split(line: &str) -> Result<(String, String), String> {
    let (name, value) = line
        .split_once(':')
        .ok_or_else(|| format!("{line:?} has no colon; write it as \"Name: value\""))?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(format!(
            "{name:?} is no header name; write the line as \"Name: value\""
        ));
    }
    let value = value.trim();
    if value
        .bytes()
        .any(|byte| byte != b'\t' && !(b' '..=b'~').contains(&byte))
    {
        return Err(format!(
            "the value of {name} is not printable ASCII; leave such bytes out"
        ));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Finds a profile by name, or by a path relative to the scenario's folder.
pub(super) fn find(profile: &str, folder: &Path) -> Result<HeaderProfile, Problem> {
    let problem =
        |problem: String, remedy: String| Problem::new("headers.profile", problem, remedy);
    let is_path = profile.contains(['/', '\\']) || Path::new(profile).extension().is_some();
    let text = if is_path {
        let path = folder.join(profile);
        fs::read_to_string(&path).map_err(|error| {
            problem(
                format!("cannot read {}: {error}", path.display()),
                "a path is taken from the scenario's own folder".to_owned(),
            )
        })?
    } else {
        let built_in = shipped::profiles().find(|(name, _)| *name == profile);
        let (_, text) = built_in.ok_or_else(|| {
            let names: Vec<&str> = shipped::profiles().map(|(name, _)| name).collect();
            problem(
                format!("no header profile is called \"{profile}\""),
                format!(
                    "{}; or a path such as \"./mine.toml\"",
                    suggestion(profile, &names, "Profiles")
                ),
            )
        })?;
        text.to_owned()
    };
    toml::from_str(&text).map_err(|error| {
        problem(
            format!("the profile {profile} cannot be read: {}", error.message()),
            "it holds the texts fetch, say, eventsource, websocket and response".to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the number of characters without line ends, which is how some publications counted.
    fn characters(head: &Head) -> usize {
        let lines = head
            .lines
            .iter()
            .map(|(name, value)| name.len() + 2 + value.len());
        head.first.len() + lines.sum::<usize>()
    }

    /// Returns the size on the wire: with a line end each, and the empty line (RFC 9112, section 2.1).
    fn wire_bytes(head: &Head) -> usize {
        characters(head) + 2 * (usize::from(!head.first.is_empty()) + head.lines.len()) + 2
    }

    fn built_in(name: &str) -> HeaderProfile {
        find(name, Path::new("")).expect("a built-in profile")
    }

    #[test]
    fn every_built_in_profile_is_read() {
        for (name, _) in shipped::profiles() {
            built_in(name);
        }
    }

    #[test]
    fn kaazing_comes_to_the_published_figures() {
        let profile = built_in("kaazing-2009");
        let response = profile.response.expect("published with the request");
        assert_eq!(
            (characters(&profile.fetch), wire_bytes(&profile.fetch)),
            (692, 716)
        );
        assert_eq!((characters(&response), wire_bytes(&response)), (179, 193));
        assert_eq!(characters(&profile.fetch) + characters(&response), 871);
        assert_eq!(wire_bytes(&profile.fetch) + wire_bytes(&response), 909);
    }

    #[test]
    fn firefox_lean_comes_to_the_published_figures() {
        let profile = built_in("firefox-lean");
        let response = profile.response.expect("published with the request");
        assert_eq!(
            (wire_bytes(&profile.fetch), wire_bytes(&response)),
            (273, 191)
        );
    }
}
