//! A promise of the API, and the result of checking it.

use futures_util::{FutureExt as _, future::LocalBoxFuture};

/// The origin of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A promise of the public documentation, which may never change.
    Documented,
    /// A promise of ours where the documentation is silent.
    Choice,
    /// A promise of ours beyond the documentation, which its readers never notice.
    Addition,
}

/// The reason for which a promise was not seen to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotKept {
    /// The server does something else.
    Differs {
        /// The promised behaviour.
        expected: String,
        /// The server's behaviour.
        came: String,
    },
    /// The promise could not be tried, for this reason.
    NotSeen(String),
}

/// The result of checking a promise.
pub(super) type CheckResult = Result<(), NotKept>;

/// Something that the server is held to. Nothing is asked before the check is awaited.
pub(super) struct Promise<'a> {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) check: LocalBoxFuture<'a, CheckResult>,
}

/// A promise of the public documentation.
pub(super) fn documented<'a>(
    name: impl Into<String>,
    check: impl Future<Output = CheckResult> + 'a,
) -> Promise<'a> {
    Promise { kind: Kind::Documented, name: name.into(), check: check.boxed_local() }
}

/// A promise of ours where the documentation is silent.
pub(super) fn choice<'a>(
    name: impl Into<String>,
    check: impl Future<Output = CheckResult> + 'a,
) -> Promise<'a> {
    Promise { kind: Kind::Choice, name: name.into(), check: check.boxed_local() }
}

/// A promise of ours beyond the documentation.
pub(super) fn addition<'a>(
    name: impl Into<String>,
    check: impl Future<Output = CheckResult> + 'a,
) -> Promise<'a> {
    Promise { kind: Kind::Addition, name: name.into(), check: check.boxed_local() }
}

impl Kind {
    /// The verdict where a promise of this kind holds.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Choice => "our choice",
            Self::Addition => "addition",
        }
    }
}

/// The result where the server behaves otherwise than expected.
pub(super) fn differs(expected: impl Into<String>, came: impl Into<String>) -> NotKept {
    NotKept::Differs { expected: expected.into(), came: came.into() }
}

/// The result where there was nothing to try the promise on.
pub(super) fn not_seen(why: impl Into<String>) -> NotKept {
    NotKept::NotSeen(why.into())
}

/// Holds where `holds` does.
pub(super) fn expect(holds: bool, expected: impl Into<String>, came: impl Into<String>) -> CheckResult {
    if holds { Ok(()) } else { Err(differs(expected, came)) }
}
