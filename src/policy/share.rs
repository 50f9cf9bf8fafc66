//! Who is in a rollout, and who is held back: a keyed hash of policy and unit, so that it neither changes from night to night nor can
//! be foreseen.

use std::fmt;

/// The secret that shares are drawn with.
#[derive(Clone)]
pub struct ShareKey([u8; 32]);

/// What a hash decides: the two draws of one unit are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Draw {
    Rollout,
    Holdback,
}

/// What the secret is derived for: another purpose has another key.
const CONTEXT: &str = "stallmark 2026-11-22 policy shares";

impl ShareKey {
    /// Of a secret text, possibly empty.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(blake3::derive_key(CONTEXT, secret.as_bytes()))
    }

    /// What may be published of it: it tells two keys apart and gives neither away.
    #[must_use]
    pub fn digest(&self) -> String {
        blake3::hash(&self.0).to_hex()[..12].to_owned()
    }

    /// A number that is uniform on [0, 1) over units: a unit is in a share if it is below it. So a share that grows keeps its units.
    pub(super) fn uniform(&self, draw: Draw, policy: &str, unit: &str) -> f64 {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        let purpose = match draw {
            Draw::Rollout => "rollout",
            Draw::Holdback => "holdback",
        };
        for part in [purpose, policy, unit] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        // 53 bits, so that the quotient is exact and never 1.
        (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A secret is not printed.
impl fmt::Debug for ShareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShareKey({})", self.digest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 20,000 units 30 % are in a rollout of 30 %, within four standard deviations; they stay in as it grows; and a holdback of 10 %
    /// takes 10 % of them.
    #[test]
    fn shares_are_those_asked_for_nested_and_independent() {
        let key = ShareKey::new("secret");
        let units: Vec<String> = (0..20_000).map(|n| format!("seller-{n}")).collect();
        let rolled = |share: f64| -> Vec<&String> {
            units.iter().filter(|unit| key.uniform(Draw::Rollout, "hold", unit) < share).collect()
        };
        let (small, large) = (rolled(0.3), rolled(0.6));
        assert!((small.len() as f64 - 6000.0).abs() < 4.0 * (20_000.0_f64 * 0.3 * 0.7).sqrt(), "{}", small.len());
        assert!(small.iter().all(|unit| large.contains(unit)));
        let held = small.iter().filter(|unit| key.uniform(Draw::Holdback, "hold", unit) < 0.1).count();
        assert!((held as f64 - small.len() as f64 * 0.1).abs() < 4.0 * (small.len() as f64 * 0.09).sqrt(), "{held}");
    }

    #[test]
    fn another_key_policy_or_unit_draws_anew() {
        let key = ShareKey::new("secret");
        let u = key.uniform(Draw::Rollout, "a", "bc");
        assert_eq!(u, ShareKey::new("secret").uniform(Draw::Rollout, "a", "bc"));
        let others = [
            ShareKey::new("").uniform(Draw::Rollout, "a", "bc"),
            key.uniform(Draw::Rollout, "ab", "c"),
            key.uniform(Draw::Holdback, "a", "bc"),
        ];
        assert!(others.iter().all(|other| *other != u));
        assert!(!format!("{key:?}").contains("secret") && key.digest() != ShareKey::new("").digest());
    }
}
