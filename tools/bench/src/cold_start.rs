//! How long the built binaries take from their start to their first answer, beside one another: each is
//! started again and again in turn, before a runtime API that hands it one event.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    routing::{get, post},
};
use harness::World;
use tokio::{net::TcpListener, sync::mpsc};

const ROUNDS: usize = 21;
const FUNCTIONS: [(&str, &str); 4] = [
    ("identify", "identify/with-key.json"),
    ("fallback", "fallback/unknown-path.json"),
    ("me", "me/get.json"),
    ("calls", "calls/list.json"),
];

pub(crate) async fn run() {
    let world = World::new().await;
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); FUNCTIONS.len()];
    for _ in 0..ROUNDS {
        for ((function, file), times) in FUNCTIONS.iter().zip(&mut times) {
            let bootstrap = root.join(format!(".aws-sam/build/{}Function/bootstrap", capital(function)));
            assert!(bootstrap.exists(), "{} is missing: run sam build first", bootstrap.display());
            let event = std::fs::read_to_string(root.join("events").join(file)).expect("a recorded event");
            times.push(
                first_answer(&bootstrap, event.replace("sk_live_your_key_here", &world.key), &world).await,
            );
        }
    }
    println!("Median of {ROUNDS} from a process's start to its first answer, DynamoDB on this machine:");
    let medians = times.into_iter().map(|mut times| {
        times.sort_unstable();
        times[ROUNDS / 2]
    });
    let medians: Vec<Duration> = medians.collect();
    for ((function, _), median) in FUNCTIONS.iter().zip(&medians) {
        let ratio = median.as_secs_f64() / medians[0].as_secs_f64();
        println!("{function:<12} {median:>10.1?} {ratio:>8.1} times identify");
    }
}

async fn first_answer(bootstrap: &PathBuf, event: String, world: &World) -> Duration {
    let (answered, mut answers) = mpsc::channel(1);
    let event = Arc::new(Mutex::new(Some(event)));
    let next = move || {
        let event = event.lock().expect("no panic while locked").take();
        async move {
            match event {
                Some(event) => (
                    [
                        ("lambda-runtime-aws-request-id", "1"),
                        ("lambda-runtime-deadline-ms", "99999999999999"),
                        ("lambda-runtime-invoked-function-arn", "arn"),
                    ],
                    event,
                ),
                None => std::future::pending().await,
            }
        }
    };
    let response = move || async move { answered.send(Instant::now()).await.expect("somebody waits") };
    let api = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/1/response", post(response));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let server = tokio::spawn(axum::serve(listener, api).into_future());

    let variables = [
        ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB", world.dynamodb()),
        ("TABLE_PREFIX", &world.table("")),
        ("PLAN_KEYS", "individual"),
        ("PLAN_KEY_PREFIX", "Test-"),
    ];
    let started = Instant::now();
    let mut process =
        Command::new(bootstrap).env_clear().envs(variables).stdout(Stdio::null()).spawn().expect("a process");
    let answered = tokio::time::timeout(Duration::from_secs(10), answers.recv()).await;
    let _ = process.kill();
    let _ = process.wait();
    server.abort();
    answered.expect("an answer in time").expect("an answer") - started
}

fn capital(name: &str) -> String {
    format!("{}{}", name[..1].to_uppercase(), &name[1..])
}
