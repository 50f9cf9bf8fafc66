//! Sizes in bytes, written as people write them.

/// Units and their bytes; decimal as on disks, `i` for binary.
const UNITS: [(&str, u64); 9] = [
    ("", 1),
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
];

/// Reads `2GB`, `1.5 GiB` or `500000000`; `None` for anything else, and for more than 2^53 bytes.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let unit_at = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let (_, bytes) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
    let size = number.parse::<f64>().ok()? * *bytes as f64;
    (size.is_finite() && (0.0..=9_007_199_254_740_992.0).contains(&size)).then_some(size as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_unit() {
        for (text, expect) in [
            ("2GB", Some(2_000_000_000)),
            ("1.5 GiB", Some(1_610_612_736)),
            ("64mb", Some(64_000_000)),
            ("500", Some(500)),
            ("", None),
            ("GB", None),
            ("2 bananas", None),
            ("-1GB", None),
            ("1e9", None),
            ("99999999TB", None),
        ] {
            assert_eq!(parse_size(text), expect, "{text}");
        }
    }
}
