//! The first bytes of a word as one number.
//!
//! Input: bytes. Output: a number for comparing and hashing. Deliberately not here: the rest of the word.

/// The first eight bytes, the first of them lowest; what a shorter word lacks is 0.
#[inline(always)]
pub(super) fn head(word: &[u8]) -> u64 {
    if let Some(eight) = word.first_chunk() {
        return u64::from_le_bytes(*eight);
    }
    match (word.first_chunk(), word.last_chunk()) {
        // The two halves overlap in what both have.
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << (8 * (word.len() - 4))
        }
        _ => word.iter().rev().fold(0, |head, b| head << 8 | u64::from(*b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stand_from_the_lowest_up() {
        for n in 0..12 {
            let word: Vec<u8> = (1..=n).collect();
            let mut eight = [0; 8];
            word.iter().zip(&mut eight).for_each(|(from, to)| *to = *from);
            assert_eq!(head(&word), u64::from_le_bytes(eight), "{n}");
        }
    }
}
