//! Sources as they are found: cells, files, mappings, partitions.

use super::*;

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
    let text =
        "in.dat cannot be read as Parquet: it looks like text: set `format = \"csv\"` or `format = \"jsonl\"` for the source";
    check("seller_id,tier\r\ncafé,b\n".as_bytes(), SourceFormat::Parquet, text);
    check(b"{\"seller_id\":1}\n", SourceFormat::Parquet, text);
    check(b"\x00\x01seller", SourceFormat::Parquet, "write the file again");
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
    assert!(said.contains("where") && said.starts_with("error"), "{said}");
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
fn a_partition_that_the_file_has_too_is_an_error_where_it_is_read() {
    let check = |name: &str, text: &str, format: SourceFormat, feed: Feed, expect: &str| {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("day=2026-11-02")).unwrap();
        fs::write(dir.path().join("day=2026-11-02").join(name), text).unwrap();
        let said = told(collect(&[source(dir.path(), format, vec![feed])], 10));
        assert!(said.contains(expect), "{said}");
    };
    let both = "have the same name: leave the column out of the file, or rename it or the folder";
    let csv_text = "content_id,day,views\nc,2026-11-01,3\n";
    check("a.csv", csv_text, csv(), feed(TableName::Engagement), both);
    check("a.csv", csv_text, csv(), feed(TableName::Engagement), "the folder `day=2026-11-02` and the column `day` of ");
    let sellers = || mapped(TableName::Sellers, &[("seller_id", "content_id")]);
    check("a.csv", csv_text, csv(), sellers(), "1 ok");
    let filtered = Feed { filter: Some("day = '2026-11-01'".to_owned()), ..sellers() };
    check("a.csv", csv_text, csv(), filtered, both);
    let json = "{\"content_id\":\"c\",\"day\":\"2026-11-01\"}\n";
    check("a.jsonl", json, SourceFormat::JsonLines, feed(TableName::Engagement), both);
    check("a.jsonl", "{\"content_id\":\"c\"}\n", SourceFormat::JsonLines, feed(TableName::Engagement), "1 ok");
}

#[test]
fn a_partition_gives_an_optional_column_of_json_lines() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("tier=gold")).unwrap();
    fs::write(dir.path().join("tier=gold/a.jsonl"), "{\"seller_id\":\"a\"}\n").unwrap();
    let (sink, _) = collect(&[source(dir.path(), SourceFormat::JsonLines, vec![feed(TableName::Sellers)])], 10).unwrap();
    assert!(matches!(&sink.rows[0].0, TableRow::Sellers(s) if s.tier.as_deref() == Some("gold")));
}

#[test]
fn a_key_that_a_line_repeats_makes_it_a_reject() {
    let text = "{\"seller_id\":\"a\",\"tier\":\"x\"}\n{\"seller_id\":\"b\",\"seller_id\":\"c\"}\n{\"seller_id\":\"d\",\"q\":1,\"q\":1}\n";
    let said = told(read_bytes(text, SourceFormat::JsonLines, vec![feed(TableName::Sellers)]));
    assert!(said.starts_with("1 ok; 2  `"), "{said}");
    assert!(said.contains("the key `seller_id` appears twice in the line: keep one; 3  `"), "{said}");
    assert!(said.ends_with("the key `q` appears twice in the line: keep one"), "{said}");
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
