//! A process that is measured: its CPU time, its memory, and its end with the value that holds it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// What is started: a function's binary, or what a team would write instead.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) argv: Vec<String>,
    pub(crate) directory: PathBuf,
}

/// A running one.
pub(crate) struct Process(Child);

impl Program {
    pub(crate) fn of(binary: &Path) -> Self {
        let directory = binary.parent().unwrap_or(Path::new("/")).to_owned();
        Self { argv: vec![binary.display().to_string()], directory }
    }

    /// Starts it with these variables and no others.
    pub(crate) fn start(&self, variables: &[(&str, String)]) -> Process {
        let mut command = Command::new(&self.argv[0]);
        command.args(&self.argv[1..]).current_dir(&self.directory).env_clear();
        command.envs(variables.iter().map(|(name, value)| (*name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Process(command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.argv[0])))
    }
}

impl Process {
    /// The CPU time of all its threads, to the nanosecond: `times` counts in hundredths of a second.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0.id())).expect("a running process");
        let nanoseconds = tasks.map(|task| {
            // A thread may end while it is looked at.
            let schedstat = task.and_then(|task| fs::read_to_string(task.path().join("schedstat")));
            let schedstat = schedstat.unwrap_or_default();
            schedstat.split(' ').next().and_then(|field| field.parse::<u64>().ok()).unwrap_or(0)
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn terminate(&mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        assert!(asked.is_ok_and(|status| status.success()), "kill works");
        self.0.wait().expect("it is ours");
    }

    /// The most memory that it ever held, in MB.
    pub(crate) fn peak_rss_mb(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("a running process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("kilobytes");
        kilobytes / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
