//! The number of requests a minute that the usage plan lets a key make.

use anyhow::{Result, bail};
use aws_sdk_apigateway::types::ThrottleSettings;

use super::Plan;

impl Plan {
    /// Checks that the plan does not cut a key of this rate limit short.
    ///
    /// # Errors
    /// A sentence with the number that the plan lets through, and how it becomes more.
    pub(crate) fn fits(&self, requests_per_minute: u32) -> Result<()> {
        match self.most() {
            Some(most) if requests_per_minute > most => bail!(
                "The usage plan {}keys lets a key make {most} requests a minute, and would cut {requests_per_minute} short: give \
                 at most {most}, or deploy the stack with a larger RequestsPerMinute first.",
                self.gateway.prefix
            ),
            _ => Ok(()),
        }
    }

    /// The most requests a minute that a key can make, whenever in its minutes it makes them.
    pub(super) fn most(&self) -> Option<u32> {
        self.throttle.as_ref().map(most)
    }
}

/// The most requests a minute that a bucket lets through: it has to bring back a minute's requests within a minute, and to
/// hold two minutes', since the end of one and the beginning of the next are one moment.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float's cast ends at the bounds"
)]
fn most(throttle: &ThrottleSettings) -> u32 {
    let held = u32::try_from(throttle.burst_limit() / 2).unwrap_or_default();
    held.min((throttle.rate_limit() * 60.0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_through_what_it_holds_for_two_minutes_and_gets_back_in_one() {
        let most =
            |rate, burst| most(&ThrottleSettings::builder().rate_limit(rate).burst_limit(burst).build());
        assert_eq!((most(2.0, 120), most(17.0, 1000), most(50.0, 3000)), (60, 500, 1500));
        assert_eq!((most(0.5, 120), most(2.0, 0)), (30, 0));
    }
}
