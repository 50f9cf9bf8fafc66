//! `score`: what a run would publish, as JSON lines on stdout.

use std::io::Write;

use serde_json::{Map, Value, json};

use super::champion::load_champion;
use super::deciding::Verdicts;
use super::input;
use super::nightly::score_shards;
use super::policies::load_policies;
use super::project::Project;
use super::stages::Stages;
use crate::scoring::{ScoreRow, ScoredLabel};
use crate::units::Day;

/// Scores everything in scope at the midnight of `day` and writes one JSON object a line to `out`, by market, then content.
/// Returns the number of lines.
///
/// # Errors
/// As a run, but for publishing.
pub fn score(project: &Project, day: Day, out: &mut dyn Write, stages: &mut Stages) -> anyhow::Result<u64> {
    let plan = input::plan(project)?;
    let champion = load_champion(project)?;
    let (policies, _) = load_policies(project, &champion)?;
    let input = input::read(project, plan, day, &champion.features, stages)?;
    let night = score_shards(project, &input, &champion, (&[], &policies, None), day, stages)?;
    let verdicts = Verdicts::settle(&policies, &champion, night.tally);
    verdicts.night.warnings(&policies).for_each(|warning| tracing::warn!("{warning}"));
    let mut lines = 0;
    for row in night.scores.merged()? {
        let mut row = row?;
        if !verdicts.apply(&mut row).is_urgent {
            writeln!(out, "{}", line_of(&row.score, &champion.labels))?;
            lines += 1;
        }
    }
    Ok(lines)
}

/// A score row as JSON, columns named as in the score table.
fn line_of(row: &ScoreRow, labels: &[ScoredLabel]) -> Value {
    let mut line = Map::new();
    let mut put = |name: &str, value: Value| line.insert(name.to_owned(), value);
    put("content_id", json!(row.content_id));
    put("content_type", json!(row.content_type));
    put("seller_id", json!(row.seller_id));
    put("market", json!(row.market.as_str()));
    put("category", json!(row.category));
    for (label, p) in labels.iter().zip(&row.probabilities) {
        put(&format!("p_{}", label.id), json!(p));
    }
    put("calibration", json!(row.calibration));
    put("abuse", json!(row.abuse));
    put("quality", json!(row.quality));
    put("expected_harm", json!(row.expected_harm));
    put("forecast_method", json!(row.forecast_method));
    put("labels_scored", json!(row.labels_scored));
    put("treatment", json!(row.treatment));
    put("rank_multiplier", json!(row.rank_multiplier));
    put("band", json!(row.band));
    put("policy_ids", json!(row.policy_ids));
    put("shadow_policy_ids", json!(row.shadow_policy_ids));
    put("held_back_by", json!(row.held_back_by));
    put("reasons", json!(row.reasons));
    put("coverage", json!(row.coverage));
    put("expires_at", json!(row.expires_at.to_string()));
    Value::Object(line)
}
