//! The published form of score rows and rejects: names, kinds and meanings of the columns (DESIGN.md §6).

use crate::publish::{Column, ColumnData, ColumnKind, ColumnSpec, Table, TableSchema};
use crate::scoring::{ScoreRow, ScoredLabel};
use crate::tables::Reject;

/// What is the same in every row of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunColumns {
    /// The model's version.
    pub model_version: String,
    /// The policy set's version; `none` as long as there are no policies.
    pub policy_version: String,
    /// The run.
    pub run_id: String,
}

/// The `scores` table without its partition columns `as_of` and `market`.
#[must_use]
pub(super) fn score_schema(labels: &[ScoredLabel]) -> TableSchema {
    use ColumnKind::{F32, F64, I32, Reasons, Text, TextList, Timestamp};
    let column = |name: &str, kind, doc: &str| ColumnSpec { name: name.to_owned(), kind, doc: doc.to_owned() };
    let mut columns = vec![
        column("content_id", Text, "the item"),
        column("content_type", Text, "listing, video, live, review or comment"),
        column("seller_id", Text, "its seller"),
        column("category", Text, "its category"),
    ];
    columns.extend(labels.iter().map(|label| {
        let doc = format!(
            "calibrated probability of {} ({}); null outside its content types or with too few decisions",
            label.id, label.kind
        );
        column(&format!("p_{}", label.id), F32, &doc)
    }));
    columns.extend([
        column(
            "calibration",
            Text,
            "what the probabilities hold for: population, or sample where a label has too few drawn reviews",
        ),
        column("abuse", F32, "probability of any abuse: noisy-or over abuse labels, recalibrated on their held-out union"),
        column("quality", F32, "product of (1 - p)^w over quality labels"),
        column("expected_harm", F64, "sum over abuse labels of p x severity weight x forecast views of the coming day"),
        column("forecast_method", Text, "how the views were forecast: yesterday_shrunk, tier_age, yesterday or none"),
        column("labels_scored", I32, "how many labels have a probability"),
        column("treatment", Text, "what is recommended: of the live policies of the highest priority the most severe"),
        column("rank_multiplier", F32, "what ranking multiplies the item's own score by, in [0, 1] (docs/ranking.md)"),
        column("band", Text, "good, fair, poor, severe or unscored by the scores; limited or withheld by treatment"),
        column("policy_ids", TextList, "the live policies that act on the item"),
        column("shadow_policy_ids", TextList, "policies that would, were they live, within their cap and rollout"),
        column("held_back_by", TextList, "live policies that leave the item alone, to compare"),
        column("reasons", Reasons, "what drove the leading label, strongest first, at most three; contributions in logits"),
        column("coverage", F32, "share of the features that were not missing"),
        column("model_version", Text, "the model"),
        column("policy_version", Text, "the policy set"),
        column("run_id", Text, "hash of inputs, configuration and model"),
        column("expires_at", Timestamp, "until when the row may be used"),
    ]);
    TableSchema { name: "scores", columns }
}

