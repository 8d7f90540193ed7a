//! How lists stand growth: the calls of one organization, the pages before the one that is asked for,
//! organizations beside it, and a filter that hardly anything passes.

mod calls;
mod ground;

use std::{collections::BTreeMap, time::Duration};

use calls::{ONE_IN, RARE};
use ground::{Ground, LIMIT, Owner, PREFIX};

use crate::{meter::Tally, plot, table::Table};

const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const PAGES: [usize; 2] = [1, 1_000];
const BUSY: usize = 100_000;
const IDLE: usize = 10_000;
const ROUNDS: usize = 301;

/// A page of calls.
pub(crate) struct PageRow {
    pub(crate) of: String,
    pub(crate) page: usize,
    pub(crate) tally: Tally,
    pub(crate) bytes: usize,
    pub(crate) median: Duration,
    pub(crate) p90: Duration,
    /// The ratio of this row's median to the first row's.
    pub(crate) ratio: f64,
}

/// A list of which a filter leaves hardly anything.
pub(crate) struct RareRow {
    pub(crate) of: String,
    pub(crate) found: usize,
    pub(crate) answers: usize,
    /// The units of the response that took the most.
    pub(crate) tally: Tally,
    pub(crate) median: Duration,
}

pub(crate) async fn run() {
    let most = std::env::args().nth(2).and_then(|most| most.parse().ok()).unwrap_or(usize::MAX);
    println!("Lists of {LIMIT} calls of 1 KB, medians of {ROUNDS} in turn; DynamoDB's part is embedded.");
    let pages = pages(most).await;
    print_pages("calls of the organization", &pages);
    draw(&pages);
    print_pages("a busy organization", &crowd(most).await);
    print_rare(&rare(most).await);
}

/// The first, a late and the last page of ever larger organizations.
pub(crate) async fn pages(most: usize) -> Vec<PageRow> {
    let ground = Ground::new().await;
    let work = async {
        let mut owners = Vec::new();
        for calls in SIZES.into_iter().filter(|calls| *calls <= most) {
            let owner = ground.owner(calls).await;
            ground.load(&owner).await;
            owners.push(owner);
        }
        let mut asked = Vec::new();
        for owner in &owners {
            let last = owner.calls / LIMIT;
            let pages = PAGES.into_iter().filter(|page| *page < last).chain([last]);
            asked.extend(pages.map(|page| (owner.calls.to_string(), &ground, owner, page)));
        }
        let walked = owners.iter().rev().find(|owner| owner.calls <= BUSY).expect("an organization");
        walk(&ground, walked).await;
        Ok(compare(&asked).await)
    };
    ground.engine.bulk(work).await.expect("the engine's pragmas")
}

/// Pages of one organization alone in its tables, and beside many idle ones. Both engines have written the
/// same: the one without has them in tables of another prefix.
pub(crate) async fn crowd(most: usize) -> Vec<PageRow> {
    let (alone, crowded) = (Ground::new().await, Ground::new().await);
    let busy = BUSY.min(most);
    let (a, b) = (alone.owner(busy).await, crowded.owner(busy).await);
    let work = async {
        alone.load(&a).await;
        crowded.load(&b).await;
        alone.load_idle("Other-", IDLE.min(most)).await;
        crowded.load_idle(PREFIX, IDLE.min(most)).await;
        let late = busy / LIMIT / 2;
        let beside = format!("beside {IDLE} idle ones");
        let asked = [
            ("alone".to_owned(), &alone, &a, 1),
            (beside.clone(), &crowded, &b, 1),
            ("alone".to_owned(), &alone, &a, late),
            (beside, &crowded, &b, late),
        ];
        Ok(compare(&asked).await)
    };
    alone.engine.bulk(crowded.engine.bulk(work)).await.expect("the engine's pragmas")
}

/// Follows the cursors of lists that a filter leaves one call in [`ONE_IN`] of.
pub(crate) async fn rare(most: usize) -> Vec<RareRow> {
    let ground = Ground::new().await;
    let owner = ground.owner(BUSY.min(most)).await;
    let work = async {
        ground.load(&owner).await;
        let filtered = follow(&ground, &owner, "phone, then status as what is left to filter", &RARE).await;
        let indexed = follow(&ground, &owner, "status, which has an index", &RARE[1..]).await;
        Ok(vec![filtered, indexed])
    };
    ground.engine.bulk(work).await.expect("the engine's pragmas")
}

