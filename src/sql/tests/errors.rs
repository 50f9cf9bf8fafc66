use super::*;

/// The error of kind `kind` that `sql` gives, as it is shown.
#[track_caller]
fn check(sql: &str, kind: &str, expect: &str) {
    let error = compiled(sql).expect_err("this must be refused");
    assert_eq!(error.to_string(), expect);
    assert!(format!("{error:?}").starts_with(kind), "{error:?}");
}

/// Only the kind, and the text that is underlined.
#[track_caller]
fn check_place(sql: &str, kind: &str, underlined: &str) {
    let error = compiled(sql).expect_err("this must be refused");
    let place = error.place();
    let line: Vec<char> = sql.split('\n').nth(place.line - 1).unwrap().chars().collect();
    let first = (place.column - 1).min(line.len());
    let got: String = line[first..(first + place.length).min(line.len())].iter().collect();
    assert_eq!((got.as_str(), format!("{error:?}").starts_with(kind)), (underlined, true), "{error}");
}

#[test]
fn messages_name_the_mend() {
    let available = "(available: title, item price, Label, n, small, x, ok, at, day, _row)";
    check(
        "lable = 1",
        "UnknownColumn",
        &format!("unknown column `lable`, did you mean `Label`? {available}\n  lable = 1\n  ^^^^^"),
    );
    check(
        "title\n\t|| LOWER(titel)\n|| 'x'",
        "UnknownColumn",
        &format!("unknown column `titel`, did you mean `title`? {available}\n  \t|| LOWER(titel)\n  \t         ^^^^^"),
    );
    check(
        "title > n + 1",
        "TypeMismatch",
        "this is text, but a number is needed here: write CAST(title AS DOUBLE)\n  title > n + 1\n  ^^^^^",
    );
    check(
        "n = '5'",
        "TypeMismatch",
        "this is text, but a number is needed here: write the number without quotes\n  n = '5'\n      ^^^",
    );
    check("ok = 1", "TypeMismatch", "this is an integer, but a boolean is needed here: write TRUE or FALSE\n  ok = 1\n       ^");
    check(
        "at > n * 60",
        "TypeMismatch",
        "this is an integer, but a timestamp is needed here: write TO_TIMESTAMP(n * 60) for seconds since 1970\n  at > n * 60\n       ^^^^^^",
    );
    check("at > 'soon'", "TypeMismatch", "'soon' cannot be read as a timestamp\n  at > 'soon'\n       ^^^^^^");
    check("LOWER()", "WrongArguments", "wrong number of arguments (0): write LOWER(text)\n  LOWER()\n  ^^^^^^^");
    check("n +", "Syntax", "not a valid expression: expected an expression, but the expression ends here\n  n +\n     ^");
    check("  ", "Syntax", "not a valid expression: there is nothing in it\n    \n  ^");
    check("n n", "Syntax", "not a valid expression: expected the end of the expression or an operator, found n\n  n n\n    ^");
}

#[test]
fn names_that_are_not_there() {
    check_place("\"titel\" = 'a'", "UnknownColumn", "\"titel\"");
    check_place("COUNT(*)", "UnknownFunction", "COUNT");
    check_place("read_parquet('/etc/passwd')", "UnknownFunction", "read_parquet");
    check_place("n > NOW()", "UnknownFunction", "NOW");
    check_place("CURRENT_DATE", "UnknownFunction", "CURRENT_DATE");
    check_place("n = uuid()", "UnknownFunction", "uuid");
}

