//! The guard: the deterministic figures of the binaries, held against the bounds of `bounds.toml`.

use std::{collections::BTreeMap, fs, path::Path, process::Command, time::Duration};

use serde_json::Value;

use crate::{
    routes,
    runtime_api::RuntimeApi,
    speed,
    stand_in::StandIn,
    subject::{Subject, binary},
    table::Table,
    workload::{Workload, root},
};

const BOUNDS: &str = "tools/bench/bounds.toml";
/// The bound of every function that has none of its own.
const DEFAULT: &str = "default";
/// The crates that no function may link: their entropy is gathered for 24 ms.
const BANNED: [&str; 2] = ["aws-lc-rs", "aws-lc-sys"];
/// The delay of a reply, so long that calls which are made side by side meet on any machine.
const DELAY: Duration = Duration::from_millis(50);

/// Figures by their names, `subject: quantity`.
type Figures = BTreeMap<String, u64>;
/// Bounds by quantity and subject.
type Bounds = BTreeMap<String, BTreeMap<String, u64>>;

/// Measures all figures, and ends with a list of those that are out of bounds, if any is.
pub(crate) async fn run(directory: Option<String>) {
    let directory = directory.expect("the folder of the binaries, as sam builds them: .aws-sam/build");
    let directory = Path::new(&directory);
    let mut figures = Figures::new();
    let mut wrong = linked(&mut figures);
    for function in harness::stack().functions.keys() {
        let size = fs::metadata(binary(directory, function)).expect("a binary").len();
        figures.insert(format!("{function}: bytes"), size);
    }
    running(directory, &mut figures).await;
    for row in routes::rows(directory, 1, DELAY).await {
        raise(&mut figures, format!("{}: calls", row.name), row.tally.calls.len() as u64);
        raise(&mut figures, format!("{}: calls in turn", row.name), row.tally.depth as u64);
    }
    let bounds = fs::read_to_string(root().join(BOUNDS)).expect("the bounds");
    wrong.extend(compare(&figures, &toml::from_str(&bounds).expect("tables of numbers")));
    assert!(
        wrong.is_empty(),
        "{} of the figures are not as {BOUNDS} has them:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    println!("{} figures are within the bounds of {BOUNDS}", figures.len());
}

/// Counts the crates that each function links, and names those that none may.
fn linked(figures: &mut Figures) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in harness::stack().functions.keys() {
        let tree = |edges: &str| {
            // Without default features, as it is built.
            let arguments = [
                "tree",
                "--locked",
                "--no-default-features",
                "--prefix",
                "none",
                "-f",
                "{p}",
                "-e",
                edges,
                "-p",
            ];
            let tree = Command::new(env!("CARGO")).args(arguments).arg(function).current_dir(root()).output();
            let tree = tree.expect("cargo runs");
            assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
            let tree = String::from_utf8_lossy(&tree.stdout);
            // A crate that was shown before has a mark.
            let mut lines: Vec<String> =
                tree.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect();
            lines.sort_unstable();
            lines.dedup();
            lines
        };
        figures.insert(format!("{function}: crates"), tree("normal,no-proc-macro").len() as u64);
        let features = tree("normal,features");
        let banned = BANNED.iter().filter(|banned| features.iter().any(|line| line.starts_with(*banned)));
        wrong.extend(banned.map(|banned| format!("{function} links {banned}")));
    }
    wrong
}

/// Measures the figures of running functions: threads, of which a runtime with several would make four, and
/// instructions.
async fn running(directory: &Path, figures: &mut Figures) {
    let workload = Workload::new().await;
    let dynamodb = StandIn::start(workload.world.dynamodb()).await;
    for function in harness::stack().functions.keys() {
        let mut api = RuntimeApi::listen().await;
        let subject = Subject::function(directory, function, function, Value::Null);
        let mut variables = subject.variables(&api.address, &dynamodb, &workload.world.table(""));
        variables.push(("TOKIO_WORKER_THREADS".to_owned(), "4".to_owned()));
        let process = subject.program.start(&variables);
        api.first_polled().await;
        figures.insert(format!("{function}: threads"), process.threads() as u64);
    }
    for subject in speed::functions(directory, &workload) {
        let count = crate::instructions::count(&subject, &dynamodb, &workload.world.table("")).await;
        figures.insert(format!("{}: instructions", subject.title), count);
    }
}

/// Raises a figure: of a route that is asked for more than one thing, the request counts that takes the most.
fn raise(figures: &mut Figures, name: String, figure: u64) {
    let known = figures.entry(name).or_default();
    *known = figure.max(*known);
}

/// The bound of a figure: the subject's own, or that of a route's method, or the default.
fn bound(bounds: &Bounds, name: &str) -> Option<u64> {
    let (subject, quantity) = name.rsplit_once(": ")?;
    let of_quantity = bounds.get(quantity)?;
    let method = subject.split(' ').next().unwrap_or_default();
    [subject, method, DEFAULT].iter().find_map(|key| of_quantity.get(*key)).copied()
}

/// Prints the figures beside their bounds; returns those that do not fit.
fn compare(figures: &Figures, bounds: &Bounds) -> Vec<String> {
    let mut table = Table::new(&["what", "bound", "is"]);
    let mut wrong = Vec::new();
    for (name, figure) in figures {
        let bound = bound(bounds, name);
        table.row([
            name.clone(),
            bound.map_or("none".to_owned(), |bound| bound.to_string()),
            figure.to_string(),
        ]);
        match bound {
            Some(bound) if *figure <= bound => {}
            Some(bound) => wrong.push(format!("{name}: {figure} is more than {bound}")),
            None => wrong.push(format!("{name}: {figure} has no bound")),
        }
    }
    for (quantity, of_quantity) in bounds {
        let is_of_many =
            |subject: &str| subject == DEFAULT || subject.bytes().all(|c| c.is_ascii_uppercase());
        let names = of_quantity.keys().filter(|subject| !is_of_many(subject));
        let gone =
            names.map(|subject| format!("{subject}: {quantity}")).filter(|name| !figures.contains_key(name));
        wrong.extend(gone.map(|name| format!("{name}: was not measured")));
    }
    println!("{table}");
    wrong
}
