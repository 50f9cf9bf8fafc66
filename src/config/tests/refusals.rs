//! What a wrong configuration is told.

use proptest::prelude::*;

use super::*;

#[test]
fn unknown_keys_are_named_with_their_line_and_the_nearest_key() {
    check_file(
        "[project]\nname = \"x\"\n\n[run]\n# how far back\n\nscope_day = 7\n",
        "stallmark.toml:7: unknown key `run.scope_day`; did you mean `run.scope_days`?",
    );
    check_file("[runs]\nscope_days = 7", "stallmark.toml:1: unknown key `runs`; did you mean `run`?");
    check_file("[train]\n[train.tree]\ndepth = 3", "stallmark.toml:2: unknown key `train.tree`; did you mean `train.trees`?");
    check_file("train.trees.dept = 3", "stallmark.toml:1: unknown key `train.trees.dept`; did you mean `train.trees.depth`?");
    check_file("[run]\nfolds = 3", "stallmark.toml:2: unknown key `run.folds`; did you mean `train.folds`?");
    check_file(
        "[run]\n\"\" = 3",
        "stallmark.toml:2: unknown key `run.`; the keys valid there are scope_days, memory_limit, shards, threads, expires_days",
    );
    check_file(
        "[labels.scam]\nseverty = 3",
        "stallmark.toml:2: unknown key `labels.scam.severty`; did you mean `labels.scam.severity`?",
    );
    check_file(
        "[sources.a]\npath = \"a.csv\"\nfeed = []",
        "stallmark.toml:3: unknown key `sources.a.feed`; did you mean `sources.a.feeds`?",
    );
    check_file(
        "[sources.a]\npath = \"a.csv\"\n[[sources.a.feeds]]\ntable = \"content\"\n[[sources.a.feeds]]\ntables = \"reports\"",
        "stallmark.toml:6: unknown key `sources.a.feeds[1].tables`; did you mean `sources.a.feeds[1].table`?",
    );
    let message = refusal("[run]\nqqqqqqqqqq = 1", &[], &[]);
    assert!(message.contains("the keys valid there are scope_days, memory_limit"), "{message}");
}

#[test]
fn unknown_keys_of_other_layers_name_the_variable_or_argument() {
    assert_eq!(
        refusal("", &[("STALLMARK_RUN__SCOPE_DAY", "7")], &[]),
        "variable STALLMARK_RUN__SCOPE_DAY: unknown key `run.scope_day`; did you mean `run.scope_days`?"
    );
    assert_eq!(refusal("", &[], &["run.thread=7"]), "--set run.thread=7: unknown key `run.thread`; did you mean `run.threads`?");
    assert_eq!(refusal("", &[], &["scope_days"]), "--set scope_days: expected key=value, for instance --set run.scope_days=7");
    assert_eq!(refusal("", &[], &["run..x=1"]), "--set run..x=1: expected key=value, for instance --set run.scope_days=7");
    let deep = format!("{}=1", vec!["a"; 10_000].join("."));
    assert!(refusal("", &[], &[&deep]).contains("unknown key `a.a.a."));
}

