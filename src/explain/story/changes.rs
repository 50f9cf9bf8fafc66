//! What would have to be different for another outcome.

use super::figures::{counted, percent};
use crate::explain::case::{Case, Change};
use crate::explain::document::{Document, Piece, plain, strong};

pub(super) fn tell(case: &Case, document: &mut Document) {
    let changes = &case.changes;
    if changes.tried.is_empty() {
        return;
    }
    document.heading("What would change the outcome");
    let flips = changes.tried.iter().filter(|change| change.flips).count();
    let n = counted(changes.tried.len() as u64, "single change was", "single changes were");
    document.say(if flips == 0 {
        format!("Nothing by itself: {n} tried, each computed anew with the model, and none leads to another band or treatment.")
    } else {
        format!("{n} tried, each computed anew with the model; {flips} of them would lead to another band or treatment.")
    });
    let items = changes.tried.iter().map(|change| {
        let label = if change.flips { "changes" } else { "no change" };
        (label.to_owned(), said(change))
    });
    document.items(items.collect());
}

fn said(change: &Change) -> Vec<Piece> {
    let p = percent(change.p);
    let mut pieces = vec![plain(format!("if {}: {p}", change.what))];
    if change.flips {
        pieces.extend([plain(", "), strong(outcome(change))]);
    }
    pieces
}

/// Band and treatment of a change.
pub(super) fn outcome(change: &Change) -> String {
    format!("band {} and treatment {}", change.band, change.treatment)
}
