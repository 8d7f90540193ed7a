//! An empty build script, without which the build dependencies would not count.
fn main() {}
