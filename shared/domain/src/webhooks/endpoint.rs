//! Endpoints: the consumers' URLs that events are delivered to. Their records are called webhooks, as in the API.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{EventType, UrlPolicy};
use crate::{Error, EventsProblem, Expected, FromFields, Missing, RecordId, Timestamp, only, shown, words};

/// The most endpoints of an organization: an event and all its deliveries are one transaction.
pub const MAX_WEBHOOKS: usize = 50;
/// The longest description, in characters.
pub(crate) const MAX_DESCRIPTION: usize = 200;

words! {
    /// The status of an endpoint.
    WebhookStatus {
        /// The endpoint is sent its events.
        Enabled = "enabled",
        /// The endpoint is sent nothing.
        Disabled = "disabled",
    }
}

words! {
    /// Why an endpoint is disabled.
    DisabledReason {
        /// The owner disabled the endpoint.
        Requested = "requested",
        /// The receiver answered 410 Gone.
        Gone = "gone",
        /// No delivery succeeded for five days.
        Failing = "failing",
    }
}

/// An endpoint, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Webhook {
    /// The endpoint's id.
    pub id: RecordId,
    /// The URL that deliveries go to.
    pub url: String,
    /// A description by its owner.
    pub description: Option<String>,
    /// The events that the endpoint is sent.
    pub events: Vec<EventType>,
    /// Whether the endpoint is enabled.
    pub status: WebhookStatus,
    /// The reason for which the endpoint is disabled.
    pub disabled_reason: Option<DisabledReason>,
    /// The first failure since the last success; null where the last attempt succeeded.
    pub failing_since: Option<Timestamp>,
    /// The time when the endpoint was created.
    pub created_at: Timestamp,
    /// The time when the owner last changed the endpoint, or it was disabled.
    pub updated_at: Timestamp,
}

/// The request to create an endpoint.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// The URL as it was sent. Whether it is allowed is the deployment's policy.
    pub url: String,
    /// The description.
    pub description: Option<String>,
    /// The events that the endpoint is sent.
    pub events: Vec<EventType>,
}

/// The request to change an endpoint. Fields that are none stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookPatch {
    /// The URL as it was sent.
    pub url: Option<String>,
    /// The description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// The events that the endpoint is sent.
    pub events: Option<Vec<EventType>>,
    /// Whether the endpoint is enabled.
    pub status: Option<WebhookStatus>,
}

impl Webhook {
    /// Whether the endpoint is enabled and is sent events of this type.
    #[must_use]
    pub fn wants(&self, event: EventType) -> bool {
        self.status == WebhookStatus::Enabled && self.events.contains(&event)
    }
}

impl NewWebhook {
    /// Checks the URL by the deployment's policy.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what is wrong with the URL.
    pub fn permitted(self, policy: &UrlPolicy) -> Result<Self, Error> {
        permitted(policy, &self.url).map(|()| self)
    }
}

impl WebhookPatch {
    /// Checks the URL, if there is one, by the deployment's policy.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what is wrong with the URL.
    pub fn permitted(self, policy: &UrlPolicy) -> Result<Self, Error> {
        self.url.as_deref().map_or(Ok(()), |url| permitted(policy, url)).map(|()| self)
    }
}

impl FromFields for NewWebhook {
    fn from_fields(fields: &Map<String, Value>) -> Result<Self, Error> {
        only(fields, &["url", "events", "description"])?;
        let url = url(fields)?.ok_or_else(|| Error::invalid("url", Missing::Url))?;
        let events = events(fields)?.ok_or_else(|| Error::invalid("events", Missing::Events))?;
        Ok(Self { url, events, description: description(fields)?.flatten() })
    }
}

impl FromFields for WebhookPatch {
    fn from_fields(fields: &Map<String, Value>) -> Result<Self, Error> {
        only(fields, &["url", "events", "description", "status"])?;
        Ok(Self {
            url: url(fields)?,
            events: events(fields)?,
            description: description(fields)?,
            status: fields.get("status").map(status).transpose()?,
        })
    }
}

