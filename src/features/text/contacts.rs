//! Ways off the platform.

use super::{TEXT, written};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};
use crate::text::{HandleCounts, Service};
use crate::units::Market;

/// Web addresses.
pub(in crate::features) static URLS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "urls",
        what: "ln(1 + web addresses, with or without a scheme, also spelt out as `shop dot com`)",
        why: "traffic redirection and scams need somewhere to send people",
        range: "0 and up",
        evaded_by: "a picture, a QR code, another word for the dot",
        version: 2,
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.urls))),
};

/// E-mail addresses.
pub(in crate::features) static EMAILS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "emails",
        what: "ln(1 + e-mail addresses, also with the signs spelt out)",
        why: "off-platform contact",
        range: "0 and up",
        evaded_by: "a mail host that is not named, a picture",
        version: 2,
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.emails))),
};

/// Phone numbers.
pub(in crate::features) static PHONES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "phones",
        what: "ln(1 + phone numbers by the markets' numbering plans, in digits of any style and script, spaced or not)",
        why: "off-platform contact",
        range: "0 and up",
        evaded_by: "words between the digits, a picture",
        version: 2,
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.phones))),
};

/// Phone numbers in words.
pub(in crate::features) static SPELLED_PHONES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "spelled_phones",
        what: "ln(1 + phone numbers of which at least two digits are spelt in words of English, Malay, Indonesian, Vietnamese, Tagalog, Thai or Chinese)",
        why: "nobody spells a number out to be helpful",
        range: "0 and up",
        evaded_by: "slang for digits, a sum to be solved",
        version: 2,
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.spelled_phones))),
};

/// Messaging services.
pub(in crate::features) static MESSAGING_HANDLES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "messaging_handles",
        what: "ln(1 + mentions of WhatsApp, LINE, Zalo, Telegram, Messenger, WeChat, KakaoTalk or Viber as a way to be reached)",
        why: "off-platform contact",
        range: "0 and up",
        evaded_by: "nicknames of the services",
        version: 2,
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.handles.total()))),
};

/// Ways to be reached.
pub(in crate::features) static CONTACT_KINDS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "contact_kinds",
        what: "how many of address, e-mail, phone number, service or account, and payment occur",
        why: "who wants to be reached offers several ways",
        range: "0 to 5",
        evaded_by: "one way only",
        version: 2,
        ..TEXT
    },
    value: |item| {
        written(item).map(|t| {
            let c = t.contacts;
            let services = c.handles.total() + c.handles.social;
            let kinds = [c.urls > 0, c.emails > 0, c.phones + c.spelled_phones > 0, services > 0, c.payments > 0];
            kinds.iter().filter(|k| **k).count() as f32
        })
    },
};

/// Accounts on social networks.
pub(in crate::features) static SOCIAL_HANDLES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "social_handles",
        what: "ln(1 + accounts on Instagram, Facebook or TikTok that are given with an id)",
        why: "a shop on a network is the first step off the platform",
        range: "0 and up",
        evaded_by: "a logo beside the name in a picture",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.handles.social))),
};

/// Accounts to pay into.
pub(in crate::features) static PAYMENT_HINTS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "payment_hints",
        what: "ln(1 + banks and e-wallets named with an account number)",
        why: "paying outside the platform takes the buyer's protection away",
        range: "0 and up",
        evaded_by: "giving the account in a chat",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.payments))),
};

/// Hidden contact details.
pub(in crate::features) static CONTACT_DISGUISED: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "contact_disguised",
        what: "ln(1 + contact details that only normalisation brings to light, and those spelt in words)",
        why: "who hides a contact detail knows that it is forbidden",
        range: "0 and up",
        evaded_by: "a picture, an agreed code",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.disguised_contacts))),
};

/// Services from elsewhere.
pub(in crate::features) static HANDLES_FOREIGN: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "handles_foreign",
        what: "ln(1 + mentions of messaging services that are unusual in the market)",
        why: "sellers who serve several markets from one account name the service of another",
        range: "0 and up",
        evaded_by: "an account on the usual service",
        inputs: &["content.market"],
        ..TEXT
    },
    value: |item| {
        let usual = usual_services(item.content.market)?;
        written(item).map(|t| ln_count(u64::from(unusual(&t.contacts.handles, usual))))
    },
};

/// The services that people in a market use every day; `None` where that is not known.
fn usual_services(market: Market) -> Option<&'static [Service]> {
    use Service::{Line, Messenger, Telegram, Viber, WeChat, WhatsApp, Zalo};
    Some(match market.as_str() {
        "SG" | "MY" => &[WhatsApp, Telegram, WeChat, Messenger],
        "TH" => &[Line, Messenger],
        "VN" => &[Zalo, Messenger, Viber],
        "PH" => &[Messenger, Viber, WhatsApp, Telegram],
        "ID" => &[WhatsApp, Telegram, Line, Messenger],
        _ => return None,
    })
}

fn unusual(handles: &HandleCounts, usual: &[Service]) -> u32 {
    let usual: u32 = usual.iter().map(|service| handles.of(*service)).sum();
    handles.total() - usual
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Feature;
    use crate::features::fixtures::{Fixture, content};
    use crate::tables::ContentRow;

    fn value(feature: &SimpleFeature, market: &str, body: &str) -> Option<f32> {
        let row = ContentRow { market: market.parse().unwrap(), title: None, body: Some(body.to_owned()), ..content("a") };
        feature.value(&Fixture::of(row).item())
    }

    #[test]
    fn a_service_is_foreign_where_nobody_uses_it() {
        assert_eq!(value(&HANDLES_FOREIGN, "VN", "zalo va wechat"), Some(2.0_f32.ln()));
        assert_eq!(value(&HANDLES_FOREIGN, "SG", "wechat"), Some(0.0));
        assert_eq!(value(&HANDLES_FOREIGN, "US", "wechat"), None);
    }

    #[test]
    fn a_disguise_counts_and_plain_writing_does_not() {
        assert_eq!(value(&CONTACT_DISGUISED, "VN", "zalo 0912345679"), Some(0.0));
        assert_eq!(value(&CONTACT_DISGUISED, "VN", "z.a.l.o 0912345679"), Some(2.0_f32.ln()));
        assert_eq!(value(&CONTACT_DISGUISED, "SG", "shop dot com"), Some(2.0_f32.ln()));
    }

    #[test]
    fn accounts_and_payments_are_counted() {
        assert_eq!(value(&PAYMENT_HINTS, "ID", "bca 1234567891"), Some(2.0_f32.ln()));
        assert_eq!(value(&SOCIAL_HANDLES, "ID", "ig: @shop_99"), Some(2.0_f32.ln()));
        assert_eq!(value(&CONTACT_KINDS, "ID", "wa 081234567890, bca 1234567891"), Some(3.0));
    }
}
