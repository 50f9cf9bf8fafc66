//! Columns that configuration declares: their order, values, fingerprints, and what is refused.

use super::super::fixtures::{Fixture, as_of, content};
use super::super::{names, null_features};
use super::*;
use crate::config::SignalConfig;

/// A signal without documentation.
fn signal(name: &str, sql: &str) -> SignalConfig {
    SignalConfig {
        name: name.to_owned(),
        sql: sql.to_owned(),
        what: "w".to_owned(),
        why: "y".to_owned(),
        evaded_by: "e".to_owned(),
        range: None,
        content_types: Vec::new(),
        place: format!("stallmark.toml:7, features.signals.{name}.sql"),
    }
}

fn declared(name: &str, group: &str) -> DeclaredDoc {
    DeclaredDoc { group: group.to_owned(), definition: format!("defines {name}"), ..upstream_doc(name) }
}

fn full_spec() -> FeatureSpec {
    FeatureSpec {
        windows: vec![declared("w_views", "engagement"), declared("w_gmv", "engagement")],
        lexicons: vec![declared("lex_gambling", "lexicon")],
        embedding: Embedding { dims: 2, length: 0 },
        extra_columns: vec!["x_a".to_owned(), "x_b".to_owned()],
        signals: vec![
            signal("cheap", "price / list_price < 0.2 AND lex_gambling > 0"),
            signal("cheap_twice", "CASE WHEN cheap THEN x_a * 2 END"),
        ],
        excluded: Vec::new(),
        excluded_place: "stallmark.toml:3".to_owned(),
    }
}

fn refusal(spec: FeatureSpec) -> String {
    let error = FeatureSet::new(spec).unwrap_err();
    let source = std::error::Error::source(&error).map(|s| format!("\n{s}")).unwrap_or_default();
    format!("{error}{source}")
}

/// The matrix row of a listing at a tenth of its list price, with one lexicon hit.
fn row(set: &FeatureSet) -> Vec<f32> {
    let mut listing = content("a");
    (listing.price, listing.list_price) = (Some(1.0), Some(10.0));
    (listing.extra, listing.embedding) = (vec![Some(2.5), None], Some(vec![0.6, 0.8]));
    let fixture = Fixture::of(listing);
    let mut item = fixture.item();
    (item.windows, item.lexicons) = (&[7.0, f32::NAN], &[std::f32::consts::LN_2]);
    let mut computed = Vec::new();
    set.compute(&item, &mut computed);
    set.complete(&[(&fixture.content, as_of(100))], vec![computed]).unwrap().remove(0)
}

fn value(set: &FeatureSet, name: &str) -> f32 {
    row(set)[set.names().iter().position(|n| n == name).unwrap()]
}

#[test]
fn columns_stand_in_their_order() {
    let set = FeatureSet::new(full_spec()).unwrap();
    assert_eq!(set.names()[..REGISTRY.len()], names());
    let declared = ["w_views", "w_gmv", "lex_gambling", "embedding_00", "embedding_01", "x_a", "x_b", "cheap", "cheap_twice"];
    assert_eq!(set.names()[REGISTRY.len()..], declared);
    let values = row(&set);
    assert_eq!(values.len(), set.names().len());
    let got = &values[REGISTRY.len()..];
    assert_eq!((got[0], got[2]), (7.0, libm::log1p(1.0) as f32));
    assert!(got[1].is_nan() && got[6].is_nan());
    assert_eq!((got[5], got[7], got[8]), (2.5, 1.0, 5.0));
    assert_eq!(set.docs().count(), set.names().len());
}

#[test]
fn an_input_may_hold_its_own_columns_elsewhere_or_not_at_all() {
    let set = FeatureSet::new(full_spec()).unwrap().reading(&["x_0".to_owned(), "x_a".to_owned()], |_| true);
    assert!(value(&set, "x_a").is_nan(), "the second of the row's columns has no value");
    let set = FeatureSet::new(full_spec()).unwrap().reading(&["x_b".to_owned()], |_| true);
    assert_eq!(value(&set, "x_b"), 2.5);
    assert!(value(&set, "x_a").is_nan() && value(&set, "cheap_twice").is_nan());
}

