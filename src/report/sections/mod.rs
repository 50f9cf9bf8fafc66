//! The sections, in reading order: what a person must act on comes first.

mod summary;
mod escalations;
mod prevalence;
mod policies;
mod work;
mod trust;
mod trends;
mod losses;
mod sellers;
mod health;

use super::build::Night;
use super::document::Section;

/// All of them.
pub(super) fn sections(night: &Night<'_>) -> Vec<Section> {
    vec![
        summary::section(night),
        escalations::section(night),
        prevalence::section(night),
        policies::section(night),
        work::section(night),
        trust::section(night),
        trends::section(night),
        losses::section(night),
        sellers::section(night),
        health::section(night),
    ]
}
