//! Names that occur in addresses: endings, mail hosts, hosts that many people share.
//!
//! Input: labels of a host. Output: what kind it is. Deliberately not here: a list of all endings; those that spam of the six markets
//! uses are enough, and fewer sentences without a space after a full stop look like addresses.

use super::handles::Service;

/// Endings, sorted.
const ENDINGS: [&str; 56] = [
    "app", "asia", "bet", "bid", "biz", "bot", "cc", "cf", "click", "club", "cn", "co", "com", "edu", "ee", "fun", "ga", "gg",
    "gl", "gov", "gq", "hk", "id", "in", "info", "io", "ke", "kr", "la", "link", "live", "ly", "me", "ml", "my", "net", "online",
    "org", "page", "ph", "pro", "sg", "shop", "site", "so", "store", "tel", "th", "tk", "to", "top", "tv", "tw", "vip", "vn",
    "win",
];
/// Endings beyond the sorted list that are not words of any market's language.
const ODD_ENDINGS: [&str; 4] = ["xyz", "website", "live", "icu"];
/// Endings that are words which may follow a full stop without a space.
const LOOSE_ENDINGS: [&str; 19] =
    ["in", "me", "my", "to", "la", "live", "fun", "top", "pro", "so", "ga", "bid", "ke", "page", "tel", "bot", "ee", "win", "gl"];
/// Hosts of mail for everybody.
const MAIL_HOSTS: [&str; 8] = ["gmail", "yahoo", "hotmail", "outlook", "icloud", "ymail", "proton", "protonmail"];
/// Hosts behind whose first path segment different people are reached.
const SHARED: [&str; 28] = [
    "wa.me",
    "t.me",
    "telegram.me",
    "m.me",
    "line.me",
    "lin.ee",
    "zalo.me",
    "bit.ly",
    "s.id",
    "linktr.ee",
    "lynk.id",
    "heylink.me",
    "beacons.ai",
    "cutt.ly",
    "goo.gl",
    "forms.gle",
    "is.gd",
    "rebrand.ly",
    "shope.ee",
    "shp.ee",
    "tinyurl.com",
    "chat.whatsapp.com",
    "api.whatsapp.com",
    "facebook.com",
    "fb.com",
    "instagram.com",
    "linkbio.co",
    "msha.ke",
];
/// Names of marketplaces and networks that are no contact by themselves, whatever the ending. The first two and networks are
/// shared as well.
const PLATFORMS: [&str; 14] = [
    "shopee",
    "tokopedia",
    "lazada",
    "tiki",
    "sendo",
    "bukalapak",
    "blibli",
    "carousell",
    "qoo10",
    "tiktok",
    "youtube",
    "facebook",
    "instagram",
    "google",
];

/// Whether a label ends hosts.
pub(super) fn is_ending(label: &str) -> bool {
    ENDINGS.binary_search(&label).is_ok() || ODD_ENDINGS.contains(&label)
}

/// Whether an ending is a word as well, so that more must speak for an address.
pub(super) fn is_loose_ending(label: &str) -> bool {
    LOOSE_ENDINGS.contains(&label)
}

/// Whether the label is a mail host's name.
pub(super) fn is_mail_host(label: &str) -> bool {
    MAIL_HOSTS.contains(&label)
}

/// Whether the host is one that is known by its name.
pub(super) fn is_known(labels: &[&str]) -> bool {
    SHARED.iter().any(|host| host.split('.').eq(labels.iter().copied()))
}

/// Whether different people are reached behind the host's first path segment.
pub(super) fn is_shared(host: &str) -> bool {
    SHARED.contains(&host) || (is_platform(host) && !host.starts_with("google."))
}

/// Whether the host is a marketplace or network of its own, or an empty link to a messenger.
pub(super) fn is_platform(host: &str) -> bool {
    host == "youtu.be" || host.split('.').any(|label| PLATFORMS.contains(&label))
}

/// The messaging service that a host belongs to.
pub(super) fn service(labels: &[&str]) -> Option<Service> {
    Some(match labels.strip_prefix(&["www"]).unwrap_or(labels) {
        ["wa", "me"] | ["api" | "chat", "whatsapp", "com"] => Service::WhatsApp,
        ["t" | "telegram", "me"] => Service::Telegram,
        ["m", "me"] => Service::Messenger,
        ["line", "me"] | ["lin", "ee"] => Service::Line,
        ["zalo", "me"] => Service::Zalo,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart() {
        assert!(ENDINGS.is_sorted());
        assert!(is_shared("wa.me") && is_shared("shopee.co.id") && !is_shared("shop.com"));
        assert!(is_platform("m.tokopedia.com") && !is_platform("mytokopedia.com"));
        assert_eq!(service(&["t", "me"]), Some(Service::Telegram));
    }
}
