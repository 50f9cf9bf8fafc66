//! The item, its scores, and what each label's score is the sum of.

use super::Subject;
use super::changes::Typical;
use crate::config::BandLimits;
use crate::dataset::ForecastMethod;
use crate::explain::{Fact, FeaturePart, ItemCase, LabelCase, LabelScore, ScoreCase, shortened, visible};
use crate::models::{CalibrationBasis, ContributionSource};
use crate::scoring::{ExplainedLabel, rank_multiplier};

/// Features that are listed by themselves.
const MOST_FEATURES: usize = 12;
/// Log-odds below which a feature is not.
const LEAST_LOGIT: f64 = 0.02;
/// Labels beside the leading one are explained from this probability on.
const LEAST_PROBABILITY: f64 = 0.2;
/// Characters of a name that are shown.
const MOST_NAME: usize = 80;

/// What the item is.
pub(super) fn item(subject: &Subject<'_>) -> ItemCase {
    let (content, item) = (subject.background.content, &subject.item);
    let name = |id: &Option<crate::units::Id>| id.as_ref().map(|id| shortened(id, MOST_NAME));
    let currency = content.currency.as_deref().unwrap_or_default();
    let money = |amount: Option<f64>| amount.map(|amount| format!("{amount} {currency}").trim_end().to_owned());
    let facts = [
        ("price", money(content.price)),
        ("list_price", money(content.list_price)),
        ("rating", content.rating.map(|stars| format!("{stars} of 5 stars"))),
        ("duration", content.duration_s.map(|seconds| format!("{seconds} seconds"))),
        ("pictures", content.image_count.map(|n| n.to_string())),
    ];
    ItemCase {
        content_id: visible(&item.content_id),
        content_type: item.content_type.as_str(),
        market: item.market.as_str().to_owned(),
        as_of: subject.place.day.to_string(),
        midnight: item.as_of.instant.to_string(),
        seller_id: name(&item.seller_id),
        creator_id: name(&content.creator_id),
        category: name(&item.category),
        language: name(&item.language),
        published_at: content.published_at.to_string(),
        versions: subject.input.presence.versioned.then_some(subject.background.versions.len()),
        facts: facts.into_iter().filter_map(|(name, value)| Some(Fact { name, value: visible(&value?) })).collect(),
    }
}

/// The score columns, each with how it came about.
pub(super) fn score(subject: &Subject<'_>) -> ScoreCase {
    let row = &subject.row;
    let limits = &subject.project.config.score.bands;
    ScoreCase {
        model_version: subject.champion.version.clone(),
        labels: subject.explained.iter().map(|label| label_score(subject, label)).collect(),
        abuse: row.abuse,
        quality: row.quality,
        band: row.band.clone(),
        band_rule: band_rule(limits, subject),
        treatment: row.treatment.as_str(),
        rank_multiplier: row.rank_multiplier,
        multiplier_rule: multiplier_rule(subject),
        expected_harm: row.expected_harm,
        forecast_views: subject.item.forecast.views,
        forecast_rule: forecast_rule(subject.item.forecast.method).to_owned(),
        calibration: row.calibration.map(basis),
        coverage: row.coverage,
        missing_inputs: subject.input.unmapped(),
        expires_at: row.expires_at.to_string(),
    }
}

fn basis(basis: CalibrationBasis) -> &'static str {
    match basis {
        CalibrationBasis::Sample => "sample",
        CalibrationBasis::Population => "population",
    }
}

