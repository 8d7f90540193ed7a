//! A process that is measured: its CPU time, its memory, and its end with the value that holds it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A program that is measured: a function's binary, or what a team would write instead.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) argv: Vec<String>,
    pub(crate) directory: PathBuf,
}

/// A running program.
pub(crate) struct Process(Child);

impl Program {
    pub(crate) fn of(binary: &Path) -> Self {
        let directory = binary.parent().unwrap_or(Path::new("/")).to_owned();
        Self { argv: vec![binary.display().to_string()], directory }
    }

    /// Starts the program with these variables and no others.
    pub(crate) fn start(&self, variables: &[(String, String)]) -> Process {
        let mut command = Command::new(&self.argv[0]);
        command.args(&self.argv[1..]).current_dir(&self.directory).env_clear();
        command.envs(variables.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Process(command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.argv[0])))
    }
}

impl Process {
    /// The CPU time of all the process's threads, to the nanosecond: `times` counts in hundredths of a
    /// second.
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

    /// The number of the process's threads.
    pub(crate) fn threads(&self) -> usize {
        fs::read_dir(format!("/proc/{}/task", self.0.id())).expect("a running process").count()
    }

    /// Asks the process to end, and waits until it has.
    pub(crate) fn terminate(&mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        assert!(asked.is_ok_and(|status| status.success()), "kill works");
        self.0.wait().expect("it is ours");
    }

    /// The most memory that the process ever held, in MB.
    pub(crate) fn peak_rss_mb(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("a running process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("kilobytes");
        kilobytes / 1024.0
    }
}

/// The memory size at which Lambda gives a whole core.
const CORE_MB: u64 = 1_769;
/// How often the kernel hands out CPU time, in microseconds.
const PERIOD: u64 = 20_000;

/// The share of a core that Lambda gives to a memory size: a cgroup, gone with this value.
pub(crate) struct Quota(PathBuf);

impl Quota {
    /// The share of a core at this memory size; none where no cgroup can be made.
    pub(crate) fn of_memory(mb: u64) -> Option<Self> {
        let quota = PERIOD * mb / CORE_MB;
        let name = format!("bench-{}-{mb}", std::process::id());
        let (first, second) = (Path::new("/sys/fs/cgroup/cpu"), Path::new("/sys/fs/cgroup"));
        let (parent, settings) = match first.join("cpu.cfs_quota_us").exists() {
            true => {
                let settings =
                    [("cpu.cfs_period_us", PERIOD.to_string()), ("cpu.cfs_quota_us", quota.to_string())];
                (first, settings.to_vec())
            }
            false => (second, vec![("cpu.max", format!("{quota} {PERIOD}"))]),
        };
        let group = Self(parent.join(name));
        fs::create_dir(&group.0).ok()?;
        settings.iter().all(|(file, text)| fs::write(group.0.join(file), text).is_ok()).then_some(group)
    }

    /// Holds the process, with all of its threads, to this share from now on.
    pub(crate) fn hold(&self, process: &Process) {
        fs::write(self.0.join("cgroup.procs"), process.0.id().to_string()).expect("a cgroup takes a process");
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // A process that was just killed may still be in it.
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
