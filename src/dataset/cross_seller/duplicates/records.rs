//! What pass 1 writes down of texts, media and items until all are seen.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::features::{self, standing};
use crate::tables::DecisionRow;
use crate::text::{BANDS, Signature, Sketch};
use crate::units::{Timestamp, Verdict};

/// Most numbers in a record.
const MOST_WORDS: usize = 11;

/// `N` numbers that a spill copies as they are: 8 bytes each, where numbers of variable length take 10 for a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words<const N: usize>([u64; N]);

impl<const N: usize> Serialize for Words<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const { assert!(N <= MOST_WORDS) };
        let mut bytes = [0; MOST_WORDS * 8];
        for (place, word) in bytes.chunks_exact_mut(8).zip(self.0) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        serializer.serialize_bytes(&bytes[..N * 8])
    }
}

impl<'de, const N: usize> Deserialize<'de> for Words<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes<const N: usize>;
        impl<const N: usize> Visitor<'_> for Bytes<N> {
            type Value = Words<N>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} bytes", N * 8)
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Words<N>, E> {
                if bytes.len() != N * 8 {
                    return Err(E::invalid_length(bytes.len(), &self));
                }
                Ok(Words(std::array::from_fn(|i| u64::from_le_bytes(std::array::from_fn(|k| bytes[8 * i + k])))))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

fn time(word: u64) -> Timestamp {
    Timestamp(word.cast_signed())
}

fn word(time: Timestamp) -> u64 {
    time.0.cast_unsigned()
}

/// A text that an item had, and from when that was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TextRecord {
    head: Words<4>,
    /// Sketch, then band keys, two in a word; `None` for a text too short for near copies.
    signature: Option<Words<9>>,
}

impl TextRecord {
    pub(super) fn new(text: u128, item: u64, from: Timestamp, signature: Option<&Signature>) -> Self {
        let packed = |signature: &Signature| {
            let [a, b, c, d] = signature.sketch.0;
            let pair = |i: usize| u64::from(signature.bands[2 * i]) << 32 | u64::from(signature.bands[2 * i + 1]);
            Words([a, b, c, d, pair(0), pair(1), pair(2), pair(3), pair(4)])
        };
        const { assert!(BANDS == 10) };
        Self { head: Words([(text >> 64) as u64, text as u64, item, word(from)]), signature: signature.map(packed) }
    }

    /// The hash of the text.
    pub(super) fn text(&self) -> u128 {
        u128::from(self.head.0[0]) << 64 | u128::from(self.head.0[1])
    }

    pub(super) fn item(&self) -> u64 {
        self.head.0[2]
    }

    pub(super) fn from(&self) -> Timestamp {
        time(self.head.0[3])
    }

    /// The record of the text itself, this item standing for it; `None` for one too short for near copies.
    pub(super) fn distinct(&self) -> Option<DistinctRecord> {
        let Words([s0, s1, s2, s3, b0, b1, b2, b3, b4]) = self.signature?;
        let [.., item, from] = self.head.0;
        Some(DistinctRecord(Words([item, from, s0, s1, s2, s3, b0, b1, b2, b3, b4])))
    }
}

/// A distinct text by the first item that had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DistinctRecord(Words<11>);

impl DistinctRecord {
    /// What is compared in band `band`, below `BANDS`.
    pub(super) fn in_band(&self, band: usize) -> BandRecord {
        let Words([item, from, s0, s1, s2, s3, ..]) = self.0;
        let key = self.0.0[6 + band / 2] >> (32 * (1 - band % 2)) & u64::from(u32::MAX);
        BandRecord(Words([key, item, from, s0, s1, s2, s3]))
    }
}

/// A distinct text in one band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BandRecord(Words<7>);

impl BandRecord {
    pub(super) fn key(&self) -> u64 {
        self.0.0[0]
    }

    pub(super) fn item(&self) -> u64 {
        self.0.0[1]
    }

    pub(super) fn from(&self) -> Timestamp {
        time(self.0.0[2])
    }

    pub(super) fn sketch(&self) -> Sketch {
        let [.., a, b, c, d] = self.0.0;
        Sketch([a, b, c, d])
    }
}

/// A media_hash that an item had, and from when that was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MediaRecord(Words<3>);

impl MediaRecord {
    pub(super) fn new(media: u64, item: u64, from: Timestamp) -> Self {
        Self(Words([media, item, word(from)]))
    }

    pub(super) fn media(&self) -> u64 {
        self.0.0[0]
    }

    pub(super) fn item(&self) -> u64 {
        self.0.0[1]
    }

    pub(super) fn from(&self) -> Timestamp {
        time(self.0.0[2])
    }
}

