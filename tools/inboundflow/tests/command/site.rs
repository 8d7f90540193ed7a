//! The documentation site: each command on it, run as a reader runs it, answers what its page shows.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
};

use domain::Language;

use crate::{
    banner::Told,
    shown::{Format, PageValues, Place, Seed, ShownOutput, Step, steps},
};

/// How many pages are followed at a time: most of it is waiting.
const AT_ONCE: usize = 4;

fn site() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/site")
}

/// Every page in every language that there is, by its path below `docs/site`.
fn pages() -> Vec<(String, String)> {
    let mut pages = Vec::new();
    for language in fs::read_dir(site()).unwrap().map(|entry| entry.unwrap().path()) {
        for page in fs::read_dir(&language).unwrap().map(|entry| entry.unwrap().path()) {
            let name = page.strip_prefix(site()).unwrap().display().to_string();
            pages.push((name, fs::read_to_string(&page).unwrap()));
        }
    }
    pages.sort();
    pages
}

/// The problem of a page: nothing more is tried after a step that failed.
fn follow(seed: &Seed, steps: &[Step]) -> Result<(), String> {
    let mut place = Place::open(seed);
    steps.iter().try_for_each(|step| place.follow(step))
}

#[test]
fn every_command_of_the_site_answers_what_its_page_shows() {
    let pages = pages();
    assert!(pages.iter().any(|(name, _)| name == "en/index.md"), "the pages are in docs/site");
    let seed = Seed::sow();
    let waiting = Mutex::new(pages.iter());
    let wrong = Mutex::new(Vec::new());
    thread::scope(|threads| {
        for _ in 0..AT_ONCE {
            threads.spawn(|| {
                loop {
                    let Some((name, page)) = waiting.lock().unwrap().next() else { return };
                    if let Err(said) = steps(page).and_then(|steps| follow(&seed, &steps)) {
                        wrong.lock().unwrap().push(format!("docs/site/{name}, {said}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_page_that_says_what_is_not_so_is_found_out() {
    let seed = Seed::sow();
    let followed = |page: &str| steps(page).and_then(|steps| follow(&seed, &steps));
    let me = r#"curl "http://127.0.0.1:3000/v1/me" -H "Authorization: Bearer $INBOUNDFLOW_API_KEY""#;
    let answered = |plan: &str| {
        format!("```sh\n{me}\n```\n```json\n{{\"data\": {{…, \"plan\": \"{plan}\", …}}, …}}\n```\n")
    };
    assert_eq!(followed(&answered("Starter Plan")), Ok(()));
    let variables = "```sh\nA=1\nexport B=2\n```\n```sh\necho $A $B\n```\n```text\n1 2\n```\n";
    assert_eq!(followed(variables), Ok(()), "as they stay in a terminal");
    for (page, expected) in [
        (answered("Large Plan"), r#""plan": "Starter Plan""#),
        (format!("```sh\n{me}\n```\n"), "the page shows no answer, and it printed:"),
        ("```sh\nfalse\n```\n".to_owned(), "it ended with exit status: 1"),
        ("```sh\nmissing-command\n```\n".to_owned(), "it ended with exit status: 127"),
        ("```sh\necho one >&2\n```\n```text\ntwo\n```\n".to_owned(), "printed was:\none"),
        ("```text background\nready\n```\n".to_owned(), "nothing was started"),
        ("```sh background\necho ready\n```\n".to_owned(), "the page does not show what it prints first"),
        ("```sh background\necho ready\n```\n```text\nsteady\n```\n".to_owned(), "shown is:\nsteady"),
    ] {
        let said = followed(&page).unwrap_err();
        assert!(said.starts_with("line 1: ") && said.contains(expected), "{said}");
    }
}

/// What a page shows after the fence with this text.
fn shown_after(page: &str, fence: &str) -> String {
    let (_, rest) = page.split_once(fence).unwrap();
    rest.split("```text\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

#[test]
fn what_dev_prints_first_is_what_getting_started_and_the_readme_show() {
    let printed = Told::start(&[], true).at_usual_addresses();
    let readme = fs::read_to_string(site().join("../../README.md")).unwrap();
    let guides = pages().into_iter().filter(|(name, _)| name.ends_with("/getting-started.md"));
    let shown = guides.map(|(name, page)| (name, shown_after(&page, "```sh no-run\ncargo run dev\n```")));
    let shown_by_readme = shown_after(&readme, "`cargo run dev`\nprints:");
    for (name, text) in shown.chain([("README.md".to_owned(), shown_by_readme)]) {
        let compared =
            ShownOutput { format: Format::Text, text }.compare(&printed, &mut PageValues::default());
        assert_eq!(compared, Ok(()), "{name}");
    }
}

#[test]
fn the_readmes_five_minutes_answer_what_it_shows() {
    let readme = fs::read_to_string(site().join("../../README.md")).unwrap();
    let (_, from_there) = readme.split_once("\n## Five minutes\n").unwrap();
    let (minutes, _) = from_there.split_once("\n## ").unwrap();
    let exported = "```sh\nexport INBOUNDFLOW_BASE_URL=http://127.0.0.1:3000\n```\n";
    let page = format!("{exported}{}", minutes.replace("cargo run -- ", "inboundflow "));
    let steps = steps(&page).unwrap();
    assert!(steps.len() >= 6);
    assert_eq!(follow(&Seed::sow(), &steps), Ok(()));
}

/// What somebody reads who begins: each page goes on with what the ones before it have made.
const TOUR: [&str; 4] = ["getting-started", "webhooks", "ingest", "command-line"];

#[test]
fn the_tour_ends_in_each_language_on_the_dev_that_it_began_on() {
    let pages = pages();
    let seed = Seed::sow();
    let tour = |language: &str| {
        let mut place = Place::open_with(&seed, &["--requests-per-minute", "1000"]);
        for slug in TOUR {
            let name = format!("{language}/{slug}.md");
            let (_, page) = pages.iter().find(|(page, _)| *page == name).unwrap();
            place.turn_the_page();
            let followed = steps(page).and_then(|steps| steps.iter().try_for_each(|step| place.follow(step)));
            followed.map_err(|said| format!("docs/site/{name}, {said}"))?;
        }
        Ok::<(), String>(())
    };
    thread::scope(|threads| {
        let tours = Language::ALL.map(|language| threads.spawn(move || tour(language.tag())));
        for tour in tours {
            assert_eq!(tour.join().unwrap(), Ok(()));
        }
    });
}

#[test]
fn no_page_has_its_reader_end_the_dev_that_runs_to_start_another() {
    for (name, page) in pages() {
        for line in page.lines().filter(|line| line.starts_with("cargo run dev")) {
            let is_first = line == "cargo run dev" && name.ends_with("/getting-started.md");
            assert!(is_first || line.contains("--port "), "{name}: {line}");
        }
    }
}
