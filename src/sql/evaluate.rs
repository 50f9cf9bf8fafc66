//! Expressions over rows: the only place where rows pass through Polars' engine.
//!
//! Input: plain columns and compiled expressions. Output: a plain column for each expression. Every expression works cell by
//! cell, so neither the number of rows at a time nor the number of threads can change a value.

use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::prelude::{
    Column, DataFrame, DataType, Expr, Float32Type, Int32Chunked, Int64Chunked, IntoColumn, IntoLazy, IntoSeries,
    ListBuilderTrait, ListPrimitiveChunkedBuilder, NamedFrom, NewChunkedArray, PlSmallStr, PolarsError, Series, TimeUnit,
};

use super::{Compiled, SqlColumn, SqlType, TextColumn};

/// Evaluates `steps` (name, expression) one after the other over `columns`, which have `n_rows` rows: each may read, by their
/// names, the results of those before it. One column for each, of its output type.
///
/// # Errors
/// What Polars said, or that it panicked; or that a result is a list, which no plain column here holds.
pub fn evaluate(steps: &[(&str, &Compiled)], columns: &[(&str, SqlColumn)], n_rows: usize) -> Result<Vec<SqlColumn>, String> {
    let said = |e: PolarsError| e.to_string();
    // A column that is always there, so that an expression without columns still yields a cell for each row.
    let mut frame = vec![Series::new("\u{0}row".into(), vec![0_i64; n_rows]).into_column()];
    for (name, cells) in columns {
        frame.push(series_of(name, cells).map_err(said)?.into_column());
    }
    let mut results = Vec::with_capacity(steps.len());
    for (name, compiled) in steps {
        let done = evaluate_expressions(frame.clone(), vec![compiled.expr.clone()])?;
        for series in done {
            results.push(plain(&series, compiled.output).map_err(said)?);
            frame.push(series.with_name((*name).into()).into_column());
        }
    }
    Ok(results)
}

/// Evaluates `conditions` over `columns`, which have `n_rows` rows, side by side: for each condition, what it says of each row; `None`
/// where it is null.
///
/// # Errors
/// What Polars said, or that it panicked.
pub fn evaluate_conditions(
    conditions: &[&Compiled],
    columns: &[(&str, &SqlColumn)],
    n_rows: usize,
) -> Result<Vec<Vec<Option<bool>>>, String> {
    let said = |e: PolarsError| e.to_string();
    let mut frame = vec![Series::new("\u{0}row".into(), vec![0_i64; n_rows]).into_column()];
    for (name, cells) in columns {
        frame.push(series_of(name, cells).map_err(said)?.into_column());
    }
    let expressions = conditions.iter().map(|condition| condition.expr.clone()).collect();
    let answers = evaluate_expressions(frame, expressions)?;
    answers.iter().map(|answer| Ok(answer.bool().map_err(said)?.iter().collect())).collect()
}

/// Evaluates `expressions` over `frame`: one series for each, in order, in one chunk.
///
/// # Errors
/// What Polars said, or that it panicked.
pub fn evaluate_expressions(frame: Vec<Column>, expressions: Vec<Expr>) -> Result<Vec<Series>, String> {
    let evaluated = || -> Result<Vec<Series>, PolarsError> {
        let name_of = |at: usize| format!("\u{0}{at}");
        let n_expressions = expressions.len();
        let named: Vec<Expr> = expressions.into_iter().enumerate().map(|(at, e)| e.alias(name_of(at))).collect();
        let frame = DataFrame::new_infer_height(frame)?.lazy().with_columns(named).collect()?;
        let taken = |at| Ok(frame.column(&name_of(at))?.as_materialized_series().rechunk());
        (0..n_expressions).map(taken).collect()
    };
    match catch_unwind(AssertUnwindSafe(evaluated)) {
        Ok(done) => done.map_err(|e| e.to_string()),
        Err(_) => Err("the evaluation failed: simplify the expression".to_owned()),
    }
}

