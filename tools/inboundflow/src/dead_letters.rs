//! `dead-letters`: lists, shows, redrives and deletes the messages that could not be carried out.

mod held;
mod letter;
mod queues;
mod reason;

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::{Result, anyhow, bail, ensure};
use serde_json::json;

use crate::{
    cli::{Cli, DeadLetterChoice, DeadLetterFilter, DeadLetterQueue, DeadLettersCommand},
    output::note,
    print::{Column, Form, Layout, ListPrinter, Listed, Record, record, show},
};
use held::{Found, Held};
use letter::DeadLetter;
use queues::Queues;

/// The number of failures in a row after which nothing more is attempted.
const FAILURES_IN_A_ROW: usize = 3;
/// The reason why a dead letter may not be found although it is there.
const MAYBE_HELD: &str = "one that somebody else has just received is not seen for up to five minutes";

/// A dead letter as it is listed.
pub(crate) enum DeadLetterRow {}

impl Listed for DeadLetterRow {
    const NAME: &'static str = "dead letters";
    const COLUMNS: &'static [Column] = &[
        Column::new("AGE", "sent_at", Form::Age, 3),
        Column::new("QUEUE", "queue", Form::Whole, 2),
        Column::new("KIND", "kind", Form::Whole, 1),
        Column::new("REASON", "reason", Form::Prose, 4),
        Column::new("ORGANIZATION", "organization_id", Form::Id, 5),
        Column::new("ID", "message_id", Form::Id, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] =
        || &["message_id", "queue", "kind", "organization_id", "sent_at", "reason"];
}

pub(crate) async fn run(command: DeadLettersCommand, table_prefix: &str) -> Result<()> {
    match command {
        DeadLettersCommand::List { filter, limit, place, output } => {
            let queues = Queues::open(place, table_prefix).await;
            list(Held::new(&queues), &filter, limit, output.layout()).await
        }
        DeadLettersCommand::Show { message_id, place, output } => {
            let queues = Queues::open(place, table_prefix).await;
            let mut held = Held::new(&queues);
            let found = by_ids(&mut held, &DeadLetterQueue::ALL, &[message_id]).await;
            held.release().await;
            found?.iter().try_for_each(|letter| show(&letter.whole(), output.layout()))
        }
        DeadLettersCommand::Redrive { choice, place, output } => {
            if choice.filter.queue == Some(DeadLetterQueue::Fanout) {
                Cli::refuse(FROM_NO_QUEUE);
            }
            let queues = Queues::open(place, table_prefix).await;
            let mut held = Held::new(&queues);
            let redriven = redrive(&mut held, &choice).await;
            held.release().await;
            show(&record(&json!({"redriven": redriven?}))?, output.layout())
        }
        DeadLettersCommand::Delete { choice, yes, place, output } => {
            if !yes && !io::stdin().is_terminal() {
                Cli::refuse("what is deleted is gone: give --yes where nobody can be asked");
            }
            let queues = Queues::open(place, table_prefix).await;
            let mut held = Held::new(&queues);
            let deleted = delete(&mut held, &choice, yes).await;
            held.release().await;
            show(&record(&json!({"deleted": deleted?}))?, output.layout())
        }
    }
}

const FROM_NO_QUEUE: &str = "dead letters of fanout came from no queue, and so cannot be sent back: `webhooks backfill` makes up \
                             for them";

async fn list(mut held: Held<'_>, filter: &DeadLetterFilter, limit: usize, layout: Layout) -> Result<()> {
    let found = by_filter(&mut held, filter, limit).await;
    held.release().await;
    let Found { mut letters, has_more } = found?;
    letters.sort_by_key(DeadLetter::sent_at);
    let rows: Vec<Record> = letters.iter().map(DeadLetter::listed).collect();
    ListPrinter::list::<DeadLetterRow>(layout, &rows)?;
    if has_more {
        note(&format!("There are more than {limit}: give a larger --limit."));
    }
    Ok(())
}

