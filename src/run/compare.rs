//! `compare`: two stored models on the same decisions and on tonight's items.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::champion::load_model;
use super::decided::{Decided, DecidedItem, DecidedLabel, Period, decided};
use super::input;
use super::judge::{Basis, NO_RATES, PointResult, Points, View, bootstrap};
use super::project::Project;
use super::rivals::{Churn, Cut, Load, rivals};
use super::stages::Stages;
use super::text_table::{shown, signed, text_table, with_interval};
use super::training::LeftOut;
use crate::config::EvaluateConfig;
use crate::evaluation::{
    Difference, EceExcess, Estimate, MetricDifferences, MetricIntervals, Pair, metric_differences, metric_intervals,
};
use crate::store::Which;
use crate::units::{Day, Id};

/// Two models side by side; every difference is B − A.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The first model.
    pub a: String,
    /// The second.
    pub b: String,
    /// The decisions that were used.
    pub decisions: Decisions,
    /// Label by label, in the order of the score columns.
    pub labels: Vec<LabelComparison>,
    /// What changes on the items in scope.
    pub churn: Churn,
}

/// Which decisions a judgement rests on.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Decisions {
    /// Verdicts on items and labels that something was decided of before a model was trained: they flatter it if it learned from that.
    pub before_training: u64,
    /// Verdicts left out because of it.
    pub too_early: u64,
    /// Decisions that nothing uses.
    pub left_out: LeftOut,
}

/// One label.
#[derive(Debug, Clone, Serialize)]
pub struct LabelComparison {
    /// The label.
    pub label: Id,
    /// Rows judged.
    pub n: u64,
    /// Violating ones among them.
    pub positives: u64,
    /// Rows that were drawn into review with a known probability.
    pub drawn: u64,
    /// The metrics, at the sample's rate and, where enough decisions were drawn with a known probability, the population's.
    pub views: Vec<ViewComparison>,
    /// By market, content type, tier, language, category and length of the text: where there are rows enough.
    pub slices: Vec<SliceComparison>,
    /// Costs at the first operating point that both models can meet on more than a few rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// The metrics of both models in one view.
#[derive(Debug, Clone, Serialize)]
pub struct ViewComparison {
    /// What the rows stand for.
    pub basis: Basis,
    /// Rows.
    pub n: u64,
    /// Violating ones among them.
    pub positives: u64,
    /// Of model A.
    pub a: MetricIntervals,
    /// Of model B.
    pub b: MetricIntervals,
    /// B − A.
    pub difference: MetricDifferences,
    /// Calibration error of model A.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ece_a: Option<EceExcess>,
    /// Of model B.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ece_b: Option<EceExcess>,
    /// The operating points of model A.
    pub points_a: Vec<PointResult>,
    /// Of model B.
    pub points_b: Vec<PointResult>,
}

/// Rows that share a value of an attribute.
#[derive(Debug, Clone, Serialize)]
pub struct SliceComparison {
    /// market, content_type, tier, language, category or text_length (characters).
    pub attribute: &'static str,
    /// Its value.
    pub value: String,
    /// Rows.
    pub n: u64,
    /// Violating ones among them.
    pub positives: u64,
    /// Average precision of model A.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_precision_a: Option<f64>,
    /// Of model B.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_precision_b: Option<f64>,
    /// B − A.
    pub difference: MetricDifferences,
}

/// What an operating point costs tonight.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// The operating point.
    pub point: String,
    /// The rows that it was solved on.
    pub basis: Basis,
    /// Minutes of a review.
    pub minutes_per_review: f64,
    /// With model A.
    pub a: Load,
    /// With model B.
    pub b: Load,
}

/// What to compare, and by which decisions.
#[derive(Debug, Clone, Copy)]
pub struct CompareRequest<'a> {
    /// The first model.
    pub a: Which<'a>,
    /// The second.
    pub b: Which<'a>,
    /// Which decisions.
    pub period: Period,
}

