//! How many views an item may expect on the coming day.

use super::*;

/// How a forecast of views was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForecastMethod {
    /// Yesterday's views shrunk to the mean of the item's tier and age.
    YesterdayShrunk,
    /// The mean of the item's tier and age: nothing of the item itself is known yet.
    TierAge,
    /// Yesterday's views as they are: nothing is known of its tier and age.
    Yesterday,
    /// Nothing is known: no forecast.
    Missing,
}

impl ForecastMethod {
    /// The name in the score table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::YesterdayShrunk => "yesterday_shrunk",
            Self::TierAge => "tier_age",
            Self::Yesterday => "yesterday",
            Self::Missing => "none",
        }
    }
}

/// Expected views of the coming day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// Expected views; `None` when nothing is known.
    pub views: Option<f64>,
    /// How.
    pub method: ForecastMethod,
}

impl ItemBuilder<'_> {
    /// Yesterday's views shrunk to the mean of tier and age: (v + k·m) / (1 + k), the posterior mean of a rate with a prior worth
    /// k days.
    pub(super) fn forecast(&self, history: &ContentHistory, content: &ContentRow, as_of: AsOf, tier: &Id) -> Forecast {
        if !self.presence.has(TableName::Engagement) {
            return Forecast { views: None, method: ForecastMethod::Missing };
        }
        let yesterday = as_of.day.plus(-1);
        let born = self.zones.day_of(content.market, content.published_at);
        let observed = history.engagement.iter().rev().find(|e| e.day == yesterday && as_of.knows_day(e.day, e.ingested_at));
        // An item that was there all day and has no row was not viewed, provided that the day's rows have arrived at all.
        let silent = born < yesterday && self.globals.has_day(content.market, yesterday, as_of);
        let views = observed.map_or(silent.then_some(0), |e| e.views).map(|v| v as f64);
        let prior = self.globals.mean_daily_views(tier, as_of.instant.days_since(content.published_at), as_of);
        let k = self.forecast_prior_days;
        match (views, prior) {
            (Some(v), Some((m, _))) => Forecast { views: Some((v + k * m) / (1.0 + k)), method: ForecastMethod::YesterdayShrunk },
            (None, Some((m, _))) => Forecast { views: Some(m), method: ForecastMethod::TierAge },
            (Some(v), None) => Forecast { views: Some(v), method: ForecastMethod::Yesterday },
            (None, None) => Forecast { views: None, method: ForecastMethod::Missing },
        }
    }
}
