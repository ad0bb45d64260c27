//! The figures inside the page, each with an explanation of how to read it.

use maud::{Markup, PreEscaped, html};

use chart::Figure;

/// The explanation of each figure, by the beginning of the figure's name.
const READING: [(&str, &str); 22] = [
    (
        "capacity",
        "Each line is one transport over the load that grew. The dashed line is the bound; a ring \
         marks the largest load that held. What is crossed out may not be believed, most often \
         because the generator itself could do no more.",
    ),
    (
        "open_and_closed",
        "The same stall twice. On the left drafts left when they were due, on the right each waited \
         for the answer to the one before. Thick: from when a draft was due; thin and pale: from \
         when it was sent. Where the two part, the tool has waited and not told.",
    ),
    (
        "crossover_",
        "Each line is one transport over the value that was swept; lower is better. A ring marks \
         where one overtakes another, with the value there in words below. A crossing is ringed \
         only where the repeats show the one ahead on its left and the other on its right: lines \
         that lie on each other cross by chance. Both axes are logarithmic.",
    ),
    (
        "heat_winner",
        "Each square is one combination of the two swept values. The marker says who needs least \
         there, the number how many times as much the next one needs. Hatched squares have no \
         winner: the repeats of the first two overlap, or they lie within 5 %. A thick line runs \
         where one clear winner borders on another.",
    ),
    (
        "heat_ratio_",
        "Each square holds a ratio; × is a difference that the repeats show, ≈ one that they do \
         not. Grey squares are above 1, hatched blue ones below, and the thick line runs where \
         the ratio is 1, interpolated between the measured values on logarithmic axes.",
    ),
    (
        "latency_by_percentile",
        "Read a line from left to right as from the lucky to the unlucky: at 50 half of the \
         deliveries took longer than the line shows, at 99 one in a hundred did. A flat line is a \
         steady transport; a line that bends upwards has a tail. The vertical axis is logarithmic, \
         because polling and pushing lie powers of ten apart.",
    ),
    (
        "latency_over_time",
        "Each second of the measured time on its own, but for those with hardly any deliveries: \
         a message due just before the second ends has its first receivers in it alone. A steady line is a steady run; a step or a \
         slope says that something changed or piled up, and then one number for the whole run \
         hides it.",
    ),
    (
        "bytes_per_message",
        "The length of a bar is what crosses the socket for each delivered message, in both \
         directions. The full part is the message itself, the pale part is everything around it.",
    ),
    (
        "library_adds",
        "The length of a bar is what crosses for each message beside the message itself. The full part \
         is what stands around it in the content: the envelope of the library, or the JSON of a \
         batch. The pale part is what carries content: heads of HTTP, of frames and of chunks. Behind \
         the plus is the difference to the same way without the library.",
    ),
    (
        "bytes_by_",
        "The same bytes, taken apart by what they were for and which layer of the protocol they \
         belong to. Every byte is in exactly one part.",
    ),
    (
        "bandwidth_over_time",
        "What crosses all sockets in each second, above from the server, below to it. For one \
         speaker and many readers the upper one is large; a poller shows in the lower one, asking.",
    ),
    (
        "connections_over_time",
        "Above, how many readers are connected; below, how many connections they make in each \
         second. A cut is a step down above, and what follows it below shows how readers come \
         back: all at once, or spread over their waits.",
    ),
    (
        "requests_per_message",
        "How often readers ask for each message that they get. The pale part came back empty. A \
         number below 1 says that one answer brought several messages, which is what polling \
         gains by being late.",
    ),
    (
        "server_cpu_per_message",
        "Processor time of the server for each delivered message, read from outside its process; \
         several servers are added up. The generator’s own time is not in it, but both share the \
         machine.",
    ),
    (
        "memory_by_clients",
        "Each marker is a run: how much memory its clients added to the server. What counts is how \
         steep a line is, which is what one client more costs; where it starts is what the server \
         sets aside once.",
    ),
    (
        "server_memory_per_client",
        "The memory that all clients together added to the server, divided by them; what the server \
         sets aside once is in it. A compression context that each reader has of its own is seen \
         here, and one that is shared is not.",
    ),
    (
        "by_factor_",
        "Each group is one way to read, each of its bars one combination of what was changed. Bars are \
         compared within their group, because each group has a scale of its own; the numbers go for \
         all. The thin line over the end of a bar reaches from the least to the most of the repeats.",
    ),
    (
        "by_cell_latency",
        "How the slowest hundredth grows with the swept value. A point is missing where fewer \
         than 1,000 deliveries carry it.",
    ),
    (
        "by_cell_bytes",
        "Bytes at the socket for each delivered message, over the swept value.",
    ),
    (
        "by_cell_requests",
        "How often readers ask for each message, over the swept value.",
    ),
    (
        "by_cell_server_cpu",
        "Processor time of the server for each message, over the swept value.",
    ),
    (
        "by_cell",
        "Each line is one transport over the value that was swept.",
    ),
];

