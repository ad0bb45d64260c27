//! Strokes, areas, markers and lettering on a sheet of fixed size.
//!
//! The crate plotters writes the SVG and measures text. Its SVG backend supports whole pixels only,
//! so everything is drawn at twice the size and the sheet is then declared half as wide and high:
//! curves become smooth, and all sizes here are those that a reader sees.

use plotters::{
    backend::{DrawingBackend, SVGBackend},
    style::{
        Color, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::{FigureError, font, words};
use palette::Colour;

/// The width of every figure.
pub const WIDTH: f64 = 1600.0;
/// The height of every figure.
pub const HEIGHT: f64 = 900.0;

/// The colour of text and axes: almost black.
pub const INK: Colour = Colour(0x1F, 0x23, 0x28);
/// The colour of secondary text.
pub const GREY: Colour = Colour(0x57, 0x5E, 0x66);
/// The colour of grid lines.
pub const GRID: Colour = Colour(0xD5, 0xD9, 0xDE);
/// The colour of secondary grid lines.
pub const FAINT: Colour = Colour(0xEE, 0xF0, 0xF2);
/// The colour of the sheet.
pub const PAPER: Colour = Colour(0xFF, 0xFF, 0xFF);

const SCALE: f64 = 2.0;

/// A point on the sheet: right and down from the upper left corner.
pub type Point = (f64, f64);

/// The point of a text that is put at the given place. Vertically it is always the middle of the
/// text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// The left end of the text.
    Left,
    /// The middle of the text.
    Middle,
    /// The right end of the text.
    Right,
}

/// The look of a text.
#[derive(Debug, Clone, Copy)]
pub struct Lettering {
    /// The height of the type in pixels.
    pub size: f64,
    /// True if the text is bold.
    pub bold: bool,
    /// The colour of the text.
    pub colour: Colour,
}

impl Lettering {
    /// Makes plain lettering.
    #[must_use]
    pub const fn plain(size: f64) -> Self {
        Self {
            size,
            bold: false,
            colour: INK,
        }
    }

    /// Makes bold lettering.
    #[must_use]
    pub const fn bold(size: f64) -> Self {
        Self {
            size,
            bold: true,
            colour: INK,
        }
    }

    /// Makes grey lettering, for secondary text.
    #[must_use]
    pub const fn grey(size: f64) -> Self {
        Self {
            size,
            bold: false,
            colour: GREY,
        }
    }

    fn style(self, align: Align) -> TextStyle<'static> {
        let style = if self.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        // plotters gives the height of a line; the type is 1.24 times smaller.
        let size = self.size * 1.24 * SCALE;
        let font = FontDesc::new(FontFamily::Name(font::FAMILY), size, style);
        let horizontal = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        let color = rgb(self.colour).to_backend_color();
        TextStyle {
            font,
            color,
            pos: Pos::new(horizontal, VPos::Center),
        }
    }
}

/// A sheet that is being drawn on. The first failure is kept and returned at the end, so that
/// drawing code needs no error handling.
#[expect(missing_debug_implementations, reason = "plotters' backend has none")]
pub struct Canvas<'a> {
    backend: SVGBackend<'a>,
    failure: Option<String>,
}

