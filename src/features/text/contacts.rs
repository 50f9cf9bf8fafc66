//! Ways off the platform.

use super::{TEXT, written};
use crate::features::feature::ln_count;
use crate::features::{FeatureDoc, SimpleFeature};

/// Web addresses.
pub(in crate::features) static URLS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "urls",
        what: "ln(1 + web addresses, with or without a scheme)",
        why: "traffic redirection and scams need somewhere to send people",
        range: "0 and up",
        evaded_by: "`shop dot com`, a picture, a QR code",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.urls))),
};

/// E-mail addresses.
pub(in crate::features) static EMAILS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "emails",
        what: "ln(1 + e-mail addresses)",
        why: "off-platform contact",
        range: "0 and up",
        evaded_by: "`name at host`",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.emails))),
};

/// Phone numbers.
pub(in crate::features) static PHONES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "phones",
        what: "ln(1 + phone numbers in digits of any style, spaced or not)",
        why: "off-platform contact",
        range: "0 and up",
        evaded_by: "letters between the digits, a picture",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.phones))),
};

/// Phone numbers in words.
pub(in crate::features) static SPELLED_PHONES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "spelled_phones",
        what: "ln(1 + runs of seven or more digits mostly spelt in words)",
        why: "nobody spells a number out to be helpful",
        range: "0 and up",
        evaded_by: "slang for digits, Thai words",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.spelled_phones))),
};

/// Messaging services.
pub(in crate::features) static MESSAGING_HANDLES: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "messaging_handles",
        what: "ln(1 + mentions of WhatsApp, LINE, Zalo, Telegram, Messenger, WeChat or KakaoTalk as a way to be reached)",
        why: "off-platform contact",
        range: "0 and up",
        evaded_by: "nicknames of the services",
        ..TEXT
    },
    value: |item| written(item).map(|t| ln_count(u64::from(t.contacts.handles.total()))),
};

/// Ways to be reached.
pub(in crate::features) static CONTACT_KINDS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "contact_kinds",
        what: "how many of address, e-mail, phone number and messaging service occur",
        why: "who wants to be reached offers several ways",
        range: "0 to 4",
        evaded_by: "one way only",
        ..TEXT
    },
    value: |item| {
        written(item).map(|t| {
            let c = t.contacts;
            let kinds = [c.urls > 0, c.emails > 0, c.phones + c.spelled_phones > 0, c.handles.total() > 0];
            kinds.iter().filter(|k| **k).count() as f32
        })
    },
};
