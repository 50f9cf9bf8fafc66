//! What the four layers add up to.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::units::ContentType;

#[test]
fn without_a_project_file_the_built_in_configuration_holds() {
    let project = ProjectFile { path: Path::new("stallmark.toml"), text: None };
    let config = load(&project, &Overlays { environment: &BTreeMap::new(), sets: &[] }, Path::new("/lake/my shop")).unwrap();
    assert_eq!(config.project.name, "my-shop");
    assert_eq!(config.models.label_set, "my-shop");
    assert_eq!(config.run.scope_days, 28);
    assert_eq!(config.run.memory_limit, 2_000_000_000);
    assert_eq!(config.run.shards, 0);
    assert_eq!(config.features.char_ngrams, (2, 5));
    assert_eq!(config.input.required_tables, [TableName::Content]);
    assert_eq!(config.output.path, Path::new("/lake/my shop/out"));
    assert!(config.active_labels().len() == 0 && config.sources.is_empty());
}

#[test]
fn each_layer_overrides_the_one_below() {
    let file = "[run]\nscope_days = 1\n";
    let env = [("STALLMARK_RUN__SCOPE_DAYS", "2")];
    assert_eq!(load_with(file, &[], &[]).unwrap().run.scope_days, 1);
    assert_eq!(load_with(file, &env, &[]).unwrap().run.scope_days, 2);
    assert_eq!(load_with(file, &env, &["run.scope_days=3"]).unwrap().run.scope_days, 3);
    assert_eq!(load_with(file, &env, &["run.scope_days=3", "run.scope_days = 4"]).unwrap().run.scope_days, 4);
    assert_eq!(load_with(file, &env, &[]).unwrap().run.expires_days, 2, "the rest of the table stays");
}

#[test]
fn tables_merge_and_lists_replace() {
    let config = load_text("[features]\nchar_ngrams = [3, 4]\n[labels.scam]\nseverity = 2\n");
    assert_eq!(config.features.char_ngrams, (3, 4));
    assert_eq!(config.features.text_buckets, 1 << 18);
    let scam = config.other_labels().find(|label| label.id == "scam").unwrap();
    assert_eq!(scam.severity.level(), 2);
    assert!(scam.definition.starts_with("Tries to take money"));
}

#[test]
fn values_from_outside_files_are_toml_or_else_text() {
    let sets = ["project.name=2026", "features.char_ngrams=[2,4]", "run.memory_limit=500000000", "time.zones.SG=Asia/Singapore"];
    let config = load_with("", &[("STALLMARK_MODELS__LABEL_SET", "\"a\"")], &sets).unwrap();
    assert_eq!(config.project.name, "2026");
    assert_eq!(config.models.label_set, "a");
    assert_eq!(config.features.char_ngrams, (2, 4));
    assert_eq!(config.run.memory_limit, 500_000_000);
    assert_eq!(config.time.market_zones["SG"], "Asia/Singapore");
    assert_eq!(config.time.zones.of("SG".parse().unwrap()), chrono_tz::Tz::Asia__Singapore);
}

#[test]
fn a_variable_meets_a_key_in_any_letter_case() {
    let config = load_with("[time.zones]\nSG = \"UTC\"", &[("STALLMARK_TIME__ZONES__SG", "Asia/Singapore")], &[]).unwrap();
    assert_eq!(config.time.market_zones["SG"], "Asia/Singapore");
}

#[test]
fn variables_that_name_no_key_are_left_alone() {
    let others = [("STALLMARK_REAL_DATA", "/x"), ("STALLMARK_", "1"), ("STALLMARKET__X", "1"), ("RUN__SCOPE_DAYS", "1")];
    assert_eq!(load_with("", &others, &[]).unwrap(), load_text(""));
}

#[test]
fn labels_are_active_in_the_order_listed() {
    let own =
        "[project]\nlabels = [\"zeta\", \"scam\"]\n[labels.zeta]\nkind = \"quality\"\nseverity = 1\ndefinition = \"Is zeta.\"\n";
    let config = load_text(own);
    assert_eq!(config.active_labels().map(|label| label.id.as_str()).collect::<Vec<_>>(), ["zeta", "scam"]);
    let zeta = config.label("zeta").unwrap();
    assert_eq!((zeta.weight, zeta.content_types.len()), (1.0, 5), "from label_defaults");
    assert!(zeta.covers(ContentType::Comment));
    assert!(config.label("gambling").is_none() && config.other_labels().any(|label| label.id == "gambling"));
    let lent = load_text(&format!("{own}[label_defaults]\nweight = 0.5\n"));
    assert_eq!(lent.label("zeta").unwrap().weight, 0.5);
}

#[test]
fn strikes_of_single_labels_expire_as_the_project_says() {
    let history = load_text("[features.history.label_expires_days]\nscam = 365\n").features.history;
    let days: Vec<(&str, u32)> = history.label_expires_days.iter().map(|(label, days)| (label.as_str(), *days)).collect();
    assert_eq!(days, [("counterfeit", 180), ("scam", 365)]);
    assert_eq!((history.strike_expires_days, history.strike_half_life_days, history.count_automatic), (90, 45.0, false));
}

#[test]
fn the_canonical_json_ignores_what_scores_do_not_depend_on() {
    let source = "[[sources.s.feeds]]\ntable = \"content\"\n[sources.s]\npath = \"a.csv\"\n";
    let base = load_text(source).canonical_json();
    assert!(base.starts_with("{\"labels\":[],\"time\":{\"zone\":\"UTC\""), "{base}");
    let same = [
        "run.memory_limit=1GB",
        "run.threads=3",
        "run.shards=20",
        "output.path=/elsewhere",
        "models.path=/m",
        "train.tune.eta=4",
        "sources.s.path=/b.csv",
        "labels.scam.weight=2",
        "source_defaults.separator=,",
    ];
    for setting in same {
        assert_eq!(load_with(&format!("# a line\n{source}"), &[], &[setting]).unwrap().canonical_json(), base, "{setting}");
    }
    let different = [
        "features.history.strike_expires_days=1",
        "labels.scam.severity=1",
        "run.scope_days=1",
        "train.seed=1",
        "project.labels=[\"scam\"]",
        "time.zones.SG=UTC",
        "sources.s.separator=;",
    ];
    for setting in different {
        assert_ne!(load_with(source, &[], &[setting]).unwrap().canonical_json(), base, "{setting}");
    }
    assert!(!base.contains("/p"), "no absolute path: {base}");
}
