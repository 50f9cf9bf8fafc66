//! Timing and talk: each stage of a verb says when it begins and ends, how many items it saw and how much memory the process
//! had used by then. On a terminal a bar shows how far it is and how long it will take; elsewhere a long stage says so in a line
//! now and then.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
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
    /// Nothing.
    Silent,
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
    talk: Mutex<Talk>,
    /// Items (or rows) worked on so far.
    pub items: u64,
}

/// How far a stage without a bar is.
#[derive(Debug, Default)]
struct Talk {
    done: u64,
    steps: u64,
    said: Duration,
    what: String,
}

/// A stage that takes long says how far it is this often.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// What is counted as a stage goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Steps that a person can count.
    Steps,
    /// Shares of the work, of which only the percentage says something.
    Shares,
}

impl Stages {
    /// No stage yet.
    #[must_use]
    pub fn new(form: TalkForm) -> Self {
        Self { form, finished: Vec::new() }
    }

    /// Stages of which nothing is told.
    #[must_use]
    pub(super) fn silent() -> Self {
        Self { form: TalkForm::Silent, finished: Vec::new() }
    }

    /// Begins a stage of `steps` steps (0 when that is not known).
    #[must_use]
    pub fn begin(&self, name: &'static str, steps: u64) -> Stage {
        self.begin_with(name, steps, Unit::Steps)
    }

    /// Begins a stage whose steps are shares of the work, such as the rows of a label: only their percentage is shown.
    #[must_use]
    pub fn begin_shares(&self, name: &'static str, steps: u64) -> Stage {
        self.begin_with(name, steps, Unit::Shares)
    }

    fn begin_with(&self, name: &'static str, steps: u64, unit: Unit) -> Stage {
        let visible = self.form == TalkForm::Text && std::io::stderr().is_terminal();
        let talk = Mutex::new(Talk { steps, ..Talk::default() });
        Stage { name, began: Instant::now(), bar: visible.then(|| progress_bar(name, steps, unit)), talk, items: 0 }
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
        if self.form != TalkForm::Silent {
            tracing::info!(stage = result.name, seconds = result.seconds, items = result.items, "{}", line_of(&result));
        }
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
        self.advance(1);
    }

    /// So many steps further.
    pub fn advance(&self, steps: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(steps);
            return;
        }
        let line = self.talk().advance(self.name, steps, self.began.elapsed());
        if let Some(line) = line {
            tracing::info!(stage = self.name, "{line}");
        }
    }

    fn talk(&self) -> std::sync::MutexGuard<'_, Talk> {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what is being worked on.
    pub fn say(&self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(what.to_owned());
        } else {
            what.clone_into(&mut self.talk().what);
        }
    }

    /// How many steps there are, once that is known.
    pub fn set_steps(&self, steps: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(steps);
        } else {
            self.talk().steps = steps;
        }
    }
}

impl Talk {
    /// Counts the steps, and returns a line when it is time for one: how far it is, and how long the rest takes at the pace so far.
    fn advance(&mut self, name: &str, steps: u64, elapsed: Duration) -> Option<String> {
        self.done += steps;
        let is_due = elapsed >= self.said + LINE_EVERY && self.done > 0 && self.done < self.steps;
        is_due.then(|| {
            self.said = elapsed;
            let share = self.done as f64 / self.steps as f64;
            let left = elapsed.as_secs_f64() * (1.0 - share) / share;
            let what = if self.what.is_empty() { String::new() } else { format!(" ({})", self.what) };
            format!("{name:<10} {:>7.0} %, about {left:.0} s left{what}", 100.0 * share)
        })
    }
}

fn progress_bar(name: &'static str, steps: u64, unit: Unit) -> ProgressBar {
    let (bar, template) = match steps {
        _ if steps > 0 && unit == Unit::Shares => {
            (ProgressBar::new(steps), "{prefix:>10} {wide_bar} {percent:>3} % {eta} left {msg}")
        }
        0 => (ProgressBar::new_spinner(), "{prefix:>10} {spinner} {elapsed} {msg}"),
        _ => (ProgressBar::new(steps), "{prefix:>10} {wide_bar} {pos}/{len} {eta} left {msg}"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_a_long_stage_says_how_far_it_is() {
        let mut talk = Talk { steps: 200, what: "spam text".to_owned(), ..Talk::default() };
        let mut said = Vec::new();
        for second in 1..=100 {
            said.extend(talk.advance("fit", 2, Duration::from_secs(second)));
        }
        let expect = ["fit             30 %, about 70 s left (spam text)", "fit             60 %, about 40 s left (spam text)"];
        assert_eq!(said[..2], expect);
        assert_eq!(said.len(), 3, "every 30 s, and never at the end");
        let mut unknown = Talk::default();
        assert_eq!(unknown.advance("read", 5, Duration::from_secs(500)), None);
    }
}
