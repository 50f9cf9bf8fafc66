//! How large the seller's ring is, how tight, and what happened to its other sellers.

use super::RingView;
use crate::features::feature::{flag, ln_count};
use crate::features::{FeatureDoc, ItemView, RatePrior, SimpleFeature};

/// What ring features have in common.
const CONTACTS: FeatureDoc = FeatureDoc {
    name: "",
    group: "contacts",
    what: "",
    whose: "",
    why: "",
    range: "",
    evaded_by: "",
    inputs: &["content.seller_id"],
    any_of: &[&["content.title", "content.body", "content.media_hash"]],
    uses: &[],
    applies_to: &[],
    version: 1,
};

/// Before anything is known of a ring, one partner in ten is expected to be actioned, as firmly as five partners would say so.
const PARTNERS: RatePrior = RatePrior { alpha: 0.5, beta: 4.5, n: 0 };

/// Sellers in the ring.
pub(in crate::features) static RING_SIZE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "ring_size",
        what: "ln(sellers of the ring of sellers that share contacts, payment hints or media, this one included); 0 when it shares none",
        why: "one person behind many accounts",
        range: "0 and up",
        evaded_by: "another number for each account",
        ..CONTACTS
    },
    value: |item| item.ring.map(|ring| libm::log(f64::from(ring.size.max(1))) as f32),
};

/// Contacts that hold the ring together.
pub(in crate::features) static RING_SHARED_KEYS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "ring_shared_keys",
        what: "ln(1 + contacts, payment hints and media that hold the seller's ring together)",
        why: "one shared number may be chance, many are not",
        range: "0 and up",
        evaded_by: "another number for each account",
        ..CONTACTS
    },
    value: |item| item.ring.map(|ring| ln_count(u64::from(ring.shared_keys))),
};

/// Contacts that the seller itself shares.
pub(in crate::features) static RING_OWN_SHARED_KEYS: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "ring_own_shared_keys",
        what: "ln(1 + contacts, payment hints and media that the seller itself shares with others)",
        why: "the middle of a ring shares more than its edge",
        range: "0 and up",
        evaded_by: "another number for each account",
        ..CONTACTS
    },
    value: |item| item.ring.map(|ring| ln_count(u64::from(ring.own_shared_keys))),
};

/// Share of the ring's other sellers that were actioned.
pub(in crate::features) static RING_ACTIONED_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "ring_actioned_share",
        what: "other sellers of the ring that were actioned among all others, (k + 0.5) / (n + 5); the prior 0.1 for the first owner of \
               all that it shares; missing when it shares nothing",
        why: "an actioned seller comes back under another name with the same number",
        range: "0 to 1",
        evaded_by: "a new number after each action",
        inputs: &["content.seller_id", "actions"],
        uses: &["actions.content_id", "actions.seller_id"],
        ..CONTACTS
    },
    value: |item| ring(item).and_then(|ring| share(ring, ring.actioned)),
};

/// Actioned sellers of the ring.
pub(in crate::features) static RING_ACTIONED: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "ring_actioned",
        what: "ln(1 + other sellers of the ring that were actioned); 0 for the first owner of all that it shares",
        why: "the k behind ring_actioned_share: many actioned partners are worse than one",
        range: "0 and up",
        evaded_by: "a new number after each action",
        inputs: &["content.seller_id", "actions"],
        uses: &["actions.content_id", "actions.seller_id"],
        ..CONTACTS
    },
    value: |item| item.ring.and_then(|ring| ring.actioned).map(|n| ln_count(u64::from(n))),
};

/// Share of the ring's other sellers that have an item found violating.
pub(in crate::features) static RING_VIOLATING_SHARE: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "ring_violating_share",
        what: "other sellers of the ring with an item found violating among all others, (k + 0.5) / (n + 5); the prior 0.1 for the \
               first owner of all that it shares; missing when it shares nothing",
        why: "what one account was found to sell, its twin sells too",
        range: "0 to 1",
        evaded_by: "a new number for each account",
        inputs: &["content.seller_id", "decisions"],
        uses: &["decisions.overturns"],
        ..CONTACTS
    },
    value: |item| ring(item).and_then(|ring| share(ring, ring.violating)),
};

