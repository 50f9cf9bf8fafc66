//! Declared windows from a shard to the columns of the matrix, by hand.

use super::*;
use crate::dataset::cross_seller::CrossSellerBuilder;
use crate::dataset::engagement::daily_totals;
use crate::dataset::fixtures::{Engine, engine_of};
use crate::dataset::globals::GlobalsBuilder;
use crate::features::fixtures::{at, content, engagement};
use crate::tables::EngagementRow;

/// The engine with `windows` beside the built-in ones.
fn engine(windows: &[(&str, &str)]) -> Engine {
    let window = |(name, keys): &(&str, &str)| {
        format!(
            "[features.windows.t_{name}]\nscale = \"none\"\nwhat = \"over {{days}}\"\nwhy = \"w\"\nevaded_by = \"e\"\n{keys}\n"
        )
    };
    engine_of(&windows.iter().map(window).collect::<String>())
}

/// A shard of items with their sellers.
fn shard(items: Vec<(ContentRow, Vec<EngagementRow>)>) -> Shard {
    let mut contents: Vec<(Id, ContentHistory)> = Vec::new();
    for (row, days) in items {
        let (id, engagement) = (row.content_id.clone(), EngagementDays::of(&days));
        contents.push((id, ContentHistory { versions: vec![row], engagement, ..ContentHistory::default() }));
    }
    let mut sellers: BTreeMap<Id, SellerRecords> = BTreeMap::new();
    for (place, (_, history)) in contents.iter().enumerate() {
        if let Some(seller) = history.seller() {
            sellers.entry(seller.clone()).or_default().items.push(place);
        }
    }
    for seller in sellers.values_mut() {
        let totals = daily_totals(seller.items.iter().map(|place| &contents[*place].1), &Zones::utc());
        seller.daily = EngagementDays::of_cells(&totals);
    }
    Shard { contents, sellers }
}

/// The columns `names` of item `content` at the midnight of day 100, from all that pass 1 makes of the shard.
fn columns<const N: usize>(engine: &Engine, shard: &Shard, content: usize, names: [&str; N]) -> [f32; N] {
    columns_in(&Zones::utc(), engine, shard, content, names)
}

/// The same at the midnight of the item's market.
fn columns_in<const N: usize>(zones: &Zones, engine: &Engine, shard: &Shard, content: usize, names: [&str; N]) -> [f32; N] {
    let scratch = tempfile::tempdir().unwrap();
    let mut globals = GlobalsBuilder::new(&engine.windows);
    globals.add(shard, zones);
    let globals = globals.finish();
    let mut cross = CrossSellerBuilder::new(scratch.path(), &engine.config.features).unwrap();
    cross.add(shard, zones).unwrap();
    let cross = cross.finish().unwrap();
    let presence = Presence::new(vec![TableName::Content, TableName::Engagement], false);
    let builder = engine.builder(shard, &globals, &cross, &presence, zones);
    let as_of = zones.as_of(shard.contents[content].1.first().unwrap().market, Day(100));
    let items = builder.build(&[SpineRow { content, as_of, same_day: false }]).unwrap();
    names.map(|name| items[0].features[engine.features.names().iter().position(|known| *known == name).unwrap()])
}

#[test]
fn what_a_creator_published_reaches_its_items() {
    let by = |id: &str, creator: &str, seller: &str, category: &str, day: f64, rating: Option<f32>| {
        let row = ContentRow {
            creator_id: Some(creator.into()),
            seller_id: Some(seller.into()),
            category: Some(category.into()),
            published_at: at(day),
            rating,
            ..content(id)
        };
        (row, Vec::new())
    };
    let mut late = by("d", "r", "u", "food", 99.5, Some(1.0));
    late.0.ingested_at = Some(at(100.0));
    let shard = shard(vec![
        by("a", "r", "s", "bags", 80.5, Some(5.0)),
        by("b", "r", "t", "toys", 95.0, Some(2.0)),
        by("c", "r", "t", "toys", 97.5, Some(3.0)),
        late,
        by("e", "q", "s", "bags", 99.5, None),
    ]);
    let of_creators = |keys: &str| format!("table = \"content\"\nentity = \"creator\"\n{keys}");
    let keys = [
        ("categories", "days = [7, 28]\nvalue = \"distinct:category\""),
        ("sellers", "days = [28]\nvalue = \"entropy:seller_id\""),
        ("published", "days = [7, 28]\nvalue = \"*\"\ntrend = [[7, 28]]"),
        ("stars", "days = [28]\nvalue = \"rating\"\nover = \"*\""),
    ]
    .map(|(name, keys)| (name, of_creators(keys)));
    let engine = engine(&keys.each_ref().map(|(name, keys)| (*name, keys.as_str())));
    let names = [
        "t_categories_7d",
        "t_categories_28d",
        "t_sellers_28d",
        "t_published_7d",
        "t_published_28d",
        "t_published_trend_7_28d",
        "t_stars_28d",
    ];
    // Of four items of r, by three sellers in three categories, d is not known yet. s once and t twice: ln 3 − ⅔ ln 2. The first was
    // published on day 80: two in 7 days against three in 20. (5 + 2 + 3) / 3 stars.
    let (entropy, trend) = (3.0_f64.ln() - 2.0_f64.ln() * 2.0 / 3.0, ((1.0 + 2.0 / 7.0) / (1.0 + 3.0 / 20.0_f64)).ln());
    let expect = [1.0, 2.0, entropy, 2.0, 3.0, trend, 10.0 / 3.0];
    for item in [0, 1, 2] {
        let got = columns(&engine, &shard, item, names);
        assert!(got.iter().zip(expect).all(|(got, expect)| (f64::from(*got) - expect).abs() < 1e-6), "{item}: {got:?}");
    }
    // q published one item, without stars, yesterday.
    let alone = columns(&engine, &shard, 4, names);
    assert_eq!(alone[..5], [1.0, 1.0, 0.0, 1.0, 1.0]);
    assert!(alone[5].is_nan() && alone[6].is_nan(), "{alone:?}");
}

