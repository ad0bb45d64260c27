//! The content coding that a request asks for (RFC 9110, section 12.5.3).

use hyper::{
    HeaderMap,
    header::{self, HeaderValue},
};
use wire::Coding;

use crate::settings::{Compress, Settings};

/// Returns the coding of the answer to a request with these headers; `None` where it goes as it is.
pub(crate) fn asked(headers: &HeaderMap, settings: &Settings) -> Option<Coding> {
    if settings.compress == Compress::Off {
        return None;
    }
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
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
fn chosen(accepted: &[u8]) -> Option<Coding> {
    let accepted = str::from_utf8(accepted).ok()?;
    let weigh = |coding: Coding| {
        let weight_of = |wanted: &str| {
            let mut items = accepted.split(',');
            items.find_map(|item| weight(item, wanted))
        };
        weight_of(coding.name()).or_else(|| weight_of("*"))
    };
    let (gzip, br) = (weigh(Coding::Gzip), weigh(Coding::Br));
    let (best, coding) = if br > gzip {
        (br, Coding::Br)
    } else {
        (gzip, Coding::Gzip)
    };
    best.filter(|weight| *weight > 0).map(|_| coding)
}

/// Returns the weight of an item in thousandths if it names `wanted`; one that is no weight is 0.
fn weight(item: &str, wanted: &str) -> Option<u16> {
    let mut parts = item.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(wanted) {
        return None;
    }
    let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let Some(quality) = quality else {
        return Some(1000);
    };
    let value: f32 = quality.parse().unwrap_or(0.0);
    Some((value.clamp(0.0, 1.0) * 1000.0) as u16)
}

/// Adds what an answer says of its coding. Where answers differ by coding, caches are told.
pub(crate) fn describe(headers: &mut HeaderMap, coding: Option<Coding>, settings: &Settings) {
    if let Some(coding) = coding {
        let name = HeaderValue::from_static(coding.name());
        headers.insert(header::CONTENT_ENCODING, name);
    }
    if settings.compress != Compress::Off {
        let vary = HeaderValue::from_static("accept-encoding");
        headers.append(header::VARY, vary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("gzip;q=NaN", None),
            ("identity", None),
            ("x-gzip", None),
            ("", None),
            ("*;q=0", None),
        ] {
            assert_eq!(chosen(accepted.as_bytes()), coding, "{accepted}");
        }
    }

    #[test]
    fn a_server_that_does_not_compress_hears_of_no_coding() {
        let mut headers = HeaderMap::new();
        for line in ["br", "gzip"] {
            headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(line));
        }
        let mut settings = Settings::default();
        assert_eq!(asked(&headers, &settings), None);
        settings.compress = Compress::Shared;
        assert_eq!(asked(&headers, &settings), Some(Coding::Gzip));
        assert_eq!(asked(&HeaderMap::new(), &settings), None);
    }
}
