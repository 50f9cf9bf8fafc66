//! Strikes: what stands against a seller, label by label, until it expires.
//!
//! A strike is a standing violating decision on an item: one per item and label, dated by the last decision that found it, so that
//! an item that offends again renews its strike. Automatic decisions give none unless configured; a decision that does not say who
//! decided counts as a person's. Weights are kept in whole units of 2⁻³², so that an item's own strikes can be taken out of its
//! seller's without a rounding error, in any order of rows. Deliberately not here: which decisions stand (`decisions`).

use super::counts::count;
use super::rules::{HistoryContext, HistoryRules};
use crate::tables::DecisionRow;
use crate::units::{Id, Timestamp, Verdict};

/// The spans, in days, over which strikes are counted whether or not they expired.
pub(super) const STRIKE_SPANS: [f64; 3] = [30.0, 90.0, 180.0];

/// Units of weight in one.
const WEIGHT_UNIT: f64 = 4_294_967_296.0;

/// The strikes of an item or of a seller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Strikes {
    /// By label, ascending.
    labels: Vec<LabelStrikes>,
    /// The item of the active strike that expires next, and when.
    next_expiry: Option<(Timestamp, Id)>,
    /// When an active strike of another item than that one expires next.
    next_expiry_elsewhere: Option<Timestamp>,
}

/// Strikes of one label.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LabelStrikes {
    label: Id,
    ever: u32,
    active: u32,
    within: [u32; 3],
    /// Decayed weight of the active ones, in units of 2⁻³².
    weight: u64,
}

/// Strikes over all labels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StrikeTotals {
    /// Strikes that have not expired.
    pub active: u32,
    /// Σ w(severity) · 2^(−age / half-life) over the active ones.
    pub weight: f64,
    /// Strikes of the last 30, 90 and 180 days.
    pub within: [u32; 3],
    /// Most strikes of one label, expired ones among them.
    pub most_of_a_label: u32,
    /// Active strikes of the label that has most of them, less the first.
    pub repeats: u32,
    /// Labels with an active strike.
    pub active_labels: u32,
    /// When the next one expires.
    pub next_expiry: Option<Timestamp>,
}

/// One strike: a label that stands against an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strike<'a> {
    /// The label.
    pub label: &'a Id,
    /// The item.
    pub content_id: &'a Id,
    /// When it was last found.
    pub at: Timestamp,
}

impl Strike<'_> {
    /// From when it no longer counts.
    #[must_use]
    pub fn expires(&self, rules: &HistoryRules) -> Timestamp {
        self.at.plus_days(i64::from(rules.expires_days(self.label)))
    }

    /// w(severity) · 2^(−age / half-life) at `now`.
    #[must_use]
    pub fn weight(&self, now: Timestamp, rules: &HistoryRules) -> f64 {
        rules.strike_weight(self.label) * libm::exp2(-now.days_since(self.at) / rules.config.strike_half_life_days)
    }
}

/// The strikes of decisions that stand, expired ones among them: one per label and item, in that order.
#[must_use]
pub fn struck<'a>(standing: impl Iterator<Item = &'a DecisionRow>, rules: &HistoryRules) -> Vec<Strike<'a>> {
    let violating = standing.filter(|r| r.verdict == Verdict::Violating && rules.counts(r));
    let mut strikes: Vec<Strike<'a>> =
        violating.map(|r| Strike { label: &r.label, content_id: &r.content_id, at: r.decided_at }).collect();
    strikes.sort_unstable_by(|a, b| (a.label, a.content_id, b.at).cmp(&(b.label, b.content_id, a.at)));
    strikes.dedup_by_key(|strike| (strike.label, strike.content_id));
    strikes
}

impl Strikes {
    /// Counts the strikes of decisions that were known and stand.
    #[must_use]
    pub fn of(standing: &[&DecisionRow], context: &HistoryContext<'_>) -> Self {
        let strikes = struck(standing.iter().copied(), context.rules);
        let mut found = Self::default();
        for of_label in strikes.chunk_by(|a, b| a.label == b.label) {
            found.add_label(of_label, context);
        }
        found
    }

