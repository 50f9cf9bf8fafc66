//! A seeded marketplace: all seven tables of any size, and the truth apart.
//!
//! Input: [`SynthConfig`]. Output: rows, one seller after another, into a [`SynthSink`]; nothing is kept between sellers, so a
//! hundred items and a hundred million take the same memory. Deliberately not here: files, clocks, bad rows (every row is clean).
//!
//! # The generative model
//!
//! - **Neighbourhoods** of 512 sellers hold whatever joins sellers: campaigns, copy rings, brigades, shared accounts, catalogues.
//! - A **seller** has a latent honesty (a mixture of beta distributions), appetites for some labels, a market, habits of writing,
//!   and a Pareto number of items. Tier, rating, rates, tenure and verification follow honesty with more noise than signal.
//! - An **item** violates a label with the label's base rate × its seller's temptation × its category's pull, more in a ring, and
//!   always as part of a **campaign**: colluding sellers of one market push a template for two to four weeks, and its disguise
//!   grows day by day once the platform has noticed it. One campaign starts in the last week, unseen in training.
//! - Each label leaves several weak **traces**: phrases that honest sellers use too, disguise, brands, prices, discounts,
//!   edits, duplicates, pictures, detector columns, who wrote it, how viewers react, reports, after-sales. No single one decides.
//! - **Engagement** is heavy-tailed, decays with age, follows the week and ends when an item is held. `views_untreated` in the
//!   truth says what it would have been.
//! - **Reports** come from accounts of unequal reliability, and from brigades in bad faith.
//! - The **desk** draws a random slice with an exact inclusion probability, an importance slice with a recorded one, and takes the
//!   rest by an incumbent model, policies and reports. Reviewers have a sensitivity and a specificity each, suspicion primes them,
//!   appeals overturn, second reviews and golden cases are drawn, and some decisions are automatic and biased.
//! - **After-sales** events come three to thirty days after the order; those that fall after the window are not there yet.
//!
//! Every draw comes from a stream keyed by (seed, purpose, seller, item). So a seller's rows do not depend on how many sellers are
//! generated, a smaller marketplace is a prefix of a larger one (but for its last seller), and the same seed gives the same rows.
//!
//! # Frozen
//!
//! Everything that detects, ranks or measures is judged on these marketplaces, so their parameters stay as they are: a test pins a digest
//! of the rows. Whoever has a reason to change them states the figures before and after.

mod block;
mod desk;
mod disguise;
mod draft;
mod ids;
mod labels;
mod lexicon;
mod life;
mod listing;
mod opinion;
mod output;
mod place;
mod plan;
mod random;
mod reaction;
mod reviewers;
mod seller;
mod treatment;
mod truth;
mod verdicts;
mod versions;
mod writer;

#[cfg(test)]
mod tests;

use std::error::Error;

use thiserror::Error;

use crate::tables::TableRow;
use crate::units::{Day, MarketError};

use block::{BLOCK_SELLERS, Block};
use lexicon::Lexicons;
use output::Output;
use plan::Plan;
use random::{Domain, Rng};
use seller::Seller;

pub use labels::{LABELS, LabelSpec};
pub use truth::{CampaignTruth, ContentTruth, ReporterTruth, ReviewerTruth, SellerTruth, TruthRow};

/// The detector columns of `ContentRow::extra`, in its order. Known for videos and live streams only.
pub const EXTRA_COLUMNS: [&str; 2] = ["x_speech_share", "x_static_frame_share"];
/// The length of the window when nothing else is asked for.
pub const DEFAULT_DAYS: u32 = 84;

const DAY_US: i64 = 86_400_000_000;

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SynthConfig {
    /// Number of items; every label is there from 100 on.
    pub content: u64,
    /// Equal seeds give equal rows.
    pub seed: u64,
    /// First day of the window, in UTC.
    pub first_day: Day,
    /// Days of the window, 14 to 730.
    pub days: u32,
}

/// The error of a sink.
pub type SinkError = Box<dyn Error + Send + Sync>;

