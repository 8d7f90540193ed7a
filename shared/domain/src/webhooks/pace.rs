//! The pace of deliveries to one endpoint: the most POSTs in a second, and the wait of those beyond.

use std::time::Duration;

/// The most POSTs that an endpoint is sent in a second.
pub const MAX_POSTS_PER_SECOND: u32 = 50;
/// The longest wait, after which a delivery is counted anew.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The wait of the `nth` POST of a second; none while the second has room. Waiting POSTs come back at half the pace, which leaves
/// the other half to new ones.
#[must_use]
pub fn wait_beyond(nth: u32) -> Option<Duration> {
    let beyond = nth.checked_sub(MAX_POSTS_PER_SECOND + 1)?;
    Some(Duration::from_secs(u64::from(1 + beyond / (MAX_POSTS_PER_SECOND / 2))).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_second_has_no_room_for_comes_back_a_little_at_a_time() {
        let seconds = |nth| wait_beyond(nth).map(|wait| wait.as_secs());
        assert_eq!(
            [1, 50, 51, 75, 76, 100, 101].map(seconds),
            [None, None, Some(1), Some(1), Some(2), Some(2), Some(3)]
        );
        let of_one_second = (51..=1_000).filter(|nth| seconds(*nth) == Some(7)).count();
        assert_eq!(of_one_second, 25);
        assert_eq!(seconds(u32::MAX), Some(300));
    }
}
