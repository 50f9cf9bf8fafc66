//! Published nights as policies saw them: `scores` beside `evidence`, one market of one night at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::reads;
use crate::policy::{BatchRow, ColumnKind, PolicyColumns, PolicySet, ReplayItem};
use crate::publish::{ColumnData, PublishedVersion, Table, read_published};
use crate::run::champion::Champion;
use crate::run::exit::VerbError;
use crate::run::night_tables::KEPT;
use crate::run::project::Project;
use crate::scoring::band_of;
use crate::sql::{SqlColumn, SqlType, TextColumn};
use crate::units::{ContentType, Day, Id, Market, Timestamp, Treatment};

/// The published nights of a range.
pub(super) struct Nights<'a> {
    project: &'a Project,
    columns: PolicyColumns,
    scores: PublishedVersion,
    evidence: Option<PublishedVersion>,
    partitions: Vec<(Day, Market)>,
}

/// One market of one night.
pub(super) struct Partition<'a> {
    nights: &'a Nights<'a>,
    pub day: Day,
    pub market: Market,
    scores: Table,
    /// In the order of `scores`.
    evidence: BTreeMap<String, ColumnData>,
    kept: BTreeSet<String>,
    model: Option<String>,
    /// Rows that have no evidence.
    pub without_evidence: u64,
}

/// Columns of `scores` that are always read.
const SCORES: [&str; 7] = ["content_id", "content_type", "seller_id", "category", "treatment", "abuse", "quality"];
/// Columns of `evidence` that are always read.
const EVIDENCE: [&str; 5] = ["tier", "currency", "day_views", "day_orders", "day_gmv"];
/// Columns that the score table has as policies read them.
const OF_SCORES: [&str; 9] =
    ["content_id", "content_type", "seller_id", "category", "abuse", "quality", "expected_harm", "coverage", "calibration"];

impl<'a> Nights<'a> {
    /// Opens what `_published.json` names.
    ///
    /// # Errors
    /// When nothing is published, or a table cannot be opened.
    pub(super) fn open(project: &'a Project, champion: &Champion, range: (Option<Day>, Option<Day>)) -> anyhow::Result<Self> {
        let root = &project.config.output.path;
        let Some(published) = read_published(root)? else {
            let reason = format!("nothing is published in {}; `stallmark run` publishes a night", root.display());
            return Err(VerbError::Argument { argument: "--project", reason }.into());
        };
        let open = |table: &str| published.tables.get(table).map(|t| PublishedVersion::open(root, table, t.version)).transpose();
        let scores = open("scores")?.ok_or_else(|| VerbError::Argument {
            argument: "--project",
            reason: format!("{} names no table `scores`", root.display()),
        })?;
        let inside = |day: &Day| range.0.is_none_or(|from| *day >= from) && range.1.is_none_or(|to| *day <= to);
        let partitions: Vec<(Day, Market)> =
            scores.partitions().into_iter().filter_map(|(day, market)| Some((day.filter(inside)?, market?))).collect();
        let columns = crate::run::policies::columns_of(champion);
        Ok(Self { project, columns, evidence: open("evidence")?, scores, partitions })
    }

    /// The nights, rising.
    pub(super) fn days(&self) -> Vec<Day> {
        let mut days: Vec<Day> = self.partitions.iter().map(|(day, _)| *day).collect();
        days.dedup();
        days
    }

    /// The markets of a night, rising.
    pub(super) fn markets(&self, day: Day) -> Vec<Market> {
        self.partitions.iter().filter(|(known, _)| *known == day).map(|(_, market)| *market).collect()
    }

