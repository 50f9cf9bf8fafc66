//! The footer of a Parquet file → the Arrow type of each column.
//!
//! Input: the footer. Output: the types that the file's own schema gives, so that dictionaries read as plain text, with two
//! corrections: a column without a type (Polars' and pyarrow's Null) is all null, though it is stored as integers; and a column
//! that was written as a duration is one, though only the embedded Arrow schema says so. Nothing else of that schema is trusted.

use std::panic::{AssertUnwindSafe, catch_unwind};

use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, TimeUnit};
use polars_parquet::parquet::metadata::FileMetadata;
use polars_parquet::read::schema::{
    SchemaInferenceOptions, parquet_to_arrow_schema_with_options, read_custom_key_value_metadata, read_schema_from_metadata,
};
use polars_parquet::read::{ParquetType, PrimitiveLogicalType};

/// The columns of a file with the types to read them as, in file order.
pub(super) fn arrow_schema(metadata: &FileMetadata) -> ArrowSchema {
    let fields = metadata.schema_descr.fields();
    let options = SchemaInferenceOptions { int96_coerce_to_timeunit: TimeUnit::Microsecond };
    let mut schema = parquet_to_arrow_schema_with_options(fields, &Some(options));
    for name in fields.iter().filter(|field| is_untyped(field)).map(ParquetType::name) {
        if let Some(field) = schema.get_mut(name) {
            field.dtype = ArrowDataType::Null;
        }
    }
    for written in embedded_schema(metadata).iter().flat_map(ArrowSchema::iter_values).filter(|f| holds_durations(&f.dtype)) {
        if let Some(field) = schema.get_mut(&written.name) {
            field.dtype = written.dtype.clone();
        }
    }
    schema
}

fn is_untyped(field: &ParquetType) -> bool {
    matches!(field, ParquetType::PrimitiveType(field) if field.logical_type == Some(PrimitiveLogicalType::Unknown))
}

fn holds_durations(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    match dtype {
        T::Duration(_) => true,
        T::List(item) | T::LargeList(item) | T::FixedSizeList(item, _) => holds_durations(&item.dtype),
        _ => false,
    }
}

/// The Arrow schema that the writer embedded; one that cannot be decoded says nothing.
fn embedded_schema(metadata: &FileMetadata) -> Option<ArrowSchema> {
    let mut notes = read_custom_key_value_metadata(metadata.key_value_metadata());
    catch_unwind(AssertUnwindSafe(|| read_schema_from_metadata(&mut notes))).ok()?.ok()?
}
