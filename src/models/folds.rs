//! Which rows may stand on which side of a split.
//!
//! Whole groups fall into one fold, by a hash of the group under the seed: adding rows moves no other group. A timed set has a
//! second cut: the latest fifth of the set's rows calibrates and is reported, what lies `gap_days` or more before it trains, and
//! the days between are left out, so that a calibration row is both later than, and of another seller than, all that its stack has
//! seen. Forward chaining over many blocks was passed over: it multiplies the fits by the number of blocks, and a seller's rows
//! would stand on both sides. The cut is one for all labels, because labels learn from each other's text scores: a label of its own
//! cut would bring verdicts of the others' late days to their stacks. A label that has too few verdicts on either side of it is
//! split by group alone, and not heard by those that are cut.

use super::{LabelTargets, ModelConfig, SplitKind, TrainingSet};
use crate::units::{GOLDEN, finalise};

/// The share of the rows, the latest, that calibrates a timed set.
const LATE_SHARE: f64 = 0.2;

/// The classes that a set of calibration rows must hold at least, each.
const MIN_LATE_OF_EACH: usize = 20;

/// The role of each of a label's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split {
    /// How it was made.
    pub(super) kind: SplitKind,
    /// Number of folds.
    pub(super) n_folds: usize,
    /// The fold of each row.
    pub(super) fold: Vec<usize>,
    /// Whether the row may train the stacks that calibration rows are scored with.
    pub(super) trains: Vec<bool>,
    /// Whether the row calibrates.
    pub(super) calibrates: Vec<bool>,
}

impl Split {
    /// Splits one label's rows.
    pub(super) fn new(set: &TrainingSet, target: &LabelTargets, config: &ModelConfig) -> Self {
        let n = target.rows.len();
        let fold = target.rows.iter().map(|row| fold_of(set.groups[*row as usize], config)).collect();
        let by_group =
            Self { kind: SplitKind::Group, n_folds: config.folds, fold, trains: vec![true; n], calibrates: vec![true; n] };
        if !set.timed {
            return by_group;
        }
        let Some(first_late) = first_late_day(set.days) else { return by_group };
        let days: Vec<i32> = target.rows.iter().map(|row| set.days[*row as usize]).collect();
        let trains: Vec<bool> =
            days.iter().map(|day| i64::from(*day) < i64::from(first_late) - i64::from(config.gap_days)).collect();
        let calibrates: Vec<bool> = days.iter().map(|day| *day >= first_late).collect();
        let of = |mask: &[bool], class: bool| mask.iter().zip(&target.positive).filter(|(m, y)| **m && **y == class).count();
        let enough =
            [&trains, &calibrates].iter().all(|mask| of(mask, true) >= MIN_LATE_OF_EACH && of(mask, false) >= MIN_LATE_OF_EACH);
        if enough { Self { kind: SplitKind::Time, trains, calibrates, ..by_group } } else { by_group }
    }

    /// Whether the text scores of a label that is split so may be used: not where they have learned from later verdicts.
    pub(super) fn may_hear(&self, other: &Self) -> bool {
        self.kind == SplitKind::Group || other.kind == SplitKind::Time
    }

    /// Whether every pair of folds can be left out and both classes still train, and both classes calibrate.
    pub(super) fn is_workable(&self, positive: &[bool]) -> bool {
        let holds = |class: bool, left_out: [usize; 2]| {
            (0..positive.len()).any(|i| self.trains[i] && positive[i] == class && !left_out.contains(&self.fold[i]))
        };
        (0..self.n_folds).all(|j| (0..=j).all(|k| holds(true, [j, k]) && holds(false, [j, k])))
    }
}

/// The fold of every row of the set.
pub(super) fn folds_of(groups: &[u64], config: &ModelConfig) -> Vec<usize> {
    groups.iter().map(|group| fold_of(*group, config)).collect()
}

/// The fold of a group: a 64-bit mix (SplitMix64's finaliser) of group and seed, modulo the number of folds.
fn fold_of(group: u64, config: &ModelConfig) -> usize {
    (finalise(group ^ config.seed.wrapping_mul(GOLDEN)) % config.folds as u64) as usize
}

/// The day on which the latest fifth begins; whole days stay together. `None` when all rows share one day.
fn first_late_day(days: &[i32]) -> Option<i32> {
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    let cut = ((sorted.len() as f64) * (1.0 - LATE_SHARE)) as usize;
    let day = *sorted.get(cut)?;
    (sorted.first() != Some(&day)).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::FeatureMatrix;
    use crate::models::config::tests::quick;
    use crate::text::SparseRows;
    use crate::units::LabelKind;

    fn target(n: u32) -> LabelTargets {
        LabelTargets {
            label: "spam".into(),
            rows: (0..n).collect(),
            positive: (0..n).map(|i| i % 2 == 0).collect(),
            weight: vec![1.0; n as usize],
            inclusion: vec![None; n as usize],
            kind: LabelKind::Abuse,
        }
    }

    fn split(days: &[i32], timed: bool) -> Split {
        let groups: Vec<u64> = (0..days.len() as u64).map(|i| i / 3).collect();
        let features = FeatureMatrix::new(Vec::new());
        let text = SparseRows::new(4);
        let set = TrainingSet { features: &features, text: &text, groups: &groups, days, markets: &[], timed };
        Split::new(&set, &target(days.len() as u32), &quick())
    }

    #[test]
    fn a_group_stays_in_one_fold_and_all_folds_are_used() {
        let split = split(&[0; 3000], false);
        assert!((0..3000).all(|i| split.fold[i] == split.fold[i / 3 * 3]));
        assert!((0..3).all(|k| split.fold.iter().filter(|f| **f == k).count() > 800));
        assert_eq!(split.kind, SplitKind::Group);
    }

    #[test]
    fn a_timed_set_leaves_a_gap_before_the_latest_fifth() {
        let days: Vec<i32> = (0..300).map(|i| i / 10).collect();
        let split = split(&days, true);
        assert_eq!(split.kind, SplitKind::Time);
        let last_training = (0..300).filter(|i| split.trains[*i]).map(|i| days[i]).max();
        let first_calibrating = (0..300).filter(|i| split.calibrates[*i]).map(|i| days[i]).min();
        assert_eq!((last_training, first_calibrating), (Some(22), Some(24)));
    }

    #[test]
    fn one_day_only_is_split_by_group() {
        assert_eq!(split(&[5; 300], true).kind, SplitKind::Group);
    }

    #[test]
    fn a_label_without_late_verdicts_is_split_by_group_and_not_heard_by_the_others() {
        let (groups, days): (Vec<u64>, Vec<i32>) = (0..300).map(|i| (i / 3, i as i32 / 10)).unzip();
        let features = FeatureMatrix::new(Vec::new());
        let text = SparseRows::new(4);
        let set = TrainingSet { features: &features, text: &text, groups: &groups, days: &days, timed: true, markets: &[] };
        let (all, early) = (Split::new(&set, &target(300), &quick()), Split::new(&set, &target(100), &quick()));
        assert_eq!((all.kind, early.kind), (SplitKind::Time, SplitKind::Group));
        assert!(all.may_hear(&all) && early.may_hear(&all) && early.may_hear(&early));
        assert!(!all.may_hear(&early));
    }

    #[test]
    fn one_group_only_is_not_workable() {
        let mut split = split(&[0; 60], false);
        split.fold = vec![0; 60];
        assert!(!split.is_workable(&target(60).positive));
    }
}
