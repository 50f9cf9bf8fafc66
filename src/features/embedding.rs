//! Embeddings reduced to a set number of features by a random projection.
//!
//! Input: the list of numbers that came with the item. Output: k numbers, or nothing where it has another length than declared,
//! holds a number that is not finite, or is all zero. The embedding is scaled to unit length first, so that only its direction
//! counts. y_j = Σ_i s_ij·x_i / √k with signs s_ij = ±1 drawn once and for all by a hash of (i, j) (D. Achlioptas, "Database-friendly
//! random projections", JCSS 66, 2003): nothing is fitted, so that no row can leak into another, any length will do, and the same
//! embedding gives the same features in every project. For two embeddings E‖y − y′‖² = ‖x − x′‖², with a relative standard
//! error of at most √(2/k), and by Johnson and Lindenstrauss k ≥ 4·ln(n)/(ε²/2 − ε³/3) keeps all distances among n items within
//! a factor 1 ± ε. Deliberately not here: PCA, which keeps more of a given collection but must be fitted to one.

use super::DeclaredDoc;
use crate::units::split_mix;

/// What the hash of the signs begins with; part of the features' definition.
const SEED: u64 = 0x7374_616c_6c6d_726b;

/// A projection to `dims` features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Embedding {
    /// Features; 0 for none.
    pub dims: usize,
    /// The length that embeddings must have; 0 for any.
    pub length: usize,
}

impl Embedding {
    /// The features' doc blocks: `embedding_00` and on.
    #[must_use]
    pub fn docs(&self) -> Vec<DeclaredDoc> {
        let length = if self.length == 0 { "any length".to_owned() } else { format!("length {}", self.length) };
        let doc = |at: usize| DeclaredDoc {
            name: format!("embedding_{at:02}"),
            group: "embedding".to_owned(),
            what: format!(
                "number {at} of the embedding's random projection to {} numbers, after scaling it to unit length",
                self.dims
            ),
            why: "items that upstream models see as alike lie close together".to_owned(),
            range: "-1 to 1 for nearly all".to_owned(),
            evaded_by: "content that the upstream model embeds elsewhere".to_owned(),
            inputs: vec!["content.embedding".to_owned()],
            any_of: Vec::new(),
            uses: Vec::new(),
            applies_to: Vec::new(),
            definition: format!("random signs 1 of {SEED:016x}, {at} of {}, {length}", self.dims),
        };
        (0..self.dims).map(doc).collect()
    }

    /// Whether `embedding` has another length than the declared one.
    #[must_use]
    pub fn has_wrong_length(&self, embedding: &[f32]) -> bool {
        self.dims > 0 && self.length > 0 && embedding.len() != self.length
    }

    /// The features of an embedding; `None` when it cannot be used.
    #[must_use]
    pub fn project(&self, embedding: &[f32]) -> Option<Vec<f32>> {
        if self.dims == 0 || self.has_wrong_length(embedding) {
            return None;
        }
        let squares: f64 = embedding.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
        if !(squares > 0.0 && squares.is_finite()) {
            return None;
        }
        let scale = 1.0 / (squares * self.dims as f64).sqrt();
        let mut sums = vec![0.0_f64; self.dims];
        for (i, x) in embedding.iter().enumerate() {
            for (block, sums) in sums.chunks_mut(64).enumerate() {
                let mut signs = signs(i as u64, block as u64);
                for sum in sums {
                    *sum += if signs & 1 == 1 { f64::from(*x) } else { -f64::from(*x) };
                    signs >>= 1;
                }
            }
        }
        Some(sums.into_iter().map(|sum| (sum * scale) as f32).collect())
    }
}

/// 64 signs for input `i` and outputs 64·`block` and on: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), twice.
fn signs(i: u64, block: u64) -> u64 {
    split_mix(split_mix(SEED ^ i).wrapping_add(block))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIXTEEN: Embedding = Embedding { dims: 16, length: 0 };

    /// A vector of 256 numbers that look random.
    fn vector(seed: u64) -> Vec<f32> {
        (0..256).map(|i| (split_mix(seed << 32 | i) >> 40) as f32 / (1_u64 << 23) as f32 - 1.0).collect()
    }

    fn unit(x: &[f32]) -> Vec<f64> {
        let norm = x.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt();
        x.iter().map(|v| f64::from(*v) / norm).collect()
    }

    fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
    }

    /// One input number: its signs alone are left, each ±1/√4.
    #[test]
    fn the_signs_are_drawn_once_and_for_all() {
        let four = Embedding { dims: 4, length: 0 };
        assert_eq!(four.project(&[3.0]).unwrap(), GOLDEN[0]);
        assert_eq!(four.project(&[0.0, -2.0]).unwrap(), GOLDEN[1]);
        let beyond_a_word = Embedding { dims: 67, length: 0 }.project(&[1.0]).unwrap();
        assert_eq!([64, 65, 66].map(|at| beyond_a_word[at] > 0.0), [true, true, false]);
        // (0.6, 0.8) is of unit length already.
        let both: Vec<f32> = (0..4).map(|j| 0.6 * GOLDEN[0][j] - 0.8 * GOLDEN[1][j]).collect();
        for (got, expect) in four.project(&[0.6, 0.8]).unwrap().iter().zip(both) {
            assert!((got - expect).abs() < 1e-7);
        }
    }

    /// Changing one of these changes every model that uses embeddings.
    const GOLDEN: [[f32; 4]; 2] = [[0.5, -0.5, -0.5, -0.5], [0.5, 0.5, 0.5, 0.5]];

    #[test]
    fn only_the_direction_counts() {
        let x = vector(1);
        let twice: Vec<f32> = x.iter().map(|v| v * 2.0).collect();
        assert_eq!(SIXTEEN.project(&x), SIXTEEN.project(&twice));
    }

    /// Over 400 pairs the squared distance is kept on average, with a spread of at most √(2/k).
    #[test]
    fn distances_are_kept() {
        for dims in [16, 64] {
            let projection = Embedding { dims, length: 256 };
            let ratios: Vec<f64> = (0..400)
                .map(|pair| {
                    let (a, b) = (vector(2 * pair), vector(2 * pair + 1));
                    let project = |x: &[f32]| projection.project(x).unwrap().iter().map(|v| f64::from(*v)).collect::<Vec<f64>>();
                    squared_distance(&project(&a), &project(&b)) / squared_distance(&unit(&a), &unit(&b))
                })
                .collect();
            let mean = ratios.iter().sum::<f64>() / 400.0;
            let spread = (ratios.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / 399.0).sqrt();
            let bound = (2.0 / dims as f64).sqrt();
            assert!((mean - 1.0).abs() < 4.0 * bound / 20.0, "{dims}: mean {mean}");
            assert!(spread < 1.15 * bound && spread > 0.8 * bound, "{dims}: {spread} against {bound}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_missing() {
        assert_eq!(SIXTEEN.project(&[]), None);
        assert_eq!(SIXTEEN.project(&[0.0, 0.0]), None);
        assert_eq!(SIXTEEN.project(&[1.0, f32::NAN]), None);
        assert_eq!(SIXTEEN.project(&[1.0, f32::INFINITY]), None);
        let three = Embedding { dims: 16, length: 3 };
        assert!(three.has_wrong_length(&[1.0]) && three.project(&[1.0]).is_none());
        assert_eq!(three.project(&[1.0; 3]).map(|y| y.len()), Some(16));
        assert_eq!(Embedding::default().project(&[1.0]), None);
    }
}
