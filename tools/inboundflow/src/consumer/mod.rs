//! The commands that ask the API over HTTP, with an API key.

mod client;
mod contacts;
mod export;
mod list;
mod origin;
mod pace;
mod response;
mod walk;

use anyhow::Result;
use domain::{Resource, catalogue};

pub(crate) use self::{
    client::{Client, Request, WaitDisplay},
    walk::{Walk, path},
};
use crate::{
    cli::{
        CallsCommand, ConsumerCommand, ContactsCommand, ExportCommand, GetOptions, ListCommand, ShowOptions,
    },
    print::show,
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
        ConsumerCommand::Me(options) => show_at(path(&catalogue::ME), options).await,
        ConsumerCommand::Export { command } => match command {
            ExportCommand::Calls(options) => export::run(options).await,
            ExportCommand::Contacts(options) => export::run(options).await,
            ExportCommand::Leads(options) => export::run(options).await,
            ExportCommand::Appointments(options) => export::run(options).await,
            ExportCommand::Events(options) => export::run(options).await,
        },
    }
}

async fn get(resource: &Resource, GetOptions { id, show }: GetOptions) -> Result<()> {
    show_at(&format!("{}/{id}", path(resource)), show).await
}

/// Prints the record at this path.
async fn show_at(path: &str, options: ShowOptions) -> Result<()> {
    let (layout, client) = (options.output.layout(), Client::new(options.api, WaitDisplay::Lines)?);
    show(&client.get(path).await?, layout)
}