/// Asks for every page in turn, again and again.
async fn compare(asked: &[(String, &Ground, &Owner, usize)]) -> Vec<PageRow> {
    let mut times = vec![Vec::with_capacity(ROUNDS); asked.len()];
    // The first round finds out whose the keys are.
    for round in 0..=ROUNDS {
        for nth in 0..asked.len() {
            // Back and forth, so that nobody always comes after the same one.
            let nth = if round % 2 == 0 { nth } else { asked.len() - 1 - nth };
            let (_, ground, owner, page) = &asked[nth];
            let cursor = owner.cursor(*page);
            let query: Vec<_> = cursor.iter().map(|cursor| ("cursor", cursor.as_str())).collect();
            let answered = ground.list(owner, &query).await;
            if round > 0 {
                times[nth].push(answered.time);
            }
        }
    }
    let mut rows: Vec<PageRow> = Vec::new();
    for ((of, ground, owner, page), mut times) in asked.iter().zip(times) {
        let cursor = owner.cursor(*page);
        let query: Vec<_> = cursor.iter().map(|cursor| ("cursor", cursor.as_str())).collect();
        let (answered, tally) = ground.list_metered(owner, &query).await;
        let ids = answered.body["data"].as_array().expect("records").iter();
        assert!(ids.map(|call| call["id"].as_str().expect("an id")).eq(owner.ids(*page)), "{of} {page}");
        times.sort_unstable();
        let (median, p90) = (times[ROUNDS / 2], times[ROUNDS * 9 / 10]);
        let first = rows.first().map_or(median, |row| row.median);
        let ratio = median.as_secs_f64() / first.as_secs_f64();
        rows.push(PageRow { of: of.clone(), page: *page, tally, bytes: answered.bytes, median, p90, ratio });
    }
    rows
}

/// Walks a whole list: each cursor has to be the one that was made without walking.
async fn walk(ground: &Ground, owner: &Owner) {
    let mut cursor: Option<String> = None;
    for page in 1..=owner.calls / LIMIT {
        assert_eq!(cursor, owner.cursor(page), "page {page}");
        let query: Vec<_> = cursor.iter().map(|cursor| ("cursor", cursor.as_str())).collect();
        let answered = ground.list(owner, &query).await;
        cursor = answered.body["next_cursor"].as_str().map(str::to_owned);
    }
    assert_eq!(cursor, None, "the last page is the last one");
    eprintln!("walked {} pages of {} calls", owner.calls / LIMIT, owner.calls);
}

async fn follow(ground: &Ground, owner: &Owner, of: &str, filters: &[(&str, &str)]) -> RareRow {
    let (mut cursor, mut found, mut times) = (None::<String>, 0, Vec::new());
    let mut most = Tally::default();
    loop {
        let mut query = filters.to_vec();
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        times.push(ground.list(owner, &query).await.time);
        let (answered, tally) = ground.list_metered(owner, &query).await;
        found += answered.body["data"].as_array().expect("records").len();
        if tally.scanned > most.scanned {
            most = tally;
        }
        cursor = answered.body["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, owner.calls / ONE_IN, "every match is found");
    times.sort_unstable();
    RareRow { of: of.to_owned(), found, answers: times.len(), tally: most, median: times[times.len() / 2] }
}

/// The first page and the last one, by the calls of the organization.
fn draw(rows: &[PageRow]) {
    let points = |first: bool| {
        let rows = rows.iter().filter(|row| (row.page == 1) == first);
        let last_of_each =
            rows.map(|row| (row.of.parse().expect("a number"), row.median.as_secs_f64() * 1e3));
        let by_calls: BTreeMap<u64, f64> = last_of_each.collect();
        by_calls.into_iter().map(|(calls, ms)| (calls as f64, ms)).collect::<Vec<_>>()
    };
    let of = [("page 1", points(true)), ("the last page", points(false))];
    plot::lines("growth", "A list of 50 calls", ("calls of the organization", "ms"), &of);
}

fn print_pages(of: &str, rows: &[PageRow]) {
    let headings =
        [of, "page", "calls", "items", "read units", "read bytes", "bytes", "median", "p90", "ratio"];
    let mut table = Table::new(&headings);
    for PageRow { of, page, tally, bytes, median, p90, ratio } in rows {
        table.row([
            of.clone(),
            page.to_string(),
            tally.operations.len().to_string(),
            tally.scanned.to_string(),
            tally.read_units.to_string(),
            tally.answered_bytes.to_string(),
            bytes.to_string(),
            format!("{median:.2?}"),
            format!("{p90:.2?}"),
            format!("{ratio:.2}"),
        ]);
    }
    println!("\n{table}");
}

fn print_rare(rows: &[RareRow]) {
    let of = "one call in 10 000, by";
    let headings = [of, "found", "answers", "calls", "items", "read units", "read bytes", "median"];
    let mut table = Table::new(&headings);
    for RareRow { of, found, answers, tally, median } in rows {
        table.row([
            of.clone(),
            found.to_string(),
            answers.to_string(),
            tally.operations.len().to_string(),
            tally.scanned.to_string(),
            tally.read_units.to_string(),
            tally.answered_bytes.to_string(),
            format!("{median:.1?}"),
        ]);
    }
    println!("\n{table}");
}
