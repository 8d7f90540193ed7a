//! Large records: pages are cut whole, conversations come back whole.

use harness::{World, call, line, message};
use serde_json::{Value, json};

const MIB: usize = 1024 * 1024;

/// The bytes of a response inside Lambda's own JSON, in which it is a string.
fn inside_lambdas_answer(text: &str) -> usize {
    serde_json::to_string(text).unwrap().len()
}

fn long_call(nth: usize, transcript: String) -> Value {
    let mut record = call(&format!("2026-02-24T20:{:02}:{:02}Z", nth / 60, nth % 60));
    record["transcript"] = transcript.into();
    record
}

async fn comes_back_cut_whole_and_resumable(transcripts: impl Fn(usize) -> String) {
    let world = World::new().await;
    let mut records: Vec<Value> = (0..100).map(|nth| long_call(nth, transcripts(nth))).collect();
    world.import("calls", &records).await;
    records.reverse();
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let answer = world.client.get(&format!("/v1/calls?limit=100{cursor}")).await;
        assert!(answer.text.len() <= 4 * MIB, "{}", answer.text.len());
        assert!(
            inside_lambdas_answer(&answer.text) < 6 * 1000 * 1000,
            "{}",
            inside_lambdas_answer(&answer.text)
        );
        let page = answer.ok();
        pages += 1;
        seen.extend(page["data"].as_array().unwrap().iter().cloned());
        if page["has_more"] == false {
            break;
        }
        cursor = format!("&cursor={}", page["next_cursor"].as_str().unwrap());
    }
    assert!(seen == records, "every record whole and in order");
    assert!((2..=5).contains(&pages), "{pages} pages");
}

#[tokio::test]
async fn eight_megabytes_of_transcripts_come_back_cut_whole_and_resumable() {
    comes_back_cut_whole_and_resumable(|nth| format!("{nth} ").repeat(84_000 / 3)).await;
}

#[tokio::test]
async fn a_page_ends_within_4_mib_to_the_byte() {
    // Eleven records that with the commas between them would fill 4 MiB without the envelope.
    let world = World::new().await;
    let rest = long_call(0, String::new()).to_string().len();
    let transcript = "x".repeat(4 * MIB / 11 - 1 - rest);
    let records: Vec<Value> = (0..12).map(|nth| long_call(nth, transcript.clone())).collect();
    world.import("calls", &records).await;
    let answer = world.client.get("/v1/calls").await;
    assert!(answer.text.len() <= 4 * MIB, "{}", answer.text.len());
    assert_eq!(answer.ok()["data"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn what_grows_inside_lambdas_own_json_is_counted_as_it_grows() {
    comes_back_cut_whole_and_resumable(|_| "\"\\\n".repeat(20_000)).await;
}

#[tokio::test]
async fn two_megabytes_of_messages_come_back_whole() {
    let world = World::new().await;
    let mut record = call("2026-02-24T20:59:00Z");
    // Digits of a sequence that does not compress to nothing, so that there are many pieces.
    let content = |nth: u64| {
        (0..120).map(|n| (nth * 120 + n).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_string()).collect::<String>()
    };
    let messages: Vec<Value> = (0..900).map(|nth| message("user", &content(nth))).collect();
    record["messages"] = json!(messages);
    assert!(record.to_string().len() > 2 * MIB);
    world.import("calls", std::slice::from_ref(&record)).await;
    let path = format!("/v1/calls/{}", record["id"].as_str().unwrap());
    assert!(world.client.get(&path).await.ok()["data"] == record);
    // Another conversation over it: whoever reads meanwhile finds the one or the other.
    let mut other = record.clone();
    other["messages"] = json!(messages.iter().rev().collect::<Vec<_>>());
    for new in [&other, &record, &other, &record] {
        let (read, ()) =
            tokio::join!(world.client.get(&path), world.import("calls", std::slice::from_ref(new)));
        let read = read.ok()["data"].clone();
        assert!(read == other || read == record);
        assert!(world.client.get(&path).await.ok()["data"] == *new);
    }
    // A shorter one leaves nothing of it behind.
    record["messages"] = json!([message("assistant", "Hello")]);
    world.import("calls", std::slice::from_ref(&record)).await;
    assert_eq!(world.client.get(&path).await.ok()["data"], record);
}

#[tokio::test]
async fn what_no_item_or_answer_could_hold_is_refused_by_the_import() {
    let world = World::new().await;
    let mut too_large = call("2026-02-24T20:59:00Z");
    too_large["messages"] = (0..70).map(|_| message("user", &"\"".repeat(40_000))).collect();
    let lines = vec![
        line("calls", &long_call(0, "x".repeat(409_600))),
        line("calls", &too_large),
        line("calls", &long_call(1, "\"".repeat(408_000))),
    ];
    let counts = world.import_lines(lines).await;
    assert_eq!((counts.imported, counts.failed), (1, 2));
    let listed = world.client.get("/v1/calls").await.ok();
    assert_eq!(
        listed["data"].as_array().unwrap().len(),
        1,
        "the large one that fits was written, the others not"
    );
}
