//! Messaging services named in a normalised text, and ids on them: the way off the platform.
//!
//! Input: normalised text and its marks. Output: each service that is named in a way that invites contact, with the id if one
//! stands beside it. Deliberately not here: who owns an id, and which words name a service (see `role_words`).

use super::roles::{Mark, Role, starting_at};

/// A way to write to somebody outside the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// WhatsApp.
    WhatsApp,
    /// LINE.
    Line,
    /// Zalo.
    Zalo,
    /// Telegram.
    Telegram,
    /// Messenger.
    Messenger,
    /// WeChat.
    WeChat,
    /// KakaoTalk.
    KakaoTalk,
    /// Viber.
    Viber,
    /// An account on Instagram, Facebook or TikTok.
    Social,
}

impl Service {
    /// All services, in the order of their names in keys.
    pub const ALL: [Self; 9] = [
        Self::WhatsApp,
        Self::Line,
        Self::Zalo,
        Self::Telegram,
        Self::Messenger,
        Self::WeChat,
        Self::KakaoTalk,
        Self::Viber,
        Self::Social,
    ];

    /// Its name in keys, lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Line => "line",
            Self::Zalo => "zalo",
            Self::Telegram => "telegram",
            Self::Messenger => "messenger",
            Self::WeChat => "wechat",
            Self::KakaoTalk => "kakaotalk",
            Self::Viber => "viber",
            Self::Social => "social",
        }
    }
}

/// How often each service is named as a way to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HandleCounts {
    /// WhatsApp, `wa.me`, `wa` beside a number or an invitation.
    pub whatsapp: u32,
    /// LINE, where an id, a number or an invitation shows that the service is meant.
    pub line: u32,
    /// Zalo.
    pub zalo: u32,
    /// Telegram, `t.me`.
    pub telegram: u32,
    /// Messenger, `m.me`.
    pub messenger: u32,
    /// WeChat.
    pub wechat: u32,
    /// KakaoTalk.
    pub kakaotalk: u32,
    /// Viber.
    pub viber: u32,
    /// Accounts on Instagram, Facebook or TikTok, where an id is given.
    pub social: u32,
}

impl HandleCounts {
    /// Mentions of any messaging service; accounts on social networks are not among them.
    #[must_use]
    pub fn total(&self) -> u32 {
        Service::ALL.iter().filter(|s| **s != Service::Social).map(|s| self.of(*s)).sum()
    }

    /// Mentions of `service`.
    #[must_use]
    pub fn of(&self, service: Service) -> u32 {
        match service {
            Service::WhatsApp => self.whatsapp,
            Service::Line => self.line,
            Service::Zalo => self.zalo,
            Service::Telegram => self.telegram,
            Service::Messenger => self.messenger,
            Service::WeChat => self.wechat,
            Service::KakaoTalk => self.kakaotalk,
            Service::Viber => self.viber,
            Service::Social => self.social,
        }
    }

    pub(super) fn add(&mut self, service: Service) {
        *match service {
            Service::WhatsApp => &mut self.whatsapp,
            Service::Line => &mut self.line,
            Service::Zalo => &mut self.zalo,
            Service::Telegram => &mut self.telegram,
            Service::Messenger => &mut self.messenger,
            Service::WeChat => &mut self.wechat,
            Service::KakaoTalk => &mut self.kakaotalk,
            Service::Viber => &mut self.viber,
            Service::Social => &mut self.social,
        } += 1;
    }
}

/// How near an invitation before a service must end, in bytes.
const NEAR: usize = 3;
/// Most words that may stand between a service and its id.
const MOST_BETWEEN: usize = 3;
/// Bounds of an id's length.
const SHORTEST_ID: usize = 3;
const LONGEST_ID: usize = 32;
/// Fewest digits after a service that are a number to reach somebody at.
const FEWEST_DIGITS: usize = 5;
/// Words between a service and its id.
const FILLERS: [&str; 21] = [
    "me", "us", "on", "is", "no", "di", "ke", "ya", "admin", "cs", "kami", "saya", "ni", "my", "our", "to", "for", "via",
    "owner", "ko", "shop",
];

/// A service named as a way to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Handle<'a> {
    pub(super) service: Service,
    /// The id that stands beside it, unless it is a phone number.
    pub(super) id: Option<&'a str>,
}

/// Calls `found` with each service that is named as a way to be reached. `phones` are the places of phone numbers, in order.
pub(super) fn find<'a>(text: &'a str, marks: &[Mark], phones: &[(usize, usize)], found: &mut dyn FnMut(Handle<'a>)) {
    for (i, mark) in marks.iter().enumerate() {
        let (service, sure) = match mark.role {
            Role::Service(service) => (service, true),
            Role::Maybe(service) => (service, false),
            _ => continue,
        };
        let after = &text[mark.end..];
        // `zalo.me` and `facebook.com` are addresses.
        if after.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
            || text[..mark.start].ends_with(['.', '/'])
        {
            continue;
        }
        let beside = Beside::of(text, marks, i);
        let id = beside.id(text, *mark, service, sure);
        let number = phone_beside(phones, mark, beside.at);
        let named = sure || id.is_some() || ((beside.invited || number) && service != Service::Social);
        let thing = service == Service::Messenger && is_bag(text, mark);
        if named && !thing {
            // A phone number is its own key.
            found(Handle { service, id: id.filter(|_| !number) });
        }
    }
}

/// Whether a phone number begins at `at`, behind the service, or ends just before the service.
fn phone_beside(phones: &[(usize, usize)], mark: &Mark, at: usize) -> bool {
    let next = phones.partition_point(|(_, end)| *end <= at);
    let behind = phones.get(next).is_some_and(|(start, _)| *start <= at + 2 && *start >= mark.end);
    let last = phones.partition_point(|(_, end)| *end <= mark.start);
    let before = last.checked_sub(1).and_then(|i| phones.get(i)).is_some_and(|(_, end)| mark.start - end <= NEAR);
    behind || before
}

