//! What is true when reviewers err: Dawid and Skene's model (Applied Statistics 28, 1979) for two classes, fitted by EM.
//!
//! Reviewer r calls a violating case violating with probability `sensitivity_r` and a compliant one compliant with `specificity_r`,
//! independently of the others given the truth. Two fits, each of which climbs its own log posterior:
//!
//! 1. *pooled*: one matrix for everybody, with two right and one wrong pseudo-verdicts in each class; starts from the vote shares;
//! 2. *per reviewer*: `prior_verdicts` pseudo-verdicts in each class, split as the pooled matrix says, so that a reviewer of few
//!    verdicts is the pool; starts from the first fit's posteriors.
//!
//! The prevalence has one pseudo-case of each class and is that of the cases without a known truth, because golden cases are
//! chosen, not drawn. Starting from the votes, with a prior on the side of being right, keeps the classes from changing names; a pool
//! that still comes out no better than chance is refused. Without golden cases, two reviewers a case leave more unknowns
//! than facts (Hui and Walter, Biometrics 36, 1980), so a number of cases with three, or with a known truth, is asked for.

use serde::Serialize;

use crate::units::Verdict;

/// Pseudo-verdicts of the pooled matrix in each class: right and wrong.
const POOLED_PRIOR: [f64; 2] = [2.0, 1.0];

/// What one reviewer said of one case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opinion {
    /// Index of the case.
    pub case: usize,
    /// Index of the reviewer.
    pub reviewer: usize,
    /// What was said.
    pub verdict: Verdict,
    /// How many verdicts it counts for: 1 for a person, less for a machine. Opinions whose weight is not above 0 are left out.
    pub weight: f64,
}

/// Where posteriors are to come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimator {
    /// The model, where it can be trusted.
    DawidSkene,
    /// The share of the votes, always.
    Majority,
}

/// When to trust the model, and when to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConsensusConfig {
    /// Whether the model is fitted at all.
    pub estimator: Estimator,
    /// Cases with two reviewers or a known truth that are needed (50 is a start).
    pub min_overlap: u64,
    /// Of them, cases with three reviewers or a known truth (20 is a start).
    pub min_anchored: u64,
    /// Pseudo-verdicts by which a reviewer's rates are drawn to the pool's, in each class (10 is a start; at least 1 is used).
    pub prior_verdicts: f64,
    /// Stops when no posterior moves by more (1e-6 is a start).
    pub tolerance: f64,
    /// Stops after so many rounds of each fit (1,000 is a start).
    pub max_iterations: u64,
}

/// How often a reviewer is right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rates {
    /// Share of violating cases called violating.
    pub sensitivity: f64,
    /// Share of compliant cases called compliant.
    pub specificity: f64,
}

/// One reviewer's rates, shrunk to the pool's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReviewerRates {
    /// The estimate.
    pub rates: Rates,
    /// Verdicts it rests on.
    pub n: u64,
}

/// Why the posteriors are shares of votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Fallback {
    /// It was asked for.
    Asked,
    /// Too few cases that two reviewers saw, or whose truth is known.
    TooLittleOverlap {
        /// Cases there are.
        cases: u64,
        /// Cases needed.
        needed: u64,
    },
    /// Too few cases that three reviewers saw, or whose truth is known: two alone do not identify the rates.
    NotIdentified {
        /// Cases there are.
        cases: u64,
        /// Cases needed.
        needed: u64,
    },
    /// The pooled reviewer is no better than chance, so that the classes cannot be told apart.
    NoBetterThanChance,
}

/// Where the posteriors come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "method")]
pub enum Method {
    /// The fitted model.
    DawidSkene,
    /// The share of the votes.
    Majority(Fallback),
}

/// What is believed of every case and reviewer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Consensus {
    /// Where the posteriors come from.
    #[serde(flatten)]
    pub method: Method,
    /// P(violating) of each case: 0 or 1 where the truth is known; `None` for a case of which nothing was said.
    pub posterior: Vec<Option<f64>>,
    /// What only the model knows; absent under majority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
}

