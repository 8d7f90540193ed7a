//! Demo data: made-up records as lines for `import`, or the voice events that make such records. One seed gives the
//! same data each time.

mod address;
mod events;
mod generator;
mod phrases;
mod story;

pub use events::events;
pub use generator::lines;
