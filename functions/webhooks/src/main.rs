//! The Lambda binary of `/v1/webhooks`.

use std::process::ExitCode;

use domain::{catalogue::WEBHOOKS, webhooks::UrlPolicy};

fn main() -> ExitCode {
    match UrlPolicy::from_variables(|name| std::env::var(name).ok()) {
        Ok(policy) => api::serve(Some(&WEBHOOKS), webhooks::routes(policy)),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
