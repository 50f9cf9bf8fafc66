//! The monitor's part of a night: every part sees the rows as they are scored, and says what it found once all are there.

mod desk;
pub(super) mod drift;
pub(super) mod gate;
mod outcomes;
mod past;
mod policies;
mod prevalence;
mod rates;
mod tables;
mod trends;

use std::collections::BTreeMap;

use super::champion::Champion;
use super::deciding::{NightRow, Verdicts};
use super::input::Input;
use super::merge::ShardRows;
use super::profile_table::read_profiles;
use super::project::Project;
use super::publishing::Outlet;
use super::queueing::NightQueue;
use super::score_table::RunColumns;
use crate::config::{GoalDirection, TableName, TargetConfig};
use crate::dataset::{Item, Shard, TableCounts};
use crate::monitor::{
    Alarm, Figure, Finding, GateReport, Segment, Target, TargetDirection, Trend, TrendRules, judge_targets, update_alarms,
};
use crate::policy::PolicySet;
use crate::publish::{PartitionTarget, Table, TablePlan, TableSchema};
use crate::tables::ContentRow;
use crate::units::{Day, Id, Market};

use desk::Desk;
use drift::{DriftNight, DriftWatch};
use gate::{GateNight, ask_gate};
use outcomes::OutcomeWatch;
pub(super) use past::{NIGHTS, Past, PastNight};
use policies::PolicyWatch;
use prevalence::Prevalence;
use rates::Rates;
pub(super) use tables::{ALARMS, METRICS, TRENDS};
use tables::{alarms_columns, alarms_schema, metrics_columns, metrics_schema, trends_columns, trends_schema};
use trends::Trends;

/// Looks at a night while it is scored.
pub(super) struct Watch<'a> {
    project: &'a Project,
    day: Day,
    prevalence: Prevalence<'a>,
    drift: DriftWatch<'a>,
    desk: Desk<'a>,
    policies: PolicyWatch<'a>,
    trends: Trends<'a>,
    outcomes: OutcomeWatch<'a>,
    rates: Rates,
}

/// A night that is scored, decided and queued.
pub(super) struct NightSeen<'a> {
    /// The model.
    pub champion: &'a Champion,
    /// What policies decide.
    pub verdicts: &'a Verdicts<'a>,
    /// The queue.
    pub queue: &'a NightQueue,
    /// The rows.
    pub scores: &'a ShardRows<NightRow>,
    /// Rows of the input.
    pub tables: &'a BTreeMap<TableName, TableCounts>,
}

/// What the monitor found of a night.
pub(super) struct Monitored {
    /// What the gate says.
    pub gate: GateReport,
    /// The night counted, and held against nights before.
    pub drift: DriftNight,
    /// Figures, by market, family, metric and segment.
    pub figures: Vec<Figure>,
    /// Alarms, by market and check.
    pub alarms: Vec<Alarm>,
    /// Trends, by market, the one that matters most first.
    pub trends: Vec<Trend>,
}

impl<'a> Watch<'a> {
    /// Nothing seen yet.
    ///
    /// # Errors
    /// When a part cannot begin.
    pub(super) fn begin(
        project: &'a Project,
        _input: &'a Input,
        champion: &'a Champion,
        policies: &'a PolicySet,
        day: Day,
    ) -> anyhow::Result<Self> {
        let prevalence = Prevalence::begin(project, champion, day);
        let outcomes = OutcomeWatch::begin(project, policies, day);
        let trends = Trends::begin(&project.config.time.zones, policies, TrendRules::default(), day);
        let (desk, policies) = (Desk::begin(project, day), PolicyWatch::begin(project, policies, day));
        Ok(Self {
            project,
            day,
            prevalence,
            drift: DriftWatch::begin(project, champion, day),
            desk,
            policies,
            trends,
            outcomes,
            rates: Rates::begin(day),
        })
    }

    /// Sees a batch of a shard's items as they were scored: `rows` are those of `items`.
    ///
    /// # Errors
    /// When what a part keeps cannot be spilled.
    pub(super) fn add_batch(&mut self, shard: &Shard, items: &[(Item, &ContentRow)], rows: &[NightRow]) -> anyhow::Result<()> {
        self.drift.add_batch(items, rows);
        self.trends.add_batch(shard, items, rows);
        self.rates.add_batch(shard, items);
        Ok(())
    }

    /// Sees a whole shard once its items are scored.
    ///
    /// # Errors
    /// When what a part keeps cannot be spilled.
    pub(super) fn add_shard(&mut self, shard: &Shard, rows: &[NightRow]) -> anyhow::Result<()> {
        self.prevalence.add_shard(shard, rows);
        self.desk.add_shard(shard);
        self.policies.add_shard(shard, rows);
        self.outcomes.add_shard(shard, rows);
        Ok(())
    }

