//! The night's rows, views and draws as `monitor::prevalence` takes them.
//!
//! Memory: 260 bytes for each cut and label, and with 20 labels some 700 for each item that was drawn in the last 28 days.

use std::collections::BTreeMap;

use crate::config::PrevalenceConfig;
use crate::dataset::{ContentHistory, Shard};
use crate::feedback::{Draw, correctness, draws};
use crate::monitor::{
    Figure, GoldenCounts, PopulationRow, PrevalenceInput, PrevalenceLimits, PrevalenceTally, Said, SampledDraw, SampledItem,
    Views, age_group, prevalence_figures,
};
use crate::run::champion::Champion;
use crate::run::deciding::NightRow;
use crate::run::project::Project;
use crate::scoring::{ScoreRow, ScoredLabel};
use crate::tables::DecisionRow;
use crate::units::{AsOf, ContentType, Day, Id, LabelKind, Timestamp, Zones, stable_hash};

/// Days before the midnight whose draws are kept.
const KEPT_DAYS: i32 = 28;

/// Days of views that a rate weighs by.
const VIEW_DAYS: i32 = 7;

/// Seed of the numbers that stand for sellers.
const CLUSTERS: u64 = 0x7072_6576;

/// Gathers what rates of violating views are made of.
pub(super) struct Prevalence<'a> {
    labels: &'a [ScoredLabel],
    zones: &'a Zones,
    limits: PrevalenceLimits,
    day: Day,
    /// What was decided before, the model may have learned.
    trained: Timestamp,
    tally: PrevalenceTally,
    items: Vec<SampledItem>,
    golden: BTreeMap<Id, GoldenCounts>,
}

impl<'a> Prevalence<'a> {
    /// Nothing gathered yet.
    pub(super) fn begin(project: &'a Project, champion: &'a Champion, day: Day) -> Self {
        let zones = &project.config.time.zones;
        let trained = zones.default_as_of(champion.trained_as_of).instant;
        Self::of(&champion.labels, zones, &project.config.monitor.prevalence, (day, trained))
    }

    fn of(labels: &'a [ScoredLabel], zones: &'a Zones, config: &PrevalenceConfig, (day, trained): (Day, Timestamp)) -> Self {
        let PrevalenceConfig { min_labelled, min_positives, min_golden } = *config;
        Self {
            labels,
            zones,
            limits: PrevalenceLimits { min_labelled, min_positives, min_golden },
            day,
            trained,
            // Every label, and any abuse.
            tally: PrevalenceTally::new(labels.len() + 1),
            items: Vec::new(),
            golden: BTreeMap::new(),
        }
    }

    /// Adds the scored items of `shard`, and the golden cases of all its items.
    pub(super) fn add_shard(&mut self, shard: &Shard, rows: &[NightRow]) {
        self.add_scores(shard, rows.iter().map(|row| &row.score));
        self.add_golden(shard);
    }

    fn add_golden(&mut self, shard: &Shard) {
        let golden: Vec<DecisionRow> = shard.contents.iter().flat_map(|(_, history)| self.golden_cases(history)).collect();
        for of_label in correctness(&golden).into_iter().filter(|found| found.reviewer.is_none()) {
            let counts = self.golden.entry(of_label.label).or_default();
            counts.found += of_label.sensitivity.successes;
            counts.violating += of_label.sensitivity.trials;
            counts.cleared += of_label.specificity.successes;
            counts.compliant += of_label.specificity.trials;
        }
    }

    fn golden_cases(&self, history: &ContentHistory) -> Vec<DecisionRow> {
        let Some(first) = history.first().filter(|_| history.decisions.iter().any(|d| d.golden_verdict.is_some())) else {
            return Vec::new();
        };
        let as_of = self.zones.as_of(first.market, self.day);
        let known = |d: &&DecisionRow| d.golden_verdict.is_some() && as_of.knows(d.decided_at, d.ingested_at);
        history.decisions.iter().filter(known).cloned().collect()
    }

