//! Bad input, one test each: the documented exit code, a message that names the place and the mend, and nothing half-written.

use super::project::{HEADER, REVIEWS, Ran, TestProject, reviews_csv};

/// Runs the night of 2026-01-04 and asserts its exit code, every one of `says` in its talk, and that nothing was published.
fn refuses(project: &TestProject, code: i32, says: &[&str]) {
    let ran = project.run(&["run", "--as-of", "2026-01-04"]);
    assert_refused(project, &ran, code, says);
    let results = std::fs::read_dir(project.path().join("out/_runs")).unwrap().next().unwrap().unwrap().path();
    let results: serde_json::Value = serde_json::from_slice(&std::fs::read(results.join("run_results.json")).unwrap()).unwrap();
    assert_eq!(results["status"], "failed");
    assert_eq!(results["exit_code"], code);
}

fn assert_refused(project: &TestProject, ran: &Ran, code: i32, says: &[&str]) {
    assert_eq!(ran.code, code, "{}", ran.stderr);
    for text in says {
        assert!(ran.stderr.contains(text), "`{text}` is not in: {}", ran.stderr);
    }
    let published = project.files_below("out");
    let half: Vec<_> =
        published.iter().map(|(name, _)| name).filter(|name| !name.contains("_runs") && !name.ends_with("_lock")).collect();
    assert!(half.is_empty(), "half-written: {half:?}");
}

/// A trained project whose reviews.csv is then replaced.
fn with_reviews(csv: impl AsRef<[u8]>) -> TestProject {
    let project = TestProject::trained();
    project.write("reviews.csv", csv.as_ref());
    project
}

/// The good reviews with one more line.
fn and_line(line: &str) -> String {
    reviews_csv() + line
}

/// The same, with a limit of no rejects at all, so that one bad row stops the run.
fn with_bad_line(line: impl AsRef<[u8]>) -> TestProject {
    let mut csv = reviews_csv().into_bytes();
    csv.extend(line.as_ref());
    let project = with_reviews(csv);
    project.write("stallmark.toml", format!("{REVIEWS}\n[input]\nmax_reject_share = 0.0\n").as_bytes());
    project
}

#[test]
fn missing_file() {
    let project = TestProject::trained();
    std::fs::remove_file(project.path().join("reviews.csv")).unwrap();
    refuses(&project, 4, &["reviews.csv", "sources.reviews"]);
}

#[test]
fn empty_file() {
    refuses(&with_reviews(""), 4, &["reviews.csv", "empty"]);
}

#[test]
fn header_without_rows() {
    refuses(&with_reviews(HEADER), 4, &["content", "no rows"]);
}

#[test]
fn missing_required_column() {
    let csv = reviews_csv().replacen("id,published", "id,day", 1);
    refuses(&with_reviews(csv), 4, &["published", "stallmark.toml"]);
}

#[test]
fn wrong_type() {
    let project = with_bad_line("r900,2026-01-01,s1,fine,many,0\n");
    refuses(&project, 4, &["reviews.csv", "row 121", "rating", "many"]);
}

#[test]
fn latin_1_bytes() {
    let project = with_bad_line(b"r900,2026-01-01,s1,caf\xe9,4,0\n");
    refuses(&project, 4, &["reviews.csv", "row 121", "latin-1"]);
}

#[test]
fn unclosed_quote() {
    refuses(&with_reviews(and_line("r900,2026-01-01,s1,\"never closed,4,0\n")), 4, &["reviews.csv", "row 121", "quote"]);
}

#[test]
fn duplicate_keys() {
    let project = with_bad_line("r5,2026-01-01,s5,again,4,\n");
    refuses(&project, 4, &["content_id", "r5", "row 121"]);
}

#[test]
fn not_a_number_and_infinite() {
    for value in ["NaN", "inf", "-inf"] {
        let project = with_bad_line(format!("r900,2026-01-01,s1,fine,{value},0\n"));
        refuses(&project, 4, &["rating", "row 121", value]);
    }
}

#[test]
fn negative_counts() {
    let project = TestProject::trained();
    project.write("engagement.csv", b"content_id,day,views\nr1,2026-01-02,-3\n");
    let toml = "\n[input]\nmax_reject_share = 0.0\n[sources.engagement]\npath = \"engagement.csv\"\n[[sources.engagement.feeds]]\ntable = \"engagement\"\n";
    project.write("stallmark.toml", format!("{REVIEWS}{toml}").as_bytes());
    refuses(&project, 4, &["engagement.csv", "row 1", "views", "-3"]);
}

#[test]
fn future_times() {
    let project = with_bad_line("r900,2199-01-01,s1,fine,4,0\n");
    refuses(&project, 4, &["published", "2199", "row 121", "future"]);
}

