//! What single words mean for contact details: a digit, a messaging service, an invitation, a bank.
//!
//! Input: normalised text and its words. Output: marks, which are places in the text with a role, in order. One look-up a word
//! keeps ordinary texts cheap; scripts without spaces are searched only where they occur. Deliberately not here: what marks that
//! stand together amount to.

use std::sync::LazyLock;

use super::handles::Service;
use super::head::head;
use super::hints::any;
use super::role_words::{WIDE, WORDS};
use super::wide::WideTerms;

/// What a word means for contact details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A digit's name in any of the markets' languages.
    Digit(u8),
    /// A service that is named in no other sense.
    Service(Service),
    /// A service whose name also means something else: it counts with an invitation, an id or a number beside it.
    Maybe(Service),
    /// Invites to call or write.
    Call,
    /// Announces an id: `id`, `add`, `username`.
    Id,
    /// A spelt-out full stop.
    Dot,
    /// A spelt-out at sign.
    At,
    /// A bank or e-wallet.
    Pay(&'static str),
}

/// A role and where it stands, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) role: Role,
}

/// The marks of `normalised`, whose words are `words`, in order.
pub(super) fn marks(normalised: &str, words: &[&str]) -> Vec<Mark> {
    let table = &*TABLE;
    let from = normalised.as_ptr().addr();
    let mut marks = Vec::new();
    for word in words {
        if let Some(role) = table.get(word) {
            // Words are slices of the text; of other words nothing would be known.
            let Some(start) = word.as_ptr().addr().checked_sub(from).filter(|s| s + word.len() <= normalised.len()) else {
                continue;
            };
            marks.push(Mark { start, end: start + word.len(), role });
        }
    }
    if any(normalised.as_bytes(), |b| (b == 0xe0) | (b.wrapping_sub(0xe3) <= 10)) {
        let in_words = marks.len();
        WIDE_TERMS.find(normalised.as_bytes(), |start, end, index| {
            let role = WIDE.get(index).filter(|_| !inside_another_word(normalised, start)).map(|(_, role)| *role);
            marks.extend(role.map(|role| Mark { start, end, role }));
        });
        if in_words > 0 {
            marks.sort_by_key(|mark| mark.start);
        }
    }
    marks
}

/// Thai `online`, `timeline` and `eyeliner` end like the service.
fn inside_another_word(text: &str, at: usize) -> bool {
    text[at..].starts_with("ไลน์")
        && (["ออน", "ไทม์", "อาย", "เอ", "คัต", "เดด", "สตรีม"].iter().any(|before| text[..at].ends_with(before))
            || ["เนอร์", "ผลิต", "อัพ", "อัป", "แดนซ์"].iter().any(|after| text[at + "ไลน์".len()..].starts_with(after)))
}

/// The mark that begins at `start`; `marks` are in order and do not overlap.
pub(super) fn starting_at(marks: &[Mark], start: usize) -> Option<&Mark> {
    marks.get(marks.partition_point(|m| m.start < start)).filter(|m| m.start == start)
}

/// The mark that ends at `end`.
pub(super) fn ending_at(marks: &[Mark], end: usize) -> Option<&Mark> {
    marks.get(marks.partition_point(|m| m.end < end)).filter(|m| m.end == end)
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

static WIDE_TERMS: LazyLock<WideTerms> = LazyLock::new(|| WideTerms::new(WIDE.iter().map(|(word, _)| *word)));

/// Slots of the table: a power of two, about four times the words.
const SLOTS: usize = 2048;

/// Words by their first eight bytes and length, with linear probing.
struct Table {
    slots: Vec<u16>,
    /// Of each first byte, the lengths that words beginning with it have, as bits: most words are seen at once to be none.
    lengths: [u32; 256],
}

impl Table {
    fn new() -> Self {
        let mut slots = vec![u16::MAX; SLOTS];
        let mut lengths = [0; 256];
        for (i, (word, _)) in WORDS.iter().enumerate() {
            let bytes = word.as_bytes();
            let mut at = slot(bytes);
            while slots[at] != u16::MAX {
                at = (at + 1) % SLOTS;
            }
            slots[at] = u16::try_from(i).unwrap_or(u16::MAX);
            lengths[usize::from(bytes.first().copied().unwrap_or(0))] |= 1 << bytes.len().min(31);
        }
        Self { slots, lengths }
    }

    fn get(&self, word: &str) -> Option<Role> {
        let bytes = word.as_bytes();
        if self.lengths[usize::from(*bytes.first()?)] >> bytes.len().min(31) & 1 == 0 {
            return None;
        }
        let mut at = slot(bytes);
        loop {
            let (known, role) = WORDS.get(usize::from(self.slots[at]))?;
            if *known == word {
                return Some(*role);
            }
            at = (at + 1) % SLOTS;
        }
    }
}

fn slot(word: &[u8]) -> usize {
    let mixed = (head(word) ^ (word.len() as u64) << 59).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // The shift leaves eleven bits.
    (mixed >> 53) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{normalise, tokens};

    #[test]
    fn every_word_is_found_once_and_is_what_normalisation_gives() {
        for (i, (word, role)) in WORDS.iter().enumerate() {
            assert_eq!(TABLE.get(word), Some(*role), "{word} stands twice");
            assert_eq!(normalise(word), *word);
            assert_eq!(tokens(word).count(), 1, "{i}: {word}");
        }
        for (word, _) in WIDE {
            assert_eq!(normalise(word), *word);
        }
        assert_eq!(TABLE.get("nothing"), None);
        assert_eq!(TABLE.get(""), None);
    }

    #[test]
    fn marks_know_their_places() {
        let text = "add ไลน์ one";
        let words: Vec<&str> = tokens(text).map(|t| t.text).collect();
        let found: Vec<_> = marks(text, &words).iter().map(|m| (&text[m.start..m.end], m.role)).collect();
        assert_eq!(found, [("add", Role::Id), ("ไลน์", Role::Maybe(Service::Line)), ("one", Role::Digit(1))]);
        assert_eq!(marks("ออนไลน์", &["ออนไลน์"]), []);
    }
}