    fn add_scores<'r>(&mut self, shard: &Shard, rows: impl Iterator<Item = &'r ScoreRow>) {
        for row in rows {
            let Ok(at) = shard.contents.binary_search_by(|(id, _)| id.cmp(&row.content_id)) else { continue };
            let Some((_, history)) = shard.contents.get(at) else { continue };
            let Some(first) = history.first() else { continue };
            let as_of = self.zones.as_of(first.market, self.day);
            let views = views_of(history, as_of);
            let said = self.said(row);
            let age = age_group(as_of.instant.days_since(first.published_at));
            let (market, content_type) = (row.market, row.content_type);
            self.tally.add(&PopulationRow { market, content_type, category: row.category.as_ref(), age, views, said: &said });
            let draws = self.draws(history, as_of, row.content_type);
            if !draws.is_empty() && views.week > 0 {
                self.items.push(SampledItem {
                    content_id: row.content_id.clone(),
                    market,
                    content_type,
                    category: row.category.clone(),
                    cluster: stable_hash(CLUSTERS, row.seller_id.as_ref().unwrap_or(&row.content_id)),
                    age,
                    views,
                    said,
                    draws,
                });
            }
        }
    }

    /// What the model says of an item, by label, then of any abuse.
    fn said(&self, row: &ScoreRow) -> Vec<Said> {
        let of = |in_scope: bool, p: Option<f32>| match p {
            _ if !in_scope => Said::OutOfScope,
            Some(p) => Said::Probability(f64::from(p)),
            None => Said::Unscored,
        };
        let covers = |label: &ScoredLabel| label.content_types.contains(&row.content_type);
        let labels = self.labels.iter().zip(&row.probabilities).map(|(label, p)| of(covers(label), *p));
        let any = self.labels.iter().any(|label| label.kind == LabelKind::Abuse && covers(label));
        labels.chain([of(any, row.abuse)]).collect()
    }

    fn draws(&self, history: &ContentHistory, as_of: AsOf, content_type: ContentType) -> Vec<SampledDraw> {
        if history.decisions.iter().all(|d| d.inclusion_probability.is_none()) {
            return Vec::new();
        }
        let market = history.first().map(|first| first.market);
        let known: Vec<&DecisionRow> = history.decisions.iter().filter(|d| as_of.knows(d.decided_at, d.ingested_at)).collect();
        let is_new = known.iter().all(|d| d.decided_at >= self.trained);
        let day_of = |at| market.map_or(as_of.day, |market| self.zones.day_of(market, at));
        let of = |draw: &Draw| SampledDraw {
            days_ago: as_of.day.0.saturating_sub(draw.day.0),
            inclusion: draw.inclusion_probability,
            is_fresh: is_new,
            found: self.found(draw, content_type),
        };
        draws(&known, day_of).iter().map(of).filter(|draw| draw.days_ago <= KEPT_DAYS).collect()
    }

    /// What a draw found, by label, then of any abuse: that is not there only where every label that could be was cleared.
    fn found(&self, draw: &Draw, content_type: ContentType) -> Vec<Option<bool>> {
        let mut found: Vec<Option<bool>> = self.labels.iter().map(|label| draw.found(&label.id)).collect();
        let abuse = self.labels.iter().zip(&found);
        let abuse: Vec<Option<bool>> = abuse
            .filter(|(label, _)| label.kind == LabelKind::Abuse && label.content_types.contains(&content_type))
            .map(|(_, found)| *found)
            .collect();
        let is_clear = !abuse.is_empty() && abuse.iter().all(|found| *found == Some(false));
        found.push(if abuse.contains(&Some(true)) { Some(true) } else { is_clear.then_some(false) });
        found
    }

    /// The figures of the night.
    pub(super) fn finish(mut self) -> Vec<Figure> {
        self.items.sort_by(|a, b| a.content_id.cmp(&b.content_id));
        let labels: Vec<Id> = self.labels.iter().map(|label| label.id.clone()).collect();
        prevalence_figures(&PrevalenceInput {
            day: self.day,
            labels: &labels,
            tally: &self.tally,
            items: &self.items,
            golden: &self.golden,
            limits: self.limits,
        })
    }
}

