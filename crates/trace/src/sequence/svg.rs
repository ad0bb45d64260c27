//! The ladder as a picture: light background, readable in print and on a projector.

use std::fmt::Write;

use dissect::{Direction, Purpose};

use super::{
    colour, label,
    layout::{Layout, Mark, Rung, layout},
    meaning, milliseconds,
};
use crate::{NoteKind, Record, ledger};

/// The font family, which is that of a report's figures.
const FAMILY: &str = "Inter, 'Noto Sans SC', sans-serif";
const WIDTH: f64 = 980.0;
const CLIENT: f64 = 130.0;
const SERVER: f64 = 810.0;
const OTHER: f64 = 930.0;
const LEGEND: f64 = 64.0;

/// Returns the ladder as a whole SVG document.
#[must_use]
pub fn svg(record: &Record) -> String {
    let layout = layout(record);
    let height = layout.bottom + LEGEND + 24.0;
    let mut out = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0}" viewBox="0 0 {WIDTH} {height:.0}" font-family="{FAMILY}" font-size="12">
<title>One life over {way}</title>
<rect width="{WIDTH}" height="{height:.0}" fill="#ffffff"/>
"##,
        way = record.way
    );
    heading(&mut out, record);
    lines(&mut out, &layout);
    layout.marks.iter().for_each(|one| mark(&mut out, one));
    for silence in &layout.silences {
        let (x, y) = (f64::midpoint(CLIENT, SERVER), silence.y);
        let _ = writeln!(
            out,
            r##"<text x="{x}" y="{y:.1}" text-anchor="middle" fill="#8a93a0" font-size="11">{} without a byte</text>"##,
            milliseconds(silence.time)
        );
    }
    let many = record.connections.len() > 1;
    layout
        .rungs
        .iter()
        .for_each(|one| rung(&mut out, one, many));
    legend(&mut out, record, &layout);
    out.push_str("</svg>\n");
    out
}

fn heading(out: &mut String, record: &Record) {
    let delay = if record.delay.is_zero() {
        "over bare loopback".to_owned()
    } else {
        format!(
            "through a link of {:.0} ms each way",
            record.delay.as_secs_f64() * 1e3
        )
    };
    let total = |direction| record.total(direction);
    let _ = writeln!(
        out,
        r##"<text x="24" y="34" font-size="18" font-weight="bold" fill="#111827">One life over {way}</text>
<text x="24" y="54" fill="#4b5563">{delay}; {up} bytes up, {down} bytes down. Time runs downwards, not to scale: each rung tells its own, at the client's socket.</text>"##,
        way = record.way,
        up = total(Direction::Up),
        down = total(Direction::Down),
    );
}

fn lines(out: &mut String, layout: &Layout) {
    let (top, bottom) = (layout.top - 10.0, layout.bottom);
    let speaks = layout
        .marks
        .iter()
        .find(|mark| mark.kind == NoteKind::Other);
    let people = [("ann", CLIENT), ("server", SERVER)]
        .into_iter()
        .chain(speaks.map(|_| ("bo", OTHER)));
    for (name, x) in people {
        let _ = writeln!(
            out,
            r##"<text x="{x}" y="{y:.1}" text-anchor="middle" font-weight="bold" font-size="13" fill="#111827">{name}</text>
<line x1="{x}" y1="{top:.1}" x2="{x}" y2="{bottom:.1}" stroke="#9aa3af" stroke-width="1.5"/>"##,
            y = top - 6.0,
        );
    }
}

