//! Promises about records: their fields, the order and the types of these, in lists and alone.

use domain::{
    CalendarDate, Call, Message, Organization, Record, Resource, Scope,
    catalogue::{self, ForRecord},
    fields,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    list::{MISSING_ID, Newest, of_list, path},
    promise::{CheckResult, NotKept, Promise, choice, differs, documented, expect, not_seen},
    server::Server,
};

/// The promises about records: what each list of them has, and what a single one has besides.
pub(super) struct OfRecords<'a> {
    pub(super) server: &'a Server,
}

impl<'a> ForRecord for OfRecords<'a> {
    type Output = [Vec<Promise<'a>>; 2];

    fn run<T: Record>(self) -> Self::Output {
        [listed::<T>(self.server), single::<T>(self.server)]
    }
}

fn listed<T: Record>(server: &Server) -> Vec<Promise<'_>> {
    let list = T::RESOURCE;
    vec![
        of_list(list, "the list has the documented fields, in their order", fields_in_order::<T>(server)),
        of_list(list, "each field is of its type, or null where it may be", fields_of_type::<T>(server)),
        choice("a time prints its fraction only where it has one", times_in_form::<T>(server)),
        choice("ids are lower-case UUIDs, phone numbers E.164", texts_in_form::<T>(server)),
    ]
}

fn single<T: Record>(server: &Server) -> Vec<Promise<'_>> {
    vec![
        of_list(T::RESOURCE, "a missing id is a 404 not_found", missing::<T>(server, MISSING_ID)),
        choice("a text that is no id is the same 404", same_404::<T>(server)),
        choice("an id is read in capitals too", in_capitals::<T>(server)),
    ]
}

/// The further promises about one resource's records, as its list shows them.
pub(super) fn in_lists<'a>(server: &'a Server, resource: &Resource) -> Vec<Promise<'a>> {
    match resource.name {
        "calls" => vec![
            documented("the list has no messages", no_messages(server)),
            documented("a single call is as in the list, and messages after it", single_call(server)),
            choice("a message is role, content and timestamp", messages(server)),
        ],
        "contacts" => vec![documented("a single contact is as in the list", single_contact(server))],
        "appointments" => vec![documented("appointment_date is a calendar date", dates(server))],
        _ => Vec::new(),
    }
}

/// The promises about the account.
pub(super) fn me(server: &Server) -> Vec<Promise<'_>> {
    vec![
        documented(
            "data is organization_id, organization_name, plan and scopes, in this order",
            account(server),
        ),
        documented("scopes are documented ones, in their order", scopes(server)),
        choice("a parameter is a 400 that names it", async {
            server.get("/v1/me?verbose=1").await?.refused_naming(400, "verbose")
        }),
    ]
}

