//! What a window says of itself.

use super::*;

#[test]
fn docs_and_definitions_say_what_a_column_is() {
    let plan = plan("days = [1, 7]\nvalue = \"views\"\ntrend = [[1, 7]]");
    let docs: Vec<(&str, &str, &str)> =
        plan.docs().iter().map(|doc| (doc.what.as_str(), doc.range.as_str(), doc.definition.as_str())).collect();
    assert_eq!(
        docs,
        [
            ("ln(1 + things over the last day)", "0 and up", "window 3: 1 days of views of engagement of content ln"),
            ("ln(1 + things over the last 7 days)", "0 and up", "window 3: 7 days of views of engagement of content ln"),
            (
                "ln((1 + things a day over the last day) / (1 + things a day over the last 7 days))",
                "any",
                "window 3: trend 1 to 7 days of views of engagement of content"
            ),
        ]
    );
    let rate = events(
        "table = \"decisions\"\nentity = \"seller\"\ndays = [90]\nvalue = \"*\"\nover = \"*\"\nvalue_filter = { verdict = [\"violating\"] }\n\
         filter = { decided_by = [\"human\"] }\nprior = { fit = \"tier\", mean = 0.25, strength = 4 }\ncontent_types = [\"listing\"]",
    );
    let [value, n] = rate.docs() else { panic!("two columns") };
    assert_eq!(value.what, "things over the last 90 days, shrunk to the tier's prior");
    assert_eq!((value.group.as_str(), value.range.as_str()), ("seller", "0 to 1"));
    assert_eq!(value.inputs, ["decisions", "content.seller_id", "decisions.decided_by", "decisions.verdict"]);
    assert_eq!(n.inputs, ["decisions", "content.seller_id", "decisions.decided_by"]);
    assert_eq!(
        value.definition,
        "window 2: 90 days of * of decisions of seller over * where decided_by in [\"human\"] value where verdict in [\"violating\"] \
         prior 0.25 of 4.0 fitted by tier over 28 days for listing"
    );
    assert_eq!(n.definition, "window 2: 90 days of * of decisions of seller where decided_by in [\"human\"] ln for listing");
}

#[test]
fn a_column_reads_the_columns_that_it_is_made_of() {
    let rate = plan("days = [7]\nvalue = \"refunds\"\nover = \"orders\"\nprior = { fit = \"none\", mean = 0.1, strength = 10 }");
    let inputs: Vec<&[String]> = rate.docs().iter().map(|doc| &doc.inputs[..]).collect();
    assert_eq!(
        inputs,
        [&["engagement.refunds".to_owned(), "engagement.orders".to_owned()][..], &["engagement.orders".to_owned()]]
    );
    assert_eq!(plan("days = [7]\nvalue = \"*\"").docs()[0].inputs, ["engagement"]);
    let reporters = events("table = \"reports\"\ndays = [7]\nvalue = \"distinct:reporter_id\"");
    assert_eq!(reporters.docs()[0].inputs, ["reports.reporter_id"]);
    // Engagement ends with an action, and a prior fitted by tier needs to know the tier.
    assert!(rate.docs().iter().all(|doc| doc.uses == ["actions.content_id"]));
    assert!(reporters.docs()[0].uses.is_empty());
    let fitted =
        plan("days = [7]\nvalue = \"refunds\"\nover = \"orders\"\nprior = { fit = \"tier\", mean = 0.1, strength = 10 }");
    assert_eq!(fitted.docs()[0].uses, ["actions.content_id", "sellers.tier", "content.seller_id"]);
}

#[test]
fn the_built_in_windows_have_full_docs_and_unique_names() {
    let project = ProjectFile { path: Path::new("stallmark.toml"), text: None };
    let config = config::load(&project, &Overlays { environment: &BTreeMap::new(), sets: &[] }, Path::new("/p")).unwrap();
    let plan = WindowPlan::compile(&config.features.windows);
    let mut names: Vec<&str> = plan.docs().iter().map(|doc| doc.name.as_str()).chain(crate::features::names()).collect();
    for kept in ["view_rate_1d", "seller_refund_rate_28d", "views_trend_7_28d", "refunds_28d", "active_days_28d", "comments_7d"] {
        assert!(names.contains(&kept), "{kept}");
    }
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    for doc in plan.docs() {
        for part in [&doc.what, &doc.why, &doc.range, &doc.evaded_by, &doc.definition] {
            assert!(!part.is_empty() && !part.contains("{days}"), "{doc:?}");
        }
        assert!(!doc.inputs.is_empty(), "{doc:?}");
    }
}

#[test]
fn columns_of_windows_are_columns_of_the_contract() {
    for (table, column) in WindowColumn::all() {
        assert!(schema(table).iter().any(|spec| spec.column == column.as_str()), "{table}.{}", column.as_str());
    }
}