/// The figures that are left out if another figure shows the same better, each with that other one.
const DOUBLES: [(&str, &str); 3] = [
    ("by_cell_latency", "crossover_p99"),
    ("by_cell_bytes", "crossover_bytes"),
    ("by_cell_server_cpu", "crossover_server_cpu"),
];

pub(super) fn section(figures: &[Figure]) -> Markup {
    let has = |name: &str| figures.iter().any(|figure| figure.name == name);
    let double = |figure: &&Figure| {
        DOUBLES
            .iter()
            .any(|(double, better)| figure.name == *double && has(better))
    };
    let shown: Vec<&Figure> = figures.iter().filter(|figure| !double(figure)).collect();
    html! {
        section id="charts" {
            h2 { "Charts" }
            p.lead {
                "Drawn from the CSV files alone. Each transport keeps its colour, marker and dash \
                 throughout, so that no chart needs colour; what is not valid is hatched, thin or \
                 crossed out. " span.narrow { "Tap a chart to enlarge it, then move it sideways." }
            }
            @for (at, figure) in shown.iter().enumerate() { (chart(figure, at)) }
        }
    }
}

fn chart(figure: &Figure, at: usize) -> Markup {
    let reading = READING
        .iter()
        .find(|(name, _)| figure.name.starts_with(name));
    html! {
        figure id={ "chart-" (at + 1) } {
            div.sheet tabindex="0" { (PreEscaped(inline(&figure.svg, at + 1))) }
            figcaption {
                @if let Some((_, cell)) = figure.name.split_once('.') { p.of { (spoken(cell)) } }
                @if let Some((_, reading)) = reading { p { strong { "How to read it. " } (reading) } }
            }
        }
    }
}

/// Turns `clients-100_rate-4` into `At clients 100, rate 4`. Servers are called `nodes` in settings.
fn spoken(cell: &str) -> String {
    let words = cell.replace('_', ", ").replace('-', " ");
    let words: Vec<&str> = words
        .split(' ')
        .map(|word| if word == "nodes" { "servers" } else { word })
        .collect();
    format!("At {}", words.join(" "))
}

/// Returns a document as an element: without its XML head, as wide as there is room, and with ids
/// that no other figure has.
fn inline(svg: &str, number: usize) -> String {
    let start = svg.find("<svg").unwrap_or(0);
    let svg = &svg[start..];
    let end = svg.find('>').unwrap_or(svg.len());
    let (open, rest) = svg.split_at(end);
    let open = without(&without(open, "width"), "height");
    let text = format!("{open}{rest}");
    own_ids(&text, &format!("f{number}-"))
}

/// Returns an opening tag without one attribute.
fn without(tag: &str, attribute: &str) -> String {
    let pattern = format!(" {attribute}=\"");
    let Some(from) = tag.find(&pattern) else {
        return tag.to_owned();
    };
    let value = from + pattern.len();
    let to = tag[value..]
        .find('"')
        .map_or(tag.len(), |end| value + end + 1);
    format!("{}{}", &tag[..from], &tag[to..])
}

