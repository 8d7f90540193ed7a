mod contention;
mod creation;
mod markers;
