//! Targets of requests: paths and queries.

/// Returns the path of a target, without the query; an absolute form loses its scheme and host.
pub(crate) fn path(target: &str) -> &str {
    let path = target.split(['?', '#']).next().unwrap_or(target);
    match path.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => path,
    }
}

/// Returns the value of a query's key.
pub(crate) fn value<'a>(target: &'a str, key: &str) -> Option<&'a str> {
    let (_, query) = target.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|pair| pair.0 == key).map(|pair| pair.1)
}

/// Returns whether this is the address of an Engine.IO server: what every client of Socket.IO asks
/// for (`EIO` is the version of the protocol).
pub(crate) fn is_engine_io(target: &str) -> bool {
    value(target, "EIO").is_some_and(|version| version.parse::<u8>().is_ok())
        && value(target, "transport").is_some()
}

/// Returns the session and the way of an address of SockJS: `/PREFIX/SERVER/SESSION/WAY`, where the
/// server is three digits that the client draws.
pub(crate) fn sockjs(target: &str) -> Option<(&str, &str)> {
    const WAYS: [&str; 8] = [
        "websocket",
        "xhr",
        "xhr_send",
        "xhr_streaming",
        "eventsource",
        "htmlfile",
        "jsonp",
        "jsonp_send",
    ];
    let path = path(target);
    let (session, way) = path.rsplit_once('/')?;
    let mut parts = session.rsplit('/');
    let (id, server) = (parts.next()?, parts.next()?);
    let is_server = server.len() == 3 && server.bytes().all(|byte| byte.is_ascii_digit());
    (WAYS.contains(&way) && is_server && id.len() >= 4).then_some((session, way))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_libraries_are_told_from_others() {
        assert!(is_engine_io("/socket.io/?EIO=4&transport=polling&t=x"));
        assert!(!is_engine_io("/socket.io/socket.io.js"));
        assert!(!is_engine_io("/x?EIO=old&transport=polling"));
        assert_eq!(
            sockjs("/echo/123/abcdefgh/xhr?t=1"),
            Some(("/echo/123/abcdefgh", "xhr"))
        );
        assert_eq!(sockjs("/api/v4/websocket"), None);
        assert_eq!(sockjs("/rooms/12/abcdefgh/xhr"), None);
    }
}