    /// The columns that `sets` read and that were not kept, by night.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    pub(super) fn missing(&self, sets: &[PolicySet]) -> anyhow::Result<BTreeMap<Day, BTreeSet<String>>> {
        let elsewhere = |name: &str| {
            let is_score = self.columns.get(name).is_some_and(|c| c.kind == ColumnKind::Score) && name != "forecast_views";
            is_score || ["content_id", "content_type", "seller_id", "category", "market", "as_of"].contains(&name)
        };
        let needed = sets.iter().flat_map(PolicySet::needs).map(str::to_owned);
        let wanted: BTreeSet<String> = needed.filter(|name| !elsewhere(name)).collect();
        let mut missing: BTreeMap<Day, BTreeSet<String>> = BTreeMap::new();
        for (day, market) in &self.partitions {
            let kept = self.kept(*day, *market)?;
            let lost = wanted.iter().filter(|name| !kept.contains(*name)).cloned();
            missing.entry(*day).or_default().extend(lost);
        }
        missing.retain(|_, names| !names.is_empty());
        Ok(missing)
    }

    /// Whether policies of `sets` read the band and some night has not kept it, so that it comes from the published scores and the limits of
    /// today.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    pub(super) fn lacks_band(&self, sets: &[PolicySet]) -> anyhow::Result<bool> {
        if !sets.iter().flat_map(|set| &set.policies).any(|policy| policy.reads().any(|name| name == "band")) {
            return Ok(false);
        }
        for (day, market) in &self.partitions {
            if !self.kept(*day, *market)?.contains("band") {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The columns that were kept.
    fn kept(&self, day: Day, market: Market) -> anyhow::Result<BTreeSet<String>> {
        let Some(evidence) = &self.evidence else { return Ok(BTreeSet::new()) };
        let first = evidence.read_first_text(day, market, KEPT)?;
        Ok(first.unwrap_or_default().split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// Reads one market of one night, as far as `sets` need it.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub(super) fn read(&'a self, day: Day, market: Market, sets: &[PolicySet]) -> anyhow::Result<Partition<'a>> {
        let wanted = reads(sets);
        let published: BTreeSet<&str> = self.scores.columns().iter().map(|(name, _)| name.as_str()).collect();
        let more = wanted.iter().map(String::as_str).filter(|name| published.contains(name));
        let mut names: Vec<&str> = SCORES.iter().copied().chain(more).collect();
        names.sort_unstable();
        names.dedup();
        let scores = self.scores.read(day, market, &names)?;
        let kept = self.kept(day, market)?;
        let model =
            if published.contains("model_version") { self.scores.read_first_text(day, market, "model_version")? } else { None };
        let (evidence, without_evidence) = (BTreeMap::new(), 0);
        let mut partition = Partition { nights: self, day, market, scores, evidence, kept, model, without_evidence };
        partition.attach(&wanted)?;
        Ok(partition)
    }
}

impl Partition<'_> {
    /// Reads the evidence and puts it in the order of the scores.
    fn attach(&mut self, wanted: &BTreeSet<String>) -> anyhow::Result<()> {
        let n_rows = self.n_rows();
        let Some(evidence) = &self.nights.evidence else {
            self.without_evidence = n_rows as u64;
            return Ok(());
        };
        let there: BTreeSet<&str> = evidence.columns().iter().map(|(name, _)| name.as_str()).collect();
        let wanted = wanted.iter().map(String::as_str).chain(EVIDENCE);
        let mut names: BTreeSet<&str> = wanted.filter(|name| there.contains(name) && self.kept.contains(*name)).collect();
        names.insert("content_id");
        let names: Vec<&str> = names.into_iter().collect();
        let table = evidence.read(self.day, self.market, &names)?;
        let (ours, theirs) = (ids(&self.scores), ids(&table));
        let is_aligned = ours == theirs;
        let places: Vec<Option<usize>> = if is_aligned {
            Vec::new()
        } else {
            let by_id: BTreeMap<&str, usize> =
                theirs.iter().enumerate().filter_map(|(at, id)| Some((id.as_deref()?, at))).collect();
            ours.iter().map(|id| by_id.get(id.as_deref()?).copied()).collect()
        };
        self.without_evidence = places.iter().filter(|place| place.is_none()).count() as u64;
        for column in table.columns {
            if column.name != "content_id" {
                let data = if is_aligned { column.data } else { placed(&column.data, &places) };
                self.evidence.insert(column.name, data);
            }
        }
        Ok(())
    }

    /// Rows of the partition.
    pub(super) fn n_rows(&self) -> usize {
        self.scores.n_rows()
    }

    /// The model that scored it.
    pub(super) fn model_version(&self) -> Option<String> {
        self.model.clone()
    }

    fn text(&self, name: &str, row: usize) -> Option<&str> {
        let data = self.scores.column(name).or_else(|| self.evidence.get(name))?;
        if let ColumnData::Text(cells) = data { cells.get(row)?.as_deref() } else { None }
    }

    fn whole(&self, name: &str, row: usize) -> Option<u64> {
        let Some(ColumnData::I64(cells)) = self.evidence.get(name) else { return None };
        cells.get(row).copied().flatten().and_then(|n| u64::try_from(n).ok())
    }

    /// The rows of a range as policies see them.
    pub(super) fn batch_rows(&self, range: Range<usize>) -> Vec<BatchRow<'_>> {
        let row = |row| BatchRow {
            content_id: self.text("content_id", row).unwrap_or_default(),
            seller_id: self.text("seller_id", row),
            market: self.market,
            content_type: self.content_type(row),
        };
        range.map(row).collect()
    }

    fn content_type(&self, row: usize) -> ContentType {
        self.text("content_type", row).and_then(|text| text.parse().ok()).unwrap_or(ContentType::Listing)
    }

    /// What was published as its treatment.
    pub(super) fn treatment(&self, row: usize) -> Treatment {
        self.text("treatment", row).and_then(|text| text.parse().ok()).unwrap_or(Treatment::Allow)
    }

    /// The item of a row.
    pub(super) fn item(&self, row: usize) -> ReplayItem {
        let id = |name: &str| self.text(name, row).map(Id::from);
        let gmv = match self.evidence.get("day_gmv") {
            Some(ColumnData::F64(cells)) => cells.get(row).copied().flatten(),
            _ => None,
        };
        ReplayItem {
            content_id: id("content_id").unwrap_or_default(),
            seller_id: id("seller_id"),
            market: self.market,
            content_type: self.content_type(row),
            tier: id("tier"),
            category: id("category"),
            currency: id("currency"),
            views: self.whole("day_views", row),
            orders: self.whole("day_orders", row),
            gmv,
            published: self.treatment(row),
        }
    }

    /// The identifier of a row.
    pub(super) fn content_id(&self, row: usize) -> &str {
        self.text("content_id", row).unwrap_or_default()
    }

    /// The cells of a column; `None` where they were not kept.
    pub(super) fn column(&self, name: &str, range: Range<usize>) -> Option<SqlColumn> {
        match name {
            "market" => return Some(texts(range.map(|_| Some(self.market.as_str())))),
            "as_of" => {
                let midnight = self.nights.project.config.time.zones.as_of(self.market, self.day).instant;
                return Some(SqlColumn::Timestamp(vec![Some(midnight.0); range.len()]));
            }
            "band" if !self.evidence.contains_key("band") => return Some(self.bands(range)),
            _ => {}
        }
        let is_score = name.starts_with("p_") || OF_SCORES.contains(&name) || name == "labels_scored";
        let data = if is_score { self.scores.column(name) } else { None };
        let ty = self.nights.columns.get(name).map_or(SqlType::Text, |column| column.ty);
        data.or_else(|| self.evidence.get(name)).map(|data| sql_column(data, range, ty))
    }

    /// Bands before any treatment, from the published scores.
    fn bands(&self, range: Range<usize>) -> SqlColumn {
        let limits = &self.nights.project.config.score.bands;
        let number = |name: &str, row: usize| match self.scores.column(name) {
            Some(ColumnData::F32(cells)) => cells.get(row).copied().flatten().map(f64::from),
            _ => None,
        };
        texts(range.map(|row| Some(band_of(limits, number("abuse", row), number("quality", row)))))
    }

    /// Nulls of a column's type.
    pub(super) fn nulls(&self, name: &str, n_rows: usize) -> SqlColumn {
        SqlColumn::nulls(self.nights.columns.get(name).map_or(SqlType::Number, |column| column.ty), n_rows)
    }
}

