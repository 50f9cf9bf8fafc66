//! The six markets: their share of sellers, languages, currency and price level, and what handles look like there.

use crate::units::Market;

use super::SynthError;
use super::lexicon::Language;
use super::random::{Domain, Rng};

/// A market, as an index into [`PLACES`].
pub(super) type PlaceIdx = usize;

/// What the generator knows of one market.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) code: &'static str,
    pub(super) share: f64,
    pub(super) currency: &'static str,
    /// Local money for one unit of the base price.
    pub(super) exchange: f64,
    /// Prices are rounded to a multiple of this.
    pub(super) step: f64,
    pub(super) languages: &'static [(Language, f64)],
    app: &'static str,
    dial: &'static str,
}

use Language::{Chinese, English, Filipino, Indonesian, Malay, Thai, Vietnamese};

/// The markets.
#[rustfmt::skip]
pub(super) const PLACES: [Place; 6] = [
    Place { code: "ID", share: 0.28, currency: "IDR", exchange: 15_000.0, step: 500.0, languages: &[(Indonesian, 0.96), (English, 0.04)], app: "wa", dial: "08" },
    Place { code: "VN", share: 0.18, currency: "VND", exchange: 24_000.0, step: 1000.0, languages: &[(Vietnamese, 0.98), (English, 0.02)], app: "zalo", dial: "09" },
    Place { code: "TH", share: 0.16, currency: "THB", exchange: 34.0, step: 1.0, languages: &[(Thai, 0.95), (English, 0.05)], app: "line", dial: "06" },
    Place { code: "PH", share: 0.16, currency: "PHP", exchange: 55.0, step: 1.0, languages: &[(Filipino, 0.72), (English, 0.28)], app: "viber", dial: "09" },
    Place { code: "MY", share: 0.13, currency: "MYR", exchange: 4.6, step: 0.1, languages: &[(Malay, 0.65), (English, 0.17), (Chinese, 0.18)], app: "wasap", dial: "01" },
    Place { code: "SG", share: 0.09, currency: "SGD", exchange: 1.7, step: 0.1, languages: &[(English, 0.76), (Chinese, 0.24)], app: "tele", dial: "8" },
];

/// Base price of a category, in the order of `CATEGORIES`.
pub(super) const BASE_PRICE: [f64; 12] = [9.0, 8.0, 14.0, 7.0, 6.0, 28.0, 10.0, 8.0, 4.0, 12.0, 7.0, 16.0];

impl Place {
    /// The market's code as a checked value.
    pub(super) fn market(&self) -> Result<Market, SynthError> {
        self.code.parse().map_err(|source| SynthError::Market { source })
    }

    /// A price in local money, rounded as sellers do.
    pub(super) fn price(&self, base: f64) -> f64 {
        let steps = (base * self.exchange / self.step).round().max(1.0);
        (steps * self.step * 100.0).round() / 100.0
    }

    /// The word that a campaign makes up for itself, for instance `roshu88`.
    pub(super) fn codeword(seed: u64, key: u64) -> String {
        let mut rng = Rng::new(seed, Domain::Handle, key, 1);
        format!("{}{}", name(2, &mut rng), rng.below(90) + 10)
    }

    /// A contact handle of whoever owns `key`: the same key gives the same handle. Numbers carry 5550, as numbers in
    /// fiction do.
    pub(super) fn handle(&self, seed: u64, key: u64) -> String {
        let mut rng = Rng::new(seed, Domain::Handle, key, 0);
        let number = format!("{}{}5550{:04}", self.dial, rng.below(90) + 10, rng.below(10_000));
        let name = name(3, &mut rng);
        match rng.below(4) {
            0 | 1 => format!("{} {number}", self.app),
            2 => format!("@{name}{}", rng.below(100)),
            _ => format!("t.me/{name}{}", rng.below(100)),
        }
    }
}

/// An invented name of `n` syllables.
fn name(n: usize, rng: &mut Rng) -> String {
    const SYLLABLES: [&str; 16] =
        ["ka", "mi", "ro", "te", "shu", "lan", "bo", "ni", "zar", "pho", "qui", "dee", "vex", "lo", "gan", "tri"];
    (0..n).map(|_| SYLLABLES[rng.below(SYLLABLES.len())]).collect()
}
