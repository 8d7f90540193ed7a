//! A run of all checks, in their order. It ends at once where nobody answers, or not to the given keys.

use std::rc::Rc;

use anyhow::{Result, bail};
use domain::catalogue;

use crate::{
    authentication,
    client::Http,
    contacts,
    creation::{self, Creation},
    every_answer,
    exchange::Exchange,
    filters,
    keys::Keys,
    minute::{self, UsedUp},
    pages, parameters, paths,
    promise::{NotKept, Promise},
    records,
    report::Report,
    request::Who,
    server::Server,
    webhooks,
};

/// How far a check goes beyond asking.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    /// Whether the check creates a contact, which stays.
    pub write: bool,
    /// Whether the check sends requests until one is refused, and waits for the next minute.
    pub use_up_minute: bool,
}

/// Tries every promise of the API at this base URL, and says what it found.
///
/// # Errors
/// Where nobody answers there, or not to these keys.
pub async fn check(http: Http, base_url: &str, keys: Keys, extent: Extent) -> Result<Report> {
    let server = Server::new(http, base_url, keys);
    greet(&server, base_url).await?;
    Ok(try_all(&server, extent).await)
}

/// Checks that somebody answers, and takes these keys: where nobody does, a hundred lines would say no more
/// than one.
async fn greet(server: &Server, url: &str) -> Result<()> {
    let me = greet_as_caller(server, url).await?;
    for (who, option) in [(Who::Narrow, "--narrow-key"), (Who::Foreign, "--foreign-key")] {
        let Ok(theirs) = server.get_by(who, "/v1/me").await else { continue };
        if theirs.status == 401 {
            bail!("{url} refuses the key of {option}: {:?}", server.keys.redact(theirs.message()));
        }
        let organization = |answer: &Exchange| answer.body["data"]["organization_id"].clone();
        if who == Who::Foreign && !organization(&me).is_null() && organization(&me) == organization(&theirs) {
            bail!("{option} is a key of the same organization: give one of another.");
        }
    }
    Ok(())
}

async fn greet_as_caller(server: &Server, url: &str) -> Result<Rc<Exchange>> {
    let me = match server.get("/v1/me").await {
        Err(NotKept::Differs { came, .. } | NotKept::NotSeen(came)) => {
            bail!("{url} does not answer: {came}. Check the URL, and whether the server runs.");
        }
        Ok(me) => me,
    };
    if me.status == 401 {
        let said = server.keys.redact(me.message());
        bail!("{url} refuses the key: {said:?}. Check INBOUNDFLOW_API_KEY or --key.");
    }
    if me.status == 404 || !me.body.is_object() {
        let kind = me.header("content-type").unwrap_or("no content type");
        bail!(
            "{url} answers, but not as this API (GET /v1/me: {}, {kind}). Is it the base URL? A stack's ends in /live.",
            me.status
        );
    }
    let scopes = me.body["data"]["scopes"].clone();
    if let Ok(scopes) = serde_json::from_value(scopes) {
        server.set_scopes(scopes);
    }
    Ok(me)
}

async fn try_all(server: &Server, extent: Extent) -> Report {
    let (creation, minute) = (Creation::new(extent.write), UsedUp::new(extent.use_up_minute));
    let mut report = Report::default();
    let mut add = async |group, promises: Vec<Promise<'_>>| report.add(&server.keys, group, promises).await;
    add("paths", paths::promises(server)).await;
    add("authentication", authentication::promises(server)).await;
    add("lists", parameters::promises(server)).await;
    add("lists", parameters::since(server)).await;
    add("lists", filters::promises(server)).await;
    add("lists", pages::promises(server)).await;
    for resource in catalogue::ALL {
        let [listed, single] =
            catalogue::for_record(resource.name, records::OfRecords { server }).unwrap_or_default();
        add(resource.name, listed).await;
        add(resource.name, records::in_lists(server, resource)).await;
        let reads_one =
            |route: &catalogue::Route| route.path.ends_with("/{id}") && route.methods.contains(&"GET");
        if resource.routes.iter().any(reads_one) {
            add(resource.name, single).await;
        }
        let others = match resource.name {
            "contacts" => {
                contacts::promises(server).into_iter().chain(creation::promises(server, &creation)).collect()
            }
            "webhooks" => webhooks::endpoints(server),
            "events" => webhooks::events(server),
            _ => Vec::new(),
        };
        add(resource.name, others).await;
    }
    add("me", records::me(server)).await;
    add("limits", minute::promises(server, &minute)).await;
    // Last, since they look at all that was answered.
    add("limits", every_answer::limits(server)).await;
    add("every answer", every_answer::promises(server)).await;
    report
}
