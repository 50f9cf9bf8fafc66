//! Steps 1 and 2 of `normalise`: invisible characters, and styles that NFKC leaves alone.
//!
//! Input: one character. Output: what it reads as. Deliberately not here: everything that compatibility decomposition knows.

/// What a character reads as.
pub(super) enum Plain {
    /// Nothing, and it hides: a format character or filler.
    Invisible,
    /// Nothing, and it is ordinary: an emoji's variation selector or skin tone.
    Decoration,
    /// One other character.
    Char(char),
    /// Several characters.
    Text(&'static str),
    /// Not known here: decompose it.
    Other,
}

/// Steps 1 and 2 for one character outside ASCII.
pub(super) fn plain(c: char) -> Plain {
    match c {
        _ if is_invisible(c) => Plain::Invisible,
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{1f3fb}'..='\u{1f3ff}' => Plain::Decoration,
        // Blank to the eye although not white space to Unicode.
        '\u{2800}' | '™' | '℠' => Plain::Char(' '),
        '‘' | '’' | '‚' | '‛' | '′' => Plain::Char('\''),
        '“' | '”' | '„' | '‟' | '″' => Plain::Char('"'),
        '‐'..='―' | '−' => Plain::Char('-'),
        'ß' | 'ẞ' => Plain::Text("ss"),
        'æ' | 'Æ' => Plain::Text("ae"),
        'œ' | 'Œ' => Plain::Text("oe"),
        '🔟' | '❿' | '➉' | '➓' | '⓾' => Plain::Text("10"),
        _ => letter(c).or_else(|| digit(c)).or_else(|| letter(lower(c))).map_or(Plain::Other, Plain::Char),
    }
}

/// Unicode's `Default_Ignorable_Code_Point` and format characters, less the visible ones and the emoji selectors.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' |
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' |
        '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}')
}

/// The small form of a capital.
fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// The letter inside a flag, circle, box or bracket, or behind a small capital or a stroke.
fn letter(c: char) -> Option<char> {
    let lettered = |first: u32| u8::try_from(u32::from(c) - first).ok().map(|i| char::from(b'a' + i));
    match c {
        '\u{1f1e6}'..='\u{1f1ff}' => lettered(0x1f1e6),
        '\u{1f150}'..='\u{1f169}' => lettered(0x1f150),
        '\u{1f170}'..='\u{1f189}' => lettered(0x1f170),
        '\u{1f110}'..='\u{1f129}' => lettered(0x1f110),
        '\u{249c}'..='\u{24b5}' => lettered(0x249c),
        'ᴀ' | 'ɑ' | 'ɐ' => Some('a'),
        'ʙ' | 'ƀ' => Some('b'),
        'ᴄ' => Some('c'),
        'ᴅ' | 'ɖ' => Some('d'),
        'ᴇ' | 'ɛ' | 'ǝ' => Some('e'),
        'ꜰ' | 'ƒ' => Some('f'),
        'ɢ' | 'ɡ' | 'ǥ' => Some('g'),
        'ʜ' | 'ħ' => Some('h'),
        'ɪ' | 'ı' | 'ɩ' => Some('i'),
        'ᴊ' | 'ȷ' => Some('j'),
        'ᴋ' => Some('k'),
        'ʟ' | 'ł' => Some('l'),
        'ᴍ' => Some('m'),
        'ɴ' | 'ᴎ' => Some('n'),
        'ᴏ' | 'ø' | 'ɔ' => Some('o'),
        'ᴘ' => Some('p'),
        'ꞯ' => Some('q'),
        'ʀ' | 'ᴙ' => Some('r'),
        'ꜱ' => Some('s'),
        'ᴛ' | 'ŧ' => Some('t'),
        'ᴜ' => Some('u'),
        'ᴠ' => Some('v'),
        'ᴡ' => Some('w'),
        'ʏ' => Some('y'),
        'ᴢ' | 'ƶ' => Some('z'),
        _ => None,
    }
}

/// The zeros of the scripts in and around the markets, each followed by its nine other digits (Unicode general category Nd).
const ZEROS: [u32; 22] = [
    0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090,
    0x17e0, 0x1810, 0x1b50, 0xa9d0, 0xa9f0,
];

/// The digit of another script.
fn foreign_digit(c: char) -> Option<char> {
    let zero = ZEROS.get(ZEROS.partition_point(|zero| *zero <= u32::from(c)).checked_sub(1)?)?;
    char::from_digit(u32::from(c) - zero, 10)
}

/// The digit inside a circle or bracket, or of another script.
fn digit(c: char) -> Option<char> {
    let from_one = |first: u32| u8::try_from(u32::from(c) - first).ok().map(|i| char::from(b'1' + i));
    match c {
        '\u{2776}'..='\u{277e}' => from_one(0x2776),
        '\u{2780}'..='\u{2788}' => from_one(0x2780),
        '\u{278a}'..='\u{2792}' => from_one(0x278a),
        '\u{24f5}'..='\u{24fd}' => from_one(0x24f5),
        '\u{2474}'..='\u{247c}' => from_one(0x2474),
        '\u{2488}'..='\u{2490}' => from_one(0x2488),
        '\u{24ff}' | '\u{1f10b}' | '\u{1f10c}' => Some('0'),
        _ => foreign_digit(c),
    }
}