/// A record as the documentation has it: the same values, in the documented order.
fn as_documented<T: Serialize + DeserializeOwned>(record: &Value) -> Result<Value, NotKept> {
    let typed: Result<T, _> = serde_path_to_error::deserialize(record);
    let typed = typed.map_err(|error| {
        let said = error.inner().to_string();
        differs("", format!("{}: {said}", error.path()))
    })?;
    serde_json::to_value(typed).map_err(|_| not_seen("it cannot be written again"))
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// Holds where the record has the fields in this order, whatever else it has.
pub(super) fn in_order(record: &Value, expected: &[&str]) -> CheckResult {
    let came: Vec<&str> = names(record).into_iter().filter(|name| expected.contains(name)).collect();
    let shown = names(record).join(", ");
    expect(came == expected, "", shown)
}

async fn each_of<T: Record>(server: &Server, check: impl Fn(&Value) -> CheckResult) -> CheckResult {
    Newest::of(server, T::RESOURCE).await?.some()?.iter().try_for_each(check)
}

async fn fields_in_order<T: Record>(server: &Server) -> CheckResult {
    each_of::<T>(server, |record| in_order(record, fields::of::<T>())).await
}

async fn fields_of_type<T: Record>(server: &Server) -> CheckResult {
    each_of::<T>(server, |record| as_documented::<T>(record).map(drop)).await
}

/// Holds where fields are printed as we would print them, of those that `concerns` picks.
async fn in_form<T: Record>(server: &Server, concerns: fn(&str) -> bool) -> CheckResult {
    each_of::<T>(server, |record| {
        // A record of other types is another promise's matter.
        let Ok(expected) = as_documented::<T>(record) else { return Ok(()) };
        for (name, expected) in expected.as_object().into_iter().flatten() {
            let text = expected.as_str().unwrap_or_default();
            let same = record.get(name).is_none_or(|came| came == expected);
            expect(same || !concerns(text), format!("{name} {expected}"), record[name].to_string())?;
        }
        Ok(())
    })
    .await
}

fn is_time(text: &str) -> bool {
    domain::Timestamp::parse(text).is_some()
}

async fn times_in_form<T: Record>(server: &Server) -> CheckResult {
    in_form::<T>(server, is_time).await
}

async fn texts_in_form<T: Record>(server: &Server) -> CheckResult {
    in_form::<T>(server, |text| !is_time(text)).await
}

fn one<T: Record>(id: &str) -> String {
    format!("{}/{id}", path(T::RESOURCE))
}

async fn missing<T: Record>(server: &Server, id: &str) -> CheckResult {
    server.get(&one::<T>(id)).await?.refused(404)
}

async fn same_404<T: Record>(server: &Server) -> CheckResult {
    missing::<T>(server, "no-id").await?;
    let (none, missing) = (server.get(&one::<T>("no-id")).await?, server.get(&one::<T>(MISSING_ID)).await?);
    let (none, missing) = (&none.body["error"], &missing.body["error"]);
    expect(none == missing, missing.to_string(), none.to_string())
}

async fn newest_id<T: Record>(server: &Server) -> Result<String, NotKept> {
    Ok(Newest::of(server, T::RESOURCE).await?.any()?["id"].as_str().unwrap_or("none").to_owned())
}

async fn in_capitals<T: Record>(server: &Server) -> CheckResult {
    let id = newest_id::<T>(server).await?;
    let answer = server.get(&one::<T>(&id.to_uppercase())).await?;
    expect(answer.data(200)?["id"] == id, "the same record", "another")
}

async fn no_messages(server: &Server) -> CheckResult {
    each_of::<Call>(server, |call| expect(call.get("messages").is_none(), "no messages", "some")).await
}

/// A call that somebody spoke in, if there is one: it has a conversation.
async fn spoken(known: &Newest) -> Result<&Value, NotKept> {
    known.find("with a transcript", |call| call["transcript"].is_string()).or_else(|_| known.any())
}

async fn single_call(server: &Server) -> CheckResult {
    let known = Newest::of(server, &catalogue::CALLS).await?;
    let listed = spoken(&known).await?;
    let answer = server.get(&one::<Call>(listed["id"].as_str().unwrap_or("none"))).await?;
    let call = answer.data(200)?;
    let listed_names = names(listed);
    let different = listed_names.iter().find(|name| call[**name] != listed[**name]);
    expect(different.is_none(), "", format!("another {}", different.unwrap_or(&"")))?;
    expect(call["messages"].is_array(), "messages", "none")?;
    in_order(call, &[fields::of::<Call>(), &["messages"]].concat())
}

async fn messages(server: &Server) -> CheckResult {
    let known = Newest::of(server, &catalogue::CALLS).await?;
    let answer = server.get(&one::<Call>(spoken(&known).await?["id"].as_str().unwrap_or("none"))).await?;
    let messages = answer.data(200)?["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    if messages.is_empty() {
        return Err(not_seen("a call without messages"));
    }
    for message in messages {
        as_documented::<Message>(message)?;
        in_order(message, fields::of::<Message>())?;
    }
    Ok(())
}

async fn single_contact(server: &Server) -> CheckResult {
    let known = Newest::of(server, &catalogue::CONTACTS).await?;
    let listed = known.any()?;
    let answer = server.get(&one::<domain::Contact>(listed["id"].as_str().unwrap_or("none"))).await?;
    let contact = answer.data(200)?;
    let same = contact == listed && names(contact) == names(listed);
    expect(same, "the same fields and values in the same order", "others")
}

async fn dates(server: &Server) -> CheckResult {
    each_of::<domain::Appointment>(server, |appointment| {
        let date = &appointment["appointment_date"];
        let is_date = serde_json::from_value::<CalendarDate>(date.clone()).is_ok();
        expect(is_date, "a date such as 2026-02-25", date.to_string())
    })
    .await
}

async fn account(server: &Server) -> CheckResult {
    let answer = server.get("/v1/me").await?;
    let account = answer.data(200)?;
    as_documented::<Organization>(account)?;
    in_order(account, &[fields::of::<Organization>(), &["scopes"]].concat())
}

async fn scopes(server: &Server) -> CheckResult {
    let answer = server.get("/v1/me").await?;
    let scopes = &answer.data(200)?["scopes"];
    let held: Vec<Scope> =
        serde_json::from_value(scopes.clone()).map_err(|_| differs("scopes", scopes.to_string()))?;
    let ordered: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| held.contains(scope)).collect();
    expect(held == ordered, json!(ordered).to_string(), scopes.to_string())
}
