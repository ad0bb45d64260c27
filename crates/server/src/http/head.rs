//! The rules for a head of HTTP/1.1 that hold for every request (RFC 9112).

use hyper::{
    HeaderMap, Request, Version,
    header::{self, HeaderValue},
    http::uri::Authority,
};

use crate::{http::refusal::Refusal, settings::Settings};

/// Replaces the `Host` of a request by the host of a target in absolute form, which counts instead
/// (RFC 9112, section 3.2.2). A request of HTTP/1.1 whose `Host` is missing, double or invalid
/// stays as it is, so that it is refused all the same (section 3.2).
pub(crate) fn settle_host<B>(request: &mut Request<B>) {
    let Some(authority) = request.uri().authority() else {
        return;
    };
    let Ok(target) = HeaderValue::from_str(authority.as_str()) else {
        return;
    };
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let settles = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host_is_valid(host.as_bytes()),
        (None, _) => request.version() < Version::HTTP_11,
        _ => false,
    };
    // Over HTTP/2 the two must be the same (RFC 9113, section 8.3.1).
    if settles && request.version() < Version::HTTP_2 {
        request.headers_mut().insert(header::HOST, target);
    }
}

/// Refuses a request that has too many header lines over HTTP/2, whose host or framing is ambiguous,
/// or whose host is none of this server's names: RFC 9112, section 3.2 (exactly one valid `Host`; HTTP/1.0 may
/// have none) and section 6.1 (`chunked` is applied once, and no other transfer coding is known here).
pub(crate) fn check(request: &Request<impl Sized>, settings: &Settings) -> Result<(), Refusal> {
    let headers = request.headers();
    // Those of HTTP/1.1 were counted when they were read, and a host that stood in the target of a
    // request of HTTP/1.0 is one more since.
    if request.version() == Version::HTTP_2 && headers.len() > settings.head_lines {
        return Err(Refusal::ManyLines(settings.head_lines));
    }
    // User information in an address serves to deceive (RFC 9110, section 4.2.4).
    let authority = request.uri().authority().map(Authority::as_str);
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err(Refusal::Host);
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if host_is_valid(host.as_bytes()) => {
            if !host_is_known(host.as_bytes(), settings) {
                let host = String::from_utf8_lossy(host.as_bytes()).into_owned();
                return Err(Refusal::UnknownHost(host));
            }
        }
        (None, _) if request.version() < Version::HTTP_11 => {}
        _ => return Err(Refusal::Host),
    }
    check_codings(headers)
}

fn check_codings(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut chunked = 0;
    for value in headers.get_all(header::TRANSFER_ENCODING) {
        for coding in value.as_bytes().split(|&byte| byte == b',') {
            if !coding.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Err(Refusal::Coding);
            }
            chunked += 1;
        }
    }
    if chunked > 1 {
        return Err(Refusal::ChunkedTwice);
    }
    Ok(())
}

/// Returns whether a value of `Host` is `uri-host [":" port]` (RFC 3986, sections
/// 3.2.2 and 3.2.3). An empty one is valid: it is what a target without an
/// authority has.
pub(crate) fn host_is_valid(host: &[u8]) -> bool {
    let (name_is_valid, rest) = if let Some(literal) = host.strip_prefix(b"[") {
        let Some(end) = literal.iter().position(|&byte| byte == b']') else {
            return false;
        };
        let is_fine = |byte: &u8| is_name_byte(*byte) || *byte == b':';
        let address = &literal[..end];
        (
            !address.is_empty() && address.iter().all(is_fine),
            &literal[end + 1..],
        )
    } else {
        let end = host.iter().position(|&byte| byte == b':');
        let (name, rest) = host.split_at(end.unwrap_or(host.len()));
        (name_is_registered(name), rest)
    };
    let port = rest.strip_prefix(b":").unwrap_or(rest);
    let has_colon = rest.is_empty() || rest[0] == b':';
    name_is_valid && has_colon && port.iter().all(u8::is_ascii_digit)
}

/// Returns whether a valid `Host` is an IPv4 address, with or without a port. This is the common
/// case, and it is decided with one look at each byte.
fn host_is_address(host: &[u8]) -> bool {
    let mut colons = 0;
    for &byte in host {
        match byte {
            b'0'..=b'9' | b'.' => {}
            b':' => colons += 1,
            _ => return false,
        }
    }
    colons <= 1
}

