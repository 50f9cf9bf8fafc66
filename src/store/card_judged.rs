//! The parts of the card that come from what the held-out rows said: operating points, slices, reliability.

use serde_json::Value;

use super::card::{cell, labels, line};

/// Characters of a reliability bar for a probability of 1.
const BAR: f64 = 40.0;

/// Operating points with intervals, in every view.
pub(super) fn points(card: &mut String, metrics: &Value) {
    let mut rows = Vec::new();
    for label in labels(metrics) {
        for view in list(label, &["judged", "views"]) {
            for point in list(view, &["points"]) {
                let solved = point.get("solved");
                let with_interval = |name: &str| {
                    let part = |end: &str| solved?.get(name)?.get(end)?.as_f64();
                    match (part("value"), part("low").zip(part("high"))) {
                        (Some(value), Some((low, high))) => format!("{value:.3} ({low:.3} to {high:.3})"),
                        (Some(value), None) => format!("{value:.3}"),
                        _ => "–".to_owned(),
                    }
                };
                let threshold = cell(solved.and_then(|solved| solved.get("threshold")));
                let cells = [
                    cell(label.get("label")),
                    cell(view.get("basis")),
                    cell(point.get("point")),
                    threshold,
                    with_interval("precision"),
                    with_interval("recall"),
                    with_interval("match_rate"),
                ];
                rows.push(format!("| {} |", cells.join(" | ")));
            }
        }
    }
    if !rows.is_empty() {
        card.push_str(
            "\n## Operating points\n\nSolved on the held-out rows; 95 % intervals of resampled sellers, for a threshold that was \
             given. A dash: no threshold does it.\n\n\
             | label | rows stand for | point | threshold | precision | recall | match rate |\n|---|---|---|---|---|---|---|\n",
        );
        rows.iter().for_each(|row| line(card, row));
    }
}