/// The fitted model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// Share of violating cases among those without a known truth; `None` where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prevalence: Option<f64>,
    /// The matrix of everybody together.
    pub pooled: Rates,
    /// Each reviewer by index.
    pub reviewers: Vec<ReviewerRates>,
    /// Rounds of the second fit.
    pub iterations: u64,
    /// ln P(verdicts | rates, prevalence), of golden cases given their truth.
    pub log_likelihood: f64,
    /// The same with the logarithm of the priors, up to a constant: what no round lowers.
    pub log_posterior: f64,
    /// Whether both fits stopped by themselves.
    pub converged: bool,
}

/// Posteriors of `golden.len()` cases from `opinions`; `golden` holds the truth where it is known. The order of the opinions changes no bit.
/// Opinions on a case beyond `golden` are left out.
#[must_use]
pub fn consensus(opinions: &[Opinion], golden: &[Option<Verdict>], config: &ConsensusConfig) -> Consensus {
    let votes = Votes::new(opinions, golden);
    let shares = votes.shares();
    let majority = |reason| Consensus { method: Method::Majority(reason), posterior: shares.clone(), fit: None };
    if config.estimator == Estimator::Majority {
        return majority(Fallback::Asked);
    }
    let (overlapping, anchored) = votes.overlap();
    if overlapping < config.min_overlap {
        return majority(Fallback::TooLittleOverlap { cases: overlapping, needed: config.min_overlap });
    }
    if anchored < config.min_anchored {
        return majority(Fallback::NotIdentified { cases: anchored, needed: config.min_anchored });
    }
    let start: Vec<f64> = shares.iter().map(|share| share.unwrap_or(0.5)).collect();
    let pooled = Em::start(&votes, Grouping::Pooled, Prior { sensitivity: POOLED_PRIOR, specificity: POOLED_PRIOR }, start);
    let (pooled, pooled_rounds) = pooled.climb(config);
    let pool = pooled.rates[0];
    if pool.sensitivity + pool.specificity <= 1.0 {
        return majority(Fallback::NoBetterThanChance);
    }
    let strength = config.prior_verdicts.max(1.0);
    let around = |rate: f64| [strength * rate, strength * (1.0 - rate)];
    let prior = Prior { sensitivity: around(pool.sensitivity), specificity: around(pool.specificity) };
    let (each, rounds) = Em::start(&votes, Grouping::EachReviewer, prior, pooled.posterior).climb(config);
    let said = votes.said_by_reviewer();
    let reviewers = each.rates.iter().zip(said).map(|(rates, n)| ReviewerRates { rates: *rates, n }).collect();
    let posterior = each.posterior.iter().zip(&shares).map(|(p, share)| share.map(|_| *p)).collect();
    let fit = Fit {
        prevalence: votes.has_open_cases().then_some(each.prevalence),
        pooled: pool,
        reviewers,
        iterations: rounds.n,
        log_likelihood: each.log_likelihood,
        log_posterior: each.log_posterior,
        converged: pooled_rounds.converged && rounds.converged,
    };
    Consensus { method: Method::DawidSkene, posterior, fit: Some(fit) }
}

/// The opinions by case, in one order.
struct Votes {
    opinions: Vec<Opinion>,
    /// The truth of each case, where it is known.
    golden: Vec<Option<Verdict>>,
    n_reviewers: usize,
}

impl Votes {
    fn new(opinions: &[Opinion], golden: &[Option<Verdict>]) -> Self {
        let counts = |o: &&Opinion| o.case < golden.len() && o.weight > 0.0 && o.weight.is_finite();
        let mut opinions: Vec<Opinion> = opinions.iter().filter(counts).copied().collect();
        opinions.sort_by(|a, b| {
            (a.case, a.reviewer, a.verdict).cmp(&(b.case, b.reviewer, b.verdict)).then(a.weight.total_cmp(&b.weight))
        });
        let n_reviewers = opinions.iter().map(|o| o.reviewer + 1).max().unwrap_or(0);
        Self { opinions, golden: golden.to_vec(), n_reviewers }
    }

    /// The opinions of each case that has any.
    fn by_case(&self) -> impl Iterator<Item = (usize, &[Opinion])> {
        self.opinions.chunk_by(|a, b| a.case == b.case).map(|said| (said[0].case, said))
    }

