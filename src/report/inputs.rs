//! What the report is made of, as values: the facts of a run and the rows of its published tables.

use std::collections::BTreeMap;

use crate::monitor::{Alarm, Figure, Segment, State, Trend, Unit};
use crate::units::{Day, Market};

/// How identifiers of items, sellers and cases are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdPolicy {
    /// As the source wrote them.
    #[default]
    Plain,
    /// The first 12 hexadecimal digits of blake3 keyed with this key: equal ids stay equal, and nobody without the key can go back.
    Keyed([u8; 32]),
}

/// What may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disclosure {
    /// Figures about people's decisions that rest on fewer than this are not shown; 0 shows all.
    pub smallest_cell: u64,
    /// How ids are shown.
    pub ids: IdPolicy,
}

impl Default for Disclosure {
    fn default() -> Self {
        Self { smallest_cell: 10, ids: IdPolicy::Plain }
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunStatus {
    /// Its tables are published.
    #[default]
    Published,
    /// The gate refused: nothing is published.
    Refused,
    /// The gate refused, and was overridden.
    Overridden,
    /// It failed before anything was published.
    Failed,
}

/// A check of the publish gate.
#[derive(Debug, Clone, PartialEq)]
pub struct GateLine {
    /// The check: `volume`, `churn`.
    pub name: String,
    /// Of which part.
    pub segment: Segment,
    /// What was found.
    pub value: Option<f64>,
    /// Beyond which the gate refuses.
    pub limit: Option<f64>,
    /// Unit of both.
    pub unit: Unit,
    /// What it rests on.
    pub n: u64,
    /// What it says.
    pub state: State,
    /// Why, in a sentence.
    pub reason: String,
    /// What moved most, each with its own figure, in words.
    pub movers: Vec<String>,
}

/// A stage of the run.
#[derive(Debug, Clone, PartialEq)]
pub struct StageLine {
    /// Its name.
    pub name: String,
    /// How long it took (seconds).
    pub seconds: f64,
}

/// A source table as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    /// The table.
    pub table: String,
    /// Rows read.
    pub rows: u64,
    /// Those of them that were rejected.
    pub rejects: u64,
}

/// The run itself.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFacts {
    /// What the report is called: the project.
    pub project: String,
    /// Hash of inputs, configuration and model.
    pub run_id: String,
    /// The midnight that it knows everything before.
    pub as_of: Day,
    /// The model.
    pub model_version: String,
    /// The policy set.
    pub policy_version: String,
    /// How it ended.
    pub status: RunStatus,
    /// Why the gate was overridden, or what failed.
    pub status_reason: Option<String>,
    /// Items scored.
    pub items: u64,
    /// Warnings, each with cause and remedy.
    pub warnings: Vec<String>,
    /// Checks of the publish gate.
    pub gate: Vec<GateLine>,
    /// Stages, in their order.
    pub stages: Vec<StageLine>,
    /// Source tables.
    pub sources: Vec<SourceLine>,
}

impl Default for RunFacts {
    /// A run of nothing, on the first day of all.
    fn default() -> Self {
        Self {
            project: String::new(),
            run_id: String::new(),
            as_of: Day(0),
            model_version: String::new(),
            policy_version: String::new(),
            status: RunStatus::default(),
            status_reason: None,
            items: 0,
            warnings: Vec::new(),
            gate: Vec::new(),
            stages: Vec::new(),
            sources: Vec::new(),
        }
    }
}

/// What a policy did in one market: a row of `policy_hits`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyLine {
    /// The policy.
    pub policy_id: String,
    /// Who answers for it.
    pub owner: String,
    /// What it does.
    pub treatment: String,
    /// live, shadow or fallen (a cap or its calibration put it into shadow for this night).
    pub standing: String,
    /// Why it fell.
    pub standing_reason: Option<String>,
    /// Where.
    pub market: Market,
    /// Items in its scope.
    pub in_scope: u64,
    /// Items on which its condition holds.
    pub held: u64,
    /// Items that it acted on.
    pub acted: u64,
    /// Items that it would act on, were it live.
    pub would_act: u64,
    /// Items left alone for comparison.
    pub held_back: u64,
    /// Items outside its rollout.
    pub outside_rollout: u64,
    /// Items that an exception frees.
    pub excepted: u64,
    /// Items on which its condition is null.
    pub unknown: u64,
    /// Items on which no other policy holds.
    pub alone: u64,
}

/// An item that a policy escalates: by id alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EscalationLine {
    /// Where.
    pub market: Market,
    /// It stands in no other table, and nothing but its id may be shown.
    pub is_urgent: bool,
    /// The policy.
    pub policy_id: String,
    /// Who answers for the policy.
    pub owner: String,
    /// The item.
    pub content_id: String,
}

/// What a review team has before it.
#[derive(Debug, Clone, PartialEq)]
pub struct TeamLine {
    /// market/language/skill.
    pub team: String,
    /// Cases that its minutes last for.
    pub cases: u64,
    /// Minutes that they take.
    pub minutes: f64,
    /// Minutes that it has; absent where nobody said.
    pub capacity: Option<f64>,
    /// Expected harm of its cases.
    pub expected_harm: f64,
}

/// A case at the top of the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueCase {
    /// Place in its market.
    pub rank: u64,
    /// Market.
    pub market: Market,
    /// The item to look at.
    pub content_id: String,
    /// Its seller.
    pub seller_id: Option<String>,
    /// Why it is here: `order`, `policy`, `random`.
    pub slice: String,
    /// The label with the largest part of the harm.
    pub leading_label: Option<String>,
    /// Its calibrated probability.
    pub leading_p: Option<f64>,
    /// Expected harm of its members.
    pub expected_harm: Option<f64>,
    /// Near duplicates in the case, the item included.
    pub cluster_size: u64,
    /// Its place in words.
    pub why: String,
    /// The number of its page, `case-<n>.html`, where one is written.
    pub page: Option<u32>,
}

/// A seller whose health moved.
#[derive(Debug, Clone, PartialEq)]
pub struct SellerLine {
    /// The seller.
    pub seller_id: String,
    /// Market.
    pub market: Market,
    /// Health tonight.
    pub health: f64,
    /// Health tonight less health before.
    pub change: f64,
    /// Band.
    pub band: String,
    /// What moved it.
    pub driver: String,
    /// Items that it rests on.
    pub items: u64,
}

/// Everything that the report shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReportInputs {
    /// The run.
    pub run: RunFacts,
    /// What may be shown.
    pub disclosure: Disclosure,
    /// Tonight's figures, in the order in which their makers want them read.
    pub figures: Vec<Figure>,
    /// Figures of earlier nights.
    pub past: BTreeMap<Day, Vec<Figure>>,
    /// Alarms, raised, standing and cleared.
    pub alarms: Vec<Alarm>,
    /// Trends, best first.
    pub trends: Vec<Trend>,
    /// What policies did.
    pub policies: Vec<PolicyLine>,
    /// Items that policies escalate.
    pub escalations: Vec<EscalationLine>,
    /// Review teams.
    pub teams: Vec<TeamLine>,
    /// The top of the queue.
    pub cases: Vec<QueueCase>,
    /// Sellers that moved, largest change first.
    pub sellers: Vec<SellerLine>,
}
