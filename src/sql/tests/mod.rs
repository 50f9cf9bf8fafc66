//! Expressions evaluated over a small table, and errors as they are shown.

mod errors;
mod grammar;
mod robustness;
mod values;

use polars::prelude::*;

use super::{Compiled, SqlError, SqlType, compile};

/// Three rows: ordinary, extreme, missing.
fn table() -> DataFrame {
    let day = 86_400_000_000_i64;
    df!(
        "title" => [Some("Áo thun ÐẸP"), Some("100% real"), None],
        "item price" => [Some("19.5"), Some("oops"), None],
        "Label" => [Some("1"), Some("0"), Some("oops")],
        "n" => [Some(7_i64), Some(i64::MAX), None],
        "small" => [Some(1_i32), Some(-2), None],
        "x" => [Some(2.5_f64), Some(f64::NAN), Some(-0.5)],
        "ok" => [Some(true), Some(false), None],
        "at" => [Some(20_000 * day), Some(-1), None],
        "day" => [Some(20_000_i32), Some(-1), None],
        "_row" => [1_u32, 2, 3],
    )
    .unwrap()
    .lazy()
    .with_columns([col("at").cast(SqlType::Timestamp.dtype()), col("day").cast(DataType::Date)])
    .collect()
    .unwrap()
}

fn columns() -> Vec<(String, SqlType)> {
    use SqlType::{Boolean, Date, Integer, Number, Text, Timestamp, Untyped};
    [
        ("title", Text),
        ("item price", Untyped),
        ("Label", Untyped),
        ("n", Integer),
        ("small", Integer),
        ("x", Number),
        ("ok", Boolean),
        ("at", Timestamp),
        ("day", Date),
        ("_row", Integer),
    ]
    .map(|(name, ty)| (name.to_owned(), ty))
    .to_vec()
}

fn compiled(sql: &str) -> Result<Compiled, SqlError> {
    compile(sql, &columns())
}

/// The cells of `expr` over the table, as text.
fn cells(expr: Expr) -> Vec<String> {
    let frame = table().lazy().with_columns([expr.alias("result")]).collect().unwrap();
    let series = frame.column("result").unwrap().as_materialized_series();
    let text = |value: AnyValue<'_>| match value {
        AnyValue::Null => "null".to_owned(),
        AnyValue::String(text) => text.to_owned(),
        value => value.to_string(),
    };
    series.iter().map(text).collect()
}
