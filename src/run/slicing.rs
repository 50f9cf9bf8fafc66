//! Where a label's model does worse: metrics by slice, slices that were searched for, parity of false positives.

use std::fmt;

use serde::Serialize;

use super::compare::{ATTRIBUTES, name_of};
use super::decided::{DecidedItem, DecidedLabel};
use super::text_table::{shown, text_table, with_interval};
use crate::config::EvaluateConfig;
use crate::evaluation::{
    Attribute, CompliantRow, Confidence, DecidedRow, HajekEstimate, Parity, PopulationEstimates, SliceCriterion, SliceFindings,
    SliceMetrics, SliceRows, SliceSearch, SliceSize, at_threshold, parity,
};

/// What a threshold does, and to whom.
#[derive(Debug, Clone, Serialize)]
pub struct Slicing {
    /// Rows with at least this probability are called violating: the first operating point that can be met on more than a few rows, else
    /// 0.5.
    pub threshold: f64,
    /// What it does to the population, by the decisions drawn with a known probability, and to the others apart.
    pub rates: PopulationEstimates,
    /// Each value of each attribute; small ones are marked.
    pub slices: Vec<SliceMetrics>,
    /// Slices, of one attribute or two, that are worse than the rest.
    pub worse: Vec<WorseSlices>,
    /// False-positive rates of markets and of tiers.
    pub parity: Vec<ParityOf>,
}

/// What a search found by one criterion.
#[derive(Debug, Clone, Serialize)]
pub struct WorseSlices {
    /// What worse means.
    pub criterion: SliceCriterion,
    /// What was tested, and what was found.
    #[serde(flatten)]
    pub findings: SliceFindings,
}

/// False-positive rates by one attribute.
#[derive(Debug, Clone, Serialize)]
pub struct ParityOf {
    /// market or tier.
    pub attribute: &'static str,
    /// The rates, and the largest difference.
    #[serde(flatten)]
    pub parity: Parity,
}

/// Attributes whose groups should be treated alike.
const TREATED_ALIKE: [&str; 2] = ["market", "tier"];

/// Looks at the rows of a label slice by slice, as model `at` sees them.
///
/// # Errors
/// When a probability is none.
pub(super) fn slicing(
    label: &DecidedLabel,
    (at, threshold): (usize, f64),
    items: &[DecidedItem],
    config: &EvaluateConfig,
) -> anyhow::Result<Slicing> {
    let of_row = |row: &u32| &items[*row as usize];
    let values: Vec<Vec<String>> = ATTRIBUTES
        .iter()
        .map(|(_, value_of)| label.rows.iter().map(|row| value_of(of_row(row)).unwrap_or_default()).collect())
        .collect();
    let borrowed: Vec<Vec<&str>> = values.iter().map(|values| values.iter().map(String::as_str).collect()).collect();
    let attributes: Vec<Attribute<'_>> =
        ATTRIBUTES.iter().zip(&borrowed).map(|((name, _), values)| Attribute { name, values }).collect();
    let clusters: Vec<u64> = label.rows.iter().map(|row| u64::from(of_row(row).cluster)).collect();
    let probability = &label.probability[at];
    let weight = vec![1.0; probability.len()];
    let rows = SliceRows::new(probability, &label.positive, &weight, &clusters, &attributes)?;

    let search = |criterion| {
        let search =
            SliceSearch { criterion, q: config.false_discovery_rate, min_rows: config.min_slice_rows, ..SliceSearch::default() };
        WorseSlices { criterion, findings: search.run(&rows) }
    };
    let decided: Vec<DecidedRow> = (0..probability.len())
        .map(|i| DecidedRow {
            score: probability[i],
            positive: label.positive[i],
            inclusion: label.inclusion[i],
            size: 1.0,
            cluster: clusters[i],
        })
        .collect();
    let parity_of = |attribute: &&'static str| {
        let place = ATTRIBUTES.iter().position(|(name, _)| name == attribute)?;
        let compliant = (0..probability.len()).filter(|i| !label.positive[*i]);
        let compliant: Vec<CompliantRow<'_>> = compliant
            .map(|i| CompliantRow {
                group: borrowed[place][i],
                called: probability[i] >= threshold,
                weight: 1.0,
                cluster: clusters[i],
            })
            .collect();
        Some(ParityOf { attribute, parity: parity(&compliant, config.min_slice_rows, Confidence::NinetyFive) })
    };
    Ok(Slicing {
        threshold,
        rates: at_threshold(&decided, threshold, Confidence::NinetyFive)?,
        slices: rows.metrics(threshold, config.min_slice_rows)?,
        worse: [SliceCriterion::CalibrationGap, SliceCriterion::ExcessLoss].map(search).into(),
        parity: TREATED_ALIKE.iter().filter_map(parity_of).collect(),
    })
}

