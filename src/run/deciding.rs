//! Scored items become rows of a night: what policies say of each, and the evidence that they read.

use super::champion::Champion;
use super::merge::Ordered;
use super::policies::is_population;
use super::project::Project;
use super::queueing::ReviewFacts;
use super::results::PolicyResult;
use crate::dataset::Item;
use crate::features::{CONTENT_COLUMNS, content_column};
use crate::policy::{
    Batch, BatchRow, EvidenceCell, EvidenceColumn, Night, PolicyError, PolicySet, Ruling, Standing, Tally, Trace,
};
use crate::scoring::{ScoreRow, ScoredLabel};
use crate::sql::{SqlColumn, SqlType, TextColumn};
use crate::tables::ContentRow;
use crate::units::{AsOf, Day, Id, Market, stable_hash};
use serde::{Deserialize, Serialize};

/// A scored item with what policies say of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct NightRow {
    /// The score, its treatment not yet decided.
    pub score: ScoreRow,
    /// What policies say.
    pub traces: Vec<Trace>,
    /// What they read, in the order of [`PolicySet::evidence_columns`].
    pub evidence: Vec<EvidenceCell>,
    /// The whole row of features, for the sample.
    pub features: Option<Vec<f32>>,
    /// What the queue must know.
    pub review: ReviewFacts,
}

impl Ordered for NightRow {
    type Key = (Market, Id);

    fn key(&self) -> Self::Key {
        (self.score.market, self.score.content_id.clone())
    }
}

/// Decides batch by batch, and counts.
pub(super) struct Decider<'a> {
    set: &'a PolicySet,
    evidence: Vec<EvidenceColumn>,
    labels: &'a [ScoredLabel],
    features: &'a [String],
    sample_share: f64,
    day: Day,
    /// What policies did so far.
    pub tally: Tally,
}

/// Seed of the sample whose whole row of features is kept: the same items every night.
const SAMPLE: u64 = 0x7361_6d70_6c65;

impl<'a> Decider<'a> {
    pub(super) fn new(project: &Project, champion: &'a Champion, set: &'a PolicySet, day: Day) -> Self {
        Self {
            set,
            evidence: set.evidence_columns(),
            labels: &champion.labels,
            features: champion.features.names(),
            sample_share: project.config.policies.sample_share,
            day,
            tally: Tally::default(),
        }
    }

    /// What policies say of `rows`, the scores of `items`.
    ///
    /// # Errors
    /// When a policy cannot be evaluated.
    pub(super) fn decide(&mut self, items: &[(Item, &ContentRow)], rows: Vec<ScoreRow>) -> Result<Vec<NightRow>, PolicyError> {
        let about: Vec<BatchRow<'_>> = rows
            .iter()
            .map(|row| BatchRow {
                content_id: &row.content_id,
                seller_id: row.seller_id.as_deref(),
                market: row.market,
                content_type: row.content_type,
            })
            .collect();
        let (labels, features) = (self.labels, self.features);
        let column = |name: &str| score_column(name, labels, &rows).unwrap_or_else(|| item_column(name, features, items));
        let batch = Batch { day: self.day, rows: &about, column: &column };
        let traces = self.set.evaluate(&batch)?;
        self.tally.add(self.set, &batch, &traces);
        let kept: Vec<SqlColumn> = self.evidence.iter().map(|known| column(&known.name)).collect();
        let evidence = |row: usize| self.evidence.iter().zip(&kept).map(|(column, cells)| column.cell(cells, row)).collect();
        let evidence: Vec<Vec<EvidenceCell>> = (0..rows.len()).map(evidence).collect();
        let parts = rows.into_iter().zip(traces).zip(evidence).zip(items);
        let made = parts.map(|(((score, traces), evidence), (item, _))| NightRow {
            features: self.is_sampled(&score.content_id).then(|| item.features.clone()),
            review: ReviewFacts::of(item),
            score,
            traces,
            evidence,
        });
        Ok(made.collect())
    }

    fn is_sampled(&self, content_id: &str) -> bool {
        let uniform = (stable_hash(SAMPLE, content_id) >> 11) as f64 / (1_u64 << 53) as f64;
        uniform < self.sample_share
    }
}

