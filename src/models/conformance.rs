//! What every model must do, whatever it is made of.

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::config::tests::quick;
use super::*;
use crate::features::FeatureMatrix;
use crate::text::SparseRows;
use crate::units::{LabelKind, SplitMix};

const N_FEATURES: usize = 3;

/// Rows with a word that mostly tells, a feature that tells when present, and noise.
pub(super) struct World {
    pub(super) features: FeatureMatrix,
    pub(super) text: SparseRows,
    pub(super) groups: Vec<u64>,
    pub(super) days: Vec<i32>,
    pub(super) targets: Vec<LabelTargets>,
}

pub(super) fn world(n: usize) -> World {
    let mut seed = SplitMix(42);
    let mut world = World {
        features: FeatureMatrix {
            names: vec!["price".into(), "rate".into(), "noise".into()],
            values: vec![],
            n_features: N_FEATURES,
        },
        text: SparseRows::new(64),
        groups: (0..n as u64).map(|i| i / 2).collect(),
        days: (0..n as i32).map(|i| i / 8).collect(),
        targets: Vec::new(),
    };
    let (mut spam, mut scam, mut dull) = (vec![], vec![], vec![]);
    for _ in 0..n {
        let is_bad = seed.uniform() < 0.35;
        let word = if seed.uniform() < 0.8 { u32::from(is_bad) } else { u32::from(!is_bad) };
        let filler = 10 + (seed.uniform() * 40.0) as u32;
        world.text.push_row(&[(word, 1.0), (filler, 2.0)]);
        let price = (seed.uniform() + if is_bad { 0.5 } else { 0.0 }) as f32;
        let rate = if seed.uniform() < 0.3 { f32::NAN } else { seed.uniform() as f32 };
        world.features.values.extend([price, rate, seed.uniform() as f32]);
        spam.push(is_bad);
        scam.push(is_bad && seed.uniform() < 0.6);
        dull.push(seed.uniform() < 0.5);
    }
    let rows: Vec<u32> = (0..n as u32).collect();
    let label = |label: &str, positive: Vec<bool>, kind| {
        let (rows, weight) = (rows.clone(), vec![1.0; n]);
        let inclusion = vec![None; n];
        LabelTargets { label: label.into(), rows, positive, weight, inclusion, kind }
    };
    world.targets = vec![
        label("spam", spam, LabelKind::Abuse),
        label("scam", scam, LabelKind::Abuse),
        label("dull", dull, LabelKind::Quality),
        label("rare", (0..n).map(|i| i < 5).collect(), LabelKind::Abuse),
    ];
    world
}

pub(super) fn fitted(world: &World, timed: bool, config: &ModelConfig) -> Fitted {
    let set = TrainingSet {
        features: &world.features,
        text: &world.text,
        groups: &world.groups,
        days: &world.days,
        markets: &[],
        timed,
    };
    fit(&set, &world.targets, config, &|_| {}).unwrap()
}

pub(super) fn features_of(world: &World, row: usize) -> &[f32] {
    &world.features.values[row * N_FEATURES..(row + 1) * N_FEATURES]
}

pub(super) static WORLD: LazyLock<World> = LazyLock::new(|| world(400));
pub(super) static FITTED: LazyLock<Fitted> = LazyLock::new(|| fitted(&WORLD, false, &quick()));

fn predict(model: &Model, row: usize) -> Vec<Option<f64>> {
    model.predict_row(features_of(&WORLD, row), WORLD.text.row(row), None, &mut RowScratch::default())
}

/// What is tried where there are several labels, in order.
const KINDS: [CandidateKind; 7] = [
    CandidateKind::BaseRate,
    CandidateKind::TextOnly,
    CandidateKind::SharedText,
    CandidateKind::TreesOnly,
    CandidateKind::Stacked,
    CandidateKind::Logistic,
    CandidateKind::Forest,
];

fn candidate(report: &LabelReport, kind: CandidateKind) -> CandidateScore {
    *report.candidates.iter().find(|c| c.kind == kind).unwrap()
}

#[test]
fn all_kinds_are_tried_and_the_best_is_kept() {
    for report in &FITTED.reports[..3] {
        assert_eq!(report.candidates.iter().map(|c| c.kind).collect::<Vec<_>>(), KINDS);
        let kept = candidate(report, report.kept.unwrap()).log_loss;
        let may_be_kept = [CandidateKind::TextOnly, CandidateKind::SharedText, CandidateKind::Stacked];
        assert!(may_be_kept.iter().all(|kind| kept <= candidate(report, *kind).log_loss));
    }
}

