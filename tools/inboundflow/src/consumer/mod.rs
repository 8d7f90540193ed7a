//! The commands that ask the API with a key of it, as anybody's program does.

mod answer;
mod client;
mod contacts;
mod encode;
mod export;
mod list;
mod pace;
mod walk;

use std::io::{self, IsTerminal as _};

use anyhow::Result;
use domain::{Resource, catalogue};

pub(crate) use self::{
    client::{Client, Request, Telling},
    encode::{Encoder, Record, Shown, terminal_width},
    walk::Walk,
};
use crate::{
    cli::{CallsCommand, ConsumerCommand, ContactsCommand, GetOptions, ListCommand, MeOptions, Output},
    output,
};

pub(crate) async fn run(command: ConsumerCommand) -> Result<()> {
    match command {
        ConsumerCommand::Calls { command: CallsCommand::List(options) } => list::run(options).await,
        ConsumerCommand::Calls { command: CallsCommand::Get(options) } => {
            get(&catalogue::CALLS, options).await
        }
        ConsumerCommand::Contacts { command: ContactsCommand::List(options) } => list::run(options).await,
        ConsumerCommand::Contacts { command: ContactsCommand::Get(options) } => {
            get(&catalogue::CONTACTS, options).await
        }
        ConsumerCommand::Contacts { command: ContactsCommand::Create(options) } => {
            contacts::create(options).await
        }
        ConsumerCommand::Leads { command: ListCommand::List(options) } => list::run(options).await,
        ConsumerCommand::Appointments { command: ListCommand::List(options) } => list::run(options).await,
        ConsumerCommand::Events { command: ListCommand::List(options) } => list::run(options).await,
        ConsumerCommand::Me(options) => me(options).await,
        ConsumerCommand::Export { command } => export::run(command).await,
    }
}

/// The path of a resource's list, or of the resource itself.
pub(crate) fn path(resource: &Resource) -> &'static str {
    resource.routes.first().map_or("/", |route| route.path)
}

async fn get(resource: &Resource, options: GetOptions) -> Result<()> {
    let GetOptions { id, output, api } = options;
    let (form, client) = (output.chosen(), Client::new(api, Telling::Lines)?);
    show(&client.get(&format!("{}/{id}", path(resource))).await?.into_record(&client)?, form)
}

async fn me(options: MeOptions) -> Result<()> {
    let (form, client) = (options.output.chosen(), Client::new(options.api, Telling::Lines)?);
    show(&client.get(path(&catalogue::ME)).await?.into_record(&client)?, form)
}

/// Prints one record.
pub(crate) fn show(record: &Record, form: Output) -> Result<()> {
    print(&encode::one(record, form)?)
}

/// Prints what was encoded. CSV keeps what its values hold, which on a terminal could steer it.
pub(crate) fn print(text: &str) -> Result<()> {
    if io::stdout().is_terminal() { output::text(&output::harmless(text)) } else { output::text(text) }
}
