//! Web and e-mail addresses in a normalised text, also spelt out: `shop dot com`, `shop . com`, `hxxp://…`, `name [at] gmail.com`.
//!
//! Input: normalised text and its marks. Output: hosts with what follows them, and e-mail addresses. Deliberately not here: which hosts
//! tell sellers apart (see `contact_keys`), and whether anything answers there.

use super::hints::any;
use super::hosts::{is_ending, is_known, is_loose_ending, is_mail_host};
use super::roles::{Mark, Role, ending_at, starting_at};

/// Longest host in bytes and labels; longer ones are no names.
const MOST_LABELS: usize = 6;
const LONGEST_LABEL: usize = 63;
/// Bytes that are searched for full stops together.
const STRETCH: usize = 32;
/// Longest path that is looked at, in bytes.
const LONGEST_PATH: usize = 300;

/// An address and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Labels from left to right.
    pub(super) labels: Vec<&'a str>,
    /// What follows the host's slash.
    pub(super) path: &'a str,
    /// The name before the at sign of an e-mail address.
    pub(super) mailbox: Option<&'a str>,
    /// Written so that a machine would not see it.
    pub(super) spelled: bool,
}

/// Calls `found` with each address in order.
pub(super) fn find<'a>(text: &'a str, marks: &[Mark], found: &mut dyn FnMut(Address<'a>)) {
    let mut done = 0;
    for at in dots(text, marks) {
        if at < done {
            continue;
        }
        if let Some(address) = with_scheme(text, at, done).or_else(|| around(text, marks, at, done)) {
            done = address.end.max(at + 1);
            found(address);
        }
    }
    if text.contains('@') {
        without_dot(text, marks, found);
    }
}

/// Places of full stops that may stand in an address, of schemes and of spelt-out full stops, in order.
fn dots(text: &str, marks: &[Mark]) -> Vec<usize> {
    let bytes = text.as_bytes();
    let written = |i: &usize| match bytes[*i] {
        b'.' => match bytes.get(i + 1) {
            Some(b) if b.is_ascii_alphanumeric() => true,
            Some(b' ') => text[..*i].ends_with(' ') || is_common_ending(&bytes[i + 2..]),
            Some(b')' | b']' | b'}') => true,
            _ => false,
        },
        b':' => bytes[*i..].starts_with(b"://"),
        _ => false,
    };
    let mut dots = Vec::new();
    // Most stretches have none, which is seen at once.
    for start in (0..bytes.len()).step_by(STRETCH) {
        let end = bytes.len().min(start + STRETCH);
        if any(&bytes[start..end], |b| (b == b'.') | (b == b':')) {
            dots.extend((start..end).filter(written));
        }
    }
    let n_written = dots.len();
    dots.extend(marks.iter().filter(|m| m.role == Role::Dot).map(|m| m.start));
    if n_written > 0 && dots.len() > n_written {
        dots.sort_unstable();
    }
    dots
}

/// The endings that are looked for behind a full stop and a space.
fn is_common_ending(rest: &[u8]) -> bool {
    [&b"com"[..], b"net", b"org"]
        .iter()
        .any(|ending| rest.starts_with(ending) && !rest.get(3).is_some_and(u8::is_ascii_alphanumeric))
}

/// An address with a scheme, whose `://` stands at `at`.
fn with_scheme(text: &str, at: usize, from: usize) -> Option<Address<'_>> {
    let rest = text.get(at..)?.strip_prefix("://")?;
    let scheme = text[from..at].bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    let host = rest.split(|c: char| !is_label(c) && c != '.').next().unwrap_or("").trim_end_matches('.');
    let end = at + 3 + host.len();
    let labels: Vec<&str> = host.split('.').filter(|l| !l.is_empty()).take(MOST_LABELS).collect();
    let (path, end) = path(text, end);
    let spelled = text[at - scheme..at].starts_with("hxxp");
    (scheme > 0).then_some(Address { start: at - scheme, end, labels, path, mailbox: None, spelled })
}

/// The address around a full stop at `at`.
fn around<'a>(text: &'a str, marks: &[Mark], at: usize, from: usize) -> Option<Address<'a>> {
    if text[at..].starts_with(':') {
        return None;
    }
    let before = text[from..at].trim_end_matches([' ', '(', '[', '{']);
    let name_len = before.bytes().rev().take(LONGEST_LABEL).take_while(|b| is_label(char::from(*b))).count();
    let start = from + before.len() - name_len;
    if name_len == 0 || text[from..start].chars().next_back().is_some_and(is_same_word) {
        return None;
    }
    let host = Host::read(text, marks, start)?;
    let (mailbox, first, bracketed) = mailbox(text, marks, start, from);
    let mail = mailbox.is_some() && (bracketed || is_mail_host(host.labels[0]));
    let (path, end) = path(text, host.end);
    if !mail && !host.is_plausible(path) {
        return None;
    }
    let (start, mailbox) = if mail { (first, mailbox) } else { (start, None) };
    let spelled = host.spelled || (mail && first_sign(text, start) != Some(b'@'));
    Some(Address { start, end, labels: host.labels, path, mailbox, spelled })
}