/// A feature that says "no" of a row without a value says nothing of an input without the column.
#[test]
fn a_feature_without_anything_to_read_is_missing() {
    let spec = FeatureSpec { signals: vec![signal("no_price", "price IS NULL")], ..FeatureSpec::default() };
    let set = FeatureSet::new(spec).unwrap();
    let over = |absent: &'static str| set.clone().reading(&[], move |input| input != absent);
    assert_eq!(value(&over("nothing"), "has_media_hash"), 0.0);
    assert!(value(&over("content.media_hash"), "has_media_hash").is_nan());
    assert_eq!(value(&over("content.media_hash"), "no_price"), 0.0);
    assert!(value(&over("content.price"), "no_price").is_nan());
    assert!(!value(&over("content.body"), "text_chars").is_nan());
}

/// A window is 0 for an item without rows, whatever is mapped; without the column nothing is known.
#[test]
fn a_feature_is_missing_without_a_part_that_it_cannot_do_without() {
    let mut spec = full_spec();
    spec.windows[0].inputs = vec!["engagement.refunds".to_owned(), "engagement.orders".to_owned()];
    let set = FeatureSet::new(spec).unwrap();
    let no_orders = |input: &str| input != "engagement.orders";
    let unmapped = set.clone().reading(&[], no_orders);
    assert!(value(&unmapped, "w_views").is_nan());
    assert_eq!(value(&set.clone().reading(&[], |_| true), "w_views"), 7.0);
    // A column that is mapped and empty leaves the zeros of items without rows.
    let (unmapped, empty) = (null_features(&unmapped, no_orders), null_features(&set, no_orders));
    for name in ["w_views", "item_mature_orders_28d", "seller_mature_low_ratings_90d"] {
        assert!(unmapped.null.iter().any(|null| null == name), "{name}");
        assert!(empty.unfilled.iter().any(|unfilled| unfilled == name), "{name}");
    }
}

/// A signal goes with the last thing that it reads, features by what becomes of them.
#[test]
fn a_signal_is_missing_when_all_that_it_reads_is() {
    let sql = [
        ("a", "price IS NULL"),
        ("b", "COALESCE(price_z, 0) > 0 OR a"),
        ("c", "price IS NULL OR body IS NULL"),
        ("d", "content_type = 'listing' OR price > 100"),
        ("e", "published_at < as_of OR price > 100"),
        ("f", "d OR price > 100"),
    ];
    let signals = sql.map(|(name, sql)| signal(name, sql)).to_vec();
    let set = FeatureSet::new(FeatureSpec { signals, ..FeatureSpec::default() }).unwrap();
    let report = |absent: &'static str| null_features(&set.clone().reading(&[], move |input| input != absent), |_| true);
    let price = report("content.price");
    assert!(["a", "b"].iter().all(|name| price.null.iter().any(|null| null == name)), "{price:?}");
    // Every row has a type and a midnight, mapped or not.
    assert!(["c", "d", "e", "f"].iter().all(|name| price.reduced.iter().any(|reduced| reduced == name)), "{price:?}");
    let unmapped = set.clone().reading(&[], |input| input != "content.price");
    assert_eq!(["d", "e", "f"].map(|name| value(&unmapped, name)), [1.0; 3]);
    let category = report("content.category");
    assert!(category.null.iter().any(|null| null == "price_z") && category.reduced.iter().any(|name| name == "b"));
}

