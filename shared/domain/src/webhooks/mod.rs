//! Webhooks: endpoints, the events they are sent, deliveries and their attempts, signatures, and the URLs that are allowed.

mod address;
mod change;
mod delivery;
mod endpoint;
mod event;
mod pace;
mod replay;
mod retry;
mod sample;
mod secret;
mod signature;
mod url;

pub use address::is_global;
pub use change::{Change, Occurrence};
pub use delivery::{Attempt, Delivery, DeliveryStatus, DeliveryTask, MAX_ATTEMPTS};
pub use endpoint::{DisabledReason, MAX_WEBHOOKS, NewWebhook, Webhook, WebhookPatch, WebhookStatus};
pub use event::{Event, EventType};
pub use pace::{MAX_POSTS_PER_SECOND, wait_beyond};
pub use replay::{
    DEFAULT_OVERLAP_HOURS, DeliveryReplay, MAX_OVERLAP, MAX_REPLAYS_PER_HOUR, REPLAYED_AGAIN_AFTER,
    ReplayRange, RotationRequest, TestRequest,
};
pub use retry::{DISABLE_AFTER, Health, MAX_QUEUE_DELAY, RETRY_AFTER, next_attempt};
pub use sample::sample;
pub use secret::{PreviousSecret, Secret, Secrets};
pub use signature::{
    CONTENT_TYPE, DELIVERY_ID, EVENT, SIGNATURE, STANDARD_ID, STANDARD_SIGNATURE, STANDARD_TIMESTAMP, Signed,
    TEST, TIMESTAMP, TOLERANCE, USER_AGENT, is_recent, verify_documented, verify_standard,
};
pub use url::{ALLOW_LOOPBACK_VARIABLE, UrlFault, UrlPolicy, UrlProblem, WebhookUrl};

pub(crate) use {
    delivery::{FAILING, LISTED},
    replay::REPLAYED_AGAIN_MINUTES,
};

#[cfg(feature = "schema")]
pub(crate) use {endpoint::MAX_DESCRIPTION, replay::MAX_OVERLAP_HOURS, url::MAX_URL_BYTES};
