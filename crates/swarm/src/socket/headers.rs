//! The header lines of requests, as the plan's profile has them.

use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue};

use crate::{
    plan::{self, Plan},
    target::Target,
};

/// The headers of requests that read and of requests that speak.
#[derive(Debug, Clone)]
pub(crate) struct Headers {
    /// The headers of polls, streams and handshakes.
    pub(crate) read: HeaderMap,
    /// The headers of drafts over HTTP.
    pub(crate) say: HeaderMap,
}

impl Headers {
    /// Creates the headers of `plan`.
    ///
    /// # Errors
    /// Fails with the first line of the profile that is no HTTP header.
    pub(crate) fn new(plan: &Plan, target: &Target) -> Result<Self, String> {
        Ok(Self {
            read: header_map(&plan.read_headers, target)?,
            say: header_map(&plan.say_headers, target)?,
        })
    }
}

/// Returns `Host`, then the profile's lines; a captured profile may bring its own `Host`, which
/// then counts.
fn header_map(lines: &[(String, String)], target: &Target) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let host = HeaderValue::from_str(&target.host).map_err(|_| format!("Host: {}", target.host))?;
    headers.insert(HOST, host);
    for (name, value) in lines {
        let line = || format!("{name}: {value}");
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| line())?;
        let value = plan::value_for(value, &target.host, target.tls.is_some());
        let value = HeaderValue::from_str(&value).map_err(|_| line())?;
        if key == HOST {
            headers.insert(key, value);
        } else {
            headers.append(key, value);
        }
    }
    Ok(headers)
}
