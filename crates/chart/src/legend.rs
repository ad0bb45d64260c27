//! Labels: names beside their lines, so that no legend box is needed and none covers the data.

use crate::{
    canvas::{Align, Canvas, GRID, INK, Lettering, Point, WIDTH},
    panel::Panel,
};
use palette::{Colour, Style};

/// The width of the sample of line and marker before a name.
const SAMPLE: f64 = 70.0;
const NAME: Lettering = Lettering::bold(23.0);
const NOTE: Lettering = Lettering::grey(20.0);
/// The number of labels below which each has room for a figure below its name. More of them have
/// it behind the name, and both smaller.
const CROWD: usize = 13;
const SMALL_NAME: Lettering = Lettering::bold(18.0);
const SMALL_NOTE: Lettering = Lettering::grey(16.0);
/// The space between a name and the figure behind it.
const APART: f64 = 10.0;

/// The label at a line's end.
#[derive(Debug)]
pub struct EndLabel<'a> {
    /// The look of the line.
    pub identity: &'a Style,
    /// The line's last point, or the edge of the marker on it.
    pub end: Point,
    /// A figure that belongs to the name; may be empty.
    pub note: String,
    /// True if the run is valid.
    pub valid: bool,
}

/// A label whose place is not known yet.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The look of the line.
    pub identity: &'a Style,
    /// True if the run is valid.
    pub valid: bool,
    /// The figure that belongs to the name; empty if it is of a usual length.
    pub note: String,
}

impl<'a> From<(&'a Style, bool)> for Entry<'a> {
    fn from((identity, valid): (&'a Style, bool)) -> Self {
        (identity, valid, String::new()).into()
    }
}

impl<'a> From<(&'a Style, bool, String)> for Entry<'a> {
    fn from((identity, valid, note): (&'a Style, bool, String)) -> Self {
        Self {
            identity,
            valid,
            note,
        }
    }
}

/// Returns the name, with `(not valid)` after it if the run is not valid.
#[must_use]
pub fn full_name(identity: &Style, valid: bool) -> String {
    if valid {
        identity.name.clone()
    } else {
        format!("{} (not valid)", identity.name)
    }
}

/// The position of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notes {
    /// Below the name, or behind it where there are too many names for that.
    Below,
    /// On the same line, which takes less height.
    Beside,
}

/// The length of the thin line from a line's end to its name.
const LEADER: f64 = 44.0;
/// A text of the largest width of a note below a name.
const WIDEST_NOTE: &str = "p50 88.8 ms, p99 88.8 ms";
/// The least space for a figure beside a name.
const BESIDE: f64 = 116.0;
/// The space to the right of the labels.
const MARGIN: f64 = 36.0;
/// The width above which names are written smaller.
const LONGEST: f64 = 400.0;

/// Returns the space that the labels need to the right of the panel.
pub fn gutter<'i>(
    canvas: &mut Canvas<'_>,
    entries: impl Iterator<Item = impl Into<Entry<'i>>>,
    notes: Notes,
) -> f64 {
    let entries: Vec<Entry<'_>> = entries.map(Into::into).collect();
    let is_crowd = notes == Notes::Below && entries.len() >= CROWD;
    let (name_look, note_look) = if is_crowd {
        (SMALL_NAME, SMALL_NOTE)
    } else {
        (NAME, NOTE)
    };
    let (mut name, mut note) = (0.0_f64, 0.0_f64);
    for entry in &entries {
        let full = full_name(entry.identity, entry.valid);
        name = name.max(canvas.width(&full, name_look));
        note = note.max(canvas.width(&entry.note, note_look));
    }
    let usual = canvas.width(WIDEST_NOTE, note_look);
    let width = match notes {
        Notes::Below if is_crowd => name.min(LONGEST) + APART + note.max(usual),
        Notes::Below => name.min(LONGEST).max(note).max(usual).max(170.0),
        Notes::Beside => name.clamp(170.0, LONGEST) + (note + 2.0 * APART).max(BESIDE),
    };
    LEADER + SAMPLE + width + MARGIN
}

