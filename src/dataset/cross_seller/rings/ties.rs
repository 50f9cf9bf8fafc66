//! Which sellers the links of a midnight tie together, and by what.
//!
//! A contact ties all its sellers. A picture or video alone ties nobody: two sellers are tied once they share `min_shared_media` of them.

use super::components::Link;
use crate::units::Timestamp;

/// A contact, picture or video with the sellers among which it ties.
pub(super) struct Tie {
    /// The sellers, and when each was known to show it.
    pub(super) sellers: Vec<(u32, Timestamp)>,
    /// Who showed it strictly before all others; of several at one moment nobody did.
    pub(super) owner: Option<u32>,
}

/// All ties of a component at a midnight.
pub(super) struct Ties {
    /// What ties.
    pub(super) ties: Vec<Tie>,
    /// Sellers that are in one ring.
    pub(super) pairs: Vec<(u32, u32)>,
}

impl Ties {
    /// The ties of `links`.
    pub(super) fn of<'a>(links: impl Iterator<Item = Link<'a>>, min_shared_media: u32) -> Self {
        let (media, contacts): (Vec<Link<'a>>, Vec<Link<'a>>) = links.partition(|link| link.is_media);
        let shared = shared_often(&media, min_shared_media);
        let is_tied = |a: u32, b: u32| shared.binary_search(&(a.min(b), a.max(b))).is_ok();
        let all = contacts.iter().map(|link| tie(link, |_| true));
        let some = media.iter().map(|link| tie(link, |seller| link.sellers.iter().any(|other| is_tied(seller, *other))));
        let ties: Vec<Tie> = all.chain(some).filter(|tie| !tie.sellers.is_empty()).collect();
        let by_contact = contacts.iter().flat_map(|link| link.sellers.windows(2).map(|pair| (pair[0], pair[1])));
        let pairs = by_contact.chain(shared.iter().copied()).collect();
        Self { ties, pairs }
    }
}

fn tie(link: &Link<'_>, is_held: impl Fn(u32) -> bool) -> Tie {
    let sellers = link.sellers.iter().copied().zip(link.known.iter().copied()).filter(|(seller, _)| is_held(*seller)).collect();
    let is_owned = link.known.first() < link.known.get(1);
    Tie { sellers, owner: link.sellers.first().copied().filter(|_| is_owned) }
}

/// The pairs of sellers that share at least `least` of `media`, ascending, the lower seller first.
fn shared_often(media: &[Link<'_>], least: u32) -> Vec<(u32, u32)> {
    let pairs = media.iter().flat_map(|link| {
        let after = |at: usize| link.sellers.iter().skip(at + 1);
        link.sellers.iter().enumerate().flat_map(move |(at, a)| after(at).map(move |b| (*a.min(b), *a.max(b))))
    });
    let mut pairs: Vec<(u32, u32)> = pairs.collect();
    pairs.sort_unstable();
    pairs.chunk_by(|a, b| a == b).filter(|same| same.len() >= least as usize).filter_map(|same| same.first().copied()).collect()
}
