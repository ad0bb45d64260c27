//! Runs with headers of many kinds: the run's own server takes whatever a scenario asks for.

use crate::fixture::{MINIATURE, lost_nothing, run};

/// Checks profiles and lines of one's own that name a page of another origin, which a server
/// refuses unless it is told of it.
#[test]
fn requests_of_every_profile_and_of_pages_from_elsewhere_are_heard() {
    let folder = tempfile::tempdir().unwrap();
    let profiles = r#"headers.profile=["minimal", "browser", "firefox-lean", "kaazing-2009"]"#;
    let lines = r#"headers.lines=["Origin: http://a.test:81", "Referer: http://b.test/x"]"#;
    for (name, headers) in [("profiles", profiles), ("lines", lines)] {
        let out = folder.path().join(name);
        let sets = [&MINIATURE[..], &["traffic.speak=\"post\"", headers]].concat();
        let mut command = run("scenarios/quick.toml", &out, &sets);
        let output = command.args(["--only", "short_poll"]).output().unwrap();
        lost_nothing(&output, &out);
    }
}
