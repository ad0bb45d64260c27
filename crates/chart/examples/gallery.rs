//! A gallery of each chart that the crate draws, from made-up numbers.
//!
//! `cargo run -p wirebench-chart --example gallery [FOLDER]` writes them as SVG and PNG.

use std::path::Path;

use chart::{
    Figure, FigureError,
    axis::Scale,
    bars::{self, Shade},
    border,
    canvas::{self, Align, Lettering, PAPER, WIDTH},
    clusters::{self, Cluster},
    grouped::{Bar, Bars},
    heat::{self, Sides},
    legend::{self, EndLabel, Notes},
    look::Look,
    panel::Panel,
    pattern::Pattern,
    plot, stack,
};
use palette::{Colour, Hue, Style};

const CAPTION: &str = "Made-up numbers, which say nothing about anything";

/// Returns one of each chart.
///
/// # Errors
/// Fails if drawing fails.
pub(crate) fn gallery() -> Result<Vec<Figure>, FigureError> {
    let figure = |name: &str, svg: String| Figure {
        name: name.to_owned(),
        svg,
    };
    let mut figures = vec![
        figure("lines", lines()?),
        figure("bars", bars()?),
        figure("clusters", clusters()?),
        figure("stack", stack()?),
        figure("plot", plot()?),
        figure("tiles", tiles()?),
    ];
    figures.extend(groups()?);
    Ok(figures)
}

fn styles() -> Vec<Style> {
    let hues = [
        ("Orange", Hue::Orange),
        ("Amber", Hue::Amber),
        ("Green", Hue::Green),
        ("Sky", Hue::Sky),
        ("Night", Hue::Night),
    ];
    let named = hues.into_iter().enumerate();
    named
        .map(|(at, (name, hue))| Style::new(format!("Line in {name}"), hue, at % 3))
        .collect()
}

fn plain(value: f64) -> String {
    format!("{value}")
}

/// Draws lines in a panel of one's own, with names at their ends.
fn lines() -> Result<String, FigureError> {
    let styles = styles();
    canvas::sheet("Lines with names at their ends", |canvas| {
        border::head(
            canvas,
            "Lines",
            "Names stand beside the ends of their lines.",
        );
        border::foot(canvas, CAPTION);
        let known = styles.iter().map(|style| (style, true));
        let panel = Panel {
            left: 150.0,
            top: 186.0,
            right: WIDTH - legend::gutter(canvas, known, Notes::Below),
            bottom: 720.0,
            x: Scale::log_around(1.0, 1_000.0),
            y: Scale::from_zero(90.0),
        };
        panel.grid_y(canvas, Some(plain));
        let ticks: Vec<_> = panel
            .x
            .ticks()
            .into_iter()
            .map(|at| (at, plain(at)))
            .collect();
        panel.grid_x(canvas, &ticks);
        panel.title_x(canvas, "horizontal");
        panel.title_y(canvas, "vertical");
        let mut labels = Vec::new();
        for (at, style) in styles.iter().enumerate() {
            let steep = at as f64 * 4.0 + 4.0;
            let points =
                [1.0, 10.0, 100.0, 1_000.0_f64].map(|x| panel.at(x, x.log10() * steep + 20.0));
            let valid = at != 1;
            canvas.series(&points, style, valid);
            for place in points {
                canvas.marker(place, 20.0, style, valid);
            }
            labels.push(EndLabel {
                identity: style,
                end: points[3],
                note: format!("rises by {steep} in a decade"),
                valid,
            });
        }
        legend::label_ends(canvas, &panel, &labels, Notes::Below);
    })
}

/// Draws bars of which one is much longer than the others.
fn bars() -> Result<String, FigureError> {
    let styles = styles();
    let bars: Vec<bars::Bar<'_>> = styles
        .iter()
        .enumerate()
        .map(|(at, style)| {
            let whole = 4f64.powf(at as f64) * 3.0;
            bars::Bar {
                identity: style,
                parts: vec![(whole * 0.7, Shade::Full), (whole * 0.3, Shade::Pale)],
                range: (whole * 0.9, whole * 1.1),
                number: plain(whole),
                detail: "seven parts and three".to_owned(),
                valid: at != 2,
            }
        })
        .collect();
    let chart = bars::Chart {
        title: "Bars",
        reading: "Full and pale add up; a torn bar goes on.",
        caption: CAPTION,
        axis: "length",
        tick: plain,
        key: Some(["seven parts", "three parts"]),
    };
    canvas::sheet(chart.title, |canvas| chart.draw(canvas, &bars))
}

/// Draws a cluster of bars for each style, one of them with a range.
fn clusters() -> Result<String, FigureError> {
    let bar = |at: usize, length: f64| clusters::Bar {
        name: format!("number {at}"),
        length,
        range: (length * 0.9, length * if at == 1 { 1.1 } else { 0.9 }),
        number: plain(length),
        detail: format!("×{at}"),
        valid: at != 2,
    };
    let styles = styles();
    let clusters: Vec<Cluster<'_>> = (1_u32..)
        .zip(&styles)
        .map(|(size, identity)| Cluster {
            identity,
            bars: (0..4)
                .map(|at| bar(at, f64::from(size) * at as f64))
                .collect(),
        })
        .collect();
    let chart = clusters::Chart {
        title: "Clusters of bars",
        reading: "Each cluster has a scale of its own, from zero.",
        caption: CAPTION,
        heading: "a bar for each number",
    };
    canvas::sheet(chart.title, |canvas| chart.draw(canvas, &clusters))
}

