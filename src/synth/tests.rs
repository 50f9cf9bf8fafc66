//! What any generated marketplace promises: the same rows for a seed, unique keys, causes before effects, nothing after the window,
//! consistent counts, every label and market, and no column that gives a label away.

use std::collections::{BTreeMap, BTreeSet};

use crate::tables::{ActionRow, AfterSalesRow, ContentRow, DecisionRow, EngagementRow, ReportRow, SellerRow};
use crate::units::{ContentType, Id, SelectedBy, Timestamp, Verdict};

use super::*;

#[derive(Debug, Default, PartialEq)]
struct Rows {
    content: Vec<ContentRow>,
    engagement: Vec<EngagementRow>,
    sellers: Vec<SellerRow>,
    decisions: Vec<DecisionRow>,
    actions: Vec<ActionRow>,
    reports: Vec<ReportRow>,
    after_sales: Vec<AfterSalesRow>,
    truth: Vec<TruthRow>,
}

impl SynthSink for Rows {
    fn row(&mut self, row: TableRow) -> Result<(), SinkError> {
        match row {
            TableRow::Content(r) => self.content.push(*r),
            TableRow::Engagement(r) => self.engagement.push(r),
            TableRow::Sellers(r) => self.sellers.push(r),
            TableRow::Decisions(r) => self.decisions.push(r),
            TableRow::Actions(r) => self.actions.push(r),
            TableRow::Reports(r) => self.reports.push(r),
            TableRow::AfterSales(r) => self.after_sales.push(r),
        }
        Ok(())
    }

    fn truth(&mut self, row: TruthRow) -> Result<(), SinkError> {
        self.truth.push(row);
        Ok(())
    }
}

fn config(content: u64) -> SynthConfig {
    SynthConfig { content, seed: 7, first_day: "2026-08-03".parse().unwrap(), days: DEFAULT_DAYS }
}

fn rows(content: u64) -> (Rows, SynthSummary) {
    let mut rows = Rows::default();
    let summary = generate(&config(content), &mut rows).unwrap();
    (rows, summary)
}

fn truths(rows: &Rows) -> BTreeMap<Id, &ContentTruth> {
    let content =
        rows.truth.iter().filter_map(|t| if let TruthRow::Content(c) = t { Some((c.content_id.clone(), &**c)) } else { None });
    content.collect()
}

fn assert_unique<K: Ord>(what: &str, keys: impl Iterator<Item = K>) {
    let mut seen = BTreeSet::new();
    for key in keys {
        assert!(seen.insert(key), "{what} repeats a key");
    }
}

#[test]
fn a_seed_always_gives_the_same_rows() {
    assert_eq!(rows(500), rows(500));
    let mut other = Rows::default();
    generate(&SynthConfig { seed: 8, ..config(500) }, &mut other).unwrap();
    assert_ne!(rows(500).0, other);
}

#[test]
fn the_model_is_frozen() {
    let (r, _) = rows(400);
    let digest = |rows: String| crate::units::stable_hash(0, &rows);
    let tables = [
        format!("{:?}", r.content),
        format!("{:?}", r.engagement),
        format!("{:?}", r.sellers),
        format!("{:?}", r.decisions),
        format!("{:?}{:?}{:?}{:?}", r.actions, r.reports, r.after_sales, r.truth),
    ];
    assert_eq!(
        tables.map(digest),
        [1143224341364518306, 7712731552997089758, 15083765852553560521, 857390195872284313, 7997892089332534729],
        "say why, and give the figures before and after"
    );
}

#[test]
fn a_seller_does_not_depend_on_how_many_follow() {
    let (small, counts) = rows(700);
    let (large, _) = rows(3_000);
    let last = small.sellers.last().unwrap().seller_id.clone();
    let n = small.content.iter().take_while(|c| c.seller_id.as_ref() != Some(&last)).count();
    assert!(n > 300 && counts.sellers > 20);
    assert_eq!(small.content[..n], large.content[..n]);
    let kept: BTreeSet<_> = small.content[..n].iter().map(|c| c.content_id.clone()).collect();
    let of = |rows: &Rows| rows.decisions.iter().filter(|d| kept.contains(&d.content_id)).cloned().collect::<Vec<_>>();
    assert_eq!(of(&small), of(&large));
}

