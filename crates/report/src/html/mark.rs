//! The marker and name of a variant, as they are in the figures.

use maud::{Markup, html};

use analysis::series::Identity;
use palette::{Colour, Fill, Marker};

/// Draws the marker and the name.
pub(super) fn named(identity: &Identity) -> Markup {
    html! { span.who { (mark(identity)) (identity.style.name) } }
}

/// Draws the marker alone, on a light ground, because one colour is almost black.
pub(super) fn mark(identity: &Identity) -> Markup {
    let Colour(red, green, blue) = identity.style.colour;
    let colour = format!("#{red:02x}{green:02x}{blue:02x}");
    let outline = match identity.style.fill {
        Fill::Full => "none",
        Fill::Hollow | Fill::Cored => "#fff",
    };
    let inner = if identity.style.fill == Fill::Hollow {
        "scale(.5)"
    } else {
        "scale(.62)"
    };
    html! {
        svg.mark viewBox="-12 -12 24 24" aria-hidden="true" {
            path d=(shape(identity.style.marker)) fill=(colour) {}
            @if identity.style.fill != Fill::Full {
                path d=(shape(identity.style.marker)) fill=(outline) transform=(inner) {}
            }
        }
    }
}

const fn shape(marker: Marker) -> &'static str {
    match marker {
        Marker::Square => "M-7-7H7V7H-7Z",
        Marker::Triangle => "M0-9L9 7H-9Z",
        Marker::Circle => "M-8 0a8 8 0 1 0 16 0a8 8 0 1 0-16 0Z",
        Marker::Diamond => "M0-10L10 0L0 10L-10 0Z",
        Marker::Star => {
            "M0-10L2.6-3.6L9.5-3.1L4.3 1.4L5.9 8.1L0 4.5L-5.9 8.1L-4.3 1.4L-9.5-3.1L-2.6-3.6Z"
        }
        Marker::Cross => "M-3-9H3V-3H9V3H3V9H-3V3H-9V-3H-3Z",
    }
}
