//! `check`: whether a server keeps the promises of docs/API.md, as far as they can be seen from outside.

mod answer;
mod authentication;
mod contacts;
mod creation;
mod every_answer;
mod filters;
mod keys;
mod known;
mod minute;
mod pages;
mod parameters;
mod paths;
mod promise;
mod records;
mod report;
mod request;
mod server;
mod webhooks;

pub(crate) use keys::NOT_ONE_WORD;
pub use keys::Secret;

use std::rc::Rc;

use anyhow::{Result, bail};
use domain::{Appointment, Call, Contact, Lead, webhooks::Webhook};

use self::{
    answer::Answer,
    creation::Creation,
    keys::Keys,
    minute::UsedUp,
    promise::Miss,
    report::{Group, Report},
    request::Who,
    server::Server,
};
use crate::{
    cli::{CheckOptions, Cli},
    deployment,
    http::Http,
};

/// Tries every promise, prints what was found, and fails where one is not kept.
pub(crate) async fn run(options: CheckOptions) -> Result<()> {
    let keys = match Keys::read(&options) {
        Ok(keys) => keys,
        Err(wrong) => Cli::refuse(wrong),
    };
    let server = Server::new(Http::of(&options.url)?, &options.url, keys);
    greet(&server, &options.url).await?;
    let mut report = try_all(&server, &options).await;
    report.print(&server.keys, options.json)?;
    match report.differing() {
        0 => Ok(()),
        1 => bail!("1 promise is not kept."),
        differing => bail!("{differing} promises are not kept."),
    }
}

/// Where nobody answers, or not to these keys, a hundred lines would say no more than one.
async fn greet(server: &Server, url: &str) -> Result<()> {
    let me = greet_as_caller(server, url).await?;
    for (who, option) in [(Who::Narrow, "--narrow-key"), (Who::Foreign, "--foreign-key")] {
        let Ok(theirs) = server.get_by(who, "/v1/me").await else { continue };
        if theirs.status == 401 {
            bail!("{url} refuses the key of {option}: {:?}", server.keys.redact(theirs.message()));
        }
        let organization = |answer: &Answer| answer.body["data"]["organization_id"].clone();
        if who == Who::Foreign && !organization(&me).is_null() && organization(&me) == organization(&theirs) {
            bail!("{option} is a key of the same organization: give one of another.");
        }
    }
    Ok(())
}

async fn greet_as_caller(server: &Server, url: &str) -> Result<Rc<Answer>> {
    let me = match server.get("/v1/me").await {
        Err(Miss::Differs { came, .. } | Miss::NotSeen(came)) => {
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

async fn try_all(server: &Server, options: &CheckOptions) -> Report {
    let (creation, minute) = (Creation::new(options.write), UsedUp::new(options.use_up_minute));
    let mut report = Report::default();
    report.add(Group::Paths, paths::promises(server)).await;
    report.add(Group::Authentication, authentication::promises(server)).await;
    report.add(Group::Lists, parameters::promises(server)).await;
    report.add(Group::Lists, parameters::since(server)).await;
    report.add(Group::Lists, filters::promises(server)).await;
    report.add(Group::Lists, pages::promises(server)).await;
    report.add(Group::Calls, records::listed::<Call>(server)).await;
    report.add(Group::Calls, records::calls(server)).await;
    report.add(Group::Calls, records::single::<Call>(server)).await;
    report.add(Group::Contacts, records::listed::<Contact>(server)).await;
    report.add(Group::Contacts, records::contacts(server)).await;
    report.add(Group::Contacts, records::single::<Contact>(server)).await;
    report.add(Group::Contacts, contacts::promises(server)).await;
    report.add(Group::Contacts, creation::promises(server, &creation)).await;
    report.add(Group::Leads, records::listed::<Lead>(server)).await;
    report.add(Group::Appointments, records::listed::<Appointment>(server)).await;
    report.add(Group::Appointments, records::appointments(server)).await;
    report.add(Group::Webhooks, records::listed::<Webhook>(server)).await;
    report.add(Group::Webhooks, records::single::<Webhook>(server)).await;
    report.add(Group::Webhooks, webhooks::endpoints(server)).await;
    report.add(Group::Events, webhooks::events(server)).await;
    report.add(Group::Me, records::me(server)).await;
    report.add(Group::Limits, minute::promises(server, &minute)).await;
    // Last, since they look at all that was answered.
    report.add(Group::Limits, every_answer::limits(server)).await;
    report.add(Group::EveryAnswer, every_answer::promises(server)).await;
    report
}

/// Reads the API's base URL, with or without a slash or `/v1` at its end.
pub(crate) fn base_url(text: &str) -> Result<String, String> {
    let expected =
        "expected the API's base URL, such as http://127.0.0.1:3000 or https://api.example.com/live";
    let url = deployment::endpoint_url(text).map_err(|_| expected.to_owned())?;
    if url.contains(['?', '#', '@']) {
        return Err(expected.to_owned());
    }
    let bare = url.trim_end_matches('/');
    Ok(bare.strip_suffix("/v1").unwrap_or(bare).trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn a_base_url_may_end_in_a_slash_or_the_version() {
        for url in ["http://x:1", "http://x:1/", "http://x:1/v1", "http://x:1/v1/"] {
            assert_eq!(base_url(url).as_deref(), Ok("http://x:1"));
        }
        assert_eq!(base_url("https://x.example/live/v1/").as_deref(), Ok("https://x.example/live"));
        for url in ["", "x", "ftp://x", "http://", "http://x/?a=b", "http://a:b@x"] {
            assert!(base_url(url).is_err(), "{url}");
        }
    }
}
