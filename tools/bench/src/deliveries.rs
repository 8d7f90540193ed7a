//! A week of ten thousand events for fifty endpoints, five of them dead: how long delivering takes on this
//! machine, and how many calls of AWS.

use harness::{Size, week};

const SIZE: Size = Size { organizations: 10, endpoints: 5, dead: 5, events: 800 };

pub(crate) async fn run() {
    println!("{SIZE:?}; the clock is the test's, the rest is real.");
    let report = week(SIZE).await;
    let each = |count: usize| count as f64 / report.deliveries as f64;
    println!("{} deliveries in {:.0?}, each with as many calls:", report.deliveries, report.first);
    for (operation, count) in &report.calls {
        println!("{operation:<24} {:>8.3}", each(*count));
    }
    println!("{} events in the week, {:.0?} of this machine's time.", report.events, report.all);
    println!("{} requests to healthy endpoints, which have all of theirs.", report.posts);
    println!("The deliveries to dead ones: {:?}", report.ends);
}
