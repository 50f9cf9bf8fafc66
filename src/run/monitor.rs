//! `monitor`: what the monitor published of a night, as tables.

use std::fmt;
use std::path::Path;

use serde::{Serialize, Serializer};

use super::exit::VerbError;
use super::monitoring::{Past, PastNight};
use super::project::Project;
use super::text_table::text_table;
use crate::files;
use crate::monitor::{Alarm, AlarmState, Family, Figure, Segment, State, Trend, Unit, draft_policy, labelling_batch};
use crate::publish::read_published;
use crate::units::Day;

/// Rows of a table that are shown; `--json` has all.
const MOST_ROWS: usize = 40;

/// What is published of a night.
#[derive(Debug)]
pub struct Watched {
    /// The night.
    pub as_of: Day,
    night: PastNight,
}

/// Reads what the monitor published of the night of `day`, the last published one by default.
///
/// # Errors
/// When nothing is published of it, or a table cannot be read.
pub fn monitor(project: &Project, day: Option<Day>) -> anyhow::Result<Watched> {
    let root = &project.config.output.path;
    let refuse = |argument, reason| VerbError::Argument { argument, reason };
    let Some(published) = read_published(root)? else {
        let reason = format!("nothing is published in {}; `stallmark run` publishes a night", root.display());
        return Err(refuse("--project", reason).into());
    };
    let last = || published.as_of.parse().map_err(|_| refuse("--project", format!("{} names no day", root.display())));
    let day = day.map_or_else(last, Ok)?;
    let mut past = Past::read(root, day, day)?;
    let Some(night) = past.nights.remove(&day) else {
        let reason = format!("the night of {day} has no published figures in {}", root.display());
        return Err(refuse("--as-of", reason).into());
    };
    Ok(Watched { as_of: day, night })
}

impl Watched {
    /// The trend called `id`.
    fn trend(&self, id: &str) -> Result<&Trend, VerbError> {
        let reason = || format!("`{id}` is no trend of {}; `stallmark monitor` lists them", self.as_of);
        self.night
            .trends
            .iter()
            .find(|trend| trend.id() == id)
            .ok_or_else(|| VerbError::Argument { argument: "--trend", reason: reason() })
    }

    /// Writes the trend called `id` as a policy in mode draft, about `label`, for which `owner` answers.
    ///
    /// # Errors
    /// When there is no such trend, no condition selects its items, or the file is there already or cannot be written.
    pub fn write_draft_policy(&self, id: &str, (label, owner): (&str, &str), path: &Path) -> anyhow::Result<()> {
        let trend = self.trend(id)?;
        let Some(text) = draft_policy(trend, label, owner, self.as_of) else {
            let reason = format!(
                "no condition on texts selects the items of `{id}` and no others; label its items instead (--labelling-batch)"
            );
            return Err(VerbError::Argument { argument: "--draft-policy", reason }.into());
        };
        // An owner may have completed an earlier draft.
        if files::exists(path) {
            return Err(VerbError::AlreadyThere { path: path.display().to_string() }.into());
        }
        Ok(files::write_atomic(path, text.as_bytes())?)
    }

    /// Writes the examples of the trend called `id` as CSV.
    ///
    /// # Errors
    /// When there is no such trend, or the file cannot be written.
    pub fn write_labelling_batch(&self, id: &str, path: &Path) -> anyhow::Result<()> {
        Ok(files::write_atomic(path, labelling_batch(self.trend(id)?).as_bytes())?)
    }

    /// The trend called `id` with its examples and condition.
    ///
    /// # Errors
    /// When there is no such trend.
    pub fn trend_text(&self, id: &str) -> anyhow::Result<String> {
        let trend = self.trend(id)?;
        let mut text = format!("{} {} in {}, since {}\n\n", name(&trend.kind), trend.name, trend.market, trend.since);
        let example = |e: &crate::monitor::TrendExample| vec![e.content_id.to_string(), e.text.clone()];
        text += &text_table(&["item", "text"], &trend.examples.iter().map(example).collect::<Vec<_>>());
        if let Some(condition) = &trend.condition {
            text += &format!("\nIts items are selected by: {condition}\n");
        }
        Ok(text)
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# What the monitor says of {}\n", self.as_of)?;
        writeln!(f, "## Alarms\n")?;
        if self.night.alarms.is_empty() {
            writeln!(f, "None.")?;
        }
        let alarm = |a: &Alarm| {
            vec![state_of(a).to_owned(), a.check.to_string(), part(&a.segment), a.since.to_string(), a.message.clone()]
        };
        let alarms: Vec<Vec<String>> = self.night.alarms.iter().map(alarm).collect();
        f.write_str(&text_table(&["state", "check", "where", "since", "what"], &alarms))?;

        writeln!(f, "\n## Prevalence of violations in views, per 10,000\n")?;
        let prevalence: Vec<&Figure> = self.of(Family::Prevalence).filter(|figure| figure.value.is_some()).collect();
        if prevalence.is_empty() {
            writeln!(f, "Not known: it takes reviewed items that were drawn with a known probability.")?;
        }
        figures(f, &prevalence)?;

        let beyond: Vec<&Figure> =
            self.night.figures.iter().filter(|figure| matches!(figure.state, State::Warning | State::Refused)).collect();
        if !beyond.is_empty() {
            writeln!(f, "\n## Figures beyond their limits\n")?;
            figures(f, &beyond)?;
        }
        writeln!(f, "\n## Trends\n")?;
        if self.night.trends.is_empty() {
            writeln!(f, "None.")?;
        }
        let mut trends: Vec<&Trend> = self.night.trends.iter().collect();
        trends.sort_by(|a, b| b.rank_score.total_cmp(&a.rank_score));
        let trend = |t: &&Trend| {
            let growth = format!("{:.1} ({:.1}–{:.1})", t.growth, t.growth_interval.low, t.growth_interval.high);
            let counts = [t.items, t.sellers, t.views, t.complaints].map(|n| n.to_string());
            let first = vec![t.id(), t.market.to_string(), name(&t.kind), t.name.clone(), t.since.to_string()];
            [first, counts.to_vec(), vec![growth]].concat()
        };
        let rows: Vec<Vec<String>> = trends.iter().take(MOST_ROWS).map(trend).collect();
        let head = ["id", "market", "kind", "what", "since", "items", "sellers", "views", "complaints", "growth"];
        f.write_str(&text_table(&head, &rows))?;
        let shown = |family: Family| self.of(family).count();
        writeln!(
            f,
            "\nAlso published: {} figures of drift, {} of volume, {} of calibration, {} of operations, {} of pain points; --json has all.",
            shown(Family::Drift),
            shown(Family::Volume),
            shown(Family::Calibration),
            shown(Family::Operations),
            shown(Family::PainPoint)
        )
    }
}

