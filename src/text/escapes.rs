//! Step 7 of `normalise`: escapes that a broken export left in the text, `\xf0\x9f\x98\x82`, `\u0041`, `&#65;`.
//!
//! Input: folded text. Output: the same with the characters that the escapes stand for. Deliberately not here: named entities, which
//! `html` reads before normalisation, and `\n`, which is also the beginning of a path.

/// How often what an escape yields is read again: an escaped escape is rare, one deeper than this is an attack.
pub(super) const MOST_ROUNDS: usize = 3;

/// Whether anything here could be an escape.
pub(super) fn occurs(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(i, b)| match b {
        b'\\' | b'&' => escape(&bytes[i..]).is_some(),
        _ => false,
    })
}

/// Reads the escapes. What stands for no character becomes a space.
pub(super) fn read(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut raw: Vec<u8> = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let found = escape(&bytes[i..]);
        if let Some((Unit::Byte(byte), len)) = found {
            raw.push(byte);
            i += len;
            continue;
        }
        flush(&mut raw, &mut out);
        match found {
            Some((Unit::Char(c), len)) => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                i += len;
            }
            _ => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    flush(&mut raw, &mut out);
    // Whole characters were copied and whole characters added: nothing is lost here.
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// Makes sure that no escape is left, for texts that go on yielding them.
pub(super) fn break_up(text: &str) -> String {
    text.char_indices()
        .map(|(i, c)| match c {
            '\\' if escape(&text.as_bytes()[i..]).is_some() => '/',
            '&' if escape(&text.as_bytes()[i..]).is_some() => '+',
            _ => c,
        })
        .collect()
}

/// Adds the bytes as text.
fn flush(raw: &mut Vec<u8>, out: &mut Vec<u8>) {
    if !raw.is_empty() {
        out.extend_from_slice(String::from_utf8_lossy(raw).replace('\u{fffd}', " ").as_bytes());
        raw.clear();
    }
}

/// What one escape stands for.
enum Unit {
    /// One byte of UTF-8.
    Byte(u8),
    Char(char),
}

/// The escape that `bytes` begin with, and its length.
fn escape(bytes: &[u8]) -> Option<(Unit, usize)> {
    match bytes {
        [b'\\', b'x' | b'X', a, b, ..] => Some((Unit::Byte(hex(&[*a, *b])? as u8), 4)),
        [b'\\', b'u' | b'U', rest @ ..] => {
            if let Some(code) = rest.get(..8).filter(|d| d.starts_with(b"000")).and_then(hex) {
                return Some((Unit::Char(char::from_u32(code).unwrap_or(' ')), 10));
            }
            let high = rest.get(..4).and_then(hex)?;
            let low = rest.get(4..10).and_then(|low| low.strip_prefix(b"\\u")).and_then(hex);
            match (high, low) {
                (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                    let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    Some((Unit::Char(char::from_u32(code).unwrap_or(' ')), 12))
                }
                _ => Some((Unit::Char(char::from_u32(high).unwrap_or(' ')), 6)),
            }
        }
        [b'&', b'#', b'x' | b'X', rest @ ..] => entity(rest, u8::is_ascii_hexdigit, 16, 3),
        [b'&', b'#', rest @ ..] => entity(rest, u8::is_ascii_digit, 10, 2),
        _ => None,
    }
}

/// An entity whose number `rest` begins with, after a beginning of `before` bytes.
fn entity(rest: &[u8], is_digit: fn(&u8) -> bool, radix: u32, before: usize) -> Option<(Unit, usize)> {
    let n = rest.iter().take_while(|b| is_digit(b)).count();
    if n == 0 || rest.get(n) != Some(&b';') {
        return None;
    }
    let code = std::str::from_utf8(&rest[..n]).ok().and_then(|digits| u32::from_str_radix(digits, radix).ok());
    Some((Unit::Char(code.and_then(char::from_u32).unwrap_or(' ')), before + n + 1))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(read(text), expect, "{text}");
    }

    #[test]
    fn escapes_are_read() {
        check("ok \\xf0\\x9f\\x98\\x82 ya", "ok 😂 ya");
        check("\\u0041\\ud83d\\ude02\\U0001f602", "A😂😂");
        check("&#48;&#x38;1", "081");
        check("\\xff \\ud83d &#99999999999;", "     ");
    }

    #[test]
    fn what_is_none_stays() {
        for text in ["c:\\xp \\n \\u12 a&b &# &#; &#x; &amp;", "\\", "&", "\\x", "\\x4"] {
            check(text, text);
            assert!(!occurs(text), "{text}");
        }
        assert!(!occurs(&break_up("\\x41 &#48;")));
    }
}
