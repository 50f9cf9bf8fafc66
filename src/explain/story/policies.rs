//! What each policy says of the item.

use crate::explain::case::Case;
use crate::explain::document::{Document, Piece, code, plain, strong};
use crate::explain::policy_case::PolicyCase;

pub(super) fn tell(case: &Case, document: &mut Document) {
    document.heading("What the policies say");
    let Some(summary) = &case.policies else {
        document.say("The project has no policies, so everything is left alone (allow).");
        return;
    };
    let listed = |ids: &[String]| if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
    let mut pieces = vec![
        plain("Together: "),
        strong(super::treatment(summary.treatment)),
        plain(format!(
            ". Policies that act: {}. Policies in shadow that would: {}.",
            listed(&summary.fired),
            listed(&summary.shadow)
        )),
    ];
    if let Some(policy) = &summary.held_back_by {
        pieces.push(plain(format!(" The item is held back from policy {policy}, so that its effect can be measured.")));
    }
    if summary.not_evaluated > 0 {
        pieces.push(plain(format!(" {} more policies are about labels that this project doesn't score.", summary.not_evaluated)));
    }
    document.paragraph(pieces);
    let asked = case.policy_cases.iter().filter(|policy| policy.in_scope);
    document.items(asked.map(|policy| (label(policy).to_owned(), said(policy))).collect());
    let others: Vec<&str> = case.policy_cases.iter().filter(|policy| !policy.in_scope).map(|policy| policy.id.as_str()).collect();
    if !others.is_empty() {
        document.say(format!(
            "Not asked, because they are about other kinds of content, other markets or other days: {}.",
            others.join(", ")
        ));
    }
}

/// One word for what came of it.
fn label(policy: &PolicyCase) -> &'static str {
    match policy.verdict {
        Some("true") => "holds",
        Some("null") => "unknown",
        _ => "does not",
    }
}

fn said(policy: &PolicyCase) -> Vec<Piece> {
    let mut pieces = vec![code(&policy.id), plain(format!(" ({}, treatment {}", policy.mode, policy.treatment))];
    if policy.verdict == Some("false") {
        pieces.push(plain("): "));
    } else {
        pieces.push(plain(format!("; owner {}): {}. Its condition: ", policy.owner, policy.outcome.trim_end_matches('.'))));
    }
    pieces.extend([code(&policy.when), plain(". ")]);
    if !policy.read.is_empty() {
        let values: Vec<String> = (policy.read.iter())
            .map(|read| format!("{} = {}", read.column, read.value.as_deref().unwrap_or("missing")))
            .collect();
        pieces.push(plain(format!("Here {}.", values.join(", "))));
    }
    let turned = if policy.verdict == Some("true") { "It would no longer hold" } else { "It would hold" };
    match (policy.flips.is_empty(), policy.verdict) {
        (false, _) => pieces.push(plain(format!(" {turned} if {}.", policy.flips.join(", or if ")))),
        (true, Some("false")) => pieces.push(plain(" No single value turns it over.")),
        (true, _) => {}
    }
    pieces
}
