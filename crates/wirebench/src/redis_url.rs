//! The URL of a Redis that somebody names: as it is used, with its password, and as it is shown and
//! kept, without.

use std::{env, fmt, fmt::Write};

use anyhow::bail;

/// The environment variable with the password of a Redis whose URL has none.
pub(crate) const PASSWORD: &str = "WIREBENCH_REDIS_PASSWORD";

const SCHEME: &str = "redis://";

/// The URL of a Redis.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RedisUrl {
    /// The URL without a password.
    shown: String,
    /// The URL as it was typed.
    typed: String,
}

/// A password, which is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

impl RedisUrl {
    /// Reads `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`.
    ///
    /// # Errors
    /// Fails if the text begins otherwise, or has more. Whether it names a Redis is seen when it is
    /// reached.
    pub(crate) fn read(text: &str) -> anyhow::Result<Self> {
        let shown = without_password(text);
        let rest = text.strip_prefix(SCHEME);
        if rest.is_none_or(|rest| rest.is_empty() || rest.contains(['?', '#', ' '])) {
            bail!("{shown}: a Redis is named by redis://HOST:PORT[/DB], without TLS and options");
        }
        Ok(Self {
            shown,
            typed: text.to_owned(),
        })
    }

    /// Returns the URL without a password.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Returns the URL with its password, or with that of the environment if it has none.
    pub(crate) fn whole(&self) -> String {
        self.with(env::var(PASSWORD).ok().as_deref())
    }

    /// Returns the URL with its password, or with this one if it has none.
    fn with(&self, password: Option<&str>) -> String {
        let Some(password) = password.filter(|password| !password.is_empty()) else {
            return self.typed.clone();
        };
        if self.typed != self.shown {
            return self.typed.clone();
        }
        let rest = self.shown.strip_prefix(SCHEME).unwrap_or_default();
        let (user, host) = rest.rsplit_once('@').unwrap_or(("", rest));
        format!("{SCHEME}{user}:{}@{host}", escaped(password))
    }
}

impl Password {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the password for whoever has to be given it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password")
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RedisUrl({})", self.shown)
    }
}

/// Returns a text in which a URL may stand, without its password. A password that is not escaped as
/// it should be goes as well.
pub(crate) fn without_password(text: &str) -> String {
    let parts = text.split_once("://").and_then(|(scheme, rest)| {
        let (user, host) = rest.rsplit_once('@')?;
        Some((scheme, user.split(':').next().unwrap_or_default(), host))
    });
    match parts {
        None => text.to_owned(),
        Some((scheme, "", host)) => format!("{scheme}://{host}"),
        Some((scheme, name, host)) => format!("{scheme}://{name}@{host}"),
    }
}

/// Escapes a password for a URL (RFC 3986, section 2.1).
fn escaped(password: &str) -> String {
    let mut text = String::new();
    for byte in password.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        for (typed, shown) in [
            ("redis://h", "redis://h"),
            ("redis://h:1/2", "redis://h:1/2"),
            ("redis://:secret@h:1", "redis://h:1"),
            ("redis://ann:secret@h:1/2", "redis://ann@h:1/2"),
            ("redis://ann:sec:ret@h", "redis://ann@h"),
            // Not escaped: no Redis is found by it, and it is not shown either.
            ("redis://:sec/r@et@h:1", "redis://h:1"),
            ("--redis=redis://:secret@h", "--redis=redis://h"),
            ("swarm.clients=5", "swarm.clients=5"),
        ] {
            assert_eq!(without_password(typed), shown);
            if let Ok(url) = RedisUrl::read(typed) {
                assert_eq!(url.shown(), shown);
                assert_eq!(url.with(None), typed);
                assert!(!format!("{url:?}").contains("secret"));
            }
        }
        assert!(!format!("{:?}", Password::new("secret")).contains("secret"));
    }

    #[test]
    fn a_password_of_the_environment_is_for_a_url_without_one() {
        let with = |url: &str| RedisUrl::read(url).unwrap().with(Some("a/b@c:d"));
        assert_eq!(with("redis://h:1/2"), "redis://:a%2Fb%40c%3Ad@h:1/2");
        assert_eq!(with("redis://ann@h"), "redis://ann:a%2Fb%40c%3Ad@h");
        assert_eq!(with("redis://:own@h"), "redis://:own@h");
        assert_eq!(
            RedisUrl::read("redis://h").unwrap().with(Some("")),
            "redis://h"
        );
    }

    #[test]
    fn what_is_no_url_of_a_redis_is_refused_without_its_password() {
        for wrong in [
            "rediss://:secret@h",
            "http://:secret@h",
            "redis://",
            "h:6379",
            "redis://:secret@h?protocol=resp3",
        ] {
            let said = RedisUrl::read(wrong).unwrap_err().to_string();
            assert!(said.contains("redis://HOST:PORT"), "{said}");
            assert!(!said.contains("secret"), "{said}");
        }
    }
}