/// The first of r's items was published on day 97 in UTC, which was day 98 in Singapore: as of day 100 there, one item in a day and two
/// in the two days since; one in UTC, and two in three.
#[test]
fn a_creators_life_is_counted_in_the_days_of_the_market() {
    let by = |id: &str, creator: &str, market: &str, day: f64| {
        let row = ContentRow {
            creator_id: Some(creator.into()),
            market: market.parse().unwrap(),
            published_at: at(day),
            ..content(id)
        };
        (row, Vec::new())
    };
    let shard = shard(vec![
        by("a", "r", "SG", 97.75),
        by("b", "r", "ID", 99.5),
        by("c", "q", "SG", 97.75),
        by("d", "q", "SG", 99.5),
        by("e", "p", "SG", 98.75),
    ]);
    let zones = Zones::new("UTC", &BTreeMap::from([("SG".parse().unwrap(), "Asia/Singapore".to_owned())])).unwrap();
    let keys = "table = \"content\"\nentity = \"creator\"\ndays = [1, 7]\nvalue = \"*\"\ntrend = [[1, 7]]";
    let engine = engine(&[("published", keys)]);
    let trend = |item| columns_in(&zones, &engine, &shard, item, ["t_published_trend_1_7d"])[0];
    let in_utc = (2.0_f64 / (1.0 + 2.0 / 3.0)).ln() as f32;
    assert_eq!([trend(0), trend(1), trend(2)], [0.0, in_utc, 0.0]);
    // A creator of one item, published on day 99 of Singapore, has nothing to be compared with.
    assert!(trend(4).is_nan());
}

/// Item a of SG, published on day 93, has ten views on each day but 95; b of ID, of the same seller and day, has five on day 95 alone.
fn two_markets(last_day_known: f64) -> Shard {
    let item = |id: &str, market: &str| ContentRow {
        seller_id: Some("s".into()),
        market: market.parse().unwrap(),
        published_at: at(93.25),
        ..content(id)
    };
    let mut days = [93, 94, 96, 97, 98, 99].map(|day| engagement(day, 10));
    days[5].ingested_at = Some(at(last_day_known));
    shard(vec![(item("a", "SG"), days.to_vec()), (item("b", "ID"), vec![engagement(95, 5)])])
}

#[test]
fn a_day_that_has_not_arrived_in_the_market_is_not_zero() {
    let engine = engine(&[
        ("own", "table = \"engagement\"\ndays = [1, 7, 28]\nvalue = \"views\""),
        ("all", "table = \"engagement\"\nentity = \"seller\"\ndays = [1, 7]\nvalue = \"views\""),
        (
            "rate",
            "table = \"engagement\"\ndays = [1]\nvalue = \"views\"\nover = \"*\"\nprior = { fit = \"none\", mean = 0.5, strength = 1 }",
        ),
    ]);
    let names = ["t_own_1d", "t_own_7d", "t_own_28d", "t_all_1d", "t_all_7d", "t_rate_1d"];
    // 60 views in six days of seven; before day 93 there was no item. The seller's day 95 is known of ID.
    let on_time = columns(&engine, &two_markets(99.5), 0, names);
    assert_eq!(on_time, [10.0, 70.0, 70.0, 10.0, 65.0, 0.75]);
    // Day 99 reached us at the midnight: 50 views in five days of seven, and the seller's 55 in six.
    let late = columns(&engine, &two_markets(100.0), 0, names);
    assert!(late[0].is_nan() && late[3].is_nan() && late[5].is_nan(), "{late:?}");
    assert_eq!([late[1], late[2], late[4]], [70.0, 70.0, (55.0 * 7.0 / 6.0) as f32]);
    // Of ID nothing but day 95 has come: five views a day.
    assert_eq!(columns(&engine, &two_markets(99.5), 1, names)[1..3], [35.0, 35.0]);
}

/// Nobody knew at the midnight of item c, which alone has a row of day 99 in SG that is not late.
#[test]
fn a_row_of_an_item_that_is_not_known_yet_tells_of_no_day() {
    let engine = engine(&[("own", "table = \"engagement\"\ndays = [1, 7]\nvalue = \"views\"")]);
    let names = ["t_own_1d", "t_own_7d"];
    let with = |known: f64| {
        let mut shard = two_markets(100.0);
        let newcomer = ContentRow { market: "SG".parse().unwrap(), valid_from: Some(at(known)), ..content("c") };
        let engagement = EngagementDays::of(&[engagement(99, 1000)]);
        shard.contents.push(("c".into(), ContentHistory { versions: vec![newcomer], engagement, ..ContentHistory::default() }));
        columns(&engine, &shard, 0, names)
    };
    // 50 views in five days of seven.
    let late = with(100.0);
    assert!(late[0].is_nan() && late[1] == 70.0, "{late:?}");
    // Known a moment earlier, it says that day 99 has arrived: 50 in six days, none of them yesterday.
    assert_eq!(with(99.9), [0.0, (50.0_f64 * 7.0 / 6.0) as f32]);
}
