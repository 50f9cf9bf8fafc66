//! What is getting worse, and whether tonight's run can be trusted.
//!
//! Input: a night's rows and sums, past nights' figures, decisions. Output: [`Figure`]s, each with its interval, n and method, and findings
//! that rest on them. Every part takes values and returns figures: what is published, printed and drawn is the same list. Deliberately not
//! here: files, the clock, tables' form, drawing.

mod alarm;
mod exact_sum;
mod figure;
mod trend;
mod trends;

pub use alarm::{Alarm, AlarmState};
pub use exact_sum::ExactSum;
pub use figure::{Family, Figure, Range, Segment, State, Unit};
pub use trend::{Trend, TrendExample, TrendKind};
pub use trends::{TrendFinder, TrendItem, TrendRules, draft_policy, labelling_batch};
