//! Tonight held against its baselines, column by column, in all markets together and in each.

use std::collections::{BTreeMap, BTreeSet};

use super::baseline::{Baselines, Reference};
use super::counted::Counted;
use super::distance::{Distance, chi_squared_tail, distance};
use super::figures;
use super::levels;
use super::profile::{Column, ColumnKind, Counts, MarketProfile, Profile};
use crate::config::DriftLimits;
use crate::evaluation::FalseDiscoveryControl;
use crate::monitor::Figure;
use crate::units::Market;

/// The model of tonight, and of the last night.
#[derive(Debug, Clone, Copy)]
pub struct ModelVersions<'a> {
    /// Of tonight.
    pub tonight: &'a str,
    /// Of the last published night, if any.
    pub last: Option<&'a str>,
}

/// What the drift checks found; the gate judges by it.
#[derive(Debug, Clone, Default)]
pub struct DriftReport {
    /// All figures; findings are those with [`State::Warning`](crate::monitor::State).
    pub figures: Vec<Figure>,
    /// Columns in all markets together that could be compared with nights before.
    pub columns_compared: u64,
    /// Of these, those beyond `psi_alarm`.
    pub columns_moved: u64,
    /// The score that moved most in all markets together, its PSI and rows.
    pub score_moved: Option<(String, f64, u64)>,
    /// Columns that were there in at least half of the rows of nights before, and in none tonight; with tonight's rows.
    pub gone_null: Vec<(String, u64)>,
    /// Markets of nights before without an item tonight, with their mean number of items.
    pub missing_markets: Vec<(Market, u64)>,
}

/// One column of one segment against one baseline.
#[derive(Debug, Clone)]
pub(super) struct Compared {
    pub reference: Reference,
    pub market: Option<Market>,
    pub column: Column,
    pub distance: Option<Distance>,
    /// Rows that are not null, tonight and in the baseline.
    pub present: [f64; 2],
    /// All rows.
    pub rows: [f64; 2],
    pub nulls: [f64; 2],
    /// Whether it is a finding.
    pub is_psi_finding: bool,
    pub is_null_finding: bool,
}

impl Compared {
    fn of(
        reference: Reference,
        market: Option<Market>,
        column: &Column,
        tonight: &Counted,
        before: &Counted,
        least: f64,
    ) -> Self {
        let is_enough = tonight.present >= least && before.present >= least;
        Self {
            reference,
            market,
            column: column.clone(),
            distance: if is_enough { distance(tonight, before) } else { None },
            present: [tonight.present, before.present],
            rows: [tonight.n(), before.n()],
            nulls: [tonight.nulls, before.nulls],
            is_psi_finding: false,
            is_null_finding: false,
        }
    }

    /// By how much the null rate rose; `None` with too few rows.
    pub(super) fn null_change(&self, least: f64) -> Option<f64> {
        let is_enough = self.rows.iter().all(|n| *n >= least);
        is_enough.then(|| self.nulls[0] / self.rows[0] - self.nulls[1] / self.rows[1])
    }

    /// Pearson's test that both null rates are one.
    fn null_p(&self) -> f64 {
        let pooled = (self.nulls[0] + self.nulls[1]) / (self.rows[0] + self.rows[1]);
        let variance = pooled * (1.0 - pooled) * (1.0 / self.rows[0] + 1.0 / self.rows[1]);
        let difference = self.nulls[0] / self.rows[0] - self.nulls[1] / self.rows[1];
        if variance > 0.0 { chi_squared_tail(difference * difference / variance, 1) } else { 1.0 }
    }
}

/// Holds `tonight` against `baselines`.
#[must_use]
pub fn judge_drift(tonight: &Profile, baselines: &Baselines, models: ModelVersions<'_>, limits: &DriftLimits) -> DriftReport {
    let mut report = DriftReport::default();
    let all = tonight.all();
    let segments: Vec<(Option<Market>, &MarketProfile)> =
        [(None, &all)].into_iter().chain(tonight.markets.iter().map(|(market, profile)| (Some(*market), profile))).collect();
    let mut compared = recent(&segments, baselines, limits);
    discover(&mut compared, limits);
    for pair in compared.chunks(2).filter(|pair| pair.iter().all(|c| c.market.is_none())) {
        note(pair, limits, &mut report);
    }
    report.figures.extend(figures::model_changed(models, report.score_moved.as_ref()));
    levels::judge(&segments, baselines, &compared, limits, &mut report);
    let mut flat: Vec<Compared> = compared;
    flat.extend(training(&all, baselines, limits));
    figures::of_columns(&flat, baselines, limits, &mut report.figures);
    report
}

