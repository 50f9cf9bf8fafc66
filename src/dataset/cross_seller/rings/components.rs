//! Contacts with their sellers, ordered by the component that they could ever belong to.

use petgraph::unionfind::UnionFind;

use crate::units::{AsOf, Timestamp};

/// A seller that showed a contact, and from when on that was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sighting {
    pub(super) known: Timestamp,
    pub(super) seller: u64,
}

/// One contact while it is gathered: its part of the sightings, and how many sellers it may tie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contact {
    pub(super) begin: usize,
    pub(super) n: usize,
    pub(super) cap: u32,
    pub(super) is_media: bool,
}

/// Contacts and their sellers, by component.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Components {
    /// The component of each seller.
    component_of: Vec<u32>,
    /// Where each component's contacts begin; one more at the end.
    begins: Vec<u32>,
    /// Contacts by component: where their sellers begin, how many they may tie, and whether it is a picture or video.
    contacts: Vec<(u64, u32, bool)>,
    /// Sellers by contact, in the order in which they were known.
    sellers: Vec<u32>,
    /// When they were known.
    known: Vec<Timestamp>,
}

/// A contact, picture or video that few enough sellers shared at a midnight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link<'a> {
    /// Its sellers, by when they were known.
    pub(super) sellers: &'a [u32],
    /// When they were known.
    pub(super) known: &'a [Timestamp],
    /// Whether it is a picture or video.
    pub(super) is_media: bool,
}

impl Components {
    /// Orders contacts by component. `sellers` are the hashes of all sellers, ascending.
    pub(super) fn of(contacts: Vec<Contact>, sightings: Vec<Sighting>, sellers: &[u64]) -> Self {
        let index = |seller: u64| place(sellers.partition_point(|known| *known < seller));
        let members: Vec<u32> = sightings.iter().map(|sighting| index(sighting.seller)).collect();
        let part = |contact: &Contact| contact.begin..contact.begin + contact.n;
        let mut union = UnionFind::<u32>::new(sellers.len());
        for contact in &contacts {
            let tied = members.get(part(contact)).unwrap_or_default();
            tied.windows(2).for_each(|pair| _ = union.union(pair[0], pair[1]));
        }
        // Components are numbered by their first seller, whatever the union calls them.
        let labels = union.into_labeling();
        let mut number = vec![u32::MAX; labels.len()];
        let mut n_components = 0;
        let mut component_of = Vec::with_capacity(labels.len());
        for label in labels {
            let Some(number) = number.get_mut(label as usize) else { continue };
            if *number == u32::MAX {
                *number = n_components;
                n_components += 1;
            }
            component_of.push(*number);
        }
        let home = |contact: &Contact| members.get(contact.begin).and_then(|seller| component_of.get(*seller as usize)).copied();
        let mut contacts: Vec<(u32, Contact)> = contacts.iter().filter_map(|contact| Some((home(contact)?, *contact))).collect();
        contacts.sort_by_key(|(component, _)| *component);

        let mut ordered = Self { component_of: Vec::new(), ..Self::default() };
        for (component, contact) in &contacts {
            while ordered.begins.len() <= *component as usize {
                ordered.begins.push(place(ordered.contacts.len()));
            }
            ordered.contacts.push((ordered.sellers.len() as u64, contact.cap, contact.is_media));
            ordered.sellers.extend_from_slice(members.get(part(contact)).unwrap_or_default());
            ordered.known.extend(sightings.get(part(contact)).unwrap_or_default().iter().map(|sighting| sighting.known));
        }
        ordered.begins.push(place(ordered.contacts.len()));
        ordered.component_of = component_of;
        ordered
    }

    /// The component of a seller.
    pub(super) fn component(&self, seller: u32) -> Option<u32> {
        self.component_of.get(seller as usize).copied()
    }

    /// The contacts of a component that at least two and few enough sellers shared at `as_of`.
    pub(super) fn links(&self, component: u32, as_of: AsOf) -> impl Iterator<Item = Link<'_>> {
        let at = component as usize;
        let begin = self.begins.get(at).map_or(0, |begin| *begin as usize);
        let end = self.begins.get(at + 1).map_or(begin, |end| *end as usize);
        (begin..end).filter_map(move |contact| {
            let (from, cap, is_media) = *self.contacts.get(contact)?;
            let to = self.contacts.get(contact + 1).map_or(self.sellers.len(), |(next, _, _)| *next as usize);
            let (sellers, known) = (self.sellers.get(from as usize..to)?, self.known.get(from as usize..to)?);
            let n = known.partition_point(|known| *known < as_of.instant);
            let ties = n >= 2 && n <= cap as usize;
            ties.then(|| Some(Link { sellers: sellers.get(..n)?, known: known.get(..n)?, is_media })).flatten()
        })
    }
}

/// A place in a list. 2³² contacts that sellers share do not fit into the memory of one machine.
fn place(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