#[test]
fn what_is_left_out_is_not_in_the_matrix_but_signals_may_read_it() {
    let excluded = ["lexicon", "price_z", "x_b", "engagement", "cheap"].map(str::to_owned).to_vec();
    let set = FeatureSet::new(FeatureSpec { excluded, ..full_spec() }).unwrap();
    for gone in ["lex_gambling", "price_z", "x_b", "w_views", "cheap"] {
        assert!(!set.names().iter().any(|name| name == gone), "{gone}");
    }
    assert_eq!(value(&set, "cheap_twice"), 5.0);
    assert_eq!(row(&set).len(), set.names().len());
    let everything_else = FeatureSet::new(full_spec()).unwrap();
    assert_eq!(value(&set, "text_chars").to_bits(), value(&everything_else, "text_chars").to_bits());
}

#[test]
fn a_signal_for_some_content_types_is_missing_elsewhere() {
    let mut only_reviews = signal("seen", "TRUE");
    only_reviews.content_types = vec![ContentType::Review];
    let set =
        FeatureSet::new(FeatureSpec { signals: vec![only_reviews, signal("all", "TRUE")], ..FeatureSpec::default() }).unwrap();
    assert!(value(&set, "seen").is_nan());
    assert_eq!(value(&set, "all"), 1.0);
}

/// A row alone equals the row in a batch.
#[test]
fn signals_do_not_depend_on_the_batch() {
    let sql = "CASE WHEN title LIKE '%7%' THEN text_chars * 1.1 + LENGTH(title) ELSE price / 3 END";
    let set = FeatureSet::new(FeatureSpec { signals: vec![signal("s", sql)], ..FeatureSpec::default() }).unwrap();
    let fixtures: Vec<Fixture> = (0..50)
        .map(|n| {
            let mut row = content(&format!("c{n}"));
            (row.title, row.price) = (Some(format!("phone case {n}")), (n % 3 != 0).then_some(f64::from(n) * 0.7));
            Fixture::of(row)
        })
        .collect();
    let computed: Vec<Vec<f32>> = fixtures
        .iter()
        .map(|fixture| {
            let mut out = Vec::new();
            set.compute(&fixture.item(), &mut out);
            out
        })
        .collect();
    let contents: Vec<(&ContentRow, AsOf)> = fixtures.iter().map(|fixture| (&fixture.content, as_of(100))).collect();
    let together = set.complete(&contents, computed.clone()).unwrap();
    let bits = |row: &[f32]| row.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    for (n, row) in computed.into_iter().enumerate() {
        let alone = set.complete(&contents[n..=n], vec![row]).unwrap();
        assert_eq!(bits(&alone[0]), bits(&together[n]));
    }
    assert!(together.iter().filter(|row| !row[REGISTRY.len()].is_nan()).count() > 30);
}

#[test]
fn a_signal_reads_what_its_features_read() {
    let set = FeatureSet::new(full_spec()).unwrap();
    let inputs = |name: &str| set.docs().find(|doc| doc.name == name).unwrap().inputs.join(", ");
    assert_eq!(inputs("cheap"), "content.price, content.list_price, content.lex_gambling");
    assert_eq!(inputs("cheap_twice"), "content.x_a, content.price, content.list_price, content.lex_gambling");
}

#[test]
fn a_signal_that_cannot_be_one_is_refused_with_its_place() {
    let with = |sql: &str| refusal(FeatureSpec { signals: vec![signal("s", sql)], ..full_spec() });
    let unknown = with("price > 1 AND lex_gamblin > 0");
    assert!(unknown.starts_with("stallmark.toml:7, features.signals.s.sql: signal `s` cannot be computed"), "{unknown}");
    assert!(unknown.contains("did you mean `lex_gambling`?") && unknown.contains("^^^^"), "{unknown}");
    assert!(with("title").contains("is text: expected a condition or a number"));
    assert!(with("published_at").contains("is a timestamp"));
    assert!(with("CAST(title AS DOUBLE) > 1").contains("write TRY_CAST"));
    let later = FeatureSpec { signals: vec![signal("a", "b > 0"), signal("b", "price")], ..FeatureSpec::default() };
    assert_eq!(
        refusal(later),
        "stallmark.toml:7, features.signals.a.sql: signal `a` reads signal `b`, which comes after it: declare `b` above `a`\n  b > 0\n  ^"
    );
    let own = FeatureSpec { signals: vec![signal("a", "price > 0 AND a")], ..FeatureSpec::default() };
    assert_eq!(
        refusal(own),
        "stallmark.toml:7, features.signals.a.sql: signal `a` reads itself: write what it is to be made of instead\n  \
         price > 0 AND a\n                ^"
    );
    for name in ["price_z", "price", "x_a", "embedding_00", "w_gmv"] {
        let taken = FeatureSpec { signals: vec![signal(name, "TRUE")], ..full_spec() };
        assert!(refusal(taken).contains("already"), "{name}");
    }
    assert!(refusal(FeatureSpec { windows: vec![declared("price_z", "engagement")], ..full_spec() }).contains("`price_z`"));
}

