//! A simulation as Markdown that lines up in a terminal.

use std::collections::BTreeMap;
use std::fmt;

use super::{Simulation, Sweep};
use crate::evaluation::Proportion;
use crate::policy::{Change, ChangeTotals, PolicyReplay, SegmentTotals};
use crate::run::text_table::text_table;

/// Segments that are shown; JSON and the swap set have all.
const SEGMENTS: usize = 15;

impl fmt::Display for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Policies simulated from {} to {}\n", self.from, self.to)?;
        writeln!(
            f,
            "{} nights, {} item-nights; current set {}, candidate {}.",
            self.nights, self.rows, self.current_version, self.candidate_version
        )?;
        if !self.taken_live.is_empty() {
            writeln!(f, "Taken to be live: {}.", self.taken_live.join(", "))?;
        }
        if self.differing > 0 {
            writeln!(
                f,
                "{} item-nights were published with another treatment than the current set gives them today.",
                self.differing
            )?;
        }
        if self.without_evidence > 0 {
            writeln!(
                f,
                "{} item-nights have no evidence: what policies read of them beside scores is null.",
                self.without_evidence
            )?;
        }
        if self.in_escalations_alone > 0 {
            writeln!(
                f,
                "{} item-nights stand in `escalations` alone: no set is tried on them, and caps that are shares leave them out.",
                self.in_escalations_alone
            )?;
        }
        if !self.recomputed.is_empty() {
            writeln!(f, "Not kept at the time and recomputed from the input as it is now: {}.", self.recomputed.join(", "))?;
        }
        if !self.unknown.is_empty() {
            writeln!(f, "Not kept and not to be had: {}; they are null.", self.unknown.join(", "))?;
        }
        writeln!(f, "\n## What each set does\n")?;
        let total = |name: &str, t: &crate::policy::SetTotals| {
            let by: Vec<String> = t.by_treatment.iter().map(|(treatment, n)| format!("{treatment} {n}")).collect();
            let numbers = [t.item_nights, t.items, t.sellers, t.limited_item_nights, t.reviewed_items].map(|n| n.to_string());
            [vec![name.to_owned()], numbers.to_vec(), vec![format!("{:.1}", t.review_minutes / 60.0), by.join(", ")]].concat()
        };
        let head = [
            "set",
            "item-nights",
            "items",
            "sellers",
            "of less reach",
            "items to review",
            "reviewer hours",
            "item-nights by treatment",
        ];
        f.write_str(&text_table(&head, &[total("current", &self.current), total("candidate", &self.candidate)]))?;
        writeln!(f, "\n## The swap set\n")?;
        if self.changes.is_empty() {
            writeln!(f, "Nothing changes.")?;
        } else {
            f.write_str(&changes(&self.changes))?;
            writeln!(
                f,
                "\n{}",
                self.transitions
                    .iter()
                    .map(|t| format!("{} to {}: {}", t.before, t.after, t.item_nights))
                    .collect::<Vec<_>>()
                    .join("; ")
            )?;
            if self.changes.iter().any(|c| matches!(c.change, Change::LessReach | Change::MoreReach)) {
                writeln!(
                    f,
                    "Less or more reach: the most severe treatment stays as it is, and one that lowers rank applies beside it or no longer does."
                )?;
            }
            writeln!(f, "\nWhere:\n")?;
            f.write_str(&segments(&self.segments))?;
            if self.segments.len() > SEGMENTS {
                writeln!(f, "\nand {} smaller segments.", self.segments.len() - SEGMENTS)?;
            }
        }
        if !self.honest_sellers.is_empty() {
            writeln!(f, "\n## Sellers of whom nothing is known to violate, hit most\n")?;
            let line = |s: &crate::policy::SellerHit| {
                vec![s.seller_id.clone(), s.items.to_string(), s.views.to_string(), s.found_compliant.to_string()]
            };
            let rows: Vec<Vec<String>> = self.honest_sellers.iter().map(line).collect();
            f.write_str(&text_table(&["seller", "items", "views", "found compliant"], &rows))?;
        }
        writeln!(f, "\n## The candidate's policies\n")?;
        f.write_str(&policies(&self.policies))?;
        writeln!(
            f,
            "\nIn item-nights: acts on, overlaps (another policy's condition holds too), alone (no other's does), conflicts (another acts with another \
             treatment), unknown (the condition is null), spared (held back, outside the rollout, excepted, or first owner)."
        )?;
        for policy in self.policies.iter().filter(|policy| policy.fallen_nights > 0) {
            let reason = policy.fallen_reason.as_deref().unwrap_or_default();
            writeln!(f, "\n`{}` fell to shadow on {} of {} nights: {reason}.", policy.id, policy.fallen_nights, self.nights)?;
        }
        writeln!(
            f,
            "\nItems and sellers are counted once; views, orders and GMV are those of the day before each night. Precision rests on the items that \
             people have decided: they were not all drawn at random, and the model has learned from those decided before it was trained, so that it \
             flatters."
        )?;
        self.sweep.as_ref().map_or(Ok(()), |sweep| sweep.fmt(f))
    }
}

