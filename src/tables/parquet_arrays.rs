//! Arrow arrays → plain columns, with every time as a UTC instant.
//!
//! Input: an array that the Parquet decoder made. Output: a [`Column`] and the cells that do not fit one.

use chrono_tz::Tz;
use polars_arrow::array::{Array, BinaryViewArray, BooleanArray, ListArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, TimeUnit};
use polars_arrow::types::NativeType;

use crate::sql::SqlType;

use super::chunk::{Column, TextColumn};
use super::times::local_to_utc;

/// What a time without a zone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClockKind {
    /// What clocks in the source's zone read.
    Local,
    /// An instant.
    Utc,
}

/// A cell that does not fit: row, value, reason.
pub(super) type Fault = (usize, String, String);

/// What a column of Arrow type `dtype` holds; the type's name where nothing here reads it.
pub(super) fn type_of(dtype: &ArrowDataType) -> Result<SqlType, String> {
    use ArrowDataType as T;
    match dtype {
        T::Utf8View | T::BinaryView => Ok(SqlType::Text),
        T::Null => Ok(SqlType::Untyped),
        T::Boolean => Ok(SqlType::Boolean),
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64 => Ok(SqlType::Integer),
        T::Float32 | T::Float64 => Ok(SqlType::Number),
        T::Decimal(precision, _) if *precision <= 38 => Ok(SqlType::Number),
        T::Timestamp(..) => Ok(SqlType::Timestamp),
        T::Date32 => Ok(SqlType::Date),
        T::LargeList(item) | T::List(item) if matches!(type_of(&item.dtype), Ok(SqlType::Integer | SqlType::Number)) => {
            Ok(SqlType::NumberList)
        }
        T::Duration(_) => Err("a duration (write it as a number of seconds)".to_owned()),
        other => Err(format!("of the type {other:?}")),
    }
}

/// The cells of `array`, and those that do not fit.
pub(super) fn to_column(array: &dyn Array, clock: ClockKind, zone: Tz) -> Result<(Column, Vec<Fault>), String> {
    use ArrowDataType as T;
    let mut faults = Vec::new();
    let column = match array.dtype() {
        T::Utf8View => Column::Text(texts(view::<Utf8ViewArray>(array)?)),
        T::BinaryView => Column::Text(binary(view::<BinaryViewArray>(array)?, &mut faults)),
        T::Null => {
            let mut nulls = TextColumn::default();
            (0..array.len()).for_each(|_| nulls.push(None));
            Column::Text(nulls)
        }
        T::Boolean => Column::Boolean(view::<BooleanArray>(array)?.iter().collect()),
        T::Timestamp(unit, declared) => {
            let local = declared.is_none() && clock == ClockKind::Local;
            let ticks = view::<PrimitiveArray<i64>>(array)?;
            Column::Timestamp(cells(ticks, &mut faults, |tick| {
                let us = microseconds(tick, *unit)?;
                if local { local_to_utc(us, zone) } else { Some(us) }
            }))
        }
        T::Date32 => Column::Date(cells(view::<PrimitiveArray<i32>>(array)?, &mut faults, Some)),
        T::LargeList(_) => Column::NumberList(lists(view::<ListArray<i64>>(array)?)?),
        T::List(_) => {
            let list = view::<ListArray<i32>>(array)?;
            let bounds: Vec<i64> = list.offsets().iter().map(|at| i64::from(*at)).collect();
            Column::NumberList(lists_between(&bounds, list, list.values().as_ref())?)
        }
        T::UInt64 => Column::Integer(cells(view::<PrimitiveArray<u64>>(array)?, &mut faults, |n| i64::try_from(n).ok())),
        T::Int64 => Column::Integer(cells(view::<PrimitiveArray<i64>>(array)?, &mut faults, Some)),
        T::Int8 => Column::Integer(cells(view::<PrimitiveArray<i8>>(array)?, &mut faults, |n| Some(n.into()))),
        T::Int16 => Column::Integer(cells(view::<PrimitiveArray<i16>>(array)?, &mut faults, |n| Some(n.into()))),
        T::Int32 => Column::Integer(cells(view::<PrimitiveArray<i32>>(array)?, &mut faults, |n| Some(n.into()))),
        T::UInt8 => Column::Integer(cells(view::<PrimitiveArray<u8>>(array)?, &mut faults, |n| Some(n.into()))),
        T::UInt16 => Column::Integer(cells(view::<PrimitiveArray<u16>>(array)?, &mut faults, |n| Some(n.into()))),
        T::UInt32 => Column::Integer(cells(view::<PrimitiveArray<u32>>(array)?, &mut faults, |n| Some(n.into()))),
        _ => Column::Number(numbers(array)?),
    };
    Ok((column, faults))
}

fn view<T: 'static>(array: &dyn Array) -> Result<&T, String> {
    array.as_any().downcast_ref().ok_or_else(|| format!("the decoder gave an unexpected array for {:?}", array.dtype()))
}

