//! Policies: conditions over what is known of an item, and what is done where they hold (DESIGN.md §7).
//!
//! Input: policy files as `config` reads them, the columns of a project, rows of a night as plain columns. Output: for each row what
//! each policy says of it ([`Trace`]), and once all rows of the night have been counted, what is done ([`Ruling`]). Deliberately not
//! here: reading files, where columns come from, publishing (`run`).
//!
//! # The way of a row
//!
//! 1. **Condition.** `when` is true, false or null. A null never fires: it is counted. A removing policy thus never acts on what is
//!    not known.
//! 2. **Scope.** Market, content type and days must fit.
//! 3. **Exceptions.** Who is on the allow list is left alone (but for escalations); who is snoozed is not sent to review.
//! 4. **Rollout and holdback.** A keyed hash of policy and unit says who is in (share.rs).
//! 5. **Guards.** What fires on features of copies and rings alone does no more than `review`, and nothing to who was first of them: the
//!    one whose text was copied, whose number was pasted. A removing policy whose label is
//!    calibrated for the sample alone, and a policy over its cap, are in shadow for the night ([`Night`]).
//! 6. **Conflicts.** Of the live policies that act on a row those of the highest priority decide, of these the most severe treatment;
//!    the least factor is taken; all are recorded. An escalation is always made.

mod batch;
mod cases;
mod columns;
mod compile;
mod conflicts;
mod error;
mod evaluate;
mod evidence;
mod links;
mod night;
mod ruling;
mod share;
mod simulate;
mod tally;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub use batch::{Batch, BatchRow};
pub use cases::{CaseFailure, run_cases};
pub use columns::{ColumnKind, PolicyColumn, PolicyColumns};
pub use compile::{NotEvaluated, Policy, PolicySet};
pub use conflicts::{Finding, FindingKind};
pub use error::PolicyError;
pub use evaluate::{Trace, TraceState};
pub use evidence::{EvidenceCell, EvidenceColumn};
pub use night::{Night, Standing};
pub use ruling::Ruling;
pub use share::ShareKey;
pub use simulate::{
    Change, ChangeTotals, Judged, Outcome, PolicyReplay, Replay, ReplayItem, SegmentTotals, SellerHit, SetTotals, SwapRow,
    Transition,
};
pub use tally::{PolicyCounts, Tally};
