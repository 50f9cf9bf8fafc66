//! What is getting worse, and whether tonight's run can be trusted.
//!
//! Input: a night's rows and sums, past nights' figures, decisions. Output: [`Figure`]s, each with its interval, n and method, and findings
//! that rest on them. Every part takes values and returns figures: what is published, printed and drawn is the same list. Deliberately not
//! here: files, the clock, tables' form, drawing.

mod alarm;
mod alarm_book;
mod cusum;
mod drift;
mod exact_sum;
mod figure;
mod firing_rate;
mod gate;
mod movers;
mod operations;
mod outcomes;
mod pain_points;
mod prevalence;
mod staffing;
mod targets;
mod trend;
mod trends;

pub use alarm::{Alarm, AlarmState};
pub use alarm_book::{Finding, update_alarms};
pub use cusum::{CusumLimits, cusum};
pub use drift::{
    Baselines, Cell, Column, ColumnKind, Counts, DriftReport, MarketProfile, ModelVersions, Profile, ProfileBuilder,
    ProfiledItem, Reference, Volume, judge_drift,
};
pub use exact_sum::ExactSum;
pub use figure::{Family, Figure, Range, Segment, State, Unit};
pub use firing_rate::{FiringHistory, firing_rate_findings};
pub use gate::{Churn, GateCheck, GateInputs, GateReport, GateState, Mover, PolicyShare, TableShare, judge_gate};
pub use movers::{HealthChange, SellerHealth, SellerMove, driver_of, largest_moves};
pub use operations::OperationsTally;
pub use outcomes::{
    ArmSums, ClusterSums, Effect, Guardrail, MetricEffect, PolicyOutcome, Verdict, effect, judge as judge_outcome,
    outcome_figures,
};
pub use pain_points::{PainTally, Stretch};
pub use prevalence::{
    GoldenCounts, PopulationRow, PrevalenceInput, PrevalenceLimits, PrevalenceTally, Said, SampledDraw, SampledItem, Views,
    age_group, prevalence_figures,
};
pub use staffing::staffing_curve_figures;
pub use targets::{Target, TargetDirection, judge_targets};
pub use trend::{Trend, TrendExample, TrendKind};
pub use trends::{TrendFinder, TrendItem, TrendRules, draft_policy, labelling_batch};
