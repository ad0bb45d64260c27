//! The content coding that a request asks for (RFC 9110, section 12.5.3).

use hyper::{
    HeaderMap, Request,
    header::{self, HeaderValue},
};
use wire::Coding;

use crate::settings::Settings;

/// Returns the coding of the answer to a request; `None` where it goes as it is.
pub(crate) fn asked(request: &Request<impl Sized>, settings: &Settings) -> Option<Coding> {
    if !settings.compress.may(request.uri().query()) {
        return None;
    }
    let lines = request.headers().get_all(header::ACCEPT_ENCODING).iter();
    of_lines(lines.map(HeaderValue::as_bytes))
}

/// Returns the coding that a request with these values of `Accept-Encoding` asks for. Several lines
/// are one list (RFC 9110, section 5.3).
pub(crate) fn of_lines<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Option<Coding> {
    let first = lines.next()?;
    let Some(second) = lines.next() else {
        return chosen(first);
    };
    let mut all = [first, second].join(&b',');
    for line in lines {
        all.push(b',');
        all.extend_from_slice(line);
    }
    chosen(&all)
}

/// Returns the coding that has the largest weight; gzip, which costs less, where both have the same.
/// Returns `None`, and the answer goes as it is, where no coding has a weight above 0 or `identity`
/// has a larger one. Where `identity` is not named, it counts less than any coding that may be
/// sent.
fn chosen(accepted: &[u8]) -> Option<Coding> {
    let accepted = str::from_utf8(accepted).ok()?;
    let weight_of = |wanted: &[&str]| {
        let mut items = accepted.split(',');
        items.find_map(|item| weight(item, wanted))
    };
    let any = weight_of(&["*"]);
    let gzip = weight_of(&["gzip", "x-gzip"]).or(any);
    let br = weight_of(&[Coding::Br.name()]).or(any);
    let identity = weight_of(&["identity"]);
    let (best, coding) = if br > gzip {
        (br, Coding::Br)
    } else {
        (gzip, Coding::Gzip)
    };
    (best > Some(0) && best >= identity).then_some(coding)
}

/// Returns the weight of an item in thousandths if the item names one of `wanted`. A weight that
/// cannot be read counts as 0.
fn weight(item: &str, wanted: &[&str]) -> Option<u16> {
    let mut parts = item.split(';').map(str::trim);
    let named = parts.next()?;
    if !wanted.iter().any(|name| named.eq_ignore_ascii_case(name)) {
        return None;
    }
    let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    Some(quality.map_or(1000, |quality| thousandths(quality).unwrap_or(0)))
}

/// Reads a weight: a number from 0 to 1 with three digits behind the point at most (RFC 9110,
/// section 12.4.2).
fn thousandths(quality: &str) -> Option<u16> {
    let (whole, digits) = quality.split_once('.').unwrap_or((quality, ""));
    let is_right = matches!(whole, "0" | "1")
        && digits.len() <= 3
        && digits.bytes().all(|digit| digit.is_ascii_digit());
    let number: u16 = format!("{whole}{digits:0<3}").parse().ok()?;
    (is_right && number <= 1000).then_some(number)
}

/// Returns whether the content of a request has a coding (RFC 9110, section 8.4): anything in the list
/// but `identity`, which is none.
pub(crate) fn is_packed(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::CONTENT_ENCODING).iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .any(|name| !name.is_empty() && !name.eq_ignore_ascii_case(b"identity"))
}