/// Writes each name as near to its line's end as the others allow.
pub fn label_ends(canvas: &mut Canvas<'_>, panel: &Panel, labels: &[EndLabel<'_>], notes: Notes) {
    let is_crowd = notes == Notes::Below && labels.len() >= CROWD;
    let has_notes = labels.iter().any(|label| !label.note.is_empty());
    let below = notes == Notes::Below && has_notes && !is_crowd;
    let gap = if below { 62.0 } else { 42.0 };
    let mut order: Vec<&EndLabel<'_>> = labels.iter().collect();
    order.sort_by(|one, other| one.end.1.total_cmp(&other.end.1));
    let wanted: Vec<f64> = order.iter().map(|label| label.end.1).collect();
    let places = spread(&wanted, gap, panel.top, panel.bottom + 16.0);
    for (label, y) in order.into_iter().zip(places) {
        let x = panel.right + LEADER;
        let bend = (label.end.0.max(panel.right + 10.0), label.end.1);
        canvas.path(&[label.end, bend, (x - 6.0, y)], GRID, 2.0);
        sample(canvas, (x, y), label.identity, label.valid);
        let name = full_name(label.identity, label.valid);
        let look = canvas.fitted(&name, if is_crowd { SMALL_NAME } else { NAME }, LONGEST);
        let raised = if below { 13.0 } else { 0.0 };
        canvas.text(&name, (x + SAMPLE, y - raised), Align::Left, look);
        match notes {
            Notes::Below if is_crowd => {
                let behind = x + SAMPLE + canvas.width(&name, look) + APART;
                canvas.text(&label.note, (behind, y), Align::Left, SMALL_NOTE);
            }
            Notes::Below => {
                canvas.text(&label.note, (x + SAMPLE, y + 14.0), Align::Left, NOTE);
            }
            Notes::Beside => {
                canvas.text(&label.note, (WIDTH - MARGIN, y), Align::Right, NOTE);
            }
        }
    }
}

/// Draws a piece of the line with its marker.
pub fn sample(canvas: &mut Canvas<'_>, (x, y): Point, identity: &Style, valid: bool) {
    canvas.series(&[(x, y), (x + SAMPLE - 12.0, y)], identity, valid);
    canvas.marker((x + (SAMPLE - 12.0) / 2.0, y), 20.0, identity, valid);
}

/// Draws the meanings of shades, in a row that ends at `right`.
pub fn key(canvas: &mut Canvas<'_>, right: f64, y: f64, entries: &[(Colour, &str)]) {
    let mut x = right;
    for (colour, text) in entries.iter().rev() {
        x -= canvas.width(text, NOTE);
        canvas.text(text, (x, y), Align::Left, NOTE);
        x -= 36.0;
        canvas.rect((x, y - 12.0), (x + 26.0, y + 12.0), INK);
        canvas.rect((x + 1.5, y - 10.5), (x + 24.5, y + 10.5), *colour);
        x -= 36.0;
    }
}

/// Returns places as near to the wanted ones (sorted) as a minimum distance allows.
fn spread(wanted: &[f64], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    let count = wanted.len();
    let gap = if count > 1 {
        gap.min((bottom - top) / (count - 1) as f64)
    } else {
        gap
    };
    // Labels that touch form a group, which stands where its members want to be
    // on average; groups that touch become one.
    let mut groups: Vec<(f64, usize)> = Vec::new();
    for &want in wanted {
        groups.push((want, 1));
        while let [.., (upper, above), (lower, below)] = groups[..] {
            let reach = gap * (above + below) as f64 / 2.0;
            if lower - upper >= reach {
                break;
            }
            let members = above + below;
            // The centre of the merged group is the mean of both centres, weighted by their
            // members.
            let (first, second) = (above as f64, below as f64);
            let centre = (upper * first + lower * second) / (first + second);
            groups.truncate(groups.len() - 2);
            groups.push((centre, members));
        }
    }
    let mut places = Vec::with_capacity(count);
    for (centre, members) in groups {
        let half = gap * (members - 1) as f64 / 2.0;
        places.extend((0..members).map(|at| centre - half + gap * at as f64));
    }
    keep_inside(&mut places, gap, top, bottom);
    places
}

fn keep_inside(places: &mut [f64], gap: f64, top: f64, bottom: f64) {
    let mut least = top;
    for place in places.iter_mut() {
        *place = place.max(least);
        least = *place + gap;
    }
    let mut most = bottom;
    for place in places.iter_mut().rev() {
        *place = place.min(most);
        most = *place - gap;
    }
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn labels_keep_their_distance() {
        let far = spread(&[100.0, 300.0], 40.0, 0.0, 400.0);
        assert_eq!(far, [100.0, 300.0]);
        let near = spread(&[100.0, 110.0, 300.0], 40.0, 0.0, 400.0);
        assert_eq!(near, [85.0, 125.0, 300.0]);
        let low = spread(&[390.0, 395.0, 399.0], 40.0, 0.0, 400.0);
        assert_eq!(low, [320.0, 360.0, 400.0]);
        let crowded = spread(&[1.0, 2.0, 3.0], 40.0, 0.0, 60.0);
        assert_eq!(crowded, [0.0, 30.0, 60.0]);
    }
}
