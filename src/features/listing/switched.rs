//! Switched listings: other goods under an item that has sold and been rated.
//!
//! Input: the versions known of one item, oldest first. Output: how far today's title is from earlier ones and what was sold under
//! those. Titles are compared by the Jaccard index of their token sets after normalisation; a token of more than twelve
//! characters counts as its character trigrams, since a run of Thai is one token. A title that is written as before is the same,
//! whatever its words. Deliberately not here: ratings kept, which no table counts by item.

use std::collections::BTreeMap;

use super::LISTING;
use crate::features::feature::flag;
use crate::features::{FeatureDoc, SimpleFeature};
use crate::tables::ContentRow;
use crate::text::{normalise, strip_html, tokens};
use crate::units::ContentType::Listing;
use crate::units::{AsOf, Timestamp, stable_hash};

/// How an item's versions differ from the one in force.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SwitchView {
    /// Jaccard index of the first title and today's, in [0, 1]; `None` when a title is missing or has no words.
    pub title_kept_first: Option<f32>,
    /// The same of the title that was in force longest.
    pub title_kept_longest: Option<f32>,
    /// When the title was left that shares least with today's, the latest such; `None` when it never changed.
    pub switched_at: Option<Timestamp>,
    /// The largest (1 − J) · ln(1 + orders) over changes of title, of the title that was left and the orders before; `None` when
    /// orders are not known.
    pub switched_with_sales: Option<f64>,
    /// An earlier version had another category.
    pub category_changed: Option<bool>,
    /// An earlier version had another media hash.
    pub media_changed: Option<bool>,
}

impl SwitchView {
    /// Compares `versions` (oldest first, the one in force last), of which those not known at `as_of` are left out; `orders_before`
    /// counts the item's orders known before an instant. `None` without versions.
    #[must_use]
    pub fn of(versions: &[&ContentRow], as_of: AsOf, orders_before: impl Fn(Timestamp) -> Option<u64>) -> Option<Self> {
        let known = |row: &&&ContentRow| as_of.knows(row.valid_from.unwrap_or(row.published_at), row.ingested_at);
        let versions: Vec<&ContentRow> = versions.iter().filter(known).copied().collect();
        let (now, earlier) = versions.split_last()?;
        let titles = Titles::of(&versions, as_of);
        let steps = titles.steps();
        let furthest = steps.iter().filter(|step| step.kept < 1.0).min_by(|a, b| a.kept.total_cmp(&b.kept).then(b.at.cmp(&a.at)));
        let sales = |step: &Step| orders_before(step.at).map(|orders| (1.0 - step.kept) * libm::log1p(orders as f64));
        Some(Self {
            title_kept_first: titles.kept.first().copied().flatten().map(|kept| kept as f32),
            title_kept_longest: titles.longest().map(|kept| kept as f32),
            switched_at: furthest.map(|step| step.at),
            switched_with_sales: match furthest {
                Some(_) => steps.iter().filter_map(sales).reduce(f64::max),
                // What was never switched sold nothing under another title, provided that orders are counted at all.
                None => titles.kept.last().copied().flatten().and(orders_before(as_of.instant)).map(|_| 0.0),
            },
            category_changed: changed(earlier, now, |row| row.category.as_deref()),
            media_changed: changed(earlier, now, |row| row.media_hash.as_deref()),
        })
    }
}

/// Whether an earlier version had another value; `None` when the value in force is missing.
fn changed<'a>(
    earlier: &[&'a ContentRow],
    now: &'a ContentRow,
    value: impl Fn(&'a ContentRow) -> Option<&'a str>,
) -> Option<bool> {
    let today = value(now)?;
    Some(earlier.iter().filter_map(|row| value(row)).any(|before| before != today))
}

/// The titles of an item's versions against today's.
struct Titles<'a> {
    titles: Vec<&'a str>,
    /// When each took effect.
    from: Vec<Timestamp>,
    /// Jaccard index of each and today's; `None` when either has no words.
    kept: Vec<Option<f64>>,
    end: Timestamp,
}

