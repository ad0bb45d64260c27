//! The texts of a sheet as outlines, for the picture.
//!
//! A picture has no other use for a text than its shape. All texts of a sheet are of one plain form,
//! a line from left to right in a built-in face, which needs no shaping: so the renderer is built
//! without its text engine, which takes as long to compile as all the rest of it. The advance of a
//! letter is the one that plotters measures with.

use std::{fmt::Write, ops::Range};

use resvg::usvg::roxmltree::{Document, Node};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use crate::{FigureError, font};

/// The height of an `x` as a share of the type's size, as renderers take it where a face does not
/// tell (CSS Values 4, section 6.1.1).
const EX: f64 = 0.5;

/// Returns the SVG with an outline in the place of each text.
pub(crate) fn of_texts(svg: &str) -> Result<String, FigureError> {
    let document = Document::parse(svg).map_err(|error| unusual(&error.to_string()))?;
    let mut outlined = String::with_capacity(2 * svg.len());
    let mut done = 0;
    for node in document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
    {
        let Range { start, end } = node.range();
        outlined.push_str(&svg[done..start]);
        outlined.push_str(&outline(node)?);
        done = end;
    }
    outlined.push_str(&svg[done..]);
    Ok(outlined)
}

fn unusual(what: &str) -> FigureError {
    FigureError::Picture(what.to_owned())
}

/// Returns one path with all letters of a text.
fn outline(node: Node<'_, '_>) -> Result<String, FigureError> {
    let size = number(node, "font-size")?;
    let rise = match node.attribute("dy") {
        Some("0.5ex") => 0.5 * EX * size,
        other => return Err(unusual(&format!("a text with dy {other:?}"))),
    };
    // White space around a text and runs of it within are one blank (CSS Text 3, section 4.1.1).
    let words: Vec<&str> = node
        .text()
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    let is_bold = node.attribute("font-weight") == Some("bold");
    let letters = letters(&words.join(" "), is_bold)?;
    let width: f64 = letters.iter().map(|letter| letter.advance * size).sum();
    let shift = match node.attribute("text-anchor") {
        Some("middle") => width / 2.0,
        Some("end") => width,
        _ => 0.0,
    };
    let mut path = Path {
        scale: 0.0,
        left: number(node, "x")? - shift,
        base: number(node, "y")? + rise,
        data: String::new(),
    };
    for letter in letters {
        path.scale = size / f64::from(letter.face.units_per_em());
        letter.face.outline_glyph(letter.glyph, &mut path);
        path.left += letter.advance * size;
    }
    let look = |name| node.attribute(name).unwrap_or("1");
    Ok(format!(
        r#"<path opacity="{}" fill="{}" d="{}"/>"#,
        look("opacity"),
        look("fill"),
        path.data
    ))
}

fn number(node: Node<'_, '_>, name: &str) -> Result<f64, FigureError> {
    let value = node.attribute(name).and_then(|value| value.parse().ok());
    value.ok_or_else(|| unusual(&format!("a text without a number for {name}")))
}

/// A letter of a text.
struct Letter {
    face: &'static Face<'static>,
    glyph: GlyphId,
    /// The distance to the next letter, as a share of the type's size.
    advance: f64,
}

/// Returns the letters of a text: of the Latin face, or of the Chinese one where that has none.
fn letters(text: &str, is_bold: bool) -> Result<Vec<Letter>, FigureError> {
    let [latin, chinese] =
        font::faces(is_bold).ok_or_else(|| unusual("the built-in typeface cannot be read"))?;
    let letter = |letter: char| {
        let of = |face: &'static Face<'static>| Some((face, face.glyph_index(letter)?));
        let instead = || of(chinese).filter(|_| font::is_square(letter));
        // The first glyph of a face is the box for what it lacks.
        let (face, glyph) = of(latin).or_else(instead).unwrap_or((latin, GlyphId(0)));
        let advance = face.glyph_hor_advance(glyph).unwrap_or_default();
        Letter {
            face,
            glyph,
            advance: f64::from(advance) / f64::from(face.units_per_em()),
        }
    };
    Ok(text.chars().map(letter).collect())
}

/// The commands of a path (SVG 2, section 9.3), written as a face tells the curves of a letter.
struct Path {
    /// The size of a unit of the face.
    scale: f64,
    /// The left end of the letter, and the line that it stands on.
    left: f64,
    base: f64,
    data: String,
}

impl Path {
    /// Writes a command with its points. A face counts upwards, a sheet downwards.
    fn command(&mut self, command: char, points: &[(f32, f32)]) {
        self.data.push(command);
        for (x, y) in points {
            let x = self.left + f64::from(*x) * self.scale;
            let y = self.base - f64::from(*y) * self.scale;
            write!(self.data, "{x:.2} {y:.2} ").expect("a string takes everything");
        }
    }
}

impl OutlineBuilder for Path {
    fn move_to(&mut self, x: f32, y: f32) {
        self.command('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.command('L', &[(x, y)]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.command('Q', &[(x1, y1), (x, y)]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.command('C', &[(x1, y1), (x2, y2), (x, y)]);
    }

    fn close(&mut self) {
        self.data.push('Z');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::{self, Align, Lettering};

    /// Returns the leftmost and the rightmost coordinate of the outline of a text at 100.
    fn extent(text: &str, align: Align) -> (f64, f64) {
        let svg = canvas::sheet("", |canvas| {
            canvas.text(text, (100.0, 100.0), align, Lettering::plain(20.0));
        });
        let outlined = of_texts(&svg.expect("a sheet")).expect("outlines");
        assert!(!outlined.contains("<text"), "{outlined}");
        let document = Document::parse(&outlined).expect("it is XML");
        let mut paths = document
            .descendants()
            .filter_map(|node| node.attribute("d"));
        let data = paths.next().expect("a path");
        assert!(
            data.chars()
                .all(|letter| !letter.is_alphabetic() || "MLQCZ".contains(letter))
        );
        let numbers = data.split(|letter: char| letter.is_alphabetic() || letter == ' ');
        let numbers: Vec<f64> = numbers.filter_map(|number| number.parse().ok()).collect();
        let across = || numbers.iter().copied().step_by(2);
        // The sheet's own coordinates are twice as fine.
        let least = across().fold(f64::INFINITY, f64::min) / 2.0;
        (least, across().fold(0.0, f64::max) / 2.0)
    }

    #[test]
    fn a_text_stands_where_it_was_put() {
        let (left, right) = extent("HHHH", Align::Left);
        let width = right - left;
        assert!((40.0..80.0).contains(&width), "{width}");
        assert!((left - 100.0).abs() < 3.0, "{left}");
        let (left, right) = extent("HHHH", Align::Right);
        assert!((right - 100.0).abs() < 3.0, "{right}");
        assert!((right - left - width).abs() < 0.02);
        let (left, right) = extent("HHHH", Align::Middle);
        assert!((left - 100.0 + right - 100.0).abs() < 1.0, "{left} {right}");
    }

    #[test]
    fn a_chinese_character_is_as_wide_as_its_type() {
        let one = extent("延", Align::Left);
        let two = extent("延延", Align::Left);
        assert!((two.1 - one.1 - 20.0).abs() < 0.02, "{one:?} {two:?}");
    }

    #[test]
    fn a_text_that_no_sheet_has_is_an_error() {
        let of = |text: &str| of_texts(&format!("<svg>{text}</svg>"));
        assert!(of(r#"<text x="1" y="1" font-size="2" dy="1em">x</text>"#).is_err());
        assert!(of(r#"<text y="1" font-size="2" dy="0.5ex">x</text>"#).is_err());
        assert!(of("<text").is_err());
    }
}