/// Every column against both kinds of nights before, in pairs.
fn recent(segments: &[(Option<Market>, &MarketProfile)], baselines: &Baselines, limits: &DriftLimits) -> Vec<Compared> {
    let least = limits.min_rows as f64;
    let mut compared = Vec::new();
    for (market, profile) in segments {
        for (column, counts) in &profile.columns {
            let Some(now) = Counted::mean(&[counts]) else { continue };
            let of = |reference| {
                let before = baselines.column(reference, *market, column)?;
                Some(Compared::of(reference, *market, column, &now, &before, least))
            };
            if let (Some(season), Some(last)) = (of(baselines.season), of(Reference::LastNights)) {
                compared.extend([season, last]);
            }
        }
    }
    compared
}

/// Marks the findings. A column has moved when it is far from both baselines: from the mean alone every Sunday is, from the week before
/// alone everything that was odd then. The p-value of "both" is the larger one (Berger 1982), and Benjamini and Hochberg's procedure goes over all
/// tests of the night.
fn discover(compared: &mut [Compared], limits: &DriftLimits) {
    let least = limits.min_rows as f64;
    let mut tests: Vec<(usize, Test, f64)> = Vec::new();
    for (at, pair) in compared.chunks(2).enumerate() {
        let [season, last] = pair else { continue };
        if let (Some(a), Some(b)) = (season.distance, last.distance) {
            tests.push((at, Test::Psi, a.p_value.max(b.p_value)));
        }
        if season.null_change(least).is_some() && last.null_change(least).is_some() {
            tests.push((at, Test::Nulls, season.null_p().max(last.null_p())));
        }
    }
    let p: Vec<f64> = tests.iter().map(|(.., p)| *p).collect();
    let q = FalseDiscoveryControl::BenjaminiHochberg.adjust(&p);
    for ((at, test, _), q) in tests.iter().zip(q) {
        let Some([season, last]) = compared.get_mut(2 * at..2 * at + 2) else { continue };
        if q > limits.false_discovery_rate {
            continue;
        }
        match test {
            Test::Psi => season.is_psi_finding = [&*season, last].iter().all(|c| psi(c) >= limits.psi_alarm),
            Test::Nulls => {
                let change = |c: &Compared| c.null_change(least).unwrap_or(0.0);
                let (a, b) = (change(season), change(last));
                season.is_null_finding = a * b > 0.0 && a.abs().min(b.abs()) >= limits.null_rate_change;
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Test {
    Psi,
    Nulls,
}

fn psi(compared: &Compared) -> f64 {
    compared.distance.map_or(0.0, |distance| distance.psi)
}

/// What the gate must know of a column in all markets together.
fn note(pair: &[Compared], limits: &DriftLimits, report: &mut DriftReport) {
    let [season, last] = pair else { return };
    let n = season.rows[0] as u64;
    if season.distance.is_some() && season.column.kind != ColumnKind::Price {
        report.columns_compared += 1;
        report.columns_moved += u64::from(season.is_psi_finding);
    }
    let moved = psi(season).min(psi(last));
    let most = report.score_moved.as_ref().map_or(0.0, |(_, most, _)| *most);
    if season.column.kind == ColumnKind::Score && moved > most {
        report.score_moved = Some((season.column.to_string(), moved, season.present[0] as u64));
    }
    let was_there = pair.iter().all(|c| c.present[1] >= 0.5 * c.rows[1] && c.rows[1] >= limits.min_rows as f64);
    if was_there && season.present[0] == 0.0 && n >= limits.min_rows {
        report.gone_null.push((season.column.to_string(), n));
    }
}

/// Columns in all markets together against the rows that the model learned from.
fn training(all: &MarketProfile, baselines: &Baselines, limits: &DriftLimits) -> Vec<Compared> {
    let least = limits.min_rows as f64;
    let of = |(column, counts): (&Column, &Counts)| {
        let before = baselines.column(Reference::Training, None, column)?;
        let now = Counted::mean(&[counts])?;
        Some(Compared::of(Reference::Training, None, column, &now, &before, least))
    };
    all.columns.iter().filter_map(of).collect()
}

/// The findings to tell: of a column that moved in most markets, that of all markets together; of one that moved in few, those of these.
pub(super) fn told(compared: &[Compared], is_finding: fn(&Compared) -> bool) -> Vec<&Compared> {
    let found: Vec<&Compared> = compared.iter().filter(|c| is_finding(c)).collect();
    let mut markets: BTreeMap<&Column, [usize; 2]> = BTreeMap::new();
    for c in compared.iter().step_by(2).filter(|c| c.market.is_some()) {
        let counts = markets.entry(&c.column).or_default();
        counts[0] += 1;
        counts[1] += usize::from(is_finding(c));
    }
    let is_general = |column: &Column| {
        let [all, moved] = markets.get(column).copied().unwrap_or_default();
        moved == 0 || (all > 1 && 2 * moved > all)
    };
    let general: BTreeSet<&Column> =
        found.iter().filter(|c| c.market.is_none() && is_general(&c.column)).map(|c| &c.column).collect();
    found.into_iter().filter(|c| c.market.is_none() == general.contains(&c.column)).collect()
}
