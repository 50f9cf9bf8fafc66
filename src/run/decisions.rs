//! Decisions of all shards beside what only their items know, and the rows that they teach.

use std::collections::{BTreeMap, BTreeSet};

use super::project::Project;
use crate::config::{LabelMethod, TrainLabelsConfig};
use crate::dataset::{KnownDecision, Shard, SpineRow, decided_spine};
use crate::feedback::{AggregateConfig, CaseWindow, ConsensusConfig, DatedDecision, Estimator, midnights};
use crate::tables::DecisionRow;
use crate::units::{AsOf, ContentType, Id, Timestamp};

/// The rounds of the estimate of reviewers' errors end when no posterior moves by more.
const TOLERANCE: f64 = 1e-6;

/// And after so many at the latest.
const MAX_ITERATIONS: u64 = 1_000;

/// A known decision, out of its shard.
#[derive(Debug, Clone)]
pub(super) struct GatheredDecision {
    /// The decision.
    pub decision: DecisionRow,
    content_type: ContentType,
    as_of: AsOf,
}

impl GatheredDecision {
    pub(super) fn of(known: &KnownDecision<'_>) -> Self {
        Self { decision: known.decision.clone(), content_type: known.content_type, as_of: known.as_of }
    }

    /// By item, time and identifier.
    pub(super) fn key(&self) -> (&Id, Timestamp, &Id) {
        (&self.decision.content_id, self.decision.decided_at, &self.decision.decision_id)
    }

    /// The decision with the labels that are scored for its item.
    pub(super) fn dated<'d>(&'d self, scope: &'d LabelScope) -> DatedDecision<'d> {
        DatedDecision { decision: &self.decision, as_of: self.as_of, labels: scope.labels_of(self.content_type) }
    }
}

/// Which labels are scored for which kind of content.
pub(super) struct LabelScope {
    by_type: BTreeMap<ContentType, BTreeSet<Id>>,
    none: BTreeSet<Id>,
}

impl LabelScope {
    /// The active labels of `project`.
    pub(super) fn of(project: &Project) -> Self {
        let mut by_type: BTreeMap<ContentType, BTreeSet<Id>> = BTreeMap::new();
        for (label, types) in project.label_types() {
            types.into_iter().for_each(|of| {
                by_type.entry(of).or_default().insert(label.clone());
            });
        }
        Self { by_type, none: BTreeSet::new() }
    }

    fn labels_of(&self, content_type: ContentType) -> &BTreeSet<Id> {
        self.by_type.get(&content_type).unwrap_or(&self.none)
    }
}

/// The rows that the decisions `known` on items of `shard` teach.
pub(super) fn taught_spine(
    shard: &Shard,
    known: &[KnownDecision<'_>],
    scope: &LabelScope,
    config: &AggregateConfig,
) -> Vec<SpineRow> {
    let dated: Vec<DatedDecision<'_>> = known
        .iter()
        .map(|d| DatedDecision { decision: d.decision, as_of: d.as_of, labels: scope.labels_of(d.content_type) })
        .collect();
    let place: BTreeMap<&Id, usize> = known.iter().map(|d| (&d.decision.content_id, d.content)).collect();
    let rows = midnights(&dated, config).into_iter().filter_map(|(item, as_of)| Some((*place.get(item)?, as_of)));
    decided_spine(shard, &rows.collect())
}

/// How decisions become labels, as `feedback` takes it.
pub(super) fn aggregate_config(config: &TrainLabelsConfig) -> AggregateConfig {
    AggregateConfig {
        window: CaseWindow { days: config.window_days },
        automatic_weight: config.automatic_weight,
        consensus: ConsensusConfig {
            estimator: match config.method {
                LabelMethod::DawidSkene => Estimator::DawidSkene,
                LabelMethod::Majority => Estimator::Majority,
            },
            min_overlap: config.min_overlap,
            min_anchored: config.min_anchored,
            prior_verdicts: config.prior_verdicts,
            tolerance: TOLERANCE,
            max_iterations: MAX_ITERATIONS,
        },
    }
}
