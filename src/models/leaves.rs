//! The values of a tree's leaves: Newton steps −G / (H + λ) over all rows, sampled or not.
//!
//! A leaf lighter than `min_child_weight` takes the step of the nearest node above it that is heavy enough. Where a level's
//! feature has a direction, the leaves on its two sides are made to follow it: neighbours that do not are pooled by weight, and
//! what several directions still leave against each other is levelled out between the highest value below and the lowest above.

use super::TreesConfig;
use super::derivatives::Sums;
use crate::features::Direction;

/// How often neighbours are pooled before the rest is levelled out.
const POOLINGS: usize = 8;

/// Newton steps of a tree's leaves, from the sums of the derivatives of each.
pub(super) fn newton_steps(sums: &[Sums], unit: f64, config: &TreesConfig) -> Vec<f64> {
    let n_leaves = sums.len();
    // A heap of nodes, root first; the leaves are its second half.
    let mut nodes = vec![[0_i64; 2]; n_leaves - 1];
    nodes.extend_from_slice(sums);
    for node in (0..n_leaves - 1).rev() {
        let (left, right) = (nodes[2 * node + 1], nodes[2 * node + 2]);
        nodes[node] = [left[0] + right[0], left[1] + right[1]];
    }
    let mut steps = vec![0.0; nodes.len()];
    for (node, [gradient, curvature]) in nodes.iter().enumerate() {
        let (gradient, curvature) = (*gradient as f64 * unit, *curvature as f64 * unit);
        let parent = if node == 0 { 0.0 } else { steps[(node - 1) / 2] };
        let is_heavy = curvature >= config.min_child_weight && curvature + config.l2 > 0.0;
        steps[node] = if is_heavy { -gradient / (curvature + config.l2) } else { parent };
    }
    steps.split_off(n_leaves - 1)
}

/// Makes leaf values follow the directions of their levels, first level first in a leaf's bits.
pub(super) fn follow_directions(values: &mut [f64], weight: &[f64], directions: &[Option<Direction>]) {
    let depth = directions.len();
    let levels: Vec<(usize, Direction)> =
        directions.iter().enumerate().filter_map(|(level, direction)| Some((1 << (depth - 1 - level), (*direction)?))).collect();
    if levels.is_empty() {
        return;
    }
    let pairs = |bit: usize| (0..1_usize << depth).filter(move |leaf| leaf & bit == 0).map(move |leaf| (leaf, leaf | bit));
    let ordered = |(a, b): (usize, usize), direction: Direction| if direction == Direction::Up { (a, b) } else { (b, a) };
    for _ in 0..POOLINGS {
        for (bit, direction) in &levels {
            for (low, high) in pairs(*bit).map(|pair| ordered(pair, *direction)) {
                if values[low] > values[high] {
                    let both = weight[low] + weight[high];
                    let share = if both > 0.0 { weight[low] / both } else { 0.5 };
                    let pooled = share * values[low] + (1.0 - share) * values[high];
                    (values[low], values[high]) = (pooled, pooled);
                }
            }
        }
    }
    let (mut from_below, mut from_above) = (values.to_vec(), values.to_vec());
    for (bit, direction) in &levels {
        for (low, high) in pairs(*bit).map(|pair| ordered(pair, *direction)) {
            from_below[high] = from_below[high].max(from_below[low]);
            from_above[low] = from_above[low].min(from_above[high]);
        }
    }
    for ((value, below), above) in values.iter_mut().zip(from_below).zip(from_above) {
        *value = 0.5 * (below + above);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::config::tests::quick;
    use proptest::prelude::*;

    #[test]
    fn steps_by_hand_and_a_light_leaf_takes_its_parents() {
        let config = TreesConfig { l2: 1.0, min_child_weight: 0.5, ..quick().trees };
        // −(−1) / (0.5 + 1), and the light right leaf takes the parent's −(−1.2) / (0.6 + 1).
        let steps = newton_steps(&[[-10, 5], [-2, 1]], 0.1, &config);
        assert!((steps[0] - 1.0 / 1.5).abs() < 1e-12 && (steps[1] - 1.2 / 1.6).abs() < 1e-12, "{steps:?}");
    }

    #[test]
    fn neighbours_against_the_direction_are_pooled_by_weight() {
        let mut values = [3.0, 1.0, 0.0, 5.0];
        follow_directions(&mut values, &[3.0, 1.0, 1.0, 1.0], &[None, Some(Direction::Up)]);
        assert_eq!(values, [2.5, 2.5, 0.0, 5.0]);
        let mut values = [1.0, 3.0];
        follow_directions(&mut values, &[0.0, 0.0], &[Some(Direction::Down)]);
        assert_eq!(values, [2.0, 2.0]);
    }

    #[test]
    fn values_that_follow_are_left_alone() {
        let mut values = [0.0, 1.0, 2.0, 3.0];
        follow_directions(&mut values, &[1.0; 4], &[Some(Direction::Up), Some(Direction::Up)]);
        assert_eq!(values, [0.0, 1.0, 2.0, 3.0]);
    }

    proptest! {
        #[test]
        fn any_values_are_made_to_follow(
            values in prop::collection::vec(-5.0..5.0_f64, 32),
            weight in prop::collection::vec(0.0..5.0_f64, 32),
            directions in prop::collection::vec(prop_oneof![Just(None), Just(Some(Direction::Up)), Just(Some(Direction::Down))], 5),
        ) {
            let mut followed = values;
            follow_directions(&mut followed, &weight, &directions);
            for (level, direction) in directions.iter().enumerate() {
                let bit = 1 << (4 - level);
                for low in (0..32).filter(|leaf| leaf & bit == 0) {
                    let (a, b) = (followed[low] as f32, followed[low | bit] as f32);
                    let follows = match direction {
                        None => true,
                        Some(Direction::Up) => a <= b,
                        Some(Direction::Down) => a >= b,
                    };
                    prop_assert!(follows, "{a} {b} {direction:?}");
                }
            }
        }
    }
}
