//! A row's features are the same bits wherever it is computed: in the nightly run, in training, alone, in any shard and for any
//! number of threads. Over every column: the registered features, the embedding, `x_*` columns and signals.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use polars::prelude::{DataType, ParquetReader, ParquetWriter, SerReader};

use super::project::TestProject;

const AS_OF: &str = "2026-03-23";

/// Signals of every kind, each of which reads another kind of column; one feature that is left out, and an embedding.
const DECLARED: &str = r#"
[features]
exclude = ["ln_price"]

[features.embedding]
dims = 3

[features.signals.shouting_bargain]
sql = "price / list_price < 0.7 AND caps_share > 0.1"
what = "a bargain in capitals"
why = "bait"
evaded_by = "small letters"

[features.signals.age_and_words]
sql = "LENGTH(title) + ln_price * 1.1 + CASE WHEN published_at > TIMESTAMP '2026-03-01 00:00:00' THEN x_speech_share ELSE seller_views_7d END"
what = "many kinds of columns at once"
why = "to test them"
evaded_by = "nothing"

[features.signals.both]
sql = "shouting_bargain OR (market = 'SG' AND STARTS_WITH(seller_id, 's'))"
what = "a signal of a signal"
why = "to test it"
evaded_by = "nothing"
"#;

/// A marketplace with the declared columns.
fn marketplace() -> TestProject {
    let project = TestProject::synthetic(1500);
    let path = project.path().join("stallmark.toml");
    let toml = std::fs::read_to_string(&path).unwrap() + DECLARED;
    std::fs::write(&path, toml).unwrap();
    project
}

/// A matrix as read back: column names, and for each (content, midnight) the bits of its values, `None` for null.
struct Matrix {
    names: Vec<String>,
    rows: BTreeMap<(String, i64), Vec<Option<u32>>>,
}

fn read(path: &Path) -> Matrix {
    let frame = ParquetReader::new(File::open(path).unwrap()).finish().unwrap();
    let names: Vec<String> = frame.get_column_names().iter().map(|name| name.to_string()).collect();
    assert_eq!(names[..4], ["content_id", "as_of", "market", "content_type"]);
    let ids = frame.column("content_id").unwrap().str().unwrap().clone();
    let times = frame.column("as_of").unwrap().cast(&DataType::Int64).unwrap();
    let times = times.i64().unwrap();
    let columns: Vec<_> = names[4..].iter().map(|name| frame.column(name).unwrap().f32().unwrap().clone()).collect();
    let keys: Vec<(String, i64)> =
        (0..frame.height()).map(|row| (ids.get(row).unwrap().to_owned(), times.get(row).unwrap())).collect();
    assert!(keys.is_sorted(), "rows by content, then time");
    let row = |at: usize| columns.iter().map(|column| column.get(at).map(f32::to_bits)).collect();
    let rows = keys.into_iter().enumerate().map(|(at, key)| (key, row(at))).collect();
    Matrix { names, rows }
}

