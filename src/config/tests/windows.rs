//! Declared windows: what a project can say of them, and what it is told when it is wrong.

use super::*;

/// The window `name` of a project.
fn window(text: &str, name: &str) -> WindowDeclaration {
    load_text(text).features.windows.into_iter().find(|window| window.name == name).unwrap()
}

/// The message that a window is refused with which has `lines` over the keys of a valid one.
fn refused(lines: &str) -> String {
    let mut keys =
        vec!["table = \"decisions\"", "days = [7, 28]", "value = \"*\"", "what = \"{days}\"", "why = \"w\"", "evaded_by = \"e\""];
    let name = |line: &str| line.split([' ', '.']).next().unwrap_or_default().to_owned();
    keys.retain(|key| !lines.lines().any(|line| name(line) == name(key)));
    let message = refusal(&format!("[features.windows.mine]\n{lines}\n{}\n", keys.join("\n")), &[], &[]);
    message.replace("stallmark.toml:", "").replace("features.windows.mine", "…")
}

#[test]
fn the_built_in_windows_are_valid_and_can_be_overridden_switched_off_and_added_to() {
    let built_in = load_text("").features.windows;
    assert!(built_in.len() > 30);
    let rate = built_in.iter().find(|window| window.name == "report_rate").unwrap();
    assert_eq!((rate.value, rate.over), (WindowValue::Sum(WindowColumn::Reports), Some(WindowValue::Sum(WindowColumn::Views))));
    assert_eq!(rate.prior, Some(WindowPrior { mean: 0.0005, strength: 1000.0, fit: PriorFit::Tier }));
    assert_eq!(rate.days, [1, 7, 28]);

    let text = "[features.windows.report_rate]\ndays = [7]\nprior.mean = 0.25\n[features.windows.views]\nenabled = false\n\
                [features.windows.mine]\ntable = \"decisions\"\ndays = [3]\nvalue = \"*\"\nwhat = \"decisions over {days}\"\n\
                why = \"w\"\nevaded_by = \"e\"\nfilter = { verdict = [\"violating\"], decided_by = [\"human\"] }\n";
    let rate = window(text, "report_rate");
    assert_eq!((rate.days, rate.prior.unwrap().mean, rate.prior.unwrap().strength), (vec![7], 0.25, 1000.0));
    let windows = load_text(text).features.windows;
    assert!(windows.iter().all(|window| window.name != "views"));
    assert_eq!(windows.last().unwrap().name, "mine", "a project's own come last, in the order of its file");
    assert_eq!((windows.last().unwrap().scale, windows.last().unwrap().filter.len()), (WindowScale::Ln, 2));
    assert_ne!(load_text(text).canonical_json(), load_text("").canonical_json(), "windows are part of the run's identity");
}

