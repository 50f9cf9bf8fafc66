//! The monitor's part of a night: every part sees the rows as they are scored, and says what it found once all are there.

mod past;
mod prevalence;
mod tables;

use super::champion::Champion;
use super::deciding::{NightRow, Verdicts};
use super::input::Input;
use super::project::Project;
use super::publishing::Outlet;
use super::queueing::NightQueue;
use super::score_table::RunColumns;
use crate::dataset::{Item, Shard};
use crate::monitor::{Alarm, Figure, Segment, Trend};
use crate::policy::PolicySet;
use crate::publish::{PartitionTarget, Table, TablePlan, TableSchema};
use crate::tables::ContentRow;
use crate::units::{Day, Market};

pub(super) use past::{NIGHTS, Past, PastNight};
use prevalence::Prevalence;
pub(super) use tables::{ALARMS, METRICS, TRENDS};
use tables::{alarms_columns, alarms_schema, metrics_columns, metrics_schema, trends_columns, trends_schema};

/// Looks at a night while it is scored.
pub(super) struct Watch<'a> {
    project: &'a Project,
    day: Day,
    prevalence: Prevalence<'a>,
}

/// What the monitor found of a night.
#[derive(Debug, Default)]
pub(super) struct Monitored {
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
        _policies: &'a PolicySet,
        day: Day,
    ) -> anyhow::Result<Self> {
        Ok(Self { project, day, prevalence: Prevalence::begin(project, champion, day) })
    }

    /// Sees a batch of a shard's items as they were scored: `rows` are those of `items`.
    ///
    /// # Errors
    /// When what a part keeps cannot be spilled.
    pub(super) fn add_batch(&mut self, _shard: &Shard, _items: &[(Item, &ContentRow)], _rows: &[NightRow]) -> anyhow::Result<()> {
        Ok(())
    }

    /// Sees a whole shard once its items are scored.
    ///
    /// # Errors
    /// When what a part keeps cannot be spilled.
    pub(super) fn add_shard(&mut self, shard: &Shard, rows: &[NightRow]) -> anyhow::Result<()> {
        self.prevalence.add_shard(shard, rows);
        Ok(())
    }

    /// Says what was found.
    ///
    /// # Errors
    /// When what was kept or published cannot be read.
    pub(super) fn finish(self, _verdicts: &Verdicts<'_>, _queue: &NightQueue) -> anyhow::Result<Monitored> {
        let _past = Past::read(&self.project.config.output.path, Day(self.day.0 - NIGHTS), Day(self.day.0 - 1))?;
        let mut found = Monitored::default();
        found.figures.extend(self.prevalence.finish());
        found.sort();
        Ok(found)
    }
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