/// A letter that continues a word to its left: one of a script with spaces.
fn is_same_word(c: char) -> bool {
    c.is_alphanumeric() && !('\u{e00}'..='\u{e7f}').contains(&c) && u32::from(c) < 0x2e80
}

/// The sign after a mailbox.
fn first_sign(text: &str, start: usize) -> Option<u8> {
    text.as_bytes()[start..].iter().copied().find(|b| !is_mailbox(*b))
}

/// A host's labels.
struct Host<'a> {
    labels: Vec<&'a str>,
    end: usize,
    spelled: bool,
    /// Spelt out with a word for the full stop.
    in_words: bool,
}

impl<'a> Host<'a> {
    /// Reads labels from `start` on, as far as the last that is a known ending.
    fn read(text: &'a str, marks: &[Mark], start: usize) -> Option<Self> {
        let mut labels = vec![label(text, start)];
        let mut end = start + labels[0].len();
        let (mut spelled, mut in_words) = (false, false);
        let mut best = None;
        while labels.len() < MOST_LABELS {
            let Some(stop) = Stop::read(text, marks, end) else { break };
            let next = if text[stop.end..].starts_with("คอม") { "คอม" } else { label(text, stop.end) };
            if next.is_empty() || !stop.allows(next) {
                break;
            }
            labels.push(if next == "คอม" { "com" } else { next });
            end = stop.end + next.len();
            spelled |= stop.spelled;
            in_words |= stop.in_words;
            let glued = text[end..].chars().next().is_some_and(|c| c.is_alphabetic() && next != "คอม" && is_same_word(c));
            if is_ending(labels[labels.len() - 1]) && !glued {
                best = Some((labels.len(), end, spelled, in_words));
            }
        }
        let (n, end, spelled, in_words) = best?;
        labels.truncate(n);
        Some(Self { labels, end, spelled, in_words })
    }

    /// Whether it is an address rather than a sentence without a space after its full stop.
    fn is_plausible(&self, path: &str) -> bool {
        let name = self.labels[self.labels.len() - 2];
        let ending = self.labels[self.labels.len() - 1];
        let www = self.labels[0] == "www";
        let evident =
            self.labels.len() > 2 || self.in_words || !path.is_empty() || name.bytes().any(|b| b.is_ascii_digit() || b == b'-');
        www || is_known(&self.labels)
            || (name.len() >= 2 && !matches!(name, "the" | "a" | "of") && (evident || !is_loose_ending(ending)))
    }
}

/// A full stop between two labels.
struct Stop {
    end: usize,
    spelled: bool,
    in_words: bool,
    /// Spaces are all that is unusual about it.
    spaced: bool,
}

impl Stop {
    fn read(text: &str, marks: &[Mark], at: usize) -> Option<Self> {
        let rest = text.get(at..)?;
        if rest.starts_with('.') && rest[1..].starts_with(is_label) {
            return Some(Self { end: at + 1, spelled: false, in_words: false, spaced: false });
        }
        let open = rest.bytes().take(2).take_while(|b| matches!(b, b' ' | b'(' | b'[' | b'{')).count();
        let word = starting_at(marks, at + open).filter(|m| m.role == Role::Dot);
        let stop = match word {
            Some(mark) => mark.end,
            None if rest[open..].starts_with('.') => at + open + 1,
            None => return None,
        };
        let close = text[stop..].bytes().take(2).take_while(|b| matches!(b, b' ' | b')' | b']' | b'}')).count();
        Some(Self {
            end: stop + close,
            spelled: true,
            in_words: word.is_some(),
            spaced: word.is_none() && !text[at..stop + close].contains(['(', '[', '{', ')', ']', '}']),
        })
    }

    /// A sentence's full stop has a space too: only the commonest endings are read behind it.
    fn allows(&self, next: &str) -> bool {
        !self.spaced || matches!(next, "com" | "net" | "org")
    }
}

/// The label at `at`.
fn label(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or("");
    &rest[..rest.bytes().take(LONGEST_LABEL).take_while(|b| is_label(char::from(*b))).count()]
}

