//! Promises about the order of lists and about cursors.

use std::rc::Rc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Resource, catalogue};
use serde_json::{Map, Value};

use crate::{
    exchange::Exchange,
    list::{self, Newest, created_at, ids, path},
    promise::{CheckResult, NotKept, Promise, choice, differs, documented, expect, not_seen},
    server::Server,
};

/// How many records are walked over, and how many on a page: three pages, the last one shorter.
const WALKED: usize = 8;
const ON_A_PAGE: usize = 3;
/// How many pages a walk has at the most: one that has not ended by then does not end.
const MAX_PAGES: usize = 2 * WALKED;
/// The beginning of the documentation's own cursor.
const CURSOR_BEGINS: &str = "eyJjcmVhdGVkX2F0Ijo";

pub(super) fn promises(server: &Server) -> Vec<Promise<'_>> {
    let mut promises = vec![
        choice("the newest come first", newest_first(server)),
        choice("records of one moment come by id, descending", ties_by_id(server)),
    ];
    for resource in catalogue::ALL.iter().filter(|resource| list::is_list(resource)) {
        let name = format!("walking {} with cursors gives each record once, as one page does", resource.name);
        promises.push(choice(name, walk_as_one_page(server, resource)));
    }
    promises.extend([
        documented("has_more is a boolean", each_page(server, |page| page.body["has_more"].is_boolean())),
        documented(
            "next_cursor is null exactly where has_more is false",
            each_page(server, cursor_where_more),
        ),
        choice("limit may change from page to page", another_limit(server)),
        choice("a cursor is base64url JSON that starts with created_at", cursor_form(server)),
        choice("a cursor does not name the organization", cursor_names_none(server)),
    ]);
    for (what, refused) in [
        ("a garbled", Box::new(garbled) as Box<dyn Fn(&str) -> String>),
        ("a truncated", Box::new(|cursor: &str| format!("/v1/calls?cursor={}", &cursor[..cursor.len() - 2]))),
        ("another list's", Box::new(|cursor: &str| format!("/v1/contacts?cursor={cursor}"))),
        ("another filter's", Box::new(|cursor: &str| format!("/v1/calls?status=failed&cursor={cursor}"))),
        ("another since's", Box::new(|cursor: &str| format!("/v1/calls?since=2001-01-01&cursor={cursor}"))),
        ("a made-up", Box::new(|_: &str| "/v1/calls?cursor=no-cursor".to_owned())),
    ] {
        let refused = async move {
            let page = list::small_page(server, &catalogue::CALLS).await?;
            let cursor = page.next_cursor().filter(|cursor| cursor.is_ascii() && cursor.len() > 8);
            let cursor = cursor.ok_or_else(|| not_seen("no cursor in ASCII"))?;
            server.get(&refused(cursor)).await?.refused_naming(400, "cursor")
        };
        promises.push(choice(format!("{what} cursor is a 400 naming cursor"), refused));
    }
    promises
}

/// A cursor with another letter in its middle.
fn garbled(cursor: &str) -> String {
    let (start, end) = cursor.split_at(cursor.len() / 2);
    let other = if end.starts_with('A') { 'B' } else { 'A' };
    format!("/v1/calls?cursor={start}{other}{}", &end[1..])
}

/// Holds where `holds` does for each two neighbours of each list.
async fn each_two(
    server: &Server,
    applies: fn(&Value, &Value) -> bool,
    holds: fn(&Value, &Value) -> bool,
) -> Result<bool, NotKept> {
    let mut seen = false;
    for resource in catalogue::ALL.iter().filter(|resource| list::is_list(resource)) {
        let known = match Newest::of(server, resource).await {
            Err(NotKept::NotSeen(_)) => continue,
            known => known?,
        };
        for pair in known.records().windows(2).filter(|pair| applies(&pair[0], &pair[1])) {
            seen = true;
            expect(holds(&pair[0], &pair[1]), "", format!("another order of {}", resource.name))?;
        }
    }
    Ok(seen)
}

async fn newest_first(server: &Server) -> CheckResult {
    let holds = |first: &Value, second: &Value| {
        created_at(first).zip(created_at(second)).is_some_and(|(first, second)| first >= second)
    };
    let seen = each_two(server, |_, _| true, holds).await?;
    if seen { Ok(()) } else { Err(not_seen("no list has two records")) }
}

