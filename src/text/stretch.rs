//! Step 10 of `normalise`: stretched letters and repeated signs.
//!
//! Input: folded text. Output: the same with runs of three or more of one character cut to two. Digits stay (a price is not
//! stretched), and so does `www.`.

/// Whether anything here could need shortening.
pub(super) fn occurs(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Three characters of `width` bytes each are alike where every byte equals the one `width` further on, twice over. Read
    // without a branch, because the compiler then takes sixteen bytes at a time.
    let alike = |width: usize| {
        let (a, b, c) = (bytes.iter(), bytes.iter().skip(width), bytes.iter().skip(2 * width));
        a.zip(b)
            .zip(c)
            .fold(false, |found, ((a, b), c)| found | ((a == b) & (b == c) & !a.is_ascii_digit() & is_first(*a, width)))
    };
    if !(1..=4).any(alike) {
        return false;
    }
    if text.is_ascii() {
        return true;
    }
    let (mut before, mut run) = ('\0', 0);
    text.chars().any(|c| {
        run = if c == before { run + 1 } else { 1 };
        before = c;
        run >= 3 && !c.is_ascii_digit()
    })
}

/// Whether `b` may begin a character of `width` bytes.
fn is_first(b: u8, width: usize) -> bool {
    match width {
        1 => b < 0x80,
        2 => (0xc0..0xe0).contains(&b),
        3 => (0xe0..0xf0).contains(&b),
        _ => b >= 0xf0,
    }
}

/// Shortens runs and adds the number of letters cut to `stretched`.
pub(super) fn shorten(text: &str, stretched: &mut u32) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let run = rest.chars().take_while(|d| *d == c).count();
        let after = &rest[run * c.len_utf8()..];
        let address = c == 'w' && run == 3 && after.starts_with('.') && before.is_none_or(|b: char| !b.is_alphanumeric());
        let keep = if run < 3 || c.is_numeric() || address { run } else { 2 };
        if keep < run && c.is_alphabetic() {
            *stretched = stretched.saturating_add(u32::try_from(run - keep).unwrap_or(u32::MAX));
        }
        out.extend(std::iter::repeat_n(c, keep));
        before = Some(c);
        rest = after;
    }
    out
}
