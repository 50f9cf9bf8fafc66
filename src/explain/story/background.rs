//! Copies, ring, seller, engagement, reports and what has happened.

use super::figures::{counted, moment, number};
use crate::explain::case::{Case, CopyCase, Count, ReportCase, RingCase, SellerCase};
use crate::explain::document::{Document, plain};

pub(super) fn tell(case: &Case, document: &mut Document) {
    if let Some(copies) = &case.copies {
        self::copies(copies, document);
    }
    if let Some(ring) = &case.ring {
        self::ring(ring, document);
    }
    if let Some(seller) = &case.seller {
        self::seller(seller, document);
    }
    engagement(case, document);
    if let Some(reports) = &case.reports {
        self::reports(reports, document);
    }
    if let Some(events) = case.after_sales.as_ref() {
        document.heading("After the sale");
        document.say(if events.iter().all(|count| count.n == 0) {
            "No refund, return or complaint about it in the last 28 days.".to_owned()
        } else {
            format!("In the last 28 days: {}.", counts(events))
        });
    }
    events(case, document);
}

fn counts(all: &[Count]) -> String {
    all.iter().filter(|count| count.n > 0).map(|count| format!("{} ({})", count.name, count.n)).collect::<Vec<_>>().join(", ")
}

/// Days as a person says them.
fn age(days: f64) -> String {
    if days < 1.0 { "less than a day".to_owned() } else { counted(days as u64, "day", "days") }
}

fn copies(copies: &CopyCase, document: &mut Document) {
    document.heading("Copies of it");
    if copies.size <= 1 {
        document.say("No other item says or shows nearly the same.");
        return;
    }
    let sellers = counted(copies.sellers.into(), "seller", "sellers");
    let place = match (copies.earlier, copies.is_copy) {
        (0, _) => "This one was there first, so it is the original.".to_owned(),
        (n, true) => format!(
            "This one is a copy: {} there before it, the first one {} earlier, by another seller.",
            counted(n.into(), "was", "were"),
            age(copies.days_after_first)
        ),
        (n, false) => format!(
            "{} there before this one, the first {} earlier, by the same seller: it copies itself.",
            counted(n.into(), "was", "were"),
            age(copies.days_after_first)
        ),
    };
    document.say(format!(
        "{} items of {sellers} say or show nearly the same, this one included: {} with the same text once disguises are undone, {} with the same \
         picture or video. {place} Of the earlier ones {} decided and {} found violating.",
        copies.size,
        copies.same_text,
        copies.same_media,
        counted(copies.decided_earlier.into(), "was", "were"),
        counted(copies.violating_earlier.into(), "was", "were"),
    ));
    let rows = copies.members.iter().map(|member| {
        let this = if member.is_this { "this item" } else { "" };
        vec![moment(&member.first_seen), member.content_id.clone(), member.seller_id.clone().unwrap_or_default(), this.to_owned()]
    });
    document.table(&["first seen", "item", "seller", ""], rows.collect());
    let left = (copies.size as usize).saturating_sub(copies.members.len());
    if left > 0 {
        document.say(format!("{left} more are not listed."));
    }
}

