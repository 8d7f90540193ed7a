//! The key that `dev` prints. The table has its hash alone, so with `--data` the key itself is kept beside the data.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result};
use domain::key::ApiKey;
use local::private;
use store::{KeyFit, KeyRequest, Store};

use crate::{explain::explain, output::note};

const FILE: &str = "api-key";
/// Far more than a key has.
const MAX_BYTES: u64 = 1000;

/// The key that is kept in the directory, where it works and is what `request` asks for; else a new one, which is kept there
/// in its place.
pub(super) async fn key(store: &Store, request: &KeyRequest, directory: Option<&Path>) -> Result<String> {
    let Some(directory) = directory else { return create(store, request).await };
    let path = directory.join(FILE);
    let shown = path.display();
    let unusable = || format!("Cannot keep the API key in {shown}: pass another --data");
    let (mut file, _) = private::open(&path).with_context(unusable)?;
    let kept = read(&mut file).with_context(unusable)?;
    let parsed = ApiKey::parse(kept.trim());
    let fit = match &parsed {
        Ok(key) => store.fit(key, request).await.map_err(explain)?,
        Err(_) => KeyFit::Ended,
    };
    if let (Ok(key), KeyFit::Fits) = (&parsed, fit) {
        return Ok(key.reveal().to_owned());
    }
    let is_first = store.keys(request.organization).await.map_err(explain)?.is_empty();
    let key = create(store, request).await?;
    write(&mut file, &key).with_context(unusable)?;
    match (kept.trim(), fit) {
        ("", _) if is_first => {}
        ("", _) => note(&format!("The earlier API key was not kept in {shown}: this is a new one.")),
        (_, KeyFit::IsOther) => note(&format!(
            "The API key in {shown} was made with other options: this is a new one, and the other goes on working."
        )),
        _ => note(&format!("The API key in {shown} no longer works: this is a new one.")),
    }
    Ok(key)
}

async fn create(store: &Store, request: &KeyRequest) -> Result<String> {
    let issued = store.create_key(request).await.map_err(explain).context("cannot make a key")?;
    Ok(issued.key.reveal().to_owned())
}

fn read(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn write(file: &mut File, key: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{key}")
}
