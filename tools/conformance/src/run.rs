//! A run of all checks, in their order. It ends at once where nobody answers, or not to the given keys.

use std::rc::Rc;

use anyhow::{Result, bail};
use domain::{Appointment, Call, Contact, Lead, webhooks::Webhook};

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
    report::{Group, Report},
    request::Who,
    server::Server,
    webhooks,
};

/// How far a check goes beyond asking.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    /// Whether it creates a contact, which stays.
    pub write: bool,
    /// Whether it sends requests until one is refused, and waits for the next minute.
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

/// Where nobody answers, or not to these keys, a hundred lines would say no more than one.
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
    add(Group::Paths, paths::promises(server)).await;
    add(Group::Authentication, authentication::promises(server)).await;
    add(Group::Lists, parameters::promises(server)).await;
    add(Group::Lists, parameters::since(server)).await;
    add(Group::Lists, filters::promises(server)).await;
    add(Group::Lists, pages::promises(server)).await;
    add(Group::Calls, records::listed::<Call>(server)).await;
    add(Group::Calls, records::calls(server)).await;
    add(Group::Calls, records::single::<Call>(server)).await;
    add(Group::Contacts, records::listed::<Contact>(server)).await;
    add(Group::Contacts, records::contacts(server)).await;
    add(Group::Contacts, records::single::<Contact>(server)).await;
    add(Group::Contacts, contacts::promises(server)).await;
    add(Group::Contacts, creation::promises(server, &creation)).await;
    add(Group::Leads, records::listed::<Lead>(server)).await;
    add(Group::Appointments, records::listed::<Appointment>(server)).await;
    add(Group::Appointments, records::appointments(server)).await;
    add(Group::Webhooks, records::listed::<Webhook>(server)).await;
    add(Group::Webhooks, records::single::<Webhook>(server)).await;
    add(Group::Webhooks, webhooks::endpoints(server)).await;
    add(Group::Events, webhooks::events(server)).await;
    add(Group::Me, records::me(server)).await;
    add(Group::Limits, minute::promises(server, &minute)).await;
    // Last, since they look at all that was answered.
    add(Group::Limits, every_answer::limits(server)).await;
    add(Group::EveryAnswer, every_answer::promises(server)).await;
    report
}