#[test]
fn wrong_windows_name_the_key_the_value_and_the_mend() {
    for (lines, expect) in [
        (
            "table = \"decision\"",
            "2: `….table` is \"decision\": expected one of content, sellers, engagement, decisions, actions, \
          reports, after_sales; did you mean \"decisions\"?",
        ),
        (
            "table = \"sellers\"",
            "2: `….table` is \"sellers\": expected one of engagement, decisions, actions, reports, after_sales, \
          content: sellers has no rows to sum",
        ),
        (
            "entity = \"creator\"",
            "2: `….entity` is \"creator\": expected content or seller: of a creator only the table content is known",
        ),
        (
            "table = \"content\"
entity = \"content\"",
            "3: `….entity` is \"content\": expected seller or creator: the table content \
          holds what one of them published",
        ),
        (
            "entity = \"sellers\"",
            "2: `….entity` is \"sellers\": expected one of content, seller, creator; did you mean \"seller\"?",
        ),
        (
            "value = \"minuts\"",
            "2: `….value` is \"minuts\": expected one of minutes, or \"*\" for the number of rows; did you mean \
          \"minutes\"?",
        ),
        (
            "value = \"distinct:revewer_id\"",
            "2: `….value` is \"distinct:revewer_id\": expected one of content_id, label, verdict, \
          reviewer_id, decided_by, selected_by after \"distinct:\"; did you mean \"reviewer_id\"?",
        ),
        (
            "value = \"median:minutes\"",
            "2: `….value` is \"median:minutes\": expected a column, \"*\", \"distinct:<column>\" or \
          \"entropy:<column>\"",
        ),
        (
            "table = \"engagement\"\nvalue = \"entropy:views\"",
            "3: `….value` is \"entropy:views\": expected something else: the table \
          engagement has no such columns",
        ),
        ("days = [7, 367]", "2: `….days[1]` is 367: expected a whole number from 1 to 366"),
        ("days = [28, 7]", "2: `….days` is [28, 7]: expected at least one number of days, the shortest first, each once"),
        ("days = []", "2: `….days` is []: expected at least one number of days, the shortest first, each once"),
        (
            "over = \"*\"",
            "2: `….over` is \"*\": expected a `prior` beside it, for instance prior = { fit = \"tier\", mean = 0.03, \
          strength = 100 }",
        ),
        (
            "over = \"minutes\"",
            "2: `….over` is \"minutes\": expected a count: a column of whole numbers, \"*\" or \"distinct:<column>\"",
        ),
        (
            "prior = { fit = \"none\", mean = 0.1, strength = 1 }",
            "2: `….prior` is a table: expected nothing: only a rate, which has an \
          `over`, has a prior",
        ),
        (
            "over = \"*\"\nprior = { fit = \"none\", mean = 1.5, strength = 1 }",
            "3: `….prior.mean` is 1.5: expected a number from \
          0.000000001 to 0.999999999",
        ),
        (
            "over = \"*\"\nprior = { fit = \"seller\", mean = 0.5, strength = 1 }",
            "3: `….prior.fit` is \"seller\": expected one of tier, none",
        ),
        (
            "filter = { verdit = [\"violating\"] }",
            "2: `….filter.verdit` is [\"violating\"]: expected one of content_id, label, verdict, \
          reviewer_id, decided_by, selected_by as its key; did you mean \"verdict\"?",
        ),
        (
            "filter = { verdict = [\"violating\", \"complaint\"] }",
            "2: `….filter.verdict[1]` is \"complaint\": expected one of violating, \
          compliant; did you mean \"compliant\"?",
        ),
        ("filter = { label = [] }", "2: `….filter.label` is []: expected at least one name, each once"),
        (
            "value_filter = { label = [\"scam\"] }",
            "2: `….value_filter` is a table: expected nothing where there is no `over`: use `filter`",
        ),
        ("trend = [[7, 90]]", "2: `….trend[0]` is [7, 90]: expected two windows that are among `days`"),
        ("trend = [[28, 7]]", "2: `….trend[0]` is [28, 7]: expected a short window and a longer one, for instance [7, 28]"),
        (
            "value = \"distinct:label\"\ntrend = [[7, 28]]",
            "3: `….trend` is a list: expected an empty list: only counts and sums have trends",
        ),
        (
            "entity = \"seller\"\nper_day = true",
            "3: `….per_day` is true: expected false: only counts and sums of an item's own rows have \
          days that the item existed",
        ),
        (
            "what = \"decisions\"",
            "2: `….what` is \"decisions\": expected {days} where the phrase names the window, for instance \"decisions over {days}\"",
        ),
        ("why = \" \"", "2: `….why` is \" \": expected a phrase for the table of features"),
        ("valu = \"*\"", "2: unknown key `….valu`; did you mean `….value`?"),
    ] {
        assert_eq!(refused(lines), expect, "{lines}");
    }
}

#[test]
fn an_override_that_does_not_fit_the_rest_of_its_window_is_the_projects() {
    let days = "\n[features.windows.views]\ndays = [7, 28]\n";
    let trend = "`features.windows.views.trend[0]` is [1, 7], which is built in: expected two windows that are among `days`; what is \
                 overridden here does not go with it: write `trend` too";
    assert_eq!(refusal(days, &[], &[]), format!("stallmark.toml:2: {trend}"));
    let set = "features.windows.views.days=[7, 28]";
    assert_eq!(refusal("", &[], &[set]), format!("--set {set}: {trend}"));
    assert_eq!(
        refusal("[features.windows.report_rate]\ntable = \"decisions\"", &[], &[]),
        "stallmark.toml:1: `features.windows.report_rate.value` is \"reports\", which is built in: expected one of minutes, or \"*\" for \
         the number of rows; what is overridden here does not go with it: write `value` too"
    );
    assert_eq!(
        refusal("[features.windows.report_rate]\nover = \"\"", &[], &[]),
        "stallmark.toml:1: `features.windows.report_rate.prior` is a table, which is built in: expected nothing: only a rate, which has an \
         `over`, has a prior; what is overridden here does not go with it: write `prior` too"
    );
    // What the project wrote itself is named as ever.
    assert_eq!(
        refusal("[features.windows.views]\nwhat = \"views\"", &[], &[]),
        "stallmark.toml:2: `features.windows.views.what` is \"views\": expected {days} where the phrase names the window, for instance \
         \"views over {days}\""
    );
}

#[test]
fn names_are_those_of_columns_and_each_column_has_one_window() {
    let declared = |name: &str| {
        format!(
            "[features.windows.{name}]\ntable = \"decisions\"\ndays = [7]\nvalue = \"*\"\nwhat = \"{{days}}\"\nwhy = \"w\"\nevaded_by = \"e\"\n"
        )
    };
    let message = refusal(&declared("Mine"), &[], &[]);
    assert!(message.contains("`features.windows.Mine`") && message.contains("lower-case letters"), "{message}");
    assert!(refusal(&declared("x_mine"), &[], &[]).contains("not with x_ or p_"));
    let message = refusal(&declared("view_rate_n"), &[], &[]);
    assert!(message.ends_with("expected another name: two windows would have the column view_rate_n_7d"), "{message}");
    assert_eq!(
        refusal("[features.windows.mine]\nenabled = false", &[], &[]),
        "stallmark.toml:1: `features.windows.mine` has no `table`: add it"
    );
}
