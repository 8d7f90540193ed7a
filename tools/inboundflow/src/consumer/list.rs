//! `list`: prints the newest records of a list, or all of them.

use anyhow::Result;
use domain::Kind;

use super::{Client, WaitDisplay, path, walk::Walk};
use crate::{
    cli::ListOptions,
    output,
    print::{ListPrinter, Listed},
};

/// How many records are printed unless somebody says otherwise.
const USUAL_LIMIT: usize = 20;

/// Prints records, a page at a time.
pub(super) async fn run<T: Kind + Listed>(options: ListOptions<T>) -> Result<()> {
    let mut printer = ListPrinter::new::<T>(options.output.layout());
    let client = Client::new(options.api, WaitDisplay::Lines)?;
    let filters = options.filters.chosen.into_iter().map(|(name, value)| (name.to_owned(), value));
    let mut walk = Walk::new(path(T::RESOURCE), filters, options.since.map(|since| since.at));
    let most = if options.all { usize::MAX } else { options.limit.unwrap_or(USUAL_LIMIT) };
    walk.each(&client, most, |records| printer.page(records)).await?;
    printer.end()?;
    if walk.goes_on() && options.limit.is_none() {
        let name = T::NAME;
        output::note(&format!(
            "These are the newest {USUAL_LIMIT} {name}: --limit N prints more, --all every one."
        ));
    }
    Ok(())
}
