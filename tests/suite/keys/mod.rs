mod authentication;
pub(crate) mod isolation;
mod rate_limit;
mod rotation;
mod update;
