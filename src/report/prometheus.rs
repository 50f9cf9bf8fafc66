//! Figures for the textfile collector of Prometheus (text exposition format 0.0.4): values in base units, shares 0 to 1.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::inputs::{RunFacts, RunStatus};
use super::suppress::shown_figures;
use super::words::{family_title, parts};
use crate::monitor::{Figure, State};

/// The most figures that are written: what is beyond is counted in `stallmark_figures_left_out`.
const MOST_FIGURES: usize = 5_000;

/// Label names by dimension of a segment.
const LABELS: [&str; 6] = ["market", "label", "category", "content_type", "tier", "subject"];

/// Samples by metric name; the set keeps a name and its labels unique, as the format demands.
#[derive(Default)]
struct Samples {
    metrics: BTreeMap<String, (String, Vec<String>)>,
    seen: BTreeSet<String>,
}

impl Samples {
    /// Adds a sample; a second of the same name and labels is dropped, as is a value that is no number.
    fn add(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: Option<f64>) {
        let Some(value) = value.filter(|value| value.is_finite()) else { return };
        let pairs: Vec<String> = labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escaped(text))).collect();
        let line = if pairs.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", pairs.join(",")) };
        if self.seen.insert(line.clone()) {
            let (_, lines) = self.metrics.entry(name.to_owned()).or_insert_with(|| (help.to_owned(), Vec::new()));
            lines.push(format!("{line} {value}"));
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for (name, (help, lines)) in &self.metrics {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
            lines.iter().for_each(|line| {
                let _ = writeln!(out, "{line}");
            });
        }
        out
    }
}

/// `text` as a label's value; at most 120 characters of it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in super::shown(text, 240).chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out
}

/// `text` as part of a metric's name.
fn name_part(text: &str) -> String {
    let sound = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    text.chars().take(80).map(sound).collect()
}

/// Facts of the run and its figures. What rests on fewer than `smallest` people's decisions is left out.
#[must_use]
pub fn prometheus(figures: &[Figure], run: &RunFacts, smallest: u64) -> String {
    let mut samples = Samples::default();
    run_samples(run, &mut samples);
    let shown = shown_figures(figures, smallest);
    let mut n_left_out = 0_u64;
    for shown in &shown {
        if shown.number.suppressed.is_some() || samples.seen.len() >= MOST_FIGURES * 4 {
            n_left_out += 1;
            continue;
        }
        let figure = shown.figure;
        let name = format!("stallmark_{}_{}", name_part(family_title(figure.family)), name_part(&figure.metric));
        let of_segment = parts(&figure.segment);
        let parted = LABELS.iter().zip(&of_segment).filter_map(|(name, part)| Some((*name, part.as_deref()?)));
        let mut labels: Vec<(&str, &str)> = parted.collect();
        labels.push(("method", figure.method));
        let help = format!("Figure {} of the family {}.", name_part(&figure.metric), family_title(figure.family));
        samples.add(&name, &help, &labels, shown.number.value);
        samples.add(&format!("{name}_low"), "Lower end of its 95 % interval.", &labels, shown.number.low);
        samples.add(&format!("{name}_high"), "Upper end of its 95 % interval.", &labels, shown.number.high);
        samples.add(&format!("{name}_n"), "What it rests on.", &labels, shown.number.n.map(|n| n as f64));
    }
    samples.add(
        "stallmark_figures_left_out",
        "Figures suppressed or beyond the limit of this file.",
        &[],
        Some(n_left_out as f64),
    );
    samples.text()
}

