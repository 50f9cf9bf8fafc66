//! Nothing peeks: rows that were not known at the midnight change no score (DESIGN.md §3), rows that were known do.

use super::project::TestProject;

/// A Monday, so that the globals' grid date is the midnight itself.
const AS_OF: &str = "2026-03-23";

/// A marketplace whose markets lie in far-apart zones, with a champion, reading beside its tables the JSON lines in more.jsonl.
fn marketplace() -> TestProject {
    let project = TestProject::synthetic(1500);
    let path = project.path().join("stallmark.toml");
    let mut toml = std::fs::read_to_string(&path).unwrap();
    toml =
        toml.replace("zone = \"UTC\"\n", "zone = \"UTC\"\n[time.zones]\nSG = \"Asia/Singapore\"\nID = \"America/Los_Angeles\"\n");
    for (table, columns) in [
        ("content", "content_id, valid_from, content_type, market, published_at, seller_id, category, title, price, currency"),
        ("sellers", "seller_id, valid_from, registered_at, tier, rating"),
        ("engagement", "content_id, day, views, impressions, clicks, reports"),
        ("decisions", "decision_id, content_id, label, verdict, decided_at"),
        ("actions", "action_id, content_id, treatment, started_at"),
        ("reports", "report_id, content_id, reporter_id, reported_at"),
        ("after_sales", "event_id, content_id, occurred_at, kind"),
    ] {
        let map = columns.split(", ").chain(["ingested_at"]).map(|c| format!("{c} = \"{c}\"")).collect::<Vec<_>>().join(", ");
        toml.push_str(&format!(
            "\n[sources.more_{table}]\npath = \"more.jsonl\"\n[[sources.more_{table}.feeds]]\ntable = \"{table}\"\nwhere = \"\\\"table\\\" = '{table}'\"\ncolumns = {{ {map} }}\n"
        ));
    }
    std::fs::write(&path, toml).unwrap();
    project.write("more.jsonl", more_rows(&[], "2027-01-01", "2027-01-01", None).as_bytes());
    let ran = project.run(&["train", "--as-of", AS_OF]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    project
}

/// One row of each table about each of `items` (content, seller), dated `day` and ingested at `ingested`; and one line with every
/// key, dated far in the future, so that the columns are there even without items.
fn more_rows(items: &[(String, String)], day: &str, valid_from: &str, ingested: Option<&str>) -> String {
    let template = ("template".to_owned(), "template".to_owned());
    let mut lines = String::new();
    for (n, (content, seller)) in std::iter::once(&template).chain(items).enumerate() {
        let (day, valid_from) = if n == 0 { ("2026-11-01", "2026-11-01") } else { (day, valid_from) };
        for table in ["content", "sellers", "engagement", "decisions", "actions", "reports", "after_sales"] {
            let row = serde_json::json!({
                "table": table, "content_id": content, "seller_id": seller, "valid_from": valid_from, "content_type": "listing",
                "market": "SG", "published_at": valid_from, "category": "phones", "title": "a new title", "price": 3.5,
                "currency": "SGD", "registered_at": valid_from, "tier": "mall", "rating": 1.5, "day": day, "views": 900_000,
                "impressions": 1_000_000, "clicks": 50, "reports": 500, "decision_id": format!("more-d{n}"), "label": "counterfeit",
                "verdict": "violating", "decided_at": day, "action_id": format!("more-a{n}"), "treatment": "hold", "started_at": day,
                "report_id": format!("more-r{n}"), "reporter_id": format!("more-p{n}"), "reported_at": day,
                "event_id": format!("more-e{n}"), "occurred_at": day, "kind": "refund", "ingested_at": ingested.filter(|_| n > 0),
            });
            lines.push_str(&format!("{row}\n"));
        }
    }
    lines
}

fn scores(project: &TestProject) -> Vec<serde_json::Value> {
    let ran = project.run(&["score", "--as-of", AS_OF, "--set", "input.max_reject_share=1.0"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The listings of SG with their sellers.
fn listings(scores: &[serde_json::Value]) -> Vec<(String, String)> {
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let of_sg = scores.iter().filter(|row| row["market"] == "SG" && row["content_type"] == "listing");
    of_sg.map(|row| (text(row, "content_id"), text(row, "seller_id"))).collect()
}

#[test]
fn what_was_not_known_changes_nothing_and_what_was_known_does() {
    let project = marketplace();
    let before = scores(&project);
    let items = listings(&before);
    assert!(items.len() > 10);

    // Dated at the midnight itself, which in SG is 16:00Z of the day before, or later.
    project.write("more.jsonl", more_rows(&items, AS_OF, "2026-03-22T16:00:00Z", None).as_bytes());
    assert!(scores(&project) == before, "rows dated at the midnight changed a score");
    // Dated long before, but ingested at the midnight.
    let late = Some("2026-03-22T16:00:00Z");
    project.write("more.jsonl", more_rows(&items, "2026-03-16", "2025-03-01", late).as_bytes());
    assert!(scores(&project) == before, "rows ingested at the midnight changed a score");
    let elsewhere: Vec<_> = items.iter().map(|(content, _)| (content.clone(), "somebody-else".to_owned())).collect();
    project.write("more.jsonl", more_rows(&elsewhere, "2026-03-16", "2025-03-01", late).as_bytes());
    assert!(scores(&project) == before, "a version ingested at the midnight moved an item to another seller");
    // The same rows, ingested in time.
    let in_time = Some("2026-03-22T15:00:00Z");
    project.write("more.jsonl", more_rows(&items, "2026-03-16", "2025-03-01", in_time).as_bytes());
    assert!(scores(&project) != before, "rows known before the midnight changed no score");
}

#[test]
fn a_market_further_east_does_not_read_a_day_that_has_not_ended_further_west() {
    let project = marketplace();
    let before = scores(&project);
    // New items of Los Angeles' Sunday, which ends hours after Singapore's Monday has begun.
    let lines = more_rows(
        &(0..200).map(|n| (format!("west{n}"), format!("ws{n}"))).collect::<Vec<_>>(),
        "2026-03-22",
        "2026-03-01",
        None,
    )
    .replace("\"market\":\"SG\"", "\"market\":\"ID\"");
    let only = |line: &&str| {
        ["\"table\":\"content\"", "\"table\":\"engagement\"", "\"table\":\"sellers\""].iter().any(|t| line.contains(t))
    };
    project.write("more.jsonl", lines.lines().filter(only).map(|l| format!("{l}\n")).collect::<String>().as_bytes());
    let after = scores(&project);
    let of_sg = |rows: &[serde_json::Value]| rows.iter().filter(|row| row["market"] == "SG").cloned().collect::<Vec<_>>();
    assert!(after.len() > before.len());
    assert!(of_sg(&after) == of_sg(&before));
}