impl Watched {
    fn of(&self, family: Family) -> impl Iterator<Item = &Figure> {
        self.night.figures.iter().filter(move |figure| figure.family == family)
    }
}

fn figures(f: &mut fmt::Formatter<'_>, shown: &[&Figure]) -> fmt::Result {
    let row = |figure: &&Figure| {
        let positives = figure.positives.map_or(String::new(), |n| n.to_string());
        vec![
            figure.metric.clone(),
            part(&figure.segment),
            value(figure),
            range(figure),
            figure.n.to_string(),
            positives,
            figure.method.to_string(),
            figure.note.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = shown.iter().take(MOST_ROWS).map(row).collect();
    f.write_str(&text_table(&["figure", "of", "value", "95 %", "n", "positives", "method", "note"], &rows))?;
    if shown.len() > MOST_ROWS {
        writeln!(f, "\nand {} more.", shown.len() - MOST_ROWS)?;
    }
    Ok(())
}

fn state_of(alarm: &Alarm) -> &'static str {
    match alarm.state {
        AlarmState::Raised => "raised",
        AlarmState::Standing => "standing",
        AlarmState::Cleared => "cleared",
    }
}

/// The part that a figure is about, in words.
fn part(segment: &Segment) -> String {
    let parts = [
        segment.market.map(|market| market.to_string()),
        segment.label.as_ref().map(ToString::to_string),
        segment.category.clone(),
        segment.content_type.map(|known| known.as_str().to_owned()),
        segment.tier.clone(),
        segment.subject.clone(),
    ];
    let known: Vec<String> = parts.into_iter().flatten().collect();
    if known.is_empty() { "all".to_owned() } else { known.join(" / ") }
}

fn written(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => format!("{:.2} %", value * 100.0),
        Unit::PerTenThousand => format!("{:.2}", value * 10_000.0),
        Unit::Count | Unit::Views => format!("{value:.0}"),
        Unit::Money | Unit::Minutes | Unit::Days | Unit::Harm => format!("{value:.1}"),
        Unit::Number => format!("{value:.3}"),
    }
}

fn value(figure: &Figure) -> String {
    figure.value.map_or("unknown".to_owned(), |value| written(value, figure.unit))
}

fn range(figure: &Figure) -> String {
    figure.interval.map_or(String::new(), |i| format!("{}–{}", written(i.low, figure.unit), written(i.high, figure.unit)))
}

/// The name of a plain enumeration as it is serialised.
fn name(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Serialize for Watched {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let segment = |s: &Segment| {
            serde_json::json!({
                "market": s.market.map(|m| m.to_string()), "label": s.label.as_ref().map(ToString::to_string), "category": s.category,
                "content_type": s.content_type, "tier": s.tier, "subject": s.subject,
            })
        };
        let figure = |f: &Figure| {
            serde_json::json!({
                "family": f.family, "metric": f.metric, "segment": segment(&f.segment), "value": f.value, "interval": f.interval, "n": f.n,
                "positives": f.positives, "unit": f.unit, "method": f.method, "state": f.state, "note": f.note,
            })
        };
        let alarm = |a: &Alarm| {
            serde_json::json!({
                "check": a.check, "segment": segment(&a.segment), "state": a.state, "since": a.since.to_string(), "message": a.message, "n": a.n,
            })
        };
        let trend = |t: &Trend| {
            let examples: Vec<_> =
                t.examples.iter().map(|e| serde_json::json!({"content_id": e.content_id.as_str(), "text": e.text})).collect();
            serde_json::json!({
                "id": t.id(), "kind": t.kind, "name": t.name, "market": t.market.to_string(), "since": t.since.to_string(), "items": t.items,
                "sellers": t.sellers, "views": t.views, "complaints": t.complaints, "growth": t.growth, "growth_interval": t.growth_interval,
                "q_value": t.q_value, "rank_score": t.rank_score, "condition": t.condition, "examples": examples,
            })
        };
        let night = serde_json::json!({
            "as_of": self.as_of.to_string(),
            "model_version": self.night.model_version,
            "policy_version": self.night.policy_version,
            "alarms": self.night.alarms.iter().map(alarm).collect::<Vec<_>>(),
            "figures": self.night.figures.iter().map(figure).collect::<Vec<_>>(),
            "trends": self.night.trends.iter().map(trend).collect::<Vec<_>>(),
        });
        night.serialize(serializer)
    }
}
