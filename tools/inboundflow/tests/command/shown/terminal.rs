//! A reader's terminal: bash in a directory of its own, in which variables stay.

use std::{
    fs::File,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::inboundflow;

/// How long a command may take. They take milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(5);
/// The script that runs a command: all that is assigned is kept for the commands after it, as in a terminal.
const SCRIPT: &str = r#"
test ! -f "$STATE" || . "$STATE"
set -a
eval "$CODE"
status=$?
set +a
unset CODE
export -p >"$STATE"
exit "$status"
"#;

/// The programs that pages need.
const NEEDED: [&str; 2] = ["bash", "curl"];

/// Ends the test with a sentence where the commands of a page cannot be run.
pub(super) fn require() {
    for program in NEEDED {
        let asked =
            Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(
            asked.is_ok_and(|status| status.success()),
            "This test runs the commands of the documentation, and needs {program}: install it."
        );
    }
}

/// A terminal, and what has been started in it.
pub(super) struct Terminal {
    directory: TempDir,
    commands: usize,
}

impl Terminal {
    pub(super) fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        // What curl prints into a pipe and not into a terminal: how far it is.
        std::fs::write(directory.path().join(".curlrc"), "silent\nshow-error\n").unwrap();
        std::fs::create_dir(directory.path().join("work")).unwrap();
        Self { directory, commands: 0 }
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Runs a command to its end: what it printed, as a terminal would show it, and how it ended.
    pub(super) fn run(&mut self, code: &str, key: &str) -> Result<(String, ExitStatus), String> {
        let mut running = self.start(code, key);
        let patience = Instant::now() + PATIENCE;
        while Instant::now() < patience {
            if let Some(status) = running.child.try_wait().map_err(|error| error.to_string())? {
                return Ok((running.printed(), status));
            }
            std::thread::sleep(LOOK);
        }
        Err(format!(
            "it did not end within {} s; so far it printed:\n{}",
            PATIENCE.as_secs(),
            running.printed()
        ))
    }

    /// Starts a command that goes on.
    pub(super) fn start(&mut self, code: &str, key: &str) -> Running {
        self.commands += 1;
        let output = self.path().join(format!("output-{}", self.commands));
        let file = File::create(&output).unwrap();
        let mut command = Command::new("bash");
        for (name, value) in inboundflow(&[]).get_envs() {
            // Variables that would lead the command elsewhere.
            assert!(value.is_none());
            command.env_remove(name);
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_inboundflow")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let child = command
            .args(["-c", SCRIPT])
            .env("CODE", code)
            .env("STATE", self.path().join("variables"))
            .env("PATH", format!("{}:{path}", binary.display()))
            .env("HOME", self.path())
            .env("CURL_HOME", self.path())
            .env("NO_PROXY", "*")
            .env("INBOUNDFLOW_API_KEY", key)
            .current_dir(self.path().join("work"))
            .stdin(Stdio::null())
            .stderr(file.try_clone().unwrap())
            .stdout(file)
            .process_group(0)
            .spawn()
            .unwrap();
        Running { child, output, read: 0 }
    }
}

/// A command that was started, ended with everything that it started.
pub(super) struct Running {
    child: Child,
    output: PathBuf,
    /// How much of the output a page has shown already.
    read: usize,
}

impl Running {
    /// All output of the command until now.
    pub(super) fn printed(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap()
    }

    /// The first line that the command prints, which says that it has begun.
    pub(super) fn first_line(&self) -> Result<String, String> {
        let patience = Instant::now() + PATIENCE;
        while Instant::now() < patience {
            if let Some((line, _)) = self.printed().split_once('\n') {
                return Ok(line.to_owned());
            }
            std::thread::sleep(LOOK);
        }
        Err(format!("it printed nothing within {} s", PATIENCE.as_secs()))
    }

    /// The output that no page has shown yet.
    pub(super) fn news(&self) -> String {
        self.printed().split_off(self.read)
    }

    /// Notes that a page has shown this output.
    pub(super) fn show(&mut self, news: &str) {
        self.read += news.len();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Its group, since bash waits for what it started.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}