/// A label whose words are rare in its own verdicts is told by another label that shares them.
#[test]
fn a_label_with_few_verdicts_learns_from_one_with_many() {
    let mut world = world(400);
    let few = &mut world.targets[1];
    few.positive.clone_from(&WORLD.targets[0].positive);
    let kept: Vec<usize> = (0..400).filter(|row| row / 2 % 4 == 0).collect();
    few.rows = kept.iter().map(|row| *row as u32).collect();
    few.positive = kept.iter().map(|row| few.positive[*row]).collect();
    few.weight.truncate(kept.len());
    few.inclusion.truncate(kept.len());
    let config = ModelConfig { text: TextConfig { weighting: TextWeighting::Idf, ..quick().text }, ..quick() };
    let report = &fitted(&world, false, &config).reports[1];
    let ap = |kind| candidate(report, kind).average_precision;
    assert!(ap(CandidateKind::SharedText) > ap(CandidateKind::TextOnly), "{:?}", report.candidates);
}

#[test]
fn a_label_alone_has_no_other_to_learn_from() {
    let mut world = world(400);
    world.targets.truncate(1);
    let report = fitted(&world, false, &quick()).reports.swap_remove(0);
    assert!(report.candidates.iter().all(|c| c.kind != CandidateKind::SharedText));
}

#[test]
fn the_stack_beats_its_parts_and_the_base_rate() {
    let report = &FITTED.reports[0];
    let of = |kind| candidate(report, kind);
    let ap = |kind| of(kind).average_precision;
    let [base, text, _, trees, stacked, ..] = KINDS.map(ap);
    assert!(stacked > text && stacked > trees && text > base && trees > base, "{:?}", report.candidates);
    assert!(of(CandidateKind::Stacked).log_loss < of(CandidateKind::TextOnly).log_loss);
    assert_eq!(report.kept, Some(CandidateKind::Stacked));
    assert_eq!((report.n, report.split, report.out_of_fold.iter().flatten().count()), (400, Some(SplitKind::Group), 400));
}

#[test]
fn a_label_with_too_few_positives_has_no_score() {
    assert_eq!(FITTED.reports[3].skipped, Some(SkipReason::TooFewPositives));
    assert_eq!(predict(&FITTED.model, 0)[3], None);
    assert!(predict(&FITTED.model, 0)[..3].iter().all(Option::is_some));
}

#[test]
fn probabilities_point_the_right_way() {
    let mean = |class: bool| {
        let rows: Vec<usize> = (0..400).filter(|row| WORLD.targets[0].positive[*row] == class).collect();
        rows.iter().map(|row| predict(&FITTED.model, *row)[0].unwrap()).sum::<f64>() / rows.len() as f64
    };
    assert!(mean(true) > mean(false) + 0.3);
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let fitted = pool.install(|| fitted(&WORLD, true, &quick()));
        (fitted.model.to_parts(), fitted.reports)
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(3));
}

#[test]
fn trees_that_do_not_help_are_left_out() {
    let mut world = world(400);
    world.features.values.fill(f32::NAN);
    let report = fitted(&world, false, &quick()).reports.swap_remove(0);
    let loss = |kind| candidate(&report, kind).log_loss;
    assert!(report.kept != Some(CandidateKind::Stacked) || loss(CandidateKind::Stacked) < loss(CandidateKind::TextOnly));
    let config = ModelConfig { trees: TreesConfig { rounds: 0, ..quick().trees }, ..quick() };
    let fitted = fitted(&WORLD, false, &config);
    assert_eq!(fitted.reports[0].rounds, 0);
    let p = predict(&fitted.model, 0)[0].unwrap();
    assert!(p > 0.0 && p < 1.0);
}

#[test]
fn a_timed_set_reports_late_rows_only() {
    let report = fitted(&WORLD, true, &quick()).reports.swap_remove(0);
    assert_eq!(report.split, Some(SplitKind::Time));
    assert!(report.out_of_fold[..320].iter().all(Option::is_none));
    assert!(report.out_of_fold[320..].iter().all(Option::is_some));
}

#[test]
fn a_row_alone_equals_the_row_in_a_batch() {
    let mut scratch = RowScratch::default();
    for row in (0..50).rev() {
        let in_batch = FITTED.model.predict_row(features_of(&WORLD, row), WORLD.text.row(row), None, &mut scratch);
        assert_eq!(in_batch, predict(&FITTED.model, row));
    }
}

