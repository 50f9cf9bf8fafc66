//! The data scientist's loop: compare, promote through the gate, roll back, score in the shadow.

use serde_json::Value;

use super::project::{REVIEWS, Ran, TestProject};

/// The day up to which models learn; decisions after it judge them.
const TRAINED: &str = "2026-02-01";
/// The day of the judgement.
const JUDGED: &str = "2026-03-01";

/// Whose verdicts a training file turns around.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    Nobody,
    /// Every third.
    Some,
    Thailand,
}

/// 1,200 reviews of January and 1,200 of February from two markets of their own words. Spam has its market's phrase four times in
/// five, other reviews once in ten. What is `wrong` concerns January's verdicts alone.
fn reviews(wrong: Wrong) -> String {
    let mut csv = "id,market,published,decided,seller,body,rating,label\n".to_owned();
    for n in 0..2400_u32 {
        let hash = n.wrapping_mul(2_654_435_761) >> 8;
        let (is_thai, is_spam) = (n % 2 == 1, hash.is_multiple_of(3));
        let has_phrase = if is_spam { hash / 3 % 5 > 0 } else { hash / 3 % 10 == 0 };
        let phrase = match (has_phrase, is_thai) {
            (true, true) => "แอดไลน์รับส่วนลดเลย",
            (true, false) => "add our line for cheap promo",
            (false, true) => "สินค้าตรงปกใส่สบาย",
            (false, false) => "fits well and colour as shown",
        };
        let (month, day) = if n < 1200 { (1, 1 + n / 50) } else { (2, 1 + (n - 1200) / 50) };
        let turned = n < 1200
            && match wrong {
                Wrong::Nobody => false,
                Wrong::Some => hash / 30 % 3 == 0,
                Wrong::Thailand => is_thai,
            };
        let label = u8::from(is_spam != turned);
        let (market, seller) = (if is_thai { "TH" } else { "SG" }, n % 240);
        let decided = format!("2026-{month:02}-{:02}T12:00:00Z", day + 1);
        csv.push_str(&format!(
            "r{n},{market},2026-{month:02}-{day:02},{decided},s{seller},{phrase} {},{},{label}\n",
            n % 17,
            1 + n % 5
        ));
    }
    csv
}

fn project() -> TestProject {
    let toml = REVIEWS
        .replace("market = \"'SG'\"", "market = \"market\"")
        .replace("decided_at = \"TIMESTAMP '2026-01-02 12:00:00'\"", "decided_at = \"decided\"");
    let few = "\n[train.trees]\nrounds = 20\n\n[evaluate]\ndraws = 200\n\n[promote]\nmax_churn = 1.0\nmax_ece_excess = 0.1\n";
    TestProject::new(&(toml + few))
}

/// Trains on January with `wrong` verdicts and returns the version. The file is right again afterwards.
fn trained(project: &TestProject, wrong: Wrong) -> String {
    project.write("reviews.csv", reviews(wrong).as_bytes());
    let ran = ok(project.run(&["train", "--as-of", TRAINED, "--json"]));
    project.write("reviews.csv", reviews(Wrong::Nobody).as_bytes());
    let trained: Value = serde_json::from_str(&ran.stdout).unwrap();
    trained["version"].as_str().unwrap().to_owned()
}

