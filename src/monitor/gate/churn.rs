//! Which items change band from one night to the next.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::units::{Id, Market};

/// An item of both nights whose score moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mover {
    /// The item.
    pub content_id: Id,
    /// Its market.
    #[serde(serialize_with = "as_text")]
    pub market: Market,
    /// Probability of abuse last night and tonight.
    pub abuse: [Option<f32>; 2],
    /// Band last night and tonight.
    pub band: [String; 2],
    /// Codes of tonight's reasons, strongest first.
    pub reasons: Vec<String>,
}

fn as_text<S: Serializer>(market: &Market, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(market)
}

impl Mover {
    fn change(&self) -> f32 {
        let [before, now] = self.abuse.map(|p| p.unwrap_or(0.0));
        (now - before).abs()
    }
}

/// Movers that are kept.
const MOVERS: usize = 20;

/// How many items of both nights change band; counts add up in any order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Churn {
    /// Items of both nights, and those of another band, by market.
    pub markets: BTreeMap<Market, (u64, u64)>,
    /// The items that changed band, by how far their probability of abuse moved.
    pub movers: Vec<Mover>,
}

impl Churn {
    /// Counts an item of both nights.
    pub fn add(&mut self, item: Mover) {
        let counts = self.markets.entry(item.market).or_default();
        counts.0 += 1;
        if item.band[0] == item.band[1] {
            return;
        }
        counts.1 += 1;
        let before =
            |other: &Mover| other.change().total_cmp(&item.change()).then_with(|| item.content_id.cmp(&other.content_id)).is_ge();
        let place = self.movers.partition_point(before);
        if place < MOVERS {
            self.movers.insert(place, item);
            self.movers.truncate(MOVERS);
        }
    }

    /// Items of both nights, and those of another band.
    #[must_use]
    pub fn total(&self) -> (u64, u64) {
        self.markets.values().fold((0, 0), |(items, changed), (n, other)| (items + n, changed + other))
    }
}
