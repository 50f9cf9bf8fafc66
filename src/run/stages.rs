//! Timing and talk: each stage of a verb says when it begins and ends, how many items it saw and how much memory the process
//! had used by then.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::files;

/// Form of the talk on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TalkForm {
    /// Lines for people, and a progress bar on a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

/// One finished stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageResult {
    /// Its name.
    pub name: &'static str,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Items (or rows) it worked on.
    pub items: u64,
    /// Microseconds per item; absent without items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub us_per_item: Option<f64>,
    /// Peak resident memory of the process so far, in MiB; absent where the system does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory_mib: Option<f64>,
}

/// The stages of one verb.
pub struct Stages {
    form: TalkForm,
    finished: Vec<StageResult>,
}

/// A stage that is under way.
pub struct Stage {
    name: &'static str,
    began: Instant,
    bar: Option<ProgressBar>,
    /// Items (or rows) worked on so far.
    pub items: u64,
}

impl Stages {
    /// No stage yet.
    #[must_use]
    pub fn new(form: TalkForm) -> Self {
        Self { form, finished: Vec::new() }
    }

    /// Begins a stage of `steps` steps (0 when that is not known).
    #[must_use]
    pub fn begin(&self, name: &'static str, steps: u64) -> Stage {
        let visible = self.form == TalkForm::Text && std::io::stderr().is_terminal();
        Stage { name, began: Instant::now(), bar: visible.then(|| progress_bar(name, steps)), items: 0 }
    }

    /// Ends a stage.
    pub fn end(&mut self, stage: Stage) {
        if let Some(bar) = &stage.bar {
            bar.finish_and_clear();
        }
        let seconds = stage.began.elapsed().as_secs_f64();
        let us_per_item = (stage.items > 0).then(|| seconds * 1e6 / stage.items as f64);
        let result =
            StageResult { name: stage.name, seconds, items: stage.items, us_per_item, peak_memory_mib: peak_memory_mib() };
        tracing::info!(stage = result.name, seconds = result.seconds, items = result.items, "{}", line_of(&result));
        self.finished.push(result);
    }

    /// The stages that have ended.
    #[must_use]
    pub fn finished(&self) -> &[StageResult] {
        &self.finished
    }
}

impl Stage {
    /// One step further.
    pub fn step(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// Says what is being worked on.
    pub fn say(&self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(what.to_owned());
        }
    }

    /// How many steps there are, once that is known.
    pub fn set_steps(&self, steps: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(steps);
        }
    }
}

fn progress_bar(name: &'static str, steps: u64) -> ProgressBar {
    let (bar, template) = match steps {
        0 => (ProgressBar::new_spinner(), "{prefix:>10} {spinner} {elapsed} {msg}"),
        _ => (ProgressBar::new(steps), "{prefix:>10} {wide_bar} {pos}/{len} {eta} {msg}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(name);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn line_of(result: &StageResult) -> String {
    let mut line = format!("{:<10} {:>8.2} s", result.name, result.seconds);
    if let Some(us) = result.us_per_item {
        let _ = write!(line, " {:>10} items {us:>8.1} µs each", result.items);
    }
    if let Some(mib) = result.peak_memory_mib {
        let _ = write!(line, " (peak {mib:.0} MiB)");
    }
    line
}

/// Peak resident memory of this process in MiB, where /proc tells.
fn peak_memory_mib() -> Option<f64> {
    let status = files::read_text(Path::new("/proc/self/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024.0)
}
