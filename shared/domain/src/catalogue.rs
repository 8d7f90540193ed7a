//! The catalogue: one row per resource. It drives the local gateway, the tables and their indexes,
//! the parameters of lists and the whole-API tests.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    AppointmentStatus, CallStatus, Error, LeadStatus, Problem, RecordId, Scope, Timestamp, Urgency, shown,
    webhooks::{DeliveryStatus, FAILING, LISTED},
};

/// One resource of the API.
#[derive(Debug)]
pub struct Resource {
    /// Its name: the path segment, the function's name, the import's `resource`.
    pub name: &'static str,
    /// The DynamoDB table that holds it, without the deployment's prefix.
    pub table: &'static str,
    /// What reading takes; none where any valid key will do.
    pub read: Option<Scope>,
    /// What creating takes; none where nothing can be created.
    pub write: Option<Scope>,
    /// The filters of its list. Each has an index of its own, and the first one that a request
    /// names chooses the index: the most selective come first.
    pub filters: &'static [Filter],
    /// The parameter of its list that says for which endpoint the records are shown, if there is one.
    pub shown_to: Option<&'static str>,
    /// Its routes.
    pub routes: &'static [Route],
}

/// A path and the methods that it answers.
#[derive(Debug)]
pub struct Route {
    /// The path as API Gateway and axum write it.
    pub path: &'static str,
    /// The methods, as they appear in `Allow` (a `GET` answers `HEAD` too).
    pub methods: &'static [&'static str],
}

/// A query parameter that narrows a list to records in which one attribute has one value.
#[derive(Debug, PartialEq, Eq)]
pub struct Filter {
    /// The query parameter.
    pub parameter: &'static str,
    /// The record's field, and the item's attribute.
    pub attribute: &'static str,
    /// What the parameter takes.
    pub kind: FilterKind,
    /// The word that means only a part of the records that have another one, if there is one.
    pub part: Option<&'static Part>,
}

/// A word for those of the records with another one that something has happened to. No index has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// The word.
    pub word: &'static str,
    /// The value that all of them have.
    pub of: &'static str,
    /// The item's attribute that counts what happened.
    pub counted: &'static str,
}

/// What a filter takes.
#[derive(Debug, PartialEq, Eq)]
pub enum FilterKind {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A phone number.
    Phone,
    /// The id of the record that they belong to: the path has it, and no parameter is.
    Owner,
}

impl Resource {
    /// The filter that narrows its list to the records of the one in the path, if it is listed so.
    #[must_use]
    pub fn owner(&self) -> Option<&'static Filter> {
        self.filters.iter().find(|filter| filter.kind == FilterKind::Owner)
    }
}

/// What a resource's answers are made of.
pub trait Kind: Send + Sync + 'static {
    /// Its row of the catalogue.
    const RESOURCE: &'static Resource;
}

/// A record that the API lists and gets by its id.
pub trait Record: Kind + Serialize + DeserializeOwned {
    /// Its id.
    fn id(&self) -> RecordId;
    /// When we first wrote it.
    fn created_at(&self) -> Timestamp;
}

/// The largest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The longest `Idempotency-Key`, in characters.
pub const MAX_IDEMPOTENCY_KEY: usize = 255;

/// What a request's JSON body is read into.
pub trait FromFields: Sized {
    /// Reads the fields of the body.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field that is missing, unknown, over-long or of the wrong type.
    fn from_fields(fields: &Map<String, Value>) -> Result<Self, Error>;
}

