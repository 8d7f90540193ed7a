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
    /// The call's id.
    pub id: RecordId,
    /// The caller's phone number; null where it was withheld.
    pub caller_phone: Option<Phone>,
    /// The caller's name.
    pub caller_name: Option<String>,
    /// The call's status.
    pub status: CallStatus,
    /// The call's duration, in seconds.
    pub duration_seconds: Option<WholeNumber>,
    /// A summary of the call.
    pub summary: Option<String>,
    /// The transcript of the call, as text.
    pub transcript: Option<String>,
    /// The URL of the recording.
    pub recording_url: Option<String>,
    /// The result of handing the call to a person.
    pub transfer_status: Option<String>,
    /// The time when the call began.
    pub started_at: Option<Timestamp>,
    /// The time when the call ended.
    pub ended_at: Option<Timestamp>,
    /// The id of the assistant that answered.
    pub assistant_id: Option<RecordId>,
    /// The id of the caller's contact.
    pub contact_id: Option<RecordId>,
    /// The time when the record was first written.
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