#[test]
fn size_is_exact_and_rows_grow_in_proportion() {
    let (_, small) = rows(3_000);
    let (_, large) = rows(12_000);
    assert_eq!((small.content, large.content), (3_000, 12_000));
    for (s, l) in [
        (small.engagement_rows, large.engagement_rows),
        (small.decision_rows, large.decision_rows),
        (small.sellers, large.sellers),
    ] {
        let ratio = l as f64 / s as f64;
        assert!((2.8..5.6).contains(&ratio), "four times the content gives {ratio} times the rows");
    }
    let per_item = large.engagement_rows as f64 / 12_000.0;
    assert!((5.5..8.5).contains(&per_item), "{per_item} engagement rows an item");
}

#[test]
fn a_hundred_items_show_every_label() {
    let (rows, _) = rows(100);
    let shown: BTreeSet<_> = truths(&rows).values().flat_map(|t| t.labels.clone()).collect();
    assert_eq!(shown.len(), LABELS.len(), "{shown:?}");
}

#[test]
fn windows_out_of_range_are_refused() {
    let refused = generate(&SynthConfig { days: 13, ..config(10) }, &mut Rows::default());
    assert!(matches!(refused, Err(SynthError::Window { days: 13 })));
}

#[test]
fn keys_are_unique_and_references_resolve() {
    let (r, _) = rows(4_000);
    assert_unique("content", r.content.iter().map(|c| (&c.content_id, c.valid_from)));
    assert_unique("engagement", r.engagement.iter().map(|e| (&e.content_id, e.day)));
    assert_unique("sellers", r.sellers.iter().map(|s| (&s.seller_id, s.valid_from)));
    assert_unique("decisions", r.decisions.iter().map(|d| &d.decision_id));
    assert_unique("actions", r.actions.iter().map(|a| &a.action_id));
    assert_unique("reports", r.reports.iter().map(|x| &x.report_id));
    assert_unique("after_sales", r.after_sales.iter().map(|x| &x.event_id));
    let items: BTreeSet<_> = r.content.iter().map(|c| &c.content_id).collect();
    let sellers: BTreeSet<_> = r.sellers.iter().map(|s| Some(&s.seller_id)).collect();
    let decisions: BTreeMap<_, _> = r.decisions.iter().map(|d| (&d.decision_id, d)).collect();
    assert!(r.content.iter().all(|c| sellers.contains(&c.seller_id.as_ref())));
    assert!(r.decisions.iter().all(|d| items.contains(&d.content_id)));
    assert!(r.actions.iter().filter_map(|a| a.reversed_by.as_ref()).all(|d| decisions.contains_key(d)));
    for appeal in r.decisions.iter().filter(|d| d.overturns.is_some()) {
        let first = decisions[appeal.overturns.as_ref().unwrap()];
        assert!(first.decided_at < appeal.decided_at && first.label == appeal.label && first.verdict != appeal.verdict);
    }
    let copies: Vec<_> = truths(&r).into_values().filter_map(|t| t.copied_from.clone()).collect();
    assert!(copies.len() > 20 && copies.iter().all(|c| items.contains(c)));
}

