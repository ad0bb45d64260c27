//! The PNG of a figure's SVG: the same drawing, so both always agree.

use resvg::{tiny_skia, usvg};

use crate::{FigureError, outlines};

/// Draws the SVG at its own size.
pub(crate) fn png(svg: &str) -> Result<Vec<u8>, FigureError> {
    let outlined = outlines::of_texts(svg)?;
    let tree = usvg::Tree::from_str(&outlined, &usvg::Options::default())
        .map_err(|error| FigureError::Picture(error.to_string()))?;
    let size = tree.size().to_int_size();
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| FigureError::Picture("the figure has no area".to_owned()))?;
    resvg::render(
        &tree,
        tiny_skia::Transform::identity(),
        &mut pixels.as_mut(),
    );
    pixels
        .encode_png()
        .map_err(|error| FigureError::Picture(error.to_string()))
}
