//! Counter-based random numbers: every stream is keyed by (seed, domain, two counters), so that any seller, item or
//! neighbourhood can be drawn again alone. The generator is SplitMix64 (Steele, Lea, Flood 2014); exp, ln and cos come from
//! `libm`, so that a seed gives the same rows on every machine. Deliberately not here: cryptographic strength.

use crate::units::{GOLDEN, SplitMix, finalise};

/// What a stream is for; streams of different domains never share numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(super) enum Domain {
    Block = 1,
    Seller,
    SellerVersions,
    Item,
    Text,
    Source,
    Life,
    Reviewer,
    Reporter,
    Handle,
    Catalogue,
}

/// One stream of random numbers.
#[derive(Debug, Clone)]
pub(super) struct Rng(SplitMix);

impl Rng {
    /// The stream of `domain` with counters `a` and `b`.
    pub(super) fn new(seed: u64, domain: Domain, a: u64, b: u64) -> Self {
        let s = finalise(seed.wrapping_add((domain as u64).wrapping_mul(GOLDEN)));
        let s = finalise(s ^ a.wrapping_mul(0xD1B5_4A32_D192_ED03));
        Self(SplitMix(finalise(s ^ b.wrapping_add(1).wrapping_mul(0xABC9_8388_FB8F_AC03))))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in [0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        self.0.uniform()
    }

    /// Uniform in [low, high).
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Uniform in 0..n; 0 when n is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0.below(n)
    }

    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Standard normal (Box–Muller, one of the pair).
    pub(super) fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.uniform(), self.uniform());
        libm::sqrt(-2.0 * libm::log(u)) * libm::cos(std::f64::consts::TAU * v)
    }

    /// exp(N(mu, sigma²)).
    pub(super) fn log_normal(&mut self, mu: f64, sigma: f64) -> f64 {
        libm::exp(mu + sigma * self.normal())
    }

    /// Gamma of the given shape and scale 1 (Marsaglia and Tsang 2000).
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let u = 1.0 - self.uniform();
            return self.gamma(shape + 1.0) * libm::pow(u, 1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let v = libm::pow(1.0 + c * x, 3.0);
            if v > 0.0 && libm::log(1.0 - self.uniform()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v;
            }
        }
    }

    pub(super) fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (x, y) = (self.gamma(a), self.gamma(b));
        x / (x + y)
    }

    /// Poisson; from a mean of 30 on, the rounded normal approximation.
    pub(super) fn poisson(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 {
            return 0;
        }
        if mean >= 30.0 {
            return (mean + libm::sqrt(mean) * self.normal()).round().max(0.0) as u64;
        }
        let floor = libm::exp(-mean);
        let (mut k, mut product) = (0, self.uniform());
        while product > floor {
            k += 1;
            product *= self.uniform();
        }
        k
    }

    /// Successes among `n` with probability `p`, approximated by a Poisson capped at `n` (by its complement above one half).
    pub(super) fn binomial(&mut self, n: u64, p: f64) -> u64 {
        let p = p.clamp(0.0, 1.0);
        if n == 0 || p == 0.0 {
            0
        } else if p > 0.5 {
            n - self.binomial(n, 1.0 - p)
        } else if n <= 12 {
            (0..n).filter(|_| self.chance(p)).count() as u64
        } else if n as f64 * p >= 30.0 {
            let mean = n as f64 * p;
            let drawn = mean + libm::sqrt(mean * (1.0 - p)) * self.normal();
            (drawn.round().max(0.0) as u64).min(n)
        } else {
            self.poisson(n as f64 * p).min(n)
        }
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// An index drawn with the given weights.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.uniform() * weights.iter().sum::<f64>();
        for (i, w) in weights.iter().enumerate() {
            left -= w;
            if left < 0.0 {
                return i;
            }
        }
        weights.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |d, a, b| Rng::new(7, d, a, b).next();
        assert_eq!(draw(Domain::Item, 3, 4), draw(Domain::Item, 3, 4));
        assert_ne!(draw(Domain::Item, 3, 4), draw(Domain::Item, 4, 3));
        assert_ne!(draw(Domain::Item, 3, 4), draw(Domain::Text, 3, 4));
    }

    #[test]
    fn distributions_have_their_means() {
        let mut rng = Rng::new(1, Domain::Item, 0, 0);
        let n = 20_000;
        let mut mean = |f: &mut dyn FnMut(&mut Rng) -> f64| (0..n).map(|_| f(&mut rng)).sum::<f64>() / f64::from(n);
        assert!((mean(&mut |r| r.beta(2.0, 6.0)) - 0.25).abs() < 0.01);
        assert!((mean(&mut |r| r.poisson(3.0) as f64) - 3.0).abs() < 0.06);
        assert!((mean(&mut |r| r.poisson(50.0) as f64) - 50.0).abs() < 0.3);
        assert!((mean(&mut |r| r.binomial(100, 0.7) as f64) - 70.0).abs() < 0.3);
        assert!((mean(&mut |r| r.normal())).abs() < 0.03);
    }
}