    fn add_label(&mut self, strikes: &[Strike<'_>], context: &HistoryContext<'_>) {
        let Some(Strike { label, .. }) = strikes.first() else { return };
        let (now, rules) = (context.as_of.instant, context.rules);
        let mut counted =
            LabelStrikes { label: (*label).clone(), ever: count(strikes.len()), active: 0, within: [0; 3], weight: 0 };
        for strike in strikes {
            let age = now.days_since(strike.at);
            for (within, span) in counted.within.iter_mut().zip(STRIKE_SPANS) {
                *within += u32::from(age <= span);
            }
            let expiry = strike.expires(rules);
            if expiry > now {
                counted.active += 1;
                counted.weight = counted.weight.saturating_add((strike.weight(now, rules) * WEIGHT_UNIT) as u64);
                self.add_expiry(expiry, strike.content_id);
            }
        }
        self.labels.push(counted);
    }

    /// Keeps the first expiry, and the first among the items that it is not of.
    fn add_expiry(&mut self, at: Timestamp, item: &Id) {
        let Some((first, first_item)) = &mut self.next_expiry else {
            self.next_expiry = Some((at, item.clone()));
            return;
        };
        let second = if (at, item) < (*first, &*first_item) {
            let other = (first_item != item).then_some(*first);
            (*first, *first_item) = (at, item.clone());
            other
        } else {
            (first_item != item).then_some(at)
        };
        self.next_expiry_elsewhere = [self.next_expiry_elsewhere, second].into_iter().flatten().min();
    }

    /// The totals without the strikes `own` of item `item`.
    #[must_use]
    pub fn without(&self, item: &Id, own: Option<&Self>) -> StrikeTotals {
        let mut totals = StrikeTotals::default();
        let mut weight = 0_u64;
        for of_label in &self.labels {
            let mine = own.and_then(|own| own.label(&of_label.label));
            let less = |of: fn(&LabelStrikes) -> u32| of(of_label).saturating_sub(mine.map_or(0, of));
            let active = less(|l| l.active);
            totals.active += active;
            totals.active_labels += u32::from(active > 0);
            totals.repeats = totals.repeats.max(active.saturating_sub(1));
            totals.most_of_a_label = totals.most_of_a_label.max(less(|l| l.ever));
            let within = [less(|l| l.within[0]), less(|l| l.within[1]), less(|l| l.within[2])];
            totals.within.iter_mut().zip(within).for_each(|(sum, more)| *sum += more);
            weight = weight.saturating_add(of_label.weight.saturating_sub(mine.map_or(0, |m| m.weight)));
        }
        totals.weight = weight as f64 / WEIGHT_UNIT;
        totals.next_expiry = match &self.next_expiry {
            Some((_, first_item)) if first_item == item => self.next_expiry_elsewhere,
            first => first.as_ref().map(|(at, _)| *at),
        };
        totals
    }

    fn label(&self, label: &Id) -> Option<&LabelStrikes> {
        self.labels.binary_search_by(|l| l.label.cmp(label)).ok().and_then(|at| self.labels.get(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::{as_of, at, context, decision, rules};
    use crate::units::DecidedBy;

    fn violating(item: &str, label: &str, day: f64) -> DecisionRow {
        DecisionRow { label: label.into(), ..decision("d", item, Verdict::Violating, day) }
    }

    fn strikes(rows: &[DecisionRow]) -> Strikes {
        let rules = rules();
        Strikes::of(&rows.iter().collect::<Vec<_>>(), &context(as_of(200), &rules))
    }

    /// As of day 200, half-life 45 days. The fixture's severities: scam 5 (weight 100), counterfeit 5 (100, expires after 180 days),
    /// knockoff 2 (3); `other` is declared nowhere (severity 1, weight 1). All but counterfeit expire after 90 days.
    ///
    /// | item | label       | day | age | expires | active | weight             |
    /// |------|-------------|-----|-----|---------|--------|--------------------|
    /// | a    | scam        | 155 | 45  | 245     | yes    | 100 · 2⁻¹ = 50     |
    /// | b    | scam        | 110 | 90  | 200     | no     |                    |
    /// | b    | counterfeit | 110 | 90  | 290     | yes    | 100 · 2⁻² = 25     |
    /// | c    | knockoff    | 155 | 45  | 245     | yes    | 3 · 2⁻¹ = 1.5      |
    /// | c    | scam        | 15  | 185 | 105     | no     |                    |
    /// | d    | other       | 155 | 45  | 245     | yes    | 1 · 2⁻¹ = 0.5      |
    fn table() -> Vec<DecisionRow> {
        vec![
            violating("a", "scam", 155.0),
            violating("b", "scam", 110.0),
            violating("b", "counterfeit", 110.0),
            violating("c", "knockoff", 155.0),
            violating("c", "scam", 15.0),
            violating("d", "other", 155.0),
        ]
    }

    #[test]
    fn strikes_decay_and_expire_by_label() {
        let mut rows = table();
        let expect = StrikeTotals {
            active: 4,
            weight: 77.0,
            within: [0, 5, 5],
            most_of_a_label: 3,
            repeats: 0,
            active_labels: 4,
            next_expiry: Some(at(245.0)),
        };
        assert_eq!(strikes(&rows).without(&"z".into(), None), expect);
        rows.reverse();
        assert_eq!(strikes(&rows).without(&"z".into(), None), expect);
        assert_eq!(strikes(&[]).without(&"z".into(), None), StrikeTotals::default());
    }

    /// One strike per item and label, dated by the last decision: item a's scam of day 155 is renewed on day 199.5.
    #[test]
    fn a_repeated_decision_renews_the_strike() {
        let mut rows = table();
        rows.push(violating("a", "scam", 199.5));
        rows.push(violating("e", "scam", 195.0));
        let totals = strikes(&rows).without(&"z".into(), None);
        assert_eq!((totals.active, totals.most_of_a_label, totals.repeats, totals.active_labels), (5, 4, 1, 4));
        assert_eq!(totals.within, [2, 6, 6]);
        let weight = 100.0 * libm::exp2(-0.5 / 45.0) + 100.0 * libm::exp2(-5.0 / 45.0) + 25.0 + 1.5 + 0.5;
        assert!((totals.weight - weight).abs() < 1e-6, "{totals:?}");
    }

    #[test]
    fn the_items_own_strikes_can_be_taken_out() {
        let mut rows = table();
        rows.push(violating("c", "counterfeit", 20.5));
        let (all, own) = rows.iter().cloned().partition::<Vec<_>, _>(|r| r.content_id != "c");
        let seller = strikes(&rows);
        assert_eq!(seller.without(&"z".into(), None).next_expiry, Some(at(200.5)));
        assert_eq!(seller.without(&"c".into(), Some(&strikes(&own))), strikes(&all).without(&"z".into(), None));
    }

    #[test]
    fn automatic_decisions_strike_only_when_configured() {
        let mut rows = table();
        rows.iter_mut().for_each(|row| row.decided_by = Some(DecidedBy::Automatic));
        assert_eq!(strikes(&rows), Strikes::default());
        let mut rules = rules();
        rules.config.count_automatic = true;
        let counted = Strikes::of(&rows.iter().collect::<Vec<_>>(), &context(as_of(200), &rules));
        assert_eq!(counted, strikes(&table()));
    }
}
