//! Figures and tables of synthetic rows.

use std::fs;

use report::{figure, table};

use crate::rows;

#[test]
fn draws_every_figure_as_svg_and_png() {
    let folder = tempfile::tempdir().expect("a folder");
    // To look at them: WIREBENCH_FIGURES=/some/folder cargo test -p report
    let kept = std::env::var_os("WIREBENCH_FIGURES").map(std::path::PathBuf::from);
    for fixture in ["one_cell", "sweep"] {
        let out = kept.clone().unwrap_or_else(|| folder.path().to_owned()).join(fixture);
        let paths = figure::draw_all(&rows(fixture), &out).expect("figures");
        let mut names: Vec<String> = paths
            .iter()
            .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
            .collect();
        names.sort();
        insta::assert_snapshot!(format!("figures_{fixture}"), names.join("\n"));
        for path in paths {
            assert!(fs::metadata(&path).expect("written").len() > 2_000, "{}", path.display());
        }
    }
}