/// A plain column as a Polars series of the type that expressions expect.
///
/// # Errors
/// What Polars said.
pub fn series_of(name: &str, cells: &SqlColumn) -> Result<Series, PolarsError> {
    let name: PlSmallStr = name.into();
    Ok(match cells {
        SqlColumn::Unread => Series::new(name, Vec::<Option<&str>>::new()),
        SqlColumn::Text(cells) => Series::new(name, cells.iter().collect::<Vec<Option<&str>>>()),
        SqlColumn::Integer(cells) => Series::new(name, cells),
        SqlColumn::Number(cells) => Series::new(name, cells),
        SqlColumn::Boolean(cells) => Series::new(name, cells),
        SqlColumn::Timestamp(cells) => {
            Int64Chunked::from_slice_options(name, cells).into_datetime(TimeUnit::Microseconds, None).into_series()
        }
        SqlColumn::Date(cells) => Int32Chunked::from_slice_options(name, cells).into_date().into_series(),
        SqlColumn::NumberList(cells) => list_series(name, cells),
    })
}

/// Lists of numbers as a series.
pub fn list_series(name: PlSmallStr, cells: &[Option<Vec<f32>>]) -> Series {
    let mut list = ListPrimitiveChunkedBuilder::<Float32Type>::new(name, cells.len(), cells.len(), DataType::Float32);
    for cell in cells {
        match cell {
            Some(numbers) => list.append_slice(numbers),
            None => list.append_null(),
        }
    }
    list.finish().into_series()
}

/// A result of type `output` as a plain column.
fn plain(series: &Series, output: SqlType) -> Result<SqlColumn, PolarsError> {
    let series = series.cast(&output.dtype())?;
    Ok(match output {
        SqlType::Text | SqlType::Untyped => {
            let mut cells = TextColumn::default();
            series.str()?.iter().for_each(|cell| cells.push(cell));
            SqlColumn::Text(cells)
        }
        SqlType::Integer => SqlColumn::Integer(series.i64()?.iter().collect()),
        SqlType::Number => SqlColumn::Number(series.f64()?.iter().collect()),
        SqlType::Boolean => SqlColumn::Boolean(series.bool()?.iter().collect()),
        SqlType::Timestamp => SqlColumn::Timestamp(series.datetime()?.physical().iter().collect()),
        SqlType::Date => SqlColumn::Date(series.date()?.physical().iter().collect()),
        SqlType::NumberList => return Err(PolarsError::ComputeError("a list is no result".into())),
    })
}

#[cfg(test)]
mod tests {
    use super::super::compile;
    use super::*;

    #[test]
    fn each_step_reads_those_before_it() {
        let types = [("a".to_owned(), SqlType::Number), ("t".to_owned(), SqlType::Text)];
        let first = compile("a > 1", &types).unwrap();
        let with_first = [types.to_vec(), vec![("first".to_owned(), SqlType::Boolean)]].concat();
        let second = compile("CASE WHEN first THEN LENGTH(t) ELSE 0 END", &with_first).unwrap();
        let third = compile("7", &with_first).unwrap();
        let mut texts = TextColumn::default();
        [Some("ab"), None, Some("cde")].into_iter().for_each(|t| texts.push(t));
        let columns = [("a", SqlColumn::Number(vec![Some(2.0), Some(3.0), None])), ("t", SqlColumn::Text(texts))];
        let got = evaluate(&[("first", &first), ("second", &second), ("third", &third)], &columns, 3).unwrap();
        assert_eq!(got[0], SqlColumn::Boolean(vec![Some(true), Some(true), None]));
        assert_eq!(got[1], SqlColumn::Integer(vec![Some(2), None, Some(0)]));
        assert_eq!(got[2], SqlColumn::Integer(vec![Some(7); 3]));
        assert_eq!(evaluate(&[("third", &third)], &[], 0).unwrap(), [SqlColumn::Integer(Vec::new())]);
    }
}
