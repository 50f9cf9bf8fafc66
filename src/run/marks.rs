//! The published table `sellers`: marks gathered shard by shard, and written once every seller's peers are known.

use super::champion::Champion;
use super::input::Input;
use super::merge::{Ordered, ShardRows};
use super::project::Project;
use super::score_table::RunColumns;
use crate::dataset::Shard;
use crate::publish::{
    Column, ColumnData, ColumnKind, ColumnSpec, PartitionWriter, PublishError, Table, TableSchema, WrittenFile,
};
use crate::scoring::{LabelMark, MarkPriorsBuilder, MarkRules, NIGHT_BANDS, ScoreRow, ScoredLabel, SellerFacts, SellerMark};
use crate::units::{Day, Id, Market, Timestamp};

/// The table's name.
pub(super) const SELLERS: &str = "sellers";

/// Sellers turned into columns at a time.
const BATCH_SELLERS: usize = 4096;

/// Strikes whose expiry is told at most, the soonest.
const MOST_EXPIRIES: usize = 50;

/// By market, then seller.
impl Ordered for SellerFacts {
    type Key = (Market, Id);

    fn key(&self) -> Self::Key {
        (self.market, self.seller_id.clone())
    }
}

/// Gathers the facts of a night's sellers.
pub(super) struct Marks<'a> {
    rules: MarkRules<'a>,
    expires_days: u32,
    facts: ShardRows<SellerFacts>,
    priors: MarkPriorsBuilder,
}

impl<'a> Marks<'a> {
    /// Nothing gathered yet.
    ///
    /// # Errors
    /// When the scratch folder cannot be written.
    pub(super) fn begin(project: &'a Project, input: &'a Input, champion: &'a Champion, day: Day) -> anyhow::Result<Self> {
        let rules = MarkRules {
            config: &project.config.marks,
            history: &input.history,
            labels: &champion.labels,
            presence: &input.presence,
            zones: &project.config.time.zones,
            day,
        };
        let facts = ShardRows::create(&project.rim.scratch)?;
        Ok(Self { rules, expires_days: project.config.run.expires_days, facts, priors: MarkPriorsBuilder::default() })
    }

    /// Adds the sellers of a shard, whose scores are `rows`.
    ///
    /// # Errors
    /// When they cannot be spilled.
    pub(super) fn add<'r>(&mut self, shard: &Shard, rows: impl Iterator<Item = &'r ScoreRow>) -> anyhow::Result<()> {
        let facts = self.rules.facts(shard, rows);
        facts.iter().for_each(|facts| self.priors.add(facts));
        Ok(self.facts.push_shard(facts)?)
    }

    /// Writes every seller's mark, one partition a market, sellers by identifier; `writer` opens a partition of the table.
    ///
    /// # Errors
    /// When anything cannot be read back or written.
    pub(super) fn write(
        self,
        run: &RunColumns,
        writer: impl Fn(Market, TableSchema) -> Result<PartitionWriter, PublishError>,
    ) -> anyhow::Result<Vec<WrittenFile>> {
        let schema = sellers_schema(self.rules.labels);
        let priors = self.priors.finish(self.rules.config);
        let columns = |batch: &[SellerMark]| sellers_columns(batch, self.rules.labels, self.expires_days, run);
        let mut files = Vec::new();
        let mut rows = self.facts.merged()?.peekable();
        while let Some(row) = rows.peek() {
            let Ok(first) = row else { break };
            let market = first.market;
            let mut partition = writer(market, schema.clone())?;
            let mut batch = Vec::with_capacity(BATCH_SELLERS);
            // An error is of no market: it ends the partition, and the loop takes it.
            while let Some(row) = rows.next_if(|row| row.as_ref().is_ok_and(|facts| facts.market == market)) {
                batch.push(priors.mark(&self.rules, row?));
                if batch.len() == BATCH_SELLERS {
                    partition.append(columns(&batch))?;
                    batch.clear();
                }
            }
            partition.append(columns(&batch))?;
            files.extend(partition.finish()?);
        }
        rows.next().transpose()?;
        Ok(files)
    }
}

