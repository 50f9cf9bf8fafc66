//! The published form of what policies did and read: `evidence`, `evidence_sample`, `policy_hits`, `escalations`.

use super::deciding::{NightRow, Verdicts};
use super::score_table::RunColumns;
use crate::config::PolicyMode;
use crate::policy::{EvidenceCell, EvidenceColumn, PolicyCounts};
use crate::publish::{Column, ColumnData, ColumnKind, ColumnSpec, Table, TableSchema};
use crate::sql::SqlType;
use crate::units::Market;

/// The column of `evidence` that says which others were kept that night: where one is not named, null means nothing.
/// No feature, column or parameter can be called so.
pub(super) const KEPT: &str = "_kept_columns";

fn spec(name: &str, kind: ColumnKind, doc: &str) -> ColumnSpec {
    ColumnSpec { name: name.to_owned(), kind, doc: doc.to_owned() }
}

fn table(columns: Vec<(String, ColumnData)>) -> Table {
    Table { columns: columns.into_iter().map(|(name, data)| Column { name, data }).collect() }
}

fn kind_of(column: &EvidenceColumn) -> ColumnKind {
    match column.ty {
        SqlType::Integer => ColumnKind::I64,
        SqlType::Number if column.is_feature => ColumnKind::F32,
        SqlType::Number => ColumnKind::F64,
        SqlType::Timestamp => ColumnKind::Timestamp,
        _ => ColumnKind::Text,
    }
}

/// `evidence`: one row an item, as policies saw it.
#[must_use]
pub(super) fn evidence_schema(columns: &[EvidenceColumn]) -> TableSchema {
    let mut specs = vec![
        spec("content_id", ColumnKind::Text, "the item"),
        spec(KEPT, ColumnKind::Text, "the columns kept that night, joined by commas: null in another one is not known"),
    ];
    let doc = |column: &EvidenceColumn| match column.name.as_str() {
        "tier" => "the seller's tier".to_owned(),
        "day_views" => "views of the last whole day".to_owned(),
        "day_orders" => "orders of the last whole day".to_owned(),
        "day_gmv" => "gross merchandise value of the last whole day, in `currency`".to_owned(),
        "forecast_views" => "views expected on the coming day".to_owned(),
        name => format!("{name}, as policies read it"),
    };
    specs.extend(columns.iter().map(|column| spec(&column.name, kind_of(column), &doc(column))));
    TableSchema { name: "evidence", columns: specs }
}

/// Rows of `evidence`.
#[must_use]
pub(super) fn evidence_columns(rows: &[NightRow], columns: &[EvidenceColumn]) -> Table {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let kept = names.join(",");
    let mut made = vec![
        ("content_id".to_owned(), ColumnData::Text(rows.iter().map(|r| Some(r.score.content_id.to_string())).collect())),
        (KEPT.to_owned(), ColumnData::Text(vec![Some(kept); rows.len()])),
    ];
    for (at, column) in columns.iter().enumerate() {
        let cells = || rows.iter().map(|row| row.evidence.get(at));
        let data = match kind_of(column) {
            ColumnKind::I64 => ColumnData::I64(
                cells().map(|cell| if let Some(EvidenceCell::Integer(v)) = cell { Some(*v) } else { None }).collect(),
            ),
            ColumnKind::F32 => ColumnData::F32(
                cells().map(|cell| if let Some(EvidenceCell::Feature(v)) = cell { Some(*v) } else { None }).collect(),
            ),
            ColumnKind::F64 => ColumnData::F64(
                cells().map(|cell| if let Some(EvidenceCell::Number(v)) = cell { Some(*v) } else { None }).collect(),
            ),
            ColumnKind::Timestamp => ColumnData::Timestamp(
                cells()
                    .map(
                        |cell| if let Some(EvidenceCell::Timestamp(v)) = cell { Some(crate::units::Timestamp(*v)) } else { None },
                    )
                    .collect(),
            ),
            _ => ColumnData::Text(
                cells().map(|cell| if let Some(EvidenceCell::Text(v)) = cell { Some(v.to_string()) } else { None }).collect(),
            ),
        };
        made.push((column.name.clone(), data));
    }
    table(made)
}

