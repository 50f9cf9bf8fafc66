//! The quantities everything else speaks in: instants, local days, as-of dates, markets, probabilities and the field's
//! enumerations.
//!
//! Input: nothing. Output: small `Copy` types with their parsers. Deliberately not here: configuration, files, tables.

mod as_of;
mod id;
mod kinds;
mod market;
mod probability;
mod split_mix;
mod time;

pub use as_of::{AsOf, Zones, ZonesError};
pub use id::{Id, stable_hash};
pub use kinds::{
    AfterSalesKind, ContentType, DecidedBy, LabelKind, SelectedBy, Severity, SeverityError, Treatment, UnknownName, Verdict,
};
pub use market::{Market, MarketError};
pub use probability::{Probability, ProbabilityError};
pub use split_mix::{GOLDEN, SplitMix, finalise, split_mix, unit_interval};
pub use time::{Day, TimeError, Timestamp};
