//! What changes tonight if one model takes another's place: bands, the items that move most, and the work at a threshold.

use std::collections::BTreeMap;

use serde::Serialize;

use super::champion::Champion;
use super::input::{Input, each_shard};
use super::nightly::BATCH_ROWS;
use super::project::Project;
use super::stages::Stages;
use crate::dataset::nightly_spine;
use crate::evaluation::{Confidence, Interval, wilson};
use crate::scoring::{Reason, ScoreRow};
use crate::units::{Day, Id, Market};

/// Items in scope that change band.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Churn {
    /// Items in scope.
    pub items: u64,
    /// Those whose band changes.
    pub changed: u64,
    /// `changed ÷ items`; absent without items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Wilson's 95 % interval of it, as for a night of other items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// By market.
    pub markets: Vec<MarketChurn>,
    /// From band to band, where there are any; the most first.
    pub moves: Vec<BandMove>,
    /// The items whose abuse (or quality, without one) changes most.
    pub movers: Vec<Mover>,
}

/// A market's part of the churn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MarketChurn {
    /// The market.
    #[serde(serialize_with = "as_text")]
    pub market: Market,
    /// Items in scope.
    pub items: u64,
    /// Those whose band changes.
    pub changed: u64,
}

/// Items that go from one band to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BandMove {
    /// The band of model A.
    pub from: String,
    /// The band of model B.
    pub to: String,
    /// Items.
    pub items: u64,
}

/// An item whose scores change, with the reasons of either model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mover {
    /// The item.
    pub content_id: Id,
    /// Its market.
    #[serde(serialize_with = "as_text")]
    pub market: Market,
    /// How far it moves: abuse of B − A, else quality of A − B.
    pub change: f64,
    /// By model A.
    pub a: Scored,
    /// By model B.
    pub b: Scored,
}

/// What a model says of an item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scored {
    /// Probability of any abuse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abuse: Option<f32>,
    /// Quality.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<f32>,
    /// Band.
    pub band: String,
    /// What carried the score.
    pub reasons: Vec<Reason>,
}

/// The work that a model's threshold makes on tonight's items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Load {
    /// Rows with at least this probability are flagged.
    pub threshold: f64,
    /// Items in scope that are flagged.
    pub flagged: u64,
    /// Hours to review them.
    pub reviewer_hours: f64,
    /// How many of them are compliant by the model's own probabilities: Σ (1 − p). As right as the model is calibrated.
    pub expected_wrong: f64,
}

/// A label's thresholds of both models, and the minutes of a review.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub label: Id,
    pub minutes: f64,
    pub thresholds: [f64; 2],
}

/// Parts of a whole in which 1 − p is added up, so that sums are exact and the same for any number of shards.
const PARTS: f64 = 4_294_967_296.0;

#[derive(Default)]
struct Tally {
    items: u64,
    moves: BTreeMap<(String, String), u64>,
    markets: BTreeMap<Market, (u64, u64)>,
    movers: Vec<Mover>,
    /// For each cut, of both models: flagged, and parts that are compliant.
    loads: Vec<[(u64, u128); 2]>,
}

