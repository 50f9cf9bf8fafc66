//! `MODEL_CARD.md`: what a version is and how good it was found to be, for people.
//!
//! Plain facts rendered from the manifest's and the metrics, nothing measured here.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::card_judged::{figure, points, slices};
use super::manifest::ManifestFacts;

/// What the scores are for, and what they cannot do: the same for every model of this program.
const USE_AND_LIMITS: &str = "\n## Intended use\n\n\
The scores order and route review, demote in ranking, and are what policies read. A decision against a person's content needs a policy that \
was tried on past nights, or a person.\n\n## Limits\n\n\
- It knows the markets, languages and labels that its decisions come from; on others its probabilities are guesses. Missing inputs \
lower `coverage` and never mean safe.\n\
- Figures are of held-out rows, later than the rows learned from or of other sellers. What sellers change to evade it shows only in \
decisions that are made later: `stallmark evaluate --decisions later`.\n\
- A label whose probabilities hold for the sample alone says little of content that nobody picked for review.\n\
- Reviewers err, and the model learns their errors with their verdicts.\n";

/// The card of a version.
pub(super) fn render(label_set: &str, version: &str, facts: &ManifestFacts, metrics: &Value) -> String {
    let mut card = format!("# Model {} of label set {}\n\n", code(version), code(label_set));
    card.push_str(
        "Scores marketplace content: for each label a calibrated probability that the item violates it.\n\n## Training\n\n",
    );
    let window = facts.data_window;
    for (name, value) in [
        ("Trained as of", facts.trained_as_of.to_string()),
        ("In the place of", facts.parent.as_deref().map_or_else(|| "none".to_owned(), code)),
        ("Decisions from", format!("{} to {}", window.first, window.last)),
        ("Features", format!("{}, fingerprint {}", facts.feature_names.len(), code(&facts.feature_fingerprint))),
        ("Lexicons", hashes(&facts.lexicon_hashes)),
        ("Own signals", hashes(&facts.signal_hashes)),
        ("Seed", facts.seed.to_string()),
        ("Configuration", code(&facts.config_digest)),
        ("Program", code(&facts.program_version)),
    ] {
        line(&mut card, &format!("- {name}: {value}"));
    }
    card.push_str("\n## Labels\n\n| label | rows | violating |\n|---|---|---|\n");
    for label in &facts.labels {
        let (rows, positives) = match facts.counts.get(label) {
            Some(counts) => (counts.rows.to_string(), counts.positives.to_string()),
            None => ("not recorded".to_owned(), "not recorded".to_owned()),
        };
        line(&mut card, &format!("| {} | {rows} | {positives} |", code(label)));
    }
    leaderboard(&mut card, metrics);
    calibration(&mut card, metrics);
    figure(&mut card, metrics);
    points(&mut card, metrics);
    slices(&mut card, metrics);
    card.push_str(USE_AND_LIMITS);
    card.push_str("\n## Metrics\n\n");
    describe(&mut card, "", metrics);
    card.push_str("\nThe whole of them is in `metrics.json`.\n");
    card
}

/// What was tried for each label, judged on the same held-out rows; the candidate that is kept is marked.
fn leaderboard(card: &mut String, metrics: &Value) {
    let mut rows = Vec::new();
    for label in labels(metrics) {
        for candidate in label.get("candidates").and_then(Value::as_array).into_iter().flatten() {
            let is_kept = candidate.get("kind").is_some() && candidate.get("kind") == label.get("kept");
            let cells = ["kind", "average_precision", "log_loss", "n", "learned_from"].map(|key| cell(candidate.get(key)));
            rows.push(format!("| {} | {} | {} |", cell(label.get("label")), cells.join(" | "), if is_kept { "yes" } else { "" }));
        }
    }
    if !rows.is_empty() {
        card.push_str(
            "\n## Leaderboard\n\nEach candidate on rows that it has not seen, its log loss after cross-fitted calibration. \
             `logistic` (linfa) and `forest` (smartcore) are peers on the features without text and never kept; `learned from` \
             is the most rows that one fold of them learned from.\n\n\
             | label | candidate | average precision | log loss | n | learned from | kept |\n|---|---|---|---|---|---|---|\n",
        );
        rows.iter().for_each(|row| line(card, row));
    }
}

/// How far the probabilities of each label are from what came true on held-out rows.
fn calibration(card: &mut String, metrics: &Value) {
    let mut rows = Vec::new();
    for label in labels(metrics) {
        let Some(found) = label.get("reliability").and_then(Value::as_object) else { continue };
        let gaps = found.get("bins").and_then(Value::as_array).into_iter().flatten();
        let gaps: Vec<f64> = gaps.filter_map(|bin| bin.get("gap")?.as_f64()).collect();
        let largest = gaps.iter().fold(0.0_f64, |largest, gap| if gap.abs() > largest.abs() { *gap } else { largest });
        let markets = label.get("markets").and_then(Value::as_array).into_iter().flatten();
        let own: Vec<String> =
            markets.filter(|m| m.get("kept") == Some(&Value::Bool(true))).map(|m| cell(m.get("market"))).collect();
        let cells = [
            cell(label.get("label")),
            cell(label.get("calibration")),
            cell(label.get("calibration_basis")),
            cell(found.get("ece")),
            cell(found.get("ece_expected")),
            cell(found.get("ece_excess")),
            format!("{largest:+.4}"),
            if own.is_empty() { "–".to_owned() } else { own.join(", ") },
        ];
        rows.push(format!("| {} |", cells.join(" | ")));
    }
    if !rows.is_empty() {
        card.push_str(
            "\n## Calibration\n\nExpected calibration error on 15 bins of equal mass, what chance alone would show, and the \
             difference; the largest gap of a bin is positive where the model claims too much. The probabilities hold for the \
             population where enough reviews were drawn with a known probability, else for the reviewed sample.\n\n\
             | label | method | holds for | ece | by chance | excess | largest gap | markets of their own |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
        rows.iter().for_each(|row| line(card, row));
    }
}

pub(super) fn labels(metrics: &Value) -> impl Iterator<Item = &Value> {
    metrics.get("labels").and_then(Value::as_array).into_iter().flatten()
}

/// Writes scalars as list items, lists of objects as tables; what is deeper stays in the file.
fn describe(card: &mut String, path: &str, value: &Value) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, inner)| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            describe(card, &path, inner);
        }),
        Value::Array(items) => {
            let rows: Vec<&Map<String, Value>> = items.iter().filter_map(Value::as_object).collect();
            if !rows.is_empty() {
                table(card, path, &rows);
            }
        }
        scalar => line(card, &format!("- {}: {}", code(path), cell(Some(scalar)))),
    }
}

