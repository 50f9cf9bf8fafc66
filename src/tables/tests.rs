//! From files to rows: each case writes a file of a few lines and looks at what comes out.

use std::fs::{self, File};
use std::path::Path;

use chrono_tz::Tz;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::config::{CsvFormat, Encoding, Feed, Source, SourceFormat, TableName};
use crate::units::Timestamp;

const DECISIONS: &str = "decision_id,content_id,label,verdict,decided_at\n";
const ENGAGEMENT: &str = "content_id,day,views,gmv\n";

#[derive(Default)]
struct Collected {
    rows: Vec<(TableRow, RowOrigin)>,
    rejects: Vec<Reject>,
}

impl RowSink for Collected {
    fn row(&mut self, row: TableRow, origin: RowOrigin) -> Result<(), SinkError> {
        self.rows.push((row, origin));
        Ok(())
    }
    fn reject(&mut self, reject: Reject) -> Result<(), SinkError> {
        self.rejects.push(reject);
        Ok(())
    }
}

fn csv() -> SourceFormat {
    SourceFormat::Csv(CsvFormat { separator: b',', columns: None, encoding: Encoding::Utf8 })
}

fn feed(table: TableName) -> Feed {
    Feed { table, filter: None, columns: None, place: format!("stallmark.toml:1, {table}") }
}

fn mapped(table: TableName, columns: &[(&str, &str)]) -> Feed {
    let columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    Feed { columns: Some(columns), ..feed(table) }
}

fn source(path: &Path, format: SourceFormat, feeds: Vec<Feed>) -> Source {
    Source { name: "s".to_owned(), path: path.to_str().unwrap().to_owned(), format, time_zone: Tz::UTC, feeds }
}

fn options(chunk_rows: usize) -> ReadOptions {
    ReadOptions { latest: Timestamp::parse("2026-11-20", Tz::UTC).unwrap(), max_text_bytes: 100, chunk_rows }
}

fn collect(sources: &[Source], chunk_rows: usize) -> Result<(Collected, ReadReport), TablesError> {
    let mut sink = Collected::default();
    let plan = plan(sources)?;
    let report = read(&plan, &options(chunk_rows), &mut sink)?;
    for table in &report.tables {
        let rows = sink.rows.iter().filter(|(row, _)| row.table() == table.table).count() as u64;
        let rejects = sink.rejects.iter().filter(|r| r.table == table.table).count() as u64;
        assert_eq!((table.rows_in, table.accepted, table.rejected), (rows + rejects, rows, rejects));
    }
    Ok((sink, report))
}