/// Scores tonight's spine with both models. The loads are in the order of `cuts`.
///
/// # Errors
/// When the spill cannot be read.
pub(super) fn rivals(
    project: &Project,
    input: &Input,
    [a, b]: [&Champion; 2],
    cuts: &[Cut],
    day: Day,
    stages: &mut Stages,
) -> anyhow::Result<(Churn, Vec<[Load; 2]>)> {
    let features = [input.reading(&a.features), input.reading(&b.features)];
    let are_alike = a.features.names() == b.features.names();
    let scorers = [a.scorer(), b.scorer()];
    let columns: Vec<[Option<usize>; 2]> =
        cuts.iter().map(|cut| [a, b].map(|model| model.labels.iter().position(|label| label.id == cut.label))).collect();
    let mut tally = Tally { loads: vec![Default::default(); cuts.len()], ..Tally::default() };
    let mut stage = stages.begin("score", input.spilled.n_shards() as u64);
    let config = &project.config;
    each_shard(
        input.spilled.n_shards(),
        |index| input.shard(index, project),
        |shard| {
            let mut spine = nightly_spine(&shard, day, config.run.scope_days, &config.time.zones);
            spine.sort_by_key(|row| (shard.contents[row.content].1.seller(), row.content));
            for batch in spine.chunks(BATCH_ROWS) {
                let items = input.builder_of(&shard, project, &features[0]).build(batch)?;
                let of_a = scorers[0].score(&items);
                let of_b = if are_alike {
                    scorers[1].score(&items)
                } else {
                    scorers[1].score(&input.builder_of(&shard, project, &features[1]).build(batch)?)
                };
                for (a, b) in of_a.into_iter().zip(of_b) {
                    tally.add(&columns, cuts, &a, &b);
                    tally.move_item(a, b, config.evaluate.movers);
                }
                stage.items += batch.len() as u64;
            }
            stage.step();
            Ok(())
        },
    )?;
    stages.end(stage);
    let loads = tally.loads_of(cuts);
    Ok((tally.churn(), loads))
}

impl Tally {
    fn add(&mut self, columns: &[[Option<usize>; 2]], cuts: &[Cut], a: &ScoreRow, b: &ScoreRow) {
        self.items += 1;
        let market = self.markets.entry(a.market).or_default();
        market.0 += 1;
        if a.band != b.band {
            market.1 += 1;
            *self.moves.entry((a.band.clone(), b.band.clone())).or_default() += 1;
        }
        for ((load, columns), cut) in self.loads.iter_mut().zip(columns).zip(cuts) {
            for (side, row) in [a, b].into_iter().enumerate() {
                let p = columns[side].and_then(|column| row.probabilities.get(column).copied().flatten()).map(f64::from);
                if let Some(p) = p.filter(|p| *p >= cut.thresholds[side]) {
                    load[side].0 += 1;
                    load[side].1 += ((1.0 - p) * PARTS) as u128;
                }
            }
        }
    }

    /// Keeps the `n` items that move most, in the order of how far, then of their ids.
    fn move_item(&mut self, a: ScoreRow, b: ScoreRow, n: usize) {
        let change = match (a.abuse.zip(b.abuse), a.quality.zip(b.quality)) {
            (Some((a, b)), _) => f64::from(b) - f64::from(a),
            (None, Some((a, b))) => f64::from(a) - f64::from(b),
            (None, None) => return,
        };
        let is_least = |last: &Mover| (last.change.abs(), &a.content_id) >= (change.abs(), &last.content_id);
        if change == 0.0 || n == 0 || (self.movers.len() == n && self.movers.last().is_some_and(is_least)) {
            return;
        }
        let scored = |row: ScoreRow| Scored { abuse: row.abuse, quality: row.quality, band: row.band, reasons: row.reasons };
        let mover = Mover { content_id: a.content_id.clone(), market: a.market, change, a: scored(a), b: scored(b) };
        let before = |other: &Mover| {
            other.change.abs().total_cmp(&mover.change.abs()).then_with(|| mover.content_id.cmp(&other.content_id)).is_ge()
        };
        let place = self.movers.partition_point(before);
        self.movers.insert(place, mover);
        self.movers.truncate(n);
    }

    fn loads_of(&self, cuts: &[Cut]) -> Vec<[Load; 2]> {
        let of = |(cut, loads): (&Cut, &[(u64, u128); 2])| {
            [0, 1].map(|side| Load {
                threshold: cut.thresholds[side],
                flagged: loads[side].0,
                reviewer_hours: loads[side].0 as f64 * cut.minutes / 60.0,
                expected_wrong: loads[side].1 as f64 / PARTS,
            })
        };
        cuts.iter().zip(&self.loads).map(of).collect()
    }

