//! Whose minutes go to which items: the review queue of a night.
//!
//! Input: the items in scope, as the scorer and the policies left them, in order of market and content; second-review and golden cases;
//! the minutes that reviews took. Output: ranked rows for each market, each with its place explained, and what the night's capacity
//! did not reach. Deliberately not here: files, the published form of a row (`run`), who reviews what in the end.
//!
//! A market is read twice. First its *frame* is summed (how many minutes all of its items would take), from which the probabilities of
//! the drawn slices follow. Then every item is drawn or not, joined to its case, and offered to its team; a team keeps no more cases
//! than its minutes last. Nothing depends on the order of offers, so neither shards nor threads can change a queue.
//!
//! What comes first in a market: the drawn items, second reviews and golden cases, in an order that tells nothing, because one that is
//! left undone spoils the estimate that it was drawn for; then what waited too long, oldest first; then what policies asked for and the
//! rest by the configured order. Of the minutes, what policies asked for has the first claim.

mod case;
mod check;
mod csv;
mod draw;
mod frame;
mod item;
mod market;
mod minutes;
mod order;
mod prefix;
mod row;
mod staffing;
mod team;
mod why;
#[cfg(test)]
mod tests;

pub use check::{CheckCase, CheckKind, GoldenAnswer};
pub use csv::{csv_cell, csv_line};
pub use draw::{Draws, Purpose};
pub use frame::Frame;
pub use item::{Leading, QueueItem};
pub use market::{MarketQueue, QueueRules, TeamResult};
pub use minutes::MinutesTaken;
pub use row::{GoldenRow, QueueRow, Slice};
pub use staffing::{StaffingCurve, StaffingPoint};
pub use team::{Skills, Teams};