#[test]
fn wrong_types_name_the_place_the_key_the_value_and_what_was_expected() {
    check_file("[run]\nscope_days = \"7\"", "stallmark.toml:2: `run.scope_days` is \"7\": expected a whole number");
    check_file("[run]\nscope_days = 7.5", "stallmark.toml:2: `run.scope_days` is 7.5: expected a whole number");
    check_file(
        "[run]\nscope_days = 99999999999999999999",
        "stallmark.toml:2: `run.scope_days` is 99999999999999999999: expected a whole number",
    );
    check_file("[run]\nscope_days = 2026-11-01", "stallmark.toml:2: `run.scope_days` is 2026-11-01: expected a whole number");
    check_file("[project]\nname = 7", "stallmark.toml:2: `project.name` is 7: expected text in quotes");
    check_file("\nrun = 7", "stallmark.toml:2: `run` is 7: expected a table");
    check_file(
        "[project]\nlabels = \"scam\"",
        "stallmark.toml:2: `project.labels` is \"scam\": expected a list in square brackets",
    );
    check_file("[project]\nlabels = [\n\"scam\",\n7]", "stallmark.toml:4: `project.labels[1]` is 7: expected text in quotes");
    check_file("[source_defaults]\nheader = 1", "stallmark.toml:2: `source_defaults.header` is 1: expected true or false");
    check_file(
        "[output]\ncompression = \"std\"",
        "stallmark.toml:2: `output.compression` is \"std\": expected one of zstd, snappy; did you mean \"zstd\"?",
    );
    check_file("[output]\ncompression = 3", "stallmark.toml:2: `output.compression` is 3: expected one of zstd, snappy");
    assert_eq!(
        refusal("", &[("STALLMARK_RUN__SCOPE_DAYS", "many")], &[]),
        "variable STALLMARK_RUN__SCOPE_DAYS: `run.scope_days` is \"many\": expected a whole number"
    );
    assert_eq!(refusal("", &[], &["train.folds=x"]), "--set train.folds=x: `train.folds` is \"x\": expected a whole number");
    assert_eq!(
        refusal("", &[], &["train.folds.x=1"]),
        "--set train.folds.x=1: `train.folds` is a table: expected a whole number"
    );
}

#[test]
fn values_out_of_range_are_refused() {
    let from = |range: &str| format!("expected a {range}");
    for (setting, expected) in [
        ("run.scope_days=0", from("whole number from 1 to 3650")),
        ("run.memory_limit=1MB", "expected a size of at least 64MB, for instance 2GB or 1.5GiB".to_owned()),
        ("run.memory_limit=lots", "expected a size of at least 64MB, for instance 2GB or 1.5GiB".to_owned()),
        ("input.max_reject_share=1.5", from("number from 0 to 1")),
        ("input.max_reject_share=nan", from("number from 0 to 1")),
        ("input.required_tables=[]", "expected a list of tables with \"content\" among them, each once".to_owned()),
        ("features.text_buckets=1000000", "expected a power of two, for instance 524288".to_owned()),
        ("features.char_ngrams=[5,2]", "expected the shortest n-gram before the longest".to_owned()),
        ("features.char_ngrams=[5]", "expected two numbers: the shortest and the longest n-gram".to_owned()),
        ("features.history.strike_expires_days=0", from("whole number from 1 to 3650")),
        ("features.history.unknown_label_severity=6", from("severity from 1 to 5")),
        ("features.history.reporter_prior.mean=1", from("number from 0.0001 to 0.9999")),
        ("features.history.label_expires_days.scan=9", "expected a label as its key that [labels] declares".to_owned()),
        ("features.history.label_expires_days.scam=0", from("whole number from 1 to 3650")),
        ("features.contacts.max_sellers=1", from("whole number from 2 to 10000")),
        ("features.contacts.max_media_sellers=-1", from("whole number from 0 to 20")),
        ("train.leak.max_auc=0.4", from("number from 0.5 to 1")),
        ("train.seed=-1", from("whole number from 0 to 9223372036854775807")),
        ("train.trees.learning_rate=0.0", from("number above 0, at most 1")),
        ("train.trees.max_bins=256", from("whole number from 3 to 255")),
        ("score.bands.fair_max_abuse=0.05", "expected at least score.bands.good_max_abuse".to_owned()),
        ("time.zone=Mars/Olympus", "expected an IANA time zone, for instance Asia/Singapore or UTC".to_owned()),
        ("time.zones.SGP=UTC", "expected a market as its key: two letters of ISO 3166 alpha-2, for instance SG".to_owned()),
        ("project.name=a/b", "expected 1 to 64 letters, digits, `.`, `_` or `-`, not starting with a dot".to_owned()),
        ("models.label_set=..", "expected 1 to 64 letters, digits, `.`, `_` or `-`, not starting with a dot".to_owned()),
        ("output.path=", "expected a path".to_owned()),
        ("models.path=s3://bucket", "expected a path on this machine: mount or copy the store first".to_owned()),
        ("labels.scam.severity=6", "expected 1 (nuisance) to 5 (harm to life, safety or livelihood)".to_owned()),
        ("labels.scam.content_types=[]", "expected at least one content type, each once".to_owned()),
        ("labels.scam.weight=-1", from("number from 0 to 100")),
        ("label_defaults.weight=-1", from("number from 0 to 100")),
    ] {
        let message = refusal("", &[], &[setting]);
        let key = setting.split('=').next().unwrap();
        assert!(message.starts_with(&format!("--set {setting}: `{key}")) && message.ends_with(&expected), "{message}");
    }
}

