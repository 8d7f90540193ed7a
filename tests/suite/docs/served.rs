//! The documentation and the OpenAPI document as they are served: to everybody, with the address that was asked.

use std::collections::BTreeSet;

use domain::{Language, catalogue};
use harness::{World, functions, invoke};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

async fn get(world: &World, path: &str) -> (u16, HeaderMap, String) {
    let response = reqwest::get(world.url(path)).await.unwrap();
    (response.status().as_u16(), response.headers().clone(), response.text().await.unwrap())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers[name].to_str().unwrap()
}

#[tokio::test]
async fn the_openapi_document_is_served_without_a_key_and_names_the_server_that_serves_it() {
    let world = World::new().await;
    let (status, headers, text) = get(&world, "/v1/openapi.json").await;
    assert_eq!((status, header(&headers, "content-type")), (200, "application/json"));
    let rate = (header(&headers, "x-ratelimit-limit"), header(&headers, "x-ratelimit-remaining"));
    assert_eq!(rate, ("60", "0"));
    let served: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(served["servers"], json!([{"url": world.url("")}]));
    let mut committed: Value = serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap();
    committed["servers"] = served["servers"].clone();
    let local = committed.to_string().replace("http://127.0.0.1:3000", &world.url(""));
    assert_eq!(served, serde_json::from_str::<Value>(&local).unwrap());
}

#[tokio::test]
async fn a_method_that_the_document_does_not_take_is_refused_in_the_envelope() {
    let world = World::new().await;
    let response = reqwest::Client::new().post(world.url("/v1/openapi.json")).send().await.unwrap();
    assert_eq!((response.status().as_u16(), header(response.headers(), "allow")), (405, "GET, HEAD"));
    assert_eq!(response.json::<Value>().await.unwrap()["error"]["code"], "method_not_allowed");
}

#[tokio::test]
async fn every_page_is_served_in_every_language_and_names_no_other_server() {
    let world = World::new().await;
    let mut names: Vec<BTreeSet<&str>> = Vec::new();
    for language in Language::ALL {
        let folder = format!("{}/", language.tag());
        let pages = docs::PAGES.iter().filter_map(|page| page.path.strip_prefix(&folder));
        names.push(pages.filter(|name| name.ends_with(".html")).collect());
    }
    assert!(names[0].len() >= 16 && names.iter().all(|of| *of == names[0]), "{names:?}");
    for page in docs::PAGES.iter().filter(|page| !page.path.ends_with("404.html")) {
        let (status, headers, text) = get(&world, &format!("/docs/{}", page.path)).await;
        assert_eq!((status, header(&headers, "content-type")), (200, page.content_type), "{}", page.path);
        assert!(header(&headers, "content-security-policy").starts_with("default-src 'none'"));
        assert!(!text.contains(docs::WRITTEN_FOR), "{}", page.path);
    }
    let (_, _, text) = get(&world, "/docs/en/index.html").await;
    assert!(text.contains(&world.url("")), "the page names the server that shows it");
}

#[tokio::test]
async fn the_addresses_of_the_documentation_and_of_its_editions_lead_to_a_first_page() {
    let world = World::new().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for (path, location) in [
        ("/docs", "docs/en/index.html"),
        ("/docs/", "../docs"),
        ("/docs/fr", "fr/index.html"),
        ("/docs/fr/", "../fr/index.html"),
        ("/docs/fr/lists", "lists.html"),
        ("/docs/fr/lists/", "../lists.html"),
    ] {
        let response = client.get(world.url(path)).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 302, "{path}");
        assert_eq!(header(response.headers(), "location"), location, "{path}");
    }
}

#[tokio::test]
async fn the_function_leads_who_writes_a_slash_there_too() {
    let world = World::new().await;
    let event = json!({"httpMethod": "GET", "path": "/docs/"});
    let answer = invoke(&functions(&world.store), &event).await;
    let location = &answer["multiValueHeaders"]["location"][0];
    assert_eq!((&answer["statusCode"], location), (&json!(302), &json!("en/index.html")));
}

