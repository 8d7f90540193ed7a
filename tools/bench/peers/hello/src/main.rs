//! A function that says hello, as `lambda_http` has it: the cost of any function at all.

use lambda_http::{Body, Error, Request, Response, service_fn};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::run(service_fn(hello)).await
}

async fn hello(_: Request) -> Result<Response<Body>, Error> {
    let body = json!({ "message": "hello" }).to_string();
    Ok(Response::builder().header("Content-Type", "application/json").body(body.into())?)
}