#[test]
fn text_that_is_not_toml_names_its_line() {
    let error = load_with("[run]\nscope_days = = 7", &[], &[]).unwrap_err();
    assert!(matches!(&error, ConfigError::NotToml { place: Place::Line { line: 2, .. }, .. }), "{error}");
    let error = load_with("[run]\nshards = 1\nshards = 2", &[], &[]).unwrap_err();
    assert!(matches!(&error, ConfigError::NotToml { place: Place::Line { line: 3, .. }, .. }), "{error}");
    assert!(load_with("\u{feff}[run]\r\nshards = 1\r\n", &[], &[]).is_ok(), "byte order mark and Windows line ends");
}

#[test]
fn labels_that_cannot_be_are_refused() {
    check_file(
        "[project]\nlabels = [\"scam\", \"gamblin\"]",
        "stallmark.toml:2: `project.labels` lists `gamblin`, which is not declared; did you mean `gambling`? Correct it, or add [labels.gamblin]",
    );
    check_file(
        "[project]\nlabels = [\"scam\", \"scam\"]",
        "stallmark.toml:2: `project.labels[1]` is \"scam\": expected each label once",
    );
    check_file(
        "\n[labels.new]\nkind = \"abuse\"\ndefinition = \"x\"",
        "stallmark.toml:2: `labels.new` has no `severity`: add it",
    );
    let message = refusal("[labels.Bad__Id]\nkind = \"abuse\"\ndefinition = \"x\"\nseverity = 1", &[], &[]);
    assert!(message.starts_with("stallmark.toml:1: `labels.Bad__Id` is a table: expected an id of 1 to 48"), "{message}");
}

/// A project file put together from pieces that mean something to the loader.
fn plausible() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "[run]\n",
        "[sources.a]\n",
        "[[sources.a.feeds]]\n",
        "[labels.x]\n",
        "[time.zones]\n",
        "path = ",
        "scope_days = ",
        "feeds = ",
        "table = ",
        "columns = ",
        "kind = ",
        "\"content\"",
        "\"${X:-\"",
        "\"a.csv\"",
        "7",
        "-1",
        "nan",
        "{ a = 1 }",
        "[1, 2]",
        "2026-11-01",
        "true",
        "\n",
        "= ",
        "[",
        "]",
        "\"",
        "\u{202e}",
        "'",
        ".",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn loading_never_panics(text in prop_oneof![".*", "(?s).{0,200}", plausible()], value in "\\PC*", set in "[a-z.]{0,20}=?\\PC{0,20}") {
        let _ = load_with(&text, &[("STALLMARK_SOURCES__A__PATH", &value)], &[]);
        let _ = load_with("", &[], &[&set]);
    }
}

#[test]
fn deep_nesting_is_refused() {
    for text in [
        format!("a = {}", "[".repeat(10_000)),
        format!("a = {}", "{ a = ".repeat(10_000)),
        format!("{} = 1", vec!["a"; 10_000].join(".")),
        format!("[{}]", vec!["a"; 10_000].join(".")),
    ] {
        assert!(load_with(&text, &[], &[]).is_err());
        assert!(load_with("", &[("STALLMARK_RUN__SHARDS", &text[4..])], &[]).is_err());
    }
}