    /// Per case the truth, else the share of the votes for violating.
    fn shares(&self) -> Vec<Option<f64>> {
        let mut shares: Vec<Option<f64>> = self.golden.iter().map(|truth| truth.map(class)).collect();
        for (case, said) in self.by_case().filter(|(case, _)| self.golden[*case].is_none()) {
            let all: f64 = said.iter().map(|o| o.weight).sum();
            let violating = said.iter().filter(|o| o.verdict == Verdict::Violating).fold(0.0, |sum, o| sum + o.weight);
            shares[case] = Some(violating / all);
        }
        shares
    }

    /// Cases with two reviewers, and with three; a known truth is worth both.
    fn overlap(&self) -> (u64, u64) {
        self.by_case().fold((0, 0), |(two, three), (case, said)| {
            let reviewers = said.chunk_by(|a, b| a.reviewer == b.reviewer).count();
            let known = self.golden[case].is_some();
            (two + u64::from(known || reviewers >= 2), three + u64::from(known || reviewers >= 3))
        })
    }

    fn said_by_reviewer(&self) -> Vec<u64> {
        let mut n = vec![0; self.n_reviewers];
        self.opinions.iter().for_each(|o| n[o.reviewer] += 1);
        n
    }

    fn has_open_cases(&self) -> bool {
        self.by_case().any(|(case, _)| self.golden[case].is_none())
    }
}

/// Whose rates are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grouping {
    Pooled,
    EachReviewer,
}

/// Pseudo-verdicts in each class: right and wrong.
#[derive(Debug, Clone, Copy)]
struct Prior {
    sensitivity: [f64; 2],
    specificity: [f64; 2],
}

/// The rounds of one fit.
struct Rounds {
    n: u64,
    converged: bool,
}

/// One fit on its way.
struct Em<'v> {
    votes: &'v Votes,
    grouping: Grouping,
    prior: Prior,
    /// P(violating) of each case under the rates.
    posterior: Vec<f64>,
    prevalence: f64,
    rates: Vec<Rates>,
    log_likelihood: f64,
    log_posterior: f64,
}

impl<'v> Em<'v> {
    /// Rates from the posteriors to start from, and the posteriors under those rates.
    fn start(votes: &'v Votes, grouping: Grouping, prior: Prior, posterior: Vec<f64>) -> Self {
        let none = f64::NEG_INFINITY;
        let mut em = Self {
            votes,
            grouping,
            prior,
            posterior,
            prevalence: 0.5,
            rates: Vec::new(),
            log_likelihood: none,
            log_posterior: none,
        };
        em.step();
        em
    }

    fn climb(mut self, config: &ConsensusConfig) -> (Self, Rounds) {
        for n in 1..=config.max_iterations {
            let before = self.posterior.clone();
            self.step();
            let moved = before.iter().zip(&self.posterior).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            if moved <= config.tolerance {
                return (self, Rounds { n, converged: true });
            }
        }
        (self, Rounds { n: config.max_iterations, converged: false })
    }

    /// One round: the rates that the posteriors speak for, then the posteriors under them.
    fn step(&mut self) {
        self.maximise();
        self.expect();
    }

    fn group(&self, opinion: &Opinion) -> usize {
        if self.grouping == Grouping::Pooled { 0 } else { opinion.reviewer }
    }

    fn maximise(&mut self) {
        let [mut open, mut violating] = [0.0; 2];
        let n_groups = if self.grouping == Grouping::Pooled { 1 } else { self.votes.n_reviewers };
        let of = |[right, wrong]: [f64; 2]| [right, right + wrong];
        let mut counts = vec![(of(self.prior.sensitivity), of(self.prior.specificity)); n_groups];
        for (case, said) in self.votes.by_case() {
            let p = self.posterior[case];
            if self.votes.golden[case].is_none() {
                open += 1.0;
                violating += p;
            }
            for opinion in said {
                let (caught, cleared) = &mut counts[self.group(opinion)];
                let (w, says_violating) = (opinion.weight, opinion.verdict == Verdict::Violating);
                caught[0] += if says_violating { w * p } else { 0.0 };
                caught[1] += w * p;
                cleared[0] += if says_violating { 0.0 } else { w * (1.0 - p) };
                cleared[1] += w * (1.0 - p);
            }
        }
        self.prevalence = (violating + 1.0) / (open + 2.0);
        let share = |[right, all]: [f64; 2]| right / all;
        self.rates = counts.iter().map(|(se, sp)| Rates { sensitivity: share(*se), specificity: share(*sp) }).collect();
    }

