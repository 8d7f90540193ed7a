//! The writing of voice events into the tables.

mod apply;
mod conversation;
mod not_applied;
mod other_calls;
mod writes;

pub use not_applied::NotApplied;
