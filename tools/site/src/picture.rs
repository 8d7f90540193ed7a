//! The picture of the landing page: a call comes in, becomes records, and these reach the reader's own systems.

use maud::{Markup, html};

use crate::strings::Strings;

/// The width of the picture in its own units, which are pixels where there is room.
const WIDTH: u32 = 440;

pub(crate) fn figure(strings: &Strings) -> Markup {
    let words = &strings.picture;
    let records = [words.call, words.contact, words.lead, words.appointment];
    html! {
        figure.picture {
            svg viewBox={ "0 0 " (WIDTH) " 372" } role="img" aria-label=(words.label) {
                (node(0, 66, words.caller, "+1 201 555 0142"))
                path.wave d="M30 24v18M39 29v8M48 18v30M57 27v12M66 31v4" {}
                (arrow("M220 66v26m-6-7l6 7 6-7"))
                rect.main x="0" y="94" width=(WIDTH) height="112" rx="12" {}
                text.strong x="220" y="122" { (words.assistant) }
                @for (at, record) in (0_u32..).zip(records) {
                    (record_card(12 + at * 105, record))
                }
                (arrow("M36 306v-98m-6 7l6-7 6 7"))
                (way(50, "GET /v1/calls", words.asked))
                (arrow("M216 208v98m-6-7l6 7 6-7"))
                (way(230, "call.completed", words.told))
                (node(308, 62, words.systems, words.examples))
            }
        }
    }
}

/// A box over the whole width, with its name and a line below.
fn node(y: u32, height: u32, name: &str, line: &str) -> Markup {
    html! {
        rect x="0.5" y=(f64::from(y) + 0.5) width=(WIDTH - 1) height=(height - 1) rx="12" {}
        text.strong x="220" y=(y + 28) { (name) }
        text.note x="220" y=(y + 48) { (line) }
    }
}

fn record_card(x: u32, name: &str) -> Markup {
    html! {
        rect.record x=(x) y="138" width="101" height="54" rx="8" {}
        text x=(x + 50) y="170" { (name) }
    }
}

/// The label of an arrow between the API and the reader's systems: the code, and words on it.
fn way(x: u32, code: &str, words: &str) -> Markup {
    html! {
        text.way.call x=(x) y="250" { (code) }
        text.way.note x=(x) y="270" { (words) }
    }
}

/// A line with a point at its end.
fn arrow(path: &str) -> Markup {
    html! { path.arrow d=(path) {} }
}
