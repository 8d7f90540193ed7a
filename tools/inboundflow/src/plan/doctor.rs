//! `keys doctor`: finds and repairs differences between the table of keys and the usage plan.

use std::time::Duration;

use anyhow::{Result, bail};
use domain::{
    Timestamp,
    plan::{PlanKeys, pooled},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use store::{KeyStanding, Store};

use super::{
    Plan,
    drift::{Census, Drift, Finding, Subject},
    error::ControlError,
};
use crate::{
    cli::Output,
    explain::explain,
    output::{line, note, warn},
    print::{Column, Form, Layout, ListPrinter, Listed, Record, record},
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
    /// How to print what was found.
    pub(crate) layout: Layout,
}

/// A difference as it is listed.
pub(crate) enum FindingRow {}

impl Listed for FindingRow {
    const NAME: &'static str = "differences";
    const COLUMNS: &'static [Column] = &[
        Column::new("WHAT IS WRONG", "description", Form::Prose, 1),
        Column::new("DONE", "outcome", Form::Words, 2),
        Column::new("GATEWAY KEY", "gateway_key", Form::Words, 3),
        Column::new("KEY ID", "key_id", Form::Id, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] =
        || &["key_id", "gateway_key", "finding", "mended", "error", "description", "outcome"];
}

/// The differences that were found, and the number of keys that were compared.
struct Examined {
    keys: usize,
    gateway_keys: usize,
    /// How many working keys may make more requests than the plan lets through.
    cut_short: usize,
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
    summarize(&examined, outcome, options.layout)?;
    if plan.plan_keys == PlanKeys::Individual && examined.gateway_keys >= MANY_KEYS && !options.pool {
        warn(&format!(
            "{} API Gateway keys, and an account holds 10 000 in a region: run `keys doctor --pool`, then deploy \
             the stack with PlanKeys=pooled.",
            examined.gateway_keys
        ));
    }
    if examined.cut_short > 0 {
        warn(&format!(
            "{} keys may make more requests a minute than the usage plan lets through: deploy the stack with a larger \
             RequestsPerMinute, or `keys update` them.",
            examined.cut_short
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
    let works = |key: &KeyStanding| key.ended(Timestamp::now()).is_none();
    let is_cut_short =
        |key: &&KeyStanding| works(key) && plan.most().is_some_and(|most| key.requests_per_minute > most);
    let cut_short = table.iter().filter(is_cut_short).count();
    Ok(Examined { keys: table.len(), gateway_keys, cut_short, findings })
}

async fn treat(plan: &Plan, findings: &[Finding], options: Options) -> Result<Repairs> {
    let mut outcome = Repairs::default();
    if options.dry_run {
        let rows = findings.iter().map(|finding| row(finding, &Treated::Not));
        ListPrinter::list::<FindingRow>(options.layout, &rows.collect::<Result<Vec<_>>>()?)?;
        return Ok(outcome);
    }
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} mended, {eta} to go")?;
    let length = u64::try_from(findings.len())?;
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr()).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    let (mut in_a_row, mut rows) = (0, Vec::new());
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
        rows.push(row(finding, &treated)?);
        bar.inc(1);
        if hopeless || in_a_row == FAILURES_IN_A_ROW {
            break;
        }
    }
    bar.finish_and_clear();
    ListPrinter::list::<FindingRow>(options.layout, &rows)?;
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

fn row(finding: &Finding, treated: &Treated) -> Result<Record> {
    let Finding { subject, name, drift } = finding;
    let key_id = match subject {
        Subject::Key(key_id) => json!(key_id),
        Subject::Shared(_) => Value::Null,
    };
    let (mended, error) = match treated {
        Treated::Not => (false, Value::Null),
        Treated::Mended => (true, Value::Null),
        Treated::Failed(failure) => (false, json!(failure.to_string())),
    };
    let (wrong, remedy) = drift.words();
    let done = match treated {
        Treated::Not => "-".to_owned(),
        Treated::Mended => remedy.to_owned(),
        Treated::Failed(failure) => format!("NOT {remedy}. {failure}"),
    };
    record(&json!({
        "key_id": key_id, "gateway_key": name, "finding": drift.code(), "mended": mended, "error": error,
        "description": format!("It {wrong}"), "outcome": done,
    }))
}

fn summarize(examined: &Examined, outcome: Repairs, layout: Layout) -> Result<()> {
    let Examined { keys, gateway_keys, findings, .. } = examined;
    let Repairs { mended, failed } = outcome;
    let found = findings.len();
    if layout.output == Output::Jsonl {
        let counts = json!({
            "keys": keys, "gateway_keys": gateway_keys, "found": found, "mended": mended, "failed": failed,
        });
        return line(&counts.to_string());
    }
    let outcome = if found == 0 {
        "everything is in order".to_owned()
    } else {
        format!("{found} found, {mended} mended")
    };
    note(&format!("{keys} keys in the table, {gateway_keys} of their own in the gateway: {outcome}."));
    Ok(())
}
