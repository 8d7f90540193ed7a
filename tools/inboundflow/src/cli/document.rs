//! The options of `openapi` and `docs`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::Language;

use super::value::language;

/// What to print of the OpenAPI document.
#[derive(Debug, Args)]
pub struct OpenapiOptions {
    /// The language of the descriptions: en, de, fr or es
    #[arg(long, value_name = "TAG", default_value = "en", value_parser = language())]
    pub language: Language,
    /// Print a collection for Postman, Bruno or Insomnia instead
    #[arg(long)]
    pub postman: bool,
    /// Print nothing but what would break a client that was written to this earlier document, and exit with 1 where
    /// there is anything
    #[arg(long, value_name = "FILE", conflicts_with = "postman")]
    pub breaks: Option<PathBuf>,
}

/// What to do with the documentation.
#[derive(Debug, Subcommand)]
pub enum DocsCommand {
    /// Write the documentation as files that any web server can serve
    Build {
        /// The directory; it is made where it is not there, and files of the same names are replaced
        #[arg(long, value_name = "DIR")]
        output: PathBuf,
        /// The API's address on the pages
        #[arg(long, value_name = "URL", default_value = ::openapi::LOCAL_URL, value_parser = conformance::base_url)]
        base_url: String,
    },
}
