mod budget;
pub(crate) mod deliveries;
pub(crate) mod endpoints;
mod event_list;
mod races;
mod replay;
mod responses;
mod secrets;
mod secrets_apart;
