//! Comparisons as figures: findings, what moved most, and sums of the rest.

use super::baseline::{Baselines, Reference};
use super::judge::{Compared, ModelVersions, told};
use super::profile::ColumnKind;
use crate::config::DriftLimits;
use crate::evaluation::{Confidence, wilson_weighted};
use crate::monitor::{Family, Figure, Range, Segment, State, Unit};
use crate::units::Market;

/// A segment of a market and a subject.
pub(super) fn about(market: Option<Market>, subject: Option<&str>) -> Segment {
    Segment { market, subject: subject.map(str::to_owned), ..Segment::default() }
}

/// With which night the first comparison is, in words.
pub(super) fn against(baselines: &Baselines) -> String {
    let day = baselines.season_day.map_or(String::new(), |day| format!(" ({day})"));
    match baselines.season {
        Reference::SameWeekday => format!("on the same weekday{day}"),
        _ => format!("on the last night{day}"),
    }
}

/// That the model is another one, by both names.
pub(super) fn model_changed(models: ModelVersions<'_>, moved: Option<&(String, f64, u64)>) -> Option<Figure> {
    let last = models.last?;
    let is_other = last != models.tonight;
    let figure = Figure::new(Family::Run, "model_changed", Segment::default(), Unit::Number);
    let how = moved
        .map_or("no score could be compared".to_owned(), |(score, psi, _)| format!("{score} moved most, by a PSI of {psi:.3}"));
    let note = match is_other {
        true => format!("model {last} scored the last night, model {} this one; {how}", models.tonight),
        false => format!("model {} as on the last night; {how}", models.tonight),
    };
    let (value, n) = (Some(f64::from(u8::from(is_other))), moved.map_or(0, |(.., n)| *n));
    let state = if is_other { State::Warning } else { State::Within };
    Some(Figure { value, n, state, note: Some(note), ..figure })
}

/// All findings, the movers of each baseline, all scores, and how many columns moved.
pub(super) fn of_columns(compared: &[Compared], baselines: &Baselines, limits: &DriftLimits, figures: &mut Vec<Figure>) {
    let psi_findings = told(compared, |c| c.is_psi_finding);
    figures.extend(psi_findings.iter().flat_map(|c| distances(c, state_of(c), baselines, limits)));
    let null_findings = told(compared, |c| c.is_null_finding);
    figures.extend(null_findings.iter().filter_map(|c| null_rate(c, State::Warning, baselines, limits)));
    for reference in [baselines.season, Reference::LastNights, Reference::Training] {
        let of: Vec<&Compared> = compared.iter().filter(|c| c.reference == reference).collect();
        let is_told = |c: &&&Compared| !psi_findings.iter().any(|told| std::ptr::eq(*told, **c));
        let mut judged: Vec<&Compared> = of.iter().filter(|c| c.distance.is_some()).copied().collect();
        judged.sort_by(|a, b| psi(b).total_cmp(&psi(a)).then_with(|| (a.market, &a.column).cmp(&(b.market, &b.column))));
        let is_score = |c: &Compared| c.column.kind == ColumnKind::Score && c.market.is_none();
        let movers = judged.iter().filter(|c| !is_score(c)).take(limits.movers).filter(is_told);
        let scores = judged.iter().filter(|c| is_score(c)).filter(is_told);
        figures.extend(movers.chain(scores).flat_map(|c| distances(c, State::Plain, baselines, limits)));
        figures.push(moved(reference, &of, limits, baselines));
    }
    let mut nulls: Vec<&Compared> = compared.iter().filter(|c| c.reference == baselines.season).collect();
    let change = |c: &Compared| c.null_change(limits.min_rows as f64).unwrap_or(0.0).abs();
    nulls.retain(|c| change(c) > 0.0 && !null_findings.iter().any(|told| std::ptr::eq(*told, *c)));
    nulls.sort_by(|a, b| change(b).total_cmp(&change(a)).then_with(|| (a.market, &a.column).cmp(&(b.market, &b.column))));
    let movers = nulls.into_iter().take(limits.movers);
    figures.extend(movers.filter_map(|c| null_rate(c, State::Plain, baselines, limits)));
}

/// A single feature beyond the limit is listed and is no finding: windows over few sellers swing that far on quiet nights. Many at once are
/// (`drift_share`).
fn state_of(c: &Compared) -> State {
    if c.column.kind == ColumnKind::Feature { State::Plain } else { State::Warning }
}

/// Share of the columns beyond the limit at which the night is a finding.
const MANY: f64 = 0.1;