#[test]
fn causes_lie_before_effects_and_nothing_after_the_window() {
    let (r, _) = rows(4_000);
    let (start, end) = (config(1).first_day.0, config(1).first_day.0 + DEFAULT_DAYS as i32);
    let last = Timestamp(i64::from(end) * DAY_US);
    let published: BTreeMap<_, _> = r.content.iter().map(|c| (&c.content_id, c.published_at)).collect();
    let registered: BTreeMap<_, _> = r.sellers.iter().map(|s| (s.seller_id.clone(), s.registered_at)).collect();
    for c in &r.content {
        assert!(c.published_at >= Timestamp(i64::from(start) * DAY_US) && c.published_at <= c.valid_from.unwrap());
        assert!(c.valid_from.unwrap() < last && registered[c.seller_id.as_ref().unwrap()].unwrap() < c.published_at);
    }
    for e in &r.engagement {
        let day = (published[&e.content_id].0.div_euclid(DAY_US)) as i32;
        assert!((day..end).contains(&e.day.0));
    }
    let inside = |id: &Id, at: Timestamp| published[id] <= at && at < last;
    assert!(r.decisions.iter().all(|d| inside(&d.content_id, d.decided_at)));
    assert!(r.reports.iter().all(|x| inside(&x.content_id, x.reported_at)));
    assert!(r.after_sales.iter().all(|x| inside(x.content_id.as_ref().unwrap(), x.occurred_at)));
    for a in &r.actions {
        assert!(a.started_at < last && a.ended_at.is_none_or(|t| a.started_at < t && t < last));
        assert!(a.content_id.as_ref().is_none_or(|id| published[id] < a.started_at));
    }
    assert!(r.sellers.iter().all(|s| s.registered_at <= s.valid_from && s.valid_from.unwrap() < last));
}

#[test]
fn values_lie_in_range_and_counts_agree() {
    let (r, _) = rows(4_000);
    for e in &r.engagement {
        assert!(e.views <= e.impressions && e.likes <= e.views && e.orders <= e.clicks && e.refunds <= e.orders);
        assert!(e.gmv.is_none_or(|g| g.is_finite() && g >= 0.0) && e.watch_s.is_none_or(|w| w.is_finite() && w >= 0.0));
    }
    for c in &r.content {
        assert!(c.rating.is_none_or(|x| (0.0..=5.0).contains(&x)) && c.price.is_none_or(|p| p > 0.0 && p.is_finite()));
        assert!(c.list_price.is_none_or(|l| l.is_finite() && l > 0.0) && c.extra.len() == EXTRA_COLUMNS.len());
        assert!(c.extra.iter().flatten().all(|x| (0.0..=1.0).contains(x)));
        assert!(c.title.as_ref().or(c.body.as_ref()).is_some_and(|t| !t.trim().is_empty()));
    }
    for s in &r.sellers {
        let rates = [s.late_dispatch_rate, s.cancel_rate].into_iter().flatten();
        assert!(rates.into_iter().all(|x| (0.0..=1.0).contains(&x)) && (0.0..=5.0).contains(&s.rating.unwrap()));
    }
    assert!(r.decisions.iter().filter_map(|d| d.inclusion_probability).all(|p| p > 0.0 && p <= 1.0));
    let mut counted: BTreeMap<(&Id, i64), u64> = BTreeMap::new();
    for x in &r.reports {
        *counted.entry((&x.content_id, x.reported_at.0.div_euclid(DAY_US))).or_default() += 1;
    }
    let stated = r.engagement.iter().map(|e| ((&e.content_id, i64::from(e.day.0)), e.reports.unwrap())).filter(|(_, n)| *n > 0);
    assert_eq!(counted, stated.collect());
    let mut views: BTreeMap<&Id, u64> = BTreeMap::new();
    for e in &r.engagement {
        *views.entry(&e.content_id).or_default() += e.views.unwrap();
    }
    for (id, t) in truths(&r) {
        assert_eq!(views.get(&id).copied().unwrap_or(0), t.views_total);
        assert!(t.views_untreated >= t.views_total);
    }
}