/// A title was left.
struct Step {
    at: Timestamp,
    /// What it shares with today's.
    kept: f64,
}

impl<'a> Titles<'a> {
    fn of(versions: &[&'a ContentRow], as_of: AsOf) -> Self {
        let titles: Vec<&str> = versions.iter().map(|row| row.title.as_deref().unwrap_or("")).collect();
        let today = titles.last().copied().unwrap_or("");
        let words_today = if titles.iter().all(|title| *title == today) { Vec::new() } else { shingles(today) };
        let mut known: BTreeMap<&str, Option<f64>> = BTreeMap::new();
        known.insert(today, (!today.trim().is_empty()).then_some(1.0));
        let kept = titles.iter().map(|title| *known.entry(title).or_insert_with(|| jaccard(&shingles(title), &words_today)));
        let kept = kept.collect();
        let from = versions.iter().map(|row| row.valid_from.unwrap_or(row.published_at)).collect();
        Self { titles, from, kept, end: as_of.instant }
    }

    /// What the title that was in force longest, all its times together, shares with today's; the first of equals.
    fn longest(&self) -> Option<f64> {
        let untils = self.from.iter().skip(1).chain([&self.end]);
        // Time in force, and the place of the first version that had the title.
        let mut held: BTreeMap<&str, (i64, usize)> = BTreeMap::new();
        for (at, ((title, from), until)) in self.titles.iter().zip(&self.from).zip(untils).enumerate() {
            let time = until.0.saturating_sub(from.0);
            held.entry(title).and_modify(|(sum, _)| *sum = sum.saturating_add(time)).or_insert((time, at));
        }
        let longest = held.into_values().max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)))?;
        self.kept.get(longest.1).copied().flatten()
    }

    fn steps(&self) -> Vec<Step> {
        let changes = self.titles.windows(2).zip(&self.kept).zip(self.from.iter().skip(1));
        let step = |((pair, kept), at): ((&[&str], &Option<f64>), &Timestamp)| match pair {
            [before, after] if before != after => kept.map(|kept| Step { at: *at, kept }),
            _ => None,
        };
        changes.filter_map(step).collect()
    }
}

/// Longer tokens are cut into trigrams.
const LONGEST_TOKEN: usize = 12;

/// Seed of the hashes of shingles.
const SHINGLE_SEED: u64 = 0x0073_6869_6e67_6c65;

/// The set of a title's tokens, long ones as their trigrams, by hash; ascending.
fn shingles(title: &str) -> Vec<u64> {
    let text = normalise(&strip_html(title).text);
    let mut set = Vec::new();
    for token in tokens(&text) {
        let mut starts: Vec<usize> = token.text.char_indices().map(|(at, _)| at).collect();
        if starts.len() <= LONGEST_TOKEN {
            set.push(stable_hash(SHINGLE_SEED, token.text));
            continue;
        }
        starts.push(token.text.len());
        let trigrams = starts.iter().zip(starts.iter().skip(3)).filter_map(|(start, end)| token.text.get(*start..*end));
        set.extend(trigrams.map(|trigram| stable_hash(SHINGLE_SEED, trigram)));
    }
    set.sort_unstable();
    set.dedup();
    set
}

/// |A ∩ B| / |A ∪ B| of ascending sets; `None` when either is empty.
fn jaccard(a: &[u64], b: &[u64]) -> Option<f64> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let both = a.iter().filter(|word| b.binary_search(word).is_ok()).count();
    Some(both as f64 / (a.len() + b.len() - both) as f64)
}

/// What these features have in common.
const SWITCHED: FeatureDoc = FeatureDoc {
    why: "a switched listing keeps sold counts and ratings that other goods earned",
    evaded_by: "a new listing",
    inputs: &["content.title", "content.valid_from"],
    applies_to: &[Listing],
    ..LISTING
};