/// Adds a prefix to all ids and to the references to them.
fn own_ids(svg: &str, prefix: &str) -> String {
    svg.replace(" id=\"", &format!(" id=\"{prefix}"))
        .replace("url(#", &format!("url(#{prefix}"))
        .replace("href=\"#", &format!("href=\"#{prefix}"))
}

#[cfg(test)]
mod tests {
    use chart::canvas::{GREY, INK, PAPER};
    use palette::{Colour, Hue};

    use super::{inline, spoken};
    use crate::html::STYLE;

    /// The hues that are told apart by their colour.
    const HUES: [Hue; 5] = [Hue::Orange, Hue::Amber, Hue::Green, Hue::Sky, Hue::Night];

    /// Returns the shares of red, green and blue.
    fn drawn(Colour(red, green, blue): Colour) -> [f64; 3] {
        [red, green, blue].map(|byte| f64::from(byte) / 255.0)
    }

    /// Returns the shares behind `invert(.9) hue-rotate(180deg)`.
    fn in_the_dark(colour: Colour) -> [f64; 3] {
        let inverted = drawn(colour).map(|share| 0.9 - 0.8 * share);
        // The matrix of the second filter, as Filter Effects has it.
        let matrix: [[f64; 3]; 3] = [
            [-0.574, 1.430, 0.144],
            [0.426, 0.430, 0.144],
            [0.426, 1.430, -0.856],
        ];
        matrix.map(|row| {
            let parts = row.iter().zip(inverted).map(|(part, share)| part * share);
            parts.sum::<f64>().clamp(0.0, 1.0)
        })
    }

    /// Returns the contrast of a colour with white paper, as WCAG 2 has it.
    fn contrast(of: fn(Colour) -> [f64; 3], colour: Colour) -> f64 {
        let light = |colour: Colour| {
            let [red, green, blue] = of(colour).map(|share| {
                if share <= 0.04045 {
                    share / 12.92
                } else {
                    ((share + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
        };
        let (one, other) = (light(colour), light(PAPER));
        one.max(other) / one.min(other)
    }

    /// Returns which of red, green and blue is the strongest.
    fn strongest(shares: [f64; 3]) -> Option<usize> {
        (0..3).max_by(|one, other| shares[*one].total_cmp(&shares[*other]))
    }

    #[test]
    fn a_dark_screen_keeps_contrast_and_colours() {
        let rule = "@media screen and (prefers-color-scheme: dark) \
                    { .sheet svg, .mark { filter: invert(.9) hue-rotate(180deg); } }";
        assert!(STYLE.contains(rule));
        assert!(STYLE.contains(".sheet { background: var(--card);"));
        for colour in [INK, GREY] {
            let found = contrast(in_the_dark, colour);
            assert!(found >= 4.5, "{colour:?}: {found}");
        }
        for colour in HUES.map(Hue::colour) {
            let (light, dark) = (contrast(drawn, colour), contrast(in_the_dark, colour));
            assert!(dark >= light.min(4.5), "{colour:?}: {light} and {dark}");
            let kept = strongest(drawn(colour)) == strongest(in_the_dark(colour));
            assert!(kept, "{colour:?} is another colour in the dark");
        }
        let ground = in_the_dark(PAPER);
        assert!(ground.iter().all(|share| *share < 0.15), "{ground:?}");
    }

    #[test]
    fn a_cell_is_named_in_words() {
        assert_eq!(spoken("clients-100_rate-4"), "At clients 100, rate 4");
        assert_eq!(spoken("rooms-24_nodes-4"), "At rooms 24, servers 4");
    }

    #[test]
    fn an_element_of_its_own() {
        let svg = "<?xml version=\"1.0\"?>\n<svg width=\"8\" height=\"4\" viewBox=\"0 0 16 8\">\
                   <g id=\"a\"/><use href=\"#a\" fill=\"url(#b)\"/><rect width=\"3\"/></svg>";
        assert_eq!(
            inline(svg, 2),
            "<svg viewBox=\"0 0 16 8\"><g id=\"f2-a\"/><use href=\"#f2-a\" fill=\"url(#f2-b)\"/>\
             <rect width=\"3\"/></svg>"
        );
    }
}