/// The slices with rows enough, those that are worse than the rest, and the largest difference in false positives.
pub(super) fn slices(card: &mut String, metrics: &Value) {
    let name = |slice: &Value| {
        let pairs = list(slice, &["slice", "of"]).filter_map(|pair| Some((pair.get(0)?.as_str()?, pair.get(1)?.as_str()?)));
        pairs.map(|(attribute, value)| cell(Some(&Value::from(format!("{attribute} {value}"))))).collect::<Vec<_>>().join(", ")
    };
    let (mut large, mut worse, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
    for label in labels(metrics) {
        let id = cell(label.get("label"));
        let enough =
            list(label, &["judged", "slices"]).filter(|slice| slice.get("size").and_then(Value::as_str) == Some("enough"));
        large.extend(enough.map(|slice| {
            let keys = ["n", "positives", "rate", "mean_probability", "average_precision", "false_positive_rate"];
            format!("| {id} | {} | {} |", name(slice), keys.map(|key| cell(slice.get(key))).join(" | "))
        }));
        for search in list(label, &["judged", "worse"]) {
            worse.extend(list(search, &["found"]).map(|found| {
                let cells = ["n", "positives", "mean", "rest", "q_value"].map(|key| cell(found.get(key)));
                format!("| {id} | {} | {} | {} |", name(found), cell(search.get("criterion")), cells.join(" | "))
            }));
        }
        for of in list(label, &["judged", "parity"]) {
            if let Some(gap) = of.get("gap").filter(|gap| gap.is_object()) {
                let cells = ["highest", "lowest", "difference", "p_value"].map(|key| cell(gap.get(key)));
                gaps.push(format!("| {id} | {} | {} |", cell(of.get("attribute")), cells.join(" | ")));
            }
        }
    }
    table(
        card,
        "\n## Slices\n\nHeld-out rows that share a value, where there are enough; each row counted once.\n\n\
         | label | slice | n | violating | rate | mean p | average precision | false-positive rate |\n|---|---|---|---|---|---|---|---|\n",
        &large,
    );
    table(
        card,
        "\nWorse than the rest, with false discoveries controlled (q):\n\n\
         | label | slice | by | n | violating | mean | of the rest | q |\n|---|---|---|---|---|---|---|---|\n",
        &worse,
    );
    table(
        card,
        "\nThe largest difference in false-positive rates between groups, and the probability of one as large if all were alike:\n\n\
         | label | groups | highest | lowest | difference | p |\n|---|---|---|---|---|---|\n",
        &gaps,
    );
}

/// The reliability curve of each label as a figure: what the model claims against what came true.
pub(super) fn figure(card: &mut String, metrics: &Value) {
    for label in labels(metrics) {
        let bins: Vec<(f64, f64, u64)> = list(label, &["reliability", "bins"])
            .filter_map(|bin| Some((bin.get("mean_p")?.as_f64()?, bin.get("rate")?.as_f64()?, bin.get("n")?.as_u64()?)))
            .collect();
        if bins.is_empty() {
            continue;
        }
        line(card, &format!("\n{}: claimed (o) and come true (#), * where they meet\n\n```", cell(label.get("label"))));
        for (mean_p, rate, n) in bins {
            line(card, format!("{mean_p:.3} {rate:.3} n {n:>6} |{}", marks(mean_p, rate)).trim_end());
        }
        line(card, "```");
    }
}

/// A line with a mark at each of the two.
fn marks(claimed: f64, rate: f64) -> String {
    let place = |p: f64| (p.clamp(0.0, 1.0) * BAR).round() as usize;
    let (claimed, rate) = (place(claimed), place(rate));
    let mark = |at: usize| match (at == claimed, at == rate) {
        (true, true) => '*',
        (true, false) => 'o',
        (false, true) => '#',
        (false, false) => ' ',
    };
    (0..=claimed.max(rate)).map(mark).collect()
}

fn table(card: &mut String, head: &str, rows: &[String]) {
    if !rows.is_empty() {
        card.push_str(head);
        rows.iter().for_each(|row| line(card, row));
    }
}

/// The elements of the list at a path.
fn list<'v>(value: &'v Value, path: &[&str]) -> impl Iterator<Item = &'v Value> + use<'v> {
    let found = path.iter().try_fold(value, |value, key| value.get(key));
    found.and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn points_slices_and_figure_by_hand() {
        let estimate = json!({"value": 0.5, "low": 0.25, "high": 0.75});
        let metrics = json!({"labels": [{
            "label": "spam",
            "reliability": {"bins": [{"mean_p": 0.05, "rate": 0.1, "n": 10}, {"mean_p": 0.5, "rate": 0.5, "n": 9}]},
            "judged": {
                "views": [{"basis": "sample", "points": [
                    {"point": "maximum recall @ precision >= 0.9", "solved": {"threshold": 0.5, "precision": estimate, "recall": {"value": 1.0}}},
                    {"point": "minimum match_rate @ recall >= 1", "unreachable": "no"},
                ]}],
                "slices": [
                    {"slice": {"of": [["market", "TH"]]}, "n": 300, "positives": 9, "size": "enough", "rate": 0.03},
                    {"slice": {"of": [["market", "SG"]]}, "n": 3, "positives": 0, "size": "small"},
                ],
                "worse": [{"criterion": "excess_loss", "found": [
                    {"slice": {"of": [["market", "TH"], ["tier", "new"]]}, "n": 200, "positives": 8, "mean": 0.5, "rest": 0.0, "q_value": 0.01},
                ]}],
                "parity": [
                    {"attribute": "tier", "gap": {"highest": "new", "lowest": "old", "difference": 0.25, "p_value": 0.5}},
                    {"attribute": "market"},
                ],
            },
        }, {"label": "rare", "judged": null}]});
        let mut card = String::new();
        points(&mut card, &metrics);
        slices(&mut card, &metrics);
        figure(&mut card, &metrics);
        for expect in [
            "| `spam` | `sample` | `maximum recall @ precision >= 0.9` | 0.5000 | 0.500 (0.250 to 0.750) | 1.000 | – |\n",
            "| `spam` | `sample` | `minimum match_rate @ recall >= 1` | – | – | – | – |\n",
            "| `spam` | `market TH` | 300 | 9 | 0.0300 | – | – | – |\n",
            "| `spam` | `market TH`, `tier new` | `excess_loss` | 200 | 8 | 0.5000 | 0.0000 | 0.0100 |\n",
            "| `spam` | `tier` | `new` | `old` | 0.2500 | 0.5000 |\n",
            "0.050 0.100 n     10 |  o #\n",
            "0.500 0.500 n      9 |                    *\n",
        ] {
            assert!(card.contains(expect), "no `{expect}` in:\n{card}");
        }
        assert!(!card.contains("market SG"), "{card}");
    }

    #[test]
    fn without_figures_there_are_no_sections() {
        let mut card = String::new();
        points(&mut card, &json!({}));
        slices(&mut card, &json!({"labels": [{"label": "x"}]}));
        figure(&mut card, &json!({"labels": 3}));
        assert_eq!(card, "");
    }
}