/// Compares two models on the decisions made before the midnight of `day`, and on the items in scope then.
///
/// # Errors
/// When a model is not there or does not fit, or the input breaks its contract.
pub fn compare(project: &Project, request: CompareRequest<'_>, day: Day, stages: &mut Stages) -> anyhow::Result<Comparison> {
    let points = Points::of(&project.config.evaluate)?;
    let plan = input::plan(project)?;
    let [a, b] = [load_model(project, request.a)?, load_model(project, request.b)?];
    let input = input::read(project, plan, day, &a.features, stages)?;
    let found = decided(project, &input, &[&a, &b], (request.period, day), stages)?;

    let config = &project.config.evaluate;
    let stage = stages.begin("compare", found.labels.len() as u64);
    let mut labels = Vec::with_capacity(found.labels.len());
    for label in &found.labels {
        labels.push(compare_label(label, &found.items, &points, config)?);
        stage.step();
    }
    stages.end(stage);

    let cuts: Vec<Option<(Cut, String, Basis)>> =
        labels.iter().zip(&found.labels).map(|(compared, rows)| cut_of(compared, rows, config)).collect();
    let known: Vec<Cut> = cuts.iter().flatten().map(|(cut, _, _)| cut.clone()).collect();
    let (churn, loads) = rivals(project, &input, [&a, &b], &known, day, stages)?;
    let costs = cuts.into_iter().enumerate().filter_map(|(at, cut)| Some((at, cut?)));
    for ((at, (cut, point, basis)), [a, b]) in costs.zip(loads) {
        labels[at].cost = Some(Cost { point, basis, minutes_per_review: cut.minutes, a, b });
    }
    Ok(Comparison { a: a.version, b: b.version, decisions: Decisions::of(&found), labels, churn })
}

impl Decisions {
    pub(super) fn of(found: &Decided) -> Self {
        Self { before_training: found.before_training, too_early: found.too_early, left_out: found.left_out }
    }
}

fn compare_label(
    label: &DecidedLabel,
    items: &[DecidedItem],
    points: &Points,
    config: &EvaluateConfig,
) -> anyhow::Result<LabelComparison> {
    let views = [Some(View::sample(label, items)), View::population(label, items)];
    let compare = |view: &View| -> anyhow::Result<ViewComparison> {
        let [a, b] = [view.clustered(0)?, view.clustered(1)?];
        Ok(ViewComparison {
            basis: view.basis,
            n: view.label.rows.len() as u64,
            positives: view.label.n_positive(),
            a: metric_intervals(&a, &NO_RATES, &bootstrap(config)),
            b: metric_intervals(&b, &NO_RATES, &bootstrap(config)),
            difference: difference(view, config)?,
            ece_a: view.ece(0)?,
            ece_b: view.ece(1)?,
            points_a: points.solve(&a, config),
            points_b: points.solve(&b, config),
        })
    };
    Ok(LabelComparison {
        label: label.label.id.clone(),
        n: label.rows.len() as u64,
        positives: label.n_positive(),
        drawn: label.inclusion.iter().flatten().count() as u64,
        views: views.iter().flatten().map(compare).collect::<anyhow::Result<_>>()?,
        slices: slices(label, items, config)?,
        cost: None,
    })
}

fn difference(view: &View, config: &EvaluateConfig) -> anyhow::Result<MetricDifferences> {
    let pair = Pair::new(view.predictions(0)?, view.predictions(1)?, view.clusters())?;
    Ok(metric_differences(&pair, [&NO_RATES, &NO_RATES], &bootstrap(config)))
}

/// An attribute by name, and its value for an item.
type Attribute = (&'static str, fn(&DecidedItem) -> Option<String>);

/// What rows are sliced by.
pub(super) const ATTRIBUTES: [Attribute; 6] = [
    ("market", |item| Some(item.market.to_string())),
    ("content_type", |item| Some(name_of(&item.content_type))),
    ("tier", |item| Some(item.tier.to_string())),
    ("language", |item| item.language.as_ref().map(ToString::to_string)),
    ("category", |item| item.category.as_ref().map(ToString::to_string)),
    ("text_length", |item| Some(length_of(item.text_chars).to_owned())),
];

/// A range of characters.
fn length_of(chars: usize) -> &'static str {
    match chars {
        0 => "none",
        1..20 => "1 to 19",
        20..80 => "20 to 79",
        80..320 => "80 to 319",
        _ => "320 and more",
    }
}

