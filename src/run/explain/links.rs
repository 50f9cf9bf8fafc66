//! Who else says the same, and which sellers share contacts: members by name, which takes another look at all shards.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use crate::dataset::{LinkKey, Shard};
use crate::explain::{ContactPolicy, CopyCase, CopyMember, MOST_MEMBERS, RingCase, SharedContact, shortened};
use crate::features::{DuplicateView, RingView};
use crate::run::urgent::published_urgent;
use crate::text::{TextProfile, contact_keys, tokens};
use crate::units::{Id, Timestamp};

/// Characters of an identifier that are shown.
const MOST_NAME: usize = 80;

/// Copies of the item, and the ring of its seller.
pub(super) fn links(subject: &Subject<'_>) -> anyhow::Result<(Option<CopyCase>, Option<RingCase>)> {
    let (item, cross) = (&subject.item, &subject.input.cross);
    let copies = cross.copies_of(&item.content_id, item.as_of);
    let ring = item.seller_id.as_ref().map(|seller| cross.ring_of(seller, item.as_of)).unwrap_or_default();
    let urgent = published_urgent(&subject.project.config.output.path)?.into_values().flatten().collect();
    let mut found = Found { urgent, ..Found::default() };
    if !copies.is_empty() || !ring.is_empty() {
        for index in 0..subject.input.spilled.n_shards() {
            let shard = subject.input.shard(index, subject.project)?;
            found.look(subject, &shard, &copies, &ring);
        }
    }
    let copies = subject.background.duplicates.map(|view| copy_case(subject, &view, &mut found));
    let ring = subject.background.ring.map(|view| ring_case(&view, &found, subject));
    Ok((copies, ring))
}

/// Members by name.
#[derive(Default)]
struct Found {
    copies: Vec<(Timestamp, Id, Option<Id>)>,
    sellers: BTreeSet<Id>,
    /// Items that stand in `escalations` alone: counted, never named.
    urgent: BTreeSet<Id>,
    /// What the ring's sellers show, and who does.
    contacts: BTreeMap<String, BTreeSet<Id>>,
}

impl Found {
    /// Adds the members that `shard` holds.
    fn look(&mut self, subject: &Subject<'_>, shard: &Shard, copies: &[LinkKey], ring: &[LinkKey]) {
        let (zones, day) = (&subject.project.config.time.zones, subject.place.day);
        for (id, history) in &shard.contents {
            if copies.binary_search(&LinkKey::of(id)).is_ok()
                && !self.urgent.contains(id)
                && let Some(first) = history.first()
            {
                let seller = history.version_at(subject.item.as_of).and_then(|version| version.seller_id.clone());
                let known = first.ingested_at.unwrap_or(first.published_at).max(first.published_at);
                self.copies.push((known, id.clone(), seller));
            }
        }
        for (id, seller) in shard.sellers.iter().filter(|(id, _)| ring.binary_search(&LinkKey::of(id)).is_ok()) {
            self.sellers.insert(id.clone());
            for (_, history) in seller.items.iter().filter_map(|at| shard.contents.get(*at)) {
                let Some(market) = history.first().map(|first| first.market) else { continue };
                let as_of = zones.as_of(market, day);
                let known =
                    history.versions.iter().filter(|v| as_of.knows(v.valid_from.unwrap_or(v.published_at), v.ingested_at));
                for version in known {
                    let text = TextProfile::of(version.title.as_deref(), version.body.as_deref()).normalised;
                    let words: Vec<&str> = tokens(&text).map(|token| token.text).collect();
                    let mut add = |what: String| _ = self.contacts.entry(what).or_default().insert(id.clone());
                    for key in contact_keys(&text, &words, version.market) {
                        // Masked values of different contacts may look alike, so they are told apart by their hash.
                        let shown = match subject.contacts {
                            ContactPolicy::Mask => key.masked(),
                            ContactPolicy::Show => format!("{} {}", key.kind.as_str(), key.value),
                        };
                        add(format!("{shown}\0{:016x}", key.stable_hash()));
                    }
                    if let Some(hash) = version.media_hash.as_ref().filter(|hash| !hash.is_empty()) {
                        add(format!("picture or video {}", shortened(hash, 24)));
                    }
                }
            }
        }
    }
}

fn copy_case(subject: &Subject<'_>, view: &DuplicateView, found: &mut Found) -> CopyCase {
    found.copies.sort();
    let place = found.copies.iter().position(|(_, id, _)| *id == subject.item.content_id).unwrap_or(0);
    let mut members: Vec<CopyMember> = Vec::new();
    for (at, (known, id, seller)) in found.copies.iter().enumerate() {
        let is_this = at == place;
        // The first ones, and this one wherever it stands.
        if members.len() < MOST_MEMBERS - 1 || is_this || (place < at && members.len() < MOST_MEMBERS) {
            members.push(CopyMember {
                content_id: shortened(id, MOST_NAME),
                seller_id: seller.as_ref().map(|id| shortened(id, MOST_NAME)),
                first_seen: known.to_string(),
                is_this,
            });
        }
    }
    CopyCase {
        size: view.size,
        sellers: view.sellers,
        same_text: view.exact,
        same_media: view.same_media,
        earlier: view.rank,
        days_after_first: view.days_after_first,
        is_copy: view.is_copy,
        decided_earlier: view.decided_before,
        violating_earlier: view.violating_before,
        members,
    }
}

fn ring_case(view: &RingView, found: &Found, subject: &Subject<'_>) -> RingCase {
    let most = subject.project.config.features.contacts.max_sellers as usize;
    let own = subject.item.seller_id.as_ref();
    let shared = found.contacts.iter().filter(|(_, sellers)| (2..=most).contains(&sellers.len()));
    let mut contacts: Vec<SharedContact> = shared
        .map(|(shown, sellers)| SharedContact {
            name: shortened(shown.split('\0').next().unwrap_or_default(), MOST_NAME),
            sellers: sellers.len() as u64,
            own: own.is_some_and(|own| sellers.contains(own)),
        })
        .collect();
    contacts.sort_by(|a, b| (b.own, b.sellers, &a.name).cmp(&(a.own, a.sellers, &b.name)));
    contacts.truncate(MOST_MEMBERS);
    let others = found.sellers.iter().filter(|id| Some(*id) != own);
    RingCase {
        size: view.size,
        shared: view.shared_keys,
        own_shared: view.own_shared_keys,
        is_first_owner: view.is_first_owner,
        actioned: view.actioned,
        violating: view.violating,
        days_since_link: view.days_since_link,
        sellers: own
            .into_iter()
            .filter(|_| view.size > 1)
            .chain(others)
            .take(MOST_MEMBERS)
            .map(|id| shortened(id, MOST_NAME))
            .collect(),
        contacts,
    }
}