    fn expect(&mut self) {
        let logs: Vec<[f64; 4]> = self.rates.iter().map(logs).collect();
        let prior = [libm::log(self.prevalence), libm::log1p(-self.prevalence)];
        let mut likelihood = 0.0;
        let mut posterior = std::mem::take(&mut self.posterior);
        for (case, said) in self.votes.by_case() {
            let [mut violating, mut compliant] = [0.0; 2];
            for opinion in said {
                let [hit, miss, clear, alarm] = logs[self.group(opinion)];
                let (if_violating, if_compliant) =
                    if opinion.verdict == Verdict::Violating { (hit, alarm) } else { (miss, clear) };
                violating += opinion.weight * if_violating;
                compliant += opinion.weight * if_compliant;
            }
            likelihood += match self.votes.golden[case] {
                Some(Verdict::Violating) => violating,
                Some(Verdict::Compliant) => compliant,
                None => {
                    let (v, c) = (violating + prior[0], compliant + prior[1]);
                    posterior[case] = 1.0 / (1.0 + libm::exp(c - v));
                    v.max(c) + libm::log1p(libm::exp(-(v - c).abs()))
                }
            };
        }
        self.posterior = posterior;
        let pseudo = |[hit, miss, clear, alarm]: &[f64; 4]| {
            let ([r1, w1], [r0, w0]) = (self.prior.sensitivity, self.prior.specificity);
            r1 * hit + w1 * miss + r0 * clear + w0 * alarm
        };
        self.log_likelihood = likelihood;
        self.log_posterior = likelihood + prior[0] + prior[1] + logs.iter().map(pseudo).sum::<f64>();
    }
}

/// Logarithms of sensitivity, its complement, specificity, its complement. The priors keep the rates off 0 and 1.
fn logs(rates: &Rates) -> [f64; 4] {
    [rates.sensitivity, 1.0 - rates.sensitivity, rates.specificity, 1.0 - rates.specificity].map(libm::log)
}

