//! The rows that a rung of the search learns from: those of one in so many sellers.

use crate::features::FeatureMatrix;
use crate::models::{LabelTargets, TrainingSet};
use crate::run::training::Matrices;
use crate::text::SparseRows;
use crate::units::split_mix;

/// A part of a training set.
pub(super) struct Rows {
    pub(super) matrices: Matrices,
    pub(super) targets: Vec<LabelTargets>,
}

/// The rows of one in `one_in` groups, drawn by the seed; those of a smaller part are among those of a larger one.
pub(super) fn of_groups(matrices: &Matrices, targets: &[LabelTargets], seed: u64, one_in: u64) -> Rows {
    // Another stream than the one that puts groups into folds: a part must hold groups of every fold.
    let is_in = |group: u64| split_mix(split_mix(seed ^ 0x726f_7773) ^ split_mix(group)) <= u64::MAX / one_in.max(1);
    let kept: Vec<usize> = (0..matrices.groups.len()).filter(|row| is_in(matrices.groups[*row])).collect();
    let mut features = FeatureMatrix::new(matrices.features.names.clone());
    let mut text = SparseRows::new(matrices.text.n_cols);
    let mut place: Vec<Option<u32>> = vec![None; matrices.groups.len()];
    for (new, old) in kept.iter().enumerate() {
        features.push_row(matrices.features.row(*old));
        let (buckets, counts) = matrices.text.row(*old);
        let row: Vec<(u32, f32)> = buckets.iter().copied().zip(counts.iter().copied()).collect();
        text.push_row(&row);
        place[*old] = Some(new as u32);
    }
    let targets = targets.iter().map(|target| {
        let rows: Vec<(usize, u32)> =
            target.rows.iter().enumerate().filter_map(|(i, row)| Some((i, place[*row as usize]?))).collect();
        LabelTargets {
            label: target.label.clone(),
            rows: rows.iter().map(|(_, row)| *row).collect(),
            positive: rows.iter().map(|(i, _)| target.positive[*i]).collect(),
            weight: rows.iter().map(|(i, _)| target.weight[*i]).collect(),
            inclusion: rows.iter().map(|(i, _)| target.inclusion[*i]).collect(),
            kind: target.kind,
        }
    });
    let targets = targets.collect();
    let groups = kept.iter().map(|row| matrices.groups[*row]).collect();
    let days = kept.iter().map(|row| matrices.days[*row]).collect();
    let markets = kept.iter().map(|row| matrices.markets[*row]).collect();
    Rows { matrices: Matrices { features, text, groups, days, markets }, targets }
}

/// BLAKE3 of everything that a result depends on besides its trial: the rows to the bit, the verdicts, and `settings`.
pub(super) fn digest(set: &TrainingSet, targets: &[LabelTargets], settings: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut field = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    field(settings.as_bytes());
    set.features.names.iter().for_each(|name| field(name.as_bytes()));
    field(&bytes_of(&set.features.values, |v| v.to_bits().to_le_bytes()));
    field(&set.text.n_cols.to_le_bytes());
    field(&bytes_of(&set.text.offsets, |v| (*v as u64).to_le_bytes()));
    field(&bytes_of(&set.text.indices, |v| v.to_le_bytes()));
    field(&bytes_of(&set.text.values, |v| v.to_bits().to_le_bytes()));
    field(&bytes_of(set.groups, |v| v.to_le_bytes()));
    field(&bytes_of(set.days, |v| v.to_le_bytes()));
    set.markets.iter().for_each(|market| field(market.to_string().as_bytes()));
    for target in targets {
        field(target.label.as_bytes());
        field(format!("{:?}", target.kind).as_bytes());
        field(&bytes_of(&target.rows, |v| v.to_le_bytes()));
        field(&bytes_of(&target.positive, |v| [u8::from(*v)]));
        field(&bytes_of(&target.weight, |v| v.to_bits().to_le_bytes()));
        field(&bytes_of(&target.inclusion, |v| v.map_or(0, f64::to_bits).to_le_bytes()));
    }
    hasher.finalize().to_hex().to_string()
}

fn bytes_of<T, const N: usize>(values: &[T], bytes: impl Fn(&T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::LabelKind;

    fn whole() -> (Matrices, Vec<LabelTargets>) {
        let mut features = FeatureMatrix::new(vec!["a".to_owned()]);
        let mut text = SparseRows::new(16);
        for i in 0..600_u32 {
            features.push_row(&[i as f32]);
            text.push_row(&[(i % 16, i as f32 + 1.0)]);
        }
        let groups = (0..600).map(|i| i / 3).collect();
        let days = (0..600).collect();
        let target = LabelTargets {
            label: "spam".into(),
            rows: (0..600).filter(|row| row % 2 == 0).collect(),
            positive: (0..300).map(|i| i % 3 == 0).collect(),
            weight: (0..300).map(|i| f64::from(i) + 1.0).collect(),
            inclusion: (0..300).map(|i| (i % 2 == 0).then_some(1.0 / (f64::from(i) + 1.0))).collect(),
            kind: LabelKind::Abuse,
        };
        (Matrices { features, text, groups, days, markets: vec!["SG".parse().unwrap(); 600] }, vec![target])
    }

    #[test]
    fn whole_groups_are_taken_and_rows_stay_what_they_were() {
        let (matrices, targets) = whole();
        let mut smaller: Vec<i32> = Vec::new();
        for one_in in [9, 3, 1] {
            let part = of_groups(&matrices, &targets, 7, one_in);
            let days = &part.matrices.days;
            let expect = 600 / one_in as usize;
            assert!((expect * 6 / 10..=expect * 14 / 10).contains(&days.len()), "{} of one in {one_in}", days.len());
            assert!(smaller.iter().all(|day| days.contains(day)), "a smaller part lies within a larger");
            assert!(days.chunks(3).all(|group| group[2] == group[0] + 2), "groups stay whole");
            for (row, day) in days.iter().enumerate() {
                assert_eq!(part.matrices.features.row(row), [*day as f32]);
                assert_eq!(part.matrices.text.row(row), (&[*day as u32 % 16][..], &[*day as f32 + 1.0][..]));
            }
            for (i, row) in part.targets[0].rows.iter().enumerate() {
                let at = days[*row as usize] / 2;
                assert_eq!((part.targets[0].positive[i], part.targets[0].weight[i]), (at % 3 == 0, f64::from(at) + 1.0));
                let inclusion = (at % 2 == 0).then_some(1.0 / (f64::from(at) + 1.0));
                assert_eq!(part.targets[0].inclusion[i], inclusion);
            }
            smaller = days.clone();
        }
        assert_eq!(smaller.len(), 600);
    }

    #[test]
    fn any_change_is_another_digest() {
        let digest_of =
            |(matrices, targets): &(Matrices, Vec<LabelTargets>), settings| digest(&matrices.set(), targets, settings);
        let base = digest_of(&whole(), "s");
        assert_eq!(base, digest_of(&whole(), "s"));
        assert_ne!(base, digest_of(&whole(), "t"));
        type Change = fn(&mut (Matrices, Vec<LabelTargets>));
        let changes: [Change; 6] = [
            |w| w.0.features.values[5] = -1.0,
            |w| w.0.text.values[5] = 9.5,
            |w| w.0.groups[0] = 99,
            |w| w.0.days[0] = 99,
            |w| w.1[0].positive[0] = false,
            |w| w.1[0].weight[0] = 2.0,
        ];
        for change in changes {
            let mut changed = whole();
            change(&mut changed);
            assert_ne!(base, digest_of(&changed, "s"));
        }
    }
}