fn ring(ring: &RingCase, document: &mut Document) {
    document.heading("Sellers that share contacts with its seller");
    if ring.size <= 1 {
        document.say("None: no contact detail, account or pair of pictures of this seller is also shown by another one.");
        return;
    }
    let of_ring = |n: Option<u32>, what: &str| match n {
        Some(n) => format!("{n} of the others {what}"),
        None => format!("whether others {what} is not in the input"),
    };
    let owner = if ring.is_first_owner {
        " This seller was the first to show everything that it shares: whoever came later may have copied it, so what the others did is not \
         held against it."
    } else {
        ""
    };
    let newest = ring.days_since_link.map_or(String::new(), |days| format!(" The newest link is {} old.", age(days)));
    document.say(format!(
        "{} sellers, this one included, are held together by {}; this seller shows {} of them. {}; {}.{newest}{owner}",
        ring.size,
        counted(ring.shared.into(), "shared contact or picture", "shared contacts and pictures"),
        ring.own_shared,
        of_ring(ring.actioned, "had something taken down or limited"),
        of_ring(ring.violating, "were found violating by a decision that stands"),
    ));
    let mut items = Vec::new();
    if !ring.sellers.is_empty() {
        let more = (ring.size as usize).saturating_sub(ring.sellers.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        items.push(("sellers".to_owned(), vec![plain(format!("{}{more}", ring.sellers.join(", ")))]));
    }
    for contact in &ring.contacts {
        let label = if contact.own { "this one shows" } else { "others show" };
        let by = if contact.own { "as do " } else { "shown by " };
        let n = contact.sellers - u64::from(contact.own);
        let more = if contact.own { counted(n, "other", "others") } else { counted(n, "seller", "sellers") };
        items.push((label.to_owned(), vec![plain(format!("{}, {by}{more}", contact.name))]));
    }
    document.items(items);
}

fn seller(seller: &SellerCase, document: &mut Document) {
    document.heading("The seller");
    let mut items = vec![];
    let mut add = |name: &str, text: String| items.push((name.to_owned(), vec![plain(text)]));
    add("seller", seller.seller_id.clone());
    if let Some(tier) = &seller.tier {
        add("tier", tier.clone());
    }
    if let Some(days) = seller.tenure_days {
        add("joined", format!("{} days ago", number(days.floor())));
    }
    if let Some(days) = seller.days_since_first_item {
        add("first item", format!("{} days ago", number(days.floor())));
    }
    if let Some(verified) = seller.kyc_verified {
        add("identity", if verified { "verified" } else { "not verified" }.to_owned());
    }
    let [all, week, month] = seller.items;
    add("items", format!("{all} known, {week} of the last 7 days, {month} of the last 28"));
    if let (Some(decided), Some(violating)) = (seller.decided_items, seller.violating_items) {
        let overturned = match (seller.overturned, seller.decisions) {
            (Some(overturned), Some(all)) => format!("; {overturned} of {all} decisions were overturned"),
            _ => String::new(),
        };
        add("decisions", format!("{decided} of its items decided, {violating} found violating{overturned}"));
        add(
            "strikes",
            match (seller.strikes.is_empty(), &seller.next_expiry) {
                (true, _) => "none that has not expired".to_owned(),
                (false, Some(expiry)) => format!("{}; the next one expires {}", counts(&seller.strikes), moment(expiry)),
                (false, None) => counts(&seller.strikes),
            },
        );
    }
    if let Some(actions) = seller.actions_90d {
        add("treatments", format!("{actions} of it or its items in the last 90 days"));
    }
    document.items(items);
}

fn engagement(case: &Case, document: &mut Document) {
    if case.engagement.is_empty() {
        return;
    }
    document.heading("Who saw it");
    if case.engagement.iter().all(|line| line.views.is_none()) {
        document.say("Nothing is known of its views, likes and orders: no day of it has arrived.");
        return;
    }
    let shown = |n: Option<u64>| n.map_or("–".to_owned(), |n| n.to_string());
    let rows = case.engagement.iter().map(|line| {
        vec![line.days.clone(), shown(line.views), shown(line.likes), shown(line.orders), shown(line.refunds), shown(line.hides)]
    });
    document.table(&["days", "views", "likes", "orders", "refunds", "hides"], rows.collect());
}

fn reports(reports: &ReportCase, document: &mut Document) {
    document.heading("Reports");
    if reports.reports_28d == 0 {
        document.say("Nobody reported it in the last 28 days.");
        return;
    }
    let reasons =
        if reports.reasons.is_empty() { String::new() } else { format!(" Reasons given: {}.", counts(&reports.reasons)) };
    document.say(format!(
        "{} by {} in the last 28 days. By how often these people were right before, they weigh as much as {} people of whom nothing is known.{reasons}",
        counted(reports.reports_28d.into(), "report", "reports"),
        counted(reports.reporters_28d.into(), "person", "people"),
        number(reports.weight_28d),
    ));
}

fn events(case: &Case, document: &mut Document) {
    document.heading("What has happened to it");
    let rows = case.events.iter().map(|event| {
        let late = event.known_at.as_ref().map_or(String::new(), |at| format!(" (known only {})", moment(at)));
        (moment(&event.at), vec![plain(format!("{}{late}", event.what))])
    });
    document.items(rows.collect());
    if case.events_not_known_yet > 0 {
        document.say(format!(
            "The input has {} that became known only after the midnight; nothing here makes use of them.",
            counted(case.events_not_known_yet as u64, "decision or action", "decisions and actions")
        ));
    }
}
