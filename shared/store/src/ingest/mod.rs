//! Voice events become records.

mod apply;
mod conversation;
mod not_applied;
mod other_calls;
mod writes;

pub use not_applied::NotApplied;