/// `evidence_sample`: the whole row of features for a stable sample of items.
#[must_use]
pub(super) fn sample_schema(features: &[String]) -> TableSchema {
    let mut specs = vec![spec("content_id", ColumnKind::Text, "the item")];
    specs.extend(features.iter().map(|name| spec(name, ColumnKind::F32, "")));
    TableSchema { name: "evidence_sample", columns: specs }
}

/// Rows of `evidence_sample`: those of `rows` that are in the sample.
#[must_use]
pub(super) fn sample_columns(rows: &[NightRow], features: &[String]) -> Table {
    let sampled: Vec<(&NightRow, &Vec<f32>)> = rows.iter().filter_map(|row| Some((row, row.features.as_ref()?))).collect();
    let mut made = vec![(
        "content_id".to_owned(),
        ColumnData::Text(sampled.iter().map(|(row, _)| Some(row.score.content_id.to_string())).collect()),
    )];
    for (at, name) in features.iter().enumerate() {
        let cell = |(_, values): &(&NightRow, &Vec<f32>)| values.get(at).copied().filter(|v| !v.is_nan());
        made.push((name.clone(), ColumnData::F32(sampled.iter().map(cell).collect())));
    }
    table(made)
}

/// An item that a policy escalates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Escalation {
    pub market: Market,
    pub content_id: String,
    pub policy_id: String,
    pub owner: String,
    /// It stands in no other table.
    pub is_urgent: bool,
}

/// `escalations`: by id alone.
#[must_use]
pub(super) fn escalation_schema() -> TableSchema {
    let columns = vec![
        spec("content_id", ColumnKind::Text, "the item"),
        spec("policy_id", ColumnKind::Text, "the policy that escalates it"),
        spec("owner", ColumnKind::Text, "who answers for the policy"),
        spec("urgent", ColumnKind::Boolean, "whether the item stands in this table alone"),
        spec("model_version", ColumnKind::Text, "the model"),
        spec("policy_version", ColumnKind::Text, "the policy set"),
        spec("run_id", ColumnKind::Text, "hash of inputs, configuration and model"),
    ];
    TableSchema { name: "escalations", columns }
}

/// Rows of `escalations`.
#[must_use]
pub(super) fn escalation_columns(rows: &[Escalation], run: &RunColumns) -> Table {
    let text = |value: &dyn Fn(&Escalation) -> String| ColumnData::Text(rows.iter().map(|row| Some(value(row))).collect());
    table(vec![
        ("content_id".to_owned(), text(&|row| row.content_id.clone())),
        ("policy_id".to_owned(), text(&|row| row.policy_id.clone())),
        ("owner".to_owned(), text(&|row| row.owner.clone())),
        ("urgent".to_owned(), ColumnData::Boolean(rows.iter().map(|row| Some(row.is_urgent)).collect())),
        ("model_version".to_owned(), text(&|_| run.model_version.clone())),
        ("policy_version".to_owned(), text(&|_| run.policy_version.clone())),
        ("run_id".to_owned(), text(&|_| run.run_id.clone())),
    ])
}

/// What one policy did in one market.
pub(super) struct Hit {
    pub market: Market,
    policy: usize,
    counts: PolicyCounts,
}

/// What each policy did, by market, then policy.
#[must_use]
pub(super) fn hits_of(verdicts: &Verdicts<'_>) -> Vec<Hit> {
    let n_policies = verdicts.set.policies.len();
    let of = |policy| verdicts.tally.by_market(policy).map(move |(market, counts)| Hit { market, policy, counts });
    let mut hits: Vec<Hit> = (0..n_policies).flat_map(of).collect();
    hits.sort_by_key(|hit| (hit.market, hit.policy));
    hits
}

