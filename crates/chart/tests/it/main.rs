//! Tests of the gallery: each chart is drawn and turned into a picture.

#[path = "../../examples/gallery.rs"]
#[expect(dead_code, reason = "the example's own `main`")]
mod gallery;

use std::{collections::BTreeSet, fs};

#[test]
fn one_of_each_chart_is_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let figures = gallery::gallery().expect("figures");
    let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(names, ["lines", "bars", "stack", "plot", "tiles", "groups"]);
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
        for name in ["lines", "bars", "stack", "plot", "groups"] {
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