#[test]
fn known_probabilities_are_honest() {
    let (r, s) = rows(12_000);
    // Horvitz–Thompson: the inverse probabilities of the drawn items add up to the number of items.
    for by in [SelectedBy::Random, SelectedBy::Importance] {
        let drawn: BTreeMap<_, _> = r
            .decisions
            .iter()
            .filter(|d| d.selected_by == Some(by))
            .map(|d| (&d.content_id, d.inclusion_probability.unwrap()))
            .collect();
        let total: f64 = drawn.values().map(|p| 1.0 / p).sum();
        let ratio = total / s.content as f64;
        assert!((0.8..1.15).contains(&ratio), "{by} stands for {ratio} of the items");
    }
    let known = |d: &DecisionRow| matches!(d.selected_by, Some(SelectedBy::Random | SelectedBy::Importance));
    assert!(r.decisions.iter().all(|d| known(d) == d.inclusion_probability.is_some()));
}

#[test]
fn six_thousand_items_are_enough_to_train_on() {
    let (r, s) = rows(6_000);
    let markets: BTreeSet<_> = r.content.iter().map(|c| c.market).collect();
    let languages: BTreeSet<_> = r.content.iter().filter_map(|c| c.language.clone()).collect();
    let kinds: BTreeSet<ContentType> = r.content.iter().map(|c| c.content_type).collect();
    assert_eq!((markets.len(), languages.len(), kinds.len()), (6, 7, 5));
    assert!([s.action_rows, s.report_rows, s.after_sales_rows, s.decision_rows].into_iter().all(|n| n > 50));
    let by: BTreeSet<_> = r.decisions.iter().filter_map(|d| d.selected_by).map(SelectedBy::as_str).collect();
    assert_eq!(by.len(), 8, "{by:?}");
    let reviewed: BTreeSet<_> = r.decisions.iter().map(|d| &d.content_id).collect();
    assert!((1_500..2_300).contains(&reviewed.len()), "{} items reviewed", reviewed.len());
    let distinct = |label: &str, verdict| {
        let of = r.decisions.iter().filter(|d| d.label == label && d.verdict == verdict);
        of.map(|d| &d.content_id).collect::<BTreeSet<_>>().len()
    };
    let enough = LABELS.iter().filter(|l| distinct(l.id, Verdict::Violating) >= 50 && distinct(l.id, Verdict::Compliant) >= 50);
    assert!(enough.count() >= 8);
    let campaigns: Vec<_> =
        r.truth.iter().filter_map(|t| if let TruthRow::Campaign(c) = t { Some(c.first_day.0) } else { None }).collect();
    let end = config(1).first_day.0 + DEFAULT_DAYS as i32;
    assert!(campaigns.len() >= 5 && campaigns.iter().any(|d| (end - 7..end).contains(d)));
    for l in LABELS {
        let of = r
            .content
            .iter()
            .filter(|c| l.content_types.contains(&c.content_type))
            .map(|c| &c.content_id)
            .collect::<BTreeSet<_>>()
            .len();
        let rate = truths(&r).values().filter(|t| t.labels.contains(&l.id)).count() as f64 / of as f64;
        assert!((0.01..0.14).contains(&rate), "{} has a rate of {rate}", l.id);
    }
}

/// Area under the ROC curve and average precision of a score, ties shared: (max of both directions).
fn single(scores: &[f64], positive: &[bool]) -> (f64, f64) {
    let one_way = |sign: f64| {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| (sign * scores[*b]).total_cmp(&(sign * scores[*a])));
        let p = positive.iter().filter(|y| **y).count() as f64;
        let n = positive.len() as f64 - p;
        let (mut tp, mut fp, mut auc, mut ap, mut i) = (0.0, 0.0, 0.0, 0.0, 0);
        while i < order.len() {
            let (tp0, fp0) = (tp, fp);
            let value = scores[order[i]];
            while i < order.len() && scores[order[i]] == value {
                if positive[order[i]] {
                    tp += 1.0
                } else {
                    fp += 1.0
                }
                i += 1;
            }
            auc += (fp - fp0) / n * (tp + tp0) / 2.0 / p;
            ap += (tp - tp0) / p * tp / (tp + fp);
        }
        (auc, ap)
    };
    let (up, down) = (one_way(1.0), one_way(-1.0));
    (up.0.max(down.0), up.1.max(down.1))
}

