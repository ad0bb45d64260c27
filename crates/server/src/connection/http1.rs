//! hyper's reader of HTTP/1.1, within the limits of the server.

use hyper::server::conn::http1::Builder;

use crate::{http::refusal::LONG_HEAD, settings::Settings};

/// The number of bytes that hyper reads before it waits, and writes, at most; more if a head may be
/// longer.
const BUFFER: usize = 64 * 1024;
/// The number of header lines for which hyper has room without memory of its own.
const USUAL_LINES: usize = 100;

/// Returns the builder of a connection.
pub(super) fn builder(settings: &Settings) -> Builder {
    let mut http = Builder::new();
    // Where it is told a number, hyper prepares as many lines for each head, even the usual ones.
    if settings.head_lines != USUAL_LINES {
        http.max_headers(settings.head_lines);
    }
    http.auto_date_header(settings.date_header)
        .max_buf_size(BUFFER.max(settings.head_bytes))
        .max_header_size(settings.head_bytes)
        // This time-out would also cut a keep-alive connection that is idle
        // between two polls, and a benchmark of polling would silently become
        // one of connecting. An idle connection costs a descriptor and little
        // more.
        .header_read_timeout(None)
        // A client that closes its side has left: streams end at once. Whatever else
        // was asked is answered first, see `Exchange`.
        .half_close(false);
    http
}

/// Counts a head that hyper has refused because it, or the address in it, was too long or it had too
/// many lines.
pub(super) fn count_long_head(why: &hyper::Error, settings: &Settings) {
    if let Some(counters) = &settings.counters
        && why.is_parse_too_large()
    {
        counters.refuse(LONG_HEAD);
    }
}
