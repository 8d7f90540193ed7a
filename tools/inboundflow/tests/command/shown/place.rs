//! The place where a page's commands are run: a `dev` with demo data, a terminal, and the values so far.

use std::{collections::HashSet, path::Path, thread::sleep, time::Duration};

use tempfile::TempDir;

use super::{
    Kind, PageValues, Step,
    door::Door,
    terminal::{self, Running, Terminal},
    values::ids,
};
use crate::{Dev, out, run};

/// Addresses that pages name.
const API: &str = "http://127.0.0.1:3000";
const DYNAMODB: &str = "http://127.0.0.1:8000";
const RECEIVER: &str = "http://127.0.0.1:4000";
/// The command by which a page starts a receiver, and the one in its place, which takes any free port.
const LISTEN: (&str, &str) = ("inboundflow webhooks listen", "inboundflow webhooks listen --port 0");

/// How often what is on its way is asked for again, and how long the first wait is. Each is twice the one before.
const MORE_TRIES: u32 = 7;
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// Demo data as a new `dev` has them, made once and copied.
pub(crate) struct Seed {
    data: TempDir,
    ids: HashSet<String>,
}

impl Seed {
    pub(crate) fn sow() -> Self {
        terminal::require();
        let data = tempfile::tempdir().unwrap();
        let dev = Dev::start(&["--dynamodb-port", "0", "--data", data.path().to_str().unwrap()]);
        assert!(dev.interrupt().0);
        Self { data, ids: ids(&out(&run(&["demo"]))) }
    }

    fn copy_to(&self, directory: &Path) {
        std::fs::create_dir(directory).unwrap();
        for file in std::fs::read_dir(self.data.path()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), directory.join(file.file_name())).unwrap();
        }
    }
}

/// Where one page's commands are run.
pub(crate) struct Place {
    // Before what they use: fields end in this order.
    started: Vec<Running>,
    dev: Dev,
    terminal: Terminal,
    door: Door,
    /// The addresses that pages name, with those in their place.
    addresses: Vec<(String, String)>,
    /// Ids that are the same in each run.
    fixed: HashSet<String>,
    known: PageValues,
}

impl Place {
    pub(crate) fn open(seed: &Seed) -> Self {
        Self::open_with(seed, &[])
    }

    /// A place whose `dev` has further options.
    pub(crate) fn open_with(seed: &Seed, options: &[&str]) -> Self {
        let terminal = Terminal::open();
        let data = terminal.path().join("data");
        seed.copy_to(&data);
        let dev =
            Dev::start(&[&["--dynamodb-port", "0", "--data", data.to_str().unwrap()], options].concat());
        let door = Door::open();
        let addresses = vec![
            (API.to_owned(), dev.text("url")),
            (DYNAMODB.to_owned(), dev.text("dynamodb_endpoint")),
            (RECEIVER.to_owned(), door.url.clone()),
        ];
        let fixed = seed.ids.clone();
        let known = PageValues::new(fixed.clone());
        Self { started: Vec::new(), dev, terminal, door, addresses, fixed, known }
    }

    /// From now on another page is followed, whose values are its own.
    pub(crate) fn turn_the_page(&mut self) {
        self.known = PageValues::new(self.fixed.clone());
    }

    /// Does what a page says, and holds what comes of it against what the page shows.
    pub(crate) fn follow(&mut self, step: &Step) -> Result<(), String> {
        let followed = match step.kind {
            Kind::Run => self.run(step),
            Kind::Start => self.start(step),
            Kind::Printed => self.printed(step),
        };
        followed.map_err(|said| format!("line {}: {}{said}", step.line, step.code))
    }

    fn run(&mut self, step: &Step) -> Result<(), String> {
        let command = self.command(&step.code);
        let mut wait = FIRST_WAIT;
        // What is only read may still be on its way there.
        for _ in 0..if reads(&step.code) { MORE_TRIES } else { 0 } {
            if self.run_once(step, &command).is_ok() {
                return Ok(());
            }
            sleep(wait);
            wait *= 2;
        }
        self.run_once(step, &command)
    }

    fn run_once(&mut self, step: &Step, command: &str) -> Result<(), String> {
        let (printed, status) = self.terminal.run(command, &self.dev.text("api_key"))?;
        let printed = self.as_a_page_has_it(printed);
        if !status.success() {
            return Err(format!("it ended with {status}, and printed:\n{printed}"));
        }
        match &step.answer {
            Some(answer) => self.compare(|known| answer.compare(&printed, known)),
            None if printed.is_empty() => Ok(()),
            None => Err(format!("the page shows no answer, and it printed:\n{printed}")),
        }
    }

    fn start(&mut self, step: &Step) -> Result<(), String> {
        let command = self.command(&step.code.replace(LISTEN.0, LISTEN.1));
        let running = self.terminal.start(&command, &self.dev.text("api_key"));
        let first = running.first_line()?;
        self.started.push(running);
        if step.code.contains(LISTEN.0) {
            let url =
                first.split_whitespace().find(|word| word.starts_with("http://")).ok_or(first.clone())?;
            let url = url.trim_end_matches('/').to_owned();
            self.door.lead_to(&url);
            self.addresses.push((RECEIVER.to_owned(), url));
        }
        self.printed(step)
    }

    /// Waits until what was started has printed what is shown.
    fn printed(&mut self, step: &Step) -> Result<(), String> {
        let mut wait = FIRST_WAIT;
        let mut compared = Err("nothing was started that could print this".to_owned());
        for _ in 0..=MORE_TRIES {
            let Some(news) = self.started.last().map(Running::news) else { return compared };
            let shown = self.as_a_page_has_it(news.clone());
            let answer = step.answer.as_ref().ok_or("the page does not show what it prints first")?;
            compared = self.compare(|known| answer.compare(&shown, known));
            if compared.is_ok() {
                self.started.iter_mut().next_back().into_iter().for_each(|running| running.show(&news));
                return compared;
            }
            sleep(wait);
            wait *= 2;
        }
        compared
    }

    /// Compares an output; what one that differs seemed to tell is forgotten.
    fn compare(&mut self, compared: impl Fn(&mut PageValues) -> Result<(), String>) -> Result<(), String> {
        let mut known = self.known.clone();
        compared(&mut known)?;
        self.known = known;
        Ok(())
    }

    fn command(&mut self, code: &str) -> String {
        let command = self.known.command(code);
        // Signs in between, since an actual port may begin as a shown one does: 4000 and 40001.
        let sign = |at: usize| format!("\0{at}\0");
        let addresses = || self.addresses.iter().enumerate();
        let marked = addresses().fold(command, |command, (at, (shown, _))| command.replace(shown, &sign(at)));
        addresses().fold(marked, |command, (at, (_, actual))| command.replace(&sign(at), actual))
    }

    fn as_a_page_has_it(&self, printed: String) -> String {
        self.addresses.iter().fold(printed, |printed, (shown, actual)| printed.replace(actual, shown))
    }
}

/// Whether a command is one request that changes nothing.
fn reads(code: &str) -> bool {
    let words: Vec<&str> = code.split_whitespace().collect();
    words.first() == Some(&"curl") && !["-X", "-d", "-o", "--data-binary"].iter().any(|it| words.contains(it))
}
