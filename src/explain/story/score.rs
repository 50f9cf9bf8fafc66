//! The scores, and why the leading label has its own.

use super::figures::{counted, matters, moment, natural, number, percent, signed};
use crate::explain::case::{Case, FeaturePart, LabelCase, LabelScore, ScoreCase};
use crate::explain::document::{Document, Piece, code, plain, strong};

pub(super) fn tell(case: &Case, document: &mut Document) {
    scores(&case.score, document);
    case.labels.iter().for_each(|label| why(label, document));
}

fn scores(score: &ScoreCase, document: &mut Document) {
    document.heading("What it scores");
    let scored = score.labels.iter().filter(|label| label.p.is_some());
    let said = |label: &LabelScore| {
        let kind = format!(" ({}, severity {}): {}", label.kind, label.severity, label.definition);
        (percent(label.p), vec![code(&label.id), plain(kind)])
    };
    document.items(scored.map(said).collect());
    let without: Vec<String> =
        (score.labels.iter()).filter_map(|label| Some(format!("{} ({})", label.id, label.no_score_because.as_ref()?))).collect();
    if !without.is_empty() {
        document.say(format!("Without a score: {}.", without.join("; ")));
    }
    let mut items = vec![("band".to_owned(), vec![strong(&score.band), plain(format!(": {}", score.band_rule))])];
    if let Some(abuse) = score.abuse {
        items.push(("abuse".to_owned(), vec![plain(format!("{} that it is any kind of abuse at all", percent(Some(abuse))))]));
    }
    if let Some(quality) = score.quality {
        items.push((
            "quality".to_owned(),
            vec![plain(format!("{} of 1, where 1 is without any fault", number(f64::from(quality))))],
        ));
    }
    items.push((
        "rank multiplier".to_owned(),
        vec![plain(format!("{}: {}", number(f64::from(score.rank_multiplier)), score.multiplier_rule))],
    ));
    items.push(("expected harm".to_owned(), harm(score)));
    if let Some(basis) = score.calibration {
        let words = match basis {
            "population" => {
                "the probabilities hold for all content of the market: they were calibrated on reviews drawn at random"
            }
            _ => {
                "the probabilities hold for the reviewed sample, not for all content: too few reviews were drawn at random to calibrate on"
            }
        };
        items.push(("calibration".to_owned(), vec![plain(words)]));
    }
    let missing = if score.missing_inputs.is_empty() {
        "nothing that a feature would read is missing from the input".to_owned()
    } else {
        format!("the input has no {}", score.missing_inputs.join(", "))
    };
    let coverage = format!("{:.0}\u{a0}% of the features are known; {missing}", f64::from(score.coverage) * 100.0);
    items.push(("coverage".to_owned(), vec![plain(coverage)]));
    items.push(("usable until".to_owned(), vec![plain(format!("{}; model {}", moment(&score.expires_at), score.model_version))]));
    document.items(items);
}

fn harm(score: &ScoreCase) -> Vec<Piece> {
    let Some(harm) = score.expected_harm else {
        return vec![plain(format!("unknown: {}", score.forecast_rule))];
    };
    let terms = score.labels.iter().filter(|label| label.kind == "abuse").filter_map(|label| Some((label, label.p?)));
    let mut terms: Vec<_> = terms.collect();
    terms.sort_by(|a, b| (f64::from(b.1) * b.0.weight).total_cmp(&(f64::from(a.1) * a.0.weight)));
    let shown: Vec<String> =
        terms.iter().take(3).map(|(label, p)| format!("{} {} × {}", label.id, percent(Some(*p)), label.weight)).collect();
    let more = if terms.len() > 3 { format!(" + {} more", terms.len() - 3) } else { String::new() };
    let views = score.forecast_views.map_or("unknown".to_owned(), number);
    vec![plain(format!(
        "{} severity-weighted violating views on the coming day = {views} expected views ({}) × the labels' probabilities by their \
         weight ({}{more})",
        number(harm),
        score.forecast_rule,
        shown.join(" + ")
    ))]
}

fn why(label: &LabelCase, document: &mut Document) {
    document.heading(&format!("Why {} scores as it does", label.label));
    document.paragraph(vec![
        plain("Every item starts from log-odds of "),
        plain(signed(label.base)),
        plain(". The words of this one add "),
        plain(signed(label.text)),
        plain(", and what is known of it beside its words "),
        plain(signed(label.features.iter().map(|f| f.logit).sum::<f64>() + label.other_features)),
        plain(format!(". Together that is {}, which calibration turns into a probability of ", signed(label.log_odds))),
        strong(percent(label.p)),
        plain("."),
    ]);
    let mut items: Vec<(String, Vec<Piece>)> = vec![];
    items.extend(label.features.iter().map(|feature| (signed(feature.logit), described(feature))));
    if label.n_other_features > 0 && matters(label.other_features) {
        let others = counted(label.n_other_features as u64, "feature that says", "features that say");
        items.push((signed(label.other_features), vec![plain(format!("{others} less, together"))]));
    }
    document.items(items);
    if let Some(text) = &label.marked {
        document.say(format!("What the model read for or against `{}`:", label.label));
        super::marked_text(text, document);
    }
}

fn described(feature: &FeaturePart) -> Vec<Piece> {
    let (what, value) = natural(&feature.what, feature.value);
    let mut pieces = vec![code(&feature.name), plain(" = "), strong(value)];
    if feature.typical.is_some() {
        pieces.push(plain(format!(" (typical: {})", natural(&feature.what, feature.typical).1)));
    }
    pieces.push(plain(format!(": {what}")));
    pieces
}