/// Returns whether a valid `Host` can be this server's. A page of another site whose name was made
/// to lead here (DNS rebinding) sends that name. So a `Host` is only right if no page of the
/// internet can have it, or if it is among [`Settings::hosts`]. No such page can have a `Host` that
/// is an address, has no dot, or ends in `.localhost` (RFC 6761, section 6.3); names that end in a
/// number are addresses (URL standard).
pub(crate) fn host_is_known(host: &[u8], settings: &Settings) -> bool {
    if host_is_address(host) || host.starts_with(b"[") {
        return true;
    }
    let end = host.iter().position(|&byte| byte == b':');
    let name = &host[..end.unwrap_or(host.len())];
    let name = name.strip_suffix(b".").unwrap_or(name);
    let Some(dot) = name.iter().rposition(|&byte| byte == b'.') else {
        return true;
    };
    let is = |known: &String| known == "*" || name.eq_ignore_ascii_case(known.as_bytes());
    name[dot..].eq_ignore_ascii_case(b".localhost") || settings.hosts.iter().any(is)
}

/// Returns whether `name` is a `reg-name`: each `%` begins two hexadecimal digits.
fn name_is_registered(name: &[u8]) -> bool {
    let mut bytes = name.iter();
    while let Some(&byte) = bytes.next() {
        let escaped = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
        let is_fine = match byte {
            b'%' => escaped(bytes.next()) && escaped(bytes.next()),
            _ => is_name_byte(byte),
        };
        if !is_fine {
            return false;
        }
    }
    true
}

/// Returns whether a byte is unreserved or a sub-delimiter (RFC 3986, section 2).
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_server_and_of_others() {
        let settings = Settings {
            hosts: vec!["class.example".into()],
            ..Settings::default()
        };
        for known in [
            "",
            "x",
            "localhost:80",
            "localhost.",
            "a.localhost",
            "127.0.0.1:8080",
            "10.0.0.7",
            "[::1]:80",
            "Class.Example",
            "class.example:80",
            "class.example.",
        ] {
            assert!(host_is_known(known.as_bytes(), &settings), "{known}");
        }
        for other in [
            "evil.test",
            "127.0.0.1.evil.test",
            "evil.test:80",
            "evil.test.",
            "localhost.evil.test",
            "xlocalhost.com",
            "class.example.evil",
            "sub.class.example",
        ] {
            assert!(!host_is_known(other.as_bytes(), &settings), "{other}");
        }
        let any = Settings {
            hosts: vec!["*".into()],
            ..Settings::default()
        };
        assert!(host_is_known(b"evil.test", &any));
        assert!(!host_is_address(b"1:2:3") && !host_is_address(b"1.evil"));
    }

    #[test]
    fn lines_are_counted_as_they_came() {
        let settings = Settings {
            head_lines: 8,
            ..Settings::default()
        };
        let checked = |version: Version, lines: &[(&str, &str)]| {
            let mut request = Request::get("http://127.0.0.1/").version(version);
            for (name, value) in lines {
                request = request.header(*name, *value);
            }
            let mut request = request.body(()).unwrap();
            settle_host(&mut request);
            check(&request, &settings)
        };
        let mut lines = vec![("x-more", "1"); 8];
        // The host comes out of the target.
        assert!(checked(Version::HTTP_10, &lines).is_ok());
        lines[0] = ("host", "127.0.0.1");
        assert!(checked(Version::HTTP_2, &lines).is_ok());
        lines.push(("x-more", "1"));
        let refused = checked(Version::HTTP_2, &lines);
        assert!(matches!(refused, Err(Refusal::ManyLines(8))));
    }

    #[test]
    fn hosts() {
        for valid in [
            "",
            "x",
            "x:80",
            "x:",
            "127.0.0.1:8080",
            "[::1]",
            "[::1]:80",
            "a-b.c_d",
            "%41",
            "[v1.x:y]",
        ] {
            assert!(host_is_valid(valid.as_bytes()), "{valid}");
        }
        for invalid in [
            "a b", "a/b", "x:80:80", "x:y", "[::1", "[]", "[::1]80", "::1", "%4", "%zz", "a@b",
            "x,y", "x?", "x#", "\u{e4}",
        ] {
            let is_valid = host_is_valid(invalid.as_bytes());
            // A comma is a sub-delimiter, and so belongs to a registered name.
            assert_eq!(is_valid, invalid == "x,y", "{invalid}");
        }
    }
}