/// One line per object; a column for each key with a scalar, in order of first appearance.
fn table(card: &mut String, path: &str, rows: &[&Map<String, Value>]) {
    let mut columns: Vec<&String> = Vec::new();
    for (key, _) in rows.iter().flat_map(|row| row.iter()).filter(|(_, value)| !value.is_object() && !value.is_array()) {
        if !columns.contains(&key) {
            columns.push(key);
        }
    }
    let names: Vec<String> = columns.iter().map(|column| code(column)).collect();
    line(card, &format!("\n{}:\n\n| {} |\n|{}", code(path), names.join(" | "), "---|".repeat(columns.len())));
    for row in rows {
        let cells: Vec<String> = columns.iter().map(|column| cell(row.get(*column))).collect();
        line(card, &format!("| {} |", cells.join(" | ")));
    }
}

/// A number to four decimals at most, a text as code, and `–` for what is absent.
pub(super) fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) => code(text),
        Some(Value::Number(number)) if number.is_f64() => format!("{:.4}", number.as_f64().unwrap_or_default()),
        Some(other) => other.to_string(),
    }
}

fn hashes(by_name: &std::collections::BTreeMap<String, String>) -> String {
    let listed: Vec<String> = by_name.iter().map(|(name, hash)| format!("{} {}", code(name), code(hash))).collect();
    if listed.is_empty() { "none".to_owned() } else { listed.join(", ") }
}

/// `text` as a code span that ends neither early nor the table cell around it.
fn code(text: &str) -> String {
    let harmless = |c: char| match c {
        '`' => '\'',
        '|' => '¦',
        c if c.is_control() => ' ',
        c => c,
    };
    format!("`{}`", text.chars().map(harmless).collect::<String>())
}

pub(super) fn line(card: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(card, "{text}");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture;
    use super::*;

    #[test]
    fn the_card_says_what_the_manifest_and_the_metrics_say() {
        let card = render("spam", "0123456789ab", &fixture::facts(), &fixture::metrics());
        for expect in [
            "# Model `0123456789ab` of label set `spam`",
            "- Trained as of: 2026-11-01",
            "- Decisions from: 2026-08-01 to 2026-10-31",
            "- Features: 2, fingerprint `f00d`",
            "- Lexicons: `off_platform` `ab12`",
            "- Own signals: none",
            "| `spam` | 1590 | 432 |",
            "- `split`: `by time`",
            "| `label` | `n` | `positives` | `average_precision` | `ece` |\n|---|---|---|---|---|\n| `spam` | 1590 | 432 | 0.8750 | 0.0125 |",
        ] {
            assert!(card.contains(expect), "no `{expect}` in:\n{card}");
        }
    }

    #[test]
    fn the_leaderboard_and_the_calibration_have_a_row_each() {
        let metrics = json!({"labels": [{
            "label": "spam", "kept": "stacked", "calibration": "beta", "calibration_basis": "population",
            "candidates": [
                {"kind": "stacked", "average_precision": 0.9, "log_loss": 0.25, "n": 1590},
                {"kind": "forest", "average_precision": 0.75, "log_loss": 0.5, "n": 1590, "learned_from": 2000},
            ],
            "reliability": {"ece": 0.02, "ece_expected": 0.015, "ece_excess": 0.005, "bins": [{"gap": 0.01}, {"gap": -0.03}]},
            "markets": [{"market": "ID", "kept": true}, {"market": "SG", "kept": false}],
        }, {"label": "rare", "candidates": [], "reliability": null}]});
        let card = render("x", "y", &fixture::facts(), &metrics);
        for expect in [
            "| `spam` | `stacked` | 0.9000 | 0.2500 | 1590 | – | yes |\n",
            "| `spam` | `forest` | 0.7500 | 0.5000 | 1590 | 2000 |  |\n",
            "| `spam` | `beta` | `population` | 0.0200 | 0.0150 | 0.0050 | -0.0300 | `ID` |\n",
        ] {
            assert!(card.contains(expect), "no `{expect}` in:\n{card}");
        }
        assert!(!render("x", "y", &fixture::facts(), &fixture::metrics()).contains("## Leaderboard"));
    }

    #[test]
    fn an_undefined_metric_is_a_dash_and_a_name_breaks_no_table() {
        let mut facts = fixture::facts();
        facts.labels = vec!["a|b`\n# c".to_owned()];
        let card = render("x", "y", &facts, &json!({"labels": [{"label": "a", "ece": 0.5}, {"label": "b"}]}));
        assert!(card.contains("| `b` | – |"), "{card}");
        assert!(card.contains("| `a¦b' # c` | not recorded | not recorded |"), "{card}");
    }
}
