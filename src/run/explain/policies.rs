//! Policy by policy why it fires or not, of the very conditions that a run evaluates.

use super::Subject;
use crate::explain::{PolicyCase, PolicySummary, ReadValue, shortened, visible};
use crate::policy::{Batch, BatchRow, Policy, Standing, TraceState};
use crate::run::deciding::{item_column, score_column};
use crate::sql::{SqlColumn, TextColumn};

/// Changes that are told of one policy.
const MOST_FLIPS: usize = 3;
/// Characters of a value that are shown.
const MOST_VALUE: usize = 60;

/// What the policies say together.
pub(super) fn summary(subject: &Subject<'_>) -> Option<PolicySummary> {
    let set = subject.judge.set;
    if set.policies.is_empty() && set.idle.is_empty() && set.not_evaluated.is_empty() {
        return None;
    }
    Some(PolicySummary {
        version: set.version.clone(),
        treatment: subject.row.treatment.as_str(),
        fired: subject.row.policy_ids.clone(),
        shadow: subject.row.shadow_policy_ids.clone(),
        held_back_by: subject.row.held_back_by.first().cloned(),
        not_evaluated: set.not_evaluated.len(),
    })
}

/// Every policy that the project can evaluate: those that hold first, then those that are unknown, then the others.
///
/// # Errors
/// When a condition cannot be evaluated.
pub(super) fn cases(subject: &Subject<'_>) -> anyhow::Result<Vec<PolicyCase>> {
    let set = subject.judge.set;
    let mut cases = Vec::new();
    for (at, policy) in set.policies.iter().enumerate() {
        cases.push(case(subject, policy, Some(at))?);
    }
    for policy in &set.idle {
        cases.push(case(subject, policy, None)?);
    }
    let rank = |case: &PolicyCase| match (case.in_scope, case.verdict) {
        (false, _) => 3,
        (true, Some("true")) => 0,
        (true, Some("null")) => 1,
        _ => 2,
    };
    cases.sort_by_key(|case| (rank(case), case.mode != "live"));
    Ok(cases)
}

fn case(subject: &Subject<'_>, policy: &Policy, place: Option<usize>) -> anyhow::Result<PolicyCase> {
    let (file, item) = (&policy.file, &subject.item);
    let fits_type = file.covers_type(item.content_type);
    let fits_market = file.covers_market(item.market, subject.place.day);
    let answer = answers(subject, policy, 1, &|name| base(subject, name))?.first().copied().flatten();
    let state = place.and_then(|at| subject.traces.iter().find(|trace| usize::from(trace.policy) == at)).map(|trace| trace.state);
    let outcome = if !fits_type {
        format!("not asked, because it is about {}", listed(file.content_types.iter().map(|t| t.as_str())))
    } else if !fits_market {
        "not asked, because it is not in force in this market on this day".to_owned()
    } else {
        outcome(subject, policy, place, answer, state)
    };
    let in_scope = fits_type && fits_market;
    let parameters =
        file.parameters.iter().map(|(name, value)| ReadValue { column: name.clone(), value: Some(value.to_string()) });
    let reads: Vec<&str> = policy.reads().collect();
    let values = reads.iter().map(|name| ReadValue { column: (*name).to_owned(), value: shown(&base(subject, name), 0) });
    Ok(PolicyCase {
        id: file.id.to_string(),
        owner: visible(&file.owner),
        reason: visible(&file.reason),
        mode: file.mode.as_str(),
        treatment: file.treatment.as_str(),
        when: visible(&file.when),
        in_scope,
        verdict: Some(match answer {
            Some(true) => "true",
            Some(false) => "false",
            None => "null",
        }),
        outcome,
        read: values.chain(parameters).collect(),
        flips: if in_scope { flips(subject, policy, answer == Some(true))? } else { Vec::new() },
    })
}

