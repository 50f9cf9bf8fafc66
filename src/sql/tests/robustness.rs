use proptest::prelude::*;

use super::*;

/// Every error stands within the text, or directly behind a line of it.
pub(super) fn compiles_or_points(sql: &str, columns: &[(String, SqlType)]) {
    if let Err(error) = compile(sql, columns) {
        let place = error.place();
        let lines: Vec<&str> = sql.split('\n').collect();
        let width = lines.get(place.line - 1).expect("the line exists").chars().count();
        assert!(place.length >= 1 && place.column >= 1, "{sql:?}: {place:?}");
        assert!(place.column <= width + 1 && place.column + place.length <= width.max(place.column) + 1, "{sql:?}: {place:?}");
        assert_eq!(error.to_string().lines().last().map(|l| l.contains('^')), Some(true));
    }
}

const WORDS: &[&str] = &[
    "title",
    "n",
    "x",
    "ok",
    "\"item price\"",
    "Label",
    "at",
    "day",
    "nope",
    "'a'",
    "'%'",
    "1",
    "2.5",
    "NULL",
    "TRUE",
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "=",
    "<>",
    "<",
    ">=",
    "AND",
    "OR",
    "NOT",
    "IS",
    "IN",
    "BETWEEN",
    "LIKE",
    "ILIKE",
    "ESCAPE",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "TRY_CAST",
    "AS",
    "BIGINT",
    "TEXT",
    "DATE",
    "TIMESTAMP",
    "(",
    ")",
    ",",
    "LOWER",
    "SUBSTRING",
    "FROM",
    "FOR",
    "POSITION",
    "COALESCE",
    "ROUND",
    "CEIL",
    "TRIM",
    "BOTH",
    "SELECT",
    "EXISTS",
    "INTERVAL",
    "ARRAY",
    "[",
    "]",
    "{",
    "}",
    ".",
    ":",
    "::",
    "->",
    ";",
    "\n",
    "\t",
    "--",
    "/*",
    "*/",
    "'",
    "\"",
    "OVER",
    "COUNT",
    "?",
    "$1",
    "@",
    "#",
    "E'a'",
    "_x",
    "\u{202e}",
    "ð",
    "CURRENT_DATE",
    "PRIOR",
    "MAP",
    "STRUCT",
    "GROUPING",
    "SETS",
    "AT",
    "TIME",
    "ZONE",
    "COLLATE",
    "DISTINCT",
    "TABLE",
    "UNION",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn words_in_any_order(words in prop::collection::vec(prop::sample::select(WORDS), 0..24)) {
        compiles_or_points(&words.join(" "), &columns());
    }

    #[test]
    fn any_text(text in "\\PC{0,60}") {
        compiles_or_points(&text, &columns());
    }

    #[test]
    fn what_compiles_evaluates(
        words in prop::collection::vec(prop::sample::select(&["n", "x", "ok", "title", "1", "NULL", "+", "=", "AND", "OR", "NOT", "||", "IS NULL", "<"]), 1..9)
    ) {
        if let Ok(compiled) = compiled(&words.join(" ")) {
            let frame = table().lazy().with_columns([compiled.expr.alias("result")]).collect();
            prop_assert!(frame.is_ok(), "{frame:?}");
            let frame = frame.unwrap();
            prop_assert_eq!(frame.column("result").unwrap().dtype(), &compiled.output.dtype());
        }
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |open: &str, close: &str, n: usize| format!("{}n{}", open.repeat(n), close.repeat(n));
    assert!(compiled(&nested("(", ")", 60)).is_ok());
    for (open, close) in
        [("(", ")"), ("ABS(", ")"), ("- ", ""), ("NOT ", ""), ("", " IS NULL"), ("CASE WHEN ok THEN ", " END"), ("1 + ", "")]
    {
        for n in [65, 300, 900] {
            assert!(
                matches!(compiled(&nested(open, close, n)), Err(SqlError::TooDeep { .. } | SqlError::TooLong { .. })),
                "{n} times {open}…{close}"
            );
        }
    }
}

/// None of these may take the parser longer than its length allows, however deep they are when they break off.
#[test]
fn broken_nests_are_refused_at_once() {
    for open in [
        "CASE ",
        "CAST(",
        "POSITION(",
        "CEIL(",
        "SUBSTRING(",
        "TRIM(",
        "(",
        "CASE WHEN ",
        "f(",
        "x IN (",
        "DATE ",
        "STRUCT<",
        "TABLE(",
    ] {
        compiles_or_points(&open.repeat(60), &columns());
        compiles_or_points(&format!("{}n, n)", open.repeat(60)), &columns());
    }
}

#[test]
fn length_is_bounded() {
    assert!(matches!(compiled(&" ".repeat(10_001)), Err(SqlError::TooLong { .. })));
    assert!(matches!(compiled(&"n+".repeat(3_000)), Err(SqlError::TooLong { .. })));
    let chain = |n: usize| vec!["ok"; n].join(" OR ");
    assert!(compiled(&chain(1_000)).is_ok());
    assert!(matches!(compiled(&chain(1_999)), Err(SqlError::TooLong { .. })));
    assert_eq!(cells(compiled(&chain(1_000)).unwrap().expr), ["true", "false", "null"]);
}

#[test]
fn the_deepest_expression_evaluates() {
    for (open, close) in [("ABS(", ")"), ("1 + ", ""), ("CASE WHEN ok THEN ", " END"), ("COALESCE(NULL, ", ")")] {
        let sql = format!("{}n{}", open.repeat(60), close.repeat(60));
        let compiled = compiled(&sql).unwrap();
        assert_eq!(cells(compiled.expr).len(), 3);
    }
}

#[test]
fn compiled_expressions_cross_threads() {
    fn check<T: Send + Sync + Clone>(_: &T) {}
    check(&compiled("Label = 1").unwrap());
}
