//! `export`: writes a whole list to a file, or to standard output. An interrupted export to a file can be resumed.

mod part;
mod state;
mod target;

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};
use domain::{Kind, MAX_LIMIT, OrganizationId, catalogue};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::{
    part::Part,
    state::{ExportRequest, State},
    target::{Target, refuse_what_is_there},
};
use super::{Client, WaitDisplay, Walk, path};
use crate::{
    cli::{Cli, ExportOptions, Format},
    interrupt, output,
    print::{Encoder, Listed, print},
};

pub(super) async fn run<T: Kind + Listed>(options: ExportOptions<T>) -> Result<()> {
    let target = Target::of(&options.to)?;
    let named = options.format.or_else(|| Format::of(&options.to));
    let format = match (named, options.for_spreadsheets) {
        (None | Some(Format::Csv), true) => Format::Spreadsheet,
        (Some(_), true) => {
            Cli::refuse("--for-spreadsheets is about CSV: let the file end in .csv, or give --format csv")
        }
        (Some(format), false) => format,
        (None, false) if !matches!(target, Target::File(_)) => Format::Jsonl,
        (None, false) => {
            Cli::refuse("--to names no form: let the file end in .jsonl or .csv, or give --format")
        }
    };
    match target {
        Target::Stdout => to_stdout(options, format).await,
        Target::Stream => through(options, format).await,
        Target::File(file) => to_file(options, format, file).await,
    }
}

impl Format {
    /// The form that a file's name ends in.
    fn of(file: &Path) -> Option<Self> {
        match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

async fn to_stdout<T: Kind + Listed>(options: ExportOptions<T>, format: Format) -> Result<()> {
    stream(options, format, io::stdout().is_terminal(), print).await.map(drop)
}

/// To a pipe or device, which is opened before the first request: its reader may be long in coming.
async fn through<T: Kind + Listed>(options: ExportOptions<T>, format: Format) -> Result<()> {
    let to = options.to.clone();
    let mut file = target::open_stream(&to)?;
    let is_seen = file.is_terminal();
    let write = |text: &str| {
        let harmless = is_seen.then(|| output::harmless(text));
        let written = file.write_all(harmless.as_deref().unwrap_or(text).as_bytes());
        written.with_context(|| format!("Cannot write {}", to.display()))
    };
    let records = stream(options, format, is_seen, write).await?;
    output::line(&format!("{records} {} written to {}", T::RESOURCE.name, to.display()))
}

/// Writes records as they come, and cannot go on where that ended; how many there were.
async fn stream<T: Kind + Listed>(
    options: ExportOptions<T>,
    format: Format,
    is_seen: bool,
    mut write: impl FnMut(&str) -> Result<()>,
) -> Result<u64> {
    // Beside what is printed on a terminal there is no place for progress.
    let bar = if is_seen { ProgressBar::hidden() } else { progress()? };
    let display = if is_seen { WaitDisplay::Lines } else { WaitDisplay::Bar(bar.clone()) };
    let client = Client::new(options.api, display)?;
    let filters = options.filters.chosen.into_iter().map(|(name, value)| (name.to_owned(), value));
    let mut walk = Walk::new(path(T::RESOURCE), filters, options.since.map(|since| since.at));
    let mut encoder = Encoder::for_file::<T>(format, None);
    while walk.goes_on() {
        let records = walk.next(&client, MAX_LIMIT).await?;
        write(&encoder.page(&records, !walk.goes_on())?)?;
        bar.inc(records.len().try_into()?);
    }
    bar.finish_and_clear();
    Ok(bar.position())
}

async fn to_file<T: Kind + Listed>(options: ExportOptions<T>, format: Format, file: PathBuf) -> Result<()> {
    let ExportOptions { to, filters, since, restart, force, api, .. } = options;
    refuse_what_is_there(&to, &file, force)?;
    refuse_what_is_no_folder(&file)?;
    let bar = progress()?;
    let client = Client::new(api, WaitDisplay::Bar(bar.clone()))?;
    let begun = ExportRequest {
        base_url: client.origin.base_url.clone(),
        organization_id: organization(&client).await?,
        list: T::RESOURCE.name.to_owned(),
        format,
        filters: filters.chosen.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        since: since.as_ref().map(|since| since.asked.clone()),
    };
    let mut part = Part::open(&file, State::new(begun, since.map(|since| since.at)), restart)?;
    let State { begun_at, records, bytes, .. } = *part.state();
    if bytes > 0 {
        bar.suspend(|| {
            output::note(&format!(
                "Going on with the export that began at {begun_at}: {records} records are there."
            ))
        });
    }
    bar.set_position(records);
    let interrupted = interrupt::interrupted()?;
    let outcome = tokio::select! {
        outcome = write::<T>(&client, &mut part, &bar) => outcome.map_err(|error| (error, None)),
        code = interrupted => Err((anyhow!("Interrupted."), Some(code))),
    };
    bar.finish_and_clear();
    if let Err((error, code)) = outcome {
        let error = part.leave(error);
        let Some(code) = code else { return Err(error) };
        output::note(&format!("error: {error:#}"));
        process::exit(code);
    }
    refuse_what_is_there(&to, &file, force)?;
    let records = part.finish()?;
    output::line(&format!("{records} {} written to {}", T::RESOURCE.name, to.display()))
}

/// Writes what is missing, a page at a time.
async fn write<T: Kind + Listed>(client: &Client, part: &mut Part, bar: &ProgressBar) -> Result<()> {
    let State { begun, since, columns, cursor, is_whole, .. } = part.state().clone();
    if is_whole {
        return Ok(());
    }
    let mut walk = Walk::new(path(T::RESOURCE), begun.filters, since).from(cursor);
    let mut encoder = Encoder::for_file::<T>(begun.format, columns);
    while walk.goes_on() {
        let records = walk.next(client, MAX_LIMIT).await?;
        let text = encoder.page(&records, !walk.goes_on())?;
        part.append(&text, |state| {
            state.records += records.len() as u64;
            state.columns = encoder.columns();
            state.cursor = walk.cursor().map(str::to_owned);
            state.is_whole = !walk.goes_on();
        })?;
        bar.set_position(part.state().records);
    }
    Ok(())
}

/// Before the first request, which may wait for the rate limit.
fn refuse_what_is_no_folder(file: &Path) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        bail!("Cannot write {}: there is no folder {}.", file.display(), folder.display());
    }
    Ok(())
}

/// Whose records they are: those of two organizations must not end up in one file.
async fn organization(client: &Client) -> Result<OrganizationId> {
    let me = client.get(path(&catalogue::ME)).await?;
    match me.get("organization_id").and_then(|id| id.as_str()?.parse().ok()) {
        Some(organization) => Ok(organization),
        None => bail!("{} does not say whose key this is.", client.origin.base_url),
    }
}

/// The progress of an export on a terminal. The API does not say how many records there will be.
fn progress() -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{spinner} {human_pos} records, {elapsed}  {msg}")?;
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}