/// What came of a policy that is asked.
fn outcome(
    subject: &Subject<'_>,
    policy: &Policy,
    place: Option<usize>,
    answer: Option<bool>,
    state: Option<TraceState>,
) -> String {
    let Some(at) = place else {
        let would = if answer == Some(true) { "its condition holds" } else { "its condition does not hold" };
        return format!("{would}, and it is {}, so that no run asks it", policy.file.mode.as_str());
    };
    let standing = subject.judge.verdicts.night.standing(at);
    let (rollout, holdback) = (policy.file.rollout * 100.0, policy.file.holdback * 100.0);
    let acts = match standing {
        Standing::Live => format!("it fires and acts: {}", policy.file.treatment.as_str()),
        Standing::Shadow => "it fires, but in shadow: it is counted and acts on nothing".to_owned(),
        Standing::Fallen { reason } => format!("it fires, but is in shadow for this night: {reason}"),
    };
    match state {
        None => "its condition does not hold".to_owned(),
        Some(TraceState::Null) => {
            let missing = listed(policy.reads().filter(|name| shown(&base(subject, name), 0).is_none()));
            let because = if missing.is_empty() { String::new() } else { format!(", because {missing} is missing") };
            format!("whether its condition holds is unknown{because}; what is not known never fires")
        }
        Some(TraceState::Fired) => acts,
        Some(TraceState::FiredOnLinks) => format!("{acts}; what others did with its text or contacts alone would do, so that it goes no further than review"),
        Some(TraceState::FirstOwner) => {
            "its condition holds only for what others did with its text or contacts, and this item or seller was there first: the victim is left alone".to_owned()
        }
        Some(TraceState::HeldBack) => {
            format!("its condition holds, but the item is among the {holdback} % that are left alone to measure what the policy does")
        }
        Some(TraceState::OutsideRollout) => format!("its condition holds, but it is rolled out to {rollout} % only, and the item is not among them"),
        Some(TraceState::Excepted) => "its condition holds, but the item or its seller is on the list of exceptions".to_owned(),
    }
}

fn listed<'s>(names: impl Iterator<Item = &'s str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// What the condition of `policy` answers on `n` rows of the item with these columns.
fn answers(
    subject: &Subject<'_>,
    policy: &Policy,
    n: usize,
    column: &dyn Fn(&str) -> SqlColumn,
) -> anyhow::Result<Vec<Option<bool>>> {
    let about = BatchRow {
        content_id: &subject.item.content_id,
        seller_id: subject.item.seller_id.as_deref(),
        market: subject.item.market,
        content_type: subject.item.content_type,
    };
    let rows = vec![about; n];
    Ok(subject.judge.set.condition(policy, &Batch { day: subject.place.day, rows: &rows, column })?)
}

/// The column `name` of the item alone, as the run gives it to policies.
fn base(subject: &Subject<'_>, name: &str) -> SqlColumn {
    let champion = subject.champion;
    // Policies see a row before any of them has acted on it.
    score_column(name, &champion.labels, std::slice::from_ref(&subject.scored))
        .unwrap_or_else(|| item_column(name, champion.features.names(), std::slice::from_ref(&subject.beside)))
}

/// The cell of `row` as text; `None` when it is null.
fn shown(column: &SqlColumn, row: usize) -> Option<String> {
    let there = match column {
        SqlColumn::Text(cells) => cells.get(row).is_some(),
        SqlColumn::Number(cells) => return cells.get(row).copied().flatten().map(number),
        _ => !column.text_of(row).is_empty(),
    };
    there.then(|| shortened(&column.text_of(row), MOST_VALUE))
}

