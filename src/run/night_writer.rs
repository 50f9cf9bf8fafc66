//! Rows of a night decided and written: `scores`, `evidence` and its sample, one partition a market, in one pass.

use std::collections::BTreeSet;

use super::deciding::{NightRow, Verdicts};
use super::merge::ShardRows;
use super::night_tables::{Escalation, evidence_columns, evidence_schema, sample_columns, sample_schema};
use super::publishing::{BATCH_ROWS, Outlet};
use super::score_table::{RunColumns, score_columns, score_schema};
use crate::policy::{EvidenceColumn, Ruling};
use crate::publish::{PartitionTarget, PartitionWriter, WrittenFile};
use crate::scoring::ScoreRow;
use crate::units::{Id, Market};

/// What was written.
#[derive(Default)]
pub(super) struct WrittenNight {
    pub scores: Vec<WrittenFile>,
    pub evidence: Vec<WrittenFile>,
    pub sample: Vec<WrittenFile>,
    /// By market, then item, then policy.
    pub escalations: Vec<Escalation>,
    /// Items that stand in no other table.
    pub urgent: BTreeSet<Id>,
}

/// Writes a night.
pub(super) struct NightWriter<'a> {
    outlet: &'a Outlet,
    target: &'a dyn Fn(Option<Market>) -> PartitionTarget,
    run: &'a RunColumns,
    verdicts: &'a Verdicts<'a>,
    evidence: Vec<EvidenceColumn>,
    written: WrittenNight,
}

/// The partition under way.
struct Partition {
    market: Market,
    scores: PartitionWriter,
    evidence: PartitionWriter,
    sample: PartitionWriter,
    batch: Vec<NightRow>,
}

impl<'a> NightWriter<'a> {
    pub(super) fn new(
        outlet: &'a Outlet,
        target: &'a dyn Fn(Option<Market>) -> PartitionTarget,
        run: &'a RunColumns,
        verdicts: &'a Verdicts<'a>,
    ) -> Self {
        let evidence = verdicts.set.evidence_columns();
        Self { outlet, target, run, verdicts, evidence, written: WrittenNight::default() }
    }

    /// Decides and writes all rows, by market, then content.
    ///
    /// # Errors
    /// When a row cannot be read or written.
    pub(super) fn write(mut self, rows: &ShardRows<NightRow>) -> anyhow::Result<WrittenNight> {
        let mut open: Option<Partition> = None;
        for row in rows.merged()? {
            let mut row = row?;
            let ruling = self.verdicts.apply(&mut row);
            self.note(&row.score, &ruling);
            if ruling.is_urgent {
                continue;
            }
            if let Some(partition) = open.take_if(|partition| partition.market != row.score.market) {
                self.close(partition)?;
            }
            let partition = match &mut open {
                Some(partition) => partition,
                None => open.insert(self.open(row.score.market)?),
            };
            partition.batch.push(row);
            if partition.batch.len() == BATCH_ROWS {
                self.flush(partition)?;
            }
        }
        if let Some(partition) = open {
            self.close(partition)?;
        }
        self.written.escalations.sort_unstable();
        Ok(self.written)
    }

    fn note(&mut self, row: &ScoreRow, ruling: &Ruling) {
        for policy in ruling.escalating.iter().filter_map(|at| self.verdicts.set.policies.get(*at)) {
            self.written.escalations.push(Escalation {
                market: row.market,
                content_id: row.content_id.to_string(),
                policy_id: policy.file.id.to_string(),
                owner: policy.file.owner.clone(),
                is_urgent: ruling.is_urgent,
            });
        }
        if ruling.is_urgent {
            self.written.urgent.insert(row.content_id.clone());
        }
    }

    fn open(&self, market: Market) -> anyhow::Result<Partition> {
        let (labels, features) = self.outlet.columns();
        let writer = |schema| self.outlet.writer(self.target, Some(market), schema);
        Ok(Partition {
            market,
            scores: writer(score_schema(labels))?,
            evidence: writer(evidence_schema(&self.evidence))?,
            sample: writer(sample_schema(features))?,
            batch: Vec::with_capacity(BATCH_ROWS),
        })
    }

    fn flush(&self, partition: &mut Partition) -> anyhow::Result<()> {
        let (labels, features) = self.outlet.columns();
        let rows = std::mem::take(&mut partition.batch);
        partition.evidence.append(evidence_columns(&rows, &self.evidence))?;
        partition.sample.append(sample_columns(&rows, features))?;
        let scores: Vec<ScoreRow> = rows.into_iter().map(|row| row.score).collect();
        partition.scores.append(score_columns(&scores, labels, self.run))?;
        Ok(())
    }

    fn close(&mut self, mut partition: Partition) -> anyhow::Result<()> {
        self.flush(&mut partition)?;
        self.written.scores.extend(partition.scores.finish()?);
        self.written.evidence.extend(partition.evidence.finish()?);
        self.written.sample.extend(partition.sample.finish()?);
        Ok(())
    }
}
