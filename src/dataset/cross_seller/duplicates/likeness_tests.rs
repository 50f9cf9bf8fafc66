//! What is found of near copies, held against every pair compared (brute force).

use std::collections::{BTreeMap, BTreeSet};

use super::tests::{CONFIG, Items, item, linked, midnight, version};
use super::*;
use crate::text::normalise;
use crate::units::AsOf;

/// A small generator of numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        ((self.0 >> 33) as usize) % n
    }
}

/// Texts of 40 to 200 characters in the manner of four languages, and of each a copy with up to an eighth of its characters edited.
fn families(n: usize) -> Vec<(String, String)> {
    let sources = [
        "good quality bag strap is strong and the colour is same as in picture delivery took three days only will buy again size fits",
        "barang bagus pengiriman cepat kualitas oke sesuai gambar harga murah banget terima kasih kak penjual ramah bahan tebal nyaman",
        "hàng đẹp đóng gói cẩn thận giao nhanh vải mềm mát nhưng hơi mỏng so với giá tiền shop tư vấn nhiệt tình sẽ ủng hộ tiếp nhé",
        "ผ้านุ่ม ใส่สบาย มากค่ะ สีตรงปก ส่งไว แพ็คของดี ราคาไม่แพง ขนาดพอดีตัว ซักแล้ว ไม่หด คุ้มค่ามาก แนะนำเลยค่ะ จะกลับมาซื้อ อีกแน่นอน",
    ];
    let mut dice = Dice(7);
    let mut family = |i: usize| {
        let words: Vec<&str> = sources[i % 4].split(' ').collect();
        let separator = if i % 4 == 3 { "" } else { " " };
        let n_words = 8 + dice.below(28);
        let word =
            |_| if dice.below(4) == 0 { dice.below(10_000).to_string() } else { words[dice.below(words.len())].to_owned() };
        let text = (0..n_words).map(word).collect::<Vec<_>>().join(separator);
        let mut copy: Vec<char> = text.chars().collect();
        let most = copy.len() / 8;
        let upper = dice.below(1 + most);
        for _ in 0..=dice.below(1 + upper) {
            let at = dice.below(copy.len());
            match dice.below(3) {
                0 => copy[at] = 'x',
                1 => copy.insert(at, '9'),
                _ => drop(copy.remove(at)),
            }
        }
        (text, copy.into_iter().collect())
    };
    (0..n).map(&mut family).collect()
}

fn shingles(text: &str) -> BTreeSet<Vec<char>> {
    normalise(text).chars().collect::<Vec<_>>().windows(5).map(<[char]>::to_vec).collect()
}

fn jaccard(a: &BTreeSet<Vec<char>>, b: &BTreeSet<Vec<char>>) -> f64 {
    let both = a.intersection(b).count();
    both as f64 / (a.len() + b.len() - both) as f64
}

/// At least 95 % of the pairs whose exact Jaccard index is 0.8 or more are in one cluster, and of those below 0.5 hardly any.
#[test]
fn near_copies_are_found_and_others_are_not() {
    let families = families(5000);
    let texts: Vec<&String> = families.iter().flat_map(|(a, b)| [a, b]).collect();
    let sets: Vec<BTreeSet<Vec<char>>> = texts.iter().map(|text| shingles(text)).collect();
    let items: Items = texts
        .iter()
        .enumerate()
        .map(|(i, t)| item(vec![version(&format!("{i}"), "", i as f64 / 1000.0, t, None)], vec![]))
        .collect();
    let keys: Vec<(u64, AsOf)> = items.iter().map(|(id, _)| (key_of(id), midnight(50))).collect();
    let duplicates = linked(&items, 1000, CONFIG);
    let states = duplicates.states(&keys);
    let clusters: Vec<u64> = keys.iter().map(|(key, as_of)| states.get(*key, *as_of).map_or(*key, |view| view.cluster)).collect();

    let (mut alike, mut found, mut apart) = (0, 0, 0);
    for pair in (0..texts.len()).collect::<Vec<_>>().chunks(2) {
        let likeness = jaccard(&sets[pair[0]], &sets[pair[1]]);
        apart += u32::from(likeness < 0.5);
        if likeness >= 0.8 {
            alike += 1;
            found += u32::from(clusters[pair[0]] == clusters[pair[1]]);
        }
    }
    let mut members: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    clusters.iter().enumerate().for_each(|(i, cluster)| members.entry(*cluster).or_default().push(i));
    let joined =
        members.values().flat_map(|m| m.iter().flat_map(move |a| m.iter().filter(move |b| a < b).map(move |b| (*a, *b))));
    let (mut n_joined, mut unlike) = (0, 0);
    for (a, b) in joined {
        n_joined += 1;
        unlike += u32::from(jaccard(&sets[a], &sets[b]) < 0.5);
    }
    println!("{found} of {alike} alike found; {unlike} of {n_joined} joined below 0.5, of {apart} families below 0.5");
    assert!(alike > 1500 && apart > 500, "{alike} {apart}");
    assert!(f64::from(found) >= 0.98 * f64::from(alike), "{found} of {alike}");
    assert!(unlike <= 1, "{unlike} of {n_joined} joined pairs are unlike");
}