/// Score rows as columns of [`score_schema`].
#[must_use]
pub(super) fn score_columns(rows: &[ScoreRow], labels: &[ScoredLabel], run: &RunColumns) -> Table {
    let text = |value: &dyn Fn(&ScoreRow) -> Option<String>| ColumnData::Text(rows.iter().map(value).collect());
    let constant = |value: &str| ColumnData::Text(vec![Some(value.to_owned()); rows.len()]);
    let f32s = |value: &dyn Fn(&ScoreRow) -> Option<f32>| ColumnData::F32(rows.iter().map(value).collect());
    let mut columns: Vec<(String, ColumnData)> = vec![
        ("content_id".into(), text(&|r| Some(r.content_id.to_string()))),
        ("content_type".into(), text(&|r| Some(r.content_type.to_string()))),
        ("seller_id".into(), text(&|r| r.seller_id.as_ref().map(ToString::to_string))),
        ("category".into(), text(&|r| r.category.as_ref().map(ToString::to_string))),
    ];
    for (at, label) in labels.iter().enumerate() {
        columns.push((format!("p_{}", label.id), f32s(&|r| r.probabilities.get(at).copied().flatten())));
    }
    let reasons = |r: &ScoreRow| r.reasons.iter().map(|reason| (reason.code.clone(), reason.contribution)).collect();
    columns.extend([
        ("calibration".into(), text(&|r| r.calibration.map(|basis| basis.as_str().to_owned()))),
        ("abuse".into(), f32s(&|r| r.abuse)),
        ("quality".into(), f32s(&|r| r.quality)),
        ("expected_harm".into(), ColumnData::F64(rows.iter().map(|r| r.expected_harm).collect())),
        ("forecast_method".into(), text(&|r| Some(r.forecast_method.clone()))),
        ("labels_scored".into(), ColumnData::I32(rows.iter().map(|r| i32::try_from(r.labels_scored).ok()).collect())),
        ("treatment".into(), text(&|r| Some(r.treatment.to_string()))),
        ("rank_multiplier".into(), f32s(&|r| Some(r.rank_multiplier))),
        ("band".into(), text(&|r| Some(r.band.clone()))),
        ("policy_ids".into(), ColumnData::TextList(rows.iter().map(|r| r.policy_ids.clone()).collect())),
        ("shadow_policy_ids".into(), ColumnData::TextList(rows.iter().map(|r| r.shadow_policy_ids.clone()).collect())),
        ("held_back_by".into(), ColumnData::TextList(rows.iter().map(|r| r.held_back_by.clone()).collect())),
        ("reasons".into(), ColumnData::Reasons(rows.iter().map(reasons).collect())),
        ("coverage".into(), f32s(&|r| Some(r.coverage))),
        ("model_version".into(), constant(&run.model_version)),
        ("policy_version".into(), constant(&run.policy_version)),
        ("run_id".into(), constant(&run.run_id)),
        ("expires_at".into(), ColumnData::Timestamp(rows.iter().map(|r| Some(r.expires_at)).collect())),
    ]);
    Table { columns: columns.into_iter().map(|(name, data)| Column { name, data }).collect() }
}

/// The `rejects` table without its partition columns; its `market` is null.
#[must_use]
pub(super) fn reject_schema() -> TableSchema {
    let column = |name: &str, kind, doc: &str| ColumnSpec { name: name.to_owned(), kind, doc: doc.to_owned() };
    TableSchema {
        name: "rejects",
        columns: vec![
            column("table", ColumnKind::Text, "the input table"),
            column("file", ColumnKind::Text, "the file it was read from"),
            column("row", ColumnKind::I64, "its number in the file, from 1"),
            column("column", ColumnKind::Text, "the first bad column"),
            column("value", ColumnKind::Text, "the value, shortened, hidden characters shown and contact details masked"),
            column("reason", ColumnKind::Text, "what is wrong"),
            column("run_id", ColumnKind::Text, "hash of inputs, configuration and model"),
        ],
    }
}

/// Rejects as columns of [`reject_schema`].
#[must_use]
pub(super) fn reject_columns(rows: &[Reject], run: &RunColumns) -> Table {
    let text = |value: &dyn Fn(&Reject) -> String| ColumnData::Text(rows.iter().map(|r| Some(value(r))).collect());
    let columns = [
        ("table", text(&|r| r.table.to_string())),
        ("file", text(&|r| r.file.clone())),
        ("row", ColumnData::counts(rows.iter().map(|r| Some(r.row)))),
        ("column", text(&|r| r.column.clone())),
        ("value", text(&|r| r.value.clone())),
        ("reason", text(&|r| r.reason.clone())),
        ("run_id", text(&|_| run.run_id.clone())),
    ];
    Table { columns: columns.into_iter().map(|(name, data)| Column { name: name.to_owned(), data }).collect() }
}
