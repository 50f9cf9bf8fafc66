//! `train --tune`: a search for the parameters that a model is then fitted with.
//!
//! Input: the training rows, the configuration and a number of trials. Output: the configuration of the winner, and what was
//! tried. Each trial is judged by the mean over labels of the out-of-fold log loss of calibrated probabilities, as the final fit
//! reports it. Deliberately not here: other measures, and any look at held-out data.

mod halving;
mod journal;
mod rows;
mod space;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value};

use self::halving::{Climbed, Job, Loss, Plan, climb, winner};
use self::journal::Journal;
use super::stages::Stages;
use super::train::model_config;
use super::training::Matrices;
use crate::config::TrainConfig;
use crate::models::{self, LabelTargets, LeakConfig, ModelConfig};

pub use self::journal::JournalPolicy;

/// Rows of each class that a label needs to be judged on a part of the sellers, where the configuration asks for no fewer.
const LEAST_OF_EACH: u64 = 20;

/// A search that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search {
    /// Trials, the configuration as it stands among them.
    pub n_trials: usize,
    /// What becomes of the results of an earlier search.
    pub journal: JournalPolicy,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tuned {
    /// Trials that were drawn, the configuration as it stands (0) among them.
    pub trials: usize,
    /// The winner.
    pub winner: usize,
    /// Its mean log loss over the labels, out of fold, on all rows.
    pub log_loss: Option<f64>,
    /// That of the configuration as it stands.
    pub configured_log_loss: Option<f64>,
    /// Its parameters, by their keys below `train`.
    pub parameters: Map<String, Value>,
    /// What was tried on the way.
    pub rungs: Vec<Rung>,
}

/// One rung of a search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rung {
    /// One of this many sellers took part.
    pub one_in: u64,
    /// Trials.
    pub trials: usize,
    /// The smallest mean log loss.
    pub best_log_loss: Option<f64>,
}

impl Tuned {
    /// The parameters as lines for `stallmark.toml`.
    #[must_use]
    pub fn toml(&self) -> String {
        space::toml(&self.parameters)
    }
}

/// Searches, and returns the configuration to fit with.
///
/// # Errors
/// When the journal is of another search or cannot be used, or a fit fails.
pub(super) fn tune(
    train: &TrainConfig,
    search: Search,
    matrices: &Matrices,
    targets: &[LabelTargets],
    stages: &mut Stages,
) -> anyhow::Result<(TrainConfig, Tuned)> {
    models::check_fit(&matrices.set(), targets, &model_config(train))?;
    let settings = format!("{:?} {:?} {}", unlimited(train), ranges(train), env!("CARGO_PKG_VERSION"));
    let digest = rows::digest(&matrices.set(), targets, &settings);
    let (journal, known) = Journal::open(&train.tune.journal, &digest, search.journal)?;
    let journal = Mutex::new(journal);
    let plan = Plan { n_trials: search.n_trials, eta: train.tune.eta, rungs: train.tune.rungs };
    let parts: BTreeMap<u64, rows::Rows> = plan
        .shares()
        .filter(|one_in| *one_in > 1)
        .map(|one_in| (one_in, rows::of_groups(matrices, targets, train.seed, one_in)))
        .collect();
    let mut stage = stages.begin("tune", plan.n_jobs());
    stage.items = plan.n_jobs();
    for _ in &known {
        stage.step();
    }
    let judge = |job: Job| -> anyhow::Result<Loss> {
        let config = config_on(&space::drawn(train, job.trial), job.one_in);
        stage.say(&format!("trial {} on one in {} sellers", job.trial, job.one_in));
        let (part, of_part) = parts.get(&job.one_in).map_or((matrices, targets), |part| (&part.matrices, &part.targets[..]));
        let fitted = models::fit(&part.set(), of_part, &config, &|_| {})?;
        let out_of_fold: Vec<&[Option<f64>]> = fitted.reports.iter().map(|report| &report.out_of_fold[..]).collect();
        Ok(mean_log_loss(of_part, &out_of_fold))
    };
    let report = |job: Job, loss: Loss| -> anyhow::Result<()> {
        stage.step();
        let parameters = space::parameters(&space::drawn(train, job.trial));
        journal.lock().unwrap_or_else(PoisonError::into_inner).add(job, loss, parameters)
    };
    let climbed = climb(plan, &known, &judge, &report)?;
    stages.end(stage);
    let tuned = tuned(train, &climbed, search.n_trials);
    Ok((space::drawn(train, tuned.winner), tuned))
}