/// The `sellers` table without its partition columns `as_of` and `market`.
#[must_use]
pub(super) fn sellers_schema(labels: &[ScoredLabel]) -> TableSchema {
    use ColumnKind::{Date, F32, F64, I32, I64, Reasons, Text, TextList, Timestamp};
    let column = |name: &str, kind, doc: &str| ColumnSpec { name: name.to_owned(), kind, doc: doc.to_owned() };
    let mut columns = vec![
        column("seller_id", Text, "the seller"),
        column("tier", Text, "its tier at the midnight"),
        column("items_known", I64, "its published items that were known at the midnight"),
        column("items_scored", I64, "of its items, those that are scored this night"),
        column("health", I32, "0 to 1000: 1000 less what strikes and established violation rates cost; null without decisions"),
        column("health_band", Text, "healthy, unproven, at_risk, weak, critical, or unknown without decisions"),
        column(
            "drivers",
            Reasons,
            "what costs most health, at most three, each with the health that it costs as a negative number",
        ),
        column("points", I64, "violation points of the strikes that have not expired"),
        column("active_strikes", I64, "strikes that have not expired, one a label and item, of all labels"),
        column("strike_weight", F64, "sum over them of the severity weight (1, 3, 10, 30, 100), halved every half-life"),
        column("next_expiry", Timestamp, "when the next strike expires"),
        column("points_expiring", I64, "points that go then"),
        column("strike_expiries", TextList, "time and label of the strikes that expire next, at most 50"),
        column("items_decided", I64, "items with a decision that stands, of the days that make rates"),
        column("items_violating", I64, "of these, items found violating of any label"),
        column("decisions", I64, "decisions ever known, whether or not they stand"),
        column("overturned", I64, "of these, those that were overturned"),
        column("last_decision", Date, "day of the last decision"),
        column("last_violation", Date, "day of the last violating decision that stands"),
        column("views_7d", I64, "views of its scored items in the last 7 days"),
    ];
    let share = |band: &str| {
        column(&format!("view_share_{band}"), F32, &format!("share of views_7d of items of band {band} by their scores"))
    };
    columns.extend(NIGHT_BANDS.iter().map(|band| share(band)));
    for label in labels {
        let id = &label.id;
        columns.extend([
            column(&format!("n_{id}"), I64, &format!("items decided for {id}")),
            column(&format!("violating_{id}"), I64, &format!("of n_{id}, items found violating")),
            column(&format!("rate_{id}"), F32, &format!("violating_{id} per n_{id}, shrunk to the rate of the seller's tier")),
            column(&format!("lower_{id}"), F32, &format!("lower end of the 95 % credible interval of rate_{id}")),
            column(&format!("upper_{id}"), F32, &format!("upper end of the 95 % credible interval of rate_{id}")),
            column(&format!("peers_{id}"), F32, &format!("what rate_{id} is shrunk to: the rate of the seller's tier")),
            column(&format!("strikes_{id}"), I64, &format!("strikes for {id} that have not expired")),
        ]);
    }
    columns.extend([
        column("model_version", Text, "the model"),
        column("run_id", Text, "hash of inputs, configuration and model"),
        column("expires_at", Timestamp, "until when the row may be used"),
    ]);
    TableSchema { name: SELLERS, columns }
}

