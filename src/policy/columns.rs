//! What a policy may read.

use std::collections::{BTreeMap, BTreeSet};

use crate::features::CONTENT_COLUMNS;
use crate::scoring::ScoredLabel;
use crate::sql::SqlType;
use crate::units::{Id, LabelKind};

/// Where a column comes from, and what kind of evidence it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// A column of the score table: what a model says.
    Score,
    /// A feature.
    Feature,
    /// A feature of copies or rings: what others did with an item's text or contacts.
    Link,
    /// What the seller wrote or set.
    Content,
    /// Which part of the marketplace: no evidence of anything.
    Segment,
    /// Views, orders and GMV of the last whole day: no evidence of anything either.
    Volume,
}

/// A column that policies may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: SqlType,
    /// Where it comes from.
    pub kind: ColumnKind,
}

impl PolicyColumn {
    /// Whether it says anything of the item itself: what a model, its text or its own past say, not which part of the marketplace it is in,
    /// how much is known of it, or what others did with its text and contacts.
    #[must_use]
    pub fn is_evidence(&self) -> bool {
        match self.kind {
            ColumnKind::Score => !EXTENTS.contains(&self.name.as_str()),
            ColumnKind::Feature | ColumnKind::Content => true,
            ColumnKind::Link | ColumnKind::Segment | ColumnKind::Volume => false,
        }
    }
}

/// All of them, in the order in which errors list them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyColumns {
    columns: Vec<PolicyColumn>,
    by_name: BTreeMap<String, usize>,
    /// The labels that have a score column.
    labels: BTreeSet<Id>,
    /// Of these, the abuse labels, which `abuse` and `expected_harm` sum up.
    abuse: BTreeSet<Id>,
}

/// Columns of the score table beside the labels' probabilities.
const SCORES: [(&str, SqlType); 8] = [
    ("abuse", SqlType::Number),
    ("quality", SqlType::Number),
    ("expected_harm", SqlType::Number),
    ("forecast_views", SqlType::Number),
    ("labels_scored", SqlType::Integer),
    ("band", SqlType::Text),
    ("calibration", SqlType::Text),
    ("coverage", SqlType::Number),
];

/// Of these, what says how much is known or seen of an item, and nothing against it.
const EXTENTS: [&str; 4] = ["forecast_views", "labels_scored", "calibration", "coverage"];

/// Columns of content that say which item it is, not what it is like.
const SEGMENTS: [&str; 9] =
    ["content_id", "content_type", "market", "language", "category", "published_at", "seller_id", "creator_id", "as_of"];

/// Views, orders and GMV of the last whole day before the midnight.
const VOLUMES: [(&str, SqlType); 3] =
    [("day_views", SqlType::Integer), ("day_orders", SqlType::Integer), ("day_gmv", SqlType::Number)];

impl PolicyColumns {
    /// The columns of a project that scores `labels` and has the features `features`, of which `links` are of copies and rings. Of two
    /// columns of one name the one before is meant: scores, segments and content, volumes, features.
    #[must_use]
    pub fn new<'a>(labels: &[ScoredLabel], features: impl IntoIterator<Item = &'a String>, links: &BTreeSet<&str>) -> Self {
        let ids = |is: &dyn Fn(&&ScoredLabel) -> bool| labels.iter().filter(is).map(|label| label.id.clone()).collect();
        let (all, abuse) = (ids(&|_| true), ids(&|label| label.kind == LabelKind::Abuse));
        let mut columns = Self { labels: all, abuse, ..Self::default() };
        labels.iter().for_each(|label| columns.add(&format!("p_{}", label.id), SqlType::Number, ColumnKind::Score));
        SCORES.iter().for_each(|(name, ty)| columns.add(name, *ty, ColumnKind::Score));
        for (name, ty) in CONTENT_COLUMNS {
            let kind = if SEGMENTS.contains(&name) { ColumnKind::Segment } else { ColumnKind::Content };
            columns.add(name, ty, kind);
        }
        columns.add("tier", SqlType::Text, ColumnKind::Segment);
        VOLUMES.iter().for_each(|(name, ty)| columns.add(name, *ty, ColumnKind::Volume));
        for name in features {
            let kind = if links.contains(name.as_str()) { ColumnKind::Link } else { ColumnKind::Feature };
            columns.add(name, SqlType::Number, kind);
        }
        columns
    }

    fn add(&mut self, name: &str, ty: SqlType, kind: ColumnKind) {
        if !self.by_name.contains_key(name) {
            self.by_name.insert(name.to_owned(), self.columns.len());
            self.columns.push(PolicyColumn { name: name.to_owned(), ty, kind });
        }
    }

    /// The column called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&PolicyColumn> {
        self.by_name.get(name).and_then(|at| self.columns.get(*at))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &PolicyColumn> {
        self.columns.iter()
    }

    /// The labels that a column sums up or is about.
    pub(super) fn labels_of(&self, name: &str) -> Vec<Id> {
        match name {
            "abuse" | "expected_harm" => self.abuse.iter().cloned().collect(),
            _ => name.strip_prefix("p_").map(Id::from).into_iter().collect(),
        }
    }

    /// Whether `label` has a score column.
    #[must_use]
    pub fn scores(&self, label: &Id) -> bool {
        self.labels.contains(label)
    }
}