/// Draws bars of many parts, up and down.
fn stack() -> Result<String, FigureError> {
    let look = |name, colour, pattern| Look {
        key: name,
        name,
        short: name,
        colour,
        pattern,
    };
    let looks = [
        look("plain", Colour(0x1B, 0x2E, 0x4F), Pattern::Plain),
        look("rising", Colour(0x6C, 0x9F, 0xCE), Pattern::Rising),
        look("falling", Colour(0xD3, 0x93, 0xBF), Pattern::Falling),
        look("dots", Colour(0xA9, 0xCB, 0xE6), Pattern::Dots),
        look("upright", Colour(0x1F, 0x83, 0x76), Pattern::Upright),
        look("level", Colour(0x8A, 0x3F, 0x75), Pattern::Level),
        look("estimate", Colour(0x6A, 0x70, 0x78), Pattern::Estimate),
    ];
    let styles = styles();
    let rows: Vec<stack::Row<'_>> = styles
        .iter()
        .enumerate()
        .map(|(at, style)| {
            let parts =
                |times: f64| (0..looks.len()).map(move |part| (part + at + 1) as f64 * times);
            stack::Row {
                identity: style,
                valid: at != 3,
                ways: [parts(4.0).collect(), parts(9.0).collect()],
            }
        })
        .collect();
    let chart = stack::Chart {
        title: "Stacks",
        reading: "Both panels have one scale.",
        caption: CAPTION,
        looks: &looks,
        amount: plain,
        number: plain,
    };
    canvas::sheet(chart.title, |canvas| chart.draw(canvas, &rows))
}

/// Draws points beside the lines of formulas.
fn plot() -> Result<String, FigureError> {
    let styles = styles();
    let curves: Vec<Vec<(f64, f64)>> = (1..=styles.len())
        .map(|at| {
            (1..=8)
                .map(|x| (f64::from(x), f64::from(x * x) * at as f64))
                .collect()
        })
        .collect();
    let lines: Vec<plot::Line<'_>> = styles
        .iter()
        .zip(&curves)
        .enumerate()
        .map(|(at, (style, points))| plot::Line {
            identity: style,
            points,
            stroke: at % 2 == 0,
            markers: at > 0,
        })
        .collect();
    let sheet = plot::Sheet {
        title: "Points and lines",
        reading: "What is measured has markers, what is computed has none.",
        caption: CAPTION,
        x: "horizontal",
        y: "vertical, logarithmic",
        log_x: false,
        log_y: true,
        tick: plain,
    };
    plot::draw(&sheet, &lines)
}

/// Draws groups of bars with a scale each.
fn groups() -> Result<Vec<Figure>, FigureError> {
    let bar = |style: &Style, times: f64| Bar {
        name: style.name.clone(),
        parts: vec![(times, Shade::Full), (times / 2.0, Shade::Pale)],
        colour: style.colour,
        number: plain(times * 1.5),
    };
    let styles = styles();
    let group = |times: f64| styles.iter().map(|style| bar(style, times)).collect();
    Bars {
        name: "groups",
        title: "Groups of bars",
        reading: "Each group has a scale of its own, from zero.",
        caption: CAPTION,
        key: ["two parts", "one part"],
        groups: vec![
            ("small".to_owned(), group(2.0)),
            ("large".to_owned(), group(2_000.0)),
        ],
    }
    .draw()
}

/// Draws the tiles of a grid, with the line on which a value passes zero.
fn tiles() -> Result<String, FigureError> {
    let labels = |count: u32| (1..=count).map(|at| format!("{}", at * 10)).collect();
    let sides = Sides {
        titles: ["across".to_owned(), "up".to_owned()],
        across: labels(6),
        up: labels(4),
        held: "nothing else".to_owned(),
    };
    canvas::sheet("Tiles", |canvas| {
        border::head(
            canvas,
            "Tiles",
            "The thick line is where the number passes zero.",
        );
        border::foot(canvas, CAPTION);
        for (at, tile) in heat::tiles(&sides, 2, WIDTH - 60.0).iter().enumerate() {
            let value = |column: usize, row: usize| (column + row * (at + 1)) as f64 - 4.5;
            for row in 0..4 {
                for column in 0..6 {
                    let (upper, lower) = tile.corners(column, row);
                    let colour = if value(column, row) < 0.0 {
                        canvas::tint(Hue::Sky.colour(), 0.7)
                    } else {
                        PAPER
                    };
                    canvas.rect(upper, lower, colour);
                    let middle = (
                        f64::midpoint(upper.0, lower.0),
                        f64::midpoint(upper.1, lower.1),
                    );
                    let look = Lettering::plain(tile.lettering());
                    canvas.text(&plain(value(column, row)), middle, Align::Middle, look);
                }
            }
            tile.contour(canvas, |column, row| Some(value(column, row)));
            tile.frame(canvas, &sides, if at == 0 { "one" } else { "another" });
        }
        heat::directions(canvas, &sides);
    })
}

/// Writes the gallery into the folder that is named, or into `gallery`.
fn main() -> Result<(), FigureError> {
    let folder = std::env::args_os().nth(1);
    let folder = folder.as_deref().map_or(Path::new("gallery"), Path::new);
    chart::write_all(&gallery()?, folder)?;
    Ok(())
}
