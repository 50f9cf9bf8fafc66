//! The rim: the only place that reads the clock and the environment. Everything inward takes values.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use crate::units::Timestamp;

/// What the process knows of the world when a verb starts.
#[derive(Debug, Clone)]
pub struct Rim {
    /// Now.
    pub now: Timestamp,
    /// A clock for durations.
    pub started: Instant,
    /// The environment's variables that are UTF-8.
    pub environment: BTreeMap<String, String>,
    /// Where spilled rows go: `TMPDIR`, or the system's folder for temporary files.
    pub scratch: PathBuf,
    /// Process number, for the lock file.
    pub process: u32,
}

impl Rim {
    /// Reads the clock and the environment.
    #[must_use]
    pub fn of_process() -> Self {
        let environment = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Self {
            now: now(),
            started: Instant::now(),
            environment: environment.collect(),
            scratch: std::env::temp_dir(),
            process: std::process::id(),
        }
    }
}

/// The wall clock.
#[must_use]
pub(super) fn now() -> Timestamp {
    Timestamp(chrono::Utc::now().timestamp_micros())
}