#[tokio::test]
async fn the_first_page_is_in_the_readers_language() {
    let world = World::new().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for (accepted, language) in [("de-AT, en;q=0.5", "de"), ("it, fr;q=0.1", "fr"), ("it", "en")] {
        let response =
            client.get(world.url("/docs")).header("accept-language", accepted).send().await.unwrap();
        assert_eq!(header(response.headers(), "location"), format!("docs/{language}/index.html"));
        assert_eq!(header(response.headers(), "vary"), "Accept-Language");
    }
}

/// The domain has the words of most errors. Those of a request that no handler gets to see are the API's, and the document
/// repeats them.
#[tokio::test]
async fn the_errors_that_the_document_words_itself_are_what_the_api_says() {
    let world = World::new().await;
    let document = openapi::document(Language::English).unwrap();
    let answers = document["components"]["responses"].as_object().unwrap();
    let examples = answers.values().map(|answer| &answer["content"]["application/json"]["examples"]);
    let shown: Vec<&Value> =
        examples.flat_map(|of| of.as_object().unwrap().values()).map(|one| &one["value"]["error"]).collect();
    let send = async |method, kind: &str, body: String| {
        world.client.send(method, "/v1/contacts", &[("content-type", kind)], Some(body)).await.body
    };
    for said in [
        send(Method::DELETE, "application/json", String::new()).await,
        send(Method::POST, "application/json", String::new()).await,
        send(Method::POST, "text/plain", "{}".to_owned()).await,
        send(Method::POST, "application/json", " ".repeat(catalogue::MAX_BODY_BYTES + 1)).await,
        world.client.get("/v1/calls?status=done").await.body,
    ] {
        assert!(shown.contains(&&said["error"]), "no example: {said}");
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_is_a_404_for_people() {
    let world = World::new().await;
    for path in [
        "/docs/en/nothing.html",
        "/docs/xx/index.html",
        "/docs/en/index.html/",
        "/docs/xx",
        "/docs/en//",
        "/docs/404.html",
        "/docs/fr/404",
        "/docs/fr/404.html",
        "/docs//docs/en/index.html",
    ] {
        let (status, headers, text) = get(&world, path).await;
        assert_eq!((status, header(&headers, "content-type")), (404, "text/html; charset=utf-8"), "{path}");
        assert!(text.contains("en/index.html") && header(&headers, "cache-control") == "no-store", "{path}");
    }
    let client = reqwest::Client::new();
    for (path, language) in [("/docs/de/nothing", "de"), ("/docs/nothing", "fr")] {
        let request = client.get(world.url(path)).header("accept-language", "fr");
        let text = request.send().await.unwrap().text().await.unwrap();
        assert!(text.contains(&format!("<html lang=\"{language}\">")), "{path}: {text}");
    }
}

#[tokio::test]
async fn a_host_that_is_none_gets_into_no_page() {
    let world = World::new().await;
    for host in ["evil.example\"><script>", "a b", "x/y", "x'y", ""] {
        let request = reqwest::Client::new().get(world.url("/docs/en/index.html")).header("host", host);
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{host}");
        let text = response.text().await.unwrap();
        assert!(text.contains(docs::WRITTEN_FOR) && (host.is_empty() || !text.contains(host)), "{host}");
    }
}

#[tokio::test]
async fn only_this_machine_is_named_without_tls() {
    let world = World::new().await;
    for (host, proto, named) in [
        ("api.example.com", None, "https://api.example.com/v1/calls"),
        ("api.example.com", Some("http"), "https://api.example.com/v1/calls"),
        ("api.example.com", Some("ftp"), "https://api.example.com/v1/calls"),
        ("localhost.example.com", Some("http"), "https://localhost.example.com/v1/calls"),
        ("127.example.com", None, "https://127.example.com/v1/calls"),
        ("localhost:3000", None, "http://localhost:3000/v1/calls"),
        ("[::1]:3000", Some("http"), "http://[::1]:3000/v1/calls"),
        ("127.0.0.1:3000", Some("https"), "https://127.0.0.1:3000/v1/calls"),
    ] {
        let mut request = reqwest::Client::new().get(world.url("/docs/en/index.html")).header("host", host);
        if let Some(proto) = proto {
            request = request.header("x-forwarded-proto", proto);
        }
        assert!(request.send().await.unwrap().text().await.unwrap().contains(named), "{host} {proto:?}");
    }
}

/// The gateway's event of a request for a public text.
fn asked(path: &str, host: &str) -> Value {
    json!({"path": path, "httpMethod": "GET", "multiValueHeaders": {"Host": [host], "X-Forwarded-Proto": ["https"]}})
}

#[tokio::test]
async fn a_host_longer_than_a_name_can_be_makes_no_answer_larger() {
    let world = World::new().await;
    let functions = functions(&world.store);
    let pages = docs::PAGES.iter().map(|page| format!("/docs/{}", page.path));
    for path in pages.chain(["/v1/openapi.json".to_owned()]) {
        let length =
            async |host: &str| invoke(&functions, &asked(&path, host)).await["body"].as_str().unwrap().len();
        let usual = length("api.example.com").await;
        assert!(length(&"a".repeat(400_000)).await <= usual + 10_000, "{path}");
        assert_eq!(length(&"a".repeat(256)).await, length("").await, "{path}: no such name is shown");
        assert!(length(&"a".repeat(255)).await >= usual, "{path}");
    }
}

async fn vary_of(world: &World, path: &str, accept: &str) -> String {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client.get(world.url(path)).header("accept", accept).send().await.unwrap();
    let values = answer.headers().get_all("vary").iter().map(|value| value.to_str().unwrap());
    values.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn whatever_an_answer_depends_on_is_in_its_vary() {
    let world = World::new().await;
    for (path, vary) in [
        ("/v1/openapi.json", "Accept-Encoding, Host, X-Forwarded-Proto"),
        ("/docs/en/index.html", "Accept-Encoding, Host, X-Forwarded-Proto"),
        ("/docs", "Accept-Language"),
        ("/docs/en/nothing", "Accept-Encoding, Host, X-Forwarded-Proto, Accept-Language"),
        ("/docs/nothing", "Accept-Encoding, Host, X-Forwarded-Proto, Accept-Language"),
        ("/v1/me", "Accept-Language"),
        ("/nowhere", "Accept-Language"),
    ] {
        assert_eq!(vary_of(&world, path, "*/*").await, vary, "{path}");
    }
    let page = "Accept, Accept-Encoding, Accept-Language, Authorization, Host, X-Forwarded-Proto";
    assert_eq!(vary_of(&world, "/nowhere", "text/html").await, page);
}

#[tokio::test]
async fn whoever_came_over_tls_is_told_to_come_over_nothing_else() {
    let world = World::new().await;
    let functions = functions(&world.store);
    let paths = catalogue::ALL.iter().flat_map(|resource| resource.routes).map(|route| route.path);
    for path in paths.chain(["/docs/en/index.html", "/docs", "/v1/openapi.json", "/nowhere"]) {
        for (proto, said) in
            [("https", json!(["max-age=31536000"])), ("http", Value::Null), ("", Value::Null)]
        {
            let bearer = format!("Bearer {}", world.key);
            let rest = json!({
                "path": path, "httpMethod": "GET",
                "multiValueHeaders": {"Authorization": [bearer], "X-Forwarded-Proto": [proto]},
            });
            let answer = invoke(&functions, &rest).await;
            assert_eq!(answer["multiValueHeaders"]["strict-transport-security"], said, "{path} {proto}");
            let http = json!({
                "rawPath": path, "rawQueryString": "", "requestContext": {"http": {"method": "GET"}},
                "headers": {"authorization": bearer, "x-forwarded-proto": proto},
            });
            let answer = invoke(&functions, &http).await;
            let said = said.get(0).cloned().unwrap_or_default();
            assert_eq!(answer["headers"]["strict-transport-security"], said, "{path} {proto}");
        }
    }
}

#[test]
fn the_documentations_paths_are_no_resources() {
    for path in catalogue::DOCUMENTATION {
        let owned = catalogue::ALL.iter().flat_map(|it| it.routes).any(|route| route.path == path);
        assert!(!owned, "{path}");
    }
}
