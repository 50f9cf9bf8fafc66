//! What goes wrong overnight is found the same night, by the check that is named for it; and quiet nights are quiet.

use super::faults::{self, BEFORE, FAULTY, Listing, World, date};
use super::project::TestProject;
use super::simulate::swap_file;

/// Marketplaces whose last night goes wrong, each with the check that has to find it. They share the quiet nights before.
#[test]
fn what_goes_wrong_overnight_is_found_the_same_night() {
    let world = World::quiet(1, FAULTY + 3);
    let base = faults::with_nights(&world, FAULTY);
    let quiet = faults::run(&base.copy(), FAULTY);
    assert_eq!((quiet.code, &quiet.raised[..]), (0, &[][..]), "the night without a fault: {}", quiet.talk);

    let mut missed = Vec::new();
    let mut caught = |what: &str, check: &str, world: World| {
        let project = base.copy();
        world.write(&project);
        let night = faults::run(&project, FAULTY);
        if !night.has(check) {
            missed.push(format!("{what}: no `{check}` among {:?} (exit {})\n{}", night.found, night.code, night.talk));
        }
        night
    };
    caught("a column goes null", "null_rate", world.clone().map(|one| Some(Listing { price: None, ..one })));
    let dearer = |one: Listing| Listing { price: one.price.map(|p| p * 1000.0), ..one };
    let night = caught(
        "a currency changes its unit",
        "price_level",
        world.clone().map(|one| Some(if one.market == 2 { dearer(one) } else { one })),
    );
    let of_price: Vec<&String> = night.found.iter().filter(|found| found.starts_with("price_level")).collect();
    assert_eq!(of_price, ["price_level VN"]);
    let mut n = 0;
    caught(
        "one of two files did not arrive",
        "volume",
        world.clone().map(|one| {
            n += 1;
            (n % 2 == 0).then_some(one)
        }),
    );
    caught("a market disappears", "missing_market", world.clone().map(|one| (one.market != 1).then_some(one)));
    caught("a policy fires on more than ten times as many", "firing_rate", World { cheap_below: 15.0, ..world.clone() });

    // Another model, whose training had every third verdict turned around, is promoted over the gate's objections.
    let project = base.copy();
    let mut n = 0;
    let turned = world.clone().map(|one| {
        n += 1;
        Some(if n % 3 == 0 { Listing { is_spam: !one.is_spam, ..one } } else { one })
    });
    turned.write(&project);
    let version = faults::train(&project);
    world.write(&project);
    let ran = project.run(&["promote", &version, "--as-of", &date(FAULTY), "--override", "a test swaps it"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let night = faults::run(&project, FAULTY);
    if !(night.has("model_changed") || night.has("churn")) {
        missed.push(format!("a model is swapped: {:?} (exit {})\n{}", night.found, night.code, night.talk));
    }
    assert!(missed.is_empty(), "{}", missed.join("\n\n"));
}

/// Within three nights of its start a campaign that the model has never seen is among the five trends that matter most, and the policy drafted
/// from it catches at least half of its items, and next to nothing else.
#[test]
fn a_campaign_becomes_a_policy() {
    let world = World::quiet(1, FAULTY + 3);
    let project = faults::empty();
    world.write(&project);
    faults::train(&project);
    world.with_campaign(FAULTY - 1, FAULTY + 2).write(&project);
    let nights = [FAULTY, FAULTY + 1, FAULTY + 2];
    for day in nights {
        let night = faults::run(&project, day);
        assert_eq!(night.code, 0, "{}", night.talk);
    }
    let last = date(FAULTY + 2);
    let trends = top_trends(&project, FAULTY + 2);
    let is_it = |name: &str| ["crystal", "airdrop", "voucher", "telegram"].iter().any(|word| name.contains(word));
    let Some((id, name)) = trends.iter().take(5).find(|(_, name)| is_it(name)) else { panic!("not among {trends:?}") };
    let draft = ["--draft-policy", "draft.toml", "--label", "spam", "--owner", "a@b", "--labelling-batch", "batch.csv"];
    let ran = project.run(&[&["monitor", "--as-of", &last, "--trend", id], &draft[..]].concat());
    assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
    assert!(std::fs::read_to_string(project.path().join("batch.csv")).unwrap().contains("campaign-"));
    let args = ["policy", "simulate", "--candidate", "draft.toml", "--from", &last, "--to", &last, "--out", "swap.parquet"];
    let ran = project.run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let caught: Vec<String> = swap_file(&project.path().join("swap.parquet")).into_keys().map(|(_, item)| item).collect();
    let right = caught.iter().filter(|item| item.starts_with("campaign-")).count();
    // 24 items a day on three days, all known by the last midnight.
    assert!(right * 2 >= 72, "{right} of 72 items of the campaign");
    assert!(right * 10 >= caught.len() * 9, "{right} of {} caught are of the campaign", caught.len());
}

/// Identifiers and names of a night's trends, the one that matters most first.
fn top_trends(project: &TestProject, day: i32) -> Vec<(String, String)> {
    let ran = project.run(&["monitor", "--as-of", &date(day), "--json"]);
    let found: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let text = |trend: &serde_json::Value, key: &str| trend[key].as_str().unwrap_or_default().to_owned();
    let mut trends: Vec<(f64, (String, String))> = (found["trends"].as_array().into_iter().flatten())
        .map(|trend| (trend["rank_score"].as_f64().unwrap_or_default(), (text(trend, "id"), text(trend, "name"))))
        .collect();
    trends.sort_by(|a, b| b.0.total_cmp(&a.0));
    trends.into_iter().map(|(_, trend)| trend).collect()
}

/// At most ten alarms in 200 nights: of the nights of four marketplaces, in their proportion. `STALLMARK_QUIET_NIGHTS` asks for more.
#[test]
fn quiet_nights_raise_next_to_no_alarms() {
    let nights: i32 = std::env::var("STALLMARK_QUIET_NIGHTS").ok().and_then(|n| n.parse().ok()).unwrap_or(BEFORE + 16);
    let (mut raised, mut refused) = (Vec::new(), Vec::new());
    let last = FAULTY - BEFORE + nights;
    let world = World::quiet(2, last);
    let project = faults::with_nights(&world, FAULTY - BEFORE);
    for day in FAULTY - BEFORE..last {
        let night = faults::run(&project, day);
        raised.extend(night.raised.iter().map(|alarm| format!("{} {alarm}", date(day))));
        if night.code != 0 {
            refused.push(format!("{} exit {}: {:?}", date(day), night.code, night.found));
        }
    }
    println!("{} alarms in {nights} quiet nights: {raised:#?}", raised.len());
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(raised.len() * 20 <= usize::try_from(nights).unwrap(), "{raised:#?}");
}
