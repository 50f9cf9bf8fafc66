//! The formats against each other, and against damage.

use super::*;

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

/// A Parquet file as Polars itself writes it, with what its types become in the file.
fn polars_parquet(columns: Vec<polars::prelude::Column>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut frame = polars::prelude::DataFrame::new_infer_height(columns).unwrap();
    polars::prelude::ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    bytes
}

#[test]
fn a_parquet_column_of_the_null_type_is_null_whatever_it_is_mapped_to() {
    use polars::prelude::{Column, DataType, NamedFrom, Series};
    let id: Column = Series::new("id".into(), ["a", "b", "c"]).into();
    let parquet = polars_parquet(vec![id, Series::full_null("none".into(), 3, &DataType::Null).into()]);
    let optional = |table: TableName| schema(table).into_iter().filter(|spec| spec.need == Need::Optional);
    for (table, required) in [
        (TableName::Sellers, vec![("seller_id", "id")]),
        (TableName::Engagement, vec![("content_id", "id"), ("day", "DATE '2026-11-01'")]),
        (
            TableName::Content,
            vec![("content_id", "id"), ("content_type", "'review'"), ("market", "'SG'"), ("published_at", "'2026-11-01'")],
        ),
        (
            TableName::Decisions,
            vec![
                ("decision_id", "id"),
                ("content_id", "id"),
                ("label", "'l'"),
                ("verdict", "'violating'"),
                ("decided_at", "'2026-11-01'"),
            ],
        ),
    ] {
        let columns: Vec<(&str, &str)> =
            required.iter().copied().chain(optional(table).map(|spec| (spec.column, "none"))).collect();
        let (sink, report) = read_bytes(&parquet, SourceFormat::Parquet, vec![mapped(table, &columns)]).unwrap();
        assert_eq!((sink.rows.len(), sink.rejects.len()), (3, 0), "{table}");
        assert_eq!(report.table(table).unwrap().columns_present.len(), required.len(), "{table}");
    }
    let said =
        |columns: &[(&str, &str)]| told(read_bytes(&parquet, SourceFormat::Parquet, vec![mapped(TableName::Sellers, columns)]));
    assert_eq!(said(&[("seller_id", "id"), ("tier", "COALESCE(none, 'gold')")]), "1 ok; 2 ok; 3 ok");
    assert!(said(&[("seller_id", "none")]).starts_with("1 seller_id `` a value is required here"));
}

#[test]
fn a_parquet_duration_is_no_number() {
    use polars::prelude::{Column, IntoSeries, NamedFrom, Series, TimeUnit};
    let ticks = Series::new("took".into(), [3_600_000_000_i64]);
    let took = ticks.i64().unwrap().clone().into_duration(TimeUnit::Microseconds).into_series();
    let id: Column = Series::new("id".into(), ["a"]).into();
    let parquet = polars_parquet(vec![id, ticks.with_name("plain".into()).into(), took.into()]);
    let said =
        |columns: &[(&str, &str)]| told(read_bytes(&parquet, SourceFormat::Parquet, vec![mapped(TableName::Sellers, columns)]));
    assert_eq!(said(&[("seller_id", "id"), ("followers", "plain")]), "1 ok");
    for sql in ["took", "took / 1000000", "CAST(took AS BIGINT)"] {
        let said = said(&[("seller_id", "id"), ("followers", sql)]);
        assert!(
            said.starts_with("error") && said.contains("is a duration (write it as a number of seconds), expected"),
            "{said}"
        );
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
