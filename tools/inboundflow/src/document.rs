//! `openapi`: prints the OpenAPI document, or what is made of it.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::{cli::OpenapiOptions, output::line};

pub(crate) fn run(options: &OpenapiOptions) -> Result<()> {
    let document = openapi::document(options.language)?;
    if let Some(file) = &options.breaks {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let earlier: Value =
            serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))?;
        let paths = earlier["paths"].as_object();
        ensure!(
            earlier["openapi"].is_string() && paths.is_some_and(|paths| !paths.is_empty()),
            "{} is no OpenAPI document with paths in it, so nothing can be compared with it",
            file.display()
        );
        let breaking = openapi::breaking_changes(&earlier, &document);
        breaking.iter().try_for_each(|change| line(change))?;
        if !breaking.is_empty() {
            bail!("{} of the changes since {} break clients", breaking.len(), file.display());
        }
        return Ok(());
    }
    let printed = if options.postman { openapi::postman(&document) } else { document };
    line(&format!("{printed:#}"))
}
