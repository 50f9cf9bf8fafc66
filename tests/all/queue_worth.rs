//! What the queue's order and the forecast behind it are worth, on generated marketplaces whose truth is known.
//!
//! The night is a week before a marketplace's end. What a review of an item can still prevent is the harm of the views that it would
//! have had from then on without any treatment: the truth's `views_untreated` less the views before the night. Where a treatment of the
//! item or its seller began before the night, that difference also holds what was lost before it; there the views that it really had
//! stand in, which are fewer.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;

use polars::prelude::{Column, DataFrame, DataType, ParquetReader, SerReader};
use serde_json::Value;
use stallmark::publish::{ColumnData, read_columns};
use stallmark::units::{Severity, SplitMix};

use super::project::TestProject;

/// The night, and its day number.
const AS_OF: &str = "2026-03-19";
const NIGHT_US: i64 = 1_773_878_400_000_000;
const DAY_US: i64 = 86_400_000_000;

const ORDERS: [&str; 4] = ["expected_harm", "score", "reports", "fifo"];

/// What is left to prevent of one item.
#[derive(Debug, Clone, Copy, Default)]
struct Item {
    views: f64,
    yesterday: f64,
    harm: f64,
    was_treated: bool,
}

/// Each order's harm prevented by a thousand minutes, the harm of all open items, and rows of (forecast, naive, true views).
struct Worth {
    by_order: Vec<f64>,
    all: f64,
    views: Vec<[f64; 3]>,
}

fn read(project: &TestProject, table: &str) -> DataFrame {
    let path = project.path().join(format!("tables/{table}.parquet"));
    ParquetReader::new(File::open(path).unwrap()).finish().unwrap()
}

fn texts(frame: &DataFrame, name: &str) -> Vec<Option<String>> {
    let column: &Column = frame.column(name).unwrap();
    column.str().unwrap().iter().map(|v| v.map(str::to_owned)).collect()
}

fn whole(frame: &DataFrame, name: &str) -> Vec<Option<i64>> {
    let column = frame.column(name).unwrap().cast(&DataType::Int64).unwrap();
    column.i64().unwrap().iter().collect()
}

/// Instants in microseconds.
fn instants(frame: &DataFrame, name: &str) -> Vec<Option<i64>> {
    whole(frame, name)
}

fn truth(project: &TestProject) -> BTreeMap<String, Item> {
    let engagement = read(project, "engagement");
    let (ids, days, views) = (texts(&engagement, "content_id"), whole(&engagement, "day"), whole(&engagement, "views"));
    let night = NIGHT_US / DAY_US;
    let (mut before, mut after, mut yesterday) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for ((id, day), views) in ids.into_iter().zip(days).zip(views) {
        let (id, day, views) = (id.unwrap(), day.unwrap(), views.unwrap_or(0) as f64);
        if day == night - 1 {
            yesterday.insert(id.clone(), views);
        }
        *(if day < night { &mut before } else { &mut after }).entry(id).or_insert(0.0) += views;
    }
    let actions = read(project, "actions");
    let (items, sellers) = (texts(&actions, "content_id"), texts(&actions, "seller_id"));
    let limits = |treatment: &str| matches!(treatment, "label" | "downrank" | "no_recommend" | "gate" | "hold");
    let treated: BTreeSet<String> = (items.into_iter().zip(sellers).zip(texts(&actions, "treatment")))
        .zip(instants(&actions, "started_at"))
        .filter(|((_, treatment), at)| limits(treatment.as_deref().unwrap()) && at.unwrap() < NIGHT_US)
        .filter_map(|(((item, seller), _), _)| item.or(seller))
        .collect();
    let content = read(project, "content");
    let seller_of: BTreeMap<String, Option<String>> =
        texts(&content, "content_id").into_iter().map(Option::unwrap).zip(texts(&content, "seller_id")).collect();
    let weight = |label: &str| -> f64 {
        let severity = match label {
            "counterfeit" => 5,
            "traffic_redirect" | "switched_listing" | "gambling" => 4,
            "misleading_claim" | "false_discount" | "fake_review" => 3,
            "copied_listing" => 2,
            // Poor quality does no harm.
            _ => return 0.0,
        };
        Severity::new(severity).unwrap().weight()
    };
    let lines = std::fs::read_to_string(project.path().join("truth/truth.jsonl")).unwrap();
    let rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).filter(|row| row["kind"] == "content");
    rows.map(|row| {
        let id = row["content_id"].as_str().unwrap().to_owned();
        let of_seller = seller_of[&id].as_ref().is_some_and(|seller| treated.contains(seller));
        let was_treated = of_seller || treated.contains(&id);
        let of = |views: &BTreeMap<String, f64>| views.get(&id).copied().unwrap_or(0.0);
        let untreated = row["views_untreated"].as_f64().unwrap() - of(&before);
        let views = if was_treated { of(&after) } else { untreated };
        let switched = row["switched_at"].as_i64().is_some_and(|at| at < NIGHT_US);
        let labels = row["labels"].as_array().unwrap().iter().map(|label| label.as_str().unwrap());
        let weights: f64 = labels.filter(|label| *label != "switched_listing" || switched).map(weight).sum();
        (id.clone(), Item { views, yesterday: of(&yesterday), harm: weights * views, was_treated })
    })
    .collect()
}

