use super::*;

/// `sql` has the type and the three cells `type: a | b | c`.
#[track_caller]
fn check(sql: &str, expect: &str) {
    let compiled = compiled(sql).unwrap_or_else(|e| panic!("{e}"));
    let schema = table().lazy().with_columns([compiled.expr.clone().alias("result")]).collect_schema().unwrap();
    let frame = table().lazy().with_columns([compiled.expr.clone().alias("result")]).collect().unwrap();
    assert_eq!(schema.get("result"), Some(frame.column("result").unwrap().dtype()), "the planned type is the type");
    assert_eq!(format!("{:?}: {}", compiled.output, cells(compiled.expr).join(" | ")), expect, "{sql}");
}

/// As `check`, and the casts are `column→type`, with the rows that fail them.
#[track_caller]
fn check_casts(sql: &str, expect: &str, casts: &str) {
    check(sql, expect);
    let shown = |cast: &crate::sql::Cast| format!("{}→{:?} fails {}", cast.column, cast.to, cells(cast.fails()).join(" "));
    assert_eq!(compiled(sql).unwrap().casts.iter().map(shown).collect::<Vec<_>>().join("; "), casts);
}

#[test]
fn literals() {
    check("'it''s'", "Text: it's | it's | it's");
    check("12", "Integer: 12 | 12 | 12");
    check("1.5e3", "Number: 1500.0 | 1500.0 | 1500.0");
    check("99999999999999999999", "Number: 1.0000e20 | 1.0000e20 | 1.0000e20");
    check("TRUE", "Boolean: true | true | true");
    check("NULL", "Untyped: null | null | null");
    check("TIMESTAMP '1970-01-02 00:00:00+01:00'", "Timestamp: 1970-01-01 23:00:00 | 1970-01-01 23:00:00 | 1970-01-01 23:00:00");
    check("DATE '1970-01-02'", "Date: 1970-01-02 | 1970-01-02 | 1970-01-02");
    check("-5 -- a comment", "Integer: -5 | -5 | -5");
}

#[test]
fn columns_pass_through() {
    check("\"item price\"", "Untyped: 19.5 | oops | null");
    check("(Label)", "Untyped: 1 | 0 | oops");
    check("small + 0", "Integer: 1 | -2 | null");
    check("'r' || _row", "Text: r1 | r2 | r3");
    let read = compiled("n + LENGTH(title)").unwrap().columns;
    assert_eq!(read.into_iter().collect::<Vec<_>>(), ["n", "title"]);
}

#[test]
fn a_label_that_is_no_number_is_not_compliant() {
    check_casts(
        "CASE WHEN Label = 1 THEN 'violating' ELSE 'compliant' END",
        "Text: violating | compliant | compliant",
        "Label→Number fails false false true",
    );
    check_casts("CASE Label WHEN '1' THEN 'violating' WHEN '0' THEN 'compliant' END", "Text: violating | compliant | null", "");
}

#[test]
fn casts_are_recorded() {
    check_casts("\"item price\" * 2 > 30", "Boolean: true | null | null", "item price→Number fails false true false");
    check_casts("NULLIF(Label, 'oops') + 1", "Number: 2.0 | 1.0 | null", "NULLIF(Label, 'oops')→Number fails false false false");
    check_casts("CAST(Label AS BIGINT)", "Integer: 1 | 0 | null", "Label→Integer fails false false true");
    check_casts("TRY_CAST(Label AS BIGINT)", "Integer: 1 | 0 | null", "");
    check_casts(
        "Label = 1 OR Label = 2 AND NOT Label",
        "Boolean: true | false | null",
        "Label→Number fails false false true; Label→Boolean fails false false true",
    );
    check_casts("COALESCE(Label, 0)", "Untyped: 1 | 0 | oops", "");
    check_casts("LOWER(Label) || Label", "Text: 11 | 00 | oopsoops", "");
    check_casts("CAST(x AS INTEGER)", "Integer: 3 | null | -1", "x→Integer fails false false false");
    check_casts("Label = \"item price\"", "Boolean: false | false | null", "");
    check_casts("SUBSTR(title, Label)", "Text: Áo thun ÐẸP | 100% real | null", "Label→Integer fails false false true");
}

