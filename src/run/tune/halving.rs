//! Successive halving (Jamieson and Talwalkar 2016): many trials on few rows, the better ones on more.
//!
//! What is raised from rung to rung is the share of the sellers. Rounds of boosting are not cut short on the lower rungs: that
//! would prefer large learning rates. Trial 0, the configuration as it stands, goes through all rungs, so that the winner is
//! never worse than it on all rows.

use std::collections::BTreeMap;

use rayon::prelude::*;

/// What a search is to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// Trials of the first rung, trial 0 among them.
    pub(super) n_trials: usize,
    /// One of this many goes on.
    pub(super) eta: u32,
    /// Rungs, at least 1.
    pub(super) rungs: u32,
}

/// One trial on one rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Job {
    /// One of this many sellers takes part.
    pub(super) one_in: u64,
    /// The trial.
    pub(super) trial: usize,
}

/// The mean log loss of a job; `None` where no label could be judged.
pub(super) type Loss = Option<f64>;

/// A rung that was climbed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Climbed {
    /// One of this many sellers took part.
    pub(super) one_in: u64,
    /// The trials with their losses, by number.
    pub(super) losses: Vec<(usize, Loss)>,
}

impl Plan {
    /// One of how many sellers takes part, rung by rung.
    pub(super) fn shares(&self) -> impl Iterator<Item = u64> {
        let eta = u64::from(self.eta);
        (0..self.rungs).rev().map(move |above| eta.pow(above))
    }

    /// The most jobs that all rungs have together.
    pub(super) fn n_jobs(&self) -> u64 {
        let mut n_trials = self.n_trials.max(1);
        let mut n_jobs = 0;
        for _ in 0..self.rungs {
            n_jobs += n_trials as u64;
            n_trials = self.n_kept(n_trials);
        }
        n_jobs
    }

    /// The most trials that go on from a rung of `n`: the best ones, and trial 0 where it is not among them.
    fn n_kept(&self, n: usize) -> usize {
        (n.div_ceil(self.eta as usize) + 1).min(n)
    }

    /// The trials that go on: one in `eta` by loss, of equals the lower number, and trial 0. A rung that could judge nothing
    /// leaves everyone in.
    fn kept(&self, losses: &[(usize, Loss)]) -> Vec<usize> {
        let mut judged: Vec<(f64, usize)> = losses.iter().filter_map(|(trial, loss)| Some(((*loss)?, *trial))).collect();
        if judged.is_empty() {
            return losses.iter().map(|(trial, _)| *trial).collect();
        }
        judged.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut kept: Vec<usize> =
            judged.into_iter().take(losses.len().div_ceil(self.eta as usize)).map(|(_, trial)| trial).collect();
        if !kept.contains(&0) {
            kept.push(0);
        }
        kept.sort_unstable();
        kept
    }
}

/// Climbs all rungs. `known` are the results of an earlier search that was stopped; every other job is judged, as many side by
/// side as the pool has threads (so that no more of them are in memory), and reported as soon as it is done. The result doesn't
/// depend on the number of threads, nor on what was known.
///
/// # Errors
/// The first that `judge` or `report` gives; what was reported before stands.
pub(super) fn climb<E: Send>(
    plan: Plan,
    known: &BTreeMap<Job, Loss>,
    judge: &(dyn Fn(Job) -> Result<Loss, E> + Sync),
    report: &(dyn Fn(Job, Loss) -> Result<(), E> + Sync),
) -> Result<Vec<Climbed>, E> {
    let mut trials: Vec<usize> = (0..plan.n_trials.max(1)).collect();
    let mut climbed: Vec<Climbed> = Vec::new();
    for one_in in plan.shares() {
        let mut results: BTreeMap<Job, Loss> = BTreeMap::new();
        let jobs = trials.iter().map(|trial| Job { one_in, trial: *trial });
        let (done, left): (Vec<Job>, Vec<Job>) = jobs.partition(|job| known.contains_key(job));
        results.extend(done.iter().filter_map(|job| Some((*job, *known.get(job)?))));
        for wave in left.chunks(rayon::current_num_threads().max(1)) {
            let judged: Vec<Result<(Job, Loss), E>> = wave
                .par_iter()
                .map(|job| {
                    let loss = judge(*job)?;
                    report(*job, loss)?;
                    Ok((*job, loss))
                })
                .collect();
            for result in judged {
                let (job, loss) = result?;
                results.insert(job, loss);
            }
        }
        let losses: Vec<(usize, Loss)> = results.into_iter().map(|(job, loss)| (job.trial, loss)).collect();
        trials = plan.kept(&losses);
        climbed.push(Climbed { one_in, losses });
    }
    Ok(climbed)
}

