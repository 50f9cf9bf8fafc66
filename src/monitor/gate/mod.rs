//! The publish gate: may tonight go out?
//!
//! Input: what the night read, scored and decided, what the drift checks found, and the calibration figures. Output: every check with what was
//! found, its limit and what it rests on; figures of the same; the items that moved most. Deliberately not here: what a refusal does.

mod checks;
mod churn;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::figure::{Family, Figure, Segment, State, Unit};
use crate::units::Market;

pub use checks::{GateInputs, PolicyShare, TableShare, judge_gate};
pub use churn::{Churn, Mover};

/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GateState {
    /// Within its limit.
    Passed,
    /// Beyond it: nothing may be published.
    Refused,
    /// There is no night before, or too little to judge by; the night goes out.
    Unknown,
}

/// One question of the gate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateCheck {
    /// What is measured: `volume`, `rejects`, `coverage`, `gone_null`, `score_drift`, `drift_share`, `churn`, `calibration`,
    /// `firing_rate`, `missing_market`.
    pub name: &'static str,
    /// Of what: a market, a table, a policy, a label; all of the night where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The most, or for `volume` and `coverage` the least, that is allowed.
    pub limit: f64,
    /// Rows or items behind it.
    pub n: u64,
    /// What it says.
    pub state: GateState,
    /// The finding in a sentence.
    pub reason: String,
    #[serde(skip)]
    market: Option<Market>,
}

/// What the gate asked, and what it found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GateReport {
    /// Every question, refusals first.
    pub checks: Vec<GateCheck>,
    /// The items that moved most, where churn was judged; never one that stands in `escalations` alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub movers: Vec<Mover>,
}

impl GateReport {
    /// Whether nothing may be published.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.checks.iter().any(|check| check.state == GateState::Refused)
    }

    /// The refusals, each in a sentence.
    #[must_use]
    pub fn shortfalls(&self) -> Vec<String> {
        let refused = self.checks.iter().filter(|check| check.state == GateState::Refused);
        refused.map(|check| check.reason.clone()).collect()
    }

    /// The checks as figures of the run: metric `gate_<name>`.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        let figure = |check: &GateCheck| Figure {
            value: check.value,
            n: check.n,
            method: "gate",
            state: match check.state {
                GateState::Passed => State::Within,
                GateState::Refused => State::Refused,
                GateState::Unknown => State::Unknown,
            },
            note: Some(check.reason.clone()),
            ..Figure::new(
                Family::Run,
                &format!("gate_{}", check.name),
                Segment { market: check.market, subject: check.subject.clone(), ..Segment::default() },
                if matches!(check.name, "volume" | "score_drift") { Unit::Number } else { Unit::Share },
            )
        };
        self.checks.iter().map(figure).collect()
    }
}