fn money(gmv: &BTreeMap<String, f64>) -> String {
    if gmv.is_empty() {
        "0".to_owned()
    } else {
        gmv.iter().map(|(currency, sum)| format!("{sum:.0} {currency}")).collect::<Vec<_>>().join(", ")
    }
}

/// `0.87 (0.81 to 0.92) of 131`.
fn share(p: &Proportion) -> String {
    match (p.share, p.interval) {
        (Some(share), Some(interval)) => format!("{share:.2} ({:.2} to {:.2}) of {}", interval.low, interval.high, p.trials),
        _ => "– of 0".to_owned(),
    }
}

fn changes(changes: &[ChangeTotals]) -> String {
    let line = |c: &ChangeTotals| {
        let numbers = [c.item_nights, c.items, c.sellers, c.views, c.orders].map(|n| n.to_string());
        [vec![c.change.as_str().replace('_', " ")], numbers.to_vec(), vec![money(&c.gmv), share(&c.violating)]].concat()
    };
    let head = ["change", "item-nights", "items", "sellers", "views", "orders", "GMV", "violating of decided"];
    text_table(&head, &changes.iter().map(line).collect::<Vec<_>>())
}

fn segments(segments: &[SegmentTotals]) -> String {
    let mut order: Vec<&SegmentTotals> = segments.iter().collect();
    order.sort_by_key(|s| std::cmp::Reverse((s.item_nights, s.items)));
    let line = |s: &&SegmentTotals| {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
        let words = [
            s.change.as_str().replace('_', " "),
            s.market.clone(),
            or_dash(&s.tier),
            or_dash(&s.category),
            s.content_type.to_string(),
        ];
        let numbers = [s.item_nights, s.items, s.sellers, s.views, s.orders].map(|n| n.to_string());
        [words.to_vec(), numbers.to_vec(), vec![money(&s.gmv)]].concat()
    };
    let head = ["change", "market", "tier", "category", "type", "item-nights", "items", "sellers", "views", "orders", "GMV"];
    text_table(&head, &order.iter().take(SEGMENTS).map(line).collect::<Vec<_>>())
}

fn policies(policies: &[PolicyReplay]) -> String {
    let line = |p: &PolicyReplay| {
        let numbers = [p.acts, p.items, p.sellers, p.overlaps, p.alone, p.conflicts, p.unknown, p.spared].map(|n| n.to_string());
        let words = vec![p.id.clone(), p.mode.to_owned(), p.treatment.to_owned()];
        [words, numbers.to_vec(), vec![share(&p.precision), share(&p.precision_alone)]].concat()
    };
    let head = [
        "policy",
        "mode",
        "treatment",
        "acts on",
        "items",
        "sellers",
        "overlaps",
        "alone",
        "conflicts",
        "unknown",
        "spared",
        "precision",
        "precision where alone",
    ];
    text_table(&head, &policies.iter().map(line).collect::<Vec<_>>())
}

impl fmt::Display for Sweep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Along `{}`\n", self.parameter)?;
        let most = self.points.iter().map(|p| p.items).max().unwrap_or(0).max(1);
        let line = |p: &super::SweepPoint| {
            let of = |change: Change| p.changes.iter().find(|c| c.change == change).map_or(0, |c| c.items);
            let others = p.changes.iter().filter(|c| !matches!(c.change, Change::NewlyActioned | Change::NewlyFreed));
            let width = (p.items * 20 / most) as usize;
            vec![
                p.value.to_string(),
                p.items.to_string(),
                p.totals.items.to_string(),
                of(Change::NewlyActioned).to_string(),
                of(Change::NewlyFreed).to_string(),
                others.map(|c| c.items).sum::<u64>().to_string(),
                format!("{:.1}", p.totals.review_minutes / 60.0),
                share(&p.precision),
                "█".repeat(width),
            ]
        };
        let head = [
            "value",
            "items it acts on",
            "items treated",
            "newly actioned",
            "newly freed",
            "changed otherwise",
            "reviewer hours",
            "precision",
            "it acts on",
        ];
        f.write_str(&text_table(&head, &self.points.iter().map(line).collect::<Vec<_>>()))
    }
}