fn label_score(subject: &Subject<'_>, explained: &ExplainedLabel) -> LabelScore {
    let label = &subject.champion.labels[explained.label];
    let config = &subject.project.config;
    let declared = config.active_labels().chain(config.other_labels()).find(|known| known.id == label.id);
    let content_type = subject.item.content_type;
    let no_score_because = match (explained.has_model, label.content_types.contains(&content_type)) {
        (_, false) => Some(format!("not asked of a {content_type}")),
        (false, _) => Some("too little was decided to learn it".to_owned()),
        _ => None,
    };
    LabelScore {
        id: label.id.to_string(),
        kind: label.kind.as_str(),
        severity: label.severity.level(),
        weight: label.severity.weight(),
        definition: declared.map_or(String::new(), |label| visible(&label.definition)),
        p: subject.row.probabilities.get(explained.label).copied().flatten(),
        no_score_because,
    }
}

fn band_rule(limits: &BandLimits, subject: &Subject<'_>) -> String {
    let by_scores = of_scores(limits, &subject.scored.band);
    if subject.scored.band == subject.row.band {
        return by_scores;
    }
    format!("the treatment puts it there; by its scores alone it would be {}: {by_scores}", subject.scored.band)
}

fn of_scores(limits: &BandLimits, band: &str) -> String {
    let percent = |p: f64| format!("{} %", (p * 1000.0).round() / 10.0);
    let BandLimits { good_min_quality, fair_min_quality, good_max_abuse, fair_max_abuse, severe_min_abuse } = *limits;
    match band {
        "severe" => format!("abuse is at least {}", percent(severe_min_abuse)),
        "good" => format!("quality is at least {good_min_quality} and abuse at most {}", percent(good_max_abuse)),
        "fair" => {
            format!(
                "quality is at least {fair_min_quality} and abuse at most {}, but not both good enough for band good",
                percent(fair_max_abuse)
            )
        }
        "poor" => {
            format!(
                "quality is below {fair_min_quality} or abuse above {}, but abuse below {}",
                percent(fair_max_abuse),
                percent(severe_min_abuse)
            )
        }
        _ => "no label has a score".to_owned(),
    }
}

/// How the rank multiplier came about, with the numbers that `scoring::rank_multiplier` takes.
fn multiplier_rule(subject: &Subject<'_>) -> String {
    let (rules, row) = (subject.champion.rank(), &subject.row);
    let (quality, abuse) = (row.quality.map(f64::from), row.abuse.map(f64::from));
    let of_scores = rank_multiplier(&rules, quality, abuse, std::iter::empty());
    let power = |exponent: f64| if exponent == 1.0 { String::new() } else { format!("^{exponent}") };
    let part = |name: &str, score: Option<f64>, exponent: f64| {
        let missing = || format!("{} for {name}, which is missing", rules.unscored);
        (exponent != 0.0).then(|| score.map_or_else(missing, |score| format!("{name} {score:.3}{}", power(exponent))))
    };
    let parts =
        [part("quality", quality, rules.quality_exponent), part("(1 − abuse)", abuse.map(|p| 1.0 - p), rules.abuse_exponent)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let mut rule = match (quality, abuse) {
        (None, None) => format!("nothing is scored, which counts as {}", rules.unscored),
        _ if parts.is_empty() => "its scores play no part".to_owned(),
        _ => parts.join(" × "),
    };
    if of_scores <= rules.floor as f32 && quality.or(abuse).is_some() {
        rule.push_str(&format!(", but never below {}", rules.floor));
    }
    let least = subject.applied.iter().map(|(t, own)| (rules.factor(*t, *own), *t)).min_by(|a, b| a.0.total_cmp(&b.0));
    match least.filter(|(factor, _)| *factor < 1.0) {
        Some((factor, treatment)) => rule.push_str(&format!(", times {factor} because of the treatment {treatment}")),
        None => rule.push_str("; no treatment lowers it"),
    }
    rule
}

fn forecast_rule(method: ForecastMethod) -> &'static str {
    match method {
        ForecastMethod::YesterdayShrunk => {
            "yesterday's views, drawn towards the mean of items of its seller's tier and of its age"
        }
        ForecastMethod::TierAge => "the mean of items of its seller's tier and of its age, for its own views are not known",
        ForecastMethod::Yesterday => "yesterday's views as they are",
        ForecastMethod::Missing => "its views are not known, so that harm cannot be forecast",
    }
}