/// Adds the header that names an answer's coding, if it has one, and `Vary` where answers differ by
/// what is asked for, so that caches keep them apart.
pub(crate) fn describe(headers: &mut HeaderMap, coding: Option<Coding>, settings: &Settings) {
    if let Some(coding) = coding {
        let name = HeaderValue::from_static(coding.name());
        headers.insert(header::CONTENT_ENCODING, name);
    }
    if settings.compress.varies(coding) {
        let vary = HeaderValue::from_static("accept-encoding");
        headers.append(header::VARY, vary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Compress;

    #[test]
    fn the_largest_weight_wins_and_gzip_costs_less() {
        for (accepted, coding) in [
            ("gzip", Some(Coding::Gzip)),
            ("br", Some(Coding::Br)),
            ("gzip, deflate, br, zstd", Some(Coding::Gzip)),
            ("gzip;q=0.5, BR", Some(Coding::Br)),
            ("gzip;q=0, br;q=0.001", Some(Coding::Br)),
            ("*", Some(Coding::Gzip)),
            ("gzip;q=0, *", Some(Coding::Br)),
            ("gzip; q=0", None),
            ("gzip;q=x", None),
            ("gzip;q=1.5", None),
            ("gzip;q=0.0001", None),
            ("gzip;q=0.000, *;q=0.5", Some(Coding::Br)),
            ("gzip;q=0", None),
            ("identity, gzip", Some(Coding::Gzip)),
            ("gzip, identity;q=0.5, *;q=0", Some(Coding::Gzip)),
            ("identity;q=1, gzip;q=0.5, br;q=0.9", None),
            ("identity;q=0, br", Some(Coding::Br)),
            ("identity;q=0", None),
            ("*;q=0.5, identity", None),
            (", ,gzip , ", Some(Coding::Gzip)),
            ("gzip;q=NaN", None),
            ("identity", None),
            ("x-gzip", Some(Coding::Gzip)),
            ("", None),
            ("*;q=0", None),
        ] {
            assert_eq!(chosen(accepted.as_bytes()), coding, "{accepted}");
        }
    }

    #[test]
    fn content_has_a_coding_unless_its_list_names_identity_alone() {
        for (lines, is) in [
            (&[][..], false),
            (&["identity"], false),
            (&["Identity, identity", ""], false),
            (&["gzip"], true),
            (&["identity, gzip"], true),
            (&["identity", "br"], true),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(line));
            }
            assert_eq!(is_packed(&headers), is, "{lines:?}");
        }
    }

    #[test]
    fn a_server_that_does_not_compress_hears_of_no_coding() {
        let request = asking("/rooms/a/poll");
        let mut settings = Settings::default();
        assert_eq!(asked(&request, &settings), None);
        settings.compress = Compress::Shared;
        assert_eq!(asked(&request, &settings), Some(Coding::Gzip));
        let silent = Request::builder().uri("/rooms/a/poll").body(()).unwrap();
        assert_eq!(asked(&silent, &settings), None);
    }

    #[test]
    fn an_address_declines_what_is_usual_and_names_what_is_not() {
        for (compress, query, coded) in [
            (Compress::Off, "compress=1", false),
            (Compress::Shared, "", true),
            (Compress::Shared, "after=0&compress=0", false),
            (Compress::Context, "compress=0&compress=1", true),
            (Compress::Named, "", false),
            (Compress::Named, "compress=0", false),
            (Compress::Named, "xcompress=1", false),
            (Compress::Named, "after=0&compress=1&person=p", true),
        ] {
            let settings = Settings {
                compress,
                ..Settings::default()
            };
            let request = asking(&format!("/rooms/a/poll?{query}"));
            let coding = asked(&request, &settings);
            assert_eq!(coding.is_some(), coded, "{compress:?} {query}");
            // Whoever names nothing is not told of codings by a server that waits to be asked.
            let mut headers = HeaderMap::new();
            describe(&mut headers, coding, &settings);
            let varies = headers.contains_key(header::VARY);
            let always = matches!(compress, Compress::Shared | Compress::Context);
            assert_eq!(varies, always || coded, "{compress:?} {query}");
        }
    }

    fn asking(target: &str) -> Request<()> {
        let request = Request::builder().uri(target);
        let request = request.header("accept-encoding", "br");
        let request = request.header("accept-encoding", "gzip");
        request.body(()).unwrap()
    }
}
