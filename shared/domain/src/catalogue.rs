//! The catalogue: one row per resource, and the type of its records. The local gateway, the tables and their indexes, the
//! parameters of lists and the whole-API tests are made from it.

use crate::{
    Appointment, AppointmentStatus, Call, CallStatus, Contact, Kind, Lead, LeadStatus, Organization, Record,
    RecordId, Resource, Scope, Timestamp, Urgency,
    resource::{Filter, FilterKind, Part},
    webhooks::{Delivery, DeliveryStatus, Event, FAILING, LISTED, Webhook},
};

pub use crate::resource::{ForRecord, Route};

/// The largest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// The longest `Idempotency-Key`, in characters.
pub const MAX_IDEMPOTENCY_KEY: usize = 255;

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

/// Webhook endpoints.
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

/// Deliveries to an endpoint. They have no function of their own: `webhooks` answers for them.
pub static DELIVERIES: Resource = Resource {
    name: "deliveries",
    table: "Deliveries",
    read: WEBHOOKS.read,
    write: WEBHOOKS.write,
    filters: &[
        Filter { parameter: "webhook_id", attribute: "webhook_id", kind: FilterKind::Owner, part: None },
        Filter {
            // `round` counts the attempts since the delivery was made or last replayed: of a pending one they all failed.
            part: Some(&Part { word: FAILING, of: DeliveryStatus::Pending.as_str(), counted: "round" }),
            ..one_of("status", LISTED)
        },
    ],
    shown_to: None,
    routes: &[],
};

/// Events, in the bodies that endpoints are sent.
pub static EVENTS: Resource = Resource {
    name: "events",
    table: "Events",
    read: Some(Scope::WebhooksRead),
    write: None,
    filters: &[],
    shown_to: Some("webhook_id"),
    routes: &[get("/v1/events")],
};

/// The paths of the documentation as API Gateway writes them. They belong to no resource and need no key.
pub static DOCUMENTATION: [&str; 3] = ["/v1/openapi.json", "/docs", "/docs/{proxy+}"];

/// Every resource that has a function.
pub static ALL: &[&Resource] = &[&CALLS, &CONTACTS, &LEADS, &APPOINTMENTS, &ME, &WEBHOOKS, &EVENTS];

/// The resources whose records can be imported.
pub static IMPORTED: &[&Resource] = &[&CALLS, &CONTACTS, &LEADS, &APPOINTMENTS];

/// Binds types to their rows, and says which of them are records with an id and a time.
macro_rules! rows {
    ($($kind:ident: $row:ident,)+; records: $($record:ident,)+) => {
        $(impl Kind for $kind {
            const RESOURCE: &'static Resource = &$row;
        })+
        $(impl Record for $record {
            fn id(&self) -> RecordId {
                self.id
            }

            fn created_at(&self) -> Timestamp {
                self.created_at
            }
        })+

        /// Does something with the type of a resource's records; nothing where it has none.
        pub fn for_record<W: ForRecord>(resource: &str, with: W) -> Option<W::Output> {
            $(if resource == $record::RESOURCE.name {
                return Some(with.run::<$record>());
            })+
            None
        }

        /// Makes the schema of each kind of record.
        #[cfg(feature = "schema")]
        pub(crate) fn add_schemas(generator: &mut schemars::SchemaGenerator) {
            $(generator.subschema_for::<$record>();)+
        }
    };
}

rows! {
    Call: CALLS,
    Contact: CONTACTS,
    Lead: LEADS,
    Appointment: APPOINTMENTS,
    Organization: ME,
    Webhook: WEBHOOKS,
    Delivery: DELIVERIES,
    Event: EVENTS,
    ;
    records: Call, Contact, Lead, Appointment, Webhook, Delivery,
}

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