fn class(verdict: Verdict) -> f64 {
    if verdict == Verdict::Violating { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::feedback::fixtures::noise;
    use crate::units::Verdict::{Compliant, Violating};

    const CONFIG: ConsensusConfig = ConsensusConfig {
        estimator: Estimator::DawidSkene,
        min_overlap: 1,
        min_anchored: 1,
        prior_verdicts: 10.0,
        tolerance: 1e-12,
        max_iterations: 10_000,
    };

    fn verdict(violating: bool) -> Verdict {
        if violating { Violating } else { Compliant }
    }

    /// One row a case, one column a reviewer: `v`, `c`, or `.` where nothing was said.
    fn table(rows: &[&str]) -> Vec<Opinion> {
        let of = |case: usize, row: &str| -> Vec<Opinion> {
            let cells = row.chars().enumerate().filter(|(_, cell)| *cell != '.');
            cells.map(|(reviewer, cell)| Opinion { case, reviewer, verdict: verdict(cell == 'v'), weight: 1.0 }).collect()
        };
        rows.iter().enumerate().flat_map(|(case, row)| of(case, row)).collect()
    }

    fn close(found: f64, expect: f64, tolerance: f64) {
        assert!((found - expect).abs() < tolerance, "{found} is not {expect}");
    }

    /// By hand, from the shares 1 and ½: sensitivity (2 + 2 + ½) ÷ (3 + 3), specificity (2 + ½) ÷ (3 + 1), prevalence (1.5 + 1) ÷ 4;
    /// then case 0 is ⅝·¾² against ⅜·⅜², case 1 is ⅝·¾·¼ against ⅜·⅜·⅝.
    #[test]
    fn one_round_by_hand() {
        let votes = Votes::new(&table(&["vv", "vc"]), &[None, None]);
        let prior = Prior { sensitivity: POOLED_PRIOR, specificity: POOLED_PRIOR };
        let em = Em::start(&votes, Grouping::Pooled, prior, vec![1.0, 0.5]);
        assert_eq!((em.rates[0], em.prevalence), (Rates { sensitivity: 0.75, specificity: 0.625 }, 0.625));
        close(em.posterior[0], 20.0 / 23.0, 1e-15);
        close(em.posterior[1], 4.0 / 7.0, 1e-15);
        close(em.log_likelihood, libm::log(0.404_296_875) + libm::log(0.205_078_125), 1e-14);
    }

    /// Expected: the log posteriors of both stages maximised by scipy 1.17.1 (`minimize`, BFGS then Nelder–Mead), not by EM.
    #[test]
    fn the_optimum_is_scipys() {
        let cases = ["vvv", "vvc", "ccc", "cvc", "cc.", "v.v", ".cc", "vcc", "ccc", "vvv", "cv.", "vvc"];
        let mut golden = vec![None; 12];
        (golden[7], golden[8]) = (Some(Violating), Some(Compliant));
        let found = consensus(&table(&cases), &golden, &CONFIG);
        let fit = found.fit.unwrap();
        for (found, [sensitivity, specificity]) in
            fit.reviewers.iter().zip([[0.726_330_31, 0.887_779_82], [0.714_761_83, 0.841_714_84], [0.579_578_06, 0.890_871_32]])
        {
            close(found.rates.sensitivity, sensitivity, 1e-6);
            close(found.rates.specificity, specificity, 1e-6);
        }
        close(fit.pooled.sensitivity, 0.671_238_593, 1e-6);
        close(fit.pooled.specificity, 0.857_455_777, 1e-6);
        close(fit.prevalence.unwrap(), 0.630_962_078, 1e-6);
        close(fit.log_likelihood, -18.906_980_518_8, 1e-6);
        close(fit.log_posterior, -52.051_118, 1e-5);
        close(found.posterior[3].unwrap(), 0.529_006_003, 1e-6);
        assert!(fit.converged);
        assert_eq!((found.posterior[7], found.posterior[8]), (Some(1.0), Some(0.0)));
    }

    /// 40 reviewers of planted rates, 5 a case, 2,000 cases of which 30 % violate. The tolerances are three standard errors of a share
    /// of the verdicts that a reviewer gave in the class (75 and 175), for the mean over reviewers one.
    #[test]
    fn planted_rates_are_recovered() {
        let seed = &mut 7;
        let planted: Vec<Rates> =
            (0..40).map(|_| Rates { sensitivity: 0.6 + 0.35 * noise(seed), specificity: 0.75 + 0.24 * noise(seed) }).collect();
        let truth: Vec<bool> = (0..2_000).map(|_| noise(seed) < 0.3).collect();
        let mut opinions = Vec::new();
        for (case, violating) in truth.iter().enumerate() {
            let first = (noise(seed) * 40.0) as usize;
            for k in 0..5 {
                let reviewer = (first + k * 7) % 40;
                let right = noise(seed) < if *violating { planted[reviewer].sensitivity } else { planted[reviewer].specificity };
                opinions.push(Opinion { case, reviewer, verdict: verdict(right == *violating), weight: 1.0 });
            }
        }
        let found = consensus(&opinions, &vec![None; 2_000], &ConsensusConfig { tolerance: 1e-6, ..CONFIG });
        let fit = found.fit.unwrap();
        close(fit.prevalence.unwrap(), 0.3, 0.03);
        for (found, planted) in fit.reviewers.iter().zip(&planted) {
            close(found.rates.sensitivity, planted.sensitivity, 0.15);
            close(found.rates.specificity, planted.specificity, 0.10);
        }
        let mean_error = |of: fn(&Rates) -> f64| {
            fit.reviewers.iter().zip(&planted).map(|(f, p)| (of(&f.rates) - of(p)).abs()).sum::<f64>() / 40.0
        };
        assert!(mean_error(|r| r.sensitivity) < 0.05 && mean_error(|r| r.specificity) < 0.035);
        // The posterior is right more often than the majority of the same votes.
        let votes = Votes::new(&opinions, &vec![None; 2_000]).shares();
        let wrong = |p: &[Option<f64>]| p.iter().zip(&truth).filter(|(p, y)| (p.unwrap() > 0.5) != **y).count();
        assert!(wrong(&found.posterior) < wrong(&votes), "{} {}", wrong(&found.posterior), wrong(&votes));
    }

    #[test]
    fn a_reviewer_of_one_verdict_is_nearly_the_pool() {
        let mut rows = vec!["vvv."; 30];
        rows.extend(["ccc."; 60]);
        rows.push("ccvv");
        let fit = consensus(&table(&rows), &[None; 91], &CONFIG).fit.unwrap();
        assert_eq!(fit.reviewers[3].n, 1);
        // One verdict against ten pseudo-verdicts moves a rate by less than an eleventh.
        close(fit.reviewers[3].rates.specificity, fit.pooled.specificity, 1.0 / 11.0);
        close(fit.reviewers[3].rates.sensitivity, fit.pooled.sensitivity, 1.0 / 11.0);
    }

    #[test]
    fn too_little_to_go_by_falls_back_to_the_votes_and_says_so() {
        let config = ConsensusConfig { min_overlap: 3, min_anchored: 2, ..CONFIG };
        let fell = |rows: &[&str], golden: &[Option<Verdict>]| {
            let found = consensus(&table(rows), golden, &config);
            (found.method, found.posterior)
        };
        let alone = Method::Majority(Fallback::TooLittleOverlap { cases: 1, needed: 3 });
        assert_eq!(fell(&["v..", "c..", "vc."], &[None; 4]), (alone, vec![Some(1.0), Some(0.0), Some(0.5), None]));
        let pairs = Method::Majority(Fallback::NotIdentified { cases: 1, needed: 2 });
        assert_eq!(fell(&["vv", "cc", "v."], &[None, None, Some(Compliant)]), (pairs, vec![Some(1.0), Some(0.0), Some(0.0)]));
        // Everybody is wrong about every known case.
        let truth = [Some(Violating), Some(Compliant), Some(Violating), Some(Compliant)];
        let wrong = fell(&["ccc", "vvv", "ccc", "vvv"], &truth);
        assert_eq!(wrong.0, Method::Majority(Fallback::NoBetterThanChance));
        let json = serde_json::to_string(&consensus(&table(&["v"]), &[None], &config)).unwrap();
        assert_eq!(json, r#"{"method":"majority","reason":"too_little_overlap","cases":0,"needed":3,"posterior":[1.0]}"#);
    }

    fn any_opinions() -> impl Strategy<Value = (Vec<Opinion>, Vec<Option<Verdict>>)> {
        let one = (0..12_usize, 0..5_usize, any::<bool>(), prop_oneof![Just(1.0), Just(0.3)]);
        let opinions = prop::collection::vec(one, 1..60).prop_map(|rows| {
            rows.into_iter().map(|(case, reviewer, v, weight)| Opinion { case, reviewer, verdict: verdict(v), weight }).collect()
        });
        let truth = prop_oneof![4 => Just(None), 1 => any::<bool>().prop_map(|v| Some(verdict(v)))];
        (opinions, prop::collection::vec(truth, 12))
    }

    proptest! {
        #[test]
        fn no_round_lowers_the_log_posterior((opinions, golden) in any_opinions()) {
            let votes = Votes::new(&opinions, &golden);
            let start: Vec<f64> = votes.shares().iter().map(|share| share.unwrap_or(0.5)).collect();
            for grouping in [Grouping::Pooled, Grouping::EachReviewer] {
                let prior = Prior { sensitivity: [2.0, 1.0], specificity: [2.5, 0.5] };
                let mut em = Em::start(&votes, grouping, prior, start.clone());
                for _ in 0..30 {
                    let before = em.log_posterior;
                    em.step();
                    prop_assert!(em.log_posterior >= before - 1e-9, "{} after {before}", em.log_posterior);
                }
            }
        }

        #[test]
        fn the_order_of_the_opinions_changes_no_bit((mut opinions, golden) in any_opinions(), by in 0..60_usize) {
            let found = consensus(&opinions, &golden, &CONFIG);
            let by = by % opinions.len();
            opinions.rotate_left(by);
            opinions[by..].reverse();
            prop_assert_eq!(&consensus(&opinions, &golden, &CONFIG), &found);
            prop_assert!(found.posterior.iter().flatten().all(|p| (0.0..=1.0).contains(p)));
        }
    }
}
