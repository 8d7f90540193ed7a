//! The ways to the documentation from addresses that are not its own: what people type, and what browsers ask for.

use harness::World;
use reqwest::{Method, RequestBuilder, Response};

/// What a browser sends with an address that was typed.
const BY_A_BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8";
const UNKNOWN: [&str; 5] = ["/nothing", "/v1", "/v1/calls/a/b", "/index.html", "/nothing/at/all/"];

fn asked(world: &World, path: &str) -> RequestBuilder {
    reqwest::Client::new().get(world.url(path))
}

fn kind(response: &Response) -> (u16, &str) {
    (response.status().as_u16(), response.headers()["content-type"].to_str().unwrap())
}

#[tokio::test]
async fn the_address_alone_leads_to_the_documentation() {
    let world = World::new().await;
    let arrived = asked(&world, "/").header("accept-language", "de").send().await.unwrap();
    assert_eq!((arrived.status().as_u16(), arrived.url().path()), (200, "/docs/de/index.html"));
    let posted = reqwest::Client::new().request(Method::POST, world.url("/")).send().await.unwrap();
    assert_eq!(kind(&posted), (405, "application/json"));
}

#[tokio::test]
async fn what_browsers_and_search_engines_ask_for_by_themselves_is_answered() {
    let world = World::new().await;
    let icon = asked(&world, "/favicon.ico").send().await.unwrap();
    assert_eq!(kind(&icon), (200, "image/svg+xml"));
    let robots = asked(&world, "/robots.txt").send().await.unwrap();
    assert_eq!(kind(&robots), (200, "text/plain; charset=utf-8"));
    assert_eq!(robots.text().await.unwrap(), "User-agent: *\nAllow: /docs\nDisallow: /\n");
}

#[tokio::test]
async fn a_browser_that_asks_for_an_unknown_path_gets_a_page_whose_links_lead_to_the_documentation() {
    let world = World::new().await;
    for path in UNKNOWN {
        for language in ["en", "de", "fr", "es"] {
            let request = asked(&world, path).header("accept", BY_A_BROWSER);
            let response = request.header("accept-language", language).send().await.unwrap();
            assert_eq!(kind(&response), (404, "text/html; charset=utf-8"), "{path}");
            assert_eq!(response.headers()["cache-control"], "no-store");
            let page = response.text().await.unwrap();
            assert!(page.contains(&format!("<html lang=\"{language}\">")), "{page}");
            let links: Vec<&str> =
                page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            assert_eq!(links.last(), Some(&world.url(&format!("/docs/{language}/index.html")).as_str()));
            for (link, expected) in links.into_iter().zip(["image/svg+xml", "text/css; charset=utf-8"]) {
                assert_eq!(kind(&reqwest::get(link).await.unwrap()), (200, expected), "{link}");
            }
        }
    }
}

#[tokio::test]
async fn a_program_that_asks_for_an_unknown_path_gets_the_envelope() {
    let world = World::new().await;
    let key = format!("Bearer {}", world.key);
    for path in UNKNOWN {
        for headers in [
            &[][..],
            &[("accept", "*/*")],
            &[("accept", "application/json")],
            &[("accept", "text/plain, text/htm")],
            // Java's HTTP client names HTML by itself.
            &[("accept", "text/html, image/gif, image/jpeg, */*; q=.2"), ("authorization", key.as_str())],
        ] {
            let request = headers
                .iter()
                .fold(asked(&world, path), |request, (name, value)| request.header(*name, *value));
            let response = request.send().await.unwrap();
            assert_eq!(kind(&response), (404, "application/json"), "{path} {headers:?}");
            let body: serde_json::Value = response.json().await.unwrap();
            assert_eq!(body["error"]["code"], "not_found");
        }
    }
}

#[tokio::test]
async fn a_host_that_is_none_gets_into_no_404_page() {
    let world = World::new().await;
    for host in ["evil.example\"><script>", "a b", "x'y"] {
        let request = asked(&world, "/nothing").header("accept", BY_A_BROWSER).header("host", host);
        let page = request.send().await.unwrap().text().await.unwrap();
        assert!(page.contains("href=\"/docs/en/index.html\"") && !page.contains(host), "{host}: {page}");
    }
}