/// A number with at most four digits behind the point, as many as tell something.
fn number(value: f64) -> String {
    let text = if value.abs() < 1e-4 && value != 0.0 { format!("{value:.2e}") } else { format!("{value:.4}") };
    if text.contains('e') || !text.contains('.') { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

/// One changed cell that is tried.
struct Candidate {
    column: String,
    cell: Cell,
    /// The words for it.
    said: String,
    /// How far it is from the cell as it is; infinite where there is none.
    distance: f64,
}

#[derive(Clone)]
enum Cell {
    Number(f64),
    Integer(i64),
    Text(String),
}

/// The smallest change of each single value by which the condition turns over: the values that it compares with are tried, and those
/// just above and below them.
fn flips(subject: &Subject<'_>, policy: &Policy, holds: bool) -> anyhow::Result<Vec<String>> {
    let (mut numbers, texts) = constants(&policy.file.when);
    numbers.extend(policy.file.parameters.iter().map(|(_, value)| *value));
    let reads: Vec<String> = policy.reads().map(str::to_owned).collect();
    let mut candidates = Vec::new();
    for name in &reads {
        match base(subject, name) {
            SqlColumn::Number(cells) => near(name, cells.first().copied().flatten(), &numbers, &mut candidates),
            SqlColumn::Integer(cells) => whole(name, cells.first().copied().flatten(), &numbers, &mut candidates),
            SqlColumn::Text(cells) => {
                candidates.extend(texts.iter().filter(|text| cells.get(0) != Some(text)).map(|text| Candidate {
                    column: name.clone(),
                    cell: Cell::Text(text.clone()),
                    said: format!("{name} were '{}'", visible(text)),
                    distance: f64::INFINITY,
                }))
            }
            _ => {}
        }
    }
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let column = |name: &str| changed(&base(subject, name), name, &candidates);
    let answers = answers(subject, policy, candidates.len(), &column)?;
    let mut turned: Vec<&Candidate> =
        candidates.iter().zip(&answers).filter(|(_, answer)| (**answer == Some(true)) != holds).map(|(c, _)| c).collect();
    turned.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    // The nearest of each column.
    let mut told: Vec<&Candidate> = Vec::new();
    for candidate in turned {
        if !told.iter().any(|other| other.column == candidate.column) {
            told.push(candidate);
        }
    }
    Ok(told.into_iter().take(MOST_FLIPS).map(|candidate| candidate.said.clone()).collect())
}

/// One row a candidate, each with its own change.
fn changed(base: &SqlColumn, name: &str, candidates: &[Candidate]) -> SqlColumn {
    let own = |candidate: &Candidate| (candidate.column == name).then(|| candidate.cell.clone());
    match base {
        SqlColumn::Number(cells) => {
            let cell = cells.first().copied().flatten();
            SqlColumn::Number(
                candidates.iter().map(|c| if let Some(Cell::Number(value)) = own(c) { Some(value) } else { cell }).collect(),
            )
        }
        SqlColumn::Integer(cells) => {
            let cell = cells.first().copied().flatten();
            SqlColumn::Integer(
                candidates.iter().map(|c| if let Some(Cell::Integer(value)) = own(c) { Some(value) } else { cell }).collect(),
            )
        }
        SqlColumn::Text(cells) => {
            let mut column = TextColumn::default();
            for candidate in candidates {
                match own(candidate) {
                    Some(Cell::Text(text)) => column.push(Some(&text)),
                    _ => column.push(cells.get(0)),
                }
            }
            SqlColumn::Text(column)
        }
        SqlColumn::Boolean(cells) => SqlColumn::Boolean(vec![cells.first().copied().flatten(); candidates.len()]),
        SqlColumn::Timestamp(cells) => SqlColumn::Timestamp(vec![cells.first().copied().flatten(); candidates.len()]),
        SqlColumn::Date(cells) => SqlColumn::Date(vec![cells.first().copied().flatten(); candidates.len()]),
        SqlColumn::NumberList(cells) => SqlColumn::NumberList(vec![cells.first().cloned().flatten(); candidates.len()]),
        SqlColumn::Unread => SqlColumn::Unread,
    }
}

/// Each constant and what lies just beside it.
fn near(name: &str, now: Option<f64>, constants: &[f64], candidates: &mut Vec<Candidate>) {
    // Where nothing is known, no value is nearer than another.
    let Some(now) = now else { return };
    for constant in constants {
        let step = constant.abs().max(1e-6) * 1e-9;
        let reached = if now > *constant { "at most " } else { "at least " };
        for (value, words) in [(*constant, reached), (constant + step, "more than "), (constant - step, "less than ")] {
            candidates.push(Candidate {
                column: name.to_owned(),
                cell: Cell::Number(value),
                said: format!("{name} were {words}{} instead of {}", number(*constant), number(now)),
                distance: (value - now).abs(),
            });
        }
    }
}

/// The same of whole numbers.
fn whole(name: &str, now: Option<i64>, constants: &[f64], candidates: &mut Vec<Candidate>) {
    let Some(now) = now else { return };
    for constant in constants.iter().filter(|constant| constant.abs() < 1e15) {
        for value in [constant.floor() as i64, constant.ceil() as i64, constant.floor() as i64 - 1, constant.ceil() as i64 + 1] {
            candidates.push(Candidate {
                column: name.to_owned(),
                cell: Cell::Integer(value),
                said: format!("{name} were {value} instead of {now}"),
                distance: (value as f64 - now as f64).abs(),
            });
        }
    }
}

/// The numbers and texts that a condition names.
fn constants(when: &str) -> (Vec<f64>, Vec<String>) {
    let (mut numbers, mut texts) = (Vec::new(), Vec::new());
    let mut rest = when;
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            let inside = &rest[1..];
            let end = inside.find('\'').unwrap_or(inside.len());
            texts.push(inside[..end].to_owned());
            rest = inside.get(end + 1..).unwrap_or("");
        } else if c.is_ascii_digit() || c == '.' {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))).unwrap_or(rest.len());
            numbers.extend(rest[..end].parse::<f64>().ok().filter(|value| value.is_finite()));
            rest = &rest[end..];
        } else if c.is_alphabetic() || c == '_' || c == '"' {
            // A name may have digits in it.
            let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '"'))).unwrap_or(rest.len());
            rest = &rest[end..];
        } else {
            rest = &rest[c.len_utf8()..];
        }
    }
    (numbers, texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_those_of_the_condition() {
        let (numbers, texts) = constants("p_spam >= 0.9 AND item_reports_7d > 3 AND tier = 'new one' OR \"x_7\" < .5");
        assert_eq!((numbers, texts), (vec![0.9, 3.0, 0.5], vec!["new one".to_owned()]));
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([number(0.8999999761581421), number(3.0), number(1.5e-7), number(0.0)], ["0.9", "3", "1.50e-7", "0"]);
    }
}
