//! What the policies say of one item.

use serde::Serialize;

/// What the policies say together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PolicySummary {
    /// Version of the set.
    pub version: String,
    /// The treatment that follows from them.
    pub treatment: &'static str,
    /// Live policies that fired.
    pub fired: Vec<String>,
    /// Policies in shadow that would have.
    pub shadow: Vec<String>,
    /// The policy that holds the item back for comparison.
    pub held_back_by: Option<String>,
    /// Policies that the project cannot evaluate, because it doesn't score their label.
    pub not_evaluated: usize,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PolicyCase {
    /// Identifier.
    pub id: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it is there.
    pub reason: String,
    /// `draft`, `shadow`, `live` or `expired`.
    pub mode: &'static str,
    /// What it does.
    pub treatment: &'static str,
    /// Its condition.
    pub when: String,
    /// Whether it is about this market and kind of content on this day.
    pub in_scope: bool,
    /// What its condition says: `true`, `false`, or `null` where something that it reads is missing.
    pub verdict: Option<&'static str>,
    /// What came of it, in a sentence.
    pub outcome: String,
    /// The values that its condition read.
    pub read: Vec<ReadValue>,
    /// The smallest change of one value that turns its condition over, each in a sentence.
    pub flips: Vec<String>,
}

/// A value that a condition read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReadValue {
    /// The column.
    pub column: String,
    /// Its value as text; `null` when it is missing.
    pub value: Option<String>,
}
