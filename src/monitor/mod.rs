//! What is getting worse, and whether tonight's run can be trusted.
//!
//! Input: a night's rows and sums, past nights' figures, decisions. Output: [`Figure`]s, each with its interval, n and method, and findings
//! that rest on them. Every part takes values and returns figures: what is published, printed and drawn is the same list. Deliberately not
//! here: files, the clock, tables' form, drawing.

mod alarm;
mod alarms;
mod exact_sum;
mod figure;
mod outcomes;
mod targets;
mod trend;

pub use alarm::{Alarm, AlarmState};
pub use alarms::{CusumLimits, Finding, Firing, FiringLimits, cusum, findings_of, firing_rate, update as update_alarms};
pub use exact_sum::ExactSum;
pub use figure::{Family, Figure, Range, Segment, State, Unit};
pub use outcomes::{
    ArmSums, ClusterSums, Effect, Guardrail, MetricEffect, PolicyOutcome, Verdict, effect, judge as judge_outcome,
    outcome_figures,
};
pub use targets::{Target, TargetDirection, judge_targets};
pub use trend::{Trend, TrendExample, TrendKind};
