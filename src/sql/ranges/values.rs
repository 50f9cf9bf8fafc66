//! What one column may hold: an interval of numbers, some texts or all but some, and whether it may be null.

use std::collections::BTreeSet;
use std::fmt;

/// An end of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct End {
    pub(super) at: f64,
    /// Whether `at` itself is inside.
    pub(super) is_closed: bool,
}

/// Values that are not null.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// None.
    Nothing,
    /// Any.
    Anything,
    /// Numbers from `low` to `high`; without an end, all.
    Between { low: Option<End>, high: Option<End> },
    /// These texts.
    Texts(BTreeSet<String>),
    /// All texts but these.
    NotTexts(BTreeSet<String>),
}

/// What a column may hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    pub(super) values: Values,
    pub(super) may_be_null: bool,
}

impl Range {
    /// Values of `values`, never null.
    pub(super) fn of(values: Values) -> Self {
        Self { values, may_be_null: false }
    }

    /// Null alone.
    pub(super) fn null() -> Self {
        Self { values: Values::Nothing, may_be_null: true }
    }

    /// One of `texts`.
    #[must_use]
    pub fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::of(Values::Texts(texts.into_iter().map(str::to_owned).collect()))
    }

    /// Numbers `>= from` and `< until`.
    #[must_use]
    pub fn half_open(from: Option<f64>, until: Option<f64>) -> Self {
        let end = |is_closed| move |at| End { at, is_closed };
        Self::of(Values::Between { low: from.map(end(true)), high: until.map(end(false)) })
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && !self.may_be_null
    }

    /// What is in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self { values: self.values.and(&other.values), may_be_null: self.may_be_null && other.may_be_null }
    }

    /// Whether all of it is in `other`.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        (other.may_be_null || !self.may_be_null) && self.values.is_within(&other.values)
    }
}

impl Values {
    fn is_empty(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Anything | Self::NotTexts(_) => false,
            Self::Texts(texts) => texts.is_empty(),
            Self::Between { low: Some(low), high: Some(high) } => {
                low.at > high.at || (low.at == high.at && !(low.is_closed && high.is_closed))
            }
            Self::Between { .. } => false,
        }
    }

    fn and(&self, other: &Self) -> Self {
        let both = match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::Between { low, high }, Self::Between { low: other_low, high: other_high }) => {
                Self::Between { low: tighter(*low, *other_low, |a, b| a > b), high: tighter(*high, *other_high, |a, b| a < b) }
            }
            (Self::Texts(a), Self::Texts(b)) => Self::Texts(a & b),
            (Self::Texts(a), Self::NotTexts(b)) | (Self::NotTexts(b), Self::Texts(a)) => Self::Texts(a - b),
            (Self::NotTexts(a), Self::NotTexts(b)) => Self::NotTexts(a | b),
            (Self::Anything, known) => known.clone(),
            // A column has one type, so that the other is `Anything`; were it not, too much is kept and never too little.
            (known, _) => known.clone(),
        };
        if both.is_empty() { Self::Nothing } else { both }
    }

    fn is_within(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Anything) => true,
            (Self::Between { low, high }, Self::Between { low: other_low, high: other_high }) => {
                inside(*low, *other_low, |a, b| a > b) && inside(*high, *other_high, |a, b| a < b)
            }
            (Self::Texts(a), Self::Texts(b)) => a.is_subset(b),
            (Self::Texts(a), Self::NotTexts(b)) => a.is_disjoint(b),
            (Self::NotTexts(a), Self::NotTexts(b)) => b.is_subset(a),
            _ => false,
        }
    }
}

/// The tighter of two ends on one side, `beyond` telling which of two numbers is further in.
fn tighter(a: Option<End>, b: Option<End>, beyond: fn(f64, f64) -> bool) -> Option<End> {
    match (a, b) {
        (Some(a), Some(b)) if a.at == b.at => Some(End { at: a.at, is_closed: a.is_closed && b.is_closed }),
        (Some(a), Some(b)) => Some(if beyond(a.at, b.at) { a } else { b }),
        (a, b) => a.or(b),
    }
}

/// Whether end `a` lies within end `b` of the same side.
fn inside(a: Option<End>, b: Option<End>, beyond: fn(f64, f64) -> bool) -> bool {
    match (a, b) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(a), Some(b)) => beyond(a.at, b.at) || (a.at == b.at && (b.is_closed || !a.is_closed)),
    }
}

/// `>= 0.5 and < 0.95`, `= 'TH'`, `in ('TH', 'VN')`, `is null`.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |texts: &BTreeSet<String>| texts.iter().map(|text| format!("'{text}'")).collect::<Vec<_>>().join(", ");
        let known = match &self.values {
            Values::Nothing => String::new(),
            Values::Anything => "is anything".to_owned(),
            Values::Between { low: Some(low), high: Some(high) } if low.at == high.at => format!("= {}", low.at),
            Values::Between { low, high } => {
                let low = low.map(|end| format!("{} {}", if end.is_closed { ">=" } else { ">" }, end.at));
                let high = high.map(|end| format!("{} {}", if end.is_closed { "<=" } else { "<" }, end.at));
                low.into_iter().chain(high).collect::<Vec<_>>().join(" and ")
            }
            Values::Texts(texts) if texts.len() == 1 => format!("= {}", quoted(texts)),
            Values::Texts(texts) => format!("in ({})", quoted(texts)),
            Values::NotTexts(texts) => format!("not in ({})", quoted(texts)),
        };
        let null = if self.may_be_null { "is null" } else { "" };
        let either = if known.is_empty() || null.is_empty() { "" } else { " or " };
        write!(f, "{known}{either}{null}")
    }
}