/// Refuses fields that are not known.
pub(crate) fn only(fields: &Map<String, Value>, allowed: &'static [&'static str]) -> Result<(), Error> {
    match fields.keys().find(|name| !allowed.contains(&name.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(Error::invalid(shown(unknown), Problem::UnknownField { allowed })),
    }
}

/// Calls.
pub static CALLS: Resource = Resource {
    name: "calls",
    table: "Calls",
    read: Some(Scope::CallsRead),
    write: None,
    filters: &[phone("caller_phone"), one_of("status", CallStatus::VALUES)],
    shown_to: None,
    routes: &[get("/v1/calls"), get("/v1/calls/{id}")],
};

/// Contacts.
pub static CONTACTS: Resource = Resource {
    name: "contacts",
    table: "Contacts",
    read: Some(Scope::ContactsRead),
    write: Some(Scope::ContactsWrite),
    filters: &[phone("phone")],
    shown_to: None,
    routes: &[Route { path: "/v1/contacts", methods: &["GET", "POST"] }, get("/v1/contacts/{id}")],
};

/// Leads.
pub static LEADS: Resource = Resource {
    name: "leads",
    table: "Leads",
    read: Some(Scope::LeadsRead),
    write: None,
    filters: &[one_of("status", LeadStatus::VALUES), one_of("urgency", Urgency::VALUES)],
    shown_to: None,
    routes: &[get("/v1/leads")],
};

/// Appointments.
pub static APPOINTMENTS: Resource = Resource {
    name: "appointments",
    table: "Appointments",
    read: Some(Scope::AppointmentsRead),
    write: None,
    filters: &[one_of("status", AppointmentStatus::VALUES)],
    shown_to: None,
    routes: &[get("/v1/appointments")],
};

/// The caller's organization.
pub static ME: Resource = Resource {
    name: "me",
    table: "Organizations",
    read: None,
    write: None,
    filters: &[],
    shown_to: None,
    routes: &[get("/v1/me")],
};

/// Endpoints that are told of events.
pub static WEBHOOKS: Resource = Resource {
    name: "webhooks",
    table: "Webhooks",
    read: Some(Scope::WebhooksRead),
    write: Some(Scope::WebhooksWrite),
    filters: &[],
    shown_to: None,
    routes: &[
        Route { path: "/v1/webhooks", methods: &["GET", "POST"] },
        Route { path: "/v1/webhooks/{id}", methods: &["GET", "PATCH", "DELETE"] },
        post("/v1/webhooks/{id}/test"),
        post("/v1/webhooks/{id}/rotate-secret"),
        post("/v1/webhooks/{id}/replay"),
        get("/v1/webhooks/{id}/deliveries"),
        get("/v1/webhooks/{id}/deliveries/{delivery_id}"),
        post("/v1/webhooks/{id}/deliveries/{delivery_id}/replay"),
    ],
};

/// Deliveries to an endpoint: a part of it, and answered by its function.
pub static DELIVERIES: Resource = Resource {
    name: "deliveries",
    table: "Deliveries",
    read: WEBHOOKS.read,
    write: WEBHOOKS.write,
    filters: &[
        Filter { parameter: "webhook_id", attribute: "webhook_id", kind: FilterKind::Owner, part: None },
        Filter {
            // The tries since it was made or last replayed: as long as it is pending, they failed.
            part: Some(&Part { word: FAILING, of: DeliveryStatus::Pending.as_str(), counted: "round" }),
            ..one_of("status", LISTED)
        },
    ],
    shown_to: None,
    routes: &[],
};

/// What happened: the same bodies that endpoints are sent.
pub static EVENTS: Resource = Resource {
    name: "events",
    table: "Events",
    read: Some(Scope::WebhooksRead),
    write: None,
    filters: &[],
    shown_to: Some("webhook_id"),
    routes: &[get("/v1/events")],
};

/// The paths of the documentation, in API Gateway's writing: no resource's, and open to everybody.
pub static DOCUMENTATION: [&str; 3] = ["/v1/openapi.json", "/docs", "/docs/{proxy+}"];

/// Every resource that has a function.
pub static ALL: &[&Resource] = &[&CALLS, &CONTACTS, &LEADS, &APPOINTMENTS, &ME, &WEBHOOKS, &EVENTS];

const fn get(path: &'static str) -> Route {
    Route { path, methods: &["GET"] }
}

const fn post(path: &'static str) -> Route {
    Route { path, methods: &["POST"] }
}

const fn one_of(name: &'static str, values: &'static [&'static str]) -> Filter {
    Filter { parameter: name, attribute: name, kind: FilterKind::OneOf(values), part: None }
}

const fn phone(attribute: &'static str) -> Filter {
    Filter { parameter: "phone", attribute, kind: FilterKind::Phone, part: None }
}