/// Draws one figure and returns its SVG. `title` is the text for screen readers.
///
/// # Errors
/// Fails if plotters cannot draw something.
pub fn sheet(title: &str, draw: impl FnOnce(&mut Canvas<'_>)) -> Result<String, FigureError> {
    if !font::register() {
        return Err(FigureError::Drawing(
            "the built-in typeface cannot be read".to_owned(),
        ));
    }
    let mut svg = String::new();
    let size = ((WIDTH * SCALE) as u32, (HEIGHT * SCALE) as u32);
    let mut canvas = Canvas {
        backend: SVGBackend::with_string(&mut svg, size),
        failure: None,
    };
    canvas.rect((0.0, 0.0), (WIDTH, HEIGHT), PAPER);
    draw(&mut canvas);
    let finished = canvas.backend.present().map_err(|error| error.to_string());
    let failure = canvas.failure.take().or(finished.err());
    drop(canvas);
    match failure {
        None => Ok(shrunk(&svg, size, title)),
        Some(failure) => Err(FigureError::Drawing(failure)),
    }
}

/// Halves the declared size, keeps the coordinates, and adds what the backend does not support:
/// round corners, and a title for screen readers.
fn shrunk(svg: &str, (width, height): (u32, u32), title: &str) -> String {
    let title = words::said(title)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        // `]]>` may not stand in a text (XML 1.0, section 2.4).
        .replace('>', "&gt;");
    let large = format!("<svg width=\"{width}\" height=\"{height}\"");
    let small = format!(
        "<svg width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\" stroke-linejoin=\"round\""
    );
    let svg =
        svg.replacen(&large, &small, 1)
            .replacen(">\n", &format!(">\n<title>{title}</title>\n"), 1);
    if svg.chars().all(is_of_xml) {
        return svg;
    }
    svg.replace(|letter| !is_of_xml(letter), "\u{fffd}")
}

/// Returns whether XML can hold a character (XML 1.0, section 2.2). It cannot hold the others even
/// as character references.
fn is_of_xml(letter: char) -> bool {
    !matches!(letter, '\u{fffe}' | '\u{ffff}')
        && (letter >= ' ' || matches!(letter, '\t' | '\n' | '\r'))
}

fn rgb(Colour(red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

fn stroke(colour: Colour, width: f64) -> ShapeStyle {
    ShapeStyle::from(rgb(colour)).stroke_width((width * SCALE).round() as u32)
}

fn fill(colour: Colour) -> ShapeStyle {
    ShapeStyle::from(rgb(colour)).filled()
}

fn pixel((x, y): Point) -> (i32, i32) {
    ((x * SCALE).round() as i32, (y * SCALE).round() as i32)
}

/// Blends a colour with white: 0 is the colour, 1 is white. The result is opaque, because an area
/// that shows through a translucent one would look like a further colour.
#[must_use]
pub fn tint(Colour(red, green, blue): Colour, whiteness: f64) -> Colour {
    let mix = |byte: u8| (f64::from(byte) + (255.0 - f64::from(byte)) * whiteness).round() as u8;
    Colour(mix(red), mix(green), mix(blue))
}

impl Canvas<'_> {
    fn note<E: std::fmt::Display>(&mut self, result: Result<(), E>) {
        if let Err(error) = result {
            self.failure.get_or_insert(error.to_string());
        }
    }

    /// Draws a filled rectangle between two corners.
    pub fn rect(&mut self, one: Point, other: Point, colour: Colour) {
        let drawn = self
            .backend
            .draw_rect(pixel(one), pixel(other), &fill(colour), true);
        self.note(drawn);
    }

    /// Draws a straight line.
    pub fn line(&mut self, from: Point, to: Point, colour: Colour, width: f64) {
        self.path(&[from, to], colour, width);
    }

    /// Draws a line through all points.
    pub fn path(&mut self, points: &[Point], colour: Colour, width: f64) {
        if points.len() > 1 {
            let points = points.iter().copied().map(pixel);
            let drawn = self.backend.draw_path(points, &stroke(colour, width));
            self.note(drawn);
        }
    }

    /// Draws a filled area.
    pub fn polygon(&mut self, corners: &[Point], colour: Colour) {
        let drawn = self
            .backend
            .fill_polygon(corners.iter().copied().map(pixel), &fill(colour));
        self.note(drawn);
    }

    /// Draws a filled disc.
    pub fn disc(&mut self, centre: Point, radius: f64, colour: Colour) {
        let radius = (radius * SCALE).round() as u32;
        let drawn = self
            .backend
            .draw_circle(pixel(centre), radius, &fill(colour), true);
        self.note(drawn);
    }

    /// Draws a text, its height centred on the place.
    pub fn text(&mut self, text: &str, place: Point, align: Align, look: Lettering) {
        // The backend centres on the height of an `x`; capitals and digits, of
        // which labels mostly consist, are centred a little lower.
        let place = pixel((place.0, place.1 + look.size * 0.09));
        let drawn = self
            .backend
            .draw_text(&words::said(text), &look.style(align), place);
        self.note(drawn);
    }

    /// Returns the width of a text.
    pub fn width(&mut self, text: &str, look: Lettering) -> f64 {
        self.measured(&words::said(text), look)
    }

    /// Returns the width of a text as it stands. Chinese characters are squares of the type's size;
    /// plotters measures the others.
    fn measured(&mut self, text: &str, look: Lettering) -> f64 {
        let squares = text
            .chars()
            .filter(|letter| font::is_square(*letter))
            .count();
        let text: String = text
            .chars()
            .filter(|letter| !font::is_square(*letter))
            .collect();
        squares as f64 * look.size + self.latin_width(&text, look)
    }

    fn latin_width(&mut self, text: &str, look: Lettering) -> f64 {
        if text.is_empty() {
            return 0.0;
        }
        match self
            .backend
            .estimate_text_size(text, &look.style(Align::Left))
        {
            Ok((width, _)) => f64::from(width) / SCALE,
            Err(error) => {
                self.note(Err(error));
                0.0
            }
        }
    }

    /// Returns the text, cut with an ellipsis if it is wider than the room.
    pub fn clipped(&mut self, text: &str, look: Lettering, room: f64) -> String {
        let mut kept = words::said(text).into_owned();
        while self.measured(&kept, look) > room && kept.pop().is_some() {
            // One letter may free less than the ellipsis takes.
            kept.truncate(kept.trim_end_matches('…').len());
            kept.pop();
            kept.push('…');
        }
        kept
    }

    /// Returns the lettering, made smaller if the text is wider than the room.
    pub fn fitted(&mut self, text: &str, look: Lettering, room: f64) -> Lettering {
        let shrink = (room / self.width(text, look).max(1.0)).min(1.0);
        Lettering {
            size: (look.size * shrink).max(12.0),
            ..look
        }
    }
}
