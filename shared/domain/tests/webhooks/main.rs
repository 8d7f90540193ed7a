//! Whether what is published for receivers of webhooks holds: the page, its code, and the test vectors.

mod page;
mod samples;
mod vectors;
#[path = "../../../../docs/webhooks/verify.rs"]
#[expect(unreachable_pub, reason = "it is shown as a module of whoever copies it")]
mod verify;

use std::{collections::BTreeMap, path::PathBuf, sync::LazyLock};

use serde::Deserialize;

/// The file of test vectors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: String,
    tolerance_seconds: u64,
    cases: Vec<Case>,
}

/// A delivery as it arrives, and what a receiver has to make of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    why: String,
    secret: String,
    now: i64,
    headers: BTreeMap<String, String>,
    body: String,
    valid: Valid,
    signed_with: Option<SignedWith>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Valid {
    documented: bool,
    standard: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedWith {
    secret: String,
    previous_secret: Option<String>,
}

static VECTORS: LazyLock<Vectors> =
    LazyLock::new(|| serde_json::from_str(&docs("webhook-vectors.json")).expect("the published vectors"));

impl Case {
    fn named(name: &str) -> &'static Self {
        VECTORS
            .cases
            .iter()
            .find(|case| case.name == name)
            .unwrap_or_else(|| panic!("no vector is called {name}"))
    }

    fn header(&self, name: &str) -> &str {
        &self.headers[name]
    }
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

fn docs(name: &str) -> String {
    let path = path(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
