//! Features of rings: sellers joined by contacts, payment hints or media that they share.

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
    /// Other sellers of the ring that were actioned; 0 for a first owner.
    pub actioned: u32,
    /// Days since the newest link was seen.
    pub days_since_link: f64,
}
