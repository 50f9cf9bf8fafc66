//! The rules of ARCHITECTURE.md, read from the source text: who may import whom, and who may touch files, clocks and Polars.
//!
//! Every rule is also shown to fail, on a planted violation. Test code is exempt: it may unwrap, and touch what it likes.

#![allow(clippy::unwrap_used, reason = "test code: a pattern or a source file that cannot be read is the failure")]

mod code;
mod imports;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use code::{Code, test_modules};
use rules::{RULES, Source};

/// The modules, each of which imports only from its left (DESIGN.md §8).
const ORDER: &[&str] = &[
    "units",
    "config",
    "files",
    "text",
    "sql",
    "tables",
    "features",
    "dataset",
    "models",
    "evaluation",
    "store",
    "scoring",
    "policy",
    "queue",
    "feedback",
    "monitor",
    "explain",
    "report",
    "publish",
    "synth",
    "run",
    "cli",
    "main",
];

/// Crates that stay inside one file of `models`.
const ONE_FILE_CRATES: &[&str] = &["linfa", "smartcore"];

#[test]
fn every_source_file_keeps_the_rules() {
    let tree = source_tree();
    let found: Vec<String> = tree
        .values()
        .flat_map(|source| RULES.iter().map(move |rule| (source, rule)))
        .flat_map(|(source, rule)| {
            let shown = source.path.clone();
            (rule.check)(source).into_iter().map(move |(line, what)| format!("src/{shown}:{line}: {what} ({})", rule.name))
        })
        .collect();
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), found.join("\n"));
}

#[test]
fn lib_rs_lists_the_modules_in_their_order() {
    let text = fs::read_to_string(source_root().join("lib.rs")).unwrap();
    let folders: BTreeSet<String> = source_tree().values().map(|source| source.module.clone()).collect();
    assert_eq!(lib_problems(&text, &folders), Vec::<String>::new());
}

#[test]
fn linfa_and_smartcore_stay_in_their_own_files() {
    assert_eq!(strays(&source_tree()), Vec::<String>::new());
}

/// What is wrong with the `mod` lines of lib.rs.
fn lib_problems(lib: &str, modules: &BTreeSet<String>) -> Vec<String> {
    let listed = Code::of(lib).declared_modules();
    let expected: Vec<&str> = ORDER.iter().copied().filter(|name| *name != "main" && modules.contains(*name)).collect();
    let mut problems = Vec::new();
    if listed != expected {
        problems.push(format!("lib.rs lists {}: expected {}", listed.join(", "), expected.join(", ")));
    }
    let unknown = modules.iter().filter(|name| !ORDER.contains(&name.as_str()) && *name != "lib");
    problems.extend(unknown.map(|name| format!("module {name} has no place in the order")));
    problems
}