/// Where rows go.
pub trait SynthSink {
    /// Takes a row of one of the seven tables.
    ///
    /// # Errors
    /// When it cannot be kept; generation stops.
    fn row(&mut self, row: TableRow) -> Result<(), SinkError>;

    /// Takes a row of the truth, to be kept apart.
    ///
    /// # Errors
    /// When it cannot be kept; generation stops.
    fn truth(&mut self, row: TruthRow) -> Result<(), SinkError>;
}

/// How many rows were generated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SynthSummary {
    /// Distinct sellers.
    pub sellers: u64,
    /// Distinct items.
    pub content: u64,
    /// Rows of `sellers`.
    pub seller_rows: u64,
    /// Rows of `content`, versions included.
    pub content_rows: u64,
    /// Rows of `engagement`.
    pub engagement_rows: u64,
    /// Rows of `decisions`.
    pub decision_rows: u64,
    /// Rows of `actions`.
    pub action_rows: u64,
    /// Rows of `reports`.
    pub report_rows: u64,
    /// Rows of `after_sales`.
    pub after_sales_rows: u64,
}

/// Generation stopped.
#[derive(Debug, Error)]
pub enum SynthError {
    /// The window is too short for campaigns, or absurdly long.
    #[error("a window of {days} days: expected 14 to 730")]
    Window {
        /// The days asked for.
        days: u32,
    },
    /// A built-in word list is incomplete.
    #[error("words/{language}.txt has no line `{section} = …`: the build is broken, add it")]
    Words {
        /// The language's tag.
        language: &'static str,
        /// The missing list.
        section: &'static str,
    },
    /// A built-in market code is not one.
    #[error("a built-in market is broken")]
    Market {
        /// Why.
        source: MarketError,
    },
    /// The sink refused a row.
    #[error("a generated row could not be kept")]
    Sink {
        /// Why.
        source: SinkError,
    },
}

/// What every part of the generator reads.
#[derive(Debug)]
struct World {
    seed: u64,
    first_day: Day,
    days: u32,
    /// First and first-after instant of the window, µs.
    start: i64,
    end: i64,
    lexicons: Lexicons,
}

impl World {
    fn new(config: &SynthConfig) -> Result<Self, SynthError> {
        if !(14..=730).contains(&config.days) {
            return Err(SynthError::Window { days: config.days });
        }
        let start = i64::from(config.first_day.0) * DAY_US;
        let end = start + i64::from(config.days) * DAY_US;
        Ok(Self { seed: config.seed, first_day: config.first_day, days: config.days, start, end, lexicons: Lexicons::load()? })
    }

    /// Fractional days since the window began.
    fn day_of(&self, at: i64) -> f64 {
        (at - self.start) as f64 / DAY_US as f64
    }

    /// The stream of an item's own numbers, where its text is shared with others.
    fn own_stream(&self, seller: &Seller, plan: &Plan) -> Rng {
        Rng::new(self.seed, Domain::Text, seller.index, plan.index | (98 << 32))
    }
}

/// Generates the marketplace of `config` into `sink`: sellers in order, and of each seller its versions, then its items with their
/// engagement, reports and after-sales in order of publication, then its decisions and actions in order of time.
///
/// # Errors
/// When the window is out of range, or at the first row that the sink refuses.
pub fn generate(config: &SynthConfig, sink: &mut dyn SynthSink) -> Result<SynthSummary, SynthError> {
    let world = World::new(config)?;
    let mut out = Output { sink, summary: SynthSummary::default() };
    for truth in reviewers::reviewer_truths(&world) {
        out.truth(TruthRow::Reviewer(truth))?;
    }
    let mut block = Block::draw(&world, 0);
    for index in 0.. {
        if out.summary.content >= config.content {
            break;
        }
        if index % BLOCK_SELLERS == 0 {
            block = Block::draw(&world, index / BLOCK_SELLERS);
            out.block(&world, &block)?;
        }
        let seller = Seller::draw(&world, &block, index);
        let n_items = seller.n_items.min(config.content - out.summary.content);
        out.seller(&world, &block, &seller, n_items)?;
    }
    Ok(out.summary)
}
