//! `docs`: writes the documentation as files.

use std::fs;

use anyhow::{Context as _, Result};

use crate::{cli::DocsCommand, output::line};

pub(crate) fn run(command: &DocsCommand) -> Result<()> {
    let DocsCommand::Build { output, base_url } = command;
    for page in local::docs::PAGES {
        let file = output.join(page.path);
        let folder = file.parent().unwrap_or(output);
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&file, page.at(base_url)));
        written.with_context(|| format!("cannot write {}", file.display()))?;
    }
    line(&format!(
        "{} files, beginning with {}",
        local::docs::PAGES.len(),
        output.join("en/index.html").display()
    ))
}
