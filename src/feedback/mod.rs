//! What people's decisions say: labels to learn from, how far to trust them, and what to ask next.
//!
//! Input: decisions and actions as rows, out-of-fold probabilities, scored items. Output: aggregated labels with a posterior and their
//! sources, reviewers' agreement and correctness (two things, kept apart), policies' precision, verdicts that look wrong, items
//! worth a review. Undefined is absent, never 0. Everything is sorted before it is summed, so the order of the rows changes no bit.
//! Deliberately not here: files, the clock, features, prevalence, estimates from unequal probabilities.

mod agreement;
mod aggregate;
mod appeals;
mod cases;
mod chance_corrected;
mod confident;
mod correctness;
mod dawid_skene;
mod drawn;
mod inclusion;
mod next_to_label;
mod policy_precision;
mod reviewer;
mod voices;

#[cfg(test)]
mod fixtures;

pub use crate::evaluation::Proportion;
pub use aggregate::{
    AggregateConfig, Aggregated, AggregatedLabel, Basis, Conflict, LabelConsensus, LeftOutDecisions, ReviewerMatrix, Source,
    aggregate, midnights,
};
pub use agreement::{Agreement, PairAgreement, agreement};
pub use appeals::{Appeals, appeals};
pub use cases::CaseWindow;
pub use chance_corrected::{AgreementInterval, Alpha, Kappa, cohen_kappa, krippendorff_alpha};
pub use confident::{ByClass, Candidate, GivenLabel, LabelErrors, Noise, label_errors};
pub use correctness::{Correctness, correctness};
pub use dawid_skene::{Consensus, ConsensusConfig, Estimator, Fallback, Fit, Method, Opinion, Rates, ReviewerRates, consensus};
pub use drawn::{Draw, draws};
pub use inclusion::drawn_by_any;
pub use next_to_label::{NextConfig, NextError, NextToLabel, Scored, ScoredLabel, next_to_label};
pub use policy_precision::{DrawnItem, PolicyPrecision, policy_precision};
pub use reviewer::Reviewer;
pub use voices::DatedDecision;
