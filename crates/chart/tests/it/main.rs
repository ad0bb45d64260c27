//! Tests of the gallery: each chart is drawn and turned into a picture.

#[path = "../../examples/gallery.rs"]
#[expect(dead_code, reason = "the example's own `main`")]
mod gallery;

mod apart;

use std::{collections::BTreeSet, fs, path::Path};

use chart::{
    Figure,
    bars::{Bar, Chart, Shade},
    canvas::{self, Align, Lettering},
};
use palette::{Hue, Style};

#[test]
fn one_of_each_chart_is_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let figures = gallery::gallery().expect("figures");
    let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "lines", "bars", "clusters", "stack", "plot", "tiles", "groups"
        ]
    );
    let paths = chart::write_all(&figures, folder.path()).expect("written");
    assert_eq!(paths.len(), 2 * figures.len());
    let pictures: BTreeSet<Vec<u8>> = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
        .map(|path| fs::read(path).expect("a picture"))
        .collect();
    assert_eq!(pictures.len(), figures.len(), "two of them look the same");
    assert!(pictures.iter().all(|bytes| bytes.starts_with(b"\x89PNG")));
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    assert_eq!(
        gallery::gallery().expect("once"),
        gallery::gallery().expect("twice")
    );
}

/// Checks that every name, number and mark of the made-up lines is on the sheet.
#[test]
fn what_is_given_is_drawn() {
    let figures = gallery::gallery().expect("figures");
    let of = |name: &str| &figures.iter().find(|one| one.name == name).expect(name).svg;
    for hue in ["Orange", "Amber", "Green", "Sky", "Night"] {
        for name in ["lines", "bars", "clusters", "stack", "plot", "groups"] {
            assert!(
                of(name).contains(&format!("Line in {hue}")),
                "{name}: {hue}"
            );
        }
    }
    assert!(of("lines").contains("Line in Amber (not valid)"));
    assert!(!of("lines").contains("Line in Green (not valid)"));
    assert!(
        of("bars").contains("length, magnified"),
        "one bar dwarfs the others"
    );
    assert!(of("tiles").contains("held: nothing else"));
}

/// Checks that a name with characters that XML cannot hold does not spoil a figure.
#[test]
fn a_name_of_any_characters_can_be_drawn() {
    let name = "a\u{1}b\u{fffe}]]><&\u{202e}";
    let svg = chart::canvas::sheet(name, |canvas| {
        canvas.text(name, (10.0, 10.0), Align::Left, Lettering::plain(20.0));
    });
    let figure = Figure {
        name: "odd".to_owned(),
        svg: svg.expect("a figure"),
    };
    // In the picture and in its title.
    let written = "a\u{fffd}b\u{fffd}]]&gt;&lt;&amp;\u{202e}";
    assert_eq!(figure.svg.matches(written).count(), 2);
    let folder = tempfile::tempdir().expect("a folder");
    chart::write_all(&[figure], folder.path()).expect("written");
}

/// Checks that nothing is drawn where there is nothing, and something where there is little.
#[test]
fn a_bar_of_zero_has_no_length_and_a_short_one_can_be_seen() {
    let style = Style::new("Line".to_owned(), Hue::Green, 0);
    let strokes = |value: f64| {
        let bar = |value: f64| Bar {
            identity: &style,
            parts: vec![(value, Shade::Full)],
            // One length, so that none is magnified beside the other.
            range: (1.0, 1.0),
            number: String::new(),
            detail: String::new(),
            valid: true,
        };
        let chart = Chart {
            title: "Bars",
            reading: "",
            caption: "",
            axis: "length",
            tick: |value| format!("{value}"),
            key: None,
        };
        let bars = [bar(1.0), bar(value)];
        let svg = chart::canvas::sheet("Bars", |canvas| chart.draw(canvas, &bars));
        svg.expect("a figure").matches("<polyline").count()
    };
    assert_eq!(strokes(1e-9), strokes(0.0) + 1);
}

/// Draws one text on a sheet, and returns its picture.
fn picture_of(text: &str, folder: &Path) -> Vec<u8> {
    let look = Lettering::bold(40.0);
    let svg = canvas::sheet("", |canvas| {
        canvas.text(text, (60.0, 60.0), Align::Left, look);
    });
    let figure = Figure {
        name: "text".to_owned(),
        svg: svg.expect("drawn"),
    };
    chart::write_all(&[figure], folder).expect("written");
    fs::read(folder.join("text.png")).expect("a picture")
}

/// Checks that Chinese characters are drawn, each as itself: a face that lacks them would draw none,
/// or the same box for all.
#[test]
fn chinese_has_glyphs_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let [one, other, nothing] = ["延", "迟", ""].map(|text| picture_of(text, folder.path()));
    assert!(one != nothing && other != nothing && one != other);
}

/// Checks that a text is measured as it is drawn: in the language in force.
#[test]
fn a_text_is_measured_in_its_language() {
    let width = || {
        let mut width = 0.0;
        let drawn = canvas::sheet("", |canvas| {
            width = canvas.width("latency", Lettering::plain(20.0));
        });
        drawn.expect("drawn");
        width
    };
    let say = |text: &str| text.replace("latency", "延迟");
    let chinese = chart::words::within(Some(say), width);
    assert!((chinese - 40.0).abs() < 0.01, "{chinese}");
    assert!(width() > 50.0, "{}", width());
}
