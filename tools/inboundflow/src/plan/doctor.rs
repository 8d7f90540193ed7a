//! `keys doctor`: finds and repairs differences between the table of keys and the usage plan.

use std::time::Duration;

use anyhow::{Result, bail};
use domain::{
    Timestamp,
    plan::{PlanKeys, pooled},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use store::Store;

use super::{
    Plan,
    drift::{Census, Drift, Finding, Subject},
    error::ControlError,
};
use crate::{
    explain::explain,
    output::{line, warn},
};

/// An account holds 10 000 keys in a region; the shared ones must still fit.
const MANY_KEYS: usize = 8_000;
/// After so many failures in a row nothing more is tried.
const FAILURES_IN_A_ROW: usize = 3;

/// What to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Only report.
    pub(crate) dry_run: bool,
    /// Make the shared keys, even where they are not used yet.
    pub(crate) pool: bool,
    /// Print JSON lines.
    pub(crate) json: bool,
}

/// The differences that were found, and the number of keys that were compared.
struct Examined {
    keys: usize,
    gateway_keys: usize,
    findings: Vec<Finding>,
}

#[derive(Clone, Copy, Default)]
struct Repairs {
    mended: usize,
    failed: usize,
}

/// Compares the table with the plan, repairs the differences, and prints them.
///
/// # Errors
/// Where something could not be compared or mended, or was only to be reported.
pub(crate) async fn run(store: &Store, plan: &Plan, options: Options) -> Result<()> {
    let examined = examine(store, plan, options.pool).await?;
    let outcome = treat(plan, &examined.findings, options).await?;
    summarize(&examined, outcome, options)?;
    if plan.plan_keys == PlanKeys::Individual && examined.gateway_keys >= MANY_KEYS && !options.pool {
        warn(&format!(
            "{} API Gateway keys, and an account holds 10 000 in a region: run `keys doctor --pool`, then deploy \
             the stack with PlanKeys=pooled.",
            examined.gateway_keys
        ));
    }
    if let Some(unprotected) = plan.unprotected(store).await {
        warn(&unprotected);
    }
    let left = examined.findings.len() - outcome.mended;
    match left {
        0 => Ok(()),
        _ if options.dry_run => bail!("{left} to mend: run `keys doctor` without --dry-run."),
        _ => bail!("{left} could not be mended: run `keys doctor` again."),
    }
}

async fn examine(store: &Store, plan: &Plan, pool: bool) -> Result<Examined> {
    let (control, prefix) = (&plan.gateway.control, &plan.gateway.individual_prefix());
    // The table last, since it decides: a key that is revoked meanwhile is found revoked. One that is made
    // meanwhile is found missing, and making it again does nothing.
    let individual = control.keys(prefix).await?;
    let gateway_keys = individual.len();
    let attached = control.attached(&plan.id).await?;
    let table = store.key_standings().await.map_err(explain)?;
    let mut findings = Vec::new();
    if plan.plan_keys == PlanKeys::Individual {
        let census = Census::new(individual, attached.clone());
        findings = census.individual(prefix, &table, Timestamp::now());
    }
    if plan.plan_keys == PlanKeys::Pooled || pool {
        // What all their names start with: a name without its number.
        let name = pooled(&plan.gateway.prefix, 0);
        let shared = control.keys(name.trim_end_matches('0')).await?;
        findings.extend(Census::new(shared, attached).pooled(&plan.gateway.prefix));
    }
    Ok(Examined { keys: table.len(), gateway_keys, findings })
}

async fn treat(plan: &Plan, findings: &[Finding], options: Options) -> Result<Repairs> {
    let mut outcome = Repairs::default();
    if options.dry_run {
        findings.iter().try_for_each(|finding| line(&shown(finding, &Treated::Not, options.json)))?;
        return Ok(outcome);
    }
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} mended, {eta} to go")?;
    let length = u64::try_from(findings.len())?;
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr()).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut in_a_row = 0;
    for finding in findings {
        let failure = plan.mend(finding).await.err();
        let hopeless = failure.as_ref().is_some_and(ControlError::is_limit);
        in_a_row = if failure.is_some() { in_a_row + 1 } else { 0 };
        if failure.is_some() {
            outcome.failed += 1
        } else {
            outcome.mended += 1
        }
        let treated = failure.map_or(Treated::Mended, Treated::Failed);
        bar.suspend(|| line(&shown(finding, &treated, options.json)))?;
        bar.inc(1);
        if hopeless || in_a_row == FAILURES_IN_A_ROW {
            break;
        }
    }
    bar.finish_and_clear();
    Ok(outcome)
}

impl Plan {
    async fn mend(&self, finding: &Finding) -> Result<(), ControlError> {
        let control = &self.gateway.control;
        match &finding.drift {
            Drift::Missing { value } => self.make(&finding.name, value).await,
            Drift::WrongValue { value, wrong } => {
                self.make(&finding.name, value).await?;
                for id in wrong {
                    control.delete(id).await?;
                }
                Ok(())
            }
            Drift::Disabled { id } => control.set_enabled(id, true).await,
            Drift::Detached { id } => control.attach(&self.id, id).await,
            Drift::Enabled { id } => control.set_enabled(id, false).await,
            Drift::Orphan { id } | Drift::Ended { id } | Drift::Duplicate { id } => control.delete(id).await,
        }
    }

    async fn make(&self, name: &str, value: &str) -> Result<(), ControlError> {
        let id = self.gateway.control.make(name, value).await?;
        self.gateway.control.attach(&self.id, &id).await
    }
}

enum Treated {
    Not,
    Mended,
    Failed(ControlError),
}

fn shown(finding: &Finding, treated: &Treated, json: bool) -> String {
    let Finding { subject, name, drift } = finding;
    if json {
        let key_id = match subject {
            Subject::Key(key_id) => json!(key_id),
            Subject::Shared(_) => Value::Null,
        };
        let (mended, error) = match treated {
            Treated::Not => (false, Value::Null),
            Treated::Mended => (true, Value::Null),
            Treated::Failed(failure) => (false, json!(failure.to_string())),
        };
        let code = drift.code();
        return json!({"key_id": key_id, "gateway_key": name, "finding": code, "mended": mended, "error": error})
            .to_string();
    }
    let subject = match subject {
        Subject::Key(key_id) => key_id.to_string(),
        Subject::Shared(_) => name.clone(),
    };
    let (wrong, mended) = drift.words();
    match treated {
        Treated::Not => format!("{subject}  {wrong}"),
        Treated::Mended => format!("{subject}  {wrong}: {mended}"),
        Treated::Failed(failure) => format!("{subject}  {wrong}: NOT {mended}. {failure}"),
    }
}

fn summarize(examined: &Examined, outcome: Repairs, options: Options) -> Result<()> {
    let Examined { keys, gateway_keys, findings } = examined;
    let Repairs { mended, failed } = outcome;
    let found = findings.len();
    if options.json {
        let counts = json!({
            "keys": keys, "gateway_keys": gateway_keys, "found": found, "mended": mended, "failed": failed,
        });
        return line(&counts.to_string());
    }
    let compared = format!("{keys} keys in the table, {gateway_keys} of their own in the gateway");
    match found {
        0 => line(&format!("{compared}: everything is in order.")),
        _ if options.dry_run => line(&format!("{compared}: {found} found.")),
        _ => line(&format!("{compared}: {found} found, {mended} mended.")),
    }
}