/// A messenger bag is worn.
fn is_bag(text: &str, mark: &Mark) -> bool {
    let after = text[mark.end..].trim_start();
    let before = text[..mark.start].trim_end();
    ["bag", "sling", "backpack", "tas"].iter().any(|w| after.starts_with(w))
        || ["tas", "túi", "tui", "bag", "กระเป๋า", "beg"].iter().any(|w| before.ends_with(w))
}

/// What stands beside the name of a service.
struct Beside<'a> {
    /// An invitation before it, or `me` after it.
    invited: bool,
    /// `id` or `@` before what could be an id.
    announced: bool,
    /// A colon or the like.
    colon: bool,
    /// What could be an id, and where it begins.
    token: &'a str,
    at: usize,
}

impl<'a> Beside<'a> {
    fn of(text: &'a str, marks: &[Mark], i: usize) -> Self {
        let mark = marks[i];
        let before = i.checked_sub(1).and_then(|j| marks.get(j)).filter(|m| m.end <= mark.start && mark.start - m.end <= NEAR);
        let line = matches!(mark.role, Role::Maybe(Service::Line));
        let id_before = before.is_some_and(|m| m.role == Role::Id);
        let call_before = before.is_some_and(|m| m.role == Role::Call && !(line && text[m.start..m.end].contains("phone")));
        let mut beside = Self { invited: id_before || call_before, announced: false, colon: false, token: "", at: mark.end };
        let mut between = 0;
        loop {
            let rest = &text[beside.at..];
            let skipped = rest.bytes().take(4).take_while(|b| is_between(*b)).count();
            beside.announced |= rest[..skipped].contains('@');
            beside.colon |= rest[..skipped].contains([':', '=', '>']);
            beside.at += skipped;
            let role = starting_at(&marks[i + 1..], beside.at).map(|m| (m.role, m.end));
            match role {
                Some((Role::Id, end)) if between < MOST_BETWEEN => {
                    beside.announced = true;
                    beside.at = end;
                }
                Some((Role::Call, end)) if between < MOST_BETWEEN => beside.at = end,
                _ => {
                    let token = token(&text[beside.at..]);
                    if !FILLERS.contains(&token) || between >= MOST_BETWEEN {
                        beside.token = token;
                        // `id line: shop99`
                        beside.announced |= id_before && beside.colon;
                        return beside;
                    }
                    beside.invited |= matches!(token, "me" | "us") && skipped == 1;
                    beside.at += token.len();
                }
            }
            between += 1;
        }
    }

    /// The id, if what stands beside the service is one.
    fn id(&self, text: &'a str, mark: Mark, service: Service, sure: bool) -> Option<&'a str> {
        let token = self.token;
        let digits = token.bytes().filter(u8::is_ascii_digit).count();
        let number = digits >= FEWEST_DIGITS && token.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'));
        if number && service != Service::Social {
            return Some(token);
        }
        if !(SHORTEST_ID..=LONGEST_ID).contains(&token.len()) {
            return None;
        }
        let letters = token.bytes().filter(u8::is_ascii_alphabetic).count();
        if self.announced && letters > 0 {
            return Some(token);
        }
        // A letter first: `24h`, `100k` and `30lb` are no ids.
        let looks = token.starts_with(|c: char| c.is_ascii_alphabetic())
            && token.len() > SHORTEST_ID
            && letters > 1
            && (digits > 0 || token.contains('_'));
        let latin = text[mark.start..mark.end].is_ascii();
        let word = matches!(service, Service::Line | Service::Messenger) && !sure && latin;
        (looks && (!word || self.colon || self.invited)).then_some(token)
    }
}

fn is_between(b: u8) -> bool {
    matches!(
        b,
        b' ' | b':' | b'=' | b'-' | b'@' | b',' | b'(' | b'"' | b'\'' | b'/' | b'|' | b'~' | b'*' | b'>' | b'[' | b'+' | b'.'
    )
}

/// The longest beginning of `text` that an id could be.
fn token(text: &str) -> &str {
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    text[..text.bytes().take(LONGEST_ID + 1).take_while(allowed).count()].trim_end_matches(['.', '-', '_'])
}

#[cfg(test)]
mod tests {
    use crate::text::{Contacts, normalise, tokens};

    fn check(text: &str, expect: u32) {
        let normalised = normalise(text);
        let words: Vec<&str> = tokens(&normalised).map(|t| t.text).collect();
        let handles = Contacts::of(&normalised, &words).handles;
        assert_eq!(handles.total() + handles.social, expect, "{text}: {normalised}");
    }

    #[test]
    fn services_are_named() {
        check("WA.me/628123", 1);
        check("W.h.a.t.s.a.p.p me", 1);
        check("wh4ts4pp", 1);
        check("ʟɪɴᴇ ID: shop99", 1);
        check("add line shop99", 1);
        check("ไลน์ shop99", 1);
        check("แอดไลน์shop99", 1);
        check("𝗭𝗮𝗹𝗼 0912345678", 1);
        check("join t.me/abc telegram", 2);
        check("카톡 abc", 1);
        check("加微信", 1);
        check("ig: shop_99", 1);
        check("line: @shopabc", 1);
    }

    #[test]
    fn ordinary_words_are_not_services() {
        check("fishing line 30lb", 0);
        check("online pipeline", 0);
        check("wa bagus", 0);
        check("t shirt for me", 0);
        check("tas messenger bag", 0);
        check("ช้อปออนไลน์ อายไลน์เนอร์", 0);
        check("as seen on tiktok", 0);
        check("line up zalora", 0);
    }
}