/// The name that files have for a value.
pub(super) fn name_of(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn slices(label: &DecidedLabel, items: &[DecidedItem], config: &EvaluateConfig) -> anyhow::Result<Vec<SliceComparison>> {
    let mut slices = Vec::new();
    for (attribute, value_of) in ATTRIBUTES {
        let mut rows: BTreeMap<String, u64> = BTreeMap::new();
        for value in label.rows.iter().filter_map(|row| value_of(&items[*row as usize])) {
            *rows.entry(value).or_default() += 1;
        }
        // One value alone is no slice, but for the market, which the gate asks for.
        let is_cut = rows.len() > 1 || attribute == "market";
        let least = if attribute == "market" { 1 } else { config.min_slice_rows };
        for (value, n) in rows.into_iter().filter(|(_, n)| is_cut && *n >= least) {
            let part = label.only(items, |_, item| value_of(item).as_ref() == Some(&value));
            let positives = part.n_positive();
            let view = View::sample(&part, items);
            let of =
                |at| -> anyhow::Result<Option<f64>> { Ok(crate::evaluation::average_precision(view.predictions(at)?.scores())) };
            let (average_precision_a, average_precision_b) = (of(0)?, of(1)?);
            let difference = difference(&view, config)?;
            slices.push(SliceComparison { attribute, value, n, positives, average_precision_a, average_precision_b, difference });
        }
    }
    Ok(slices)
}

/// The first operating point that both models meet on more than a few rows, on the population where there is one.
fn cut_of(compared: &LabelComparison, rows: &DecidedLabel, config: &EvaluateConfig) -> Option<(Cut, String, Basis)> {
    let views = compared.views.iter().rev();
    let met = views.flat_map(|view| view.points_a.iter().zip(&view.points_b).map(move |points| (view.basis, points)));
    let mut met = met.filter_map(|(basis, (a, b))| Some((basis, a.point.clone(), [a.firm_threshold()?, b.firm_threshold()?])));
    let (basis, point, thresholds) = met.next()?;
    let minutes = rows.minutes.unwrap_or(config.minutes_per_review);
    Some((Cut { label: compared.label.clone(), minutes, thresholds }, point, basis))
}

impl fmt::Display for Comparison {
    /// Markdown that reads as well in a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Model {} (A) and model {} (B)\n", self.a, self.b)?;
        self.decisions.write(f)?;
        for label in &self.labels {
            writeln!(f, "\n## {}: {} decisions, {} violating\n", label.label, label.n, label.positives)?;
            label.views.iter().try_for_each(|view| view.write(f))?;
            label.write_cost(f)?;
            label.write_slices(f)?;
        }
        self.churn.write(f)
    }
}

impl Decisions {
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.too_early > 0 {
            writeln!(
                f,
                "{} verdicts were left out: something was decided of their items before every model was trained.",
                self.too_early
            )?;
        }
        if self.before_training > 0 {
            writeln!(
                f,
                "{} verdicts are on items that something was decided of before a model was trained: if it learned from that, these figures flatter it.",
                self.before_training
            )?;
        }
        if self.too_early + self.before_training > 0 {
            writeln!(f)?;
        }
        Ok(())
    }
}