/// The identifiers of a table's rows.
fn ids(table: &Table) -> &[Option<String>] {
    match table.column("content_id") {
        Some(ColumnData::Text(cells)) => cells,
        _ => &[],
    }
}

fn texts<'c>(cells: impl Iterator<Item = Option<&'c str>>) -> SqlColumn {
    let mut column = TextColumn::default();
    cells.for_each(|cell| column.push(cell));
    SqlColumn::Text(column)
}

/// A published column as policies read it.
fn sql_column(data: &ColumnData, range: Range<usize>, ty: SqlType) -> SqlColumn {
    let n_rows = range.len();
    match data {
        ColumnData::Text(cells) => texts(cells.get(range).unwrap_or_default().iter().map(Option::as_deref)),
        ColumnData::F32(cells) => {
            SqlColumn::Number(cells.get(range).unwrap_or_default().iter().map(|cell| cell.map(f64::from)).collect())
        }
        ColumnData::F64(cells) => SqlColumn::Number(cells.get(range).unwrap_or_default().to_vec()),
        ColumnData::I64(cells) => SqlColumn::Integer(cells.get(range).unwrap_or_default().to_vec()),
        ColumnData::I32(cells) => {
            SqlColumn::Integer(cells.get(range).unwrap_or_default().iter().map(|cell| cell.map(i64::from)).collect())
        }
        ColumnData::Timestamp(cells) => {
            let cells = cells.get(range).unwrap_or_default();
            SqlColumn::Timestamp(cells.iter().map(|cell| cell.map(|Timestamp(at)| at)).collect())
        }
        ColumnData::Boolean(_) | ColumnData::Date(_) | ColumnData::Reasons(_) | ColumnData::TextList(_) => {
            SqlColumn::nulls(ty, n_rows)
        }
    }
}

/// The cells at `places`; null where there is none.
fn placed(data: &ColumnData, places: &[Option<usize>]) -> ColumnData {
    fn at<T: Clone>(cells: &[Option<T>], places: &[Option<usize>]) -> Vec<Option<T>> {
        places.iter().map(|place| place.and_then(|at| cells.get(at).cloned().flatten())).collect()
    }
    match data {
        ColumnData::Text(cells) => ColumnData::Text(at(cells, places)),
        ColumnData::F32(cells) => ColumnData::F32(at(cells, places)),
        ColumnData::F64(cells) => ColumnData::F64(at(cells, places)),
        ColumnData::I64(cells) => ColumnData::I64(at(cells, places)),
        ColumnData::I32(cells) => ColumnData::I32(at(cells, places)),
        ColumnData::Boolean(cells) => ColumnData::Boolean(at(cells, places)),
        ColumnData::Date(cells) => ColumnData::Date(at(cells, places)),
        ColumnData::Timestamp(cells) => ColumnData::Timestamp(at(cells, places)),
        ColumnData::Reasons(_) | ColumnData::TextList(_) => ColumnData::nulls(data.kind(), places.len()),
    }
}
