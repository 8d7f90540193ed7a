//! Puts an API key into the usage plan, and takes it out again.

use anyhow::{Result, anyhow};
use domain::{RecordId, plan::PlanKeys};
use store::PreparedKey;

use super::{Gateway, Plan, error::ControlError};

/// The gateway's key of an API key that is being made; none where API keys share theirs.
pub(crate) struct Admission(Option<Made>);

struct Made {
    name: String,
    id: Option<String>,
}

impl Plan {
    /// Lets the gateway admit a key before it is stored: without its item it opens nothing.
    ///
    /// # Errors
    /// When API Gateway refuses; what was made is undone then.
    pub(crate) async fn admit(&self, key: &PreparedKey) -> Result<Admission> {
        if self.plan_keys == PlanKeys::Pooled {
            return Ok(Admission(None));
        }
        let name = self.gateway.individual_name(key.key_id());
        let made = self.gateway.control.make(&name, &key.hash().to_hex()).await;
        let (id, outcome) = match made {
            Ok(id) => (Some(id.clone()), self.gateway.control.attach(&self.id, &id).await),
            Err(failure) if !failure.is_uncertain() => return Err(nothing_made(&failure.into())),
            Err(failure) => (None, Err(failure)),
        };
        let admission = Admission(Some(Made { name, id }));
        match outcome {
            Ok(()) => Ok(admission),
            Err(failure) => Err(self.undo(admission, failure.into()).await),
        }
    }

    /// Takes a key out of the plan that could not be stored for the reason `error`; returns that, with
    /// what is left behind.
    pub(crate) async fn undo(&self, admission: Admission, error: anyhow::Error) -> anyhow::Error {
        let Some(made) = admission.0 else { return nothing_made(&error) };
        match self.remove(&made).await {
            Ok(()) => nothing_made(&error),
            Err(failure) => anyhow!(
                "{error:#} The API Gateway key {} stays behind, since it could not be deleted again either: it opens \
                 nothing, and `keys doctor` deletes it. {failure}",
                made.name
            ),
        }
    }

    async fn remove(&self, made: &Made) -> Result<(), ControlError> {
        let control = &self.gateway.control;
        if let Some(id) = &made.id {
            return control.delete(id).await;
        }
        for key in control.named(&made.name).await? {
            control.delete(&key.id).await?;
        }
        Ok(())
    }

    /// A warning where the account comes near its limit of API Gateway keys.
    ///
    /// Ids are random, so those that begin like this one's are a sixteenth of all: a full page of them
    /// means about 8 000. Counting them all would take a call for every 500.
    pub(crate) async fn crowding(&self, key_id: RecordId) -> Option<String> {
        if self.plan_keys == PlanKeys::Pooled {
            return None;
        }
        let digit = key_id.to_string().chars().next()?;
        let sample = format!("{}{digit}", self.gateway.individual_prefix());
        let many = self.gateway.control.is_more_than_a_page(&sample).await;
        many.is_ok_and(|many| many).then(|| {
            "There are about 8 000 API Gateway keys, and an account holds 10 000 in a region: run \
             `keys doctor --pool`, then deploy the stack with PlanKeys=pooled."
                .to_owned()
        })
    }
}

impl Gateway {
    /// Disables the gateway's key of an API key that was revoked; there need not be one.
    ///
    /// # Errors
    /// When API Gateway refuses.
    pub(crate) async fn disable(&self, key_id: RecordId) -> Result<()> {
        for key in self.control.named(&self.individual_name(key_id)).await? {
            if key.enabled {
                self.control.set_enabled(&key.id, false).await?;
            }
        }
        Ok(())
    }
}

fn nothing_made(error: &anyhow::Error) -> anyhow::Error {
    anyhow!("{error:#} Nothing was made.")
}
