//! Sums and samples become figures.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::calibration_gap::gap;
use super::sample::{Placed, SampledItem, place, rows_by_cut};
use super::tally::{Cut, PrevalenceTally, Said, ViewWindow};
use super::{BucketRates, GoldenCounts, Rate, SampledRow, corrected, rate};
use crate::evaluation::Interval;
use crate::monitor::{Family, Figure, Range, Segment, Unit};
use crate::units::{Day, Id};

/// Days whose draws count while they hold enough positives, and otherwise.
const RECENT_DAYS: i32 = 7;
const POOLED_DAYS: i32 = 28;

/// What a figure needs to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrevalenceLimits {
    /// Labelled items without which a part has no figure of its own.
    pub min_labelled: u64,
    /// Positives below which the draws of 28 days are pooled, and no figure of a single day is told.
    pub min_positives: u64,
    /// Golden cases of either kind without which reviewers' errors are not corrected for.
    pub min_golden: u64,
}

/// All that a night knows.
#[derive(Debug)]
pub struct PrevalenceInput<'a> {
    /// The midnight's day: the last whole day is the one before.
    pub day: Day,
    /// Labels; the subject after the last is any abuse.
    pub labels: &'a [Id],
    /// All items.
    pub tally: &'a PrevalenceTally,
    /// Drawn ones, by identifier.
    pub items: &'a [SampledItem],
    /// Answers on golden cases, by label.
    pub golden: &'a BTreeMap<Id, GoldenCounts>,
    /// Limits.
    pub limits: PrevalenceLimits,
}

/// The rates of views by cut and label, then how far probabilities lie from what is found. In a fixed order.
#[must_use]
pub fn prevalence_figures(input: &PrevalenceInput<'_>) -> Vec<Figure> {
    let told = input.tally.told();
    let items = place(input.items, &told);
    let of = |subject: usize| {
        let rates = [week(input, (&told, &items), subject), last_day(input, (&told, &items), subject)].concat();
        [rates, calibration(input, subject)].concat()
    };
    (0..=input.labels.len()).into_par_iter().flat_map_iter(of).collect()
}

fn segment(input: &PrevalenceInput<'_>, subject: usize, cut: &Cut) -> Segment {
    Segment {
        market: cut.market,
        label: input.labels.get(subject).cloned(),
        category: cut.category.as_ref().map(ToString::to_string),
        content_type: cut.content_type,
        ..Segment::default()
    }
}

fn range(interval: Interval) -> Option<Range> {
    Some(Range { low: interval.low, high: interval.high })
}

/// Views of 7 days; where a part has too few labelled items, what its score buckets hold elsewhere.
fn week(input: &PrevalenceInput<'_>, (told, items): (&[(&Cut, usize)], &[Placed<'_>]), subject: usize) -> Vec<Figure> {
    let of = |days| rows_by_cut(items, input.tally, (subject, ViewWindow::Week, days));
    let (recent, pooled) = (of(RECENT_DAYS), of(POOLED_DAYS));
    let all = input.tally.number(&Cut::default()).and_then(|all| pooled.get(all));
    let everywhere = all.map_or(&[][..], Vec::as_slice);
    let buckets = BucketRates::of(everywhere);
    let mut figures = Vec::new();
    for (cut, number) in told {
        let Some(cell) = input.tally.cell(*number, subject, ViewWindow::Week).filter(|cell| cell.views() > 0.0) else { continue };
        let enough = |rows: &&Vec<SampledRow>| rows.len() as u64 >= input.limits.min_labelled;
        let many = |rows: &&Vec<SampledRow>| positives(rows) >= input.limits.min_positives;
        let (rows, days) = match recent.get(*number).filter(enough).filter(many) {
            Some(rows) => (Some(rows), RECENT_DAYS),
            None => (pooled.get(*number).filter(enough), POOLED_DAYS),
        };
        let about = segment(input, subject, cut);
        if let Some(found) = rows.and_then(|rows| rate(rows, cell.mean_predicted())) {
            let note = explained(input, subject, &found, (7, days));
            figures.push(direct("violative_view_rate", &about, &found, note.clone()));
            figures.extend(without_errors(input, &about, &found, note));
        } else if cut.category.is_none() && cell.unscored == 0 {
            let surrogate = buckets.as_ref().and_then(|of| Some((of, of.rate(&cell.buckets)?)));
            figures.extend(surrogate.map(|(of, (value, interval))| Figure {
                value: Some(value),
                interval: range(interval),
                n: of.n,
                positives: Some(of.positives),
                method: "surrogate",
                note: Some(format!(
                    "too few labelled items of its own: what its scores hold where they were labelled; {}",
                    period(input, subject, (7, POOLED_DAYS))
                )),
                ..Figure::new(Family::Prevalence, "violative_view_rate", about, Unit::PerTenThousand)
            }));
        }
    }
    figures
}