/// The trial of the smallest loss on the last rung, of equals the lower number; trial 0 where nothing could be judged.
pub(super) fn winner(climbed: &[Climbed]) -> (usize, Loss) {
    let last = climbed.last().map_or(&[][..], |rung| &rung.losses[..]);
    let judged = last.iter().filter_map(|(trial, loss)| Some((*trial, (*loss)?)));
    let best = judged.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    best.map_or((0, None), |(trial, loss)| (trial, Some(loss)))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Mutex;

    use super::*;

    /// Losses with noise that shrinks with the share of the sellers; the best of 27 on all rows is trial 20.
    fn loss(job: Job) -> Loss {
        let noise = (job.trial * 7919 % 13) as f64 / 1000.0 * (job.one_in as f64 - 1.0);
        Some(0.3 + (job.trial as f64 - 20.0).abs() / 100.0 + noise)
    }

    fn run(plan: Plan, known: &BTreeMap<Job, Loss>, loss: impl Fn(Job) -> Loss + Sync) -> (Vec<Climbed>, Vec<Job>) {
        let reported = Mutex::new(Vec::new());
        let judge = |job| Ok::<_, Infallible>(loss(job));
        let Ok(climbed) = climb(plan, known, &judge, &|job, _| {
            reported.lock().unwrap().push(job);
            Ok(())
        });
        let mut reported = reported.into_inner().unwrap();
        reported.sort_unstable();
        (climbed, reported)
    }

    const PLAN: Plan = Plan { n_trials: 27, eta: 3, rungs: 3 };

    #[test]
    fn a_third_goes_on_and_trial_0_always() {
        let (climbed, _) = run(PLAN, &BTreeMap::new(), loss);
        let shapes: Vec<(u64, usize)> = climbed.iter().map(|rung| (rung.one_in, rung.losses.len())).collect();
        assert_eq!(shapes, [(9, 27), (3, 10), (1, 5)]);
        assert!(climbed.iter().all(|rung| rung.losses[0].0 == 0));
        assert_eq!(PLAN.n_jobs(), 27 + 10 + 5);
    }

    #[test]
    fn the_winner_is_the_best_on_all_rows_and_of_equals_the_first() {
        let (climbed, _) = run(PLAN, &BTreeMap::new(), |job| loss(Job { one_in: 1, ..job }));
        assert_eq!(winner(&climbed).0, 20);
        let (climbed, _) = run(PLAN, &BTreeMap::new(), |job| Some(if job.trial % 5 == 4 { 0.25 } else { 0.5 }));
        assert_eq!(winner(&climbed), (4, Some(0.25)));
        let (climbed, _) = run(PLAN, &BTreeMap::new(), |_| Some(0.5));
        assert_eq!(winner(&climbed).0, 0);
    }

    #[test]
    fn a_rung_without_a_judgement_keeps_everyone() {
        let (climbed, _) = run(PLAN, &BTreeMap::new(), |job| if job.one_in == 9 { None } else { loss(job) });
        assert_eq!(climbed[1].losses.len(), 27);
        let (climbed, _) = run(PLAN, &BTreeMap::new(), |_| None);
        assert_eq!(winner(&climbed), (0, None));
    }

    #[test]
    fn threads_and_interruptions_change_nothing() {
        let (expect, all) = run(PLAN, &BTreeMap::new(), loss);
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for n_known in [0, 1, 13, 27, 30, all.len()] {
                // Results come in any order: take those known from the end.
                let known: BTreeMap<Job, Loss> = all.iter().rev().take(n_known).map(|job| (*job, loss(*job))).collect();
                let (climbed, judged) = pool.install(|| run(PLAN, &known, loss));
                assert_eq!(climbed, expect);
                assert_eq!(judged.len() + n_known, all.len(), "what is known is not judged again");
            }
        }
    }

    #[test]
    fn an_error_ends_the_search() {
        let judge = |job: Job| if job.trial == 5 { Err("out of disk") } else { Ok(Some(0.5)) };
        assert_eq!(climb(PLAN, &BTreeMap::new(), &judge, &|_, _| Ok(())).unwrap_err(), "out of disk");
    }
}
