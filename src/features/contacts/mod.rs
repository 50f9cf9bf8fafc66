//! Features of rings: sellers joined by contacts, payment hints or media that they share.
//!
//! Input: the ring of the item's seller at the midnight, which `dataset` derives. Shares are shrunk: one actioned partner of one is not
//! 100 %. The first owner of every contact that it shares inherits nothing from those who copied it. Deliberately not here: what
//! counts as a contact (`text`), and how many sellers may share one (`[features.contacts]`).

mod ring;

pub(super) use ring::*;

/// The ring of a seller: those that share contacts with it, directly or through others, before a midnight.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RingView {
    /// Sellers, this one included; 1 when it shares nothing.
    pub size: u32,
    /// Shared contacts that hold the ring together.
    pub shared_keys: u32,
    /// Shared contacts of this seller itself.
    pub own_shared_keys: u32,
    /// The seller was the first owner of every contact that it shares, so it inherits nothing.
    pub is_first_owner: bool,
    /// Other sellers of the ring that were actioned; 0 for a first owner; `None` without an actions table.
    pub actioned: Option<u32>,
    /// Other sellers of the ring with an item found violating by a decision that stands; 0 for a first owner; `None` without a
    /// decisions table.
    pub violating: Option<u32>,
    /// Days since the newest link of the ring was known; `None` when the seller shares nothing.
    pub days_since_link: Option<f64>,
}

impl RingView {
    /// A seller that shares nothing.
    #[must_use]
    pub fn alone() -> Self {
        Self { size: 1, actioned: Some(0), violating: Some(0), ..Self::default() }
    }

    /// Other sellers of the ring.
    fn others(&self) -> u32 {
        self.size.saturating_sub(1)
    }
}
