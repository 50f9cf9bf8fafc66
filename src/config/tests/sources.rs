//! Sources: paths, formats, feeds.

use super::*;

/// A project with one source.
fn source(keys: &str, environment: &[(&str, &str)]) -> Result<Source, ConfigError> {
    let text = format!("[sources.s]\n{keys}\n[[sources.s.feeds]]\ntable = \"content\"\n");
    Ok(load_with(&text, environment, &[])?.sources.remove(0))
}

#[test]
fn paths_are_filled_in_and_resolved() {
    let path = |text: &str| source(&format!("path = \"{text}\""), &[("DATA", "/lake")]).unwrap().path;
    assert_eq!(path("a.csv"), "/p/a.csv");
    assert_eq!(path("${DATA}/a.csv"), "/lake/a.csv");
    assert_eq!(path("${DATA:-x}/a.csv"), "/lake/a.csv");
    assert_eq!(path("${NONE:-../shared}/*.csv"), "/p/../shared/*.csv");
    assert_eq!(
        source("path = \"${NONE}/a.csv\"", &[]).unwrap_err().to_string(),
        "stallmark.toml:2: `sources.s.path` needs the variable NONE, which is not set: set it, or write ${NONE:-fallback}"
    );
    assert!(matches!(source("path = \"${DATA/a.csv\"", &[]), Err(ConfigError::BadValue { .. })));
}

#[test]
fn formats_follow_from_the_extension_or_are_said() {
    let csv = |separator| SourceFormat::Csv(CsvFormat { separator, columns: None, encoding: Encoding::Utf8 });
    for (keys, expect) in [
        ("path = \"a.parquet\"", SourceFormat::Parquet),
        ("path = \"folder\"", SourceFormat::Parquet),
        ("path = \"a.csv\"", csv(b',')),
        ("path = \"x/*.CSV\"", csv(b',')),
        ("path = \"a.tsv\"", csv(b'\t')),
        ("path = \"a.tsv\"\nseparator = \";\"", csv(b';')),
        ("path = \"a.txt\"\nformat = \"csv\"\nseparator = \"\\t\"", csv(b'\t')),
        ("path = \"a.jsonl\"", SourceFormat::JsonLines),
        ("path = \"a.ndjson\"", SourceFormat::JsonLines),
    ] {
        assert_eq!(source(keys, &[]).unwrap().format, expect, "{keys}");
    }
    let given = source("path = \"a.csv\"\nheader = false\ncolumns = [\"a\", \"b\"]\nencoding = \"latin-1\"", &[]).unwrap();
    let columns = Some(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(given.format, SourceFormat::Csv(CsvFormat { separator: b',', columns, encoding: Encoding::Latin1 }));
}

#[test]
fn sources_that_cannot_be_read_are_refused() {
    for (keys, expect) in [
        ("path = \"a.txt\"", "`sources.s.path` is \"a.txt\": expected a file ending in .parquet"),
        ("path = \"a.csv\"\nseparator = \"ab\"", "`sources.s.separator` is \"ab\": expected auto, or one ASCII character"),
        ("path = \"a.csv\"\nheader = false", "`sources.s.columns` is []: expected the names of all columns"),
        ("path = \"a.csv\"\ncolumns = [\"a\"]", "`sources.s.columns` is [\"a\"]: expected no `columns` beside a header"),
        ("path = \"a.csv\"\nheader = false\ncolumns = [\"a\", \"a\"]", "expected column names, each once"),
        ("path = \"a.csv\"\nencoding = \"utf8\"", "expected one of utf-8, latin-1; did you mean \"utf-8\"?"),
        ("path = \"a.csv\"\ntime_zone = \"X\"", "`sources.s.time_zone` is \"X\": expected an IANA time zone"),
        ("format = \"csv\"", "`sources.s` has no `path`: add it"),
    ] {
        let message = source(keys, &[]).unwrap_err().to_string();
        assert!(message.contains(expect), "{message}");
    }
    check_file("[sources.s]\npath = \"a.csv\"", "stallmark.toml:1: `sources.s` has no `feeds`: add it");
    let message = refusal("[sources.s]\npath = \"a.csv\"\nfeeds = []", &[], &[]);
    assert!(message.contains("`sources.s.feeds` is []: expected at least one [[feeds]]"), "{message}");
    let message = refusal("[sources.s]\npath = \"a.csv\"\n[[sources.s.feeds]]\ntable = \"contents\"", &[], &[]);
    assert!(
        message.starts_with("stallmark.toml:4: `sources.s.feeds[0].table`") && message.ends_with("did you mean \"content\"?"),
        "{message}"
    );
}

#[test]
fn feeds_keep_the_order_and_place_of_the_file() {
    let text = "[sources.s]\npath = \"a.csv\"\ntime_zone = \"Asia/Bangkok\"\n\n[[sources.s.feeds]]\ntable = \"content\"\nwhere = \"x > 1\"\n\
                columns = { title = \"t\", content_id = \"id\", body = \"b\" }\n[[sources.s.feeds]]\ntable = \"decisions\"\nwhere = \"\"\n";
    let source = load_text(text).sources.remove(0);
    assert_eq!(source.time_zone, chrono_tz::Tz::Asia__Bangkok);
    let [content, decisions] = &source.feeds[..] else { panic!("two feeds") };
    assert_eq!((content.table, content.filter.as_deref()), (TableName::Content, Some("x > 1")));
    let names: Vec<_> = content.columns.iter().flatten().map(|(column, _)| column.as_str()).collect();
    assert_eq!(names, ["title", "content_id", "body"]);
    assert_eq!(content.place, "stallmark.toml:5, sources.s.feeds[0]");
    assert_eq!((decisions.filter.as_deref(), &decisions.columns), (None, &None));
    assert_eq!(decisions.place, "stallmark.toml:9, sources.s.feeds[1]");
}
