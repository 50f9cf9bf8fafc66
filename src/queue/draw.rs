//! Draws that nobody can foretell without the key, and that anybody with it can repeat.

use crate::config::QueueKey;
use crate::units::{Day, unit_interval};

/// What a draw is for: an item's draws for different purposes are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// With equal probability.
    Random,
    /// By views and score.
    Importance,
    /// A second review.
    Qa,
    /// A case with a known answer.
    Golden,
    /// The order of what is drawn.
    Place,
    /// A case's identifier.
    Case,
}

impl Purpose {
    fn tag(self) -> u8 {
        match self {
            Self::Random => 0,
            Self::Importance => 1,
            Self::Qa => 2,
            Self::Golden => 3,
            Self::Place => 4,
            Self::Case => 5,
        }
    }
}

/// The draws of one night.
#[derive(Debug, Clone, Copy)]
pub struct Draws {
    key: QueueKey,
    day: Day,
}

impl Draws {
    /// The draws of the night of `day` under `key`.
    #[must_use]
    pub fn new(key: QueueKey, day: Day) -> Self {
        Self { key, day }
    }

    /// 64 bits of BLAKE3, keyed, of the purpose, the day and `id`.
    #[must_use]
    pub fn bits(&self, purpose: Purpose, id: &str) -> u64 {
        let mut hasher = blake3::Hasher::new_keyed(self.key.bytes());
        hasher.update(&[purpose.tag()]).update(&self.day.0.to_le_bytes()).update(id.as_bytes());
        let mut bits = [0; 8];
        hasher.finalize_xof().fill(&mut bits);
        u64::from_le_bytes(bits)
    }

    /// A number in [0, 1).
    #[must_use]
    pub fn uniform(&self, purpose: Purpose, id: &str) -> f64 {
        unit_interval(self.bits(purpose, id))
    }

    /// Whether `id` is drawn with `probability`, whatever becomes of the others (Poisson sampling).
    #[must_use]
    pub fn is_drawn(&self, purpose: Purpose, id: &str, probability: f64) -> bool {
        self.uniform(purpose, id) < probability
    }
}