fn mark(out: &mut String, mark: &Mark) {
    let y = mark.y;
    match mark.kind {
        NoteKind::Step => {
            let _ = writeln!(
                out,
                r##"<rect x="16" y="{:.1}" width="{}" height="20" rx="4" fill="#eef2f7"/>
<text x="24" y="{:.1}" fill="#1f2937" font-weight="bold">{}</text>"##,
                y - 14.0,
                WIDTH - 32.0,
                y,
                escaped(&mark.text)
            );
        }
        NoteKind::Other => {
            let _ = writeln!(
                out,
                r##"<line x1="{OTHER}" y1="{y:.1}" x2="{:.1}" y2="{y:.1}" stroke="#374151" stroke-width="1.6" stroke-dasharray="2 3"/>
{}
<text x="{:.1}" y="{:.1}" text-anchor="middle" fill="#374151" font-size="11">says it</text>
<text x="24" y="{:.1}" fill="#6b7280" font-size="11">{}</text>"##,
                SERVER + 8.0,
                head([SERVER, y], [-1.0, 0.0], "#374151"),
                f64::midpoint(SERVER, OTHER),
                y - 5.0,
                y + 4.0,
                milliseconds(mark.at)
            );
        }
    }
}

fn rung(out: &mut String, rung: &Rung, many: bool) {
    let element = &rung.element;
    let colour = colour(element.purpose());
    let (from, to) = match element.direction {
        Direction::Up => ([CLIENT, rung.client], [SERVER, rung.server]),
        Direction::Down => ([SERVER, rung.server], [CLIENT, rung.client]),
    };
    let length = (to[0] - from[0]).hypot(to[1] - from[1]);
    let along = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    let dash = if element.connection > 1 {
        r#" stroke-dasharray="7 4""#
    } else {
        ""
    };
    let connection = if many && element.connection > 1 {
        "second connection: "
    } else {
        ""
    };
    let slope = (rung.server - rung.client) / (SERVER - CLIENT);
    let _ = writeln!(
        out,
        r##"<line x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}" stroke="{colour}" stroke-width="2"{dash}/>
{}
<text x="24" y="{:.1}" fill="#4b5563" font-size="11">{}</text>
<text x="{:.1}" y="{:.1}" transform="rotate({:.2} {CLIENT} {:.1})" fill="{colour}">{connection}{}</text>"##,
        from[0],
        from[1],
        to[0] - along[0] * 8.0,
        to[1] - along[1] * 8.0,
        head(to, along, colour),
        rung.client + 4.0,
        milliseconds(element.at),
        CLIENT + 14.0,
        rung.client - 5.0,
        slope.atan().to_degrees(),
        rung.client,
        escaped(&label(element, 92)),
    );
}

/// Returns an arrow's head with its tip at `tip`.
fn head(tip: [f64; 2], along: [f64; 2], colour: &str) -> String {
    let back = [tip[0] - along[0] * 9.0, tip[1] - along[1] * 9.0];
    let across = [-along[1] * 4.5, along[0] * 4.5];
    format!(
        r#"<path d="M{:.1} {:.1} L{:.1} {:.1} L{:.1} {:.1} Z" fill="{colour}"/>"#,
        tip[0],
        tip[1],
        back[0] + across[0],
        back[1] + across[1],
        back[0] - across[0],
        back[1] - across[1],
    )
}

fn legend(out: &mut String, record: &Record, layout: &Layout) {
    let ledger = ledger(record);
    let mut x = 24.0;
    let mut y = layout.bottom + 28.0;
    for purpose in Purpose::ALL {
        let bytes: u64 = Direction::ALL
            .into_iter()
            .map(|direction| ledger.purpose(direction, purpose))
            .sum();
        if bytes == 0 {
            continue;
        }
        if x > WIDTH - 200.0 {
            x = 24.0;
            y += 22.0;
        }
        let words = format!("{}: {bytes} bytes", meaning(purpose));
        let _ = writeln!(
            out,
            r##"<line x1="{x:.0}" y1="{:.1}" x2="{:.0}" y2="{:.1}" stroke="{}" stroke-width="3"/>
<text x="{:.0}" y="{y:.1}" fill="#374151">{words}</text>"##,
            y - 4.0,
            x + 22.0,
            y - 4.0,
            colour(purpose),
            x + 28.0,
        );
        x += 48.0 + 6.6 * words.chars().count() as f64;
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
