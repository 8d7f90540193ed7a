//! The commands that ask the API as its consumers do, and their options.

use std::path::PathBuf;

use clap::{Arg, Args, Subcommand, ValueEnum};
use domain::{Appointment, Call, Contact, Kind, Lead, RecordId, webhooks::Event};

use super::{
    filters::Filters,
    value::{Since, count, since},
};
use conformance::Secret;

/// What can be asked of the API with a key of it.
#[derive(Debug, Subcommand)]
pub enum ConsumerCommand {
    /// List an organization's calls, or get one with its conversation
    #[command(args = of_operators())]
    Calls {
        /// What to do with them.
        #[command(subcommand)]
        command: CallsCommand,
    },
    /// List, get and create contacts
    #[command(args = of_operators())]
    Contacts {
        /// What to do with them.
        #[command(subcommand)]
        command: ContactsCommand,
    },
    /// List leads
    #[command(args = of_operators())]
    Leads {
        /// What to do with them.
        #[command(subcommand)]
        command: ListCommand<Lead>,
    },
    /// List appointments
    #[command(args = of_operators())]
    Appointments {
        /// What to do with them.
        #[command(subcommand)]
        command: ListCommand<Appointment>,
    },
    /// List what happened in the last 30 days, as webhooks tell it
    #[command(args = of_operators())]
    Events {
        /// What to do with them.
        #[command(subcommand)]
        command: ListCommand<Event>,
    },
    /// Show whose key it is, and what it may do
    #[command(args = of_operators())]
    Me(ShowOptions),
    /// Write a whole list to a file, as JSON lines or CSV
    ///
    /// Pages are fetched one after the other, newest records first, as fast as the key's minute allows. Until it is
    /// whole, the file is called FILE.part, and FILE.part.json says how far it is: whatever ended the command, the
    /// same command goes on from there, and no record is missing or there twice.
    #[command(args = of_operators())]
    Export {
        /// Which list.
        #[command(subcommand)]
        command: ExportCommand,
    },
}

/// What says where the operators' commands find the tables, and means nothing to the others.
pub(super) const OF_OPERATORS: [(&str, &str); 2] =
    [("endpoint_url", "endpoint-url"), ("table_prefix", "table-prefix")];

/// The operators' options in place of the global ones, so that no help shows them here.
pub(super) fn of_operators() -> impl Iterator<Item = Arg> {
    OF_OPERATORS.into_iter().map(|(id, long)| Arg::new(id).long(long).global(true).hide(true))
}

/// What to do with calls.
#[derive(Debug, Subcommand)]
pub enum CallsCommand {
    /// List calls, newest first
    List(ListOptions<Call>),
    /// Get a call with its conversation
    Get(GetOptions),
}

/// What to do with contacts.
#[derive(Debug, Subcommand)]
pub enum ContactsCommand {
    /// List contacts, newest first
    List(ListOptions<Contact>),
    /// Get a contact
    Get(GetOptions),
    /// Create a contact
    ///
    /// Where the server or the connection fails, it is tried again, and makes the contact once all the same.
    Create(CreateContact),
}

/// What to do with records that are only listed.
#[derive(Debug, Subcommand)]
pub enum ListCommand<T: Kind> {
    /// List them, newest first
    #[command(about = format!("List {}, newest first", T::RESOURCE.name))]
    List(ListOptions<T>),
}

/// Which list to write to a file.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Calls, without their conversations
    Calls(ExportOptions<Call>),
    /// Contacts
    Contacts(ExportOptions<Contact>),
    /// Leads
    Leads(ExportOptions<Lead>),
    /// Appointments
    Appointments(ExportOptions<Appointment>),
    /// What happened in the last 30 days
    Events(ExportOptions<Event>),
}

/// Which API, and with whose key.
#[derive(Clone, Debug, Args)]
pub struct ApiOptions {
    /// The API key; better in the variable, since other users of the machine may see options
    #[arg(long, value_name = "KEY", env = "INBOUNDFLOW_API_KEY", hide_env_values = true)]
    pub api_key: Option<Secret>,
    /// The API's base URL, such as http://127.0.0.1:3000 for `dev`, or a stack's output `BaseUrl`
    #[arg(long, value_name = "URL", env = "INBOUNDFLOW_BASE_URL", value_parser = conformance::base_url,
        default_value = ::openapi::HOSTED_URL)]
    pub base_url: String,
}

