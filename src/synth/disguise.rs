//! Obfuscation: how a cue is hidden from a reader that is a machine. Seven methods, mixed more as `level` grows.

use super::random::Rng;

const LOOKALIKES: [(char, char); 9] =
    [('a', 'а'), ('e', 'е'), ('o', 'о'), ('c', 'с'), ('p', 'р'), ('x', 'х'), ('i', 'і'), ('y', 'у'), ('s', 'ѕ')];
const LEET: [(char, char); 6] = [('a', '4'), ('e', '3'), ('i', '1'), ('o', '0'), ('s', '5'), ('t', '7')];
const INVISIBLE: [char; 3] = ['\u{200b}', '\u{200c}', '\u{2060}'];

/// Disguises `text`. `level` (0 to 1) is both the chance of any method and how many letters it touches.
pub(super) fn disguise(text: &str, level: f64, digits: &[&'static str], rng: &mut Rng) -> String {
    let mut out = text.to_owned();
    let n_methods = usize::from(rng.chance(level)) + usize::from(rng.chance(level * level * 0.7));
    for _ in 0..n_methods {
        let share = 0.25 + 0.6 * level * rng.uniform();
        out = match rng.weighted(&[1.2, 1.3, 1.3, 0.8, 0.7, 0.7, 0.8]) {
            0 => swap(&out, &LEET, share, rng),
            1 => swap(&out, &LOOKALIKES, share, rng),
            2 => insert(&out, &INVISIBLE, share, rng),
            3 => insert(&out, &[' ', '.', '-', '_'][rng.below(4)..][..1], share.max(0.6), rng),
            4 => each_digit(&out, |d| format!("{} ", digits.get(d).copied().unwrap_or("0"))),
            5 => each_digit(&out, |d| format!("{d}\u{fe0f}\u{20e3}")),
            _ => out.chars().map(full_width).collect(),
        };
    }
    out
}

fn swap(text: &str, table: &[(char, char)], share: f64, rng: &mut Rng) -> String {
    let one = |c: char, rng: &mut Rng| match table.iter().find(|(from, _)| *from == c) {
        Some((_, to)) if rng.chance(share) => *to,
        _ => c,
    };
    text.chars().map(|c| one(c, rng)).collect()
}

fn insert(text: &str, between: &[char], share: f64, rng: &mut Rng) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        out.push(c);
        // A mark above or below its letter stays with it.
        if c.is_alphanumeric() && rng.chance(share) {
            out.extend(rng.pick(between));
        }
    }
    out
}

fn each_digit(text: &str, write: impl Fn(usize) -> String) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c.to_digit(10) {
            Some(d) => out.push_str(&write(d as usize)),
            None => out.push(c),
        }
    }
    out
}

fn full_width(c: char) -> char {
    if c.is_ascii_graphic() { char::from_u32(c as u32 + 0xFEE0).unwrap_or(c) } else { c }
}

#[cfg(test)]
mod tests {
    use super::super::random::Domain;
    use super::*;

    #[test]
    fn level_zero_changes_nothing_and_level_one_does() {
        let digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
        let mut rng = Rng::new(1, Domain::Text, 0, 0);
        assert_eq!(disguise("wa 0812", 0.0, &digits, &mut rng), "wa 0812");
        let changed = (0..50).filter(|_| disguise("wa 0812 cheaper", 1.0, &digits, &mut rng) != "wa 0812 cheaper").count();
        assert!(changed > 40, "a method may find nothing to change, but seldom: {changed}");
        assert_eq!(each_digit("12", |d| format!("{} ", digits[d])), "one two ");
        assert_eq!(full_width('7'), '７');
    }
}