impl ViewComparison {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sense = match self.basis {
            Basis::Sample => "Each decision counted once",
            Basis::Population => "At the population's rate, by the decisions drawn with a known probability",
        };
        writeln!(
            f,
            "{sense}: {} rows, {} violating, of {} sellers, 95 % intervals of {} resamples of sellers.\n",
            self.n, self.positives, self.a.n_clusters, self.a.draws
        )?;
        type Metric = (&'static str, fn(&MetricIntervals) -> Option<Estimate>, fn(&MetricDifferences) -> Option<Difference>);
        let metrics: [Metric; 6] = [
            ("average precision", |m| m.average_precision, |d| d.average_precision),
            ("ROC AUC", |m| m.roc_auc, |d| d.roc_auc),
            ("macro F1 at 0.5", |m| m.macro_f1, |d| d.macro_f1),
            ("log loss (less is better)", |m| m.log_loss, |d| d.log_loss),
            ("Brier (less is better)", |m| m.brier, |d| d.brier),
            ("mean p − rate", |m| m.mean_gap, |d| d.mean_gap),
        ];
        let estimate = |e: Option<Estimate>| with_interval(e.map(|e| e.value), e.and_then(|e| e.low), e.and_then(|e| e.high));
        let mut rows: Vec<Vec<String>> = Vec::new();
        for (name, of, by) in metrics {
            let change = by(&self.difference);
            let worse = change.and_then(|d| d.b_is_worse).map_or("–".to_owned(), |share| format!("{:.0} %", 100.0 * share));
            let change = change.map_or("–".to_owned(), |d| signed(d.value, d.low, d.high));
            rows.push(vec![name.to_owned(), estimate(of(&self.a)), estimate(of(&self.b)), change, worse]);
        }
        let excess = |e: &Option<EceExcess>| e.map_or("–".to_owned(), |e| format!("{:.3} ({:+.3})", e.ece, e.excess));
        rows.push(vec![
            "ECE (beyond chance)".to_owned(),
            excess(&self.ece_a),
            excess(&self.ece_b),
            "–".to_owned(),
            "–".to_owned(),
        ]);
        for (a, b) in self.points_a.iter().zip(&self.points_b) {
            let of = |point: &PointResult| match &point.solved {
                Some(solved) => {
                    let [precision, recall, load] =
                        [solved.precision, solved.recall, solved.match_rate].map(|e| shown(e.map(|e| e.value)));
                    format!("precision {precision}, recall {recall}, match rate {load}")
                }
                None => "cannot be met".to_owned(),
            };
            rows.push(vec![a.point.clone(), of(a), of(b), "–".to_owned(), "–".to_owned()]);
        }
        f.write_str(&text_table(&["metric", "A", "B", "B − A", "B worse in"], &rows))?;
        writeln!(f)
    }
}

impl LabelComparison {
    fn write_cost(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(cost) = &self.cost else { return Ok(()) };
        let row = |name: &str, load: &Load| {
            vec![
                name.to_owned(),
                format!("{:.3}", load.threshold),
                load.flagged.to_string(),
                format!("{:.1}", load.reviewer_hours),
                format!("{:.1}", load.expected_wrong),
            ]
        };
        writeln!(f, "Tonight at `{}`, {:.1} minutes a review:\n", cost.point, cost.minutes_per_review)?;
        let head = ["model", "threshold", "flagged items", "reviewer hours", "expected wrong"];
        f.write_str(&text_table(&head, &[row("A", &cost.a), row("B", &cost.b)]))?;
        writeln!(f)
    }

    fn write_slices(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |slice: &SliceComparison| {
            let change = slice.difference.average_precision;
            vec![
                format!("{} {}", slice.attribute, slice.value),
                slice.n.to_string(),
                slice.positives.to_string(),
                shown(slice.average_precision_a),
                shown(slice.average_precision_b),
                change.map_or("–".to_owned(), |d| signed(d.value, d.low, d.high)),
            ]
        };
        let head = ["slice", "n", "violating", "average precision A", "B", "B − A"];
        f.write_str(&text_table(&head, &self.slices.iter().map(row).collect::<Vec<_>>()))
    }
}

impl Churn {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interval = self.interval.map_or(String::new(), |i| format!(" ({:.2} to {:.2} %)", 100.0 * i.low, 100.0 * i.high));
        let share = self.share.map_or("–".to_owned(), |share| format!("{:.2} %{interval}", 100.0 * share));
        writeln!(f, "\n## Tonight\n\n{} of {} items in scope change band: {share}.\n", self.changed, self.items)?;
        let moves = self.moves.iter().map(|m| vec![m.from.clone(), m.to.clone(), m.items.to_string()]);
        f.write_str(&text_table(&["band A", "band B", "items"], &moves.collect::<Vec<_>>()))?;
        let score = |scored: &super::rivals::Scored| {
            let reasons: Vec<&str> = scored.reasons.iter().map(|reason| reason.code.as_str()).collect();
            (format!("{} {}", shown(scored.abuse.or(scored.quality).map(f64::from)), scored.band), reasons.join(", "))
        };
        let row = |mover: &super::rivals::Mover| {
            let ((a, _), (b, reasons)) = (score(&mover.a), score(&mover.b));
            vec![mover.content_id.to_string(), mover.market.to_string(), a, b, format!("{:+.3}", mover.change), reasons]
        };
        if !self.movers.is_empty() {
            writeln!(f, "\nThe items that move most:\n")?;
        }
        f.write_str(&text_table(
            &["item", "market", "A", "B", "change", "reasons of B"],
            &self.movers.iter().map(row).collect::<Vec<_>>(),
        ))
    }
}