#[test]
fn arithmetic() {
    check("n + 1", "Integer: 8 | null | null");
    check("n - small", "Integer: 6 | null | null");
    check("-n", "Integer: -7 | -9223372036854775807 | null");
    check("n % 4", "Integer: 3 | 3 | null");
    check("-7 % 4", "Integer: -3 | -3 | -3");
    check("n % 0", "Integer: null | null | null");
    check("small / 2", "Number: 0.5 | -1.0 | null");
    check("small / 0", "Number: null | null | null");
    check("x * 2 + small", "Number: 6.0 | null | null");
    check("x % 2", "Number: 0.5 | null | -0.5");
    check("1 + 2 * 3 - 4", "Integer: 3 | 3 | 3");
    check("1e308 * 10", "Number: null | null | null");
    check("n + NULL", "Number: null | null | null");
}

#[test]
fn comparisons() {
    check("x > 0", "Boolean: true | null | false");
    check("x = 2.5", "Boolean: true | null | false");
    check("n <> 7", "Boolean: false | true | null");
    check("title >= '2'", "Boolean: true | false | null");
    check("at > '2024-01-01'", "Boolean: true | false | null");
    check("at >= day", "Boolean: true | true | null");
    check("day = DATE '2024-10-04'", "Boolean: true | false | null");
    check("ok = TRUE", "Boolean: true | false | null");
    check("title = NULL", "Boolean: null | null | null");
    check("small BETWEEN -2 AND 0", "Boolean: false | true | null");
    check("small NOT BETWEEN 0 AND NULL", "Boolean: null | true | null");
    check("n IN (7, 8)", "Boolean: true | false | null");
    check("n NOT IN (7, NULL)", "Boolean: false | null | null");
    check("title IN ('100% real', 'x')", "Boolean: false | true | null");
    check("x IN (1, 2.5)", "Boolean: true | null | false");
    check("day IN ('2024-10-04')", "Boolean: true | false | null");
    check("_row IN (-1, 2)", "Boolean: false | true | false");
}

#[test]
fn logic_is_three_valued() {
    check("ok AND TRUE", "Boolean: true | false | null");
    check("ok AND FALSE", "Boolean: false | false | false");
    check("ok OR TRUE", "Boolean: true | true | true");
    check("ok OR FALSE", "Boolean: true | false | null");
    check("NULL AND FALSE", "Boolean: false | false | false");
    check("NOT ok", "Boolean: false | true | null");
    check("ok IS NULL", "Boolean: false | false | true");
    check("x IS NOT NULL", "Boolean: true | false | true");
    check("NOT ok IS NULL AND n = 7 OR FALSE", "Boolean: true | false | false");
    check("CASE WHEN ok THEN 1 WHEN NOT ok THEN 2.5 END", "Number: 1.0 | 2.5 | null");
    check("CASE small WHEN 1 THEN 'one' WHEN NULL THEN 'null' ELSE title END", "Text: one | 100% real | null");
    check("CASE WHEN ok THEN day ELSE at END", "Timestamp: 2024-10-04 00:00:00 | 1969-12-31 23:59:59.999999 | null");
}

#[test]
fn patterns() {
    check("title LIKE '100\\%%' ESCAPE '\\'", "Boolean: false | true | null");
    check("title LIKE 'áo%'", "Boolean: false | false | null");
    check("title ILIKE 'áo%đẹp'", "Boolean: false | false | null");
    check("title ILIKE 'áo%ðẹp'", "Boolean: true | false | null");
    check("title NOT LIKE '%real'", "Boolean: true | false | null");
}

#[test]
fn text_functions() {
    check("LOWER(title)", "Text: áo thun ðẹp | 100% real | null");
    check("upper('ß')", "Text: SS | SS | SS");
    check("TRIM('  a ') || '|'", "Text: a| | a| | a|");
    check("LENGTH(title)", "Integer: 11 | 9 | null");
    check("CHAR_LENGTH('')", "Integer: 0 | 0 | 0");
    check("SUBSTR(title, 4, 4)", "Text: thun | % re | null");
    check("SUBSTRING(title FROM 4 FOR 4)", "Text: thun | % re | null");
    check("SUBSTRING(title, 0, 3)", "Text: Áo | 10 | null");
    check("SUBSTR('abc', 2, -1)", "Text:  |  | ");
    check("SUBSTR('abc', 9223372036854775807, 9223372036854775807)", "Text:  |  | ");
    check("REPLACE(title, '0', '')", "Text: Áo thun ÐẸP | 1% real | null");
    check("CONCAT(title, '-', n, ok)", "Text: Áo thun ÐẸP-7true | 100% real-9223372036854775807false | -");
    check("STRPOS(title, 'thun')", "Integer: 4 | 0 | null");
    check("POSITION('thun' IN title)", "Integer: 4 | 0 | null");
    check("CONTAINS(title, '%') OR STARTS_WITH(title, 'Áo') AND ENDS_WITH(title, 'x')", "Boolean: false | true | null");
    check("SPLIT_PART(title, ' ', 2)", "Text: thun | real | null");
    check("SPLIT_PART(title, ' ', 9)", "Text:  |  | null");
    check("SPLIT_PART(title, '', 0)", "Text: null | null | null");
}

