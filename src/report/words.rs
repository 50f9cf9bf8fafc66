//! What figures, segments and states are called on the page.

use super::document::{Status, Tone};
use super::inputs::RunStatus;
use super::shown::shown;
use crate::monitor::{AlarmState, Family, Segment, State, TrendKind};

/// Terms that their parts do not explain.
const TERMS: &[(&str, &str)] = &[
    ("psi", "PSI (population stability index)"),
    ("js", "Jensen–Shannon divergence"),
    ("jensen_shannon", "Jensen–Shannon divergence"),
];

/// Words of metrics that are written in capitals.
const CAPITALS: &[&str] = &["psi", "cusum", "gmv", "ece", "id"];

/// The metric's name as a heading.
pub(super) fn metric_title(metric: &str) -> String {
    if let Some((_, title)) = TERMS.iter().find(|(term, _)| *term == metric) {
        return (*title).to_owned();
    }
    let spell = |word: &str| if CAPITALS.contains(&word) { word.to_uppercase() } else { word.to_owned() };
    let words: Vec<String> = metric.split('_').map(spell).collect();
    let words = shown(&words.join(" "), 80);
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The family's name.
pub(super) fn family_title(family: Family) -> &'static str {
    match family {
        Family::Prevalence => "prevalence",
        Family::Volume => "volume",
        Family::Drift => "drift",
        Family::Calibration => "calibration",
        Family::Policy => "policy",
        Family::Outcome => "outcome",
        Family::Trend => "trend",
        Family::PainPoint => "pain point",
        Family::Operations => "operations",
        Family::Target => "target",
        Family::Seller => "seller",
        Family::Run => "run",
    }
}

/// The parts of a segment, in the order of the columns of [`DIMENSIONS`].
pub(super) fn parts(segment: &Segment) -> [Option<String>; 6] {
    let short = |text: &str| shown(text, 120);
    [
        segment.market.map(|market| market.to_string()),
        segment.label.as_deref().map(short),
        segment.category.as_deref().map(short),
        segment.content_type.map(|kind| kind.to_string()),
        segment.tier.as_deref().map(short),
        segment.subject.as_deref().map(short),
    ]
}

/// What segments are cut by.
pub(super) const DIMENSIONS: [&str; 6] = ["Market", "Label", "Category", "Content", "Tier", "About"];

/// A segment in a line.
pub(super) fn segment_text(segment: &Segment) -> String {
    let parts: Vec<String> = parts(segment).into_iter().flatten().collect();
    if parts.is_empty() { "all".to_owned() } else { parts.join(" · ") }
}

/// What a check says of a figure.
pub(super) fn state_status(state: State, family: Family) -> Option<Status> {
    let (tone, text) = match (state, family) {
        (State::Plain, _) => return None,
        (State::Within, Family::Target) => (Tone::Good, "on track"),
        (State::Within, _) => (Tone::Good, "within limit"),
        (State::Unknown, _) => (Tone::Unknown, "not known yet"),
        (State::Warning, Family::Target) => (Tone::Warning, "off track"),
        (State::Warning, _) => (Tone::Warning, "beyond limit"),
        (State::Refused, _) => (Tone::Bad, "refused"),
    };
    Some(status(tone, text))
}

/// Where an alarm is in its life.
pub(super) fn alarm_status(state: AlarmState) -> Status {
    match state {
        AlarmState::Raised => status(Tone::Bad, "raised"),
        AlarmState::Standing => status(Tone::Warning, "standing"),
        AlarmState::Cleared => status(Tone::Good, "cleared"),
    }
}

/// How the run ended.
pub(super) fn run_status(run: RunStatus) -> Status {
    match run {
        RunStatus::Published => status(Tone::Good, "published"),
        RunStatus::Refused => status(Tone::Bad, "refused: nothing is published"),
        RunStatus::Overridden => status(Tone::Warning, "published: the gate was overridden"),
        RunStatus::Failed => status(Tone::Bad, "failed: nothing is published"),
    }
}

/// What a trend's items have in common.
pub(super) fn kind_title(kind: TrendKind) -> &'static str {
    match kind {
        TrendKind::Cluster => "near-duplicates",
        TrendKind::Term => "term",
        TrendKind::Domain => "domain",
        TrendKind::Handle => "contact handle",
        TrendKind::Ring => "seller ring",
        TrendKind::Cohort => "seller cohort",
        TrendKind::Group => "items alike",
    }
}

/// A badge.
pub(super) fn status(tone: Tone, text: &str) -> Status {
    Status { tone, text: text.to_owned() }
}
