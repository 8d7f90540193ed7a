//! Promises about authentication: which keys are let in, what the others are answered, and what a key can reach.

use domain::{Scope, catalogue};

use crate::{
    list::{self, Newest},
    promise::{CheckResult, Promise, addition, choice, documented, expect},
    request::{Request, Who},
    server::Server,
};
use reqwest::Method;

const ME: &str = "/v1/me";

pub(super) fn promises(server: &Server) -> Vec<Promise<'_>> {
    let mut promises = Vec::new();
    for (who, what, word) in [
        (Who::Nobody, "a missing key", "missing"),
        (Who::Unknown, "a key that was never issued", "unknown"),
        (Who::Revoked, "a revoked key", "revoked"),
        (Who::Expired, "an expired key", "expired"),
    ] {
        let refused = async move { server.get_by(who, ME).await?.refused(401) };
        let says = async move { server.get_by(who, ME).await?.says(word) };
        promises.push(documented(format!("{what} is a 401 unauthorized"), refused));
        promises.push(choice(format!("the 401 of {what} says {word}"), says));
    }
    promises.extend([
        documented("a malformed key is a 401 unauthorized", malformed(server, "")),
        choice("the 401 of a malformed key says malformed", malformed(server, "malformed")),
        choice("Bearer is read without case", lower_case(server)),
        choice("two Authorization headers are a 401", two_headers(server)),
        choice("a key in the query string is no key", in_query(server)),
        addition("a key without the scope is a 403 that names the scope", without_scope(server)),
        addition("the 403 comes before any look-up", before_look_up(server)),
        documented("any valid key may call /v1/me, and sees its own scopes", narrow_me(server)),
        documented("another organization's lists hold none of these records", lists_apart(server)),
        choice("a foreign id is the same 404 as a missing one", foreign_id(server)),
        choice("a cursor reaches nothing of another organization", foreign_cursor(server)),
    ]);
    promises
}

async fn malformed(server: &Server, word: &str) -> CheckResult {
    for value in ["Bearer sk_live_your_key_here", "Basic dXNlcjpwYXNz"] {
        let request = Request::get(ME).by(Who::Nobody).header("authorization", value);
        let answer = server.send(request).await?;
        answer.refused(401)?;
        answer.says(word)?;
    }
    Ok(())
}

async fn lower_case(server: &Server) -> CheckResult {
    let key = server.keys.reveal(Who::Caller)?.unwrap_or_default();
    let answer = server.send(Request::get(ME).header("authorization", format!("bearer {key}"))).await?;
    answer.data(200).map(drop)
}

/// Sends two `Authorization` headers that are good on their own.
async fn two_headers(server: &Server) -> CheckResult {
    let bearer = format!("Bearer {}", server.keys.reveal(Who::Caller)?.unwrap_or_default());
    let request = Request::get(ME).header("authorization", bearer.as_str()).header("authorization", bearer);
    server.send(request).await?.refused(401)
}

/// Sends a key in the query, one that was never issued: a good one must not get into an access log. A server
/// that reads it answers that it is unknown, not that it is missing.
async fn in_query(server: &Server) -> CheckResult {
    let key = server.keys.reveal(Who::Unknown)?.unwrap_or_default();
    for name in ["api_key", "key", "access_token"] {
        let answer = server.get_by(Who::Nobody, &format!("{ME}?{name}={key}")).await?;
        answer.refused(401)?;
        answer.says("missing")?;
    }
    Ok(())
}

/// The routes that a key with `calls:read` alone may not use: method, path and the scope they take.
fn forbidden() -> impl Iterator<Item = (Method, &'static str, Scope)> {
    let routes =
        catalogue::ALL.iter().flat_map(|resource| resource.routes.iter().map(move |route| (resource, route)));
    routes
        .flat_map(|(resource, route)| {
            let scoped = [
                (Method::GET, resource.read),
                (Method::POST, resource.write),
                (Method::PATCH, resource.write),
                (Method::DELETE, resource.write),
            ];
            let taken = scoped.into_iter().filter(|(method, _)| route.methods.contains(&method.as_str()));
            taken.filter_map(|(method, scope)| Some((method, route.path, scope?)))
        })
        .filter(|(_, _, scope)| *scope != Scope::CallsRead)
}