    /// Says what was found, and asks the gate.
    ///
    /// # Errors
    /// When what was kept or published cannot be read.
    pub(super) fn finish(self, night: &NightSeen<'_>) -> anyhow::Result<Monitored> {
        let root = &self.project.config.output.path;
        let past = Past::read(root, Day(self.day.0 - NIGHTS), Day(self.day.0 - 1))?;
        let profiles = read_profiles(root, self.day)?;
        let drift = self.drift.finish(night.champion, &profiles);
        let mut figures = self.prevalence.finish();
        figures.extend(drift.report.figures.iter().cloned());
        figures.extend(self.desk.finish(night.queue));
        let (of_policies, firing) = self.policies.finish(night.verdicts, &past);
        figures.extend(of_policies);
        figures.extend(self.outcomes.finish(night.verdicts));
        let (rates, shifted) = self.rates.finish(&figures, &past);
        figures.extend(rates);
        figures.extend(judge_targets(&goals(self.project), &figures, &past.figures()));
        let asked = GateNight {
            day: self.day,
            champion: night.champion,
            last_model: profiles.model_version.as_deref(),
            scores: night.scores,
            verdicts: night.verdicts,
            tables: night.tables,
            drift: &drift,
            figures: &figures,
        };
        let gate = ask_gate(self.project, &asked)?;
        figures.extend(gate.figures());
        let known: Vec<Trend> = past.nights.values().flat_map(|night| night.trends.iter().cloned()).collect();
        let trends = self.trends.finish(&known);
        let findings: Vec<Finding> = figures.iter().filter_map(Finding::of).chain(firing).chain(shifted).collect();
        let before = past.nights.values().next_back().map(|night| night.alarms.as_slice()).unwrap_or_default();
        let alarms = update_alarms(before, findings, self.day);
        let mut found = Monitored { gate, drift, figures, alarms, trends };
        found.sort();
        Ok(found)
    }
}

/// The goals of the configuration.
fn goals(project: &Project) -> Vec<Target> {
    let goal = |target: &TargetConfig| Target {
        id: target.id.clone(),
        metric: target.metric.clone(),
        segment: Segment {
            market: target.market,
            label: target.label.as_deref().map(Id::from),
            category: target.category.clone(),
            content_type: target.content_type,
            tier: None,
            subject: target.subject.clone(),
        },
        goal: target.goal,
        direction: match target.direction {
            GoalDirection::AtMost => TargetDirection::AtMost,
            GoalDirection::AtLeast => TargetDirection::AtLeast,
        },
        by: target.by,
    };
    project.config.monitor.targets.iter().map(goal).collect()
}

impl Monitored {
    fn sort(&mut self) {
        self.figures.sort_by(|a, b| {
            (a.segment.market, a.family, &a.metric, &a.segment).cmp(&(b.segment.market, b.family, &b.metric, &b.segment))
        });
        self.alarms.sort_by(|a, b| (a.segment.market, &a.check, &a.segment).cmp(&(b.segment.market, &b.check, &b.segment)));
        self.trends.sort_by(|a, b| a.market.cmp(&b.market).then(b.rank_score.total_cmp(&a.rank_score)).then(a.name.cmp(&b.name)));
    }

    /// Writes the night's tables: `metrics`, `alarms` and `trends`, one partition a market, and one for what is about no single market.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(super) fn write(
        &self,
        outlet: &Outlet,
        target: &dyn Fn(Option<Market>) -> PartitionTarget,
        run: &RunColumns,
    ) -> anyhow::Result<Vec<TablePlan>> {
        let of = |segment: &Segment| segment.market;
        Ok(vec![
            plan(&self.figures, |f| of(&f.segment), metrics_schema(), &|rows| metrics_columns(rows, run), (outlet, target))?,
            plan(&self.alarms, |a| of(&a.segment), alarms_schema(), &|rows| alarms_columns(rows, run), (outlet, target))?,
            plan(&self.trends, |t| Some(t.market), trends_schema(), &|rows| trends_columns(rows, run), (outlet, target))?,
        ])
    }
}

/// A table of `rows`, which are sorted by market.
fn plan<T>(
    rows: &[T],
    market: impl Fn(&T) -> Option<Market>,
    schema: TableSchema,
    columns: &dyn Fn(&[T]) -> Table,
    (outlet, target): (&Outlet, &dyn Fn(Option<Market>) -> PartitionTarget),
) -> anyhow::Result<TablePlan> {
    let mut files = Vec::new();
    for of_market in rows.chunk_by(|a, b| market(a) == market(b)) {
        let mut writer = outlet.writer(target, of_market.first().and_then(&market), schema.clone())?;
        writer.append(columns(of_market))?;
        files.extend(writer.finish()?);
    }
    Ok(TablePlan { schema, files })
}