fn psi(compared: &Compared) -> f64 {
    compared.distance.map_or(0.0, |distance| distance.psi)
}

fn distances(c: &Compared, state: State, baselines: &Baselines, limits: &DriftLimits) -> Vec<Figure> {
    let Some(distance) = c.distance else { return Vec::new() };
    let subject = c.column.to_string();
    let what = match c.reference {
        Reference::SameWeekday | Reference::LastNight => against(baselines),
        Reference::LastNights => format!("in the mean of {} nights", baselines.n_recent()),
        Reference::Training => "among the rows that the model learned from".to_owned(),
    };
    let note = format!("{:.0} rows {what}, {} bins; from {} on it is a finding", c.present[1], distance.bins, limits.psi_alarm);
    let figure = |metric, value: f64, state| Figure {
        value: Some(value),
        n: c.present[0] as u64,
        method: c.reference.as_str(),
        state,
        note: Some(note.clone()),
        ..Figure::new(Family::Drift, metric, about(c.market, Some(&subject)), Unit::Number)
    };
    vec![figure("psi", distance.psi, state), figure("jensen_shannon", distance.jensen_shannon, State::Plain)]
}

/// The null rate with its Wilson interval, and Newcombe's interval of its change (Newcombe 1998, method 10) in the note.
fn null_rate(c: &Compared, state: State, baselines: &Baselines, limits: &DriftLimits) -> Option<Figure> {
    let change = c.null_change(limits.min_rows as f64)?;
    let [now, before] = [0, 1].map(|side| c.nulls[side] / c.rows[side]);
    let interval = wilson_weighted(now, c.rows[0], Confidence::NinetyFive)?;
    let earlier = wilson_weighted(before, c.rows[1], Confidence::NinetyFive)?;
    let both = |a: f64, b: f64| (a * a + b * b).sqrt();
    let low = change - both(now - interval.low, earlier.high - before);
    let high = change + both(interval.high - now, before - earlier.low);
    let note = format!(
        "{:.1} % {}: a change of {:+.1} points (95 %: {:+.1} to {:+.1}); limit {:.0}",
        100.0 * before,
        against(baselines),
        100.0 * change,
        100.0 * low,
        100.0 * high,
        100.0 * limits.null_rate_change
    );
    let figure = Figure::new(Family::Drift, "null_rate", about(c.market, Some(&c.column.to_string())), Unit::Share);
    Some(Figure {
        value: Some(now),
        interval: Some(Range { low: interval.low, high: interval.high }),
        n: c.rows[0] as u64,
        positives: Some(c.nulls[0] as u64),
        method: "wilson",
        state,
        note: Some(note),
        ..figure
    })
}

/// Of how many columns in all markets together how many are beyond the limit. Of the training rows this is the one finding: they were picked by
/// suspicion, so single columns say little.
fn moved(reference: Reference, of: &[&Compared], limits: &DriftLimits, baselines: &Baselines) -> Figure {
    let judged: Vec<&&Compared> = of.iter().filter(|c| c.market.is_none() && c.distance.is_some()).collect();
    let beyond = judged.iter().filter(|c| psi(c) >= limits.psi_alarm).count();
    let listed = judged.iter().filter(|c| psi(c) >= limits.psi_warn).count();
    let share = (!judged.is_empty()).then(|| beyond as f64 / judged.len() as f64);
    let is_training = reference == Reference::Training;
    let metric = if is_training { "drift_from_training" } else { "drift_share" };
    let state = match share {
        None => State::Unknown,
        Some(share) if is_training && share >= limits.training_share => State::Warning,
        Some(_) if is_training => State::Within,
        Some(share) if reference == baselines.season && share >= MANY => State::Warning,
        Some(_) => State::Plain,
    };
    let note = match (share, is_training, baselines.has_history()) {
        (None, true, _) => "no_reference: the model has no profile of its training rows".to_owned(),
        (None, false, false) => "no_history: no night before".to_owned(),
        (None, ..) => format!("fewer than {} rows", limits.min_rows),
        (Some(_), true, _) => format!(
            "columns beyond a PSI of {}; {listed} of them beyond {}; limit {} of them",
            limits.psi_alarm, limits.psi_warn, limits.training_share
        ),
        (Some(_), false, _) => format!("columns beyond a PSI of {}; {listed} beyond {}", limits.psi_alarm, limits.psi_warn),
    };
    Figure {
        value: share,
        n: judged.len() as u64,
        positives: Some(beyond as u64),
        method: reference.as_str(),
        state,
        note: Some(note),
        ..Figure::new(Family::Drift, metric, Segment::default(), Unit::Share)
    }
}