/// The simple numbers of an item: its latest version, its sums of engagement.
fn columns(c: &ContentRow, e: Option<&[u64; 9]>) -> Vec<(&'static str, f64)> {
    let none = [0; 9];
    let e = e.unwrap_or(&none);
    let text = format!("{} {}", c.title.as_deref().unwrap_or(""), c.body.as_deref().unwrap_or(""));
    let per_view = |n: u64| n as f64 / e[1].max(1) as f64;
    let mut all = vec![
        ("price", c.price.unwrap_or(0.0)),
        ("discount", c.list_price.zip(c.price).map_or(0.0, |(l, p)| 1.0 - p / l)),
        ("rating", c.rating.map_or(0.0, f64::from)),
        ("duration", c.duration_s.unwrap_or(0.0)),
        ("images", c.image_count.unwrap_or(0) as f64),
        ("speech", c.extra[0].map_or(0.0, f64::from)),
        ("static", c.extra[1].map_or(0.0, f64::from)),
        ("title length", c.title.as_deref().unwrap_or("").chars().count() as f64),
        ("text length", text.chars().count() as f64),
        ("digits", text.chars().filter(char::is_ascii_digit).count() as f64),
        ("non-ASCII", text.chars().filter(|x| !x.is_ascii()).count() as f64 / text.chars().count() as f64),
        ("published", c.published_at.0 as f64),
    ];
    all.extend(
        ["likes", "comments", "shares", "clicks", "orders", "reports", "hides"]
            .into_iter()
            .zip(e[2..].iter().map(|n| per_view(*n))),
    );
    all.extend([("views", e[1] as f64), ("view rate", e[1] as f64 / e[0].max(1) as f64), ("report count", e[7] as f64)]);
    all
}

#[test]
fn no_single_column_or_token_reads_a_label() {
    let (r, _) = rows(7_000);
    let truth = truths(&r);
    let mut latest: BTreeMap<&Id, &ContentRow> = BTreeMap::new();
    r.content.iter().for_each(|c| _ = latest.insert(&c.content_id, c));
    let mut sums: BTreeMap<&Id, [u64; 9]> = BTreeMap::new();
    for e in &r.engagement {
        let counts = [e.impressions, e.views, e.likes, e.comments, e.shares, e.clicks, e.orders, e.reports, e.hides];
        let sum = sums.entry(&e.content_id).or_default();
        sum.iter_mut().zip(counts).for_each(|(s, n)| *s += n.unwrap_or(0));
    }
    for l in LABELS {
        let items: Vec<_> = latest.iter().filter(|(_, c)| l.content_types.contains(&c.content_type)).collect();
        let y: Vec<bool> = items.iter().map(|(id, _)| truth[**id].labels.contains(&l.id)).collect();
        let x: Vec<_> = items.iter().map(|(id, c)| columns(c, sums.get(**id))).collect();
        for j in 0..x[0].len() {
            let (auc, ap) = single(&x.iter().map(|row| row[j].1).collect::<Vec<_>>(), &y);
            assert!(auc < 0.85 && ap < 0.6, "{} by {}: AUC {auc:.3}, AP {ap:.3}", l.id, x[0][j].0);
        }
        let mut tokens: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for ((_, c), y) in items.iter().zip(&y) {
            let words = c.title.iter().chain(&c.body).flat_map(|t| t.split_whitespace()).collect::<BTreeSet<_>>();
            for token in words {
                let n = tokens.entry(token).or_default();
                if *y { n.0 += 1.0 } else { n.1 += 1.0 }
            }
        }
        let p = y.iter().filter(|y| **y).count() as f64;
        let n = y.len() as f64 - p;
        for (token, (tp, fp)) in tokens {
            let auc = 0.5 + 0.5 * (tp / p - fp / n).abs();
            let ap = tp / (tp + fp) * tp / p + p / (p + n) * (1.0 - tp / p);
            assert!(auc < 0.85 && ap < 0.6, "{} by `{token}`: AUC {auc:.3}, AP {ap:.3}", l.id);
        }
    }
}
