//! Promises about the parameters of lists, and the errors of wrong ones.

use domain::{DEFAULT_LIMIT, FilterKind, MAX_LIMIT, Resource, catalogue};

use crate::{
    list::{self, Newest, path},
    promise::{CheckResult, Promise, choice, documented, expect, not_seen},
    server::Server,
};

/// The size below which a page that is not full must not be cut.
const CUT_BYTES: usize = 3 * 1024 * 1024;

/// Queries of `/v1/calls` that are wrong, and the parameter that is at fault.
const WRONG: [(&str, &str, &str); 14] = [
    ("limit=0", "limit=0", "limit"),
    ("limit=101", "limit=101", "limit"),
    ("a limit that is no number", "limit=ten", "limit"),
    ("an empty limit", "limit=", "limit"),
    ("an unknown parameter", "page=2", "page"),
    ("a parameter in capitals", "Limit=5", "Limit"),
    ("a repeated parameter", "limit=5&limit=5", "limit"),
    ("an empty status", "status=", "status"),
    ("a status in capitals", "status=COMPLETED", "status"),
    ("a since that is no time", "since=yesterday", "since"),
    ("a since without an offset", "since=2026-02-24T20:59:00", "since"),
    ("a since in a year of five digits", "since=%2B12026-01-01", "since"),
    ("a phone without its +", "phone=0415", "phone"),
    ("a phone with a zero in brackets", "phone=%2B44(0)2079460958", "phone"),
];

pub(super) fn promises(server: &Server) -> Vec<Promise<'_>> {
    let mut promises = vec![
        documented(
            format!("a page has {DEFAULT_LIMIT} records unless limit says otherwise"),
            default_limit(server),
        ),
        documented("limit is how many records a page has at the most", limit_of_one(server)),
    ];
    for (what, query, param) in WRONG {
        let refused = async move {
            let answer = server.get(&format!("/v1/calls?{query}")).await?;
            answer.refused_naming(400, param)
        };
        promises.push(choice(format!("{what} is a 400 naming {param}"), refused));
    }
    for resource in catalogue::ALL {
        for filter in resource.filters {
            let FilterKind::OneOf(words) = &filter.kind else { continue };
            let name = format!(
                "an unknown {} of {} is a 400 naming what is allowed",
                filter.parameter, resource.name
            );
            promises.push(choice(name, unknown_word(server, resource, filter.parameter, words)));
        }
    }
    promises.push(choice("a refused limit says what is allowed", says_limits(server)));
    promises.push(choice("an unknown parameter is told which there are", says_parameters(server)));
    promises
}

async fn default_limit(server: &Server) -> CheckResult {
    let page = server.get(&path(&catalogue::CALLS)).await?;
    let count = page.records()?.len();
    let known = Newest::of(server, &catalogue::CALLS).await?;
    expect(count <= DEFAULT_LIMIT, format!("at most {DEFAULT_LIMIT}"), format!("{count}"))?;
    if known.records().len() <= DEFAULT_LIMIT {
        return Err(not_seen(format!("no more than {DEFAULT_LIMIT} calls")));
    }
    let full = count == DEFAULT_LIMIT || page.text.len() > CUT_BYTES;
    expect(full, format!("{DEFAULT_LIMIT}"), format!("{count}"))
}

async fn limit_of_one(server: &Server) -> CheckResult {
    let known = Newest::of(server, &catalogue::CALLS).await?;
    let count = known.records().len();
    expect(count <= MAX_LIMIT, format!("at most {MAX_LIMIT}"), format!("{count}"))?;
    known.any()?;
    let page = server.get("/v1/calls?limit=1").await?;
    let count = page.records()?.len();
    expect(count == 1, "1", format!("{count}"))
}

async fn unknown_word(server: &Server, resource: &Resource, parameter: &str, words: &[&str]) -> CheckResult {
    let answer = server.get(&format!("{}?{parameter}=no-such-word", path(resource))).await?;
    answer.refused_naming(400, parameter)?;
    words.iter().try_for_each(|word| answer.says(word))
}

async fn says_limits(server: &Server) -> CheckResult {
    let answer = server.get("/v1/calls?limit=0").await?;
    ["1", &MAX_LIMIT.to_string()].into_iter().try_for_each(|bound| answer.says(bound))
}

async fn says_parameters(server: &Server) -> CheckResult {
    let answer = server.get("/v1/calls?page=2").await?;
    let filters = catalogue::CALLS.filters.iter().map(|filter| filter.parameter);
    ["limit", "cursor", "since"].into_iter().chain(filters).try_for_each(|name| answer.says(name))
}

/// The promises about `since`, in the ways in which people write it.
pub(super) fn since(server: &Server) -> Vec<Promise<'_>> {
    let mut promises = Vec::new();
    for resource in catalogue::ALL.iter().filter(|resource| list::is_list(resource)) {
        let name = format!("since gives the {} created after it, and not at it", resource.name);
        let check = since_as(server, resource, |moment| moment.fixed_width());
        promises.push(list::of_list(resource, name, check));
    }
    promises.extend([
        choice("since takes an encoded offset", since_as(server, &catalogue::CALLS, |at| offset(at, "%2B"))),
        choice("since takes an unencoded offset", since_as(server, &catalogue::CALLS, |at| offset(at, "+"))),
        choice("since takes a date as its midnight in UTC", since_date(server)),
    ]);
    promises
}

/// A time as a clock two hours ahead shows it.
fn offset(moment: domain::Timestamp, plus: &str) -> String {
    let ahead = moment.plus(std::time::Duration::from_secs(2 * 60 * 60)).fixed_width();
    format!("{}{plus}02:00", ahead.trim_end_matches('Z'))
}

/// Asks for what is newer than the middle one of the newest records.
async fn since_as(
    server: &Server,
    resource: &Resource,
    write: impl Fn(domain::Timestamp) -> String,
) -> CheckResult {
    let known = Newest::of(server, resource).await?;
    let records = known.some()?;
    let Some(moment) = list::created_at(&records[records.len() / 2]) else {
        return Err(not_seen("created_at is no time"));
    };
    narrowed_since(server, resource, moment, &write(moment)).await
}

async fn since_date(server: &Server) -> CheckResult {
    let known = Newest::of(server, &catalogue::CALLS).await?;
    let date: String = known.any()?["created_at"].as_str().unwrap_or_default().chars().take(10).collect();
    let Some(midnight) = domain::Timestamp::parse_or_date(&date) else {
        return Err(not_seen("created_at is no time"));
    };
    narrowed_since(server, &catalogue::CALLS, midnight, &date).await
}

async fn narrowed_since(
    server: &Server,
    resource: &Resource,
    moment: domain::Timestamp,
    since: &str,
) -> CheckResult {
    let answer = server.get(&format!("{}&since={since}", list::first_page(resource))).await?;
    let known = Newest::of(server, resource).await?;
    known.narrowed(&answer, |record| list::created_at(record).is_some_and(|created| created > moment))?;
    let older = |record| list::created_at(record).is_none_or(|created| created <= moment);
    expect(!answer.records()?.iter().any(older), "none created before", "some")
}