/// A column of the score table.
pub(super) fn score_column(name: &str, labels: &[ScoredLabel], rows: &[ScoreRow]) -> Option<SqlColumn> {
    let numbers = |value: &dyn Fn(&ScoreRow) -> Option<f64>| SqlColumn::Number(rows.iter().map(value).collect());
    if let Some(at) = name.strip_prefix("p_").and_then(|id| labels.iter().position(|label| label.id == id)) {
        return Some(numbers(&|row| row.probabilities.get(at).copied().flatten().map(f64::from)));
    }
    Some(match name {
        "abuse" => numbers(&|row| row.abuse.map(f64::from)),
        "quality" => numbers(&|row| row.quality.map(f64::from)),
        "expected_harm" => numbers(&|row| row.expected_harm),
        "coverage" => numbers(&|row| Some(f64::from(row.coverage))),
        "labels_scored" => SqlColumn::Integer(rows.iter().map(|row| Some(i64::from(row.labels_scored))).collect()),
        "band" => texts(rows.iter().map(|row| Some(row.band.as_str()))),
        "calibration" => texts(rows.iter().map(|row| row.calibration.map(|basis| basis.as_str()))),
        _ => return None,
    })
}

/// A column of content, a segment, a volume or a feature.
pub(super) fn item_column(name: &str, features: &[String], items: &[(Item, &ContentRow)]) -> SqlColumn {
    if CONTENT_COLUMNS.iter().any(|(known, _)| *known == name) {
        let contents: Vec<(&ContentRow, AsOf)> = items.iter().map(|(item, content)| (*content, item.as_of)).collect();
        return content_column(name, &contents).unwrap_or_else(|| SqlColumn::nulls(SqlType::Text, items.len()));
    }
    let whole = |value: Option<u64>| value.and_then(|n| i64::try_from(n).ok());
    let integers = |value: &dyn Fn(&Item) -> Option<i64>| SqlColumn::Integer(items.iter().map(|(item, _)| value(item)).collect());
    let numbers = |value: &dyn Fn(&Item) -> Option<f64>| {
        SqlColumn::Number(items.iter().map(|(item, _)| value(item).filter(|v| v.is_finite())).collect())
    };
    match name {
        "tier" => texts(items.iter().map(|(item, _)| Some(item.tier.as_str()))),
        "day_views" => integers(&|item| whole(item.yesterday.views)),
        "day_orders" => integers(&|item| whole(item.yesterday.orders)),
        "day_gmv" => numbers(&|item| item.yesterday.gmv),
        "forecast_views" => numbers(&|item| item.forecast.views),
        _ => match features.iter().position(|known| known == name) {
            Some(at) => numbers(&|item| item.features.get(at).copied().map(f64::from)),
            None => SqlColumn::nulls(SqlType::Number, items.len()),
        },
    }
}

fn texts<'c>(cells: impl Iterator<Item = Option<&'c str>>) -> SqlColumn {
    let mut column = TextColumn::default();
    cells.for_each(|cell| column.push(cell));
    SqlColumn::Text(column)
}

/// What a night's policies decide: which act, and what becomes of each row.
pub(super) struct Verdicts<'a> {
    pub set: &'a PolicySet,
    pub night: Night,
    pub tally: Tally,
    rank: crate::scoring::RankRules,
}

impl<'a> Verdicts<'a> {
    /// Settles the night of `tally`.
    pub(super) fn settle(set: &'a PolicySet, champion: &Champion, tally: Tally) -> Self {
        let night = Night::of(set, &tally, &|label| is_population(champion, label));
        Self { set, night, tally, rank: champion.rank() }
    }

    /// Decides a row: its treatment, rank and band, and which policies had a part in it.
    pub(super) fn apply(&self, row: &mut NightRow) -> Ruling {
        let ruling = self.set.rule(&row.traces, &self.night);
        let score = &mut row.score;
        score.treatment = ruling.treatment;
        score.policy_ids = self.set.ids(&ruling.acting);
        score.shadow_policy_ids = self.set.ids(&ruling.shadow);
        score.held_back_by = self.set.ids(&ruling.held_back);
        score.rank(&self.rank, &ruling.applied);
        ruling
    }

    /// What each policy did, for `run_results.json`.
    pub(super) fn results(&self) -> Vec<PolicyResult> {
        let of = |(at, policy): (usize, &crate::policy::Policy)| {
            let counts = self.tally.of(at);
            let standing = self.night.standing(at);
            PolicyResult {
                id: policy.file.id.to_string(),
                version: policy.file.version.clone(),
                treatment: policy.file.treatment.to_string(),
                standing: standing.as_str(),
                reason: if let Standing::Fallen { reason } = standing { Some(reason.clone()) } else { None },
                in_scope: counts.in_scope,
                held: counts.holds,
                acted: if self.night.is_live(at) { counts.acts } else { 0 },
                would_act: counts.acts,
                sellers: self.tally.sellers(at),
                held_back: counts.held_back,
                unknown: counts.null,
            }
        };
        self.set.policies.iter().enumerate().map(of).collect()
    }
}
