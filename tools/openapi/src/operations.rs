//! The operations, one row each: what the catalogue does not know of them.

use domain::{Resource, Scope, catalogue};

/// An operation of the API.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Its name in generated clients. It never changes.
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// The schema of its body, and whether there must be one.
    pub(crate) body: Option<(&'static str, bool)>,
    pub(crate) answer: Answer,
    /// The answer to one that does not go with what is there, or that others are in the way of.
    pub(crate) conflict: Option<&'static str>,
    /// The operations that take their `id` from this one's answer.
    pub(crate) leads_to: &'static [&'static str],
}

/// What an operation answers, each of a record with this schema.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    List(&'static str),
    One(u16, &'static str),
}

impl Answer {
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::List(_) => 200,
            Self::One(status, _) => status,
        }
    }

    /// The name of the whole answer's schema.
    pub(crate) fn schema(self) -> String {
        match self {
            Self::List(record) => format!("{record}List"),
            Self::One(_, record) => format!("{record}Response"),
        }
    }
}

impl Operation {
    /// The resource that it belongs to, by its path.
    pub(crate) fn resource(&self) -> Option<&'static Resource> {
        let owns = |resource: &&&Resource| resource.routes.iter().any(|route| route.path == self.path);
        catalogue::ALL.iter().find(owns).copied()
    }

    /// The resource that it lists, if it does: deliveries belong to webhooks, but have filters of their own.
    pub(crate) fn listed(&self) -> Option<&'static Resource> {
        let Answer::List(record) = self.answer else { return None };
        if record == "Delivery" { Some(&catalogue::DELIVERIES) } else { self.resource() }
    }

    pub(crate) fn scope(&self) -> Option<Scope> {
        let resource = self.resource()?;
        if self.method == "GET" { resource.read } else { resource.write }
    }
}

const GET: Operation = Operation {
    id: "",
    method: "GET",
    path: "",
    body: None,
    answer: Answer::List(""),
    conflict: None,
    leads_to: &[],
};
const POST: Operation = Operation { method: "POST", ..GET };

const CALLS: &str = "/v1/calls";
const CONTACTS: &str = "/v1/contacts";
const WEBHOOKS: &str = "/v1/webhooks";
const WEBHOOK: &str = "/v1/webhooks/{id}";
const DELIVERIES: &str = "/v1/webhooks/{id}/deliveries";
const DELIVERY: &str = "/v1/webhooks/{id}/deliveries/{delivery_id}";
const OF_A_DELIVERY: &[&str] = &["getDelivery", "replayDelivery"];
const OF_A_WEBHOOK: &[&str] =
    &["getWebhook", "updateWebhook", "testWebhook", "replayWebhook", "listDeliveries", "rotateWebhookSecret"];

/// All of them, in the order in which people read of them.
pub(crate) static ALL: &[Operation] = &[
    Operation { id: "listCalls", path: CALLS, answer: Answer::List("Call"), leads_to: &["getCall"], ..GET },
    Operation { id: "getCall", path: "/v1/calls/{id}", answer: Answer::One(200, "CallWithMessages"), ..GET },
    Operation {
        id: "listContacts",
        path: CONTACTS,
        answer: Answer::List("Contact"),
        leads_to: &["getContact"],
        ..GET
    },
    Operation {
        id: "createContact",
        path: CONTACTS,
        body: Some(("NewContact", true)),
        answer: Answer::One(201, "Contact"),
        conflict: Some("ContactConflict"),
        leads_to: &["getContact"],
        ..POST
    },
    Operation { id: "getContact", path: "/v1/contacts/{id}", answer: Answer::One(200, "Contact"), ..GET },
    Operation { id: "listLeads", path: "/v1/leads", answer: Answer::List("Lead"), ..GET },
    Operation {
        id: "listAppointments",
        path: "/v1/appointments",
        answer: Answer::List("Appointment"),
        ..GET
    },
    Operation { id: "getMe", path: "/v1/me", answer: Answer::One(200, "Account"), ..GET },
    Operation {
        id: "createWebhook",
        path: WEBHOOKS,
        body: Some(("NewWebhook", true)),
        answer: Answer::One(201, "WebhookWithSecret"),
        conflict: Some("TooManyWebhooks"),
        leads_to: OF_A_WEBHOOK,
        ..POST
    },
    Operation {
        id: "listWebhooks",
        path: WEBHOOKS,
        answer: Answer::List("Webhook"),
        leads_to: OF_A_WEBHOOK,
        ..GET
    },
    Operation { id: "getWebhook", path: WEBHOOK, answer: Answer::One(200, "Webhook"), ..GET },
    Operation {
        id: "updateWebhook",
        method: "PATCH",
        path: WEBHOOK,
        body: Some(("WebhookPatch", true)),
        answer: Answer::One(200, "Webhook"),
        conflict: Some("Contended"),
        ..GET
    },
    Operation {
        id: "testWebhook",
        path: "/v1/webhooks/{id}/test",
        body: Some(("TestRequest", false)),
        answer: Answer::One(202, "Delivery"),
        conflict: Some("WebhookDisabled"),
        leads_to: OF_A_DELIVERY,
        ..POST
    },
    Operation {
        id: "listDeliveries",
        path: DELIVERIES,
        answer: Answer::List("Delivery"),
        leads_to: OF_A_DELIVERY,
        ..GET
    },
    Operation { id: "getDelivery", path: DELIVERY, answer: Answer::One(200, "DeliveryWithAnswers"), ..GET },
    Operation {
        id: "replayDelivery",
        path: "/v1/webhooks/{id}/deliveries/{delivery_id}/replay",
        body: Some(("DeliveryReplay", false)),
        answer: Answer::One(202, "Delivery"),
        conflict: Some("WebhookDisabled"),
        ..POST
    },
    Operation {
        id: "replayWebhook",
        path: "/v1/webhooks/{id}/replay",
        body: Some(("ReplayRange", true)),
        answer: Answer::One(202, "Replayed"),
        conflict: Some("WebhookDisabled"),
        ..POST
    },
    Operation {
        id: "rotateWebhookSecret",
        path: "/v1/webhooks/{id}/rotate-secret",
        body: Some(("RotationRequest", false)),
        answer: Answer::One(200, "RotatedWebhook"),
        conflict: Some("Contended"),
        ..POST
    },
    Operation {
        id: "deleteWebhook",
        method: "DELETE",
        path: WEBHOOK,
        answer: Answer::One(200, "Deleted"),
        conflict: Some("Contended"),
        ..GET
    },
    Operation { id: "listEvents", path: "/v1/events", answer: Answer::List("Event"), ..GET },
];
