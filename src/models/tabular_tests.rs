//! What trees over a table must do.

use proptest::prelude::*;

use super::config::tests::quick;
use super::measures::average_precision;
use super::*;
use crate::features::{Direction, FeatureMatrix};

const N_FEATURES: usize = 5;

/// Rows of five features with missing values, of which two tell, and a category that tells.
struct Table {
    features: FeatureMatrix,
    categories: Vec<Vec<u32>>,
    positive: Vec<bool>,
    weight: Vec<f64>,
}

fn table(n: usize, seed: u64) -> Table {
    let draw =
        |row: usize, stream: u64| (derivatives::counter_hash(seed, stream, row as u64) >> 11) as f64 / (1_u64 << 53) as f64;
    let mut features = FeatureMatrix::new((0..N_FEATURES).map(|i| format!("f{i}")).collect());
    let mut table = Table { features: features.clone(), categories: vec![Vec::new()], positive: vec![], weight: vec![] };
    for row in 0..n {
        let values: Vec<f32> = (0..N_FEATURES as u64).map(|f| draw(row, f) as f32).collect();
        let category = (draw(row, 10) * 6.0) as u32;
        let risk =
            0.1 + 0.5 * f64::from(values[0]) * f64::from(u8::from(values[1] > 0.5)) + if category == 2 { 0.3 } else { 0.0 };
        let shown: Vec<f32> =
            values.iter().enumerate().map(|(f, v)| if draw(row, 20 + f as u64) < 0.1 { f32::NAN } else { *v }).collect();
        features.push_row(&shown);
        table.categories[0].push(if row % 40 == 7 { MISSING_CATEGORY } else { category });
        table.positive.push(draw(row, 30) < risk);
        table.weight.push(1.0 + draw(row, 31));
    }
    table.features = features;
    table
}

impl Table {
    fn set<'a>(&'a self, directions: &'a [Option<Direction>]) -> TabularSet<'a> {
        let Self { features, categories, positive, weight } = self;
        TabularSet { features, categories, positive, weight, directions }
    }
}

fn config() -> TreesConfig {
    TreesConfig { rounds: 30, depth: 4, ..quick().trees }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let table = table(20_000, 1);
    let config = TreesConfig { row_share: 0.3, column_share: 0.6, max_bins: 128, ..config() };
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let model = TabularModel::fit(&table.set(&[]), None, &config).unwrap();
            let scores = model.scores(&table.features, &table.categories);
            (model, scores)
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(3));
}

#[test]
fn it_ranks_rows_that_it_has_not_seen() {
    let (train, test) = (table(4000, 1), table(2000, 2));
    let model = TabularModel::fit(&train.set(&[]), None, &config()).unwrap();
    let of =
        |model: &TabularModel| average_precision(&model.scores(&test.features, &test.categories), &test.positive, &test.weight);
    let share = test.positive.iter().filter(|y| **y).count() as f64 / 2000.0;
    assert!(of(&model) > share + 0.1, "{} {share}", of(&model));
    // A third of the rows a tree is nearly as good.
    let sampled = TabularModel::fit(&train.set(&[]), None, &TreesConfig { row_share: 0.33, ..config() }).unwrap();
    assert!(of(&sampled) > of(&model) - 0.02, "{} {}", of(&sampled), of(&model));
}

#[test]
fn shapley_values_and_base_sum_to_the_score_of_every_row() {
    let table = table(600, 3);
    let model = TabularModel::fit(&table.set(&[]), None, &TreesConfig { depth: 6, ..config() }).unwrap();
    for (row, score) in model.scores(&table.features, &table.categories).into_iter().enumerate() {
        let (base, shares) = model.shapley_values(&table.features, &table.categories, row);
        assert_eq!(shares.len(), N_FEATURES + 1);
        assert!((base + shares.iter().sum::<f64>() - score).abs() < 1e-5);
    }
}

#[test]
fn importances_point_at_what_tells() {
    let table = table(4000, 4);
    let model = TabularModel::fit(&table.set(&[]), None, &config()).unwrap();
    let gain = model.gain_importance();
    assert!((gain.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let falls = permutation_importance(&table.features, &table.positive, &table.weight, (1, 2), |features| {
        model.scores(features, &table.categories)
    });
    for important in [0, 1] {
        for noise in [2, 3, 4] {
            assert!(gain[important] > gain[noise] && falls[important] > falls[noise], "{gain:?} {falls:?}");
        }
    }
    assert!(gain[N_FEATURES] > gain[2], "{gain:?}");
}

#[test]
fn later_rows_say_when_to_stop() {
    let (train, later) = (table(1500, 5), table(1500, 6));
    let config = TreesConfig { rounds: 400, early_stopping_rounds: 10, learning_rate: 0.3, ..config() };
    let stopped = TabularModel::fit(&train.set(&[]), Some(&later.set(&[])), &config).unwrap();
    assert!(stopped.n_trees() > 0 && stopped.n_trees() < 400, "{}", stopped.n_trees());
}

#[test]
fn sets_whose_parts_differ_are_named() {
    let mut table = table(100, 1);
    table.categories[0].truncate(9);
    let error = TabularModel::fit(&table.set(&[]), None, &config());
    assert_eq!(error, Err(ModelError::RowCount { features: 100, part: "categories", found: 9 }));
    table.categories.clear();
    table.weight[3] = 0.0;
    assert!(matches!(TabularModel::fit(&table.set(&[]), None, &config()), Err(ModelError::Weight { row: 3, .. })));
    let broken = TreesConfig { row_share: 0.0, ..config() };
    table.weight[3] = 1.0;
    assert!(matches!(TabularModel::fit(&table.set(&[]), None, &broken), Err(ModelError::Config { key: "trees.row_share", .. })));
}

#[test]
fn no_rows_or_one_class_give_a_score_without_trees_to_trust() {
    let mut table = table(50, 1);
    table.positive.fill(true);
    let model = TabularModel::fit(&table.set(&[]), None, &config()).unwrap();
    assert!(model.scores(&table.features, &table.categories).iter().all(|s| s.is_finite() && *s > 10.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn a_score_never_moves_against_a_features_direction(seed in 0_u64..1000, up in any::<bool>(), depth in 1_usize..6) {
        // The direction is against the data half of the time, and the noise gives the others reason to break theirs.
        let table = table(300, seed);
        let first = if up { Direction::Up } else { Direction::Down };
        let directions = [Some(first), None, Some(Direction::Up), Some(Direction::Down), None];
        let config = TreesConfig { rounds: 15, depth, learning_rate: 0.5, l2: 0.1, min_child_weight: 0.0, ..config() };
        let model = TabularModel::fit(&table.set(&directions), None, &config).unwrap();
        for row in 0..40 {
            for (feature, direction) in [(0, first), (2, Direction::Up), (3, Direction::Down)] {
                let mut swept = FeatureMatrix::new(table.features.names.clone());
                for step in 0..30 {
                    let mut values = table.features.row(row).to_vec();
                    values[feature] = step as f32 / 29.0;
                    swept.push_row(&values);
                }
                let categories = vec![vec![table.categories[0][row]; 30]];
                let scores = model.scores(&swept, &categories);
                prop_assert!(scores.windows(2).all(|pair| match direction {
                    Direction::Up => pair[0] <= pair[1],
                    Direction::Down => pair[0] >= pair[1],
                }), "{scores:?}");
            }
        }
    }
}
