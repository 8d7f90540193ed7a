//! `check`: asks a server for each promise of the API, and prints what it found.

use anyhow::{Result, bail};
use conformance::{Extent, Keys, Who};

use crate::{
    cli::{CheckOptions, Cli},
    output::{http, line},
};

/// Prints what holds and what does not, and fails where a promise is not kept.
pub(crate) async fn run(options: CheckOptions) -> Result<()> {
    let CheckOptions { url, key, narrow_key, revoked_key, expired_key, foreign_key, .. } = options;
    let keys = Keys::new([
        (Who::Caller, key),
        (Who::Narrow, narrow_key),
        (Who::Revoked, revoked_key),
        (Who::Expired, expired_key),
        (Who::Foreign, foreign_key),
    ]);
    let keys = keys.unwrap_or_else(|wrong| Cli::refuse(wrong));
    let extent = Extent { write: options.write, use_up_minute: options.use_up_minute };
    let report = conformance::check(http(&url)?, &url, keys, extent).await?;
    match options.json {
        true => report.json().iter().try_for_each(|found| line(&found.to_string()))?,
        false => report.lines().iter().try_for_each(|found| line(found))?,
    }
    match report.differing() {
        0 => Ok(()),
        1 => bail!("1 promise is not kept."),
        differing => bail!("{differing} promises are not kept."),
    }
}
