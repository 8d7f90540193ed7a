//! A crate without code: its dependencies give shared dependencies one set of features, whatever member is built.