/// What an item said from some time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    /// From when it was known.
    pub(super) from: Timestamp,
    /// Its text; 0 for none.
    pub(super) text: u64,
    /// Its media; 0 for none.
    pub(super) media: u64,
    /// Whose it is.
    pub(super) owner: u64,
}

impl Version {
    /// Whether the two differ in their time alone.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        (self.text, self.media, self.owner) == (other.text, other.media, other.owner)
    }
}

/// A decision on an item, and while it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// From when it was known.
    pub(super) from: Timestamp,
    /// From when it was known to be overturned.
    pub(super) until: Timestamp,
    /// What it found.
    pub(super) violating: bool,
}

impl Standing {
    /// Whether it was known before `instant`, and no overturn of it.
    pub(super) fn holds(&self, instant: Timestamp) -> bool {
        self.from < instant && self.until >= instant
    }
}

/// While each of an item's decisions stood, of those that ever did.
pub(super) fn standing_times(decisions: &[DecisionRow]) -> Vec<Standing> {
    let stood = standing(decisions.iter()).filter(features::Standing::ever_held);
    let record = |s: features::Standing<'_>| Standing {
        from: s.from,
        until: s.until,
        violating: s.decision.verdict == Verdict::Violating,
    };
    stood.map(record).collect()
}

/// What views say of an item.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ItemRecord {
    head: Words<2>,
    versions: Vec<Words<4>>,
    decisions: Vec<Words<3>>,
}

impl ItemRecord {
    pub(super) fn new(item: u64, first_seen: Timestamp, versions: &[Version], decisions: &[Standing]) -> Self {
        let version = |v: &Version| Words([word(v.from), v.text, v.media, v.owner]);
        let decision = |s: &Standing| Words([word(s.from), word(s.until), u64::from(s.violating)]);
        Self {
            head: Words([item, word(first_seen)]),
            versions: versions.iter().map(version).collect(),
            decisions: decisions.iter().map(decision).collect(),
        }
    }

    pub(super) fn item(&self) -> u64 {
        self.head.0[0]
    }

    pub(super) fn first_seen(&self) -> Timestamp {
        time(self.head.0[1])
    }

    /// In the order in which they hold.
    pub(super) fn versions(&self) -> impl Iterator<Item = Version> {
        self.versions.iter().map(|Words([from, text, media, owner])| Version {
            from: time(*from),
            text: *text,
            media: *media,
            owner: *owner,
        })
    }

    pub(super) fn decisions(&self) -> impl Iterator<Item = Standing> {
        self.decisions.iter().map(|Words([from, until, violating])| Standing {
            from: time(*from),
            until: time(*until),
            violating: *violating != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::fixtures::{day_us, decision};

    #[test]
    fn records_come_back_and_take_the_bytes_that_are_stated() {
        let signature = Signature::of("phone case black leather", 5, 8).unwrap();
        let record = TextRecord::new(7 << 64 | 8, 9, Timestamp(-5), Some(&signature));
        let bytes = postcard::to_stdvec(&record).unwrap();
        assert_eq!(bytes.len(), 107);
        let back: TextRecord = postcard::from_bytes(&bytes).unwrap();
        assert_eq!((back.text(), back.item(), back.from()), (7 << 64 | 8, 9, Timestamp(-5)));
        let distinct = back.distinct().unwrap();
        assert_eq!(postcard::to_stdvec(&distinct).unwrap().len(), 89);
        for (band, key) in signature.bands.into_iter().enumerate() {
            let in_band = distinct.in_band(band);
            assert_eq!((in_band.key(), in_band.item(), in_band.from()), (u64::from(key), 9, Timestamp(-5)));
            assert_eq!(in_band.sketch(), signature.sketch);
        }
        assert_eq!(postcard::to_stdvec(&distinct.in_band(0)).unwrap().len(), 57);
        assert_eq!(postcard::to_stdvec(&MediaRecord::new(1, 2, Timestamp(3))).unwrap().len(), 25);
        assert!(postcard::from_bytes::<Words<2>>(&[3, 0, 0, 0]).is_err());
    }

    #[test]
    fn a_decision_stands_until_its_overturn_is_known() {
        let mut overturn = decision("2", "scam", Verdict::Compliant, 20.0);
        overturn.overturns = Some("1".into());
        overturn.ingested_at = Some(Timestamp(day_us(25.0)));
        let standing = standing_times(&[decision("1", "scam", Verdict::Violating, 10.0), overturn]);
        let holds = |day: f64| -> Vec<bool> { standing.iter().map(|s| s.holds(Timestamp(day_us(day)))).collect() };
        assert_eq!(holds(10.0), [false, false]);
        assert_eq!(holds(25.0), [true, false]);
        assert_eq!(holds(25.1), [false, true]);
    }
}
