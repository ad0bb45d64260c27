//! The address as a QR code, for phones: in a terminal and on the projector.

use qrcode::{Color, QrCode, render::unicode::Dense1x2};

/// White around a code, in modules: readers need four (ISO/IEC 18004).
const QUIET: usize = 4;

/// The code in half blocks. Most terminals are light on dark, so the light
/// modules are the ones that are drawn.
pub(crate) fn blocks(text: &str) -> String {
    let Ok(code) = QrCode::new(text) else {
        return String::new();
    };
    code.render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build()
}

/// The code as a picture: black on white in every colour scheme.
pub(crate) fn svg(text: &str) -> String {
    let Ok(code) = QrCode::new(text) else {
        return String::new();
    };
    let width = code.width();
    let side = width + 2 * QUIET;
    let mut path = String::new();
    for (index, color) in code.into_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (index % width + QUIET, index / width + QUIET);
            path.extend(["M", &x.to_string(), " ", &y.to_string(), "h1v1h-1z"]);
        }
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>"##
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_fits() {
        let address = "http://192.168.100.100:65535";
        assert!(blocks(address).lines().count() > 10);
        let svg = svg(address);
        assert!(svg.starts_with("<svg") && svg.matches("h1v1h-1z").count() > 100);
    }
}