/// The labels that are told, the one first that the outcome hangs on: those that acting policies are about by probability, then the
/// leading one, then others that are probable.
pub(super) fn told<'s>(subject: &'s Subject<'_>) -> Vec<&'s ExplainedLabel> {
    let probable = |label: &&ExplainedLabel| label.probability.is_some_and(|p| p >= LEAST_PROBABILITY);
    let scored = subject.explained.iter().filter(|label| label.probability.is_some());
    let mut told: Vec<&ExplainedLabel> =
        scored.filter(|label| label.leading || is_acted_on(subject, label) || probable(label)).collect();
    told.sort_by(|a, b| {
        let key = |label: &ExplainedLabel| (is_acted_on(subject, label), label.probability.unwrap_or(0.0));
        let ((acts_a, p_a), (acts_b, p_b)) = (key(a), key(b));
        let leads = if acts_a { std::cmp::Ordering::Equal } else { b.leading.cmp(&a.leading) };
        acts_b.cmp(&acts_a).then(leads).then(p_b.total_cmp(&p_a)).then(a.label.cmp(&b.label))
    });
    told
}

/// Whether a policy that acts is about the label.
fn is_acted_on(subject: &Subject<'_>, explained: &ExplainedLabel) -> bool {
    let label = &subject.champion.labels[explained.label].id;
    let acting =
        subject.judge.set.policies.iter().filter(|policy| subject.row.policy_ids.iter().any(|id| *id == policy.file.id.as_str()));
    acting.into_iter().any(|policy| policy.file.labels.contains(label))
}

/// Each label that is told, taken apart.
pub(super) fn labels(subject: &Subject<'_>, typical: &Typical) -> Vec<LabelCase> {
    told(subject).into_iter().enumerate().map(|(at, label)| label_case(subject, label, typical, at == 0)).collect()
}

fn label_case(subject: &Subject<'_>, explained: &ExplainedLabel, typical: &Typical, is_first: bool) -> LabelCase {
    let sum = |wanted: fn(ContributionSource) -> bool| -> f64 {
        explained.contributions.iter().filter(|c| wanted(c.source)).map(|c| c.logit).sum()
    };
    let docs: Vec<_> = subject.champion.features.docs().collect();
    let of_features = explained.contributions.iter().filter_map(|c| match c.source {
        ContributionSource::Feature(at) => Some((at as usize, c.logit)),
        _ => None,
    });
    let (listed, others): (Vec<_>, Vec<_>) =
        of_features.enumerate().partition(|(rank, (_, logit))| *rank < MOST_FEATURES && logit.abs() >= LEAST_LOGIT);
    let part = |(_, (at, logit)): (usize, (usize, f64))| {
        let doc = docs.get(at)?;
        Some(FeaturePart {
            name: doc.name.clone(),
            what: visible(&doc.what),
            value: subject.item.features.get(at).copied().filter(|value| !value.is_nan()),
            typical: typical.of_feature(at),
            logit,
        })
    };
    let features: Vec<FeaturePart> = listed.into_iter().filter_map(part).collect();
    let base = sum(|source| source == ContributionSource::Base);
    let text = sum(|source| matches!(source, ContributionSource::Ngram(_) | ContributionSource::Text));
    let other_features = others.iter().map(|(_, (_, logit))| logit).sum();
    LabelCase {
        label: subject.champion.labels[explained.label].id.to_string(),
        leading: explained.leading,
        acted_on: is_acted_on(subject, explained),
        marked: if is_first { None } else { subject.text(&explained.contributions) },
        p: subject.row.probabilities.get(explained.label).copied().flatten(),
        base,
        text,
        log_odds: base + text + features.iter().map(|f| f.logit).sum::<f64>() + other_features,
        features,
        other_features,
        n_other_features: others.len(),
    }
}
