//! Caching of the documentation: what a browser may keep, and what it asks for again.

use std::collections::{BTreeMap, BTreeSet};

use harness::{World, functions, invoke, stack};
use local::Throttle;
use reqwest::{
    Method, StatusCode,
    header::{CACHE_CONTROL, ETAG, HeaderMap, IF_NONE_MATCH},
};
use serde_json::json;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const PAGE: &str = "/docs/en/index.html";

/// A reader's browser: it keeps what it may, and asks anew what it has to.
struct Browser<'a> {
    world: &'a World,
    kept: BTreeMap<String, HeaderMap>,
    /// The paths that were asked for, with the statuses of the responses.
    asked: Vec<(String, StatusCode)>,
}

impl<'a> Browser<'a> {
    fn new(world: &'a World) -> Self {
        Self { world, kept: BTreeMap::new(), asked: Vec::new() }
    }

    /// Opens a page with all that it needs to be shown, and returns how many requests that took.
    async fn opens(&mut self, path: &str) -> usize {
        let before = self.asked.len();
        // What it shows of a page that it has is what it was shown then.
        let page = reqwest::get(self.world.url(path)).await.unwrap().text().await.unwrap();
        self.get(path.to_owned()).await;
        for asset in assets(&page) {
            self.get(asset).await;
        }
        self.asked.len() - before
    }

    async fn get(&mut self, path: String) {
        let kept = self.kept.get(&path);
        if kept.is_some_and(|headers| headers[CACHE_CONTROL] == FOR_EVER) {
            return;
        }
        let mut request = reqwest::Client::new().get(self.world.url(&path));
        if let Some(tag) = kept.and_then(|headers| headers.get(ETAG)) {
            request = request.header(IF_NONE_MATCH, tag);
        }
        let answer = request.send().await.unwrap();
        self.asked.push((path.clone(), answer.status()));
        if answer.status() == 200 {
            self.kept.insert(path, answer.headers().clone());
        }
    }
}

/// The paths of what a page in a language's folder asks for, to be shown.
fn assets(page: &str) -> BTreeSet<String> {
    let addresses = page.split(['"', '\'']).filter_map(|text| text.strip_prefix("../"));
    addresses.filter(|path| !path.contains('/')).map(|path| format!("/docs/{path}")).collect()
}

#[tokio::test]
async fn a_first_page_is_five_requests_and_every_further_one_a_single_short_one() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    assert_eq!(browser.opens(PAGE).await, 5, "{:?}", browser.asked);
    assert_eq!(browser.opens("/docs/de/lists.html").await, 1, "in any language");
    assert_eq!(browser.opens("/docs/en/reference-calls.html").await, 3, "the reference has two files more");
    assert_eq!(browser.opens("/docs/fr/reference-leads.html").await, 1);
    assert!(browser.asked.iter().all(|(_, status)| *status == 200), "{:?}", browser.asked);
    for path in [PAGE, "/docs/en/reference-calls.html"] {
        assert_eq!(browser.opens(path).await, 1);
        assert_eq!(browser.asked.last().unwrap(), &(path.to_owned(), StatusCode::NOT_MODIFIED));
    }
}

#[tokio::test]
async fn what_may_be_kept_for_ever_has_a_name_that_changes_with_it() {
    let world = World::new().await;
    for page in docs::PAGES.iter().filter(|page| !page.path.ends_with("404.html")) {
        let answer = reqwest::get(world.url(&format!("/docs/{}", page.path))).await.unwrap();
        let kept = if page.is_asset { FOR_EVER } else { "no-cache" };
        assert_eq!(answer.headers()[CACHE_CONTROL], kept, "{}", page.path);
        assert!(answer.headers()[ETAG].to_str().unwrap().starts_with("W/\""), "{}", page.path);
        let text = answer.text().await.unwrap();
        let hash = &domain::key::sha256_hex(text.as_bytes())[..16];
        assert_eq!(page.path.contains(hash), page.is_asset, "{} is not named by what is served", page.path);
        let is_html = page.content_type.starts_with("text/html");
        assert!(!(page.is_asset && is_html), "{}: somebody has that address", page.path);
    }
    let document = reqwest::get(world.url("/v1/openapi.json")).await.unwrap();
    assert_eq!(document.headers()[CACHE_CONTROL], "no-cache");
}

