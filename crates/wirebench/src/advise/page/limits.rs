//! The limits that each way meets, as coefficients of what strains them and of where they lie, and the
//! proxies that somebody may choose.

use analysis::advice::{Advice, Bounds, Limit, Strain, strains};
use scenario::ProxyKind;
use serde::Serialize;

use super::words::LEAST;
use crate::advise::{
    calibration::both,
    figures::{self, Figures},
    sheets::{proxy_note, told},
    workload::{Proxy, Workload},
};

/// A limit of one way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Meets {
    /// The number without which there is no such limit.
    needs: Option<&'static str>,
    /// The load: a constant, for each reader, for each tab of a person.
    load: [f64; 3],
    /// The bound: a constant, for each file, worker and second of a proxy's silence.
    bound: [f64; 4],
    /// The words in English and in Chinese, below the bound and beyond it, with `{load}` and `{bound}`.
    words: [[String; 2]; 2],
}

/// A proxy and its settings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ProxyChoice {
    pub(super) name: [String; 2],
    pub(super) ends_tls: bool,
    #[serde(skip)]
    pub(super) proxy: Option<Proxy>,
}

/// The numbers that the limits depend on.
#[derive(Debug, Clone, Copy)]
struct Point {
    readers: f64,
    tabs: f64,
    files: f64,
    workers: Option<f64>,
    idle: Option<f64>,
}

/// A point from which one number at a time is changed, and by how much it is.
const POINT: Point = Point {
    readers: 1_000.0,
    tabs: 1.0,
    files: 1_000.0,
    workers: Some(10.0),
    idle: Some(10.0),
};
const STEP: f64 = 1.0;
/// The order in which limits are told that are strained alike.
const ORDER: [Limit; 5] = [
    Limit::OpenFiles,
    Limit::BrowserSockets,
    Limit::BrowserConnections,
    Limit::Workers,
    Limit::ProxyIdle,
];
/// Numbers that stand for a load and a bound in a text, as it is then written.
const LARGE: (f64, &str) = (222_222.0, "222,222");
const SMALL: (f64, &str) = (111_111.0, "111,111");

/// Returns the proxies that somebody may choose, none first.
pub(super) fn proxies() -> Vec<ProxyChoice> {
    let none = ProxyChoice {
        name: both("none"),
        ends_tls: false,
        proxy: None,
    };
    let each = ProxyKind::KNOWN.into_iter().flat_map(|kind| {
        [true, false].map(|is_right| {
            let added = |words: &str, comma: &str| {
                let name = kind.name();
                if is_right {
                    name.to_owned()
                } else {
                    format!("{name}{comma}{words}")
                }
            };
            ProxyChoice {
                name: [added(LEAST[0], ", "), added(LEAST[1], "，")],
                ends_tls: kind.ends_tls(),
                proxy: Some(Proxy { kind, is_right }),
            }
        })
    });
    std::iter::once(none).chain(each).collect()
}

/// Returns what each proxy does to a way, beside its limit.
pub(super) fn notes(one: &Figures, proxies: &[ProxyChoice]) -> Vec<Option<[String; 2]>> {
    let note = |choice: &ProxyChoice| proxy_note(choice.proxy, one.choice.way).map(both);
    proxies.iter().map(note).collect()
}

/// Returns the limits that a way meets, in the order in which equal ones are told.
pub(super) fn met(one: &Figures, workload: &Workload) -> Vec<Meets> {
    let at = |point: Point| strained(one, workload, point);
    let of = |all: &[Strain], limit: Limit| all.iter().find(|one| one.limit == limit).copied();
    let base = at(POINT);
    let of_limit = |strain: &Strain| {
        let limit = strain.limit;
        let changed = |point: Point| of(&at(point), limit).unwrap_or(*strain);
        let load = |point: Point| (changed(point).load - strain.load) / STEP;
        let bound = |point: Point| (changed(point).bound - strain.bound) / STEP;
        let more = |number: Option<f64>| number.map(|number| number + STEP);
        let by_reader = load(Point {
            readers: POINT.readers + STEP,
            ..POINT
        });
        let by_tab = load(Point {
            tabs: POINT.tabs + STEP,
            ..POINT
        });
        let by_file = bound(Point {
            files: POINT.files + STEP,
            ..POINT
        });
        let by_worker = bound(Point {
            workers: more(POINT.workers),
            ..POINT
        });
        let by_second = bound(Point {
            idle: more(POINT.idle),
            ..POINT
        });
        let [workers, idle] = [POINT.workers, POINT.idle].map(Option::unwrap_or_default);
        Meets {
            needs: needed(limit, &at),
            load: [
                strain.load - by_reader * POINT.readers - by_tab * POINT.tabs,
                by_reader,
                by_tab,
            ],
            bound: [
                strain.bound - by_file * POINT.files - by_worker * workers - by_second * idle,
                by_file,
                by_worker,
                by_second,
            ],
            words: [(SMALL, LARGE), (LARGE, SMALL)].map(|(load, bound)| words(limit, load, bound)),
        }
    };
    let ordered = ORDER.into_iter().filter_map(|limit| of(&base, limit));
    ordered.map(|strain| of_limit(&strain)).collect()
}

/// Returns the number without which there is no such limit.
fn needed(limit: Limit, at: &impl Fn(Point) -> Vec<Strain>) -> Option<&'static str> {
    let without_workers = Point {
        workers: None,
        ..POINT
    };
    let without_idle = Point {
        idle: None,
        ..POINT
    };
    let each = [("workers", without_workers), ("idle", without_idle)];
    let is_gone = |point: Point| !at(point).iter().any(|one| one.limit == limit);
    let gone = each.into_iter().find(|(_, point)| is_gone(*point));
    gone.map(|(name, _)| name)
}

/// Returns the strains at a point.
fn strained(one: &Figures, workload: &Workload, point: Point) -> Vec<Strain> {
    let mut usage = figures::usage(workload);
    (usage.readers, usage.rooms) = (point.readers, 1.0);
    let bounds = Bounds {
        tabs: point.tabs,
        files: point.files,
        workers: point.workers,
        idle_cut: point.idle,
        ..figures::bounds(workload)
    };
    let advice = Advice::of(&one.situation, &usage);
    strains(&one.situation, &advice, &usage, &bounds)
}

/// Returns the words for a strain, with names in place of its numbers.
fn words(limit: Limit, load: (f64, &str), bound: (f64, &str)) -> [String; 2] {
    let strain = Strain {
        limit,
        load: load.0,
        bound: bound.0,
    };
    both(&told(&strain)).map(|text| text.replace(load.1, "{load}").replace(bound.1, "{bound}"))
}
