//! Step 5 of `normalise`: letters of another script that stand for the Latin letter they look like.
//!
//! Input: decomposed, cased characters. Output: the same with look-alikes replaced. Case matters here (Н looks like H, н does
//! not look like h), which is why this step comes before lower case. Source of most pairs: Unicode Technical Standard 39,
//! `confusables.txt`. Deliberately not here: look-alikes inside ASCII (0 and O, 1 and l), which the leet step reads in context.

use unicode_script::{Script, UnicodeScript};

use super::facts::{COMBINING, FOREIGN, LATIN, LETTER, WORD, facts};

/// Replaces look-alikes in `chars` and adds how many to `replaced`.
pub(super) fn resolve(chars: &mut Vec<char>, replaced: &mut u32) {
    resolve_latin(chars, replaced);
    // What one round makes Latin can make a word mixed for the next; each round replaces at least one letter.
    loop {
        let round = *replaced;
        resolve_words(chars, replaced);
        resolve_text(chars, replaced);
        if *replaced == round {
            break;
        }
        drop_stranded_marks(chars);
    }
}

/// `resolve` for a part of a text that ends where words do; false when a foreign letter remains, of which only the whole text can tell
/// whether it is there for its looks.
pub(super) fn resolve_piece(chars: &mut Vec<char>, replaced: &mut u32) -> bool {
    resolve_latin(chars, replaced);
    let round = *replaced;
    resolve_words(chars, replaced);
    if chars.iter().any(|c| facts(*c).any(FOREIGN)) {
        return false;
    }
    if *replaced > round {
        drop_stranded_marks(chars);
    }
    true
}

/// Latin letters that no market writes become those they look like.
fn resolve_latin(chars: &mut Vec<char>, replaced: &mut u32) {
    for c in chars.iter_mut() {
        let known = facts(*c);
        if known.of(LETTER | LATIN) == LETTER && known.script == Script::Latin {
            replace(c, replaced);
        }
    }
    drop_stranded_marks(chars);
}

fn resolve_words(chars: &mut [char], replaced: &mut u32) {
    let mut start = 0;
    while start < chars.len() {
        let len = chars[start..].iter().take_while(|c| facts(**c).any(WORD)).count();
        if len > 0 {
            resolve_word(&mut chars[start..start + len], replaced);
        }
        start += len.max(1);
    }
}

/// A replaced letter keeps no signs of the script it came from.
fn drop_stranded_marks(chars: &mut Vec<char>) {
    let mut on_latin = false;
    chars.retain(|c| {
        let known = facts(*c);
        let mark = known.any(COMBINING);
        on_latin = if mark { on_latin } else { known.any(LATIN) };
        !(mark && on_latin)
    });
}

/// A word with Latin letters whose every foreign letter has a twin is a Latin word; one foreign letter without a twin shows
/// that the word really is foreign.
fn resolve_word(word: &mut [char], replaced: &mut u32) {
    let all = word.iter().fold(0, |all, c| all | facts(*c).of(LATIN | FOREIGN));
    if all == LATIN | FOREIGN && word.iter().map(|c| facts(*c)).all(|known| !known.any(FOREIGN) || known.twin.is_some()) {
        word.iter_mut().filter(|c| facts(**c).any(FOREIGN)).for_each(|c| replace(c, replaced));
    }
}

/// A script none of whose letters in a text with Latin letters lacks a twin is there for its looks.
fn resolve_text(chars: &mut [char], replaced: &mut u32) {
    let all = chars.iter().fold(0, |all, c| all | facts(*c).of(LATIN | FOREIGN));
    if all != LATIN | FOREIGN {
        return;
    }
    let mut scripts: Vec<(Script, bool)> = Vec::new();
    for known in chars.iter().map(|c| facts(*c)).filter(|known| known.any(FOREIGN)) {
        match scripts.iter_mut().find(|(s, _)| *s == known.script) {
            Some((_, for_looks)) => *for_looks = *for_looks && known.twin.is_some(),
            None => scripts.push((known.script, known.twin.is_some())),
        }
    }
    scripts.retain(|(_, for_looks)| *for_looks);
    if scripts.is_empty() {
        return;
    }
    for c in chars.iter_mut() {
        let known = facts(*c);
        if known.any(FOREIGN) && scripts.iter().any(|(s, _)| *s == known.script) {
            replace(c, replaced);
        }
    }
}

fn replace(c: &mut char, replaced: &mut u32) {
    if let Some(latin) = facts(*c).twin {
        *c = latin;
        *replaced += 1;
    }
}

/// A letter of a script that is neither Latin nor one in which the markets and their neighbours write.
pub(super) fn is_foreign(c: char) -> bool {
    !c.is_ascii()
        && c.is_alphabetic()
        && !matches!(
            c.script(),
            Script::Latin
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar
                | Script::Han
                | Script::Hiragana
                | Script::Katakana
                | Script::Bopomofo
                | Script::Hangul
                | Script::Arabic
                | Script::Hebrew
                | Script::Devanagari
                | Script::Bengali
                | Script::Tamil
                | Script::Telugu
                | Script::Malayalam
                | Script::Kannada
                | Script::Gujarati
                | Script::Gurmukhi
                | Script::Sinhala
                | Script::Tibetan
                | Script::Javanese
                | Script::Common
                | Script::Inherited
        )
}

/// The lower-case Latin letter that `c` looks like. Whatever the lower case of `c` has, `c` has too.
pub(super) fn twin(c: char) -> Option<char> {
    let c = if c == 'ς' { 'σ' } else { c };
    if let Some(own) = own_twin(c) {
        return Some(own);
    }
    let lower = c.to_lowercase().next().unwrap_or(c);
    match skeleton_letter(c) {
        // UTS 39 reads every upright stroke as a small l; as a capital it is an I.
        Some('l') if lower != c => Some('i'),
        Some(letter) => Some(letter),
        None if lower != c => own_twin(lower).or_else(|| skeleton_letter(lower)),
        None => None,
    }
}

/// Twins that UTS 39 does not list: alike enough to read, not enough to forge.
fn own_twin(c: char) -> Option<char> {
    Some(match c {
        'Ꮮ' | 'ꮮ' => 'l',
        'Я' => 'r',
        'И' | 'Й' | 'П' => 'n',
        'Λ' | 'Δ' | 'Д' => 'a',
        'Σ' | 'Ξ' | 'ε' | 'є' | 'Є' | 'Э' => 'e',
        'Ш' | 'Щ' | 'ω' => 'w',
        'Ц' | 'υ' => 'u',
        'Θ' | 'Ф' | 'Φ' => 'o',
        'Г' | 'Γ' => 'r',
        'Ч' => 'y',
        'Б' | 'Ь' | 'Ъ' => 'b',
        'η' => 'n',
        'τ' => 't',
        'κ' => 'k',
        'ρ' => 'p',
        _ => return None,
    })
}

/// The ASCII letter that is the whole UTS 39 skeleton of `c`.
fn skeleton_letter(c: char) -> Option<char> {
    let mut buffer = [0_u8; 4];
    let mut skeleton = unicode_security::skeleton(c.encode_utf8(&mut buffer));
    match (skeleton.next(), skeleton.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() && letter != c => Some(letter.to_ascii_lowercase()),
        _ => None,
    }
}