/// Marks as columns of [`sellers_schema`].
#[must_use]
pub(super) fn sellers_columns(marks: &[SellerMark], labels: &[ScoredLabel], expires_days: u32, run: &RunColumns) -> Table {
    let text = |value: &dyn Fn(&SellerMark) -> Option<String>| ColumnData::Text(marks.iter().map(value).collect());
    let count = |value: &dyn Fn(&SellerMark) -> Option<u64>| ColumnData::counts(marks.iter().map(value));
    let day = |value: &dyn Fn(&SellerMark) -> Option<Day>| ColumnData::Date(marks.iter().map(value).collect());
    let instant = |value: &dyn Fn(&SellerMark) -> Option<Timestamp>| ColumnData::Timestamp(marks.iter().map(value).collect());
    let expiries = |mark: &SellerMark| match &mark.facts.record {
        Some(record) => record.strikes.iter().take(MOST_EXPIRIES).map(|(at, label)| format!("{at} {label}")).collect(),
        None => Vec::new(),
    };
    let mut columns: Vec<(String, ColumnData)> = vec![
        ("seller_id".into(), text(&|m| Some(m.facts.seller_id.to_string()))),
        ("tier".into(), text(&|m| m.facts.tier.as_ref().map(ToString::to_string))),
        ("items_known".into(), count(&|m| Some(m.facts.items_known))),
        ("items_scored".into(), count(&|m| Some(m.facts.items_scored))),
        ("health".into(), ColumnData::I32(marks.iter().map(|m| i32::try_from(m.health?).ok()).collect())),
        ("health_band".into(), text(&|m| Some(m.health_band.to_owned()))),
        ("drivers".into(), ColumnData::Reasons(marks.iter().map(|m| m.drivers.clone()).collect())),
        ("points".into(), count(&|m| m.points)),
        ("active_strikes".into(), count(&|m| Some(m.facts.record.as_ref()?.strikes.len() as u64))),
        ("strike_weight".into(), ColumnData::F64(marks.iter().map(|m| Some(m.facts.record.as_ref()?.strike_weight)).collect())),
        ("next_expiry".into(), instant(&|m| m.facts.record.as_ref()?.strikes.first().map(|(at, _)| *at))),
        ("points_expiring".into(), count(&|m| m.points_expiring)),
        ("strike_expiries".into(), ColumnData::TextList(marks.iter().map(expiries).collect())),
        ("items_decided".into(), count(&|m| Some(m.facts.record.as_ref()?.items_decided))),
        ("items_violating".into(), count(&|m| Some(m.facts.record.as_ref()?.items_violating))),
        ("decisions".into(), count(&|m| Some(m.facts.record.as_ref()?.decisions))),
        ("overturned".into(), count(&|m| Some(m.facts.record.as_ref()?.overturned))),
        ("last_decision".into(), day(&|m| m.facts.record.as_ref()?.last_decision)),
        ("last_violation".into(), day(&|m| m.facts.record.as_ref()?.last_violation)),
        ("views_7d".into(), count(&|m| Some(total(&m.facts.views?)))),
    ];
    for (at, band) in NIGHT_BANDS.iter().enumerate() {
        let share = |m: &SellerMark| {
            let views = m.facts.views?;
            let all = total(&views);
            (all > 0).then(|| (views.get(at).copied().unwrap_or(0) as f64 / all as f64) as f32)
        };
        columns.push((format!("view_share_{band}"), ColumnData::F32(marks.iter().map(share).collect())));
    }
    for (at, label) in labels.iter().enumerate() {
        columns.extend(label_columns(marks, at, &label.id));
    }
    columns.extend([
        ("model_version".into(), text(&|_| Some(run.model_version.clone()))),
        ("run_id".into(), text(&|_| Some(run.run_id.clone()))),
        ("expires_at".into(), instant(&|m| Some(m.facts.as_of.plus_days(i64::from(expires_days))))),
    ]);
    Table { columns: columns.into_iter().map(|(name, data)| Column { name, data }).collect() }
}

fn label_columns(marks: &[SellerMark], at: usize, label: &Id) -> Vec<(String, ColumnData)> {
    let of = |mark: &SellerMark| mark.labels.get(at).copied();
    let count = |value: fn(LabelMark) -> u64| ColumnData::counts(marks.iter().map(|mark| of(mark).map(value)));
    let number =
        |value: fn(LabelMark) -> f64| ColumnData::F32(marks.iter().map(|mark| of(mark).map(|m| value(m) as f32)).collect());
    vec![
        (format!("n_{label}"), count(|m| m.record.decided)),
        (format!("violating_{label}"), count(|m| m.record.violating)),
        (format!("rate_{label}"), number(|m| m.rate)),
        (format!("lower_{label}"), number(|m| m.low)),
        (format!("upper_{label}"), number(|m| m.high)),
        (format!("peers_{label}"), number(|m| m.prior_mean)),
        (format!("strikes_{label}"), count(|m| m.strikes)),
    ]
}