fn is_label(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

fn is_mailbox(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+')
}

/// What follows the slash behind a host, and where it ends.
fn path(text: &str, at: usize) -> (&str, usize) {
    let Some(rest) = text.get(at..).and_then(|rest| rest.strip_prefix('/')) else { return ("", at) };
    let len = rest.bytes().take(LONGEST_PATH).take_while(|b| b.is_ascii_graphic() && !matches!(b, b')' | b'"' | b',')).count();
    (&rest[..len], at + 1 + len)
}

/// The mailbox before an at sign, written or spelt, that ends at `host`; where it begins; whether the sign alone makes it an address.
fn mailbox<'a>(text: &'a str, marks: &[Mark], host: usize, from: usize) -> (Option<&'a str>, usize, bool) {
    let none = (None, host, false);
    let before = text[from..host].trim_end_matches([' ', ')', ']', '}']);
    let closed = before.len() < host - from;
    let end = from + before.len();
    let (name_end, written) = if before.ends_with('@') {
        (end - 1, true)
    } else if let Some(mark) = ending_at(marks, end).filter(|m| m.role == Role::At && m.start >= from) {
        (mark.start, false)
    } else {
        return none;
    };
    if !written && !closed {
        return none;
    }
    let bracketed = text[..name_end].ends_with(['(', '[', '{']);
    let name = text[from..name_end].trim_end_matches([' ', '(', '[', '{']);
    let len = name.bytes().rev().take(LONGEST_LABEL).take_while(|b| is_mailbox(*b)).count();
    let mailbox = name[name.len() - len..].trim_start_matches('.');
    if mailbox.is_empty() || !mailbox.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return none;
    }
    (Some(mailbox), from + name.len() - mailbox.len(), written || bracketed)
}

/// Addresses at a mail host that is named without its ending: `name@gmail`.
fn without_dot<'a>(text: &'a str, marks: &[Mark], found: &mut dyn FnMut(Address<'a>)) {
    let signs = text.match_indices('@').map(|(at, _)| at + 1);
    for host in signs {
        let name = label(text, host);
        let follows = Stop::read(text, marks, host + name.len()).is_some();
        if !is_mail_host(name) || follows {
            continue;
        }
        if let (Some(mailbox), start, _) = mailbox(text, marks, host, 0) {
            let end = host + name.len();
            found(Address { start, end, labels: vec![name, "com"], path: "", mailbox: Some(mailbox), spelled: true });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::roles::marks;
    use crate::text::{normalise, tokens};

    fn check(text: &str, expect: &[&str]) {
        let normalised = normalise(text);
        let words: Vec<&str> = tokens(&normalised).map(|t| t.text).collect();
        let mut got = Vec::new();
        find(&normalised, &marks(&normalised, &words), &mut |a| {
            let mailbox = a.mailbox.map(|m| format!("{m}@")).unwrap_or_default();
            got.push(format!("{mailbox}{}{}", a.labels.join("."), if a.spelled { " spelt" } else { "" }));
        });
        assert_eq!(got, expect, "{text}: {normalised}");
    }

    #[test]
    fn addresses_are_found() {
        check("go https://a.b/c and WWW.Shop.vn", &["a.b", "www.shop.vn"]);
        check("ｓｈｏｐ．ｃｏｍ", &["shop.com"]);
        check("wa.me/62812 bit.ly/x", &["wa.me", "bit.ly"]);
        check("(shop99.co.id)", &["shop99.co.id"]);
        check("shop.com,toko.id", &["shop.com", "toko.id"]);
        check("ร้านshop99.comนะ", &["shop99.com"]);
        check("hxxp://shop.com/x", &["shop.com spelt"]);
    }

    #[test]
    fn spelt_addresses_are_found() {
        check("shop dot com", &["shop.com spelt"]);
        check("toko99 titik co titik id", &["toko99.co.id spelt"]);
        check("shop99 chấm com", &["shop99.com spelt"]);
        check("shop99จุดคอม", &["shop99.com spelt"]);
        check("shop99 . com and shop[.]vn", &["shop99.com spelt", "shop.vn spelt"]);
        check("shop (dot) com", &["shop.com spelt"]);
    }

    #[test]
    fn mail_is_found() {
        check("mail m4rk@gmail.com.", &["m4rk@gmail.com"]);
        check("mark at gmail dot com", &["mark@gmail.com spelt"]);
        check("mark[at]shop.com", &["mark@shop.com spelt"]);
        check("mark@gmail now", &["mark@gmail.com spelt"]);
        check("look at shop.com", &["shop.com"]);
    }

    #[test]
    fn ordinary_dots_are_not_addresses() {
        check("ok. 2.5 kg e.g. v1.2 m.n", &[]);
        check("@friend a@b", &[]);
        check("giao hàng.in đẹp", &[]);
        check("bagus.my order arrived. nice", &[]);
        check("good. come again . id card", &[]);
    }
}
