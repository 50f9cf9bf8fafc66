//! What policies escalate, for who acts on it: a line of JSON each.

use serde_json::json;

use super::inputs::EscalationLine;
use crate::units::Day;

/// `escalations.jsonl` of a night: urgent items first, then by market, policy and item; ids as the source wrote them.
#[must_use]
pub fn escalations_jsonl(as_of: Day, lines: &[EscalationLine]) -> String {
    let mut lines: Vec<&EscalationLine> = lines.iter().collect();
    lines.sort_by_key(|line| (!line.is_urgent, line.market, &line.policy_id, &line.content_id));
    let text = |line: &EscalationLine| {
        let fields = json!({
            "as_of": as_of.to_string(),
            "market": line.market.as_str(),
            "content_id": line.content_id,
            "policy_id": line.policy_id,
            "owner": line.owner,
            "urgent": line.is_urgent,
        });
        format!("{fields}\n")
    };
    lines.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{HOSTILE, demo, tonight};
    use super::*;

    #[test]
    fn urgent_items_come_first() {
        let text = escalations_jsonl(tonight(), &demo().escalations);
        let first = r#"{"as_of":"2026-01-28","market":"SG","content_id":"item-12","policy_id":"urgent-route","owner":"legal","urgent":true}"#;
        assert_eq!(text.lines().next(), Some(first));
        assert_eq!(text.lines().count(), 3);
        assert_eq!(escalations_jsonl(tonight(), &[]), "");
    }

    #[test]
    fn an_id_stays_as_it_is_on_one_line() {
        let base = demo().escalations[0].clone();
        for text in HOSTILE {
            let line = escalations_jsonl(tonight(), &[EscalationLine { content_id: (*text).to_owned(), ..base.clone() }]);
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(read["content_id"].as_str(), Some(*text));
            assert_eq!(line.matches('\n').count(), 1);
        }
    }
}