/// First title.
pub(in crate::features) static TITLE_KEPT_SINCE_FIRST: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_kept_since_first",
        what: "Jaccard index of the words of the first title known and today's; 1 when it never changed",
        range: "0 to 1",
        evaded_by: "keeping the words, changing the pictures",
        ..SWITCHED
    },
    value: |item| item.switch?.title_kept_first,
};

/// Longest title.
pub(in crate::features) static TITLE_KEPT_FROM_LONGEST: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_kept_from_longest",
        what: "Jaccard index of the words of the title in force longest and today's",
        range: "0 to 1",
        evaded_by: "keeping the words, changing the pictures",
        ..SWITCHED
    },
    value: |item| item.switch?.title_kept_longest,
};

/// Time since the switch.
pub(in crate::features) static TITLE_SWITCH_DAYS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "title_switch_days",
        what: "ln(1 + days since the title was left that shares least with today's); missing when it never changed",
        range: "0 and up",
        ..SWITCHED
    },
    value: |item| {
        let days = item.as_of.instant.days_since(item.switch?.switched_at?);
        Some(libm::log1p(days.max(0.0)) as f32)
    },
};

/// Sold under another title.
pub(in crate::features) static SWITCHED_WITH_SALES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "switched_with_sales",
        what: "(1 − Jaccard index of a title that was left and today's) · ln(1 + orders on days before), the largest over changes of title",
        range: "0 and up",
        evaded_by: "changing word by word, or the pictures alone",
        inputs: &["content.title", "content.valid_from", "engagement.orders"],
        uses: &["actions.content_id"],
        ..SWITCHED
    },
    value: |item| item.switch?.switched_with_sales.map(|value| value as f32),
};

/// Another category.
pub(in crate::features) static CATEGORY_CHANGED: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "category_changed",
        what: "1 when an earlier version had another category",
        range: "0 or 1",
        inputs: &["content.category", "content.valid_from"],
        ..SWITCHED
    },
    value: |item| item.switch?.category_changed.map(flag),
};

