//! Calls and the conversation in them.

use serde::{Deserialize, Serialize};

use crate::{Phone, RecordId, Timestamp, WholeNumber, words};

words! {
    /// How a call stands.
    CallStatus {
        /// It ended as it should.
        Completed = "completed",
        /// It broke off.
        Failed = "failed",
        /// The caller is blocked.
        Blocked = "blocked",
        /// It is going on.
        InProgress = "in-progress",
        /// It is being handed to a person.
        Forwarding = "forwarding",
    }
}

words! {
    /// Who said a message.
    MessageRole {
        /// The voice assistant.
        Assistant = "assistant",
        /// The caller.
        User = "user",
        /// The instructions given to the assistant.
        System = "system",
        /// The result of a tool that the assistant used.
        Tool = "tool",
    }
}

/// A phone call that the assistant answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Call {
    /// Its id.
    pub id: RecordId,
    /// The caller's number; null where it was withheld.
    pub caller_phone: Option<Phone>,
    /// The caller's name.
    pub caller_name: Option<String>,
    /// How it stands.
    pub status: CallStatus,
    /// How long it took, in seconds.
    pub duration_seconds: Option<WholeNumber>,
    /// What it was about.
    pub summary: Option<String>,
    /// What was said, as text.
    pub transcript: Option<String>,
    /// Where the recording is.
    pub recording_url: Option<String>,
    /// How handing it to a person went.
    pub transfer_status: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The assistant that answered.
    pub assistant_id: Option<RecordId>,
    /// The caller's contact.
    pub contact_id: Option<RecordId>,
    /// When we first wrote it.
    pub created_at: Timestamp,
}

/// One turn of a call's conversation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Message {
    /// Who said it.
    pub role: MessageRole,
    /// What was said.
    pub content: String,
    /// When.
    pub timestamp: Option<Timestamp>,
}