/// Files that mention a crate of [`ONE_FILE_CRATES`] outside `models`, or beside the one file that is its own.
fn strays(tree: &BTreeMap<String, Source>) -> Vec<String> {
    let mentions = |name: &str| -> Vec<&Source> { tree.values().filter(|source| source.code.mentions_crate(name)).collect() };
    let mut problems = Vec::new();
    for name in ONE_FILE_CRATES {
        let found = mentions(name);
        if found.len() > 1 || found.iter().any(|source| source.module != "models") {
            let paths: Vec<&str> = found.iter().map(|source| source.path.as_str()).collect();
            problems.push(format!("{name} stands in {}: expected one file of models", paths.join(", ")));
        }
    }
    problems
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All files but test modules, by path below `src`.
fn source_tree() -> BTreeMap<String, Source> {
    let mut files = BTreeMap::new();
    collect(&source_root(), "", &mut files);
    parsed(&files)
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else if name.ends_with(".rs") {
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

fn parsed(files: &BTreeMap<String, String>) -> BTreeMap<String, Source> {
    let test_modules: Vec<String> = files.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    let is_test = |path: &str| test_modules.iter().any(|m| path == format!("{m}.rs") || path.starts_with(&format!("{m}/")));
    let kept = files.iter().filter(|(path, _)| !is_test(path));
    kept.map(|(path, text)| (path.clone(), Source::new(path, text))).collect()
}

/// The names of the rules that a file of that text breaks.
fn broken(path: &str, text: &str) -> Vec<&'static str> {
    let source = Source::new(path, text);
    RULES.iter().filter(|rule| !(rule.check)(&source).is_empty()).map(|rule| rule.name).collect()
}

fn check(path: &str, text: &str, expect: &[&str]) {
    assert_eq!(broken(path, text), expect, "in {path}: {text}");
}

#[test]
fn an_import_from_the_right_is_seen() {
    let rule = &["imports only to the left"][..];
    check("text/mod.rs", "use crate::models::Model;", rule);
    check("text/mod.rs", "use crate::units::Id; use crate::text::normalise;", &[]);
    check("text/mod.rs", "fn f() { crate::store::load() }", rule);
    check("text/mod.rs", "use crate::{units::Id, store::{load, save}};", rule);
    check("text/mod.rs", "use crate::{\n    units::{Id, Day},\n    files,\n};", &[]);
    check("text/mod.rs", "use crate::*;", rule);
    check("text/mod.rs", "use crate::nowhere::X;", rule);
    check("text/mod.rs", "use crate as all;", rule);
    check("text/mod.rs", "use super::store::load;", rule);
    check("text/mod.rs", "use super::units::Id;", &[]);
    check("text/a.rs", "use super::normalise;", &[]);
    check("text/a.rs", "use super::super::store::load;", rule);
    check("text/a/b.rs", "use super::super::normalise;", &[]);
    check("text/a.rs", "use super::{super::{store}};", rule);
    check("text/a.rs", "mod inner { use super::super::normalise; }", &[]);
    check("text/a.rs", "mod inner { use super::super::super::run; }", rule);
    check("run/mod.rs", "use crate::cli::Cli;", rule);
    check("main.rs", "use stallmark::cli;", &[]);
    check("text/mod.rs", "pub(crate) fn f() {}", &[]);
}

#[test]
fn a_file_touched_outside_files_is_seen() {
    let rule = &["only files touches the file system"][..];
    check("store/a.rs", "fn f() { std::fs::read(p); }", rule);
    check("store/a.rs", "use std::{io, fs};", rule);
    check("store/a.rs", "use std::{io::{self, Read}, fs::File};", rule);
    check("store/a.rs", "use tempfile::tempdir;", rule);
    check("store/a.rs", "use std::os::unix::fs::PermissionsExt;", rule);
    check("files/a.rs", "use std::fs; use tempfile::TempDir;", &[]);
    check("tables/a.rs", "use std::fs::File;", &[]);
    check("store/a.rs", "use std::io::Read;", &[]);
}

#[test]
fn a_clock_or_environment_read_outside_run_is_seen() {
    let rule = &["only run reads clock, environment and entropy"][..];
    for read in [
        "std::env::var(name)",
        "env::args()",
        "SystemTime::now()",
        "Instant::now()",
        "chrono::Utc::now()",
        "Local::now()",
        "rand::rng()",
        "RandomState::new()",
    ] {
        check("publish/a.rs", &format!("fn f() {{ {read}; }}"), rule);
        check("run/a.rs", &format!("fn f() {{ {read}; }}"), &[]);
    }
    check("config/a.rs", "use std::env;", rule);
    check("config/a.rs", "const V: &str = env!(\"CARGO_PKG_VERSION\");", &[]);
    check("main.rs", "fn main() { std::env::args(); }", &[]);
}

#[test]
fn polars_outside_its_modules_is_seen() {
    let rule = &["Polars stops at tables, sql and publish"][..];
    check("scoring/a.rs", "use polars::prelude::*;", rule);
    check("scoring/a.rs", "fn f(d: polars_core::DataFrame) {}", rule);
    check("tables/a.rs", "use polars::prelude::*;", &[]);
}

#[test]
fn transcendental_functions_of_std_are_seen() {
    let rule = &["exp, ln and the like come from libm"][..];
    for call in ["x.exp()", "x.ln()", "x.powf(2.0)", "x.powi(2)", "x.tanh()", "f64::ln(x)", "x.mul_add(a, b)", "xs.map(f64::exp)"]
    {
        check("models/a.rs", &format!("fn f() {{ {call}; }}"), rule);
    }
    check("models/a.rs", "fn f() { libm::exp(x) + x.sqrt() + libm::log(y) + self.exp + f(n.ilog2()) }", &[]);
}

#[test]
fn sums_in_an_unfixed_order_are_seen() {
    let rule = &["sums run in a fixed order"][..];
    check("models/a.rs", "let m: HashMap<Id, f64> = x;", rule);
    check("models/a.rs", "let m: HashMap<Id, Vec<(u32, f32)>> = x;", rule);
    check("models/a.rs", "let m: HashMap<Id, u64> = x; let y: f64 = 1.0;", &[]);
    check("models/a.rs", "let m: BTreeMap<Id, f64> = x;", &[]);
    check("models/a.rs", "let s: f64 = rows.par_iter().map(|r| r.w).sum();", rule);
    check("models/a.rs", "let s = rows.into_par_iter().reduce(zero, add);", rule);
    check("models/a.rs", "let s = rows.iter().par_bridge().collect();", rule);
    check("models/a.rs", "let s = rows.par_iter().map(f).sum::<u64>();", &[]);
    check("models/a.rs", "let s: Vec<f64> = rows.par_iter().map(f).collect(); let t: f64 = s.iter().sum();", &[]);
    check("models/a.rs", "let s: Vec<f64> = rows.par_iter().map(|r| r.iter().sum::<f64>()).collect();", &[]);
}

#[test]
fn a_file_that_wants_to_be_two_is_seen() {
    let rule = &["at most 400 lines of code"][..];
    check("text/a.rs", &"let a = 1;\n".repeat(401), rule);
    check("text/a.rs", &"let a = 1;\n".repeat(400), &[]);
    check("text/a.rs", &"// a\n\n/* b\n */\n".repeat(500), &[]);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "let a = 1;\n".repeat(500));
    check("text/a.rs", &tests, &[]);
}

#[test]
fn a_panic_outside_tests_is_seen() {
    let rule = &["no panics outside tests"][..];
    for call in ["x.unwrap()", "x.expect(\"there\")", "panic!(\"no\")", "todo!()", "unimplemented!()", "unreachable!()"] {
        check("text/a.rs", &format!("fn f() {{ {call}; }}"), rule);
        check("text/a.rs", &format!("#[cfg(test)]\n#[allow(x)]\nmod tests {{ fn f() {{ {call}; }} }}"), &[]);
    }
    check("text/a.rs", "#[cfg(test)] use a::{b}; fn f() { x.unwrap() }", rule);
    check("text/a.rs", "fn f() { x.unwrap_or(1); parser.expect(Token::Comma); }", &[]);
}

#[test]
fn comments_and_texts_break_no_rule() {
    check("text/a.rs", "// std::fs and x.unwrap()\n/* a /* panic!() */ Instant::now() */ fn f() {}", &[]);
    check("text/a.rs", "const A: &str = \"std::fs \\\" x.unwrap()\"; const B: &str = r#\"a \" panic!()\"#;", &[]);
    check("text/a.rs", "fn f<'a>(x: &'a str) -> char { '\"' } // \"", &[]);
    check("text/a.rs", "const A: char = '\\''; fn f() { x.unwrap() }", &["no panics outside tests"]);
    check("text/a.rs", "const A: char = '\"'; fn f() { x.unwrap() }", &["no panics outside tests"]);
    check("text/a.rs", "const A: &[u8] = br#\"\"#; fn r#type() { x.unwrap() }", &["no panics outside tests"]);
}

#[test]
fn a_test_module_in_its_own_file_is_exempt_and_its_neighbour_is_not() {
    let files = BTreeMap::from([
        ("text/mod.rs".to_owned(), "#[cfg(test)]\nmod cases;\nmod other;".to_owned()),
        ("text/cases.rs".to_owned(), "x.unwrap()".to_owned()),
        ("text/cases/deep.rs".to_owned(), "x.unwrap()".to_owned()),
        ("text/other.rs".to_owned(), "#[cfg(test)]\nmod cases;".to_owned()),
        ("text/other/cases.rs".to_owned(), "x.unwrap()".to_owned()),
    ]);
    assert_eq!(parsed(&files).into_keys().collect::<Vec<_>>(), ["text/mod.rs", "text/other.rs"]);
}

#[test]
fn a_wrong_order_of_modules_is_seen() {
    let modules = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let three = modules(&["units", "files", "lib", "main"]);
    assert_eq!(lib_problems("//! mod x;\npub mod units;\npub mod files;\n", &three), Vec::<String>::new());
    assert_eq!(lib_problems("pub mod files;\npub mod units;\n", &three).len(), 1);
    assert_eq!(lib_problems("pub mod units;\n", &three).len(), 1);
    assert_eq!(lib_problems("pub mod units;\nmod helper;\n", &modules(&["units", "helper", "lib"])).len(), 2);
}

#[test]
fn a_crate_that_leaves_its_file_is_seen() {
    let tree = |files: &[(&str, &str)]| parsed(&files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect());
    assert!(strays(&tree(&[("models/baseline.rs", "use linfa::Dataset; use linfa_logistic::X;")])).is_empty());
    assert_eq!(strays(&tree(&[("models/a.rs", "use linfa::Dataset;"), ("models/b.rs", "fn f(x: linfa::Dataset) {}")])).len(), 1);
    assert_eq!(strays(&tree(&[("monitor/a.rs", "use smartcore::linalg;")])).len(), 1);
}
