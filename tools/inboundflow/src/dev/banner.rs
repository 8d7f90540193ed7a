//! The lines that `dev` prints when it is ready. Whoever reads them can paste them into another terminal.

use std::env;

use domain::{OrganizationId, RecordId, Timestamp, webhooks::EventType};
use serde_json::json;

/// What there is to say of a `dev` that is ready.
pub(super) struct Banner<'a> {
    pub(super) url: &'a str,
    pub(super) dynamodb: &'a str,
    pub(super) organization: OrganizationId,
    pub(super) key: &'a str,
    /// Whether there are no records to show.
    pub(super) is_empty: bool,
    /// Whether a receiver on this machine gets webhooks.
    pub(super) has_loopback_webhooks: bool,
}

impl Banner<'_> {
    pub(super) fn text(&self) -> String {
        let Self { url, dynamodb, organization, key, .. } = self;
        let command = command();
        let (asked, path) =
            if self.is_empty { ("me", "me") } else { ("calls list --limit 5", "calls?limit=5") };
        let event = json!({
            "version": 1, "event_id": "1", "occurred_at": Timestamp::now(),
            "call": {"id": RecordId::random(), "caller_phone": "+12015550123", "status": "in-progress"},
        });
        let webhooks = if self.has_loopback_webhooks { self.webhooks(&command) } else { String::new() };
        format!(
            "InboundFlow's API is ready.\n\n  \
             API           {url}/v1\n  \
             Docs          {url}/docs\n  \
             DynamoDB      {dynamodb}\n  \
             Organization  {organization}\n  \
             API key       {key}\n\n\
             Try it, in another terminal:\n\n  \
             export INBOUNDFLOW_BASE_URL={url} INBOUNDFLOW_API_KEY={key}\n\n  \
             {command} {asked}\n\n  \
             curl '{url}/v1/{path}' -H 'Authorization: Bearer {key}'\n\n  \
             curl '{url}/_local/ingest' -d '{event}'\n\n\
             {webhooks}Ctrl-C ends it."
        )
    }

    fn webhooks(&self, command: &str) -> String {
        let Self { url, key, .. } = self;
        let events = [EventType::CallCompleted, EventType::LeadCreated];
        let endpoint = json!({"url": "http://127.0.0.1:4000/", "events": events});
        format!(
            "Receive webhooks, in a third one:\n\n  \
             {command} webhooks listen\n\n  \
             curl '{url}/v1/webhooks' -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{endpoint}'\n\n"
        )
    }
}

/// The command as it was started, so that another terminal finds it too.
fn command() -> String {
    // Whom cargo started has it on no path.
    if env::var_os("CARGO").is_some() {
        return "cargo run --".to_owned();
    }
    let started = env::args().next().filter(|name| !name.contains(['/', '\\']));
    let path = || env::current_exe().ok().map(|path| path.display().to_string());
    quoted(started.or_else(path).unwrap_or_else(|| "inboundflow".to_owned()))
}

/// A word that a shell reads as one.
fn quoted(word: String) -> String {
    let is_plain = |sign: char| sign.is_alphanumeric() || "_-./".contains(sign);
    if word.chars().all(is_plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_what_a_shell_would_read_is_quoted() {
        for (word, expected) in [
            ("inboundflow", "inboundflow"),
            ("/opt/in-bound_flow.2/inboundflow", "/opt/in-bound_flow.2/inboundflow"),
            ("/my tools/inboundflow", "'/my tools/inboundflow'"),
            ("/it's/$HOME", r"'/it'\''s/$HOME'"),
        ] {
            assert_eq!(quoted(word.to_owned()), expected);
        }
    }
}
