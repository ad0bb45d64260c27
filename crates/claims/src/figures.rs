//! The contents of a claim's figure: measured points beside the line of a formula, or bars.
//! `chart::plot` and `chart::grouped` draw them.

use analysis::{series::Identity, unit};
use chart::{Figure, FigureError, plot};
use palette::{Colour, Fill, Marker, Style};

pub(super) use chart::{
    bars::Shade,
    grouped::{Bar, Bars},
};

/// The look of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look<'a> {
    /// A thin grey line for a formula.
    Formula,
    /// A line and markers in a transport's colour; `http_stream sse` names the framing too.
    Line(&'a str),
    /// Markers alone, in a transport's colour.
    Points(&'a str),
    /// A thin dashed line in a transport's colour, for the formula of that transport.
    Predicted(&'a str),
    /// A line and markers of the first of two quantities that are no transports.
    First,
    /// A line and markers of the second of two quantities that are no transports.
    Second,
    /// Markers alone of the first of two quantities that are no transports.
    FirstPoints,
    /// Markers alone of the second of two quantities that are no transports.
    SecondPoints,
}

/// The looks of quantities that are no transports: purple and grey-green, with markers that no
/// transport has in full.
const QUANTITIES: [(Colour, Marker, Fill); 2] = [
    (Colour(0x7B, 0x3F, 0xA0), Marker::Circle, Fill::Hollow),
    (Colour(0x5F, 0x7D, 0x2B), Marker::Diamond, Fill::Cored),
];

/// A curve with its style and points.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) style: Style,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) line: bool,
    pub(super) markers: bool,
}

impl Curve {
    pub(super) fn new(name: &str, look: Look<'_>, points: Vec<(f64, f64)>) -> Self {
        let (line, markers) = match look {
            Look::Formula | Look::Predicted(_) => (true, false),
            Look::Line(_) | Look::First | Look::Second => (true, true),
            Look::Points(_) | Look::FirstPoints | Look::SecondPoints => (false, true),
        };
        Self {
            style: style(name, look),
            points,
            line,
            markers,
        }
    }
}

fn style(name: &str, look: Look<'_>) -> Style {
    let named = |who: &str| {
        let (transport, variant) = who.split_once(' ').unwrap_or((who, "-"));
        Style {
            name: name.to_owned(),
            ..Identity::of(transport, variant).style
        }
    };
    let quantity = |at: usize| {
        let (colour, marker, fill) = QUANTITIES[at];
        Style {
            name: name.to_owned(),
            colour,
            marker,
            dash: if at == 0 { Vec::new() } else { vec![26.0, 8.0] },
            fill,
        }
    };
    match look {
        Look::First | Look::FirstPoints => quantity(0),
        Look::Second | Look::SecondPoints => quantity(1),
        Look::Formula => Style {
            name: name.to_owned(),
            colour: Colour(0x77, 0x7E, 0x86),
            marker: Marker::Cross,
            dash: vec![12.0, 7.0],
            fill: Fill::Full,
        },
        Look::Line(who) | Look::Points(who) => Style {
            dash: Vec::new(),
            ..named(who)
        },
        Look::Predicted(who) => Style {
            dash: vec![12.0, 7.0],
            ..named(who)
        },
    }
}

/// Curves over a common axis.
#[derive(Debug)]
pub(super) struct Plot<'a> {
    /// The part of the file name after the claim's name.
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    pub(super) reading: &'a str,
    pub(super) caption: &'a str,
    pub(super) x: &'a str,
    pub(super) y: &'a str,
    pub(super) log_x: bool,
    pub(super) log_y: bool,
    pub(super) curves: Vec<Curve>,
}

impl Plot<'_> {
    /// Draws the figure, as the only one of its claim.
    pub(super) fn draw(self) -> Result<Vec<Figure>, FigureError> {
        let lines: Vec<plot::Line<'_>> = self
            .curves
            .iter()
            .filter(|curve| !curve.points.is_empty())
            .map(|curve| plot::Line {
                identity: &curve.style,
                points: &curve.points,
                stroke: curve.line,
                markers: curve.markers,
            })
            .collect();
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let svg = plot::draw(
            &plot::Sheet {
                title: self.title,
                reading: self.reading,
                caption: self.caption,
                x: self.x,
                y: self.y,
                log_x: self.log_x,
                log_y: self.log_y,
                tick: unit::count,
            },
            &lines,
        )?;
        Ok(vec![Figure {
            name: self.name.to_owned(),
            svg,
        }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_that_is_no_transport_looks_like_none() {
        let transports = [
            "short_poll",
            "long_poll",
            "http_stream",
            "http_stream sse",
            "websocket",
        ];
        let transports = transports.map(|who| style("x", Look::Line(who)));
        let looks = [Look::First, Look::Second].map(|look| style("x", look));
        for look in &looks {
            for transport in &transports {
                let same = (look.marker, look.fill) == (transport.marker, transport.fill);
                assert!(!same && look.colour != transport.colour, "{transport:?}");
            }
        }
        assert!(looks[0].colour != looks[1].colour && looks[0].marker != looks[1].marker);
    }
}