impl Slicing {
    /// Tables for people: the large slices, those that are worse, the largest difference in false positives.
    ///
    /// # Errors
    /// As writing has them.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "At the threshold {:.3}:\n", self.threshold)?;
        let share =
            |e: Option<HajekEstimate>| with_interval(e.map(|e| e.share), e.map(|e| e.interval.low), e.map(|e| e.interval.high));
        let views = [
            ("drawn with a known probability, weighted", self.rates.population),
            ("all others, each counted once", self.rates.unweighted),
        ];
        let rates: Vec<Vec<String>> = (views.iter())
            .filter_map(|(name, rates)| {
                let rates = (*rates)?;
                let n = rates.base_rate.map_or(0, |e| e.n);
                let shares =
                    [rates.base_rate, rates.precision, rates.recall, rates.match_rate, rates.false_positive_rate].map(share);
                Some([(*name).to_owned(), n.to_string()].into_iter().chain(shares).collect())
            })
            .collect();
        f.write_str(&text_table(
            &["decisions", "n", "violating", "precision", "recall", "match rate", "false-positive rate"],
            &rates,
        ))?;
        let name = |slice: &crate::evaluation::Slice| {
            slice
                .of
                .iter()
                .map(|(attribute, value)| format!("{attribute} {}", if value.is_empty() { "missing" } else { value }))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let large = self.slices.iter().filter(|slice| slice.size == SliceSize::Enough);
        let row = |slice: &SliceMetrics| {
            let numbers = [slice.rate, slice.mean_probability, slice.average_precision, slice.recall, slice.false_positive_rate];
            [name(&slice.slice), slice.n.to_string(), slice.positives.to_string()].into_iter().chain(numbers.map(shown)).collect()
        };
        let large: Vec<Vec<String>> = large.map(row).collect();
        if !large.is_empty() {
            writeln!(f)?;
        }
        f.write_str(&text_table(
            &["slice", "n", "violating", "rate", "mean p", "average precision", "recall", "false-positive rate"],
            &large,
        ))?;
        for worse in &self.worse {
            let row = |found: &crate::evaluation::SliceFinding| {
                let numbers = [found.mean, found.rest, found.q_value].map(|value| shown(Some(value)));
                [name(&found.slice), found.n.to_string(), found.positives.to_string()].into_iter().chain(numbers).collect()
            };
            let rows: Vec<Vec<String>> = worse.findings.found.iter().map(row).collect();
            let criterion = name_of(&worse.criterion).replace('_', " ");
            if !rows.is_empty() {
                writeln!(f, "\nOf {} slices tested, worse than the rest by {criterion}:\n", worse.findings.tested)?;
            }
            f.write_str(&text_table(&["slice", "n", "violating", "mean", "of the rest", "q"], &rows))?;
        }
        for of in &self.parity {
            let Some(gap) = &of.parity.gap else { continue };
            writeln!(
                f,
                "\nFalse-positive rates by {} among the decisions, each counted once: {} is {:.3} ({:.3} to {:.3}) above {}; p = {:.3} that all are\n\
                 alike.",
                of.attribute,
                gap.highest,
                gap.difference,
                gap.difference_interval.low,
                gap.difference_interval.high,
                gap.lowest,
                gap.p_value
            )?;
        }
        Ok(())
    }
}