async fn without_scope(server: &Server) -> CheckResult {
    for (method, path, scope) in forbidden() {
        let path = list::path_to_none(path);
        // Nothing could be made of this body, if the key were let in.
        let answer = server.send(Request::new(method, path).by(Who::Narrow).body("{}")).await?;
        answer.refused(403)?;
        answer.says(scope.as_str())?;
    }
    Ok(())
}

/// Sends a key without the scope: whether the record is there and the parameters are right makes no
/// difference.
async fn before_look_up(server: &Server) -> CheckResult {
    server.keys.reveal(Who::Narrow)?;
    let mut paths = vec!["/v1/contacts?limit=0".to_owned(), format!("/v1/contacts/{}", list::MISSING_ID)];
    if let Ok(contacts) = Newest::of(server, &catalogue::CONTACTS).await {
        paths.extend(contacts.ids().first().map(|id| format!("/v1/contacts/{id}")));
    }
    for path in paths {
        server.get_by(Who::Narrow, &path).await?.refused(403)?;
    }
    Ok(())
}

async fn narrow_me(server: &Server) -> CheckResult {
    let answer = server.get_by(Who::Narrow, ME).await?;
    let scopes = answer.data(200)?["scopes"].to_string();
    let expected = format!("[\"{}\"]", Scope::CallsRead);
    expect(scopes == expected, expected, scopes)
}

async fn lists_apart(server: &Server) -> CheckResult {
    for resource in catalogue::ALL.iter().filter(|resource| list::is_list(resource)) {
        let theirs = server.get_by(Who::Foreign, &list::first_page(resource)).await?;
        apart(&Newest::of(server, resource).await?, theirs.records()?, &theirs.asked)?;
    }
    Ok(())
}

async fn foreign_id(server: &Server) -> CheckResult {
    let theirs = server.get_by(Who::Foreign, &list::first_page(&catalogue::CALLS)).await?;
    let ours = Newest::of(server, &catalogue::CALLS).await?;
    let path = |id: &str| format!("{}/{id}", list::path(&catalogue::CALLS));
    let mut asked = vec![(Who::Foreign, path(ours.any()?["id"].as_str().unwrap_or_default()))];
    let their_id = theirs.records()?.first().and_then(|record| record["id"].as_str());
    asked.extend(their_id.map(|id| (Who::Caller, path(id))));
    for (who, foreign) in asked {
        let foreign = server.get_by(who, &foreign).await?;
        foreign.refused(404)?;
        let missing = server.get_by(who, &path(list::MISSING_ID)).await?;
        let (foreign, missing) = (&foreign.body["error"], &missing.body["error"]);
        expect(foreign == missing, missing.to_string(), foreign.to_string())?;
    }
    Ok(())
}

async fn foreign_cursor(server: &Server) -> CheckResult {
    server.keys.reveal(Who::Foreign)?;
    let page = list::small_page(server, &catalogue::CALLS).await?;
    let cursor = page.next_cursor().unwrap_or_default();
    let theirs =
        server.get_by(Who::Foreign, &format!("{}?cursor={cursor}", list::path(&catalogue::CALLS))).await?;
    apart(&Newest::of(server, &catalogue::CALLS).await?, theirs.records()?, &theirs.asked)
}

fn apart(ours: &Newest, theirs: &[serde_json::Value], asked: &str) -> CheckResult {
    let shared = theirs.iter().filter(|record| list::id(record).is_some_and(|id| ours.ids().contains(&id)));
    expect(
        shared.count() == 0,
        "no record in common",
        format!("some for {}", asked.split('?').next().unwrap_or_default()),
    )
}
