//! The patterns of phone numbers in schemas.

/// The ASCII texts that `Phone::parse` takes: E.164 with punctuation. Unicode's spaces, dashes, invisible characters and
/// full-width forms are left out.
pub(super) const PHONE: &str = r"^[ .()\[\]-]*\+[ .()\[\]-]*[1-9]([ .()\[\]-]*[0-9]){2,14}[ .()\[\]-]*$";
/// The texts of [`PHONE`] that `Phone::parse` refuses all the same.
pub(super) const ZERO_IN_BRACKETS: &str = r"[(\[][ .-]*0";
