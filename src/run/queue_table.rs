//! The published form of the queue: `queue`, and `queue_golden`, which reviewers must not see.

use super::score_table::RunColumns;
use crate::publish::{Column, ColumnData, ColumnKind, ColumnSpec, Table, TableSchema};
use crate::queue::{GoldenRow, QueueRow};

fn spec(name: &str, kind: ColumnKind, doc: &str) -> ColumnSpec {
    ColumnSpec { name: name.to_owned(), kind, doc: doc.to_owned() }
}

fn table(columns: Vec<(&str, ColumnData)>) -> Table {
    Table { columns: columns.into_iter().map(|(name, data)| Column { name: name.to_owned(), data }).collect() }
}

/// The `queue` table without its partition columns `as_of` and `market`.
#[must_use]
pub(super) fn queue_schema() -> TableSchema {
    use ColumnKind::{F64, I64, Text, TextList};
    let columns = vec![
        spec(
            "rank",
            I64,
            "place in the market, from 1: drawn rows and second reviews first, then age_out, then policy and order by priority",
        ),
        spec("case_id", Text, "the case, the same in every table of the night"),
        spec("content_id", Text, "the item to look at; of near duplicates the one with the most expected harm"),
        spec("content_type", Text, "listing, video, live, review or comment"),
        spec("seller_id", Text, "its seller"),
        spec("language", Text, "its language"),
        spec("skill", Text, "the skill that its leading label needs"),
        spec(
            "team",
            Text,
            "market/language/skill of the entry of queue.capacity whose minutes it takes; null where nobody reviews its like",
        ),
        spec(
            "slice",
            Text,
            "why it is here: random, importance, qa (second reviews and golden cases alike), policy, age_out or order",
        ),
        spec(
            "inclusion_probability",
            F64,
            "of random and importance: 1 - (1 - p_random)(1 - p_importance); put it into the decision",
        ),
        spec("random_probability", F64, "of random: the probability of that slice alone"),
        spec(
            "priority",
            F64,
            "what queue.order goes by, greater is sooner: harm per minute, days waited, abuse or reports; null in qa",
        ),
        spec("expected_harm", F64, "sum over members and abuse labels of p x severity weight x forecast views; null in qa"),
        spec("forecast_views", F64, "views of the item expected over queue.horizon_days; null in qa or where nothing is known"),
        spec("minutes", F64, "minutes that the case is expected to take"),
        spec("leading_label", Text, "the label with the largest p x severity weight; null in qa"),
        spec("leading_p", F64, "its calibrated probability"),
        spec("cluster_size", I64, "near duplicates in the case, this item included"),
        spec("members", TextList, "those with the most expected harm, this item first, at most queue.max_members"),
        spec("policy_ids", TextList, "the live policies that asked for it"),
        spec("waiting_days", F64, "days since it was published or edited, or where that was decided, first reported; null in qa"),
        spec("why", Text, "its place in words"),
        spec("model_version", Text, "the model"),
        spec("policy_version", Text, "the policy set"),
        spec("run_id", Text, "hash of inputs, configuration and model"),
    ];
    TableSchema { name: "queue", columns }
}

/// Rows of `queue`.
#[must_use]
pub(super) fn queue_columns(rows: &[QueueRow], run: &RunColumns) -> Table {
    let text = |value: &dyn Fn(&QueueRow) -> Option<String>| ColumnData::Text(rows.iter().map(value).collect());
    let f64s = |value: &dyn Fn(&QueueRow) -> Option<f64>| ColumnData::F64(rows.iter().map(value).collect());
    table(vec![
        ("rank", ColumnData::counts(rows.iter().map(|r| Some(r.rank)))),
        ("case_id", text(&|r| Some(r.case_id.clone()))),
        ("content_id", text(&|r| Some(r.content_id.to_string()))),
        ("content_type", text(&|r| Some(r.content_type.to_string()))),
        ("seller_id", text(&|r| r.seller_id.as_ref().map(ToString::to_string))),
        ("language", text(&|r| r.language.as_ref().map(ToString::to_string))),
        ("skill", text(&|r| Some(r.skill.to_string()))),
        ("team", text(&|r| r.team.clone())),
        ("slice", text(&|r| Some(r.slice.as_str().to_owned()))),
        ("inclusion_probability", f64s(&|r| r.inclusion_probability)),
        ("random_probability", f64s(&|r| r.random_probability)),
        ("priority", f64s(&|r| r.priority)),
        ("expected_harm", f64s(&|r| r.expected_harm)),
        ("forecast_views", f64s(&|r| r.forecast_views)),
        ("minutes", f64s(&|r| Some(r.minutes))),
        ("leading_label", text(&|r| r.leading_label.as_ref().map(ToString::to_string))),
        ("leading_p", f64s(&|r| r.leading_p)),
        ("cluster_size", ColumnData::counts(rows.iter().map(|r| Some(r.cluster_size)))),
        ("members", ColumnData::TextList(rows.iter().map(|r| r.members.clone()).collect())),
        ("policy_ids", ColumnData::TextList(rows.iter().map(|r| r.policy_ids.clone()).collect())),
        ("waiting_days", f64s(&|r| r.waiting_days)),
        ("why", text(&|r| Some(r.why.clone()))),
        ("model_version", text(&|_| Some(run.model_version.clone()))),
        ("policy_version", text(&|_| Some(run.policy_version.clone()))),
        ("run_id", text(&|_| Some(run.run_id.clone()))),
    ])
}

/// `queue_golden`: the answers of the golden cases in `queue`.
#[must_use]
pub(super) fn golden_schema() -> TableSchema {
    let columns = vec![
        spec("case_id", ColumnKind::Text, "the case in `queue`"),
        spec("content_id", ColumnKind::Text, "the item"),
        spec("decision_id", ColumnKind::Text, "the decision that the answer stands in"),
        spec("label", ColumnKind::Text, "the label that it is about"),
        spec("golden_verdict", ColumnKind::Text, "the right verdict: violating or compliant"),
        spec("run_id", ColumnKind::Text, "hash of inputs, configuration and model"),
    ];
    TableSchema { name: "queue_golden", columns }
}

/// Rows of `queue_golden`.
#[must_use]
pub(super) fn golden_columns(rows: &[GoldenRow], run: &RunColumns) -> Table {
    let text = |value: &dyn Fn(&GoldenRow) -> String| ColumnData::Text(rows.iter().map(|r| Some(value(r))).collect());
    table(vec![
        ("case_id", text(&|r| r.case_id.clone())),
        ("content_id", text(&|r| r.content_id.to_string())),
        ("decision_id", text(&|r| r.decision_id.to_string())),
        ("label", text(&|r| r.label.to_string())),
        ("golden_verdict", text(&|r| r.golden_verdict.to_string())),
        ("run_id", text(&|_| run.run_id.clone())),
    ])
}