/// Views of the last whole day, of all and of each market, where the last week's draws held enough positives.
fn last_day(input: &PrevalenceInput<'_>, (told, items): (&[(&Cut, usize)], &[Placed<'_>]), subject: usize) -> Vec<Figure> {
    let rows = rows_by_cut(items, input.tally, (subject, ViewWindow::Day, RECENT_DAYS));
    let whole = told.iter().filter(|(cut, _)| cut.category.is_none() && cut.content_type.is_none());
    let figures = whole.filter_map(|(cut, number)| {
        let rows = rows.get(*number).filter(|rows| rows.len() as u64 >= input.limits.min_labelled)?;
        if positives(rows) < input.limits.min_positives {
            return None;
        }
        let cell = input.tally.cell(*number, subject, ViewWindow::Day)?;
        let found = rate(rows, cell.mean_predicted())?;
        let note = explained(input, subject, &found, (1, RECENT_DAYS));
        Some(direct("violative_view_rate_day", &segment(input, subject, cut), &found, note))
    });
    figures.collect()
}

fn positives(rows: &[SampledRow]) -> u64 {
    rows.iter().filter(|row| row.violating).count() as u64
}

fn direct(metric: &str, about: &Segment, found: &Rate, note: String) -> Figure {
    Figure {
        value: Some(found.value),
        interval: range(found.interval),
        n: found.n,
        positives: Some(found.positives),
        method: found.method.as_str(),
        note: Some(note),
        ..Figure::new(Family::Prevalence, metric, about.clone(), Unit::PerTenThousand)
    }
}

/// The same for reviewers that never err, where golden cases tell how often they do.
fn without_errors(input: &PrevalenceInput<'_>, about: &Segment, found: &Rate, note: String) -> Option<Figure> {
    let golden = input.golden.get(about.label.as_ref()?)?;
    let (value, interval) = corrected(found, golden, input.limits.min_golden)?;
    let GoldenCounts { found: hits, violating, cleared, compliant } = golden;
    let note = format!("{note}; on golden cases reviewers found {hits} of {violating} and cleared {cleared} of {compliant}");
    let figure = direct("violative_view_rate_corrected", about, found, note);
    Some(Figure { value: Some(value), interval: range(interval), method: "rogan-gladen", ..figure })
}

/// What was counted: which views, whose decisions.
fn period(input: &PrevalenceInput<'_>, subject: usize, (views, days): (i32, i32)) -> String {
    let last = input.day.plus(-1);
    let whole = if views == 1 { format!("views of {last}") } else { format!("views of {views} days to {last}") };
    let any = if subject == input.labels.len() { "any abuse; " } else { "" };
    format!("{any}{whole}; items drawn and decided within {days} days")
}

fn explained(input: &PrevalenceInput<'_>, subject: usize, found: &Rate, window: (i32, i32)) -> String {
    let period = period(input, subject, window);
    if found.lambda > 0.0 { format!("{period}; λ {:.2}", found.lambda) } else { period }
}

/// Predicted less found on decisions of 28 days that the model cannot have learned: of all, and of each market.
fn calibration(input: &PrevalenceInput<'_>, subject: usize) -> Vec<Figure> {
    let mut by_cut: BTreeMap<Cut, Vec<SampledRow>> = BTreeMap::new();
    for item in input.items {
        let Some(Said::Probability(p)) = item.predicted(subject) else { continue };
        for (draw, violating) in item.said_of(subject, POOLED_DAYS).filter(|(draw, _)| draw.is_fresh) {
            let (weight, inclusion) = (1.0 / draw.inclusion, draw.inclusion);
            let row = SampledRow { violating, predicted: Some(p), weight, inclusion, cluster: item.cluster };
            by_cut.entry(Cut::default()).or_default().push(row);
            by_cut.entry(Cut { market: Some(item.market), ..Cut::default() }).or_default().push(row);
        }
    }
    let enough = by_cut.into_iter().filter(|(_, rows)| rows.len() as u64 >= input.limits.min_labelled);
    let figures = enough.filter_map(|(cut, rows)| {
        let found = gap(&rows)?;
        Some(Figure {
            value: Some(found.value),
            interval: range(found.interval),
            n: found.n,
            positives: Some(found.positives),
            method: "hajek",
            note: Some(
                "mean probability less share found violating, of items drawn and decided since the model was trained".to_owned(),
            ),
            ..Figure::new(Family::Calibration, "calibration_gap", segment(input, subject, &cut), Unit::Share)
        })
    });
    figures.collect()
}