/// Whether the seller was the first owner of all that it shares.
pub(in crate::features) static RING_FIRST_OWNER: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "ring_first_owner",
        what: "1 when the seller was known to show each contact that it shares before any other seller; missing when it shares nothing",
        why: "a victim whose number or picture was copied, or the account that a ring began with",
        range: "0 or 1",
        evaded_by: "old accounts, bought",
        ..CONTACTS
    },
    value: |item| ring(item).map(|ring| flag(ring.is_first_owner)),
};

/// Days since the newest link.
pub(in crate::features) static RING_DAYS_SINCE_LINK: SimpleFeature = SimpleFeature {
    doc: &FeatureDoc {
        name: "ring_days_since_link",
        what: "ln(1 + days since the newest link of the seller's ring was known); missing when it shares nothing",
        why: "a ring that grows is at work",
        range: "0 and up",
        evaded_by: "accounts left to age",
        ..CONTACTS
    },
    value: |item| item.ring?.days_since_link.map(|days| libm::log1p(days.max(0.0)) as f32),
};

/// The ring of a seller that shares something.
fn ring<'a>(item: &'a ItemView<'_>) -> Option<&'a RingView> {
    item.ring.as_ref().filter(|ring| ring.size > 1)
}

fn share(ring: &RingView, found: Option<u32>) -> Option<f32> {
    let others = if ring.is_first_owner { 0 } else { ring.others() };
    Some(PARTNERS.shrink(u64::from(found?), u64::from(others)) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Feature;
    use crate::features::fixtures::Fixture;

    fn check(ring: RingView, expect: [(&SimpleFeature, Option<f32>); 8]) {
        let fixture = Fixture::default();
        let mut item = fixture.item();
        item.ring = Some(ring);
        for (feature, expect) in expect {
            let got = feature.value(&item);
            let near = got.zip(expect).is_some_and(|(got, expect)| (got - expect).abs() < 1e-6);
            assert!(near || got == expect, "{}: {got:?} instead of {expect:?}", feature.doc.name);
        }
    }

    #[test]
    fn a_ring_of_four_with_one_actioned() {
        let ring = RingView {
            size: 4,
            shared_keys: 2,
            own_shared_keys: 1,
            is_first_owner: false,
            actioned: Some(1),
            violating: Some(3),
            days_since_link: Some(6.0),
        };
        let expect = [
            (&RING_SIZE, Some(1.386_294_4)),
            (&RING_SHARED_KEYS, Some(1.098_612_3)),
            (&RING_OWN_SHARED_KEYS, Some(std::f32::consts::LN_2)),
            // (1 + 0.5) / (3 + 5) and (3 + 0.5) / (3 + 5).
            (&RING_ACTIONED_SHARE, Some(0.1875)),
            (&RING_ACTIONED, Some(std::f32::consts::LN_2)),
            (&RING_VIOLATING_SHARE, Some(0.4375)),
            (&RING_FIRST_OWNER, Some(0.0)),
            (&RING_DAYS_SINCE_LINK, Some(1.945_910_1)),
        ];
        check(ring, expect);
    }

    #[test]
    fn one_of_one_is_a_quarter_and_the_first_owner_keeps_the_prior() {
        let one_of_one = RingView { size: 2, actioned: Some(1), ..RingView::default() };
        let first = RingView { size: 9, is_first_owner: true, actioned: Some(0), ..RingView::default() };
        for (ring, expect) in [(one_of_one, 0.25), (first, 0.1), (RingView { size: 11, ..one_of_one }, 0.1)] {
            assert!((share(&ring, ring.actioned).unwrap() - expect).abs() < 1e-6, "{ring:?}");
        }
    }

    #[test]
    fn who_shares_nothing_has_no_share_and_a_missing_table_is_missing() {
        let expect = [
            (&RING_SIZE, Some(0.0)),
            (&RING_SHARED_KEYS, Some(0.0)),
            (&RING_OWN_SHARED_KEYS, Some(0.0)),
            (&RING_ACTIONED_SHARE, None),
            (&RING_ACTIONED, Some(0.0)),
            (&RING_VIOLATING_SHARE, None),
            (&RING_FIRST_OWNER, None),
            (&RING_DAYS_SINCE_LINK, None),
        ];
        check(RingView::alone(), expect);
        let unknown = RingView { size: 2, days_since_link: Some(0.0), ..RingView::default() };
        assert_eq!((share(&unknown, unknown.actioned), share(&unknown, unknown.violating)), (None, None));
    }
}
