//! The patterns of phone numbers in schemas.

/// What `Phone::parse` takes in ASCII: E.164 once the punctuation is dropped. Of Unicode's spaces, dashes, invisible
/// characters and full-width forms, no schema speaks.
pub(super) const PHONE: &str = r"^[ .()\[\]-]*\+[ .()\[\]-]*[1-9]([ .()\[\]-]*[0-9]){2,14}[ .()\[\]-]*$";
/// What it refuses all the same.
pub(super) const ZERO_IN_BRACKETS: &str = r"[(\[][ .-]*0";