fn run_samples(run: &RunFacts, samples: &mut Samples) {
    let status = match run.status {
        RunStatus::Published => "published",
        RunStatus::Refused => "refused",
        RunStatus::Overridden => "overridden",
        RunStatus::Failed => "failed",
    };
    let info = [
        ("run_id", run.run_id.as_str()),
        ("model_version", run.model_version.as_str()),
        ("policy_version", run.policy_version.as_str()),
        ("status", status),
    ];
    samples.add("stallmark_run_info", "The last run, by its labels.", &info, Some(1.0));
    let is_published = matches!(run.status, RunStatus::Published | RunStatus::Overridden);
    let published = Some(if is_published { 1.0 } else { 0.0 });
    samples.add("stallmark_run_published", "Whether the last run is published.", &[], published);
    let as_of = f64::from(run.as_of.0) * 86_400.0;
    samples.add("stallmark_run_as_of_seconds", "The night of the run, as midnight UTC of its date.", &[], Some(as_of));
    samples.add("stallmark_run_items", "Items scored.", &[], Some(run.items as f64));
    samples.add("stallmark_run_warnings", "Warnings of the run.", &[], Some(run.warnings.len() as f64));
    for line in &run.gate {
        let of_segment = parts(&line.segment);
        let mut labels = vec![("check", line.name.as_str())];
        labels.extend(LABELS.iter().zip(&of_segment).filter_map(|(name, part)| Some((*name, part.as_deref()?))));
        let passed = Some(if line.state == State::Refused { 0.0 } else { 1.0 });
        samples.add("stallmark_gate_passed", "Whether a check of the publish gate let the run pass.", &labels, passed);
        samples.add("stallmark_gate_value", "What a check of the publish gate found.", &labels, line.value);
    }
    for stage in &run.stages {
        let labels = [("stage", stage.name.as_str())];
        samples.add("stallmark_stage_seconds", "Time of a stage.", &labels, Some(stage.seconds));
    }
    for source in &run.sources {
        let labels = [("table", source.table.as_str())];
        samples.add("stallmark_source_rows", "Rows read from a source table.", &labels, Some(source.rows as f64));
        samples.add(
            "stallmark_source_rejects",
            "Rows of a source table that were rejected.",
            &labels,
            Some(source.rejects as f64),
        );
    }
}

#[cfg(test)]
mod tests {
    use regex_lite_check::is_sample;

    use super::super::fixtures::{HOSTILE, demo, hostile_inputs};
    use super::*;
    use crate::monitor::{Family, Segment, Unit};

    /// The grammar of a line, by hand: name, labels in quotes with escapes, a number.
    mod regex_lite_check {
        pub(super) fn is_sample(line: &str) -> bool {
            let name_end = line.find(['{', ' ']).unwrap_or(line.len());
            let (name, rest) = line.split_at(name_end);
            let sound = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(sound) || name.starts_with(|c: char| c.is_ascii_digit()) {
                return false;
            }
            let rest = match rest.strip_prefix('{') {
                None => rest,
                Some(labels) => match after_labels(labels) {
                    None => return false,
                    Some(rest) => rest,
                },
            };
            rest.strip_prefix(' ').is_some_and(|value| value.parse::<f64>().is_ok_and(f64::is_finite))
        }

        fn after_labels(mut text: &str) -> Option<&str> {
            loop {
                let (name, rest) = text.split_once("=\"")?;
                if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
                    return None;
                }
                let mut is_escaped = false;
                let end = rest.char_indices().find(|(_, c)| {
                    let ends = *c == '"' && !is_escaped;
                    is_escaped = *c == '\\' && !is_escaped;
                    ends
                })?;
                let rest = &rest[end.0 + 1..];
                match rest.strip_prefix(',') {
                    Some(next) => text = next,
                    None => return rest.strip_prefix('}'),
                }
            }
        }
    }

    #[test]
    fn a_figure_is_four_samples() {
        let market = Some("SG".parse().unwrap());
        let segment = Segment { market, ..Segment::default() };
        let mut figure = Figure::new(Family::Prevalence, "violative_view_rate", segment, Unit::PerTenThousand);
        figure.value = Some(0.00125);
        figure.interval = Some(crate::monitor::Range { low: 0.001, high: 0.002 });
        figure.n = 40;
        figure.method = "hajek";
        let text = prometheus(&[figure.clone(), figure], &RunFacts::default(), 10);
        let found: Vec<&str> = text.lines().filter(|line| line.starts_with("stallmark_prevalence")).collect();
        assert_eq!(
            found,
            [
                "stallmark_prevalence_violative_view_rate{market=\"SG\",method=\"hajek\"} 0.00125",
                "stallmark_prevalence_violative_view_rate_high{market=\"SG\",method=\"hajek\"} 0.002",
                "stallmark_prevalence_violative_view_rate_low{market=\"SG\",method=\"hajek\"} 0.001",
                "stallmark_prevalence_violative_view_rate_n{market=\"SG\",method=\"hajek\"} 40",
            ]
        );
    }

    #[test]
    fn every_line_is_sound_whatever_the_text() {
        let mut inputs = vec![demo()];
        inputs.extend(HOSTILE.iter().map(|text| hostile_inputs(text)));
        for inputs in inputs {
            let text = prometheus(&inputs.figures, &inputs.run, 10);
            let mut typed = BTreeSet::new();
            for line in text.lines() {
                if let Some(name) = line.strip_prefix("# TYPE ") {
                    assert!(typed.insert(name.to_owned()), "{name} is typed twice");
                } else if !line.starts_with("# HELP ") {
                    assert!(is_sample(line), "{line}");
                }
            }
            assert!(text.ends_with('\n') && text.len() > 200);
        }
    }
}