fn file(name: &str, bytes: impl AsRef<[u8]>) -> (TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

fn read_bytes(bytes: impl AsRef<[u8]>, format: SourceFormat, feeds: Vec<Feed>) -> Result<(Collected, ReadReport), TablesError> {
    let (_dir, path) = file("in.dat", bytes);
    collect(&[source(&path, format, feeds)], 2)
}

/// One line for each row or reject.
fn told(result: Result<(Collected, ReadReport), TablesError>) -> String {
    match result {
        Err(e) => {
            let cause = std::error::Error::source(&e).map(|s| format!(": {s}")).unwrap_or_default();
            format!("error: {e}{cause}")
        }
        Ok((sink, _)) => {
            let rows = sink.rows.iter().map(|(_, origin)| format!("{} ok", origin.row));
            let rejects = sink.rejects.iter().map(|r| format!("{} {} `{}` {}", r.row, r.column, r.value, r.reason));
            rows.chain(rejects).collect::<Vec<_>>().join("; ")
        }
    }
}

fn check(text: impl AsRef<[u8]>, table: TableName, expect: &str) {
    let said = told(read_bytes(&text, csv(), vec![feed(table)]));
    assert!(said.contains(expect), "{}\n  gave {said}\n  not  {expect}", String::from_utf8_lossy(text.as_ref()));
}

#[test]
fn single_cells_are_checked() {
    let decision = |line: &str, expect: &str| check(format!("{DECISIONS}{line}\n"), TableName::Decisions, expect);
    decision("d1,c1,spam,violating,2026-11-01", "1 ok");
    decision(",c1,spam,violating,2026-11-01", "1 decision_id `` a value is required here");
    decision("d1,c1,spam,bad,2026-11-01", "1 verdict `bad` `bad` is not a verdict: expected one of violating, compliant");
    decision("d1,c1,spam,violating,yesterday", "1 decided_at `yesterday` `yesterday` is not a time");
    decision("d1,c1,spam,violating,2026-11-21", "1 decided_at `2026-11-21` in the future: the latest");
    decision("d1,c1,spam,violating,0001-01-01", "1 decided_at");
    decision("d1,c1,spam,violating", "1  `d1c1spamviolating` the record has 4 fields, expected 5");
    decision(&format!("{},c1,spam,violating,2026-11-01", "x".repeat(257)), "the name has 257 bytes");
    decision("d\0,c1,spam,violating,2026-11-01", "1 decision_id `d\\u{0}` the name contains the character NUL");
    let day = |line: &str, expect: &str| check(format!("{ENGAGEMENT}{line}\n"), TableName::Engagement, expect);
    day("c1,2026-11-01,3,1.5", "1 ok");
    day("c1,2026-11-01,,", "1 ok");
    day("c1,2026-11-01,3.0,1.5", "1 ok");
    day("c1,2026-11-01,-3,1.5", "1 views `-3` a count must not be negative");
    day("c1,2026-11-01,2.5,1.5", "1 views `2.5` not a whole number");
    day("c1,2026-11-01,many,1.5", "1 views `many` not a whole number");
    day("c1,2026-11-01,3,-0.5", "1 gmv `-0.5` out of range: expected a number 0 or more");
    day("c1,2026-11-01,3,NaN", "1 gmv `NaN` NaN and infinite numbers are not values");
    day("c1,2026-11-01,3,-inf", "1 gmv `-inf` NaN and infinite numbers are not values");
    day("c1,2026-11-22,3,1", "1 day `2026-11-22` in the future");
    day("c1,2026-02-30,3,1", "1 day `2026-02-30`");
}

#[test]
fn rates_stars_probabilities_and_subjects_are_checked() {
    check("seller_id,rating\ns,5.1\n", TableName::Sellers, "1 rating `5.1` out of range: expected a number from 0 to 5");
    check(
        "seller_id,cancel_rate\ns,1.1\n",
        TableName::Sellers,
        "1 cancel_rate `1.1` out of range: expected a number from 0 to 1",
    );
    check("seller_id,kyc_verified\ns,maybe\n", TableName::Sellers, "1 kyc_verified `maybe` neither true nor false");
    let with = |p: &str| {
        format!("decision_id,content_id,label,verdict,decided_at,inclusion_probability\nd,c,l,violating,2026-11-01,{p}\n")
    };
    check(with("0"), TableName::Decisions, "1 inclusion_probability `0` out of range: expected a number above 0, up to 1");
    check(with("1"), TableName::Decisions, "1 ok");
    let actions = "action_id,content_id,seller_id,treatment,started_at,ended_at\n";
    check(format!("{actions}a,,,hold,2026-11-01,\n"), TableName::Actions, "1 content_id `` content_id or seller_id is required");
    check(format!("{actions}a,,s,hold,2026-11-01,2027-01-01\n"), TableName::Actions, "1 ok");
    let content = "content_id,content_type,market,published_at,body,embedding,x_a\n";
    check(format!("{content}c,listing,SG,2026-11-01,{},,\n", "b".repeat(101)), TableName::Content, "the text has 101 bytes");
    check(format!("{content}c,listing,SGP,2026-11-01,,,\n"), TableName::Content, "1 market `SGP` `SGP` is not a market");
    check(format!("{content}c,listing,SG,2026-11-01,,\"[1,2]\",0.5\n"), TableName::Content, "1 ok");
    check(format!("{content}c,listing,SG,2026-11-01,,\"[1,x]\",0.5\n"), TableName::Content, "1 embedding");
    check(
        format!("{content}c,listing,SG,2026-11-01,,,1e39\n"),
        TableName::Content,
        "1 x_a `1e39` out of range: expected a number that an f32 can hold",
    );
    check(format!("{content}c,listing,SG,2026-11-01,call 08123456789,,q\n"), TableName::Content, "1 x_a `q` not a number");
}

#[test]
fn csv_files_are_read_as_they_are_written() {
    let check = |bytes: &[u8], format: CsvFormat, expect: &str| {
        let feeds = vec![mapped(TableName::Sellers, &[("seller_id", "id"), ("tier", "tier")])];
        let (sink, _) = read_bytes(bytes, SourceFormat::Csv(format), feeds).unwrap();
        let rows: Vec<String> = sink
            .rows
            .iter()
            .map(|(row, _)| match row {
                TableRow::Sellers(s) => format!("{}={}", s.seller_id, s.tier.as_deref().unwrap_or("-")),
                other => format!("{other:?}"),
            })
            .chain(sink.rejects.iter().map(|r| format!("{}: {}", r.column, r.reason)))
            .collect();
        assert_eq!(rows.join(" "), expect);
    };
    let plain = || CsvFormat { separator: b',', columns: None, encoding: Encoding::Utf8 };
    check(b"id,tier\na,b\n", plain(), "a=b");
    check(b"\xef\xbb\xbfid,tier\r\na,b\r\n\r\nc,\r\n", plain(), "a=b c=-");
    check(b"id,tier\na,\"b\nc \"\"d\"\"\"\n", plain(), "a=b\nc \"d\"");
    check(b"id;tier\na;b,c\n", CsvFormat { separator: b';', ..plain() }, "a=b,c");
    check(b"a,b\n", CsvFormat { columns: Some(vec!["id".to_owned(), "tier".to_owned()]), ..plain() }, "a=b");
    check(b"id,tier\na,caf\xe9\n", CsvFormat { encoding: Encoding::Latin1, ..plain() }, "a=café");
    check(b"id,tier\na,caf\xe9\n", plain(), "tier: not UTF-8: declare encoding = \"latin-1\", or convert the file");
    check(b"id,tier,z\na,b,caf\xe9\n", plain(), "a=b");
}

#[test]
fn bad_files_are_errors_that_name_the_file() {
    let sellers = || vec![feed(TableName::Sellers)];
    let check = |bytes: &[u8], format: SourceFormat, expect: &str| {
        let said = told(read_bytes(bytes, format, sellers()));
        assert!(said.starts_with("error: ") && said.contains(expect), "{said}");
    };
    check(b"", csv(), "in.dat is empty");
    check(b"", SourceFormat::Parquet, "in.dat is empty");
    check(b"", SourceFormat::JsonLines, "in.dat is empty");
    check(b"seller_id,tier,tier\n", csv(), "in.dat: the column `tier` appears twice");
    check(b"id,tier\n", csv(), "stallmark.toml:1, sellers: table `sellers` needs the column `seller_id`");
    check(b"{\"id\":1}\n", SourceFormat::JsonLines, "needs the column `seller_id`");
    check(b"seller_id,tier\na,b\nc,\"d\n", csv(), "in.dat, row 2: a quoted field opens and never closes");
    check(b"\x1f\x8b\x08\0", csv(), "the file is compressed");
    check(b"\xff\xfea\0", csv(), "the file is UTF-16");
    check(b"PAR1aaaaPAR1", csv(), "the file is Parquet");
    check(b"PAR1 this is not a Parquet file", SourceFormat::Parquet, "in.dat cannot be read as Parquet");
    let missing = source(Path::new("/no/such/file.csv"), csv(), sellers());
    assert!(matches!(plan(&[missing]), Err(TablesError::NoFiles { .. })));
}

#[test]
fn bad_mappings_are_errors_that_name_the_feed() {
    let check = |columns: &[(&str, &str)], expect: &str| {
        let said = told(read_bytes("id,tier\na,b\n", csv(), vec![mapped(TableName::Sellers, columns)]));
        assert!(said.starts_with("error: ") && said.contains(expect), "{said}");
    };
    check(&[("seller_id", "id"), ("teir", "tier")], "table `sellers` has no column `teir`: did you mean `tier`?");
    check(&[("seller_id", "idd")], "`seller_id` is mapped to `idd`, which is not a column of");
    check(&[("seller_id", "'s' || idd")], "unknown column `idd`");
    check(&[("tier", "tier")], "needs the column `seller_id`");
    check(&[("seller_id", "id"), ("tier", "LENGTH(tier) > 2")], "`tier` from");
    let filter = Feed { filter: Some("tier = ".to_owned()), ..mapped(TableName::Sellers, &[("seller_id", "id")]) };
    let said = told(read_bytes("id,tier\na,b\n", csv(), vec![filter]));
    assert!(said.contains("filter") && said.starts_with("error"), "{said}");
}

#[test]
fn one_source_feeds_several_tables_and_blocks() {
    let text = "Review,Label,Kind\ngood,0,x\nbad,1,y\nodd,?,y\nshort\n";
    let verdict = "CASE WHEN Label = 1 THEN 'violating' ELSE 'compliant' END";
    let decision = |label: &str, filter: Option<&str>| Feed {
        filter: filter.map(str::to_owned),
        ..mapped(
            TableName::Decisions,
            &[
                ("decision_id", &format!("'{label}' || _row")),
                ("content_id", "'r' || _row"),
                ("label", &format!("'{label}'")),
                ("verdict", verdict),
                ("decided_at", "'2026-11-01'"),
            ],
        )
    };
    let content = mapped(
        TableName::Content,
        &[
            ("content_id", "'r' || _row"),
            ("content_type", "'review'"),
            ("market", "'VN'"),
            ("published_at", "TIMESTAMP '2026-10-01 00:00:00'"),
            ("body", "Review"),
            ("category", "_file"),
        ],
    );
    let feeds = vec![decision("a", None), content, decision("b", Some("Kind = 'y'"))];
    let (sink, report) = read_bytes(text, csv(), feeds).unwrap();
    let ids: Vec<String> = sink
        .rows
        .iter()
        .map(|(row, _)| match row {
            TableRow::Content(c) => {
                format!("{}:{}:{}", c.content_id, c.body.as_deref().unwrap_or(""), c.category.as_deref().unwrap_or(""))
            }
            TableRow::Decisions(d) => format!("{}:{}:{}", d.decision_id, d.content_id, d.verdict),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        ids,
        ["r1:good:in.dat", "r2:bad:in.dat", "r3:odd:in.dat", "a1:r1:compliant", "a2:r2:violating", "b2:r2:violating"]
    );
    let rejects: Vec<String> = sink.rejects.iter().map(|r| format!("{} {} {} {}", r.table, r.row, r.column, r.value)).collect();
    assert_eq!(rejects, ["content 4  short", "decisions 3 Label ?", "decisions 3 Label ?", "decisions 4  short"]);
    let decisions = report.table(TableName::Decisions).unwrap();
    assert_eq!((decisions.rows_in, decisions.accepted, decisions.rejected, decisions.filtered), (6, 3, 3, 1));
    assert!(!report.versioned);
}

#[test]
fn partitions_are_columns_and_chunks_do_not_matter() {
    let dir = tempfile::tempdir().unwrap();
    for (day, text) in [("2026-11-02", "content_id,views\nc,3\n"), ("2026-11-01", "content_id,views,x\na,1,9\nb,-2,9\nc,3,9\n")] {
        fs::create_dir(dir.path().join(format!("day={day}"))).unwrap();
        fs::write(dir.path().join(format!("day={day}/part.csv")), text).unwrap();
    }
    let sources = [source(dir.path(), csv(), vec![feed(TableName::Engagement)])];
    let (sink, report) = collect(&sources, 1).unwrap();
    let days: Vec<String> = sink
        .rows
        .iter()
        .map(|(row, o)| match row {
            TableRow::Engagement(e) => format!("{} {} {}", e.day, e.content_id, o.file),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(days, ["2026-11-01 a 0", "2026-11-01 c 0", "2026-11-02 c 1"]);
    assert_eq!(sink.rejects[0].file, "s: day=2026-11-01/part.csv");
    assert_eq!(report.table(TableName::Engagement).unwrap().columns_present, ["content_id", "day", "views"]);
    let (again, report_again) = collect(&sources, 1000).unwrap();
    assert_eq!((sink.rows, sink.rejects, report), (again.rows, again.rejects, report_again));
}

#[test]
fn json_lines_are_read() {
    let text = "{\"seller_id\":17,\"kyc_verified\":true,\"rating\":4.5}\n\n{\"seller_id\":\"b\",\"followers\":9}\nnot json\n[1]\n{\"seller_id\":null}\n";
    let (sink, report) = read_bytes(text, SourceFormat::JsonLines, vec![feed(TableName::Sellers)]).unwrap();
    let TableRow::Sellers(first) = &sink.rows[0].0 else { panic!("a seller") };
    assert_eq!((first.seller_id.as_str(), first.kyc_verified, first.rating), ("17", Some(true), Some(4.5)));
    assert_eq!(sink.rows.len(), 2);
    let rejects: Vec<u64> = sink.rejects.iter().map(|r| r.row).collect();
    assert_eq!(rejects, [3, 4, 5]);
    assert!(sink.rejects[0].reason.starts_with("the line is not a JSON object"));
    assert_eq!(report.table(TableName::Sellers).unwrap().columns_present, ["seller_id", "kyc_verified", "followers", "rating"]);
    let late = format!("{}{{\"seller_id\":\"z\",\"Tier\":\"gold\"}}\n", "{\"seller_id\":\"a\"}\n".repeat(10_001));
    let feeds = vec![mapped(TableName::Sellers, &[("seller_id", "seller_id"), ("tier", "Tier")])];
    let (sink, _) = read_bytes(late, SourceFormat::JsonLines, feeds).unwrap();
    assert!(matches!(&sink.rows[10_001].0, TableRow::Sellers(s) if s.tier.as_deref() == Some("gold")));
}

fn arbitrary_content() -> impl Strategy<Value = ContentRow> {
    let id = || "[a-zA-Z0-9é_-]{1,30}".prop_map(crate::units::Id::from);
    let text = || proptest::option::of("[^\\r\0]{1,25}");
    let time = || (0_i64..1_760_000_000).prop_map(|s| Timestamp(s * 1_000_000 + 250_000));
    let head = (id(), proptest::option::of(time()), time(), proptest::option::of(id()), text(), text());
    let tail = (proptest::option::of(0.0..1e9_f64), proptest::option::of(0.0..5.0_f32), proptest::option::of(0..1000_u64));
    let lists = (proptest::option::of(proptest::collection::vec(-1.0..1.0_f32, 1..4)), proptest::option::of(-9.0..9.0_f32));
    (head, tail, lists).prop_map(
        |((content_id, valid_from, published_at, seller_id, title, body), (price, rating, image_count), (embedding, x))| {
            ContentRow {
                content_id,
                valid_from,
                content_type: crate::units::ContentType::Video,
                market: "SG".parse().unwrap(),
                published_at,
                seller_id,
                creator_id: None,
                language: None,
                category: None,
                title,
                body,
                price,
                list_price: None,
                currency: None,
                rating,
                duration_s: price,
                image_count,
                media_hash: None,
                embedding,
                extra: vec![x],
                ingested_at: None,
            }
        },
    )
}

/// The same rows as CSV and as JSON lines.
fn as_text(rows: &[ContentRow]) -> (Vec<u8>, String) {
    let names = [
        "content_id",
        "valid_from",
        "content_type",
        "market",
        "published_at",
        "seller_id",
        "title",
        "body",
        "price",
        "rating",
        "duration_s",
        "image_count",
        "embedding",
        "x_a",
    ];
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(names).unwrap();
    let mut json = String::new();
    for r in rows {
        let number = |n: Option<f64>| n.map(|n| n.to_string());
        let cells: Vec<Option<String>> = vec![
            Some(r.content_id.to_string()),
            r.valid_from.map(|t| t.to_string()),
            Some(r.content_type.to_string()),
            Some(r.market.to_string()),
            Some(r.published_at.to_string()),
            r.seller_id.as_ref().map(ToString::to_string),
            r.title.clone(),
            r.body.clone(),
            number(r.price),
            r.rating.map(|n| n.to_string()),
            number(r.duration_s),
            r.image_count.map(|n| n.to_string()),
            r.embedding.as_ref().map(|e| format!("{e:?}")),
            r.extra[0].map(|n| n.to_string()),
        ];
        csv.write_record(cells.iter().map(|c| c.clone().unwrap_or_default())).unwrap();
        let object: serde_json::Map<String, serde_json::Value> = names
            .iter()
            .zip(cells)
            .filter_map(|(name, cell)| {
                let cell = cell?;
                let is_number = matches!(*name, "price" | "rating" | "duration_s" | "image_count" | "embedding" | "x_a");
                let value = if is_number { serde_json::from_str(&cell).unwrap() } else { cell.into() };
                Some(((*name).to_owned(), value))
            })
            .collect();
        json.push_str(&serde_json::Value::Object(object).to_string());
        json.push('\n');
    }
    (csv.into_inner().unwrap(), json)
}

fn write_parquet(rows: &[TableRow], extra: &[String]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.parquet");
    let mut writer = TableWriter::create(rows[0].table(), File::create(&path).unwrap(), extra).unwrap();
    rows.iter().for_each(|row| writer.push(row).unwrap());
    assert_eq!(writer.finish().unwrap(), rows.len() as u64);
    fs::read(path).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn all_formats_give_equal_rows(rows in proptest::collection::vec(arbitrary_content(), 1..6)) {
        let (csv_bytes, json) = as_text(&rows);
        let typed: Vec<TableRow> = rows.into_iter().map(|r| TableRow::Content(Box::new(r))).collect();
        let parquet = write_parquet(&typed, &["x_a".to_owned()]);
        for (bytes, format) in [(csv_bytes, csv()), (json.into_bytes(), SourceFormat::JsonLines), (parquet, SourceFormat::Parquet)] {
            let (sink, _) = read_bytes(bytes, format.clone(), vec![mapped(TableName::Content, &[
                ("content_id", "content_id"), ("valid_from", "valid_from"), ("content_type", "content_type"), ("market", "market"),
                ("published_at", "published_at"), ("seller_id", "seller_id"), ("title", "title"), ("body", "body"),
                ("price", "price"), ("rating", "rating"), ("duration_s", "duration_s"), ("image_count", "image_count"),
                ("embedding", "embedding"), ("x_a", "x_a"),
            ].into_iter().filter(|_| format != SourceFormat::JsonLines).collect::<Vec<_>>())].into_iter().map(|f| {
                if format == SourceFormat::JsonLines { feed(TableName::Content) } else { f }
            }).collect()).unwrap();
            prop_assert_eq!(&sink.rejects, &Vec::new());
            for ((got, _), want) in sink.rows.iter().zip(&typed) {
                let (TableRow::Content(got), TableRow::Content(want)) = (got, want) else { panic!("content") };
                let mut got = got.clone();
                if got.extra.is_empty() {
                    got.extra = vec![None];
                }
                prop_assert_eq!(&got, want, "{:?}", format);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_as_csv_never_panic_and_lose_no_row(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = [b"seller_id,followers,rating\n".as_slice(), &bytes].concat();
        // `collect` asserts rows in = accepted + rejected.
        drop(read_bytes(text, csv(), vec![feed(TableName::Sellers)]));
        drop(read_bytes(&bytes, SourceFormat::JsonLines, vec![feed(TableName::Sellers)]));
        drop(read_bytes([b"PAR1".as_slice(), &bytes, b"PAR1"].concat(), SourceFormat::Parquet, vec![feed(TableName::Sellers)]));
    }
}

#[test]
fn every_table_survives_parquet() {
    let header = |table: TableName| schema(table).iter().map(|c| c.column).collect::<Vec<_>>().join(",");
    for (table, line) in [
        (TableName::Sellers, "s,2026-01-01,2025-01-01 10:00:00.5,SG,gold,true,10,4.5,7,0.25,0.5,2026-01-02"),
        (TableName::Engagement, "c,2026-11-01,1,2,3.5,4,5,6,7,8,9,10.5,11,12,2026-11-02"),
        (TableName::Decisions, "d,c,spam,violating,2026-11-01,r,human,qa,0.5,d0,compliant,1.5,2026-11-02"),
        (TableName::Actions, "a,c,s,hold,p,2026-11-01,2026-12-01,d,2026-11-02"),
        (TableName::Reports, "r,c,u,2026-11-01,spam,2026-11-02"),
        (TableName::AfterSales, "e,c,s,2026-11-01,refund,late,2026-11-02"),
        (
            TableName::Content,
            "c,2026-11-01,listing,SG,2026-10-01,s,k,en,cat,t,b,1.5,2.5,SGD,4.5,30.5,3,h,\"[0.5,1.0]\",2026-11-02",
        ),
    ] {
        let (sink, report) = read_bytes(format!("{}\n{line}\n", header(table)), csv(), vec![feed(table)]).unwrap();
        assert_eq!(sink.rejects, []);
        assert_eq!(report.table(table).unwrap().columns_present.len(), schema(table).len(), "{table}");
        let rows: Vec<TableRow> = sink.rows.into_iter().map(|(row, _)| row).collect();
        let (again, _) = read_bytes(write_parquet(&rows, &[]), SourceFormat::Parquet, vec![feed(table)]).unwrap();
        assert_eq!(again.rejects, []);
        assert_eq!(again.rows.into_iter().map(|(row, _)| row).collect::<Vec<_>>(), rows);
    }
}

#[test]
fn typed_columns_that_do_not_fit_are_errors() {
    let rows = [TableRow::Reports(ReportRow {
        report_id: "r".into(),
        content_id: "c".into(),
        reporter_id: None,
        reported_at: Timestamp(0),
        reason: Some("x".into()),
        ingested_at: None,
    })];
    let parquet = write_parquet(&rows, &[]);
    let check = |columns: &[(&str, &str)], table: TableName, expect: &str| {
        let said = told(read_bytes(&parquet, SourceFormat::Parquet, vec![mapped(table, columns)]));
        assert!(said.contains(expect), "{said}");
    };
    check(&[("seller_id", "reason"), ("followers", "reason")], TableName::Sellers, "`followers` from");
    check(&[("seller_id", "reported_at")], TableName::Sellers, "is a timestamp, expected text or a whole number");
    check(&[("seller_id", "reason"), ("registered_at", "reported_at")], TableName::Sellers, "1 ok");
    check(&[("seller_id", "'s' || _row"), ("tier", "CASE WHEN reason = 'x' THEN 'gold' END")], TableName::Sellers, "1 ok");
    for cut in [parquet.len() - 1, parquet.len() / 2, 12] {
        let said = told(read_bytes(&parquet[..cut], SourceFormat::Parquet, vec![feed(TableName::Reports)]));
        assert!(said.starts_with("error") && said.contains("in.dat cannot be read as Parquet"), "{said}");
    }
}

#[test]
fn damaged_parquet_never_panics() {
    let rows: Vec<TableRow> = (0..50)
        .map(|n| {
            TableRow::Reports(ReportRow {
                report_id: crate::units::Id::from(format!("r{n}")),
                content_id: "c".into(),
                reporter_id: None,
                reported_at: Timestamp(n * 1_000_000),
                reason: Some("x".into()),
                ingested_at: None,
            })
        })
        .collect();
    let parquet = write_parquet(&rows, &[]);
    for bit in (0..parquet.len() * 8).step_by(97) {
        let mut damaged = parquet.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        drop(read_bytes(&damaged, SourceFormat::Parquet, vec![feed(TableName::Reports)]));
    }
}
