//! The conversation of a voice event, which takes the place of another one. What fits into its head is written with the
//! call; larger ones are put beside it before, and what they replace is deleted after. The head says what is still to
//! be deleted, so that an attempt which was stopped in between is followed up.

use domain::{
    Error, OrganizationId, RecordId,
    ingest::{CallEvent, Fields, MESSAGES_VERSION, Rejection, RejectionKind},
};
use dynamodb::{ErrorKind, UpdateExpression, Updated, sdk::types::AttributeValue};

use super::not_applied::Stopped;
use crate::{
    MAX_ANSWER_BYTES, Store,
    bulk::MAX_ITEM_BYTES,
    error::{failed, internal},
    item::{self, Item, n, s},
    messages::{self, Version, answer_bytes, head_id},
    tables::CALL_MESSAGES,
};

const FORMER_VERSION: &str = "former_version";
const FORMER_PIECES: &str = "former_pieces";
/// The most bytes of a conversation: a response has room for the largest call beside it.
const MAX_MESSAGES_BYTES: usize = MAX_ANSWER_BYTES - 2 * MAX_ITEM_BYTES;

/// What an event's conversation changes of the stored one.
pub(super) enum ConversationChange {
    /// The event's conversation is the call's now: to be written, the head with the call.
    Current { pieces: Vec<Item>, head: Item },
    /// A newer conversation is the call's: these pieces may be there still, from an attempt that was stopped.
    Superseded(Vec<String>),
}

impl ConversationChange {
    /// The change that an event makes; none where it brings no conversation, or the conversation is there already.
    pub(super) fn of(
        event: &CallEvent,
        before: Option<&Fields>,
        after: Option<&Fields>,
        old_head: Option<&Item>,
    ) -> Result<Option<Self>, Stopped> {
        let (Some(messages), Some(name)) = (event.messages(), event.messages_version()) else {
            return Ok(None);
        };
        let is_current_in = |call: Option<&Fields>| {
            call.and_then(|call| call.get(MESSAGES_VERSION)?.as_str()).is_some_and(|current| current == name)
        };
        if is_current_in(before) {
            return Ok(None);
        }
        let json = serde_json::to_string(messages).map_err(|error| Error::internal(error))?;
        if answer_bytes(json.as_bytes()) > MAX_MESSAGES_BYTES {
            let message = format!(
                "call.messages: as JSON it may have {MAX_MESSAGES_BYTES} bytes, each quote and backslash counted twice"
            );
            return Err(Rejection::new(RejectionKind::TooLarge, message).into());
        }
        let items = messages::to_items(event.organization_id, event.call.id, messages, &name);
        let messages::Conversation { pieces, mut head } = items?;
        let version = Version { name: name.clone(), pieces: pieces.len() };
        if !is_current_in(after) {
            return Ok(Some(Self::Superseded(version.piece_ids(event.call.id).collect())));
        }
        let former = old_head.map(Version::of).transpose()?;
        if let Some(former) = former.filter(|former| former.pieces > 0 && former.name != name) {
            head.insert(FORMER_VERSION.to_owned(), s(former.name));
            head.insert(FORMER_PIECES.to_owned(), n(former.pieces as i64));
        }
        Ok(Some(Self::Current { pieces, head }))
    }
}

impl Store {
    /// Writes the pieces that the head will name. Until then nobody reads them.
    pub(super) async fn put_pieces(&self, pieces: Vec<Item>) -> Result<(), Stopped> {
        for piece in pieces {
            self.put_item(CALL_MESSAGES, piece).await?;
        }
        Ok(())
    }

    /// Deletes pieces that no head will name again.
    pub(super) async fn delete_pieces(
        &self,
        organization: OrganizationId,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<(), Stopped> {
        for id in ids {
            let delete = self.client.delete_item().table_name(self.table(CALL_MESSAGES));
            let delete = delete.set_key(Some(item::key(organization, id))).customize().send().await;
            delete.map_err(|error| internal(error))?;
        }
        Ok(())
    }

    /// Deletes the pieces of the conversation whose place this one took, if that is still to be done.
    pub(super) async fn sweep(
        &self,
        organization: OrganizationId,
        call: RecordId,
        head: Option<&Item>,
    ) -> Result<(), Stopped> {
        let Some((head, former)) = head.and_then(|head| Some((head, former(head)?))) else { return Ok(()) };
        self.delete_pieces(organization, former.piece_ids(call)).await?;
        let current = s(item::text(head, "version")?);
        let change = UpdateExpression::default()
            .remove(&[FORMER_VERSION, FORMER_PIECES])
            .only_if("version = :current")
            .value("current", current);
        let deleted =
            change.send(self.update_item(CALL_MESSAGES, item::key(organization, head_id(call)))).await;
        match deleted {
            // A newer conversation's head says what is to be deleted now.
            Ok(Updated::Written(_) | Updated::Refused(_)) => Ok(()),
            Err(error) if error.kind == ErrorKind::Contended => Err(Stopped::Again(failed(error))),
            Err(error) => Err(failed(error).into()),
        }
    }
}

fn former(head: &Item) -> Option<Version> {
    let name = head.get(FORMER_VERSION)?.as_s().ok()?.clone();
    let AttributeValue::N(pieces) = head.get(FORMER_PIECES)? else { return None };
    Some(Version { name, pieces: pieces.parse().ok()? })
}
