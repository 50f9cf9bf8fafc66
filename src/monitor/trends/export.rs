//! What a trend becomes: a draft policy for its owner to finish, and a batch of items to label.

use std::fmt::Write as _;

use super::super::{Trend, TrendKind};
use crate::queue::csv_line;
use crate::units::{Day, stable_hash};

/// Never change: identifiers of trends are built of it.
const SEED: u64 = 0x7472_656e_645f_6964;

impl Trend {
    /// A short identifier, the same every night for the same kind, market and name: eight hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        let hash = stable_hash(SEED, &format!("{:?}|{}|{}", self.kind, self.market, self.name));
        format!("{:08x}", hash >> 32)
    }
}

/// A policy file, in mode `draft`, that sends the items of `trend` to review as `label`; its owner completes it. `None` for a trend
/// without a condition.
#[must_use]
pub fn draft_policy(trend: &Trend, label: &str, owner: &str, day: Day) -> Option<String> {
    let condition = trend.condition.as_ref()?;
    let mut file =
        String::from("# Drafted from a trend. Read the condition, write cases, then: policy check, policy simulate.\n");
    let kind = kind_name(trend.kind);
    let growth = trend.growth;
    let reason = format!(
        "Rising {kind} in {} on {day}: {} items of {} sellers, {growth:.1} times the rate before ({}).",
        trend.market, trend.items, trend.sellers, trend.name
    );
    for (key, value) in [("id", format!("trend_{}", trend.id())), ("owner", owner.to_owned()), ("reason", reason)] {
        let _ = writeln!(file, "{key} = {}", quoted(&value));
    }
    let _ = writeln!(file, "labels = [{}]", quoted(label));
    let _ = writeln!(file, "markets = [{}]", quoted(trend.market.as_str()));
    let _ = writeln!(file, "when = {}", quoted(condition));
    file.push_str("treatment = \"review\"\nmode = \"draft\"\n");
    Some(file)
}

/// The kind in a word.
fn kind_name(kind: TrendKind) -> &'static str {
    match kind {
        TrendKind::Cluster => "copies",
        TrendKind::Term => "term",
        TrendKind::Domain => "domain",
        TrendKind::Handle => "handle",
        TrendKind::Ring => "ring",
        TrendKind::Cohort => "cohort",
        TrendKind::Group => "group",
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(written, "\\u{:04X}", u32::from(c));
            }
            c => written.push(c),
        }
    }
    written.push('"');
    written
}

/// The examples of `trend` as CSV for reviewers to label, safe to open in a spreadsheet: `content_id`, `market`, `trend`, `text`,
/// and the empty columns `label` and `verdict`.
#[must_use]
pub fn labelling_batch(trend: &Trend) -> String {
    let mut file = csv_line(["content_id", "market", "trend", "text", "label", "verdict"]);
    let id = trend.id();
    for example in &trend.examples {
        file.push_str(&csv_line([example.content_id.as_str(), trend.market.as_str(), &id, &example.text, "", ""]));
    }
    file
}
