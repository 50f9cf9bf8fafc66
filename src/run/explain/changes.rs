//! What single change would lead to another outcome: each is made and the item computed and scored anew.

use super::Subject;
use crate::dataset::{Item, SpineRow, nightly_spine};
use crate::explain::{Change, ChangeCase, NO_TEXT, TextCase, TextSpan, natural_value};
use crate::models::ContributionSource;
use crate::run::nightly::BATCH_ROWS;
use crate::tables::ContentRow;
use crate::text::strip_html;

/// Items that typical values are medians of, at most.
const MOST_TYPICAL: usize = 400;
/// Marked places that are taken away in turn.
const MOST_SPANS: usize = 5;
/// Features that are set to their typical value in turn.
const MOST_FEATURES: usize = 6;

/// The median of each feature among items that are like the subject.
pub(super) struct Typical {
    medians: Vec<Option<f32>>,
    n: usize,
}

impl Typical {
    /// Of items in scope of the subject's market and kind, those that were loaded beside it: by sellers, whose shards are drawn by
    /// hash. At most [`MOST_TYPICAL`], evenly spread.
    pub(super) fn of(subject: &Subject<'_>) -> anyhow::Result<Self> {
        let config = &subject.project.config;
        let shard = subject.shard;
        let mut rows = nightly_spine(shard, subject.place.day, config.run.scope_days, &config.time.zones);
        let is_alike = |row: &SpineRow| {
            let version = shard.contents.get(row.content).and_then(|(_, history)| history.version_at(row.as_of));
            version.is_some_and(|v| v.market == subject.item.market && v.content_type == subject.item.content_type)
        };
        rows.retain(|row| row.content != subject.place.row.content && is_alike(row));
        let step = rows.len().div_ceil(MOST_TYPICAL).max(1);
        let rows: Vec<SpineRow> = rows.into_iter().step_by(step).collect();
        let builder = subject.input.builder(shard, subject.project);
        let mut items: Vec<Item> = Vec::with_capacity(rows.len());
        for batch in rows.chunks(BATCH_ROWS) {
            items.extend(builder.build(batch)?);
        }
        let median = |at: usize| {
            let mut values: Vec<f32> =
                items.iter().filter_map(|item| item.features.get(at).copied()).filter(|v| !v.is_nan()).collect();
            values.sort_unstable_by(f32::total_cmp);
            values.get(values.len().saturating_sub(1) / 2).copied()
        };
        Ok(Self { medians: (0..subject.item.features.len()).map(median).collect(), n: items.len() })
    }

    /// The median of a feature; `None` where none of the items has it.
    pub(super) fn of_feature(&self, at: usize) -> Option<f32> {
        self.medians.get(at).copied().flatten()
    }
}

/// Takes away each of the strongest places of the text, and sets each of the strongest features to its typical value.
pub(super) fn changes(subject: &Subject<'_>, typical: &Typical, text: Option<&TextCase>) -> anyhow::Result<ChangeCase> {
    let Some(focus) = subject.focus() else { return Ok(ChangeCase::default()) };
    let mut tried = Vec::new();
    if let Some(text) = text {
        tried.extend(without_text(subject, text)?);
    }
    let of_features = focus.contributions.iter().filter_map(|c| match c.source {
        ContributionSource::Feature(at) => Some(at as usize),
        _ => None,
    });
    let docs: Vec<_> = subject.champion.features.docs().collect();
    for at in of_features.take(MOST_FEATURES) {
        let (Some(usual), Some(doc), Some(value)) = (typical.of_feature(at), docs.get(at), subject.item.features.get(at)) else {
            continue;
        };
        // What is typical already would change nothing that a person sees.
        if (usual - value).abs() <= 0.02 * value.abs().max(usual.abs()) {
            continue;
        }
        let mut item = subject.item.clone();
        item.features[at] = usual;
        let known = Some(*value).filter(|value| !value.is_nan());
        let ((_, usual), (_, now)) = (natural_value(&doc.what, Some(usual)), natural_value(&doc.what, known));
        let what = format!("{} were {usual}, which is typical, and not {now}", doc.name);
        tried.push(change(subject, &item, subject.background.content, what)?);
    }
    // What leads elsewhere first; that an empty text would is no news.
    tried.sort_by_key(|change| (!change.flips, change.what == NO_TEXT));
    Ok(ChangeCase { tried, n_typical: typical.n })
}

/// The item without each of the places that speak for the label of the outcome, and without any text at all.
fn without_text(subject: &Subject<'_>, text: &TextCase) -> anyhow::Result<Vec<Change>> {
    let mut shard = subject.input.shard(subject.place.shard, subject.project)?;
    let row = subject.place.row;
    let content = subject.background.content;
    let of_item = subject.shard.contents.get(row.content).map(|(_, history)| &history.versions);
    let Some(version) = of_item.and_then(|all| all.iter().position(|version| std::ptr::eq(version, content))) else {
        return Ok(Vec::new());
    };
    let mut tried = Vec::new();
    let mut attempt = |title: Option<String>, body: Option<String>, what: String| -> anyhow::Result<()> {
        if let Some((_, history)) = shard.contents.get_mut(row.content)
            && let Some(version) = history.versions.get_mut(version)
        {
            (version.title, version.body) = (title, body);
        }
        let items = subject.input.builder(&shard, subject.project).build(&[row])?;
        let changed = shard.contents.get(row.content).and_then(|(_, history)| history.versions.get(version));
        if let (Some(item), Some(content)) = (items.first(), changed) {
            tried.push(change(subject, item, content, what)?);
        }
        Ok(())
    };
    let strongest = text.spans.iter().filter(|span| span.logit > 0.0).take(MOST_SPANS);
    for span in strongest {
        let title = without(content.title.as_deref(), span, "title");
        let body = without(content.body.as_deref(), span, "body");
        attempt(title, body, format!("“{}” were not in the {}", span.text, span.part))?;
    }
    if text.spans.iter().any(|span| span.logit > 0.0) {
        attempt(None, None, NO_TEXT.to_owned())?;
    }
    Ok(tried)
}

/// A part of the text without the place, if it is in that part. Places are counted without HTML, so that of a text with HTML that is
/// left out as well.
fn without(written: Option<&str>, span: &TextSpan, part: &str) -> Option<String> {
    let written = written?;
    if span.part != part {
        return Some(written.to_owned());
    }
    let text = strip_html(written).text;
    let kept = text.chars().enumerate().filter(|(at, _)| !(span.start..span.end).contains(at));
    Some(kept.map(|(_, c)| c).collect())
}

/// What the changed item scores, and what policies then decide of it.
fn change(subject: &Subject<'_>, item: &Item, content: &ContentRow, what: String) -> anyhow::Result<Change> {
    let focus = subject.focus().map(|label| label.label);
    let decided = subject.judge.judge(item, content)?;
    let row = decided.map_or_else(|| subject.row.clone(), |(row, _)| row.score);
    Ok(Change {
        what,
        p: focus.and_then(|at| row.probabilities.get(at).copied().flatten()),
        flips: row.band != subject.row.band || row.treatment != subject.row.treatment,
        band: row.band,
        treatment: row.treatment.as_str(),
    })
}
