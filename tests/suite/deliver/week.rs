//! A week of fifty endpoints, five of them dead. `bench deliveries` has a hundred times as much happen in it.

use harness::{Size, week};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn healthy_endpoints_are_told_of_everything_while_dead_ones_are_tried_for_days_and_given_up() {
    let report = week(Size { organizations: 10, endpoints: 5, dead: 5, events: 8 }).await;
    assert_eq!((report.deliveries, report.events, report.posts), (400, 100, 450));
    // Endpoint, its secrets, the second's count, claim, event, end; and a little more for those that fail.
    let calls = report.calls.values().sum::<usize>();
    assert!((6 * 400..7 * 400).contains(&calls), "{:?}", report.calls);
}
