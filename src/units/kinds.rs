//! The field's enumerations, each written in lower snake case in files and tables.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The text is not one of the names that a column or key allows.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{text}` is not a {kind}: expected one of {allowed}")]
pub struct UnknownName {
    /// What the enumeration is called.
    pub kind: &'static str,
    /// The text that was given, shortened.
    pub text: String,
    /// The allowed names, separated by commas.
    pub allowed: String,
}

/// What kind of content a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentType {
    /// A product listing.
    Listing,
    /// A short video.
    Video,
    /// A live stream.
    Live,
    /// A product review.
    Review,
    /// A comment.
    Comment,
}

/// Abuse removes or limits, quality demotes: two scores, never one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    /// Breaks a policy: removes or limits.
    Abuse,
    /// Poor quality: demotes.
    Quality,
}

/// What a decision says of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The positive class.
    Violating,
    /// The negative class.
    Compliant,
}

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// A person.
    Human,
    /// A rule or a model.
    Automatic,
}

/// How an item came before whoever decided it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelectedBy {
    /// A model's score.
    Model,
    /// A policy that fired.
    Policy,
    /// Users' reports.
    Report,
    /// Drawn at random.
    Random,
    /// Drawn with unequal, known probabilities.
    Importance,
    /// A second review for quality assurance.
    Qa,
    /// A case with a known answer.
    Golden,
    /// An appeal.
    Appeal,
    /// Brought in from elsewhere.
    Import,
}

/// What is done about an item, from nothing to most severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// Nothing.
    Allow,
    /// Shown with a warning.
    Label,
    /// Ranked lower.
    Downrank,
    /// Kept out of recommendations.
    NoRecommend,
    /// Shown behind a gate.
    Gate,
    /// Sent to a reviewer.
    Review,
    /// Held back until decided.
    Hold,
    /// Sent to an owner at once.
    Escalate,
}

impl Treatment {
    /// Whether it changes who sees an item.
    #[must_use]
    pub fn limits_reach(self) -> bool {
        match self {
            Self::Allow | Self::Review | Self::Escalate => false,
            Self::Label | Self::Downrank | Self::NoRecommend | Self::Gate | Self::Hold => true,
        }
    }

    /// Whether it takes an item out of sight until someone decides or clicks it open: what a policy may only do on probabilities that
    /// hold for the population (DESIGN.md §5).
    #[must_use]
    pub fn removes(self) -> bool {
        matches!(self, Self::Gate | Self::Hold)
    }
}

/// What happened after a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterSalesKind {
    /// Money back.
    Refund,
    /// Goods sent back.
    Return,
    /// Significantly not as described.
    NotAsDescribed,
    /// One or two stars.
    LowRating,
}

/// The names of one enumeration, in declaration order.
fn find<T: Copy>(kind: &'static str, names: &[(&'static str, T)], text: &str) -> Result<T, UnknownName> {
    let wanted = text.trim();
    names.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value).ok_or_else(|| UnknownName {
        kind,
        text: wanted.chars().take(40).collect(),
        allowed: names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
    })
}

/// The name under which `value` is listed.
fn name_of<T: Copy + PartialEq>(names: &[(&'static str, T)], value: T) -> &'static str {
    names.iter().find(|(_, listed)| *listed == value).map_or("", |(name, _)| name)
}

/// An enumeration whose values are written as names.
trait Named: Copy + PartialEq + 'static {
    const KIND: &'static str;
    const NAMES: &'static [(&'static str, Self)];
}

impl Named for ContentType {
    const KIND: &'static str = "content type";
    const NAMES: &'static [(&'static str, Self)] = &[
        ("listing", Self::Listing),
        ("video", Self::Video),
        ("live", Self::Live),
        ("review", Self::Review),
        ("comment", Self::Comment),
    ];
}

impl Named for LabelKind {
    const KIND: &'static str = "label kind";
    const NAMES: &'static [(&'static str, Self)] = &[("abuse", Self::Abuse), ("quality", Self::Quality)];
}

impl Named for Verdict {
    const KIND: &'static str = "verdict";
    const NAMES: &'static [(&'static str, Self)] = &[("violating", Self::Violating), ("compliant", Self::Compliant)];
}

impl Named for DecidedBy {
    const KIND: &'static str = "decider";
    const NAMES: &'static [(&'static str, Self)] = &[("human", Self::Human), ("automatic", Self::Automatic)];
}

impl Named for SelectedBy {
    const KIND: &'static str = "selection";
    const NAMES: &'static [(&'static str, Self)] = &[
        ("model", Self::Model),
        ("policy", Self::Policy),
        ("report", Self::Report),
        ("random", Self::Random),
        ("importance", Self::Importance),
        ("qa", Self::Qa),
        ("golden", Self::Golden),
        ("appeal", Self::Appeal),
        ("import", Self::Import),
    ];
}

impl Named for Treatment {
    const KIND: &'static str = "treatment";
    const NAMES: &'static [(&'static str, Self)] = &[
        ("allow", Self::Allow),
        ("label", Self::Label),
        ("downrank", Self::Downrank),
        ("no_recommend", Self::NoRecommend),
        ("gate", Self::Gate),
        ("review", Self::Review),
        ("hold", Self::Hold),
        ("escalate", Self::Escalate),
    ];
}

impl Named for AfterSalesKind {
    const KIND: &'static str = "after-sales kind";
    const NAMES: &'static [(&'static str, Self)] = &[
        ("refund", Self::Refund),
        ("return", Self::Return),
        ("not_as_described", Self::NotAsDescribed),
        ("low_rating", Self::LowRating),
    ];
}

/// Gives each named enumeration its text form. Written out once per type because the orphan rule forbids a blanket impl.
macro_rules! text_form {
    ($($name:ty),+) => {$(
        impl FromStr for $name {
            type Err = UnknownName;
            fn from_str(text: &str) -> Result<Self, UnknownName> {
                find(Self::KIND, Self::NAMES, text)
            }
        }
        impl $name {
            /// The name in files and tables.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                name_of(Self::NAMES, self)
            }
            /// All values, in declaration order.
            pub fn all() -> impl Iterator<Item = Self> {
                Self::NAMES.iter().map(|(_, value)| *value)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}
text_form!(ContentType, LabelKind, Verdict, DecidedBy, SelectedBy, Treatment, AfterSalesKind);

/// How bad a violation is: 1 (nuisance) to 5 (harm to life, safety or livelihood).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Severity(u8);

/// The number is not a severity.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{value} is not a severity: expected 1 to 5")]
pub struct SeverityError {
    /// The number that was given.
    pub value: i64,
}

impl Severity {
    /// Checks that `value` lies in 1 to 5.
    ///
    /// # Errors
    /// When it does not.
    pub fn new(value: i64) -> Result<Self, SeverityError> {
        u8::try_from(value).ok().filter(|v| (1..=5).contains(v)).map(Self).ok_or(SeverityError { value })
    }

    /// The level, 1 to 5.
    #[must_use]
    pub fn level(self) -> u8 {
        self.0
    }

    /// The weight of one violating view in expected harm: 1, 3, 10, 30, 100 (DESIGN.md §6).
    #[must_use]
    pub fn weight(self) -> f64 {
        [1.0, 3.0, 10.0, 30.0, 100.0][usize::from(self.0 - 1)]
    }
}