#[test]
fn blocks_score_as_rows_do_to_the_bit() {
    let scorer = FITTED.model.block_scorer();
    let inputs: Vec<RowInput> =
        (0..400).map(|row| RowInput { features: features_of(&WORLD, row), text: WORLD.text.row(row), market: None }).collect();
    let expected: Vec<Vec<Option<f64>>> = (0..400).map(|row| predict(&FITTED.model, row)).collect();
    assert_eq!(scorer.predict(&inputs), expected);
    assert_eq!(scorer.predict(&inputs[7..8]), expected[7..8]);
    assert!(scorer.predict(&[]).is_empty());
    let short = RowInput { features: &features_of(&WORLD, 3)[..1], text: (&[], &[]), market: None };
    let alone = FITTED.model.predict_row(short.features, short.text, None, &mut RowScratch::default());
    assert_eq!(scorer.predict(&[short]), [alone]);
}

#[test]
fn held_out_labels_do_not_leak_into_their_scores() {
    // With labels drawn at random no out-of-fold score can be better than chance by much.
    let report = &FITTED.reports[2];
    let share = report.positives as f64 / report.n as f64;
    assert!(report.candidates.iter().all(|c| (c.average_precision - share).abs() < 0.09), "{:?}", report.candidates);
}

#[test]
fn contributions_sum_to_the_raw_score() {
    let mut scratch = RowScratch::default();
    for row in 0..60 {
        let (features, text) = (features_of(&WORLD, row), WORLD.text.row(row));
        let found = FITTED.model.contributions(0, features, text, &mut scratch).unwrap();
        let raw = FITTED.model.labels[0].model.as_ref().unwrap().raw_score(&scratch);
        assert!((found.iter().map(|c| c.logit).sum::<f64>() - raw).abs() < 1e-9);
        assert!(found.windows(2).all(|pair| pair[0].logit.abs() >= pair[1].logit.abs()));
        assert!(found.iter().any(|c| c.source == ContributionSource::Ngram(text.0[0])));
    }
    assert_eq!(FITTED.model.contributions(3, &[], (&[], &[]), &mut scratch), None);
}

#[test]
fn missing_everything_is_scored_and_finite() {
    let nothing = FITTED.model.predict_row(&[], (&[], &[]), None, &mut RowScratch::default());
    assert!(nothing.iter().flatten().all(|p| *p > 0.0 && *p < 1.0));
}

#[test]
fn abuse_is_at_least_as_likely_as_chance_says_and_ignores_quality() {
    let model = &FITTED.model;
    assert_eq!(model.abuse(&[None, None, Some(0.9), None]), None);
    let low = model.abuse(&[Some(0.05), Some(0.02), Some(0.9), None]).unwrap();
    let high = model.abuse(&[Some(0.9), Some(0.6), Some(0.1), None]).unwrap();
    assert!(low < 0.3 && high > 0.6, "{low} {high}");
    // scam only happens with spam: the noisy-or claims too much and the recalibration takes it back.
    let both = noisy_or([0.5, 0.4].into_iter()).unwrap();
    assert!(model.abuse(&[Some(0.5), Some(0.4), None, None]).unwrap() < both);
}

#[test]
fn another_feature_set_is_an_error() {
    let mut names = WORLD.features.names.clone();
    assert_eq!(FITTED.model.check_features(&names), Ok(()));
    names.swap(0, 1);
    let error = FITTED.model.check_features(&names);
    assert!(matches!(error, Err(ModelError::FeatureSet { position: 0, .. })));
}

#[test]
fn parts_give_the_same_model_back() {
    let parts = FITTED.model.to_parts();
    let back = Model::from_parts(&parts).unwrap();
    assert_eq!(back, FITTED.model);
    assert_eq!(back.to_parts(), parts);
}

#[test]
fn a_missing_superfluous_or_changed_part_is_named() {
    let parts = FITTED.model.to_parts();
    for name in parts.tensors.keys() {
        let mut without = parts.clone();
        without.tensors.remove(name);
        assert_eq!(Model::from_parts(&without), Err(ModelPartsError::Missing { tensor: name.clone() }));
    }
    let mut more = parts.clone();
    more.tensors.insert("extra".into(), vec![1_u8].into());
    assert_eq!(Model::from_parts(&more), Err(ModelPartsError::Unexpected { tensor: "extra".into() }));
    let mut other = parts;
    other.spec["format"] = 2.into();
    assert!(matches!(Model::from_parts(&other), Err(ModelPartsError::Spec { .. })));
}