/// Views of the last 7 whole days, as known at `as_of`.
fn views_of(history: &ContentHistory, as_of: AsOf) -> Views {
    let since = as_of.day.plus(-VIEW_DAYS);
    let mut views = Views::default();
    for row in history.engagement.iter().rev().take_while(|row| row.day >= since) {
        if let Some(n) = row.views.filter(|_| as_of.knows_day(row.day, row.ingested_at)) {
            views.week = views.week.saturating_add(n);
            if row.day == as_of.day.plus(-1) {
                views.day = views.day.saturating_add(n);
            }
        }
    }
    views
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::EngagementDays;
    use crate::tables::{ContentRow, EngagementRow};
    use crate::units::{DecidedBy, SelectedBy, Severity, Treatment, Verdict};

    const DAY_US: i64 = 86_400_000_000;

    fn label(id: &str, kind: LabelKind, content_types: &[ContentType]) -> ScoredLabel {
        let severity = Severity::new(3).unwrap();
        ScoredLabel { id: id.into(), kind, severity, weight: 1.0, content_types: content_types.iter().copied().collect() }
    }

    fn content(id: &str, day: i64) -> ContentRow {
        ContentRow {
            content_id: id.into(),
            valid_from: None,
            content_type: ContentType::Listing,
            market: "SG".parse().unwrap(),
            published_at: Timestamp(day * DAY_US),
            seller_id: Some("s".into()),
            creator_id: None,
            language: None,
            category: None,
            title: None,
            body: None,
            price: None,
            list_price: None,
            currency: None,
            rating: None,
            duration_s: None,
            image_count: None,
            media_hash: None,
            embedding: None,
            extra: Vec::new(),
            ingested_at: None,
        }
    }

    fn viewed(day: i32, views: u64, ingested: Option<i64>) -> EngagementRow {
        EngagementRow {
            content_id: "c".into(),
            day: Day(day),
            impressions: None,
            views: Some(views),
            watch_s: None,
            likes: None,
            comments: None,
            shares: None,
            clicks: None,
            orders: None,
            refunds: None,
            gmv: None,
            reports: None,
            hides: None,
            ingested_at: ingested.map(|day| Timestamp(day * DAY_US)),
        }
    }

    fn decided(id: &str, label: &str, verdict: Verdict, day: i64) -> DecisionRow {
        DecisionRow {
            decision_id: id.into(),
            content_id: "c".into(),
            label: label.into(),
            verdict,
            decided_at: Timestamp(day * DAY_US + 1),
            reviewer_id: None,
            decided_by: None,
            selected_by: Some(SelectedBy::Random),
            inclusion_probability: Some(0.25),
            overturns: None,
            golden_verdict: None,
            minutes: None,
            ingested_at: None,
        }
    }

    fn score(id: &str) -> ScoreRow {
        ScoreRow {
            content_id: id.into(),
            content_type: ContentType::Listing,
            seller_id: Some("s".into()),
            market: "SG".parse().unwrap(),
            category: None,
            probabilities: vec![Some(0.5), None, None],
            calibration: None,
            abuse: Some(0.5),
            quality: None,
            expected_harm: None,
            forecast_method: String::new(),
            labels_scored: 1,
            treatment: Treatment::Allow,
            rank_multiplier: 1.0,
            band: "good".to_owned(),
            policy_ids: Vec::new(),
            shadow_policy_ids: Vec::new(),
            held_back_by: Vec::new(),
            reasons: Vec::new(),
            coverage: 1.0,
            expires_at: Timestamp(0),
        }
    }

    /// What is kept at the midnight of day 100 of an item of day 60 with these decisions; the model was trained at that of day 95.
    fn kept(decisions: Vec<DecisionRow>) -> (Vec<SampledItem>, BTreeMap<Id, GoldenCounts>) {
        let listing = [ContentType::Listing];
        let labels = [
            label("scam", LabelKind::Abuse, &listing),
            label("fake", LabelKind::Abuse, &listing),
            label("bait", LabelKind::Quality, &[ContentType::Video]),
        ];
        let days = [
            viewed(92, 1000, None),
            viewed(93, 1, None),
            viewed(98, 20, Some(101)),
            viewed(99, 300, None),
            viewed(100, 4000, None),
        ];
        let history = ContentHistory {
            versions: vec![content("c", 60)],
            engagement: EngagementDays::of(&days),
            decisions,
            ..ContentHistory::default()
        };
        let shard = Shard { contents: vec![("c".into(), history)], ..Shard::default() };
        let zones = Zones::utc();
        let config = PrevalenceConfig { min_labelled: 10, min_positives: 1, min_golden: 10 };
        let mut gathered = Prevalence::of(&labels, &zones, &config, (Day(100), Timestamp(95 * DAY_US)));
        gathered.add_golden(&shard);
        gathered.add_scores(&shard, [score("c"), score("unknown")].iter());
        (gathered.items, gathered.golden)
    }

    #[test]
    fn what_was_known_at_the_midnight_is_kept() {
        use Verdict::{Compliant, Violating};
        let late = DecisionRow { ingested_at: Some(Timestamp(100 * DAY_US)), ..decided("3", "scam", Compliant, 97) };
        let rows = vec![
            decided("1", "scam", Violating, 71),
            decided("2", "*", Compliant, 96),
            late,
            decided("4", "scam", Violating, 100),
        ];
        let (items, _) = kept(rows);
        let [item] = &items[..] else { panic!("{items:?}") };
        assert_eq!((item.views, item.age), (Views { week: 301, day: 300 }, 4));
        assert_eq!(item.said, [Said::Probability(0.5), Said::Unscored, Said::OutOfScope, Said::Probability(0.5)]);
        // The first draw is 29 days old. The second is no news: something of the item was known when the model was trained.
        let cleared = SampledDraw { days_ago: 4, inclusion: 0.25, is_fresh: false, found: vec![Some(false); 4] };
        assert_eq!(item.draws, [cleared]);
    }

    #[test]
    fn abuse_is_absent_only_where_all_of_it_is() {
        use Verdict::{Compliant, Violating};
        let any = |rows: Vec<DecisionRow>| kept(rows).0[0].draws[0].found[3];
        assert_eq!(any(vec![decided("1", "scam", Violating, 98)]), Some(true));
        assert_eq!(any(vec![decided("1", "scam", Compliant, 98)]), None);
        assert_eq!(any(vec![decided("1", "scam", Compliant, 98), decided("2", "fake", Compliant, 98)]), Some(false));
        assert!(kept(vec![decided("1", "scam", Compliant, 98)]).0[0].draws[0].is_fresh);
        let reported = DecisionRow { selected_by: Some(SelectedBy::Report), ..decided("1", "scam", Violating, 98) };
        assert!(kept(vec![reported]).0.is_empty());
    }

    #[test]
    fn golden_cases_are_counted() {
        use Verdict::{Compliant, Violating};
        let golden = |id: &str, verdict, truth, day| DecisionRow {
            golden_verdict: Some(truth),
            selected_by: Some(SelectedBy::Golden),
            inclusion_probability: None,
            decided_by: Some(DecidedBy::Human),
            ..decided(id, "scam", verdict, day)
        };
        let rows = vec![
            golden("1", Violating, Violating, 10),
            golden("2", Compliant, Violating, 11),
            golden("3", Compliant, Compliant, 12),
            golden("4", Compliant, Compliant, 100),
        ];
        let (items, found) = kept(rows);
        assert!(items.is_empty());
        let expect = GoldenCounts { found: 1, violating: 2, cleared: 1, compliant: 1 };
        assert_eq!(found, BTreeMap::from([("scam".into(), expect)]));
    }
}
