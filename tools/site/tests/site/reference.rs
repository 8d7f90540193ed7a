//! The reference says what the document says.

use domain::Language;
use serde_json::{Value, json};

use crate::{
    dom::Dom,
    root::{SiteRoot, body},
};

fn document(language: Language) -> Value {
    openapi::document(language).unwrap()
}

/// Every operation of the API: its path, its method, itself.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let item = item.as_object().unwrap().clone();
        let path = path.clone();
        item.into_iter().map(move |(method, operation)| (path.clone(), method, operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

fn file(tag: &str) -> String {
    format!("reference-{}.html", if tag == "me" { "account" } else { tag })
}

/// What stands between the section of that id and the end of the section.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let from = page.find(&format!(r#"id="{id}""#)).unwrap();
    &page[from..from + page[from..].find("</section>").unwrap()]
}

fn section_dom(page: &str, id: &str) -> Dom {
    Dom::parse(&format!("<section {}", section(page, id)))
}

fn texts(dom: &Dom, name: &str) -> Vec<String> {
    dom.all(name).map(|element| element.text.clone()).collect()
}

#[test]
fn every_operation_is_on_the_page_of_its_tag_in_every_language() {
    let pages = SiteRoot::new().pages().unwrap();
    for language in Language::ALL {
        for (path, method, operation) in operations(&document(language)) {
            let id = operation["operationId"].as_str().unwrap();
            let tag = operation["tags"][0].as_str().unwrap();
            let page = body(&pages, &format!("{}/{}", language.tag(), file(tag)));
            let dom = section_dom(&page, id);
            assert_eq!(texts(&dom, "h2"), [operation["summary"].as_str().unwrap()]);
            let route = dom.with_class("route").next().unwrap().text.clone();
            assert_eq!(route, format!("{} {path}", method.to_uppercase()));
        }
    }
}

#[test]
fn an_operation_names_its_scope_or_that_any_key_will_do() {
    let pages = SiteRoot::new().pages().unwrap();
    let scope = |path: &str, id: &str| {
        section_dom(&body(&pages, path), id).with_class("scope").next().unwrap().text.clone()
    };
    assert_eq!(scope("en/reference-contacts.html", "createContact"), "Scope contacts:write");
    assert_eq!(scope("de/reference-account.html", "getMe"), "Jeder gültige API-Schlüssel");
}

#[test]
fn parameters_have_their_type_default_description_and_values() {
    let page = SiteRoot::new().page("de/reference-calls.html");
    let dom = section_dom(&page, "listCalls");
    let heads = texts(&dom, "th");
    assert_eq!(heads[..4], ["Parameter", "Typ", "Standard", "Beschreibung"]);
    assert!(texts(&dom, "h3").contains(&"Abfrageparameter".to_owned()));
    let rows = texts(&dom, "tr");
    let limit = rows.iter().find(|row| row.starts_with("limit")).unwrap();
    assert!(limit.starts_with("limitinteger50") && limit.ends_with("1–100 Beispiel: 20"), "{limit}");
    let status = rows.iter().find(|row| row.starts_with("status")).unwrap();
    assert!(status.ends_with("Werte: completed, failed, blocked, in-progress, forwarding"), "{status}");
}

#[test]
fn what_every_operation_takes_is_said_once() {
    let pages = SiteRoot::new().pages().unwrap();
    for language in Language::ALL {
        for tag in ["calls", "contacts", "leads", "appointments", "me", "webhooks", "events"] {
            let page = body(&pages, &format!("{}/{}", language.tag(), file(tag)));
            let said = page.matches("<code>Accept-Language</code>").count();
            assert_eq!(said, 1, "{} {tag}", language.tag());
        }
    }
}

#[test]
fn a_body_shows_what_must_be_there_and_what_may_be_null() {
    let page = SiteRoot::new().page("fr/reference-contacts.html");
    let rows = texts(&section_dom(&page, "createContact"), "tr");
    assert!(rows.iter().any(|row| row.starts_with("phone obligatoirestring")), "{rows:?}");
    assert!(rows.iter().any(|row| row.starts_with("emailstring | null email")), "{rows:?}");
}

#[test]
fn every_field_of_a_record_is_shown() {
    let pages = SiteRoot::new().pages().unwrap();
    let document = document(Language::Spanish);
    for (tag, name) in
        [("calls", "Call"), ("contacts", "Contact"), ("leads", "Lead"), ("webhooks", "Delivery")]
    {
        let page = body(&pages, &format!("es/{}", file(tag)));
        let shown: Vec<String> = texts(&section_dom(&page, name), "tr");
        for (field, schema) in document["components"]["schemas"][name]["properties"].as_object().unwrap() {
            let row = shown.iter().find(|row| row.starts_with(field.as_str()));
            let row = row.unwrap_or_else(|| panic!("{name}.{field}"));
            let description = Dom::parse(&format!("<p>{}", schema["description"].as_str().unwrap())).elements
                [0]
            .text
            .clone();
            assert!(row.contains(&description.replace('`', "")), "{row}");
        }
    }
}

#[test]
fn fields_within_fields_are_shown() {
    let page = SiteRoot::new().page("en/reference-calls.html");
    let names = texts(&section_dom(&page, "CallWithMessages"), "td");
    for name in ["messages", "messages[].role", "messages[].content", "messages[].timestamp"] {
        assert!(names.iter().any(|shown| shown == name), "{name}: {names:?}");
    }
    let page = SiteRoot::new().page("en/reference-webhooks.html");
    let names = texts(&section_dom(&page, "onLeadCreated"), "td");
    assert!(names.iter().any(|name| name == "data.lead_id"), "{names:?}");
}

#[test]
fn an_object_that_extends_another_one_says_so_instead_of_repeating_it() {
    let page = SiteRoot::new().page("de/reference-calls.html");
    let dom = section_dom(&page, "CallWithMessages");
    assert!(texts(&dom, "p").contains(&"Alle Felder von Call und diese:".to_owned()));
    assert!(!texts(&dom, "td").contains(&"caller_phone".to_owned()));
}

#[test]
fn what_is_extended_comes_first_although_a_request_before_it_answers_more() {
    let page = SiteRoot::new().page("en/reference-webhooks.html");
    let at = |id: &str| page.find(&format!(r#"<section class="object" id="{id}""#)).unwrap();
    assert!(at("Webhook") < at("WebhookWithSecret"));
}

#[test]
fn events_are_told_apart_by_their_kind() {
    let page = SiteRoot::new().page("en/reference-events.html");
    let links: Vec<String> = texts(&section_dom(&page, "Event"), "li");
    assert_eq!(links.len(), 5, "{links:?}");
    let rows = texts(&section_dom(&page, "LeadCreatedEvent"), "tr");
    assert!(rows.iter().any(|row| row.ends_with("Always lead.created")), "{rows:?}");
}

#[test]
fn the_command_and_its_answer_are_those_of_the_document() {
    let pages = SiteRoot::new().pages().unwrap();
    for (_, _, operation) in operations(&document(Language::English)) {
        let page = body(&pages, &format!("en/{}", file(operation["tags"][0].as_str().unwrap())));
        let dom = section_dom(&page, operation["operationId"].as_str().unwrap());
        let code = texts(&dom, "pre");
        assert_eq!(code[0], operation["x-codeSamples"][0]["source"].as_str().unwrap());
        let responses = operation["responses"].as_object().unwrap();
        let (_, success) = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap();
        let example = &success["content"]["application/json"]["example"];
        assert_eq!(&serde_json::from_str::<Value>(&code[1]).unwrap(), example);
    }
}

#[test]
fn errors_are_those_that_an_operation_can_meet() {
    let pages = SiteRoot::new().pages().unwrap();
    let statuses = |path: &str, id: &str| {
        let rows = texts(&section_dom(&body(&pages, path), id), "td");
        rows.into_iter().filter(|cell| cell.parse::<u16>().is_ok()).collect::<Vec<_>>()
    };
    assert_eq!(
        statuses("en/reference-calls.html", "listCalls"),
        ["50", "400", "401", "403", "429", "500", "503"]
    );
    let shown = section(&body(&pages, "en/reference-calls.html"), "getCall").to_owned();
    assert!(shown.contains("lacks the scope calls:read") && !shown.contains("lacks the scope leads:read"));
    assert!(shown.contains("This API key has expired.") && !shown.contains("status must be one of"));
    assert_eq!(
        statuses("en/reference-calls.html", "getCall"),
        ["400", "401", "403", "404", "429", "500", "503"]
    );
}

#[test]
fn a_form_has_what_its_request_takes_and_begins_with_the_example() {
    let pages = SiteRoot::new().pages().unwrap();
    let page = body(&pages, "es/reference-contacts.html");
    let dom = section_dom(&page, "createContact");
    let form = dom.all("form").next().unwrap();
    assert_eq!(
        (form.attribute("data-method"), form.attribute("data-path")),
        (Some("POST"), Some("/v1/contacts"))
    );
    let contact: Value = serde_json::from_str(&texts(&dom, "textarea")[0]).unwrap();
    assert_eq!(contact["name"], "John Doe");
    assert!(dom.all("input").any(|input| input.attribute("name") == Some("Idempotency-Key")));
    let key = dom.with_class("key").next().unwrap();
    assert_eq!(
        (key.attribute("type"), key.attribute("name"), key.attribute("value")),
        (Some("password"), None, None)
    );

    let dom = section_dom(&page, "getContact");
    let id = dom.all("input").find(|input| input.attribute("data-in") == Some("path")).unwrap();
    let example = &document(Language::English)["paths"]["/v1/contacts/{id}"]["get"];
    let command = example["x-codeSamples"][0]["source"].as_str().unwrap();
    assert!(command.contains(&format!("/v1/contacts/{}\"", id.attribute("value").unwrap())), "{command}");

    let dom = section_dom(&body(&pages, "en/reference-calls.html"), "listCalls");
    assert_eq!(texts(&dom, "option"), ["", "completed", "failed", "blocked", "in-progress", "forwarding"]);
}

#[test]
fn what_the_api_sends_by_itself_has_no_form_and_no_scope() {
    let page = SiteRoot::new().page("en/reference-webhooks.html");
    let dom = section_dom(&page, "onCallCompleted");
    assert_eq!(dom.all("form").count() + dom.with_class("scope").count(), 0);
    assert_eq!(texts(&dom, "p")[0], "POST the URL of your endpoint");
    assert!(texts(&dom, "td").contains(&"X-InboundFlow-Signature".to_owned()));
}

#[test]
fn texts_of_the_document_are_shown_and_not_obeyed() {
    let hostile = "<script>x</script> & \"y\" <img src=z onerror=q>";
    let change = |mut document: Value| {
        let operation = &mut document["paths"]["/v1/calls"]["get"];
        for member in ["summary", "description"] {
            operation[member] = json!(hostile);
        }
        operation["x-codeSamples"][0]["source"] = json!(hostile);
        operation["responses"]["200"]["content"]["application/json"]["example"] = json!({"a": hostile});
        document["components"]["parameters"]["limit"]["description"] = json!(hostile);
        document["components"]["parameters"]["limit"]["schema"]["default"] = json!(hostile);
        document["components"]["schemas"]["Call"]["description"] = json!(hostile);
        document["components"]["schemas"]["CallStatus"]["enum"] = json!([hostile]);
        document["tags"][0]["x-displayName"] = json!(hostile);
        document
    };
    let pages = SiteRoot::new().pages_with(&change).unwrap();
    let dom = Dom::parse(&body(&pages, "en/reference-calls.html"));
    assert_eq!(dom.errors, Vec::<String>::new());
    assert_eq!(dom.all("img").count(), 0);
    assert!(dom.all("script").all(|script| script.text.is_empty() && script.attribute("src").is_some()));
    assert!(texts(&dom, "h2").contains(&hostile.to_owned()));
    assert!(texts(&dom, "pre").contains(&hostile.to_owned()));
    assert_eq!(texts(&dom, "h1"), [hostile]);
}

#[test]
fn an_operation_and_a_tag_without_a_page_and_a_page_without_a_tag_are_named() {
    let change = |mut document: Value| {
        document["paths"]["/v1/calls"]["get"]["tags"] = json!(["others"]);
        document["tags"].as_array_mut().unwrap().retain(|tag| tag["name"] != "leads");
        document
    };
    let problems = SiteRoot::new().pages_with(&change).unwrap_err().to_string();
    assert!(
        problems.contains("the OpenAPI document in en: no page shows the operation listCalls"),
        "{problems}"
    );
    assert!(problems.contains("the OpenAPI document in es: it has no tag leads"), "{problems}");
}

#[test]
fn an_object_within_itself_ends() {
    let change = |mut document: Value| {
        document["components"]["schemas"]["Message"]["properties"]["answers"] =
            json!({"type": "array", "items": {"$ref": "#/components/schemas/Message"}});
        document
    };
    assert!(SiteRoot::new().pages_with(&change).is_ok());
}
