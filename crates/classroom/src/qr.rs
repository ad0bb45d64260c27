//! The address as a QR code, for phones: in a terminal and on the projector.

use qrcode::{Color, QrCode, render::unicode::Dense1x2};

/// The white margin around a code, in modules: readers need four (ISO/IEC 18004).
const QUIET: usize = 4;

/// Draws the code in half blocks. Most terminals are light on dark, so the light modules are the
/// ones that are drawn.
pub(crate) fn blocks(text: &str) -> String {
    let Ok(code) = QrCode::new(text) else {
        return String::new();
    };
    code.render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build()
}

/// Draws the code as a picture: black on white in every colour scheme.
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
    use std::collections::HashSet;

    use super::*;

    const ADDRESS: &str = "http://192.168.100.100:65535";

    /// Returns what a reader, which is an independent implementation, decodes from a picture of
    /// these modules, margin and all.
    fn read((width, height): (usize, usize), is_dark: impl Fn(usize, usize) -> bool) -> String {
        const SCALE: usize = 4;
        let mut picture =
            rqrr::PreparedImage::prepare_from_bitmap(width * SCALE, height * SCALE, |x, y| {
                is_dark(x / SCALE, y / SCALE)
            });
        let found = picture.detect_grids();
        assert_eq!(found.len(), 1);
        found[0].decode().unwrap().1
    }

    #[test]
    fn a_terminal_shows_the_address() {
        let text = blocks(ADDRESS);
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let is_dark = |x: usize, y: usize| match lines[y / 2][x] {
            '█' => false,
            '▀' => !y.is_multiple_of(2),
            '▄' => y.is_multiple_of(2),
            _ => true,
        };
        // The ground of the last line's lower half is the terminal's own.
        let height = lines.len() * 2 - 1;
        assert_eq!(read((lines[0].len(), height), is_dark), ADDRESS);
    }

    #[test]
    fn the_picture_shows_the_address() {
        let svg = svg(ADDRESS);
        let number = |text: &str| text.parse::<usize>().unwrap();
        let (_, side) = svg.split_once("viewBox=\"0 0 ").unwrap();
        let side = number(side.split(' ').next().unwrap());
        let dark: HashSet<_> = svg
            .split("h1v1h-1z")
            .filter_map(|piece| piece.rsplit_once('M')?.1.split_once(' '))
            .map(|(x, y)| (number(x), number(y)))
            .collect();
        assert_eq!(read((side, side), |x, y| dark.contains(&(x, y))), ADDRESS);
    }
}