/// Applies `fit` to each cell; a cell without a result is null and a fault.
fn cells<N: NativeType, T>(array: &PrimitiveArray<N>, faults: &mut Vec<Fault>, fit: impl Fn(N) -> Option<T>) -> Vec<Option<T>> {
    let values = array.values().as_slice();
    let mut out = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        let there = array.validity().is_none_or(|bits| bits.get_bit(row));
        let cell = if there { fit(*value) } else { None };
        if there && cell.is_none() {
            faults.push((row, value.to_string(), "the number is too large to be read: write it as text".to_owned()));
        }
        out.push(cell);
    }
    out
}

fn microseconds(tick: i64, unit: TimeUnit) -> Option<i64> {
    match unit {
        TimeUnit::Second => tick.checked_mul(1_000_000),
        TimeUnit::Millisecond => tick.checked_mul(1_000),
        TimeUnit::Microsecond => Some(tick),
        TimeUnit::Nanosecond => Some(tick.div_euclid(1_000)),
    }
}

fn texts(array: &Utf8ViewArray) -> TextColumn {
    let mut out = TextColumn::default();
    array.iter().for_each(|cell| out.push(cell));
    out
}

/// Old writers mark no text as such; bytes that are UTF-8 are taken for text.
fn binary(array: &BinaryViewArray, faults: &mut Vec<Fault>) -> TextColumn {
    let mut out = TextColumn::default();
    for (row, cell) in array.iter().enumerate() {
        let text = cell.map(std::str::from_utf8);
        if let (Some(Err(_)), Some(bytes)) = (&text, cell) {
            faults.push((row, String::from_utf8_lossy(bytes).into_owned(), "bytes that are not UTF-8 text".to_owned()));
        }
        out.push(text.and_then(Result::ok));
    }
    out
}

/// Any numeric array as numbers.
fn numbers(array: &dyn Array) -> Result<Vec<Option<f64>>, String> {
    use ArrowDataType as T;
    let no_faults = &mut Vec::new();
    Ok(match array.dtype() {
        T::Float64 => cells(view::<PrimitiveArray<f64>>(array)?, no_faults, Some),
        T::Float32 => cells(view::<PrimitiveArray<f32>>(array)?, no_faults, |n| Some(n.into())),
        T::Int64 => cells(view::<PrimitiveArray<i64>>(array)?, no_faults, |n| Some(n as f64)),
        T::UInt64 => cells(view::<PrimitiveArray<u64>>(array)?, no_faults, |n| Some(n as f64)),
        T::Int32 => cells(view::<PrimitiveArray<i32>>(array)?, no_faults, |n| Some(n.into())),
        T::UInt32 => cells(view::<PrimitiveArray<u32>>(array)?, no_faults, |n| Some(n.into())),
        T::Int16 => cells(view::<PrimitiveArray<i16>>(array)?, no_faults, |n| Some(n.into())),
        T::UInt16 => cells(view::<PrimitiveArray<u16>>(array)?, no_faults, |n| Some(n.into())),
        T::Int8 => cells(view::<PrimitiveArray<i8>>(array)?, no_faults, |n| Some(n.into())),
        T::UInt8 => cells(view::<PrimitiveArray<u8>>(array)?, no_faults, |n| Some(n.into())),
        T::Decimal(_, scale) => {
            // Exact up to 10^22, so the division rounds once.
            let unit = (0..*scale).fold(1.0_f64, |power, _| power * 10.0);
            cells(view::<PrimitiveArray<i128>>(array)?, no_faults, |n| Some(n as f64 / unit))
        }
        other => return Err(format!("the decoder gave an unexpected array for {other:?}")),
    })
}

fn lists(list: &ListArray<i64>) -> Result<Vec<Option<Vec<f32>>>, String> {
    lists_between(list.offsets().as_slice(), list, list.values().as_ref())
}

/// Cuts `values` at `bounds`. A null inside a list becomes NaN, which the check of the column refuses.
fn lists_between(bounds: &[i64], list: &dyn Array, values: &dyn Array) -> Result<Vec<Option<Vec<f32>>>, String> {
    let bound = |at: usize| bounds.get(at).and_then(|b| usize::try_from(*b).ok()).ok_or("a list has no bounds");
    let (start, end) = (bound(0)?, bound(list.len())?);
    let numbers = numbers(values.sliced(start, end - start).as_ref())?;
    let mut out = Vec::with_capacity(list.len());
    for row in 0..list.len() {
        let cut = numbers.get(bound(row)? - start..bound(row + 1)? - start).ok_or("a list lies outside its values")?;
        let there = list.validity().is_none_or(|bits| bits.get_bit(row));
        out.push(there.then(|| cut.iter().map(|n| n.map_or(f32::NAN, |n| n as f32)).collect()));
    }
    Ok(out)
}
