//! The Lambda binary of the gateway's authorizer.

use domain::Timestamp;
use identify::{Identify, Request};
use lambda_runtime::{Error, LambdaEvent, service_fn};

fn main() -> Result<(), Error> {
    let identify = Identify::new(|name| std::env::var(name).ok())?;
    let identify = &identify;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(lambda_runtime::run(service_fn(|event: LambdaEvent<Request>| async move {
        Ok::<_, Error>(identify.answer(&event.payload, Timestamp::now()))
    })))
}
