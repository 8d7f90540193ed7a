//! Imports of records into a test's organization.

use domain::{FilterKind, catalogue};
use inboundflow::import::{Counts, Report, write};
use serde_json::Value;

use crate::{World, line, record};

impl World {
    /// Imports a record of each resource; returns the paths that show it: each list, with each of its filters, and the
    /// record by its id.
    ///
    /// # Panics
    /// When a record is refused.
    pub async fn import_one_of_each(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for resource in catalogue::ALL {
            let Some(record) = record(resource.name) else { continue };
            self.import(resource.name, std::slice::from_ref(&record)).await;
            let text = |name: &str| record[name].as_str().expect("a text").replace('+', "%2B");
            let list = format!("/v1/{}", resource.name);
            let filters = resource.filters.iter().filter(|filter| filter.kind != FilterKind::Owner);
            paths.extend(
                filters.map(|filter| format!("{list}?{}={}", filter.parameter, text(filter.attribute))),
            );
            let by_id = resource.routes.iter().filter(|route| route.methods.contains(&"GET"));
            paths.extend(by_id.map(|route| route.path.replace("{id}", &text("id"))));
        }
        paths
    }

    /// Imports records; all of them must be taken.
    pub async fn import(&self, resource: &str, records: &[Value]) {
        let lines: Vec<String> = records.iter().map(|record| line(resource, record)).collect();
        let counts = self.import_lines(lines).await;
        assert_eq!(counts, Counts { imported: records.len() as u64, failed: 0 });
    }

    /// Imports lines, good or bad.
    pub async fn import_lines(&self, lines: Vec<String>) -> Counts {
        let lines = lines.into_iter().map(|line| Ok(line.into_bytes()));
        write(&self.store, lines, Some(self.organization), &Report::Quiet).await
    }
}