    fn churn(self) -> Churn {
        let changed = self.moves.values().sum();
        let mut moves: Vec<BandMove> = self.moves.into_iter().map(|((from, to), items)| BandMove { from, to, items }).collect();
        moves.sort_by_key(|m| std::cmp::Reverse(m.items));
        let markets = self.markets.into_iter().map(|(market, (items, changed))| MarketChurn { market, items, changed });
        Churn {
            items: self.items,
            changed,
            share: (self.items > 0).then(|| changed as f64 / self.items as f64),
            interval: wilson(changed, self.items, Confidence::NinetyFive),
            markets: markets.collect(),
            moves,
            movers: self.movers,
        }
    }
}

fn as_text<S: serde::Serializer>(market: &Market, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(market)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{ContentType, Timestamp, Treatment};

    fn row(id: &str, abuse: f32, band: &str) -> ScoreRow {
        ScoreRow {
            content_id: id.into(),
            content_type: ContentType::Listing,
            seller_id: None,
            market: "TH".parse().unwrap(),
            category: None,
            probabilities: vec![Some(abuse)],
            calibration: None,
            abuse: Some(abuse),
            quality: None,
            expected_harm: None,
            forecast_method: String::new(),
            labels_scored: 1,
            treatment: Treatment::Allow,
            rank_multiplier: 1.0,
            band: band.to_owned(),
            policy_ids: Vec::new(),
            shadow_policy_ids: Vec::new(),
            held_back_by: Vec::new(),
            reasons: Vec::new(),
            coverage: 1.0,
            expires_at: Timestamp(0),
        }
    }

    #[test]
    fn bands_movers_and_loads_by_hand() {
        let cuts = [Cut { label: "scam".into(), minutes: 3.0, thresholds: [0.5, 0.25] }];
        let mut tally = Tally { loads: vec![Default::default()], ..Tally::default() };
        let rows = [("a", 0.5, 0.75), ("b", 0.25, 0.25), ("c", 0.75, 0.25), ("d", 0.0, 0.25), ("e", 0.0, 0.5)];
        for (id, a, b) in rows {
            let band = |p: f32| if p >= 0.5 { "poor" } else { "good" };
            let (a, b) = (row(id, a, band(a)), row(id, b, band(b)));
            tally.add(&[[Some(0), Some(0)]], &cuts, &a, &b);
            tally.move_item(a, b, 3);
        }
        let loads = tally.loads_of(&cuts);
        let load =
            |threshold, flagged, reviewer_hours, expected_wrong| Load { threshold, flagged, reviewer_hours, expected_wrong };
        assert_eq!(loads, [[load(0.5, 2, 0.1, 0.75), load(0.25, 5, 0.25, 3.0)]]);
        let churn = tally.churn();
        assert_eq!((churn.items, churn.changed, churn.share), (5, 2, Some(0.4)));
        let moves: Vec<_> = churn.moves.iter().map(|m| (m.from.as_str(), m.to.as_str(), m.items)).collect();
        assert_eq!(moves, [("good", "poor", 1), ("poor", "good", 1)]);
        let movers: Vec<_> = churn.movers.iter().map(|m| (m.content_id.as_str(), m.change)).collect();
        assert_eq!(movers, [("c", -0.5), ("e", 0.5), ("a", 0.25)]);
    }

    #[test]
    fn the_movers_do_not_depend_on_the_order_of_the_items() {
        let rows: Vec<(String, f32)> = (0..40_u8).map(|i| (format!("{i:02}"), f32::from(i % 7) / 8.0)).collect();
        let movers = |rows: &[(String, f32)]| {
            let mut tally = Tally::default();
            rows.iter().for_each(|(id, b)| tally.move_item(row(id, 0.0, "good"), row(id, *b, "good"), 9));
            tally.movers.iter().map(|m| m.content_id.to_string()).collect::<Vec<_>>()
        };
        let forward = movers(&rows);
        assert_eq!(forward, movers(&rows.iter().rev().cloned().collect::<Vec<_>>()));
        assert_eq!(forward[..6], ["06", "13", "20", "27", "34", "05"]);
    }

    #[test]
    fn no_items_have_no_share() {
        let churn = Tally::default().churn();
        assert_eq!((churn.share, churn.interval), (None, None));
    }
}