#[test]
fn other_parts_of_sql_are_refused() {
    for (sql, underlined) in [
        ("(SELECT 1)", "SELECT"),
        ("n IN (SELECT n FROM t)", "SELECT"),
        ("NOT EXISTS (SELECT 1)", "EXISTS"),
        ("ROUND(n) OVER ()", "OVER"),
        ("n = ANY (1)", "ANY"),
        ("title[1]", "["),
        ("x -> x + 1", "->"),
        ("t.title", "."),
        ("n::text", "::"),
        ("{'a': 1}", "{"),
        ("INTERVAL '1' DAY", "INTERVAL"),
        ("ARRAY[1]", "ARRAY"),
        ("SAFE_CAST(n AS TEXT)", "SAFE_CAST"),
        ("CAST(n AS JSON)", "JSON"),
        ("CAST(title AS VARCHAR(3))", "VARCHAR(3)"),
        ("TIME '10:00'", "TIME '10:00'"),
        ("title ~ 'a'", "~"),
        ("title SIMILAR TO 'a'", "SIMILAR"),
        ("title COLLATE nocase", "COLLATE"),
        ("title LIKE title", "title"),
        ("n IN (1, n)", "n"),
        ("ok IS TRUE", "IS TRUE"),
        ("(n, 1) = 2", "(n, 1)"),
        ("n IS DISTINCT FROM 1", "DISTINCT"),
        ("TRIM(BOTH 'x' FROM title)", "TRIM(BOTH 'x' FROM title)"),
        ("x & 1", "&"),
        ("n = ?", "?"),
        ("n = $1", "$1"),
        ("X'00'", "X'00'"),
        ("n = 1;", ";"),
        ("1e999", "1e999"),
        ("CONCAT(*)", "CONCAT(*)"),
    ] {
        check_place(sql, "NotAllowed", underlined);
    }
}

#[test]
fn types_that_do_not_meet() {
    for (sql, underlined) in [
        ("LOWER(n)", "n"),
        ("n AND ok", "n"),
        ("NOT title", "title"),
        ("ok AND (n)", "(n)"),
        ("-title", "title"),
        ("\"item price\" < Label", "\"item price\" < Label"),
        ("GREATEST(Label, \"item price\")", "Label, \"item price\""),
        ("CASE WHEN n THEN 1 END", "n"),
        ("CASE WHEN ok THEN 1 ELSE 'a' END", "'a'"),
        ("CASE ok WHEN 1 THEN 2 END", "1"),
        ("CAST(at AS BIGINT)", "CAST(at AS BIGINT)"),
        ("CAST('soon' AS DATE)", "'soon'"),
        ("DATE '2024-13-01'", "DATE '2024-13-01'"),
        ("COALESCE(n, title)", "title"),
        ("n BETWEEN 1 AND LOWER(title)", "LOWER(title)"),
        ("n + CASE WHEN ok THEN 'a' END", "CASE WHEN ok THEN 'a' END"),
        ("n + (SUBSTRING(title FROM 2))", "(SUBSTRING(title FROM 2))"),
        ("n + CAST(POSITION('a' IN title) AS TEXT)", "CAST(POSITION('a' IN title) AS TEXT)"),
        ("NOT title || (n IN (1, 2))", "title || (n IN (1, 2))"),
    ] {
        check_place(sql, "TypeMismatch", underlined);
    }
}

#[test]
fn what_does_not_parse() {
    for (sql, underlined) in [
        ("n)", ")"),
        ("(n", ""),
        ("'abc", "'"),
        ("\"abc", "\""),
        ("CASE", ""),
        ("n IN ()", ")"),
        ("n = = 1", "="),
        ("POSITION(title, 'a')", ","),
    ] {
        check_place(sql, "Syntax", underlined);
    }
}

#[test]
fn lists_can_only_be_passed_on() {
    let columns = [("embedding".to_owned(), SqlType::NumberList)];
    assert_eq!(compile("embedding", &columns).unwrap().output, SqlType::NumberList);
    assert_eq!(compile("embedding IS NULL", &columns).unwrap().output, SqlType::Boolean);
    for sql in [
        "embedding = NULL",
        "COALESCE(embedding)",
        "embedding || 'a'",
        "CAST(embedding AS TEXT)",
        "embedding IN (NULL)",
        "embedding + 1",
    ] {
        assert!(matches!(compile(sql, &columns), Err(SqlError::TypeMismatch { .. })), "{sql}");
    }
}

#[test]
fn many_columns_are_not_all_listed() {
    let columns: Vec<_> = (0..40).map(|n| (format!("column_{n:02}"), SqlType::Text)).collect();
    let message = compile("column_7", &columns).unwrap_err().to_string();
    assert!(message.contains("did you mean `column_07`?") && message.contains("column_11 and 28 more)"), "{message}");
    assert!(compile("a", &[]).unwrap_err().to_string().contains("there are none here"));
}