/// What decides the draws, without what decides only how many there are.
fn ranges(train: &TrainConfig) -> crate::config::TuneConfig {
    crate::config::TuneConfig { journal: "".into(), eta: 0, rungs: 0, ..train.tune.clone() }
}

/// The configuration without a limit on single features: all rows were checked before, and a part of them may look worse.
fn unlimited(train: &TrainConfig) -> ModelConfig {
    ModelConfig { leak: LeakConfig { max_auc: 1.0, allow: Vec::new() }, ..model_config(train) }
}

/// A trial's configuration on a part of the sellers: labels need as much less as there is less.
fn config_on(train: &TrainConfig, one_in: u64) -> ModelConfig {
    let least = |n: u64| n.min((n / one_in.max(1)).max(LEAST_OF_EACH));
    let config = unlimited(train);
    ModelConfig { min_positives: least(config.min_positives), min_negatives: least(config.min_negatives), ..config }
}

/// The mean over labels of −(1/Σw) Σ w·ln p(verdict), of the calibrated out-of-fold probabilities. Labels without a model don't
/// count; which those are depends on the rows alone, so it is the same for every trial.
fn mean_log_loss(targets: &[LabelTargets], out_of_fold: &[&[Option<f64>]]) -> Loss {
    let of_label = |(target, out_of_fold): (&LabelTargets, &&[Option<f64>])| {
        let (mut sum, mut total) = (0.0, 0.0);
        for (i, p) in out_of_fold.iter().enumerate().filter_map(|(i, p)| Some((i, (*p)?))) {
            let of_verdict = if target.positive[i] { p } else { 1.0 - p };
            sum -= target.weight[i] * libm::log(of_verdict.max(f64::MIN_POSITIVE));
            total += target.weight[i];
        }
        (total > 0.0).then(|| sum / total)
    };
    let (mut sum, mut n_labels) = (0.0, 0_u32);
    for loss in targets.iter().zip(out_of_fold).filter_map(of_label) {
        sum += loss;
        n_labels += 1;
    }
    (n_labels > 0).then(|| sum / f64::from(n_labels))
}

fn tuned(train: &TrainConfig, climbed: &[Climbed], trials: usize) -> Tuned {
    let (winner, log_loss) = winner(climbed);
    let configured = climbed.last().and_then(|rung| rung.losses.first());
    let best = |rung: &Climbed| rung.losses.iter().filter_map(|(_, loss)| *loss).min_by(f64::total_cmp);
    Tuned {
        trials,
        winner,
        log_loss,
        configured_log_loss: configured.and_then(|(_, loss)| *loss),
        parameters: space::parameters(&space::drawn(train, winner)),
        rungs: climbed
            .iter()
            .map(|rung| Rung { one_in: rung.one_in, trials: rung.losses.len(), best_log_loss: best(rung) })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::space::tests::train_config;
    use super::*;
    use crate::units::LabelKind;

    #[test]
    fn the_mean_log_loss_by_hand() {
        let target = |positive: &[bool], weight: &[f64]| LabelTargets {
            label: "spam".into(),
            rows: (0..positive.len() as u32).collect(),
            positive: positive.to_vec(),
            weight: weight.to_vec(),
            inclusion: vec![None; positive.len()],
            kind: LabelKind::Abuse,
        };
        let targets = [target(&[true, false, true], &[1.0, 3.0, 1.0]), target(&[false], &[1.0]), target(&[true], &[1.0])];
        let out_of_fold: [&[Option<f64>]; 3] = [&[Some(0.5), Some(0.25), None], &[Some(0.5)], &[None]];
        // −(ln 0.5 + 3 ln 0.75) / 4 and −ln 0.5; the third has no probability.
        let expect = ((std::f64::consts::LN_2 + 3.0 * 0.287_682_072_451_780_9) / 4.0 + std::f64::consts::LN_2) / 2.0;
        assert!((mean_log_loss(&targets, &out_of_fold).unwrap() - expect).abs() < 1e-15);
        assert_eq!(mean_log_loss(&targets[2..], &out_of_fold[2..]), None);
    }

    #[test]
    fn a_part_of_the_sellers_needs_a_part_of_the_decisions() {
        let train = train_config("[train]\nmin_positives = 270\nmin_negatives = 15");
        let needs = |one_in| (config_on(&train, one_in).min_positives, config_on(&train, one_in).min_negatives);
        assert_eq!([needs(1), needs(3), needs(27)], [(270, 15), (90, 15), (20, 15)]);
    }
}
