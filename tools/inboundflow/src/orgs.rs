//! `orgs`: creates and lists organizations.

use anyhow::Result;
use domain::{Organization, OrganizationId};
use store::Store;

use crate::{cli::OrgsCommand, explain::explain, output::line};

pub(crate) async fn run(command: OrgsCommand, store: &Store) -> Result<()> {
    match command {
        OrgsCommand::Create { name, plan, json } => {
            let organization =
                Organization { organization_id: OrganizationId::random(), organization_name: name, plan };
            store.put_organization(&organization).await.map_err(explain)?;
            show(&organization, json)
        }
        OrgsCommand::List { json } => {
            let organizations = store.organizations().await.map_err(explain)?;
            organizations.iter().try_for_each(|organization| show(organization, json))
        }
    }
}

fn show(organization: &Organization, json: bool) -> Result<()> {
    if json {
        return line(&serde_json::to_string(organization)?);
    }
    let Organization { organization_id, organization_name, plan } = organization;
    line(&format!("{organization_id}  {organization_name}  ({plan})"))
}