fn ok(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

fn champion(project: &TestProject) -> String {
    let list: Value = serde_json::from_str(&ok(project.run(&["models", "--json"])).stdout).unwrap();
    let models = list["models"].as_array().unwrap();
    models.iter().find(|model| model["role"] == "champion").unwrap()["version"].as_str().unwrap().to_owned()
}

fn scores(project: &TestProject) -> Vec<Vec<u8>> {
    ok(project.run(&["run", "--as-of", JUDGED]));
    let files = project.files_below("out/scores").into_iter().filter(|(name, _)| name.ends_with(".parquet"));
    let bytes = files.map(|(_, bytes)| bytes).collect();
    std::fs::remove_dir_all(project.path().join("out")).unwrap();
    bytes
}

#[test]
fn a_model_that_is_worse_in_one_market_is_refused() {
    let project = project();
    let right = trained(&project, Wrong::Nobody);
    let worse = trained(&project, Wrong::Thailand);
    let pointer = project.files_below("models/reviews/champion");
    let ran = project.run(&["promote", &worse, "--as-of", JUDGED]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("label `spam` in market TH: average precision falls by"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("in market SG"), "{}", ran.stderr);
    assert!(ran.stdout.contains("REFUSED"), "{}", ran.stdout);
    let told: Value = serde_json::from_str(&project.run(&["promote", &worse, "--as-of", JUDGED, "--json"]).stdout).unwrap();
    assert_eq!((&told["champion"], &told["version"]), (&false.into(), &worse.as_str().into()));
    assert_eq!((champion(&project), project.files_below("models/reviews/champion")), (right.clone(), pointer));

    // What a person answers for passes, and stays on record.
    ok(project.run(&["promote", &worse, "--as-of", JUDGED, "--override", "the Thai desk asked for it"]));
    assert_eq!(champion(&project), worse);
    let record = std::fs::read_to_string(project.path().join("models/reviews/promotions.jsonl")).unwrap();
    assert!(record.contains("the Thai desk asked for it") && record.contains("in market TH"), "{record}");
}

#[test]
fn a_better_model_passes_and_rolling_back_restores_the_scores() {
    let project = project();
    let weak = trained(&project, Wrong::Some);
    let better = trained(&project, Wrong::Nobody);
    assert_eq!(champion(&project), weak);
    let before = scores(&project);
    let ran = ok(project.run(&["promote", &better, "--as-of", JUDGED]));
    assert!(ran.stdout.contains("average precision loss") && !ran.stdout.contains("REFUSED"), "{}", ran.stdout);
    assert_eq!(champion(&project), better);
    assert!(scores(&project) != before);
    ok(project.run(&["rollback"]));
    assert_eq!(champion(&project), weak);
    assert!(scores(&project) == before);
    // Nothing came before the first champion.
    let ran = project.run(&["rollback"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("there is none to go back to"), "{}", ran.stderr);
}

#[test]
fn a_model_is_not_judged_by_what_it_learned_from() {
    let project = project();
    trained(&project, Wrong::Some);
    let better = trained(&project, Wrong::Nobody);
    let ran = project.run(&["promote", &better, "--as-of", TRAINED]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("no label can be judged by the 0 rows decided after both models were trained"), "{}", ran.stderr);
    let found: Value = serde_json::from_str(&ok(project.run(&["evaluate", "--as-of", TRAINED, "--json"])).stdout).unwrap();
    assert_eq!(found["decisions"]["before_training"], found["labels"][0]["n"]);
    let shown = ok(project.run(&["evaluate", "--as-of", TRAINED])).stdout;
    assert!(shown.contains("these figures flatter it"), "{shown}");
}

/// Training ends at a midnight of the project's zone; in Singapore the next day has begun by then.
#[test]
fn a_market_whose_day_begins_earlier_is_not_judged_by_what_was_learned_either() {
    let project = project();
    let path = project.path().join("stallmark.toml");
    let toml = std::fs::read_to_string(&path).unwrap() + "\n[time.zones]\nSG = \"Asia/Singapore\"\nTH = \"Asia/Bangkok\"\n";
    std::fs::write(&path, toml).unwrap();
    let evening = reviews(Wrong::Nobody).replace("T12:00:00Z", "T18:00:00Z");
    project.write("reviews.csv", evening.as_bytes());
    ok(project.run(&["train", "--as-of", TRAINED]));
    let ran = ok(project.run(&["evaluate", "--as-of", TRAINED, "--decisions", "later"]));
    assert!(ran.stdout.contains("No decision on a label that the model scores"), "{}", ran.stdout);
    let later = ok(project.run(&["evaluate", "--as-of", JUDGED, "--decisions", "later", "--json"]));
    let later: Value = serde_json::from_str(&later.stdout).unwrap();
    assert_eq!((&later["labels"][0]["n"], &later["decisions"]["too_early"]), (&1200.into(), &1200.into()));
}

#[test]
fn a_pointer_that_cannot_be_read_is_replaced_with_a_reason() {
    let project = project();
    trained(&project, Wrong::Some);
    let better = trained(&project, Wrong::Nobody);
    project.write("models/reviews/champion", b"garbage");
    let ran = project.run(&["promote", &better, "--as-of", JUDGED]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    ok(project.run(&["promote", &better, "--as-of", JUDGED, "--override", "the pointer was damaged"]));
    assert_eq!(champion(&project), better);
}

/// A hundred rows of a market are too few for the limit, but not for a fall that nobody can doubt.
#[test]
fn a_small_market_that_falls_apart_is_refused_too() {
    let project = project();
    trained(&project, Wrong::Nobody);
    let worse = trained(&project, Wrong::Thailand);
    let ran = project.run(&["promote", &worse, "--as-of", JUDGED, "--set", "promote.min_market_rows=100000"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("in market TH: average precision falls by"), "{}", ran.stderr);
    assert!(ran.stdout.contains("spam  | SG"), "{}", ran.stdout);
}

#[test]
fn compare_shows_metrics_slices_costs_and_movers() {
    let project = project();
    let [weak, better] = [Wrong::Some, Wrong::Nobody].map(|wrong| trained(&project, wrong));
    let args = ["compare", weak.as_str(), better.as_str(), "--as-of", JUDGED, "--json"];
    let found: Value = serde_json::from_str(&ok(project.run(&args)).stdout).unwrap();
    let label = &found["labels"][0];
    assert_eq!((&label["n"], &found["decisions"]["too_early"]), (&1200.into(), &1200.into()));
    let view = &label["views"][0];
    let [a, b, change] =
        [&view["a"], &view["b"], &view["difference"]].map(|of| of["average_precision"]["value"].as_f64().unwrap());
    assert!(b > a && (b - a - change).abs() < 1e-12, "{view}");
    let slices: Vec<&str> = label["slices"].as_array().unwrap().iter().map(|slice| slice["value"].as_str().unwrap()).collect();
    assert_eq!(slices[..2], ["SG", "TH"]);
    let churn = &found["churn"];
    assert_eq!(churn["movers"].as_array().unwrap().len(), 10);
    let moved: u64 = churn["moves"].as_array().unwrap().iter().map(|m| m["items"].as_u64().unwrap()).sum();
    assert_eq!(churn["changed"].as_u64(), Some(moved));
    // The same two are as far apart the other way round, and a model does not differ from itself.
    let args = ["compare", better.as_str(), weak.as_str(), "--as-of", JUDGED, "--json"];
    let turned: Value = serde_json::from_str(&ok(project.run(&args)).stdout).unwrap();
    assert_eq!(turned["churn"]["changed"], churn["changed"]);
    let args = ["compare", better.as_str(), better.as_str(), "--as-of", JUDGED, "--json"];
    let same: Value = serde_json::from_str(&ok(project.run(&args)).stdout).unwrap();
    assert_eq!((&same["churn"]["changed"], &same["churn"]["movers"]), (&0.into(), &Value::Array(Vec::new())));
    let shown = ok(project.run(&["compare", &weak, &better, "--as-of", JUDGED])).stdout;
    for part in ["| average precision ", "market TH", "reviewer hours", "items in scope change band", "The items that move most"]
    {
        assert!(shown.contains(part), "no `{part}` in:\n{shown}");
    }
}

#[test]
fn a_challenger_is_scored_in_the_shadow_and_changes_no_score() {
    let project = project();
    trained(&project, Wrong::Some);
    let challenger = trained(&project, Wrong::Nobody);
    let alone = scores(&project);
    let set = format!("models.challengers=[\"{challenger}\"]");
    let ran = ok(project.run(&["run", "--as-of", JUDGED, "--set", &set, "--json"]));
    let of = |table: &str| {
        let files = project.files_below(&format!("out/{table}")).into_iter();
        files.filter(|(name, _)| name.ends_with(".parquet")).map(|(_, bytes)| bytes).collect::<Vec<_>>()
    };
    assert!(of("scores") == alone);
    assert_eq!(of("shadow_scores").len(), 2);
    let results: Value = serde_json::from_str(&ran.stdout).unwrap();
    let shadow = &results["challengers"][0];
    assert_eq!((&shadow["version"], &shadow["items"]), (&challenger.into(), &results["items_scored"]));
    assert!(shadow["changed_band"].as_u64().unwrap() > 0, "{shadow}");
    let ran = project.run(&["run", "--as-of", JUDGED, "--set", "models.challengers=[\"latest\"]"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("model versions of 12 hexadecimal digits"), "{}", ran.stderr);
}
