//! One item's case, as an analyst asks for it.

use serde_json::Value;
use stallmark::publish::{ColumnData, read_columns, read_published};

use super::project::{Ran, TestProject, reviews_csv};

const NIGHT: &str = "2026-01-04";

fn policy(project: &TestProject, id: &str, lines: &str) {
    let head = format!(
        "id = \"{id}\"\nowner = \"owner@example.org\"\nreason = \"tried in a test\"\nlabels = [\"spam\"]\nmode = \"live\"\n"
    );
    project.write(&format!("policies/{id}.toml"), (head + lines).as_bytes());
}

/// A trained project whose reviews are the usual ones and `more` lines.
fn project(more: &str) -> TestProject {
    let project = TestProject::reviews();
    project.write("reviews.csv", (reviews_csv() + more).as_bytes());
    let ran = project.run(&["train", "--as-of", NIGHT]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    policy(
        &project,
        "demote",
        "when = \"p_spam > threshold AND caps_share > 0.1\"\ntreatment = \"downrank\"\n[parameters]\nthreshold = 0.5",
    );
    project
}

fn explain(project: &TestProject, id: &str, more: &[&str]) -> Ran {
    let ran = [&["explain", id, "--as-of", NIGHT, "--set", "policies.path=policies"], more].concat();
    project.run(&ran)
}

fn json(project: &TestProject, id: &str) -> Value {
    let ran = explain(project, id, &["--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn sum(list: &Value) -> f64 {
    list.as_array().unwrap().iter().map(|part| part["logit"].as_f64().unwrap()).sum()
}

/// No control or bidirectional character but line breaks.
fn is_harmless(text: &str) -> bool {
    !text.chars().any(|c| c != '\n' && stallmark::explain::is_hidden(c))
}

/// The numbers of a case are those of the published row, to the bit, and its parts sum to what they explain.
#[test]
fn a_case_tells_the_published_numbers_and_what_they_are_the_sum_of() {
    let project = project("");
    let ran = project.run(&["run", "--as-of", NIGHT, "--set", "policies.path=policies"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let out = project.path().join("out");
    let version = read_published(&out).unwrap().unwrap().tables["scores"].version;
    let names = ["content_id", "p_spam", "abuse", "rank_multiplier", "coverage", "band", "treatment", "policy_ids"];
    let columns = read_columns(&out, "scores", version, &names).unwrap().columns;
    let ColumnData::Text(ids) = &columns[0].data else { panic!() };
    let (mut treated, mut left) = (0, 0);
    for id in ["r0", "r1", "r2", "r60", "r119"] {
        let at = ids.iter().position(|known| known.as_deref() == Some(id)).unwrap();
        let case = json(&project, id);
        let score = &case["score"];
        let bits = |value: &Value| value.as_f64().map(|value| (value as f32).to_bits());
        for (column, told) in
            columns[1..5].iter().zip([&score["labels"][0]["p"], &score["abuse"], &score["rank_multiplier"], &score["coverage"]])
        {
            let ColumnData::F32(cells) = &column.data else { panic!("{column:?}") };
            assert_eq!(bits(told), cells[at].map(f32::to_bits), "{id}");
        }
        for (column, told) in columns[5..7].iter().zip([&score["band"], &score["treatment"]]) {
            let ColumnData::Text(cells) = &column.data else { panic!("{column:?}") };
            assert_eq!(told.as_str(), cells[at].as_deref(), "{id}");
        }
        let ColumnData::TextList(fired) = &columns[7].data else { panic!() };
        assert_eq!(case["policies"]["fired"], serde_json::json!(fired[at]), "{id}");
        if fired[at].is_empty() {
            left += 1
        } else {
            treated += 1
        }

        let label = &case["labels"][0];
        let number = |name: &str| label[name].as_f64().unwrap();
        let parts = number("base") + number("text") + sum(&label["features"]) + number("other_features");
        assert!((parts - number("log_odds")).abs() < 1e-9, "{id}");
        let text = &case["text"];
        let of_text = sum(&text["spans"]) + sum(&text["traits"]) + text["rest"].as_f64().unwrap();
        assert!((of_text - number("text")).abs() < 1e-9, "{id}");
    }
    assert_eq!((treated, left), (2, 3));
}

/// What a reader of the JSON may rely on: the names of the fields.
#[test]
fn the_fields_of_a_case_are_stable() {
    let case = json(&project(""), "r0");
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(
        names(&case),
        "schema item score labels text policies policy_cases changes copies ring seller engagement reports after_sales events \
         events_not_known_yet"
    );
    assert_eq!(case["schema"], 1);
    assert_eq!(
        names(&case["score"]),
        "model_version labels abuse quality band band_rule treatment rank_multiplier multiplier_rule expected_harm forecast_views \
         forecast_rule calibration coverage missing_inputs expires_at"
    );
    assert_eq!(
        names(&case["labels"][0]),
        "label leading acted_on p base text features other_features n_other_features log_odds marked"
    );
    assert_eq!(names(&case["text"]), "parts spans traits rest masked_chars n_tags");
    assert_eq!(names(&case["policy_cases"][0]), "id owner reason mode treatment when in_scope verdict outcome read flips");
    assert_eq!(names(&case["changes"]["tried"][0]), "what p band treatment flips");
    // Missing is null, not nothing.
    assert_eq!(
        (&case["reports"], &case["after_sales"], &case["engagement"]),
        (&Value::Null, &Value::Null, &serde_json::json!([]))
    );
}

/// A policy is told with its condition, what it read and what would turn it over; the text with the words that were taken for spam.
#[test]
fn a_case_says_why_a_policy_fired_and_what_would_change_it() {
    let project = project("");
    let spam = json(&project, "r0");
    let policy = &spam["policy_cases"][0];
    assert_eq!((&policy["verdict"], &policy["in_scope"]), (&"true".into(), &true.into()));
    assert_eq!(policy["outcome"], "it fires and acts: downrank");
    let flips: Vec<&str> = policy["flips"].as_array().unwrap().iter().map(|flip| flip.as_str().unwrap()).collect();
    assert!(flips.iter().any(|flip| flip.starts_with("caps_share were at most 0.1 instead of 0.")), "{flips:?}");
    assert!(flips.iter().any(|flip| flip.starts_with("p_spam were at most 0.5 instead of 0.9")), "{flips:?}");
    let read = policy["read"].as_array().unwrap();
    assert_eq!(read.iter().map(|r| r["column"].as_str().unwrap()).collect::<Vec<_>>(), ["caps_share", "p_spam", "threshold"]);
    // Without any text nothing speaks for spam: the model is asked anew.
    let tried = spam["changes"]["tried"].as_array().unwrap();
    let without = tried.iter().find(|change| change["what"] == "it had no text at all").unwrap();
    assert_eq!((&without["treatment"], &without["flips"]), (&"allow".into(), &true.into()));

    let text = explain(&project, "r0", &[]).stdout;
    for part in [
        "Review r0 in market SG, as known when 2026-01-04 began",
        "to rank it lower (downrank)",
        "The review is spam.",
        "Its condition: p_spam > threshold AND caps_share > 0.1.",
        "It would no longer hold if ",
        "found violating for spam",
        "HOW TO READ THE NUMBERS",
    ] {
        // Lines break where they must.
        assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(part), "{part}\n{text}");
    }
    assert!(text.contains("[[1: "), "{text}");
    let honest = json(&project, "r1");
    assert_eq!((&honest["policy_cases"][0]["verdict"], &honest["score"]["treatment"]), (&"false".into(), &"allow".into()));
}

/// A policy over its cap acts on nothing, and a case says so as the run does.
#[test]
fn a_case_knows_which_policies_are_over_their_cap() {
    let project = project("");
    policy(&project, "demote", "when = \"p_spam > 0.5\"\ntreatment = \"downrank\"\n[cap]\nitems = 10");
    let case = json(&project, "r0");
    assert_eq!(case["score"]["treatment"], "allow");
    let outcome = case["policy_cases"][0]["outcome"].as_str().unwrap();
    assert!(outcome.contains("in shadow for this night") && outcome.contains("its cap is 10"), "{outcome}");
    assert_eq!(case["policies"]["shadow"], serde_json::json!(["demote"]));
}

/// What a seller writes neither acts on the terminal nor on the page, and long texts stay short.
#[test]
fn hostile_text_breaks_neither_the_terminal_nor_the_page() {
    let body = "BEST SHOP \u{1b}]0;owned\u{7}\u{1b}[2J \u{202e}gnp.exe\u{2066} \u{9b}31m <script>alert(1)</script><img src=x onerror=alert(1)> {{7*7}} promo";
    let long = "promo FOLLOW <b>us</b> kata lain ".repeat(4_000);
    let more = format!("evil,2026-01-01,s1,\"{body}\",5,\nlong,2026-01-01,s2,\"{long}\",5,\n");
    let project = project(&more);
    for id in ["evil", "long"] {
        let ran = explain(&project, id, &["--html", "case.html"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let page = std::fs::read_to_string(project.path().join("case.html")).unwrap();
        let json = explain(&project, id, &["--json"]).stdout;
        for text in [&ran.stdout, &page, &json] {
            assert!(is_harmless(text), "{id}");
            assert!(text.len() < 120_000, "{id}: {}", text.len());
        }
        for element in ["<script", "<img", "<b>us", "onerror=alert(1)>"] {
            assert!(!page.contains(element), "{id}: {element}");
        }
        assert!(page.contains("<mark>") && page.contains("default-src 'none'"), "{id}");
        assert_eq!(page.matches("<blockquote>").count(), page.matches("</blockquote>").count());
    }
    let text = explain(&project, "evil", &[]).stdout;
    assert!(text.contains("\\u{1b}") && text.contains("\\u{202e}"), "{text}");
}

/// Contact details stand in no form of a case unless they are asked for; copies and the ring are told by name.
#[test]
fn contacts_are_masked_and_links_are_told() {
    let body = "genuine leather wallet handmade in our own workshop since 1987 call us +65 8123 4567 any day";
    let mut more = format!("victim,2025-12-20,victim_seller,\"{body}\",5,\n");
    for n in 0..5 {
        more.push_str(&format!("copy{n},2026-01-02,copier{n},\"{body}\",5,\n"));
    }
    let project = project(&more);
    let masked = explain(&project, "copy3", &["--html", "case.html"]);
    assert_eq!(masked.code, 0, "{}", masked.stderr);
    let page = std::fs::read_to_string(project.path().join("case.html")).unwrap();
    let of_json = explain(&project, "copy3", &["--json"]).stdout;
    for text in [&masked.stdout, &page, &of_json] {
        assert!(!text.contains("8123 4567") && !text.contains("81234567") && text.contains("#### ####"), "{text}");
    }
    let shown = explain(&project, "copy3", &["--show-contacts"]).stdout;
    assert!(shown.contains("+65 8123 4567") && shown.contains("phone 6581234567"), "{shown}");

    let case: Value = serde_json::from_str(&of_json).unwrap();
    let copies = &case["copies"];
    assert_eq!((&copies["size"], &copies["is_copy"], &copies["same_text"]), (&6.into(), &true.into(), &6.into()));
    let members: Vec<&str> = copies["members"].as_array().unwrap().iter().map(|m| m["content_id"].as_str().unwrap()).collect();
    assert_eq!(members, ["victim", "copy0", "copy1", "copy2", "copy3", "copy4"]);
    let ring = &case["ring"];
    assert_eq!((&ring["size"], &ring["is_first_owner"]), (&6.into(), &false.into()));
    assert_eq!(ring["sellers"][0], "copier3");
    assert_eq!(ring["contacts"], serde_json::json!([{ "name": "phone 65******67", "sellers": 6, "own": true }]));
    let victim = json(&project, "victim");
    assert_eq!((&victim["copies"]["is_copy"], &victim["ring"]["is_first_owner"]), (&false.into(), &true.into()));
}

/// What cannot be explained is refused with what to do; what is routed urgently is named by its id alone.
#[test]
fn what_cannot_be_explained_is_refused_with_what_to_do() {
    let project = project("");
    let check = |id: &str, day: &str, code: i32, parts: &[&str]| {
        let ran = project.run(&["explain", id, "--as-of", day, "--set", "policies.path=policies"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{}", ran.stderr);
        assert!(parts.iter().all(|part| ran.stderr.contains(part)), "{}", ran.stderr);
    };
    check("R0", NIGHT, 2, &["there is no item `R0` in the input", "stallmark check"]);
    check("r0\u{1b}[2J", NIGHT, 2, &["r0\\u{1b}[2J"]);
    check("r0", "2025-12-31", 2, &["was published on 2026-01-01", "--as-of 2026-01-02"]);
    check("r0", "2026-06-01", 2, &["is not scored on 2026-06-01", "run.scope_days", "--as-of 2026-01-02"]);
    policy(&project, "urgent", "when = \"content_id = 'r3'\"\ntreatment = \"escalate\"\nurgent_route = true");
    check("r3", NIGHT, 3, &["r3 is routed to the escalations table alone"]);
    let ran = project.run(&["explain", "r3", "--as-of", NIGHT, "--html", "page.html", "--set", "policies.path=policies"]);
    assert!(!ran.stderr.contains("BEST") && !project.path().join("page.html").exists(), "{}", ran.stderr);
}