fn total(views: &[u64]) -> u64 {
    views.iter().fold(0, |sum, n| sum.saturating_add(*n))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::publish::{Compression, PartitionTarget, WriterOptions};
    use crate::scoring::{LabelRecord, SellerRecord};
    use crate::units::{LabelKind, Severity};

    fn label(id: &str) -> ScoredLabel {
        let severity = Severity::new(3).unwrap();
        ScoredLabel { id: id.into(), kind: LabelKind::Abuse, severity, weight: 1.0, content_types: BTreeSet::new() }
    }

    fn run() -> RunColumns {
        RunColumns { model_version: "m".to_owned(), policy_version: "p".to_owned(), run_id: "r".to_owned() }
    }

    /// No label's columns can be taken for another's, or for one that every table has, whatever the labels are called.
    #[test]
    fn column_names_are_distinct() {
        let fixed: BTreeSet<String> = sellers_schema(&[]).columns.into_iter().map(|c| c.name).collect();
        let prefixes = ["n_", "violating_", "rate_", "lower_", "upper_", "peers_", "strikes_"];
        assert!(!fixed.iter().any(|name| prefixes.iter().any(|prefix| name.starts_with(prefix))), "{fixed:?}");
        let names: Vec<String> =
            sellers_schema(&["n", "n_n", "scam", "rate_scam"].map(label)).columns.into_iter().map(|c| c.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(sellers_schema(&[label("scam")]).columns.iter().all(|column| !column.doc.is_empty()));
    }

    #[test]
    fn the_page_has_every_column() {
        let page = include_str!("../../docs/seller_marks.md");
        for column in sellers_schema(&[label("<label>")]).columns {
            assert!(page.contains(&format!("| `{}` |", column.name)), "docs/seller_marks.md lacks `{}`", column.name);
        }
    }

    #[test]
    fn a_mark_is_written_with_and_without_decisions() {
        let dir = tempfile::tempdir().unwrap();
        let labels = [label("scam")];
        let record = SellerRecord {
            labels: vec![LabelRecord { decided: 4, violating: 1 }],
            strikes: (0..60).map(|i| (Timestamp(i), "scam".into())).collect(),
            ..SellerRecord::default()
        };
        let facts = |seller: &str, record: Option<SellerRecord>| SellerFacts {
            seller_id: seller.into(),
            market: "SG".parse().unwrap(),
            as_of: Timestamp(0),
            tier: None,
            items_known: 1,
            items_scored: 1,
            views: record.as_ref().map(|_| [3, 0, 0, 1, 0]),
            record,
        };
        let mark = LabelMark {
            record: LabelRecord { decided: 4, violating: 1 },
            rate: 0.25,
            low: 0.125,
            high: 0.5,
            prior_mean: 0.1,
            strikes: 60,
        };
        let of = |facts: SellerFacts, labels: Vec<LabelMark>| SellerMark {
            points: labels.first().map(|_| 7),
            points_expiring: None,
            health: labels.first().map(|_| 860),
            health_band: "healthy",
            drivers: Vec::new(),
            facts,
            labels,
        };
        let marks = [of(facts("a", Some(record)), vec![mark]), of(facts("b", None), Vec::new())];
        let target = PartitionTarget {
            root: dir.path().to_path_buf(),
            as_of: "2026-11-01".parse().unwrap(),
            market: Some("SG".parse().unwrap()),
            run_id: "r".to_owned(),
            attempt: 1,
        };
        let options = WriterOptions { compression: Compression::Zstd, row_group_rows: 1000, max_file_rows: 1000 };
        let mut writer = PartitionWriter::new(target, sellers_schema(&labels), options).unwrap();
        let table = sellers_columns(&marks, &labels, 2, &run());
        assert_eq!(table.column("view_share_good"), Some(&ColumnData::F32(vec![Some(0.75), None])));
        assert_eq!(table.column("rate_scam"), Some(&ColumnData::F32(vec![Some(0.25), None])));
        assert_eq!(table.column("active_strikes"), Some(&ColumnData::I64(vec![Some(60), None])));
        assert_eq!(table.column("points"), Some(&ColumnData::I64(vec![Some(7), None])));
        let Some(ColumnData::TextList(expiries)) = table.column("strike_expiries") else { panic!("{table:?}") };
        assert_eq!((expiries[0].len(), expiries[1].len()), (50, 0));
        assert_eq!(expiries[0][0], "1970-01-01T00:00:00Z scam");
        writer.append(table).unwrap();
        assert_eq!(writer.finish().unwrap().iter().map(|file| file.rows).sum::<u64>(), 2);
    }
}