#[tokio::test]
async fn who_has_a_page_already_is_told_so_and_sent_nothing() {
    let world = World::new().await;
    for path in [PAGE, "/v1/openapi.json", "/docs/postman.json"] {
        let first = reqwest::get(world.url(path)).await.unwrap();
        let weak = first.headers()[ETAG].to_str().unwrap().to_owned();
        let strong = weak.trim_start_matches("W/").to_owned();
        for (method, sent, status) in [
            (Method::GET, vec![weak.clone()], 304),
            // Some gateways make a strong tag of it, some pages' tools drop the W/.
            (Method::GET, vec![strong.clone()], 304),
            (Method::GET, vec![format!("\"another, one\",W/\"x\" , {weak}")], 304),
            (Method::GET, vec!["\"another\"".to_owned(), weak.clone()], 304),
            (Method::GET, vec!["*".to_owned()], 304),
            (Method::HEAD, vec![weak.clone()], 304),
            (Method::GET, vec!["\"another\"".to_owned()], 200),
            (Method::GET, vec!["\"a,*,b\"".to_owned()], 200),
            (Method::GET, vec![strong.trim_matches('"').to_owned()], 200),
            // As a server that compresses may spell it, which API Gateway is not known to do.
            (Method::GET, vec![strong.replace("\"", "-gzip\"")], 200),
            (Method::GET, vec![String::new()], 200),
            (Method::GET, Vec::new(), 200),
        ] {
            let mut request = reqwest::Client::new().request(method.clone(), world.url(path));
            for value in &sent {
                request = request.header(IF_NONE_MATCH, value);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{method} {path} {sent:?}");
            for name in ["etag", "cache-control", "vary", "x-request-id"] {
                assert!(answer.headers().contains_key(name), "{status} without {name}");
            }
            assert_eq!(answer.headers()[ETAG], weak);
            assert_eq!(answer.text().await.unwrap().is_empty(), status == 304, "{method} {path} {sent:?}");
        }
    }
}

#[tokio::test]
async fn a_page_that_names_another_server_has_another_tag() {
    let world = World::new().await;
    let functions = functions(&world.store);
    let tag = async |host: &str| {
        let event = json!({"path": PAGE, "httpMethod": "GET", "multiValueHeaders": {"Host": [host], "X-Forwarded-Proto": ["https"]}});
        invoke(&functions, &event).await["multiValueHeaders"]["etag"].to_string()
    };
    assert_eq!(tag("api.example.com").await, tag("api.example.com").await);
    assert_ne!(tag("api.example.com").await, tag("api.example.org").await);
}

/// While traffic shifts, nine of ten files come from the version before the page's; after it, an old page is still open.
#[tokio::test]
async fn the_file_of_another_version_is_served_and_not_kept() {
    let world = World::new().await;
    let get = async |path: &str| reqwest::get(world.url(path)).await.unwrap();
    for asset in docs::PAGES.iter().filter(|page| page.is_asset) {
        let (rest, extension) = asset.path.rsplit_once('.').unwrap();
        let (name, hash) = rest.rsplit_once('.').unwrap();
        assert_eq!(hash.len(), 16, "{}", asset.path);
        for other in [format!("{name}.0123456789abcdef.{extension}"), format!("{name}.{extension}")] {
            let answer = get(&format!("/docs/{other}")).await;
            assert_eq!(answer.status(), 200, "{other}");
            assert_eq!(answer.headers()["content-type"], asset.content_type, "{other}");
            assert_eq!(
                answer.headers()[CACHE_CONTROL],
                "no-store",
                "{other}: the name will mean another text"
            );
            assert_eq!(
                answer.text().await.unwrap(),
                get(&format!("/docs/{}", asset.path)).await.text().await.unwrap()
            );
        }
        for none in [
            format!("{name}.0123456789abcdefg.{extension}"),
            format!("{name}.0123/456789abcdef.{extension}"),
            format!("{name}..{extension}"),
            format!("nothing.{hash}.{extension}"),
            format!("{name}.{hash}.html"),
        ] {
            assert_eq!(get(&format!("/docs/{none}")).await.status(), 404, "{none}");
        }
    }
    assert_eq!(get("/docs/en/index.0123456789abcdef.html").await.status(), 404, "pages have one name");
}

#[tokio::test]
async fn readers_and_those_without_a_key_take_no_requests_from_each_other() {
    let mut stack = stack();
    let three = Throttle { rate: 0.001, burst: 3.0 };
    stack.keys = three;
    stack.own_keys.values_mut().for_each(|throttle| *throttle = three);
    let world = World::behind(stack).await;
    let statuses = async |authorization: &str, path: &str| {
        let mut statuses = Vec::new();
        for _ in 0..4 {
            let request = reqwest::Client::new().get(world.url(path)).header("authorization", authorization);
            statuses.push(request.send().await.unwrap().status().as_u16());
        }
        statuses
    };
    let bearer = format!("Bearer {}", world.key);
    assert_eq!(statuses("none", "/v1/me").await, [401, 401, 401, 429]);
    assert_eq!(statuses("none", PAGE).await, [200, 200, 200, 429], "a flood without keys leaves pages alone");
    assert_eq!(
        statuses(&bearer, "/v1/openapi.json").await,
        [429; 4],
        "one bucket for all of the documentation"
    );
    assert_eq!(statuses(&bearer, "/v1/me").await, [200, 200, 200, 429], "and a key has lost nothing by it");
}
