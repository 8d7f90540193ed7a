mod conflicts;
mod contacts;
pub(crate) mod format;
pub(crate) mod in_any_order;
pub(crate) mod page;
mod polling;
mod queue;
pub(crate) mod records;
mod values;