/// Overwrites one number, cuts one off, or adds one.
fn mutate(tensors: &mut BTreeMap<String, Tensor>, at: usize, position: usize, raw: u64) {
    fn change<T: Copy>(shape: &mut Vec<usize>, data: &mut Vec<T>, position: usize, value: T) {
        match position % 5 {
            0 => data.push(value),
            1 => drop(data.pop()),
            2 => shape.push(1),
            _ if data.is_empty() => data.push(value),
            _ => {
                let at = position / 5 % data.len();
                data[at] = value;
            }
        }
        if position % 5 < 2 {
            *shape = vec![data.len()];
        }
    }
    let at = at % tensors.len();
    match tensors.values_mut().nth(at) {
        Some(Tensor::F32 { shape, data }) => change(shape, data, position, f32::from_bits(raw as u32)),
        Some(Tensor::F64 { shape, data }) => change(shape, data, position, f64::from_bits(raw)),
        Some(Tensor::U32 { shape, data }) => change(shape, data, position, raw as u32),
        Some(Tensor::U8 { shape, data }) => change(shape, data, position, raw as u8),
        None => {}
    }
}

proptest! {
    #[test]
    fn mutated_parts_are_refused_or_score_without_panic(
        changes in prop::collection::vec((any::<usize>(), any::<usize>(), prop_oneof![any::<u64>(), 0_u64..300]), 1..4)
    ) {
        let mut parts = FITTED.model.to_parts();
        for (at, position, raw) in changes {
            mutate(&mut parts.tensors, at, position, raw);
        }
        if let Ok(model) = Model::from_parts(&parts) {
            let mut scratch = RowScratch::default();
            for row in 0..5 {
                let p = model.predict_row(features_of(&WORLD, row), WORLD.text.row(row), None, &mut scratch);
                prop_assert!(p.iter().flatten().all(|p| (0.0..=1.0).contains(p)));
                prop_assert!(model.abuse(&p).is_some());
                prop_assert!(model.contributions(0, features_of(&WORLD, row), WORLD.text.row(row), &mut scratch).is_some());
            }
        }
    }
}

#[test]
fn bad_training_sets_are_named() {
    let good = world(60);
    let check = |change: &dyn Fn(&mut World), is_expected: &dyn Fn(&ModelError) -> bool| {
        let mut world = world(60);
        change(&mut world);
        let (features, text) = (&world.features, &world.text);
        let set = TrainingSet { features, text, groups: &world.groups, days: &world.days, markets: &[], timed: false };
        let error = fit(&set, &world.targets, &quick(), &|_| {}).unwrap_err();
        assert!(is_expected(&error), "{error}");
    };
    assert_eq!(good.targets.len(), 4);
    check(&|w| w.days.truncate(3), &|e| matches!(e, ModelError::RowCount { part: "days", found: 3, .. }));
    check(&|w| w.targets[0].weight[2] = 0.0, &|e| matches!(e, ModelError::Weight { row: 2, .. }));
    check(&|w| w.targets[1].rows[59] = 60, &|e| matches!(e, ModelError::RowOutOfRange { row: 60, .. }));
    check(&|w| w.targets[1].rows.swap(0, 1), &|e| matches!(e, ModelError::RowOrder { .. }));
    check(&|w| w.targets[1].label = "spam".into(), &|e| matches!(e, ModelError::DuplicateLabel { .. }));
    check(&|w| w.text.values[0] = f32::NAN, &|e| matches!(e, ModelError::Ngram { row: 0, .. }));
    check(&|w| w.targets[0].positive.truncate(1), &|e| matches!(e, ModelError::TargetCount { .. }));
    check(&|w| w.targets[0].inclusion.truncate(1), &|e| matches!(e, ModelError::TargetCount { inclusion: 1, .. }));
    check(&|w| w.targets[0].inclusion[3] = Some(0.0), &|e| matches!(e, ModelError::Inclusion { row: 3, .. }));
}

#[test]
fn no_text_and_no_features_is_the_base_rate() {
    let n = 200;
    let features = FeatureMatrix { names: vec![], values: vec![], n_features: 0 };
    let mut text = SparseRows::new(0);
    (0..n).for_each(|_| text.push_row(&[]));
    let groups: Vec<u64> = (0..n).collect();
    let days = vec![0; n as usize];
    let targets = [LabelTargets {
        label: "spam".into(),
        rows: (0..n as u32).collect(),
        positive: (0..n).map(|i| i % 4 == 0).collect(),
        weight: vec![1.0; n as usize],
        inclusion: vec![None; n as usize],
        kind: LabelKind::Abuse,
    }];
    let set = TrainingSet { features: &features, text: &text, groups: &groups, days: &days, markets: &[], timed: false };
    let fitted = fit(&set, &targets, &quick(), &|_| {}).unwrap();
    let p = fitted.model.predict_row(&[], (&[], &[]), None, &mut RowScratch::default())[0].unwrap();
    assert!((p - 0.25).abs() < 0.02, "{p}");
}
