//! The text above and below every figure: title, reading aid and caption.

use crate::canvas::{Align, Canvas, GRID, HEIGHT, Lettering, WIDTH};

const MARGIN: f64 = 60.0;
const SMALL: Lettering = Lettering::grey(19.0);

/// Writes the subject in large letters, and how to read the figure.
pub fn head(canvas: &mut Canvas<'_>, title: &str, reading: &str) {
    canvas.text(title, (MARGIN, 52.0), Align::Left, Lettering::bold(40.0));
    canvas.text(reading, (MARGIN, 98.0), Align::Left, Lettering::grey(23.0));
}

/// Writes the caption below the figure in two lines, of which the last is cut if necessary.
pub fn foot(canvas: &mut Canvas<'_>, text: &str) {
    canvas.line(
        (MARGIN, HEIGHT - 76.0),
        (WIDTH - MARGIN, HEIGHT - 76.0),
        GRID,
        1.5,
    );
    let (first, rest) = first_line(canvas, text);
    for (at, line) in [first, rest].into_iter().enumerate() {
        let line = canvas.clipped(line, SMALL, WIDTH - 2.0 * MARGIN);
        let y = HEIGHT - 52.0 + 27.0 * at as f64;
        canvas.text(&line, (MARGIN, y), Align::Left, SMALL);
    }
}

/// Breaks the text between two facts, which are separated by ` · `.
fn first_line<'t>(canvas: &mut Canvas<'_>, text: &'t str) -> (&'t str, &'t str) {
    if canvas.width(text, SMALL) <= WIDTH - 2.0 * MARGIN {
        return (text, "");
    }
    let breaks: Vec<usize> = text.match_indices(" · ").map(|(at, _)| at).collect();
    for &at in breaks.iter().rev() {
        if canvas.width(&text[..at], SMALL) <= WIDTH - 2.0 * MARGIN {
            return (&text[..at], &text[at + " · ".len()..]);
        }
    }
    (text, "")
}
