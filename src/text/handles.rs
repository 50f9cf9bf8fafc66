//! Messaging services named in a normalised text: the way off the platform.
//!
//! Input: normalised text and its words. Output: how often each service is named in a way that invites contact. Deliberately not
//! here: who owns a handle, and whether the market allows the service.

/// How often each service is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HandleCounts {
    /// WhatsApp, `wa.me`, `wa` before a number.
    pub whatsapp: u32,
    /// LINE, where an id or an `@` shows that the service is meant.
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
}

impl HandleCounts {
    /// Counts the services named in `normalised`, whose words are `words`.
    pub(super) fn of(normalised: &str, words: &[&str]) -> Self {
        let mut counts = Self::default();
        for (i, word) in words.iter().enumerate() {
            let before = if i > 0 { words[i - 1] } else { "" };
            let after = words.get(i + 1).copied().unwrap_or("");
            counts.add(word, before, after);
        }
        // The first bytes of Thai, of these Hangul and of these Han characters: most texts have none and need no search.
        let (mut thai, mut hangul, mut han) = (false, false, false);
        for b in normalised.bytes().filter(|b| *b >= 0xe0) {
            thai |= b == 0xe0;
            hangul |= b == 0xec;
            han |= b == 0xe5;
        }
        if thai {
            counts.line += times(normalised, "ไลน์");
        }
        if hangul {
            counts.kakaotalk += times(normalised, "카카오톡") + times(normalised, "카톡");
        }
        if han {
            counts.wechat += times(normalised, "微信") + times(normalised, "威信");
        }
        counts
    }

    /// Mentions of any service.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.whatsapp + self.line + self.zalo + self.telegram + self.messenger + self.wechat + self.kakaotalk
    }

    fn add(&mut self, word: &str, before: &str, after: &str) {
        let number_follows = after.len() >= 5 && after.bytes().all(|b| b.is_ascii_digit());
        match word {
            "whatsapp" | "whatsap" | "watsap" | "watsapp" | "wasap" | "wassap" | "whatapp" | "whatapps" => self.whatsapp += 1,
            "wa" if after == "me" || number_follows || before == "chat" || before == "hubungi" => self.whatsapp += 1,
            "lineid" | "idline" => self.line += 1,
            "line" if after == "id" || after == "me" || before == "id" || before == "add" || number_follows => self.line += 1,
            "zalo" | "zallo" | "zalô" | "dalo" if word != "dalo" || number_follows => self.zalo += 1,
            "telegram" | "telegrm" | "tele" | "tlgrm" if word != "tele" || number_follows || before == "join" => {
                self.telegram += 1
            }
            "t" if after == "me" => self.telegram += 1,
            "messenger" | "mesenger" => self.messenger += 1,
            "m" if after == "me" => self.messenger += 1,
            "wechat" | "weixin" | "wechatid" => self.wechat += 1,
            "kakao" | "kakaotalk" | "katalk" => self.kakaotalk += 1,
            _ => {}
        }
    }
}

fn times(text: &str, needle: &str) -> u32 {
    u32::try_from(text.matches(needle).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{normalise, tokens};

    fn check(text: &str, expect: u32) {
        let normalised = normalise(text);
        let words: Vec<&str> = tokens(&normalised).map(|t| t.text).collect();
        assert_eq!(HandleCounts::of(&normalised, &words).total(), expect, "{text}: {normalised}");
    }

    #[test]
    fn services_are_named() {
        check("WA.me/628123", 1);
        check("W.h.a.t.s.a.p.p me", 1);
        check("wh4ts4pp", 1);
        check("ʟɪɴᴇ ID: shop99", 1);
        check("add line shop99", 1);
        check("ไลน์ shop99", 1);
        check("𝗭𝗮𝗹𝗼 0912345678", 1);
        check("join t.me/abc telegram", 2);
        check("카톡 abc", 1);
        check("加微信", 1);
    }

    #[test]
    fn ordinary_words_are_not_services() {
        check("fishing line 30lb", 0);
        check("online pipeline", 0);
        check("wa bagus", 0);
        check("t shirt for me", 0);
    }
}
