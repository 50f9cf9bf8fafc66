//! Windows over events, their filters and entities.

use super::*;

#[test]
fn names_are_counted_once_and_entropy_is_that_of_their_shares() {
    let rows = reports();
    let rows: Vec<&ReportRow> = rows.iter().collect();
    let rows = WindowRows { reports: Some(&rows), ..WindowRows::default() };
    let distinct = "table = \"reports\"\ndays = [1, 7, 28]\nvalue = \"distinct:reporter_id\"\nscale = \"none\"";
    check(&values(&events(distinct), &rows), &[("t_x_1d", 1.0), ("t_x_7d", 2.0), ("t_x_28d", 3.0)]);
    // The day: fake. 7 days: fake 3, scam 1. 28 days: 3 and 2.
    let h = |p: f64| -p * p.ln() - (1.0 - p) * (1.0 - p).ln();
    let entropy = events("table = \"reports\"\ndays = [1, 7, 28]\nvalue = \"entropy:reason\"");
    let got = values(&entropy, &rows);
    assert!(got.iter().zip([0.0, h(0.25), h(0.4)]).all(|((_, got), expect)| (f64::from(*got) - expect).abs() < 1e-6), "{got:?}");
    let none = WindowRows { reports: Some(&[]), ..WindowRows::default() };
    check(&values(&events(distinct), &none), &[("t_x_1d", 0.0), ("t_x_7d", 0.0), ("t_x_28d", 0.0)]);
    assert!(values(&entropy, &none).iter().all(|(_, value)| value.is_nan()), "no names, no entropy");
}

/// Of three human decisions in 28 days two found a violation: (2 + 1) / (3 + 4). A decision by nobody known is not human.
#[test]
fn filters_choose_rows_and_value_filters_only_those_that_count() {
    use crate::units::DecidedBy::{Automatic, Human};
    let decided =
        |id: &str, verdict, day, by| DecisionRow { decided_by: by, minutes: Some(1.5), ..decision(id, "a", verdict, day) };
    let mut rows = [
        decided("1", Verdict::Violating, 90.0, Some(Human)),
        decided("2", Verdict::Violating, 91.0, Some(Automatic)),
        decided("3", Verdict::Compliant, 92.0, Some(Human)),
        decided("4", Verdict::Violating, 93.0, None),
        decided("5", Verdict::Violating, 94.0, Some(Human)),
        decided("6", Verdict::Violating, 95.0, Some(Human)),
    ];
    rows[5].ingested_at = Some(at(100.0));
    let rows: Vec<&DecisionRow> = rows.iter().collect();
    let rows = WindowRows { decisions: Some(&rows), ..WindowRows::default() };
    let by_people = "table = \"decisions\"\ndays = [28]\nfilter = { decided_by = [\"human\"] }";
    let rate = "value = \"*\"\nover = \"*\"\nvalue_filter = { verdict = [\"violating\"] }\nprior = { fit = \"none\", mean = 0.25, strength = 4 }";
    check(&values(&events(&format!("{by_people}\n{rate}")), &rows), &[("t_x_28d", 3.0 / 7.0), ("t_x_n_28d", 4.0_f64.ln())]);
    let minutes = format!("{by_people}\nvalue = \"minutes\"\nscale = \"none\"");
    check(&values(&events(&minutes), &rows), &[("t_x_28d", 4.5)]);
    let both = "table = \"decisions\"\ndays = [28]\nvalue = \"*\"\nscale = \"none\"\nfilter = { decided_by = [\"human\"], verdict = [\"violating\"] }";
    check(&values(&events(both), &rows), &[("t_x_28d", 2.0)]);
}

#[test]
fn each_entity_has_its_own_rows_and_types_that_are_not_meant_are_missing() {
    let text = [
        window("a", "table = \"engagement\"\ndays = [7]\nvalue = \"views\"\nscale = \"none\"\ncontent_types = [\"video\"]"),
        window("b", "table = \"engagement\"\nentity = \"seller\"\ndays = [7]\nvalue = \"views\"\nscale = \"none\""),
        window("c", "table = \"content\"\nentity = \"creator\"\ndays = [7]\nvalue = \"distinct:category\"\nscale = \"none\""),
        window("d", "table = \"engagement\"\ndays = [1]\nvalue = \"views\"\nscale = \"none\""),
    ];
    let plan = WindowPlan::compile(&declared(&text.concat()));
    let of = |entity, rows: &WindowRows<'_>| of(&plan, entity, rows, &plan.configured_priors());
    let published = |day: f64, category| PublicationRow {
        published_at: at(day),
        known_from: None,
        seller: Some(1),
        category: Some(category),
        rating: None,
    };
    let publications = [published(80.0, 1), published(95.0, 2), published(96.0, 3), published(97.0, 3)];
    let (own, seller) = (a_month(), [engagement(98, 500)]);
    let content = of(WindowEntity::Content, &of_days(&days(&own)));
    let seller = of(WindowEntity::Seller, &of_days(&days(&seller)));
    let creator = of(WindowEntity::Creator, &WindowRows { publications: Some(&publications), ..WindowRows::default() });
    let parts = WindowParts { content: Some(&content), seller: Some(&seller), creator: Some(&creator) };
    let expect = [("t_a_7d", 24.0), ("t_b_7d", 500.0), ("t_c_7d", 2.0), ("t_d_1d", 16.0)];
    check(&named(&plan, &plan.row(&parts, ContentType::Video)), &expect);
    let alone = WindowParts { content: Some(&content), ..WindowParts::default() };
    let expect = [("t_a_7d", f64::NAN), ("t_b_7d", f64::NAN), ("t_c_7d", f64::NAN), ("t_d_1d", 16.0)];
    check(&named(&plan, &plan.row(&alone, ContentType::Listing)), &expect);
    assert!(plan.reads(WindowEntity::Creator, TableName::Content) && !plan.reads(WindowEntity::Content, TableName::Reports));
}
