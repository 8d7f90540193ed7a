mod at_random;
pub(crate) mod attempts;
pub(crate) mod crashes;
mod duplicates;
mod pace;
mod queues;
mod schedule;
mod week;