#[test]
fn an_unknown_exclusion_is_refused_with_the_nearest_name() {
    let without = |name: &str| refusal(FeatureSpec { excluded: vec![name.to_owned()], ..full_spec() });
    let message =
        "stallmark.toml:3: features.exclude lists `pricez`, which is neither a feature nor a group; did you mean `price_z`?";
    assert_eq!(without("pricez"), message);
    assert!(without("engagment").contains("did you mean `engagement`?"));
    // A group that happens to be empty is no mistake.
    FeatureSet::new(FeatureSpec { excluded: vec!["lexicon".to_owned(), "signal".to_owned()], ..FeatureSpec::default() }).unwrap();
    let groups: BTreeSet<&str> = REGISTRY.iter().map(|f| f.doc().group).collect();
    let excluded = groups.into_iter().map(str::to_owned).collect();
    assert!(refusal(FeatureSpec { excluded, ..FeatureSpec::default() }).contains("leaves no feature"));
}

#[test]
fn the_fingerprint_is_of_the_definitions() {
    let plain = FeatureSet::new(full_spec()).unwrap();
    assert_eq!(plain.fingerprint().len(), 64);
    assert_eq!(plain.fingerprint(), FeatureSet::new(full_spec()).unwrap().fingerprint());
    let mut changed = full_spec();
    changed.signals[0].sql = "price / list_price < 0.3 AND lex_gambling > 0".to_owned();
    changed.windows[1].definition = "another".to_owned();
    changed.extra_columns[1] = "x_c".to_owned();
    let other = FeatureSet::new(changed).unwrap();
    assert_ne!(plain.fingerprint(), other.fingerprint());
    let differences = other.differences(plain.names(), &plain.fingerprints());
    assert_eq!(differences.to_string(), "new: x_c; missing: x_b; redefined: cheap, w_gmv");
    // A model that has not recorded its features' fingerprints.
    assert_eq!(other.differences(plain.names(), &[]).redefined, Vec::<String>::new());
    let mut reworded = full_spec();
    reworded.signals[0].why = "for another reason".to_owned();
    assert_eq!(plain.fingerprint(), FeatureSet::new(reworded).unwrap().fingerprint());
    let fewer = FeatureSet::new(FeatureSpec { excluded: vec!["text".to_owned()], ..full_spec() }).unwrap();
    let shown = fewer.differences(plain.names(), &plain.fingerprints()).to_string();
    assert!(shown.starts_with("missing: text_chars, ") && shown.contains(" more"), "{shown}");
    assert_eq!(plain.hashes_of("signal").into_keys().collect::<Vec<_>>(), ["cheap", "cheap_twice"]);
}

#[test]
fn coverage_counts_what_is_meant_for_the_type() {
    let set = FeatureSet::new(FeatureSpec::default()).unwrap();
    let got = set.coverage(ContentType::Listing, &row(&set));
    assert!(got > 0.1 && got < 0.6, "{got}");
    assert_eq!(set.coverage(ContentType::Listing, &[]), 0.0);
    assert_eq!(set.coverage(ContentType::Comment, &vec![1.0; REGISTRY.len()]), 1.0);
}