/// `policy_hits`: one row a policy and market.
#[must_use]
pub(super) fn hit_schema() -> TableSchema {
    use ColumnKind::{I64, Text};
    let columns = vec![
        spec("policy_id", Text, "the policy"),
        spec("policy_file_version", Text, "hash of its file"),
        spec("owner", Text, "who answers for it"),
        spec("treatment", Text, "what it does"),
        spec("mode", Text, "shadow or live, as its file says"),
        spec("standing", Text, "live, shadow, or fallen: live by its file and in shadow for this night"),
        spec("standing_reason", Text, "why it fell"),
        spec("in_scope", I64, "items of its market, content types and days"),
        spec("held", I64, "items on which its condition holds"),
        spec("acted", I64, "items that it acted on; 0 unless its standing is live"),
        spec("would_act", I64, "items that it would act on, were it live"),
        spec("on_links", I64, "of these, items that copies and rings alone carry: it asks for review at most"),
        spec(
            "first_owner",
            I64,
            "items on which it holds by copies and rings alone, and which were first: left alone, as victims",
        ),
        spec("held_back", I64, "items on which it holds, left alone for comparison"),
        spec("outside_rollout", I64, "items on which it holds, outside its rollout"),
        spec("excepted", I64, "items on which it holds, excepted by exceptions.toml"),
        spec("unknown", I64, "items on which its condition is null, so that it did not fire"),
        spec("alone", I64, "items on which it holds and no other policy does"),
        spec("sellers", I64, "distinct sellers that it would act on, in all markets"),
        spec("policy_version", Text, "the policy set"),
        spec("run_id", Text, "hash of inputs, configuration and model"),
    ];
    TableSchema { name: "policy_hits", columns }
}

/// Rows of `policy_hits`.
#[must_use]
pub(super) fn hit_columns(hits: &[Hit], verdicts: &Verdicts<'_>, run: &RunColumns) -> Table {
    use crate::policy::Standing;
    let set = verdicts.set;
    let text = |value: &dyn Fn(&Hit) -> Option<String>| ColumnData::Text(hits.iter().map(value).collect());
    let file =
        |value: &dyn Fn(&crate::config::PolicyFile) -> String| text(&|hit| Some(value(&set.policies.get(hit.policy)?.file)));
    let count = |value: &dyn Fn(&Hit) -> u64| ColumnData::counts(hits.iter().map(|hit| Some(value(hit))));
    let reason = |hit: &Hit| match verdicts.night.standing(hit.policy) {
        Standing::Fallen { reason } => Some(reason.clone()),
        Standing::Live | Standing::Shadow => None,
    };
    let acted = |hit: &Hit| if verdicts.night.is_live(hit.policy) { hit.counts.acts } else { 0 };
    table(vec![
        ("policy_id".to_owned(), file(&|file| file.id.to_string())),
        ("policy_file_version".to_owned(), file(&|file| file.version.clone())),
        ("owner".to_owned(), file(&|file| file.owner.clone())),
        ("treatment".to_owned(), file(&|file| file.treatment.to_string())),
        ("mode".to_owned(), file(&|file| PolicyMode::as_str(file.mode).to_owned())),
        ("standing".to_owned(), text(&|hit| Some(verdicts.night.standing(hit.policy).as_str().to_owned()))),
        ("standing_reason".to_owned(), text(&reason)),
        ("in_scope".to_owned(), count(&|hit| hit.counts.in_scope)),
        ("held".to_owned(), count(&|hit| hit.counts.holds)),
        ("acted".to_owned(), count(&acted)),
        ("would_act".to_owned(), count(&|hit| hit.counts.acts)),
        ("on_links".to_owned(), count(&|hit| hit.counts.on_links)),
        ("first_owner".to_owned(), count(&|hit| hit.counts.first_owner)),
        ("held_back".to_owned(), count(&|hit| hit.counts.held_back)),
        ("outside_rollout".to_owned(), count(&|hit| hit.counts.outside_rollout)),
        ("excepted".to_owned(), count(&|hit| hit.counts.excepted)),
        ("unknown".to_owned(), count(&|hit| hit.counts.null)),
        ("alone".to_owned(), count(&|hit| hit.counts.alone)),
        ("sellers".to_owned(), count(&|hit| verdicts.tally.sellers(hit.policy))),
        ("policy_version".to_owned(), text(&|_| Some(run.policy_version.clone()))),
        ("run_id".to_owned(), text(&|_| Some(run.run_id.clone()))),
    ])
}