/// What to list.
#[derive(Debug, Args)]
pub struct ListOptions<T: Kind> {
    /// Which records.
    #[command(flatten)]
    pub filters: Filters<T>,
    /// Only what was created after this: a time ago such as 2h or 3d, a date (midnight UTC), or a time such as
    /// 2026-02-24T20:59:00Z
    #[arg(long, value_name = "TIME", value_parser = since, allow_hyphen_values = true)]
    pub since: Option<Since>,
    /// How many records at the most [default: 20]
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub limit: Option<usize>,
    /// Every record, to the end of the list
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    /// How to print them.
    #[command(flatten)]
    pub output: OutputOptions,
    /// Where to ask.
    #[command(flatten)]
    pub api: ApiOptions,
}

/// One record.
#[derive(Debug, Args)]
pub struct GetOptions {
    /// Its id, as the list shows it
    pub id: RecordId,
    /// How to print it, and where to ask.
    #[command(flatten)]
    pub show: ShowOptions,
}

/// How to print a record, and where to ask for it.
#[derive(Debug, Args)]
pub struct ShowOptions {
    /// How to print it.
    #[command(flatten)]
    pub output: OutputOptions,
    /// Where to ask.
    #[command(flatten)]
    pub api: ApiOptions,
}

/// A contact that there is to be.
#[derive(Debug, Args)]
pub struct CreateContact {
    /// The phone number, such as +14155551234; an organization has each once
    #[arg(long)]
    pub phone: String,
    /// The name
    #[arg(long)]
    pub name: Option<String>,
    /// The e-mail address
    #[arg(long)]
    pub email: Option<String>,
    /// The company
    #[arg(long)]
    pub company: Option<String>,
    /// What else is known
    #[arg(long)]
    pub notes: Option<String>,
    /// Makes the contact once, however often the command runs with the same one within 24 hours
    /// [default: another one each time]
    #[arg(long, value_name = "TEXT")]
    pub idempotency_key: Option<String>,
    /// How to print it.
    #[command(flatten)]
    pub output: OutputOptions,
    /// Where to ask.
    #[command(flatten)]
    pub api: ApiOptions,
}

/// How records are printed.
#[derive(Clone, Copy, Debug, Args)]
pub struct OutputOptions {
    /// How to print [default: table on a terminal, json otherwise]
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<Output>,
    /// CSV for a spreadsheet: what it could take for a formula begins with an apostrophe
    #[arg(long)]
    pub for_spreadsheets: bool,
    /// Print JSON lines, as `-o jsonl` does
    #[arg(long, conflicts_with_all = ["output", "for_spreadsheets"])]
    pub json: bool,
    /// In a table, whole ids and texts and every column, however wide the terminal is
    #[arg(long)]
    pub wide: bool,
}

/// A form that records are printed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people: chosen fields, as wide as the terminal
    Table,
    /// One JSON document: an array of the records, or the record
    Json,
    /// One JSON object a line
    Jsonl,
    /// RFC 4180 with a header; nested values as JSON
    Csv,
    /// CSV in which nothing is a formula.
    #[value(skip)]
    Spreadsheet,
}

/// What to write to a file, and how.
#[derive(Debug, Args)]
pub struct ExportOptions<T: Kind> {
    /// The file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    /// The form [default: as the file's name ends; jsonl on standard output]
    #[arg(short = 'o', long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// CSV for a spreadsheet: what it could take for a formula begins with an apostrophe
    #[arg(long)]
    pub for_spreadsheets: bool,
    /// Which records.
    #[command(flatten)]
    pub filters: Filters<T>,
    /// Only what was created after this: a time ago such as 2h or 3d, a date (midnight UTC), or a time such as
    /// 2026-02-24T20:59:00Z
    #[arg(long, value_name = "TIME", value_parser = since, allow_hyphen_values = true)]
    pub since: Option<Since>,
    /// Begin anew, whatever is there of an export that was not finished
    #[arg(long)]
    pub restart: bool,
    /// Replace the file where it is there already
    #[arg(long)]
    pub force: bool,
    /// Where to ask.
    #[command(flatten)]
    pub api: ApiOptions,
}

/// A form of a file of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line
    Jsonl,
    /// RFC 4180 with a header; nested values as JSON
    Csv,
    /// CSV in which nothing is a formula.
    #[value(skip)]
    Spreadsheet,
}
