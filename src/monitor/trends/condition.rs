//! A policy condition that selects a trend's items: a few fragments of their titles and bodies, found by greedy cover.

use std::collections::{BTreeMap, BTreeSet};

use super::held::Held;

/// Fragments of a condition at most.
const MOST_FRAGMENTS: usize = 5;
/// Share of the matched items, but recent ones outside the trend, that must be of it.
const LEAST_PRECISION: f64 = 0.95;
/// A fragment has so many characters.
const CHARS: std::ops::RangeInclusive<usize> = 6..=60;
/// Items of the trend whose texts are cut into fragments.
const MOST_SOURCES: usize = 60;
/// Fragments tried.
const MOST_TRIED: usize = 200;
/// Items outside the trend that they are held against; the sample is in the order of its hash, so that the first are as good as any.
const MOST_OTHERS: usize = 4000;

/// The condition that covers the items `of` among `items` and hardly any older than `recent_days` that is not of the trend; `None` where no
/// fragment tells them apart. Recent items of nobody's complaint yet that say the same are taken for part of it, as long as they are not
/// more than twice as many: what is said by more is what the market talks of.
pub(super) fn condition(of: &[u32], items: &[Held], background: &[Held], recent_days: u32) -> Option<String> {
    let wanted: BTreeSet<u32> = of.iter().copied().collect();
    let members: Vec<&Held> = of.iter().filter_map(|at| items.get(*at as usize)).collect();
    let mut tried: BTreeMap<String, u64> = BTreeMap::new();
    for member in members.iter().take(MOST_SOURCES) {
        fragments(member).into_iter().for_each(|fragment| *tried.entry(fragment).or_default() += 1);
    }
    let mut tried: Vec<(String, u64)> = tried.into_iter().filter(|(_, n)| *n >= 2).collect();
    // Of fragments of as many items the longer one tells more.
    tried.sort_by(|a, b| b.1.cmp(&a.1).then(b.0.len().cmp(&a.0.len())).then(a.0.cmp(&b.0)));
    tried.truncate(MOST_TRIED);
    let others: Vec<&Held> = (0_u32..)
        .zip(items)
        .filter(|(at, _)| !wanted.contains(at))
        .map(|(_, item)| item)
        .take(MOST_OTHERS)
        .chain(background.iter().take(MOST_OTHERS))
        .collect();
    let mut scored: Vec<(String, BTreeSet<usize>)> = Vec::new();
    for (fragment, _) in tried {
        let hit: BTreeSet<usize> =
            members.iter().enumerate().filter(|(_, item)| says(item, &fragment)).map(|(at, _)| at).collect();
        let (recent, old): (Vec<&Held>, Vec<&Held>) =
            others.iter().filter(|item| says(item, &fragment)).partition(|item| item.age_days < recent_days);
        if recent.len() <= 2 * hit.len() && hit.len() as f64 >= LEAST_PRECISION * (hit.len() + old.len()) as f64 {
            scored.push((fragment, hit));
        }
    }
    let mut covered: BTreeSet<usize> = BTreeSet::new();
    let mut chosen: Vec<String> = Vec::new();
    while chosen.len() < MOST_FRAGMENTS {
        let mut best: Option<(usize, &str, &BTreeSet<usize>)> = None;
        for (fragment, hit) in &scored {
            let gain = hit.difference(&covered).count();
            if gain >= 2 && best.is_none_or(|(most, _, _)| gain > most) {
                best = Some((gain, fragment, hit));
            }
        }
        let Some((_, fragment, hit)) = best else { break };
        chosen.push(fragment.to_owned());
        covered.extend(hit);
    }
    let parts: Vec<String> = chosen.iter().map(|fragment| like(fragment)).collect();
    (2 * covered.len() >= members.len() && !parts.is_empty()).then(|| parts.join(" OR "))
}

fn says(item: &Held, fragment: &str) -> bool {
    item.fields.iter().any(|field| field.contains(fragment))
}

/// Runs of one to four words, and pieces of long ones, as the fields write them.
fn fragments(item: &Held) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for field in &item.fields {
        let words: Vec<(usize, &str)> =
            field.split_whitespace().map(|w| ((w.as_ptr() as usize) - (field.as_ptr() as usize), w)).collect();
        for at in 0..words.len() {
            for last in words.iter().skip(at).take(4) {
                let start = words.get(at).map_or(0, |(start, _)| *start);
                let Some(run) = field.get(start..last.0 + last.1.len()) else { continue };
                if CHARS.contains(&run.chars().count()) {
                    found.insert(run.to_owned());
                }
            }
        }
        for (_, word) in words.iter().filter(|(_, word)| !word.is_ascii() && word.chars().count() > 10) {
            let edges: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
            let pairs = edges.iter().zip(edges.iter().skip(10)).filter_map(|(start, end)| word.get(*start..*end));
            found.extend(pairs.map(str::to_owned));
        }
    }
    found
}

/// `fragment` in title or body, whatever the case.
fn like(fragment: &str) -> String {
    let mut pattern = String::new();
    for c in fragment.chars() {
        match c {
            '%' | '_' | '!' => pattern.extend(['!', c]),
            '\'' => pattern.push_str("''"),
            // Line breaks and other controls: any one character.
            c if c.is_control() => pattern.push('_'),
            c => pattern.push(c),
        }
    }
    format!("title ILIKE '%{pattern}%' ESCAPE '!' OR body ILIKE '%{pattern}%' ESCAPE '!'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_what_it_says() {
        assert_eq!(like("50% o'neil_!"), {
            let pattern = "%50!% o''neil!_!!%";
            format!("title ILIKE '{pattern}' ESCAPE '!' OR body ILIKE '{pattern}' ESCAPE '!'")
        });
        assert!(like("a\nb").contains("'%a_b%'"));
    }
}