fn worth(seed: u64, content: u32, train: &[&str]) -> Worth {
    let project = TestProject::empty();
    let ran = project.run(&["synth", "--content", &content.to_string(), "--seed", &seed.to_string(), "--out", "."]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    std::fs::create_dir(project.path().join("no_policies")).unwrap();
    std::fs::write(project.path().join("no_policies/exceptions.toml"), "").unwrap();
    let train: Vec<&str> = ["train", "--as-of", AS_OF].into_iter().chain(train.iter().flat_map(|set| ["--set", *set])).collect();
    let ran = project.run(&train);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let truth = truth(&project);
    let queue = |minutes: f64, sets: &[&str]| -> (Vec<Vec<String>>, Vec<Option<f64>>) {
        let capacity = format!("queue.capacity=[{{market=\"*\",language=\"*\",skill=\"*\",minutes={minutes:?}}}]");
        let nothing_reserved = "queue.shares={random=0.0,importance=0.0,qa=0.0,golden=0.0,age_out=0.0}";
        let sets = ["policies.path=no_policies", capacity.as_str(), nothing_reserved].into_iter().chain(sets.iter().copied());
        let sets: Vec<&str> = sets.flat_map(|set| ["--set", set]).collect();
        let ran = project.run(&[&["run", "--as-of", AS_OF, "--json"], &sets[..]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let results: Value = serde_json::from_str(&ran.stdout).unwrap();
        let version = results["published"]["queue"].as_u64().unwrap();
        let table = read_columns(&project.path().join("out"), "queue", version, &["members", "forecast_views"]).unwrap();
        match (table.column("members"), table.column("forecast_views")) {
            (Some(ColumnData::TextList(members)), Some(ColumnData::F64(views))) => (members.clone(), views.clone()),
            other => panic!("{other:?}"),
        }
    };
    let harm = |cases: &[Vec<String>]| cases.iter().flatten().map(|id| truth[id].harm).sum::<f64>();
    let by_order = ORDERS.iter().map(|order| harm(&queue(1000.0 / 6.0, &[&format!("queue.order={order}")]).0)).collect();
    let (items, forecasts) = queue(1e6, &["queue.join_duplicates=false"]);
    let all = harm(&items);
    let rows = items.iter().zip(forecasts).map(|(members, forecast)| (truth[&members[0]], forecast.unwrap_or(0.0)));
    let views = rows.filter(|(item, _)| !item.was_treated).map(|(item, f)| [f, 7.0 * item.yesterday, item.views]).collect();
    Worth { by_order, all, views }
}

/// Spearman's correlation, ties at their mean rank.
fn rank_agreement(a: &[f64], b: &[f64]) -> f64 {
    let ranks = |values: &[f64]| -> Vec<f64> {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|x, y| values[*x].total_cmp(&values[*y]));
        let mut ranks = vec![0.0; values.len()];
        for tied in order.chunk_by(|x, y| values[*x] == values[*y]) {
            let first = order.iter().position(|at| at == &tied[0]).unwrap();
            tied.iter().for_each(|at| ranks[*at] = first as f64 + (tied.len() - 1) as f64 / 2.0);
        }
        ranks
    };
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() - 1) as f64 / 2.0;
    let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

/// (mean absolute error, forecast over true views, rank agreement, share of the true views that the tenth with the highest forecast has).
fn judged(views: &[[f64; 3]], column: usize) -> [f64; 4] {
    let (forecast, truth): (Vec<f64>, Vec<f64>) = views.iter().map(|row| (row[column], row[2])).unzip();
    let error = forecast.iter().zip(&truth).map(|(f, t)| (f - t).abs()).sum::<f64>() / truth.len() as f64;
    let total: f64 = truth.iter().sum();
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|x, y| forecast[*y].total_cmp(&forecast[*x]));
    let top: f64 = order[..truth.len() / 10].iter().map(|at| truth[*at]).sum();
    [error, forecast.iter().sum::<f64>() / total, rank_agreement(&forecast, &truth), top / total]
}

#[test]
fn a_thousand_minutes_prevent_most_in_the_order_of_expected_harm() {
    let found = worth(3, 4000, &["train.trees.rounds=20", "train.min_positives=15", "train.min_negatives=15"]);
    assert!(found.all > 0.0);
    for (order, harm) in ORDERS.iter().zip(&found.by_order).skip(1) {
        assert!(found.by_order[0] > *harm, "{order}: {harm} of {}, ours {}", found.all, found.by_order[0]);
    }
    let (ours, naive) = (judged(&found.views, 0), judged(&found.views, 1));
    assert!(ours[0] < 0.6 * naive[0], "{ours:?} {naive:?}");
}

/// The table of both; some minutes.
#[test]
#[ignore = "prints a table: cargo nextest run --run-ignored only --no-capture -E 'test(what_the_queue_is_worth)'"]
fn what_the_queue_is_worth() {
    let seeds: Vec<Worth> = (6..=10).map(|seed| worth(seed, 12_000, &["train.trees.rounds=100"])).collect();
    let mut table = String::new();
    let share = |of: &[usize], at: usize| {
        let sum = |value: &dyn Fn(&Worth) -> f64| of.iter().map(|seed| value(&seeds[*seed])).sum::<f64>();
        sum(&|seed| seed.by_order[at]) / sum(&|seed| seed.all)
    };
    let all: Vec<usize> = (0..seeds.len()).collect();
    writeln!(table, "\n| order | share of the preventable harm | 95 % of 4,000 resamples of seeds | by seed |").unwrap();
    writeln!(table, "|---|---|---|---|").unwrap();
    for (at, order) in ORDERS.iter().enumerate() {
        let mut random = SplitMix(1);
        let mut draws: Vec<f64> =
            (0..4000).map(|_| share(&all.iter().map(|_| random.below(all.len())).collect::<Vec<_>>(), at)).collect();
        draws.sort_by(f64::total_cmp);
        let by_seed: Vec<String> = seeds.iter().map(|seed| format!("{:.0}", seed.by_order[at])).collect();
        let (low, high) = (draws[100], draws[3899]);
        writeln!(table, "| {order} | {:.3} | {low:.3} to {high:.3} | {} |", share(&all, at), by_seed.join(", ")).unwrap();
    }
    writeln!(table, "\n| forecast | mean absolute error | forecast / true | rank agreement | views of the top tenth |").unwrap();
    writeln!(table, "|---|---|---|---|---|").unwrap();
    for (column, name) in ["over the horizon", "yesterday x 7"].iter().enumerate() {
        let judged: Vec<[f64; 4]> = seeds.iter().map(|seed| judged(&seed.views, column)).collect();
        let mean = |at: usize| judged.iter().map(|of| of[at]).sum::<f64>() / judged.len() as f64;
        writeln!(table, "| {name} | {:.2} | {:.2} | {:.3} | {:.3} |", mean(0), mean(1), mean(2), mean(3)).unwrap();
    }
    println!("{table}");
}
