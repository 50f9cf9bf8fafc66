//! What happened to an item on the last whole day before a midnight.

use super::*;

/// Views, orders and GMV of one day. `None` where the day is not known; an item without a row on a day that has arrived had none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DayVolumes {
    /// Views.
    pub views: Option<u64>,
    /// Orders.
    pub orders: Option<u64>,
    /// Gross merchandise value, in the item's currency.
    pub gmv: Option<f64>,
}

impl ItemBuilder<'_> {
    pub(super) fn day_volumes(&self, history: &ContentHistory, content: &ContentRow, as_of: AsOf) -> DayVolumes {
        if !self.presence.has(TableName::Engagement) {
            return DayVolumes::default();
        }
        let yesterday = as_of.day.plus(-1);
        let known = |e: &crate::features::EngagementDay| e.day == yesterday && as_of.knows_day(e.day, e.ingested_at);
        if let Some(day) = history.engagement.iter().rev().find(known) {
            return DayVolumes { views: day.views, orders: day.orders, gmv: day.gmv };
        }
        let was_there = self.zones.day_of(content.market, content.published_at) <= yesterday;
        if was_there && self.globals.has_day(content.market, yesterday, as_of) {
            return DayVolumes { views: Some(0), orders: Some(0), gmv: Some(0.0) };
        }
        DayVolumes::default()
    }
}
