//! The page with sliders as a server has it: beside the classroom's pages, for a usual workload.

use classroom::{Beside, Content};
use maud::Markup;

use super::{ADDRESS, Measured, Parts, STYLE, page, script, table};
use crate::{
    advise::{calibration::Calibration, prices::Prices},
    args::{self, WorkloadInputs},
};

/// Returns the files of the page for a server, which makes the table on a thread of its own.
pub(crate) fn beside(lang: args::Lang) -> [Beside; 3] {
    let page: fn() -> String = match lang {
        args::Lang::En => || served("en"),
        args::Lang::Zh => || served("zh-CN"),
    };
    let file = |path: &str, media_type, text| Beside {
        path: format!("{ADDRESS}{path}"),
        media_type,
        text,
    };
    [
        file("", "text/html; charset=utf-8", Content::Made(page)),
        file("/page.css", "text/css; charset=utf-8", STYLE.into()),
        file(
            "/page.js",
            "text/javascript; charset=utf-8",
            script().into(),
        ),
    ]
}

/// Returns the page of a usual workload for a server. That it can be made is tested; a page that
/// says why it cannot is better than none.
fn served(lang: &str) -> String {
    // A calibration that cannot be read costs two lines of the page, which say so.
    let measured = Measured::of(Calibration::read(None));
    let made = Prices::read(None)
        .and_then(|prices| table(&usual(), &[], &prices, &measured))
        .and_then(|table| page(&table, lang, Parts::Beside));
    made.map_or_else(|error| format!("{error:#}"), Markup::into_string)
}

/// Returns the workload with which the served page begins.
fn usual() -> WorkloadInputs {
    WorkloadInputs {
        readers: Some(5_000.0),
        rooms: Some(100.0),
        messages_per_room: Some(5.0),
        payload: Some(100.0),
        round_trip_ms: Some(50.0),
        ..WorkloadInputs::default()
    }
}