fn permitted(policy: &UrlPolicy, url: &str) -> Result<(), Error> {
    policy.check(url).map(drop).map_err(|why| Error::invalid("url", why))
}

fn url(fields: &Map<String, Value>) -> Result<Option<String>, Error> {
    match fields.get("url") {
        None => Ok(None),
        Some(Value::String(url)) => Ok(Some(url.clone())),
        Some(_) => Err(Error::invalid("url", Expected::String)),
    }
}

fn description(fields: &Map<String, Value>) -> Result<Option<Option<String>>, Error> {
    match fields.get("description") {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(text)) if text.chars().count() <= MAX_DESCRIPTION => Ok(Some(Some(text.clone()))),
        Some(_) => Err(Error::invalid("description", Expected::ShortTextOrNull { max: MAX_DESCRIPTION })),
    }
}

fn events(fields: &Map<String, Value>) -> Result<Option<Vec<EventType>>, Error> {
    let Some(value) = fields.get("events") else { return Ok(None) };
    let wrong = |why: EventsProblem| Error::invalid("events", why);
    let words = value.as_array().filter(|words| !words.is_empty());
    let words = words.ok_or_else(|| wrong(EventsProblem::NotAList))?;
    let mut events = Vec::new();
    for word in words {
        let shown = || shown(&word.to_string());
        let event = EventType::deserialize(word).map_err(|_| wrong(EventsProblem::Unknown(shown())))?;
        if events.contains(&event) {
            return Err(wrong(EventsProblem::Repeated(shown())));
        }
        events.push(event);
    }
    Ok(Some(events))
}

fn status(value: &Value) -> Result<WebhookStatus, Error> {
    serde_json::from_value(value.clone())
        .map_err(|_| Error::invalid("status", Expected::OneOf(WebhookStatus::VALUES)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused<T: FromFields + std::fmt::Debug>(body: &Value) -> String {
        match T::from_fields(body.as_object().expect("an object")) {
            Err(Error::Invalid { param: Some(param), .. }) => param,
            other => panic!("{body} gave {other:?}"),
        }
    }

    #[test]
    fn an_endpoint_takes_a_url_and_events() {
        let body = json!({"url": "https://example.com", "events": ["lead.created", "call.completed"]});
        let new = NewWebhook::from_fields(body.as_object().expect("an object")).expect("an endpoint");
        assert_eq!(new.events, [EventType::LeadCreated, EventType::CallCompleted]);
        assert_eq!((new.url.as_str(), new.description), ("https://example.com", None));
    }

    #[test]
    fn the_event_at_fault_is_named() {
        for (events, said) in [
            (json!(["lead.created", "lead.deleted"]), ": \"lead.deleted\" is none of them."),
            (json!(["lead.created", 7]), ": 7 is none of them."),
            (json!(["lead.created", "lead.created"]), ": \"lead.created\" is there twice."),
            (json!([]), ", each once."),
        ] {
            let body = json!({"events": events});
            let error = WebhookPatch::from_fields(body.as_object().expect("an object")).expect_err("none");
            assert!(error.to_string().ends_with(said), "{error}");
        }
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let with = |name: &str, value: Value| {
            let mut body = json!({"url": "https://example.com", "events": ["lead.created"]});
            body[name] = value;
            body
        };
        let cases = [
            (json!({"events": ["lead.created"]}), "url"),
            (json!({"url": "https://example.com"}), "events"),
            (with("url", Value::Null), "url"),
            (with("events", json!([])), "events"),
            (with("events", json!(["lead.created", "lead.created"])), "events"),
            (with("events", json!(["lead.deleted"])), "events"),
            (with("events", json!("lead.created")), "events"),
            (with("description", json!("x".repeat(201))), "description"),
            (with("status", json!("enabled")), "status"),
            (with("secret", json!("x")), "secret"),
        ];
        for (body, param) in cases {
            assert_eq!(refused::<NewWebhook>(&body), param, "{body}");
        }
        for (body, param) in
            [(json!({"status": "on"}), "status"), (json!({"id": "1"}), "id"), (json!({"url": null}), "url")]
        {
            assert_eq!(refused::<WebhookPatch>(&body), param, "{body}");
        }
    }
}