/// Other pictures.
pub(in crate::features) static MEDIA_CHANGED: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "media_changed",
        what: "1 when an earlier version had another media hash",
        range: "0 or 1",
        inputs: &["content.media_hash", "content.valid_from"],
        ..SWITCHED
    },
    value: |item| item.switch?.media_changed.map(flag),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::ItemView;
    use crate::features::feature::ln_count;
    use crate::features::fixtures::{Fixture, as_of, at, content};

    fn version(day: f64, title: &str) -> ContentRow {
        ContentRow { valid_from: Some(at(day)), title: Some(title.to_owned()), ..content("a") }
    }

    fn view(rows: &[ContentRow], orders: Option<u64>) -> SwitchView {
        SwitchView::of(&rows.iter().collect::<Vec<_>>(), as_of(100), |_| orders).unwrap()
    }

    /// By hand: {soft, phone, case} and {red, phone, case} share 2 of 4.
    #[test]
    fn titles_share_words() {
        let check = |a: &str, b: &str, expect: Option<f64>| assert_eq!(jaccard(&shingles(a), &shingles(b)), expect, "{a} {b}");
        check("Soft phone CASE", "red <b>phone</b> case case", Some(0.5));
        check("phone", "lamp", Some(0.0));
        check("phone", "!!", None);
        // Fourteen letters, twelve trigrams; thirteen, eleven, all of them among the twelve.
        check("abcdefghijklmn", "abcdefghijklm", Some(11.0 / 12.0));
    }

    /// A draft of one day, eighty days of a phone case, ten of a drill. 10 orders on every day.
    #[test]
    fn a_switch_is_seen_with_what_was_sold_before_it() {
        let rows = [version(9.0, "draft"), version(10.0, "phone case"), version(90.0, "drill case set")];
        let orders = |at: Timestamp| Some((at.0 / 86_400_000_000 - 9).cast_unsigned() * 10);
        let got = SwitchView::of(&rows.iter().collect::<Vec<_>>(), as_of(100), orders).unwrap();
        assert_eq!(got.title_kept_first, Some(0.0));
        assert_eq!(got.title_kept_longest, Some(0.25), "case of phone, case, drill, set");
        assert_eq!(got.switched_at, Some(at(10.0)), "the draft shares least");
        // The draft: 1 · ln(1 + 10) = 2.397895; the case: .75 · ln(1 + 810) = 5.023...
        let expect = 0.75 * libm::log(811.0);
        assert!((got.switched_with_sales.unwrap() - expect).abs() < 1e-12);
    }

    #[test]
    fn the_longest_title_is_timed_over_all_its_versions() {
        let rows = [version(10.0, "lamp"), version(40.0, "phone case"), version(70.0, "lamp"), version(90.0, "phone case")];
        let got = view(&rows, None);
        assert_eq!(got.title_kept_longest, Some(0.0), "fifty days of lamp, forty of phone case");
        assert_eq!(got.switched_at, Some(at(90.0)), "the latest of equals");
        assert_eq!(got.switched_with_sales, None, "no orders known");
    }

    #[test]
    fn versions_of_the_future_change_nothing() {
        let mut rows = vec![version(10.0, "lamp"), version(40.0, "phone case")];
        let expect = view(&rows, Some(7));
        rows.push(ContentRow { ingested_at: Some(at(100.0)), ..version(50.0, "drill") });
        rows.push(version(100.0, "drill"));
        assert_eq!(view(&rows, Some(7)), expect);
        rows.insert(2, version(95.0, "drill"));
        assert_ne!(view(&rows, Some(7)), expect);
    }

    #[test]
    fn what_never_changed_was_not_switched() {
        let rows = [version(10.0, "lamp"), ContentRow { price: Some(3.0), ..version(40.0, "lamp") }];
        let expect = SwitchView {
            title_kept_first: Some(1.0),
            title_kept_longest: Some(1.0),
            switched_with_sales: Some(0.0),
            ..SwitchView::default()
        };
        assert_eq!(view(&rows, Some(7)), expect);
        assert_eq!(view(&[ContentRow { title: None, ..version(10.0, "") }], Some(7)), SwitchView::default());
        assert_eq!(SwitchView::of(&[], as_of(100), |_| None), None);
    }

    #[test]
    fn categories_and_pictures_change_too() {
        let row = |category: Option<&str>, media: Option<&str>| ContentRow {
            category: category.map(Into::into),
            media_hash: media.map(Into::into),
            ..version(10.0, "lamp")
        };
        let got = view(&[row(Some("home"), None), row(Some("tools"), Some("m")), row(Some("home"), Some("m"))], None);
        assert_eq!((got.category_changed, got.media_changed), (Some(true), Some(false)));
        let got = view(&[row(Some("home"), Some("m")), row(None, Some("n"))], None);
        assert_eq!((got.category_changed, got.media_changed), (None, Some(true)));
    }

    #[test]
    fn views_give_their_features() {
        let fixture = Fixture::default();
        let switch = SwitchView {
            title_kept_first: Some(0.25),
            title_kept_longest: Some(0.5),
            switched_at: Some(at(99.0)),
            switched_with_sales: Some(2.0),
            category_changed: Some(true),
            media_changed: None,
        };
        let all = [
            &TITLE_KEPT_SINCE_FIRST,
            &TITLE_KEPT_FROM_LONGEST,
            &TITLE_SWITCH_DAYS,
            &SWITCHED_WITH_SALES,
            &CATEGORY_CHANGED,
            &MEDIA_CHANGED,
        ];
        let values = |switch: Option<SwitchView>| all.map(|f| (f.value)(&ItemView { switch, ..fixture.item() }));
        assert_eq!(values(Some(switch)), [Some(0.25), Some(0.5), Some(ln_count(1)), Some(2.0), Some(1.0), None]);
        assert_eq!(values(None), [None; 6]);
    }
}
