//! Which characters normalisation may pass through untouched, and which letters it keeps whole.
//!
//! Input: a character. Output: yes or no, from ranges of the Unicode code charts. Deliberately not here: what becomes of the others.

/// A Latin letter beyond ASCII that the markets' languages write: the letters of Vietnamese, and ñ.
pub(super) fn is_kept_latin(c: char) -> bool {
    matches!(c,
        'À'..='Ã' | 'È'..='Ê' | 'Ì' | 'Í' | 'Ñ' | 'Ò'..='Õ' | 'Ù' | 'Ú' | 'Ý' |
        'à'..='ã' | 'è'..='ê' | 'ì' | 'í' | 'ñ' | 'ò'..='õ' | 'ù' | 'ú' | 'ý' |
        'Ă' | 'ă' | 'Đ' | 'đ' | 'Ĩ' | 'ĩ' | 'Ũ' | 'ũ' | 'Ơ' | 'ơ' | 'Ư' | 'ư' | 'Ạ'..='ỹ')
}

/// A letter that needs no reading: ASCII or kept Latin.
pub(super) fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || is_kept_latin(c)
}

/// A Thai vowel sign, tone mark or other sign that sits on a consonant.
pub(super) fn is_thai_mark(c: char) -> bool {
    matches!(c, '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}')
}

/// A character of the Thai block that stands by itself. Digits are not: they become ASCII.
pub(super) fn is_thai_base(c: char) -> bool {
    ('\u{e01}'..='\u{e4f}').contains(&c) && !is_thai_mark(c)
}

/// A pictograph that reads as a token of its own.
pub(super) fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Whether steps 1 to 4 of `normalise` leave the character as it is when no mark follows. Need not be complete: what is
/// missing only takes the slower way to the same result.
pub(super) fn is_settled(c: char) -> bool {
    c.is_ascii()
        || is_kept_latin(c)
        || is_thai_base(c)
        || matches!(c,
            '\u{2605}'..='\u{2775}' | '\u{2794}'..='\u{27bf}' | '\u{2b50}' |
            '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' |
            '\u{30fc}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' |
            '\u{1f300}'..='\u{1f3fa}' | '\u{1f400}'..='\u{1f51e}' | '\u{1f520}'..='\u{1faff}')
}

/// Whether a character that turns out to be a plain letter or digit was written in a display style. Accented letters are not,
/// and neither are flags.
pub(super) fn is_styled(c: char) -> bool {
    matches!(c, '\u{250}'..='\u{2ff}' | '\u{1d00}'..='\u{1dbf}') || (c >= '\u{2000}' && !('\u{1f1e6}'..='\u{1f1ff}').contains(&c))
}

/// Whether the character belongs to a word: a letter, a digit or a mark on one.
pub(super) fn is_word(c: char) -> bool {
    // The first two say nothing new, only sooner.
    is_latin(c)
        || matches!(c, '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}')
        || c.is_alphanumeric()
        || (!c.is_ascii() && unicode_normalization::char::is_combining_mark(c))
}
