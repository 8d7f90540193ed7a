//! Promises about the filters of lists, each alone and in combination.

use domain::{Filter, FilterKind, Resource, catalogue};
use form_urlencoded::byte_serialize;

use crate::{
    list::{Newest, first_page, is_list},
    promise::{CheckResult, NotKept, Promise, choice, documented, expect, not_seen},
    server::Server,
};

pub(super) fn promises(server: &Server) -> Vec<Promise<'_>> {
    let mut promises = Vec::new();
    for resource in catalogue::ALL.iter().filter(|resource| is_list(resource)) {
        for filter in resource.filters {
            let name = format!("{} narrows {}", filter.parameter, resource.name);
            match &filter.kind {
                FilterKind::OneOf(words) => {
                    promises.push(documented(name, by_words(server, resource, filter, words)));
                }
                FilterKind::Phone => {
                    promises.push(documented(name, by_phone(server, resource, filter, encoded)));
                    let name = format!("a part of a number finds no {}", resource.name);
                    promises.push(documented(name, by_part(server, resource, filter)));
                }
                FilterKind::Owner => {}
            }
        }
        if let [first, second] = resource.filters {
            let name =
                format!("{} and {} narrow {} together", first.parameter, second.parameter, resource.name);
            promises.push(documented(name, together(server, resource, [first, second])));
        }
    }
    let phone = &catalogue::CALLS.filters[0];
    promises.extend([
        choice("phone takes an unencoded +", by_phone(server, &catalogue::CALLS, phone, str::to_owned)),
        choice(
            "phone drops spaces, dots, dashes and brackets",
            by_phone(server, &catalogue::CALLS, phone, punctuated),
        ),
    ]);
    promises
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// `+14155551234` as `+1 (4).1-55551234`.
fn punctuated(phone: &str) -> String {
    let (start, rest) = phone.split_at(phone.len().min(2));
    let mut rest = rest.chars();
    let (first, second) = (rest.next().unwrap_or_default(), rest.next().unwrap_or_default());
    encoded(&format!("{start} ({first}).{second}-[{}]", rest.as_str()))
}

async fn by_words(server: &Server, resource: &Resource, filter: &Filter, words: &[&str]) -> CheckResult {
    let known = Newest::of(server, resource).await?;
    known.any()?;
    for word in words {
        let answer = server.get(&format!("{}&{}={word}", first_page(resource), filter.parameter)).await?;
        known.narrowed(&answer, |record| record[filter.attribute] == *word)?;
        let others = answer.records()?.iter().any(|record| record[filter.attribute] != *word);
        expect(!others, format!("{word} only"), "others too")?;
    }
    Ok(())
}

/// The newest record's number. A test of a filter wants something to be filtered out.
fn phone_of<'a>(known: &'a Newest, filter: &Filter) -> Result<&'a str, NotKept> {
    let record = known.find("with a phone number", |record| record[filter.attribute].is_string())?;
    let phone = record[filter.attribute].as_str().filter(|phone| phone.is_ascii() && phone.len() > 4);
    phone.ok_or_else(|| not_seen("no phone number in E.164"))
}

async fn by_phone(
    server: &Server,
    resource: &Resource,
    filter: &Filter,
    write: fn(&str) -> String,
) -> CheckResult {
    let known = Newest::of(server, resource).await?;
    let phone = phone_of(&known, filter)?;
    let query = format!("{}&{}={}", first_page(resource), filter.parameter, write(phone));
    let answer = server.get(&query).await?;
    known.narrowed(&answer, |record| record[filter.attribute] == phone)?;
    let others = answer.records()?.iter().any(|record| record[filter.attribute] != phone);
    expect(!others, "that number only", "others too")
}

async fn by_part(server: &Server, resource: &Resource, filter: &Filter) -> CheckResult {
    let known = Newest::of(server, resource).await?;
    let phone = phone_of(&known, filter)?;
    let part = &phone[..phone.len() - 1];
    let answer =
        server.get(&format!("{}&{}={}", first_page(resource), filter.parameter, encoded(part))).await?;
    let others = answer.records()?.iter().any(|record| record[filter.attribute] != part);
    expect(!others, "that number only", "others too")
}

async fn together(server: &Server, resource: &Resource, filters: [&Filter; 2]) -> CheckResult {
    let known = Newest::of(server, resource).await?;
    let both = |record: &serde_json::Value| filters.iter().all(|filter| record[filter.attribute].is_string());
    let record = known.find("with a value for both", both)?;
    let value = |filter: &Filter| record[filter.attribute].as_str().unwrap_or_default();
    let query: String =
        filters.map(|filter| format!("&{}={}", filter.parameter, encoded(value(filter)))).concat();
    let answer = server.get(&format!("{}{query}", first_page(resource))).await?;
    let fits =
        |record: &serde_json::Value| filters.iter().all(|filter| record[filter.attribute] == value(filter));
    known.narrowed(&answer, fits)?;
    expect(answer.records()?.iter().all(fits), "those that match both", "others too")
}
