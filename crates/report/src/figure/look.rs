//! The looks and names of the layers and purposes of bytes, which are the same in every figure.

use chart::{look::Look, pattern::Pattern};
use palette::Colour;

const fn look(
    key: &'static str,
    [name, short]: [&'static str; 2],
    colour: Colour,
    pattern: Pattern,
) -> Look {
    Look {
        key,
        name,
        short,
        colour,
        pattern,
    }
}

/// The layers, from the inside out.
pub(super) const LAYERS: [Look; 13] = [
    look(
        "payload",
        ["payload", "payload"],
        Colour(0x1B, 0x2E, 0x4F),
        Pattern::Plain,
    ),
    look(
        "envelope",
        ["library's envelope", "envelope"],
        Colour(0xB5, 0x4A, 0x3A),
        Pattern::Rising,
    ),
    look(
        "batch",
        ["batch JSON", "batch"],
        Colour(0x6C, 0x9F, 0xCE),
        Pattern::Rising,
    ),
    look(
        "text_frame",
        ["line end, SSE fields", "text frame"],
        Colour(0xA9, 0xCB, 0xE6),
        Pattern::Dots,
    ),
    look(
        "chunk",
        ["chunk", "chunk"],
        Colour(0x1F, 0x83, 0x76),
        Pattern::Upright,
    ),
    look(
        "http_head",
        ["HTTP head", "HTTP head"],
        Colour(0xE9, 0xA2, 0x3B),
        Pattern::Plain,
    ),
    look(
        "ws_head",
        ["frame head", "frame head"],
        Colour(0x8A, 0x3F, 0x75),
        Pattern::Level,
    ),
    look(
        "ws_mask",
        ["frame mask", "mask"],
        Colour(0xD3, 0x93, 0xBF),
        Pattern::Falling,
    ),
    look(
        "h2_frame",
        ["HTTP/2 frame head", "HTTP/2 frame"],
        Colour(0x4B, 0x6B, 0x2F),
        Pattern::Dots,
    ),
    look(
        "h2_control",
        ["HTTP/2 control", "HTTP/2 control"],
        Colour(0xA7, 0xC0, 0x6B),
        Pattern::Level,
    ),
    look(
        "tls",
        ["TLS", "TLS"],
        Colour(0x7D, 0x84, 0x8C),
        Pattern::Plain,
    ),
    look(
        "unparsed",
        ["not understood", "not understood"],
        Colour(0xC8, 0x1D, 0x25),
        Pattern::Falling,
    ),
    look(
        "tcp_ip",
        ["TCP/IP (estimate)", "TCP/IP"],
        Colour(0x6A, 0x70, 0x78),
        Pattern::Estimate,
    ),
];

/// The purposes, the wanted ones first.
pub(super) const PURPOSES: [Look; 8] = [
    look(
        "deliver",
        ["deliver", "deliver"],
        Colour(0x1B, 0x2E, 0x4F),
        Pattern::Plain,
    ),
    look(
        "say",
        ["say", "say"],
        Colour(0x1F, 0x83, 0x76),
        Pattern::Upright,
    ),
    look(
        "ack",
        ["acknowledge", "ack"],
        Colour(0x9C, 0xD3, 0xC8),
        Pattern::Dots,
    ),
    look(
        "empty",
        ["asked in vain", "in vain"],
        Colour(0xE9, 0xA2, 0x3B),
        Pattern::Plain,
    ),
    look(
        "heartbeat",
        ["heartbeat", "heartbeat"],
        Colour(0xB5, 0x4A, 0x3A),
        Pattern::Rising,
    ),
    look(
        "presence",
        ["presence", "presence"],
        Colour(0x8A, 0x3F, 0x75),
        Pattern::Level,
    ),
    look(
        "setup",
        ["set up", "set up"],
        Colour(0x8F, 0x96, 0x9E),
        Pattern::Falling,
    ),
    look(
        "close",
        ["close", "close"],
        Colour(0xC4, 0xC9, 0xCE),
        Pattern::Rising,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Neighbours in a stack differ in lightness or in pattern.
    #[test]
    fn grey_print_tells_the_looks_apart() {
        let grey = |Colour(red, green, blue): Colour| {
            0.30 * f64::from(red) + 0.59 * f64::from(green) + 0.11 * f64::from(blue)
        };
        for looks in [&LAYERS[..], &PURPOSES[..]] {
            for (at, one) in looks.iter().enumerate() {
                for other in &looks[at + 1..] {
                    let apart = (grey(one.colour) - grey(other.colour)).abs() > 30.0;
                    assert!(
                        apart || one.pattern != other.pattern,
                        "{} and {}",
                        one.key,
                        other.key
                    );
                }
            }
        }
    }
}