/// Runs the verb with `args` and reads what it wrote.
fn matrix(project: &TestProject, args: &[&str]) -> Matrix {
    let out = "m.parquet";
    let ran = project.run(&[&["features", "--out", out], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    read(&project.path().join(out))
}

/// The rows of `part` are those of `whole`, bit by bit.
fn check_same(part: &Matrix, whole: &Matrix, what: &str) {
    assert_eq!(part.names, whole.names);
    for (key, row) in &part.rows {
        let Some(other) = whole.rows.get(key) else { continue };
        for ((name, a), b) in part.names[4..].iter().zip(row).zip(other) {
            assert_eq!(a, b, "{what}: {name} of {key:?}");
        }
    }
}

/// The spine of `keys` as a file.
fn spine_file(project: &TestProject, keys: &[&(String, i64)]) {
    let mut csv = "content_id,as_of\n".to_owned();
    for (id, us) in keys {
        let time = chrono::DateTime::from_timestamp_micros(*us).unwrap().format("%Y-%m-%dT%H:%M:%SZ");
        csv.push_str(&format!("{id},{time}\n"));
    }
    project.write("spine.csv", csv.as_bytes());
}

#[test]
fn a_row_is_the_same_in_any_company() {
    let project = marketplace();
    let mut files = Vec::new();
    for settings in [["run.shards=1", "run.threads=1"], ["run.shards=7", "run.threads=3"]] {
        let run = matrix(&project, &["--as-of", AS_OF, "--set", settings[0], "--set", settings[1]]);
        assert!(run.rows.len() > 400, "{}", run.rows.len());
        files.push((
            std::fs::read(project.path().join("m.parquet")).unwrap(),
            std::fs::read(project.path().join("m.json")).unwrap(),
        ));
    }
    assert!(files[0] == files[1], "shards or threads changed the files");
    let run = matrix(&project, &["--as-of", AS_OF]);

    // Every column is there, and nearly every one has a value somewhere.
    for name in ["age_and_words", "both", "shouting_bargain", "embedding_02", "x_speech_share", "text_chars"] {
        assert!(run.names.iter().any(|n| n == name), "{name}");
    }
    assert!(!run.names.iter().any(|n| n == "ln_price"));
    let known = |name: &str| {
        let at = run.names.iter().position(|n| n == name).unwrap() - 4;
        run.rows.values().filter(|row| row[at].is_some()).count()
    };
    assert!(known("shouting_bargain") > 100 && known("both") > 100 && known("age_and_words") > 20);

    // Alone: three rows, each a spine of its own.
    for key in run.rows.keys().step_by(run.rows.len() / 3) {
        spine_file(&project, &[key]);
        let alone = matrix(&project, &["--as-of", AS_OF, "--spine-file", "spine.csv"]);
        assert_eq!(alone.rows.len(), 1);
        check_same(&alone, &run, "alone");
    }

    // In training: rows of the same midnights, drawn from the same input by another verb's spine.
    let train = matrix(&project, &["--as-of", "2026-03-26", "--spine", "train"]);
    assert!(train.rows.len() > 300, "{}", train.rows.len());
    let nights: Vec<String> = (16..23).map(|day| format!("2026-03-{day}")).collect();
    let mut shared = 0;
    for night in &nights {
        let run = matrix(&project, &["--as-of", night]);
        shared += train.rows.keys().filter(|key| run.rows.contains_key(*key)).count();
        check_same(&train, &run, "training");
    }
    assert!(shared > 20, "{shared} rows were both trained on and scored");

    // Training rows asked for by name.
    let some: Vec<_> = train.rows.keys().step_by(10).collect();
    spine_file(&project, &some);
    let listed = matrix(&project, &["--as-of", AS_OF, "--spine-file", "spine.csv"]);
    assert_eq!(listed.rows.len(), some.len());
    check_same(&listed, &train, "listed");
}

#[test]
fn the_description_says_what_is_missing() {
    let project = TestProject::reviews();
    let ran = project.run(&["features", "--as-of", "2026-01-04", "--out", "m.parquet", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let written = std::fs::read_to_string(project.path().join("m.json")).unwrap();
    assert_eq!(ran.stdout, written);
    let description: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert_eq!(description["rows"], 120);
    let list =
        |value: &serde_json::Value| value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert!(list(&description["inputs_absent"]).contains(&"engagement".to_owned()));
    assert!(list(&description["inputs_present"]).contains(&"content.body".to_owned()));
    let null = list(&description["null_features"]["null"]);
    assert!(null.contains(&"item_reports_7d".to_owned()) && !null.contains(&"text_chars".to_owned()));
    // What is said to be null is null in every row.
    let columns = description["features"].as_array().unwrap();
    let wrong: Vec<_> = columns.iter().filter(|c| c["known"] != 0 && null.iter().any(|name| c["name"] == **name)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let checked = project.run(&["check", "--as-of", "2026-01-04", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
    assert_eq!(report["features"], description["null_features"]);
    let talk = project.run(&["check", "--as-of", "2026-01-04"]).stdout;
    assert!(talk.contains(&format!("{} of {} features are null", null.len(), report["n_features"])), "{talk}");
}

/// How many rows have a value of each feature, and which features are said to be null.
fn known_and_null(project: &TestProject) -> (BTreeMap<String, u64>, Vec<String>) {
    let ran = project.run(&["features", "--as-of", AS_OF, "--out", "m.parquet", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let description: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(description["rows"].as_u64().unwrap() > 200);
    let name = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let columns = description["features"].as_array().unwrap();
    let known = columns.iter().map(|column| (name(&column["name"]), column["known"].as_u64().unwrap())).collect();
    (known, description["null_features"]["null"].as_array().unwrap().iter().map(name).collect())
}

/// Of a marketplace with one table or column taken away, what is said to be null has no value, and all else that had one still has.
#[test]
fn what_goes_with_a_table_or_a_column_is_said() {
    let project = TestProject::synthetic(1000);
    let (whole, null) = known_and_null(&project);
    assert_eq!(null, Vec::<String>::new());
    let check = |lacking: &str| {
        let (known, null) = known_and_null(&project);
        let gone: Vec<&String> = known.iter().filter(|(name, n)| **n == 0 && whole[*name] > 0).map(|(name, _)| name).collect();
        let mut said: Vec<&String> = null.iter().filter(|name| whole[*name] > 0).collect();
        said.sort_unstable();
        assert_eq!(gone, said, "without {lacking}");
        assert!(null.iter().all(|name| known[name] == 0), "without {lacking}");
        assert!(known.values().any(|n| *n > 0), "without {lacking}");
        !said.is_empty()
    };
    let path = project.path().join("stallmark.toml");
    let toml = std::fs::read_to_string(&path).unwrap();
    for table in ["sellers", "engagement", "decisions", "actions", "reports", "after_sales"] {
        let kept: Vec<&str> = toml.split("\n[sources.").filter(|part| !part.starts_with(&format!("{table}]"))).collect();
        assert_eq!(kept.len() + 1, toml.split("\n[sources.").count(), "{table}");
        std::fs::write(&path, kept.join("\n[sources.")).unwrap();
        assert!(check(table), "{table}");
    }
    std::fs::write(&path, toml).unwrap();
    let columns = [
        ("content", "seller_id", true),
        ("content", "category", true),
        ("engagement", "orders", true),
        ("decisions", "overturns", true),
        ("reports", "reporter_id", true),
        ("after_sales", "content_id", true),
        ("sellers", "tier", false),
        ("decisions", "decided_by", false),
    ];
    for (table, column, nulls_any) in columns {
        let path = project.path().join(format!("tables/{table}.parquet"));
        let bytes = std::fs::read(&path).unwrap();
        let frame = ParquetReader::new(File::open(&path).unwrap()).finish().unwrap();
        ParquetWriter::new(File::create(&path).unwrap()).finish(&mut frame.drop(column).unwrap()).unwrap();
        assert_eq!(check(&format!("{table}.{column}")), nulls_any, "{table}.{column}");
        std::fs::write(&path, bytes).unwrap();
    }
}

#[test]
fn unknown_items_are_counted_and_bad_spines_refused() {
    let project = TestProject::reviews();
    project.write("spine.csv", b"as_of,content_id\n2026-01-04,r7\n2026-01-04,nobody\n2026-01-04T18:00:00Z,r7\n");
    let args = ["features", "--as-of", "2026-01-04", "--out", "m.parquet", "--json", "--spine-file"];
    let ran = project.run(&[&args[..], &["spine.csv"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let description: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    // Twice the same midnight is one row.
    assert_eq!((&description["rows"], &description["missing_items"]), (&1.into(), &1.into()));
    assert!(
        ran.stderr.contains("1 items of the spine are not in the input and have no row, among them nobody"),
        "{}",
        ran.stderr
    );

    project.write("no_spine.csv", b"content_id,day\nr7,2026-01-04\n");
    let ran = project.run(&[&args[..], &["no_spine.csv"]].concat());
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("there is no column `as_of`"), "{}", ran.stderr);
    let ran = project.run(&["features", "--out", "m.json"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}

/// A matrix can be read back as the spine of another.
#[test]
fn a_matrix_is_a_spine() {
    let project = TestProject::reviews();
    let whole = matrix(&project, &["--as-of", "2026-01-04"]);
    std::fs::rename(project.path().join("m.parquet"), project.path().join("whole.parquet")).unwrap();
    let again = matrix(&project, &["--as-of", "2026-01-04", "--spine-file", "whole.parquet"]);
    assert_eq!((again.rows.len(), again.names.len()), (120, whole.names.len()));
    check_same(&again, &whole, "from itself");
}

#[test]
fn a_model_says_which_features_it_misses() {
    let project = TestProject::trained();
    let path = project.path().join("stallmark.toml");
    let toml = std::fs::read_to_string(&path).unwrap();
    let signal = "\n[features.signals.shout]\nsql = \"caps_share > 0.5\"\nwhat = \"w\"\nwhy = \"y\"\nevaded_by = \"e\"\n";
    let refused = |toml: String, what: &str| {
        std::fs::write(&path, toml).unwrap();
        let ran = project.run(&["run", "--as-of", "2026-01-04"]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(what), "{}", ran.stderr);
    };
    refused(toml.clone() + signal, "the features differ: new: shout");
    refused(toml.clone() + "\n[features]\nexclude = [\"caps_share\"]\n", "the features differ: missing: caps_share");

    std::fs::write(&path, toml.clone() + signal).unwrap();
    assert_eq!(project.run(&["train", "--as-of", "2026-01-04", "--promote"]).code, 0);
    let ran = project.run(&["run", "--as-of", "2026-01-04"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    refused(toml.clone() + &signal.replace("0.5", "0.4"), "the features differ: redefined: shout");
    refused(toml.clone(), "the features differ: missing: shout");
    refused(toml + &signal.replace("caps_share >", "caps_shar >"), "did you mean `caps_share`?");
}

#[test]
fn an_embedding_of_another_length_is_missing_and_counted() {
    let project = TestProject::new(
        "[sources.items]\npath = \"items.jsonl\"\n[[sources.items.feeds]]\ntable = \"content\"\n[features.embedding]\ndims = 4\nlength = 3\n",
    );
    let line = |id: &str, embedding: &str| {
        format!(
            "{{\"content_id\":\"{id}\",\"content_type\":\"video\",\"market\":\"SG\",\"published_at\":\"2026-01-01\",\"embedding\":{embedding}}}\n"
        )
    };
    let lines = [line("a", "[1,2,3]"), line("b", "[2,4,6]"), line("c", "[1,2]"), line("d", "null")].concat();
    project.write("items.jsonl", lines.as_bytes());
    let ran = project.run(&["features", "--as-of", "2026-01-04", "--out", "m.parquet"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said = "1 rows have an embedding of another length than features.embedding.length = 3";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let matrix = read(&project.path().join("m.parquet"));
    let at = matrix.names.iter().position(|name| name == "embedding_00").unwrap() - 4;
    let of = |id: &str| matrix.rows.iter().find(|((content, _), _)| content == id).unwrap().1[at..at + 4].to_vec();
    assert!(of("a").iter().all(Option::is_some));
    assert_eq!(of("a"), of("b"), "only the direction counts");
    assert_eq!((of("c"), of("d")), (vec![None; 4], vec![None; 4]));
}

#[test]
fn a_matrix_replaces_nothing_that_is_not_one() {
    let project = TestProject::reviews();
    project.write("keep.json", b"{}");
    for out in ["reviews.csv", "stallmark.toml", "keep.parquet", "matrix.csv"] {
        let ran = project.run(&["features", "--as-of", "2026-01-04", "--out", out]);
        assert_eq!(ran.code, 2, "{out}: {}", ran.stderr);
        assert!(ran.stderr.contains("--out"), "{}", ran.stderr);
    }
    assert_eq!(std::fs::read(project.path().join("keep.json")).unwrap(), b"{}");
}

#[test]
fn a_lexicon_that_is_not_there_is_a_mistake_of_configuration_and_a_changed_one_another_run() {
    let project = TestProject::trained();
    let lost = project.run(&["run", "--as-of", "2026-01-04", "--set", "features.lexicons.files=[\"lost.toml\"]"]);
    assert_eq!(lost.code, 2, "{}", lost.stderr);
    assert!(lost.stderr.contains("features.lexicons.files") && lost.stderr.contains("lost.toml"), "{}", lost.stderr);

    let toml = std::fs::read_to_string(project.path().join("stallmark.toml")).unwrap();
    project.write("stallmark.toml", (toml + "\n[features.lexicons]\nfiles = [\"own.toml\"]\n").as_bytes());
    let run_of = |terms: &str| {
        project.write("own.toml", format!("[groups]\ngambling = [{terms}]\n").as_bytes());
        let ran = project.run(&["run", "--as-of", "2026-01-04", "--json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let results: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        (results["run_id"].as_str().unwrap().to_owned(), results["warnings"].to_string())
    };
    let (one, other) = (run_of("\"zxcvb\""), run_of("\"zxcvb\", \"qwert\""));
    assert_ne!(one.0, other.0);
    assert!(other.1.contains("lexicons have changed"), "{}", other.1);
}
