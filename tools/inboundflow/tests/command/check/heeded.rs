//! Parameters that are not heeded.

use super::*;

const CASES: &[Case] = &[
    (
        "limit",
        Fault::Asking(|path| if path == "/v1/calls?limit=1" { "/v1/calls".into() } else { path.into() }),
        &[
            "lists: limit is how many records a page has at the most",
            "lists: limit may change from page to page",
        ],
    ),
    (
        "since",
        Fault::Asking(|path| without(path, "since")),
        &[
            "lists: a since in a year of five digits is a 400 naming since",
            "lists: a since that is no time is a 400 naming since",
            "lists: a since without an offset is a 400 naming since",
            "lists: another since's cursor is a 400 naming cursor",
            "lists: since gives the appointments created after it, and not at it",
            "lists: since gives the calls created after it, and not at it",
            "lists: since gives the contacts created after it, and not at it",
            "lists: since gives the events created after it, and not at it",
            "lists: since gives the leads created after it, and not at it",
            "lists: since gives the webhooks created after it, and not at it",
            "lists: since takes a date as its midnight in UTC",
            "lists: since takes an encoded offset",
            "lists: since takes an unencoded offset",
            "lists: walking appointments with cursors gives each record once, as one page does",
            "lists: walking calls with cursors gives each record once, as one page does",
            "lists: walking contacts with cursors gives each record once, as one page does",
            "lists: walking events with cursors gives each record once, as one page does",
            "lists: walking leads with cursors gives each record once, as one page does",
            "lists: walking webhooks with cursors gives each record once, as one page does",
        ],
    ),
    (
        "status",
        Fault::Asking(|path| without(path, "status")),
        &[
            "lists: a status in capitals is a 400 naming status",
            "lists: an empty status is a 400 naming status",
            "lists: an unknown status of appointments is a 400 naming what is allowed",
            "lists: an unknown status of calls is a 400 naming what is allowed",
            "lists: an unknown status of leads is a 400 naming what is allowed",
            "lists: another filter's cursor is a 400 naming cursor",
            "lists: status and urgency narrow leads together",
            "lists: status narrows appointments",
            "lists: status narrows calls",
            "lists: status narrows leads",
        ],
    ),
    (
        "urgency",
        Fault::Asking(|path| without(path, "urgency")),
        &[
            "lists: an unknown urgency of leads is a 400 naming what is allowed",
            "lists: status and urgency narrow leads together",
            "lists: urgency narrows leads",
        ],
    ),
    (
        "phone",
        Fault::Asking(|path| without(path, "phone")),
        &[
            "lists: a part of a number finds no calls",
            "lists: a part of a number finds no contacts",
            "lists: a phone with a zero in brackets is a 400 naming phone",
            "lists: a phone without its + is a 400 naming phone",
            "lists: phone and status narrow calls together",
            "lists: phone drops spaces, dots, dashes and brackets",
            "lists: phone narrows calls",
            "lists: phone narrows contacts",
            "lists: phone takes an unencoded +",
        ],
    ),
    (
        "cursor",
        Fault::Asking(|path| without(path, "cursor")),
        &[
            "lists: a garbled cursor is a 400 naming cursor",
            "lists: a made-up cursor is a 400 naming cursor",
            "lists: a truncated cursor is a 400 naming cursor",
            "lists: another filter's cursor is a 400 naming cursor",
            "lists: another list's cursor is a 400 naming cursor",
            "lists: another since's cursor is a 400 naming cursor",
            "lists: limit may change from page to page",
            "lists: walking appointments with cursors gives each record once, as one page does",
            "lists: walking calls with cursors gives each record once, as one page does",
            "lists: walking contacts with cursors gives each record once, as one page does",
            "lists: walking events with cursors gives each record once, as one page does",
            "lists: walking leads with cursors gives each record once, as one page does",
            "lists: walking webhooks with cursors gives each record once, as one page does",
        ],
    ),
    (
        "an unencoded offset",
        Fault::Asking(|path| path.replace("+02:00", "%2002:00x")),
        &["lists: since takes an unencoded offset"],
    ),
    (
        "an unencoded phone",
        Fault::Asking(|path| path.replace("phone=+", "phone=x")),
        &["lists: phone takes an unencoded +"],
    ),
    (
        "an encoded offset",
        Fault::Asking(|path| path.replace("%2B02:00", "Z")),
        &["lists: since takes an encoded offset"],
    ),
    (
        "punctuation",
        Fault::Asking(
            |path| if path.contains("%28") { path.replace("phone=", "phone=x") } else { path.into() },
        ),
        &["lists: phone drops spaces, dots, dashes and brackets"],
    ),
    (
        "an id in capitals",
        Fault::Asking(|path| {
            if path.starts_with("/v1/calls/") && path.contains(|c: char| c.is_ascii_uppercase()) {
                "/v1/calls/x".into()
            } else {
                path.into()
            }
        }),
        &["calls: an id is read in capitals too"],
    ),
];

/// The path without a parameter.
fn without(path: &str, name: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let prefix = format!("{name}=");
    let kept: Vec<&str> = query.split('&').filter(|part| !part.starts_with(&prefix)).collect();
    format!("{path}?{}", kept.join("&"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parameter_that_is_not_heeded_is_found() {
    each_is_found(CASES).await;
}

const INCLUSIVE: &[Case] = &[(
    "since",
    Fault::Asking(inclusive),
    &[
        "lists: since gives the appointments created after it, and not at it",
        "lists: since gives the calls created after it, and not at it",
        "lists: since gives the contacts created after it, and not at it",
        "lists: since gives the events created after it, and not at it",
        "lists: since gives the leads created after it, and not at it",
        "lists: since gives the webhooks created after it, and not at it",
        "lists: since takes an unencoded offset",
        "lists: walking appointments with cursors gives each record once, as one page does",
        "lists: walking calls with cursors gives each record once, as one page does",
        "lists: walking contacts with cursors gives each record once, as one page does",
        "lists: walking events with cursors gives each record once, as one page does",
        "lists: walking leads with cursors gives each record once, as one page does",
        "lists: walking webhooks with cursors gives each record once, as one page does",
    ],
)];

fn inclusive(path: &str) -> String {
    let Some((start, since)) = path.split_once("since=") else { return path.to_owned() };
    let (since, rest) = since.split_once('&').map_or((since, ""), |(since, rest)| (since, rest));
    let Some(moment) = domain::Timestamp::parse(since) else { return path.to_owned() };
    let before = domain::Timestamp::from_unix_ms(moment.unix_ms() - 1).unwrap();
    format!("{start}since={}&{rest}", before.fixed_width()).trim_end_matches('&').to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exclusive_bound_that_is_inclusive_is_found() {
    each_is_found(INCLUSIVE).await;
}
