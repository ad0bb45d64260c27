//! The bytes of captured conversations, by layer.

use analysis::unit;
use chart::{
    Figure, FigureError, canvas,
    stack::{Chart, Row},
};
use palette::{Hue, Style};

use super::look::LAYERS;

/// The conversations that fit into a figure.
pub const MOST_CONVERSATIONS: usize = 12;

/// A conversation, for the figure.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// The name beside the bar.
    pub name: String,
    /// True if all of it was understood.
    pub is_whole: bool,
    /// The bytes of the layers up, and down: name of the layer, and bytes.
    pub layers: [Vec<(&'static str, u64)>; 2],
}

/// Draws the first conversations of a list, a bar each way for each.
///
/// # Errors
/// Fails if drawing fails.
pub fn of_conversations(
    caption: &str,
    conversations: &[Conversation],
) -> Result<Figure, FigureError> {
    const HUES: [Hue; 5] = [Hue::Night, Hue::Orange, Hue::Sky, Hue::Green, Hue::Amber];
    let some = &conversations[..conversations.len().min(MOST_CONVERSATIONS)];
    let styles: Vec<Style> = some
        .iter()
        .enumerate()
        .map(|(at, one)| Style::new(one.name.clone(), HUES[at % HUES.len()], at / HUES.len()))
        .collect();
    let parts = |layers: &Vec<(&str, u64)>| {
        let mut parts = vec![0.0; LAYERS.len()];
        for (layer, bytes) in layers {
            if let Some(at) = LAYERS.iter().position(|look| look.key == *layer) {
                parts[at] += *bytes as f64;
            }
        }
        parts
    };
    let rows: Vec<Row<'_>> = some
        .iter()
        .zip(&styles)
        .map(|(one, identity)| Row {
            identity,
            valid: one.is_whole,
            ways: [parts(&one.layers[0]), parts(&one.layers[1])],
        })
        .collect();
    let title = "Where the bytes of each conversation are";
    let chart = Chart {
        title,
        reading: "Every byte of TCP's content is in one layer.",
        caption,
        looks: &LAYERS,
        amount: unit::bytes,
        number: unit::count,
    };
    let svg = canvas::sheet(title, |canvas| chart.draw(canvas, &rows))?;
    Ok(Figure {
        name: "conversations".to_owned(),
        svg,
    })
}
