//! How the tokens of a text repeat.
//!
//! Input: tokens. Output: how many are distinct, and how often the most frequent one occurs. Deliberately not here: which one it is.

use super::head::head;

/// Most tokens that are compared with each other through the small table; a text of more is sorted, so that a long one of words that
/// all want one slot costs no more than another.
const MOST: usize = 128;
/// Slots of the table: a power of two, several times `MOST`.
const SLOTS: usize = 512;

/// How tokens repeat.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repeats {
    pub(super) distinct: u32,
    /// Occurrences of the most frequent token of two or more characters.
    pub(super) most: u32,
}

impl Repeats {
    pub(super) fn of(words: &[&str]) -> Self {
        if words.len() <= MOST { Self::by_table(words) } else { Self::by_order(words) }
    }

    fn by_table(words: &[&str]) -> Self {
        // One more than the place of a distinct word; 0 is empty.
        let mut slots = [0_u8; SLOTS];
        let mut heads = [0_u64; MOST];
        let mut firsts = [0_u8; MOST];
        let mut counts = [0_u32; MOST];
        let mut n = 0;
        for (i, word) in words.iter().enumerate().take(MOST) {
            let head = head(word.as_bytes());
            let mixed = (head ^ (word.len() as u64) << 59).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mut slot = (mixed >> 55) as usize % SLOTS;
            loop {
                let place = usize::from(slots[slot]);
                if place == 0 {
                    slots[slot] = n as u8 + 1;
                    (heads[n], firsts[n], counts[n]) = (head, i as u8, 1);
                    n += 1;
                    break;
                }
                let known = words[usize::from(firsts[place - 1])];
                if heads[place - 1] == head && known.len() == word.len() && (word.len() <= 8 || known == *word) {
                    counts[place - 1] += 1;
                    break;
                }
                slot = (slot + 1) % SLOTS;
            }
        }
        let mut most = 0;
        for (count, first) in counts[..n].iter().zip(&firsts) {
            if *count > most && is_long(words[usize::from(*first)]) {
                most = *count;
            }
        }
        Self { distinct: n as u32, most }
    }

    /// Sorts by length and first bytes before spelling, because most comparisons end there.
    fn by_order(words: &[&str]) -> Self {
        let mut keyed: Vec<((usize, u64), &str)> =
            words.iter().map(|word| ((word.len(), head(word.as_bytes())), *word)).collect();
        keyed.sort_unstable();
        let (mut distinct, mut most) = (0, 0);
        for run in keyed.chunk_by(|a, b| a == b) {
            distinct += 1;
            if run.len() as u64 > u64::from(most) && is_long(run[0].1) {
                most = u32::try_from(run.len()).unwrap_or(u32::MAX);
            }
        }
        Self { distinct, most }
    }
}

/// Whether the word has two characters or more.
fn is_long(word: &str) -> bool {
    word.chars().nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_counted_by_their_spelling() {
        let words = ["a", "a", "a", "ab", "harga murah", "harga murai", "ab", "ก"];
        assert_eq!(Repeats::of(&words), Repeats { distinct: 5, most: 2 });
        assert_eq!(Repeats::of(&[]), Repeats { distinct: 0, most: 0 });
        assert_eq!(Repeats::of(&["ab"; 300]), Repeats { distinct: 1, most: 300 });
    }

    proptest! {
        #[test]
        fn both_ways_count_alike(words in proptest::collection::vec("[ab]{1,3}|abcdefgh[ab]{0,2}|[กa]{1,2}", 0..=MOST)) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            prop_assert_eq!(Repeats::by_table(&words), Repeats::by_order(&words));
        }
    }
}
