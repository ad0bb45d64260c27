//! Tests that texts beside lines and bars do not touch each other, by their places in the SVG.

use chart::{
    axis::Scale,
    canvas::{self, Lettering, WIDTH},
    clusters::{Bar, Chart, Cluster},
    legend::{self, EndLabel, Notes},
    panel::Panel,
};
use palette::{Hue, Style};

/// The factor by which the SVG is drawn larger than it is shown.
const SCALE: f64 = 2.0;

/// A text of a picture, with its ends.
#[derive(Debug)]
struct Placed {
    text: String,
    left: f64,
    right: f64,
    y: f64,
}

/// Returns the texts of a picture.
fn texts(svg: &str) -> Vec<Placed> {
    let mut all = Vec::new();
    let pieces: Vec<&str> = svg.split("<text ").skip(1).collect();
    canvas::sheet("measured", |canvas| {
        for piece in &pieces {
            let (head, rest) = piece.split_once('>').expect("a tag");
            let text = rest.split('<').next().expect("a text").trim();
            let head = format!(" {head}");
            let value = |name: &str| -> Option<&str> {
                let (_, after) = head.split_once(&format!(" {name}=\""))?;
                after.split('"').next()
            };
            let number = |name: &str| -> f64 {
                let text = value(name).expect(name);
                text.parse().expect(name)
            };
            let size = number("font-size") / SCALE;
            let look = if value("font-weight") == Some("bold") {
                Lettering::bold(size)
            } else {
                Lettering::plain(size)
            };
            let (x, width) = (number("x") / SCALE, canvas.width(text, look));
            let left = match value("text-anchor") {
                Some("end") => x - width,
                Some("middle") => x - width / 2.0,
                _ => x,
            };
            all.push(Placed {
                text: text.to_owned(),
                left,
                right: left + width,
                y: number("y") / SCALE,
            });
        }
    })
    .expect("measured");
    all
}

/// Returns two texts on about the same line of which one begins before the other ends.
fn touching(all: &[Placed]) -> Option<(&Placed, &Placed)> {
    let pairs = all
        .iter()
        .flat_map(|one| all.iter().map(move |other| (one, other)));
    let mut pairs = pairs.filter(|(one, other)| (one.y - other.y).abs() < 12.0);
    pairs.find(|(one, other)| {
        !std::ptr::eq(*one, *other) && one.left <= other.left && other.left < one.right + 2.0
    })
}

/// Draws lines with these names, none of which is valid.
fn lines(styles: &[Style], note: &str, notes: Notes) -> String {
    let drawn = canvas::sheet("Lines", |canvas| {
        let entries = styles.iter().map(|style| (style, false, note.to_owned()));
        let panel = Panel {
            left: 150.0,
            top: 186.0,
            right: WIDTH - legend::gutter(canvas, entries, notes),
            bottom: 720.0,
            x: Scale::from_zero(1.0),
            y: Scale::from_zero(1.0),
        };
        let labels: Vec<EndLabel<'_>> = styles
            .iter()
            .map(|identity| EndLabel {
                identity,
                end: panel.at(1.0, 0.5),
                note: note.to_owned(),
                valid: false,
            })
            .collect();
        legend::label_ends(canvas, &panel, &labels, notes);
    });
    drawn.expect("a picture")
}

#[test]
fn names_and_figures_of_lines_do_not_touch() {
    let named = |name: &str, count: usize| -> Vec<Style> {
        let name = |at: usize| format!("{name} {at}");
        let style = |at: usize| Style::new(name(at), Hue::Green, at % 3);
        (0..count).map(style).collect()
    };
    for (name, count) in [
        ("NDJSON", 3),
        ("Long poll, hold 25 s, close", 5),
        ("Long poll, hold 25 s, close, browser", 14),
    ] {
        for notes in [Notes::Beside, Notes::Below] {
            let styles = named(name, count);
            let svg = lines(&styles, "most 123,456 connections/s", notes);
            let texts = texts(&svg);
            assert_eq!(texts.len(), 2 * count, "{name}");
            assert!(texts[0].text.ends_with("(not valid)"), "{texts:?}");
            assert!(touching(&texts).is_none(), "{:?}", touching(&texts));
            for text in &texts {
                assert!(text.right <= WIDTH, "{text:?}");
            }
        }
    }
}

#[test]
fn the_columns_of_clusters_do_not_touch() {
    let style = Style::new("Long poll".to_owned(), Hue::Green, 0);
    let bar = |at: usize| Bar {
        name: format!("every header of a browser, TLS 1.3 over HTTP/2, {at}"),
        length: 1.0 + at as f64,
        range: (1.0 + at as f64, 1.0 + at as f64),
        number: "1,234 µs".to_owned(),
        detail: "7.4 times (6.46 to 7.57)".to_owned(),
        valid: false,
    };
    let clusters: Vec<Cluster<'_>> = (0..6)
        .map(|_| Cluster {
            identity: &style,
            bars: (0..5).map(bar).collect(),
        })
        .collect();
    let chart = Chart {
        title: "Clusters",
        reading: "Read them.",
        caption: "Made up.",
        heading: "processor time",
    };
    let svg = canvas::sheet("Clusters", |canvas| chart.draw(canvas, &clusters));
    let all = texts(&svg.expect("a picture"));
    let texts: Vec<Placed> = all
        .into_iter()
        .filter(|text| text.y > 150.0 && text.y < 806.0)
        .collect();
    assert!(texts.iter().any(|text| text.text.ends_with("(not valid)")));
    assert!(
        texts.iter().any(|text| text.left > WIDTH / 2.0),
        "two columns"
    );
    assert!(touching(&texts).is_none(), "{:?}", touching(&texts));
}