#[test]
fn number_and_choice_functions() {
    check("ABS(small)", "Integer: 1 | 2 | null");
    check("ROUND(x)", "Number: 3.0 | null | -1.0");
    check("ROUND(2.345, 2)", "Number: 2.35 | 2.35 | 2.35");
    check("ROUND(n)", "Integer: 7 | 9223372036854775807 | null");
    check("FLOOR(x) + CEIL(x)", "Number: 5.0 | null | -1.0");
    check("COALESCE(title, 'none')", "Text: Áo thun ÐẸP | 100% real | none");
    check("COALESCE(NULL, x, small)", "Number: 2.5 | -2.0 | -0.5");
    check("NULLIF(n, 7)", "Integer: null | 9223372036854775807 | null");
    check("NULLIF(Label, 'oops')", "Untyped: 1 | 0 | null");
    check("LEAST(x, small, NULL)", "Number: 1.0 | -2.0 | -0.5");
    check("GREATEST(x, small)", "Number: 2.5 | -2.0 | -0.5");
    check("TO_TIMESTAMP(x)", "Timestamp: 1970-01-01 00:00:02.500 | null | 1969-12-31 23:59:59.500");
    check("TO_TIMESTAMP(1e18)", "Timestamp: null | null | null");
}

#[test]
fn explicit_casts() {
    check("CAST(at AS DATE)", "Date: 2024-10-04 | 1969-12-31 | null");
    check("CAST(at AS TEXT)", "Text: 2024-10-04T00:00:00Z | 1969-12-31T23:59:59.999999Z | null");
    check("CAST(day AS TIMESTAMP)", "Timestamp: 2024-10-04 00:00:00 | 1969-12-31 00:00:00 | null");
    check("CAST(ok AS INTEGER)", "Integer: 1 | 0 | null");
    check("CAST(x AS VARCHAR)", "Text: 2.5 | null | -0.5");
    check("CAST(5.0 AS TEXT)", "Text: 5 | 5 | 5");
    check("CAST('2024-01-01' AS TIMESTAMP) < at", "Boolean: true | false | null");
    check("TRY_CAST('soon' AS DATE)", "Date: null | null | null");
    check("CAST(NULL AS DOUBLE PRECISION)", "Number: null | null | null");
}

#[test]
fn a_condition_is_boolean() {
    let condition = crate::sql::compile_condition("Label", &columns()).unwrap();
    assert_eq!((condition.output, cells(condition.expr).join(" ")), (SqlType::Boolean, "true false null".to_owned()));
    assert_eq!(condition.casts.len(), 1);
    assert!(matches!(crate::sql::compile_condition("n", &columns()), Err(SqlError::TypeMismatch { .. })));
}

#[test]
fn a_filter_keeps_what_holds() {
    let condition = crate::sql::compile_condition("x > 0 OR title LIKE '%real'", &columns()).unwrap();
    assert_eq!(table().lazy().filter(condition.expr).collect().unwrap().height(), 2);
}

#[test]
fn an_empty_table_gives_no_rows() {
    for sql in ["UPPER(title)", "1 + 1", "CASE WHEN ok THEN 'a' ELSE 'b' END", "'r' || _row", "n IN (1)"] {
        let expr = compiled(sql).unwrap().expr;
        assert_eq!(table().head(Some(0)).lazy().with_columns([expr.alias("r")]).collect().unwrap().height(), 0, "{sql}");
    }
}

#[test]
fn columns_named_like_patterns_are_columns() {
    let frame = df!("*" => ["a"], "^x.*$" => ["b"]).unwrap();
    let columns = [("*".to_owned(), SqlType::Text), ("^x.*$".to_owned(), SqlType::Text)];
    let expr = compile("\"*\" || \"^x.*$\"", &columns).unwrap().expr;
    let result = frame.lazy().select([expr.alias("r")]).collect().unwrap();
    assert_eq!(result.column("r").unwrap().str().unwrap().get(0), Some("ab"));
}