/// Sends the chosen dead letters back to the queues that they came from; returns how many.
async fn redrive(held: &mut Held<'_>, choice: &DeadLetterChoice) -> Result<usize> {
    let (letters, stuck): (Vec<_>, Vec<_>) =
        chosen(held, choice).await?.into_iter().partition(|letter| held.queues.source(letter).is_some());
    match stuck.len() {
        0 => {}
        _ if choice.message_ids.is_empty() => note(&format!("{} stay: {FROM_NO_QUEUE}.", stuck.len())),
        _ => bail!("{}: {FROM_NO_QUEUE}. Nothing was sent.", stuck[0].id()),
    }
    each(held, letters, "sent back", async |held, letter| {
        let Some(source) = held.queues.source(letter) else { return Ok(()) };
        held.queues.send(letter, &source).await?;
        held.delete(letter).await.map_err(|error| {
            error.context("It was sent back, but is among the dead letters too: delete it there.")
        })
    })
    .await
}

/// Deletes the chosen dead letters, once that was agreed to; returns how many.
async fn delete(held: &mut Held<'_>, choice: &DeadLetterChoice, yes: bool) -> Result<usize> {
    let letters = chosen(held, choice).await?;
    if !letters.is_empty() && !yes {
        agreed(letters.len())?;
    }
    each(held, letters, "deleted", async |held, letter| held.delete(letter).await).await
}

fn agreed(count: usize) -> Result<()> {
    let mut answer = String::new();
    write!(io::stderr(), "Delete {count} dead letters for good? [y/N] ")?;
    io::stdin().read_line(&mut answer)?;
    let is_yes = matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    ensure!(is_yes, "Nothing was deleted.");
    Ok(())
}

/// Does something with each dead letter; returns with how many it was done.
///
/// # Errors
/// The first failure, and how far it came. What failed is still among the dead letters.
async fn each<'a>(
    held: &mut Held<'a>,
    letters: Vec<DeadLetter>,
    done: &str,
    act: impl AsyncFn(&mut Held<'a>, &DeadLetter) -> Result<()>,
) -> Result<usize> {
    let (all, mut count, mut in_a_row, mut first) = (letters.len(), 0, 0, None);
    for letter in letters {
        match act(held, &letter).await {
            Ok(()) => (count, in_a_row) = (count + 1, 0),
            Err(error) => {
                in_a_row += 1;
                first.get_or_insert_with(|| anyhow!("{}: {error:#}", letter.id()));
            }
        }
        if in_a_row == FAILURES_IN_A_ROW {
            break;
        }
    }
    match first {
        None => Ok(count),
        Some(error) => {
            bail!("{count} of {all} were {done}, the others are among the dead letters still. {error:#}")
        }
    }
}

async fn chosen(held: &mut Held<'_>, choice: &DeadLetterChoice) -> Result<Vec<DeadLetter>> {
    let DeadLetterChoice { message_ids, filter, max, .. } = choice;
    if !message_ids.is_empty() {
        return by_ids(held, &among(filter), message_ids).await;
    }
    let Found { letters, has_more } = by_filter(held, filter, *max).await?;
    if has_more {
        note(&format!("There are more than {max}: run it again for the others."));
    }
    Ok(letters)
}

async fn by_filter(held: &mut Held<'_>, filter: &DeadLetterFilter, most: usize) -> Result<Found> {
    let is_wanted = |letter: &DeadLetter| filter.kind.as_ref().is_none_or(|kind| letter.is_of(kind));
    held.find(&among(filter), most, is_wanted).await
}

/// The dead letters with these ids, or beginnings of ids: all of them, or an error.
async fn by_ids(held: &mut Held<'_>, among: &[DeadLetterQueue], ids: &[String]) -> Result<Vec<DeadLetter>> {
    let is_wanted = |letter: &DeadLetter| ids.iter().any(|id| letter.id().starts_with(id.as_str()));
    let Found { letters, .. } = held.find(among, usize::MAX, is_wanted).await?;
    for id in ids {
        match letters.iter().filter(|letter| letter.id().starts_with(id.as_str())).count() {
            0 => {
                bail!("There is no dead letter {id}: `dead-letters list` shows those that are; {MAYBE_HELD}.")
            }
            1 => {}
            count => bail!("{id} is the beginning of {count} dead letters' ids: give more of it."),
        }
    }
    Ok(letters)
}

fn among(filter: &DeadLetterFilter) -> Vec<DeadLetterQueue> {
    filter.queue.map_or_else(|| DeadLetterQueue::ALL.to_vec(), |queue| vec![queue])
}