async fn ties_by_id(server: &Server) -> CheckResult {
    let one_moment = |first: &Value, second: &Value| created_at(first) == created_at(second);
    let descending = |first: &Value, second: &Value| list::id(first) > list::id(second);
    let seen = each_two(server, one_moment, descending).await?;
    if seen { Ok(()) } else { Err(not_seen("no two records were created in one moment")) }
}

/// Walks over the newest records but one moment's, with `since`, to the end.
async fn walk_as_one_page(server: &Server, resource: &Resource) -> CheckResult {
    let known = Newest::of(server, resource).await?;
    let records = known.some()?;
    let since = records.get(WALKED.min(records.len() - 1)).and_then(created_at);
    let since = since.ok_or_else(|| not_seen("created_at is no time"))?;
    let newer: Vec<&str> = ids(records)
        .into_iter()
        .zip(records)
        .filter(|(_, record)| created_at(record).is_some_and(|created| created > since))
        .map(|(id, _)| id)
        .collect();
    if newer.len() < 2 {
        return Err(not_seen(format!("too few {} for two pages", resource.name)));
    }
    let on_a_page = ON_A_PAGE.min(newer.len() - 1);
    let start = format!("{}?limit={on_a_page}&since={}", path(resource), since.fixed_width());
    let (mut walked, mut next) = (Vec::new(), start.clone());
    for _ in 0..MAX_PAGES {
        let page = server.get(&next).await?;
        let on_this = page.records()?;
        let empty = on_this.is_empty() && !walked.is_empty();
        expect(!empty, "a record on each page that has_more promises", "an empty page")?;
        walked.extend(ids(on_this).into_iter().map(str::to_owned));
        let Some(cursor) = page.next_cursor() else {
            return expect(walked == newer, "the records of one page", "others, or in another order");
        };
        next = format!("{start}&cursor={cursor}");
    }
    Err(differs("an end", "more and more pages"))
}

async fn each_page(server: &Server, holds: fn(&Exchange) -> bool) -> CheckResult {
    let pages: Vec<Rc<Exchange>> = server.answers();
    let mut pages = pages.iter().filter(|page| page.status == 200 && page.body["data"].is_array()).peekable();
    pages.peek().ok_or_else(|| not_seen("no list was answered"))?;
    pages.try_for_each(|page| expect(holds(page), "", format!("otherwise for {}", page.asked)))
}

fn cursor_where_more(page: &Exchange) -> bool {
    page.next_cursor().is_some() == page.has_more() && (page.has_more() || page.body["next_cursor"].is_null())
}

async fn another_limit(server: &Server) -> CheckResult {
    let page = list::small_page(server, &catalogue::CALLS).await?;
    let cursor = page.next_cursor().unwrap_or_default();
    let next = server.get(&format!("/v1/calls?limit=2&cursor={cursor}")).await?;
    let known = Newest::of(server, &catalogue::CALLS).await?;
    let expected: Vec<&str> = known.ids().into_iter().skip(1).take(2).collect();
    expect(ids(next.records()?) == expected, "the two records that follow", "others")
}

async fn cursor_json(server: &Server) -> Result<(String, Map<String, Value>), NotKept> {
    let page = list::small_page(server, &catalogue::CALLS).await?;
    let cursor = page.next_cursor().unwrap_or_default().to_owned();
    let json = URL_SAFE_NO_PAD.decode(&cursor).ok().and_then(|json| serde_json::from_slice(&json).ok());
    let fields = json.ok_or_else(|| differs("base64url JSON", "something else"))?;
    Ok((cursor, fields))
}

async fn cursor_form(server: &Server) -> CheckResult {
    let (cursor, fields) = cursor_json(server).await?;
    let first = fields.keys().next().map_or("nothing", String::as_str);
    expect(cursor.starts_with(CURSOR_BEGINS), "created_at at its start", first)
}

async fn cursor_names_none(server: &Server) -> CheckResult {
    let (_, fields) = cursor_json(server).await?;
    let me = server.get("/v1/me").await?;
    let organization = &me.data(200)?["organization_id"];
    let named = fields.iter().any(|(name, value)| name.contains("organization") || value == organization);
    expect(!named, "no organization", "one")
}