#[test]
fn ten_megabyte_string() {
    let project = with_bad_line(format!("r900,2026-01-01,s1,{},4,0\n", "x".repeat(10 << 20)));
    refuses(&project, 4, &["body", "row 121", "input.max_text_bytes"]);
}

#[test]
fn truncated_parquet() {
    let project = TestProject::trained();
    project.write("reviews.parquet", b"PAR1 and then the disk was full");
    let toml = REVIEWS.replace("reviews.csv", "reviews.parquet");
    project.write("stallmark.toml", toml.as_bytes());
    refuses(&project, 4, &["reviews.parquet"]);
}

#[test]
fn unknown_configuration_key() {
    let project = TestProject::trained();
    project.write("stallmark.toml", format!("{REVIEWS}\n[run]\nscope_day = 7\n").as_bytes());
    let line = REVIEWS.lines().count() + 3;
    refuses(&project, 2, &[&format!("stallmark.toml:{line}"), "run.scope_day", "run.scope_days"]);
}

#[test]
fn bad_sql() {
    let project = TestProject::trained();
    project.write("stallmark.toml", REVIEWS.replace("'d' || id", "'d' || idd").as_bytes());
    refuses(&project, 2, &["stallmark.toml", "idd", "^^^"]);
}

#[test]
fn no_decisions_for_a_label() {
    let project = TestProject::reviews();
    project.write("reviews.csv", format!("{HEADER}r1,2026-01-01,s1,fine,4,0\n").as_bytes());
    let ran = project.run(&["train", "--as-of", "2026-01-04"]);
    assert_refused(&project, &ran, 4, &["spam", "train.min_positives"]);
    assert!(project.files_below("models").is_empty());
}

#[test]
fn a_label_without_decisions_has_no_score() {
    let two = REVIEWS.replace("labels = [\"spam\"]", "labels = [\"spam\", \"fake_review\"]");
    let project = TestProject::new(&two);
    project.write("reviews.csv", reviews_csv().as_bytes());
    assert_eq!(project.run(&["train", "--as-of", "2026-01-04"]).code, 0);
    let ran = project.run(&["score", "--as-of", "2026-01-04"]);
    let first: serde_json::Value = serde_json::from_str(ran.stdout.lines().next().unwrap()).unwrap();
    assert!(first["p_spam"].is_number() && first["p_fake_review"].is_null(), "{first}");
}

#[test]
fn a_copy_of_the_verdict_as_a_feature() {
    let toml = REVIEWS.replace("rating = \"rating\"", "x_case_id = \"label * 1000 + rating\"").replace("max_auc = 1.0", "");
    let project = TestProject::new(&toml);
    let line =
        |n: u32| format!("r{n},2026-01-01,s{},the strap broke after {} days,{},{}\n", n % 31, n * 37 % 90, n % 7, n % 3 / 2);
    project.write("reviews.csv", (HEADER.to_owned() + &(0..120).map(line).collect::<String>()).as_bytes());
    let train = ["train", "--as-of", "2026-01-04"];
    let says = [
        "`x_case_id` of `spam` has a ROC AUC of 1.0000, at least 0.9629 (120 decisions, 40 of them violating). The limit is 0.95",
        "features.exclude",
        "train.leak.allow",
    ];
    assert_refused(&project, &project.run(&train), 2, &says);
    assert!(project.files_below("models").is_empty());
    for mend in ["train.leak.allow=[\"x_case_id\"]", "features.exclude=[\"x_case_id\"]"] {
        let ran = project.run(&[&train[..], &["--set", mend]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
}

#[test]
fn no_champion_model() {
    refuses(&TestProject::reviews(), 2, &["champion", "stallmark train"]);
}

#[test]
fn unwritable_output() {
    let project = TestProject::trained();
    project.write("not_a_folder", b"");
    let ran = project.run(&["run", "--as-of", "2026-01-04", "--set", "output.path=not_a_folder"]);
    assert_refused(&project, &ran, 1, &["not_a_folder"]);
}

#[test]
fn a_second_run_at_the_same_time_is_told_to_come_back() {
    let project = TestProject::trained();
    std::fs::create_dir_all(project.path().join("out")).unwrap();
    let lock = std::fs::File::create(project.path().join("out/_lock")).unwrap();
    lock.lock().unwrap();
    let ran = project.run(&["run", "--as-of", "2026-01-04"]);
    assert_refused(&project, &ran, 75, &["_lock"]);
}

#[test]
fn a_bad_row_is_data() {
    let project = with_reviews(and_line("r900,2026-01-01,s1,fine,many,0\n"));
    let ran = project.run(&["run", "--as-of", "2026-01-04", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let results: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let content = &results["tables"]["content"];
    assert_eq!((&content["rows_in"], &content["accepted"], &content["rejected"]), (&121.into(), &120.into(), &1.into()));
    assert_eq!(results["items_scored"], 120);
}
