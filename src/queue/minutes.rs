//! How long a review takes: by content type, and by leading label where there are enough.

use std::collections::BTreeMap;

use crate::config::QueueConfig;
use crate::units::{ContentType, Id};

/// The longest review that counts, in minutes: a tab left open over lunch is no work.
const LONGEST: f64 = 60.0;

/// Thousandths in a minute. Minutes are summed in whole thousandths, so that no order of reading can change them.
pub(super) const THOUSANDTHS: f64 = 1000.0;

/// Minutes of reviews taken, by content type and label.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MinutesTaken {
    types: BTreeMap<ContentType, (u64, u64)>,
    labels: BTreeMap<(ContentType, Id), (u64, u64)>,
}

impl MinutesTaken {
    /// Adds a person's review of `label` that took `minutes`. What is not a number above 0 says nothing.
    pub fn add(&mut self, content_type: ContentType, label: &Id, minutes: f64) {
        if minutes.is_nan() || minutes <= 0.0 {
            return;
        }
        let taken = (minutes.min(LONGEST) * THOUSANDTHS).round() as u64;
        for (sum, n) in
            [self.types.entry(content_type).or_default(), self.labels.entry((content_type, label.clone())).or_default()]
        {
            *sum += taken;
            *n += 1;
        }
    }

    /// Adds what was read elsewhere.
    pub fn merge(&mut self, other: Self) {
        for (key, (sum, n)) in other.types {
            let mine = self.types.entry(key).or_default();
            *mine = (mine.0 + sum, mine.1 + n);
        }
        for (key, (sum, n)) in other.labels {
            let mine = self.labels.entry(key).or_default();
            *mine = (mine.0 + sum, mine.1 + n);
        }
    }

    /// Minutes of a review of a `content_type` that is about `label`, in thousandths, at least 1: the mean, drawn to that of the content
    /// type as if to `minutes_prior_n` reviews, which in turn is drawn to the configured minutes.
    #[must_use]
    pub fn expected(&self, content_type: ContentType, label: Option<&Id>, config: &QueueConfig) -> u64 {
        let n0 = f64::from(config.minutes_prior_n);
        let drawn = |(sum, n): (u64, u64), prior: f64| (sum as f64 + n0 * prior) / (n as f64 + n0);
        let configured = config.minutes.get(&content_type).copied().unwrap_or(1.0) * THOUSANDTHS;
        let of_type = drawn(self.types.get(&content_type).copied().unwrap_or_default(), configured);
        let of_label = label.and_then(|label| self.labels.get(&(content_type, label.clone())));
        let mean = of_label.map_or(of_type, |taken| drawn(*taken, of_type));
        (mean.round() as u64).max(1)
    }
}
