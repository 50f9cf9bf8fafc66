//! Columns as Arrow arrays and back: the border to the Parquet library that comes with `deltalake`.
//!
//! It writes list-of-struct columns as they are, needs no further Polars features, and puts neither times nor random names into
//! a file. The Arrow schema is left out of the files: the Parquet types say all that other engines need.

use crate::files::OpenFile;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use deltalake::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, Float32Array, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch,
    StringArray, StructArray, TimestampMicrosecondArray,
};
use deltalake::arrow::buffer::OffsetBuffer;
use deltalake::arrow::compute::cast;
use deltalake::arrow::datatypes::{
    DataType, Date32Type, Field, Fields, Float32Type, Float64Type, Int32Type, Int64Type, Schema, SchemaRef, TimeUnit,
    TimestampMicrosecondType,
};
use deltalake::parquet::arrow::ProjectionMask;
use deltalake::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use deltalake::parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use deltalake::parquet::basic::{Compression as Codec, ZstdLevel};
use deltalake::parquet::errors::ParquetError;
use deltalake::parquet::file::metadata::KeyValue;
use deltalake::parquet::file::properties::WriterProperties;

use super::partition::{Compression, WriterOptions};
use super::table::{Column, ColumnData, ColumnKind, Table, TableSchema};

/// A Parquet file that is being written: one `write` is one row group.
pub(super) struct ParquetFile<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: SchemaRef,
}

impl<W: Write + Send> ParquetFile<W> {
    pub(super) fn create(out: W, schema: &TableSchema, options: &WriterOptions) -> Result<Self, ParquetError> {
        Self::described(out, schema, options, &[])
    }

    /// As [`Self::create`], with `notes` (key, value) in the footer.
    pub(super) fn described(
        out: W,
        schema: &TableSchema,
        options: &WriterOptions,
        notes: &[(String, String)],
    ) -> Result<Self, ParquetError> {
        let notes: Vec<KeyValue> = notes.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
        let fields: Vec<Field> = schema.columns.iter().map(|c| Field::new(&c.name, data_type(c.kind), true)).collect();
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(codec(options.compression))
            .set_max_row_group_row_count(Some(options.row_group_rows.max(1)))
            .set_created_by("stallmark".to_owned())
            .set_key_value_metadata((!notes.is_empty()).then_some(notes))
            .build();
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        Ok(Self { writer: ArrowWriter::try_new_with_options(out, Arc::clone(&schema), options)?, schema })
    }

    /// Writes the columns as one row group.
    pub(super) fn write_row_group(&mut self, columns: Vec<ColumnData>) -> Result<(), ParquetError> {
        let arrays = columns.into_iter().map(array).collect();
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)?;
        self.writer.flush()
    }

    /// Writes the footer and gives the output back.
    pub(super) fn finish(self) -> Result<W, ParquetError> {
        self.writer.into_inner()
    }
}

/// Reads the columns that `file` has among `wanted`; the others become nulls.
pub(super) fn read(file: OpenFile, wanted: &[(&str, ColumnKind)]) -> Result<Table, ParquetError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let present: Vec<usize> = (0..wanted.len()).filter(|&i| builder.schema().index_of(wanted[i].0).is_ok()).collect();
    let roots = present.iter().filter_map(|&i| builder.schema().index_of(wanted[i].0).ok());
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    let n_rows = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let empty = |i: usize| if present.contains(&i) { 0 } else { n_rows };
    let mut columns: Vec<Column> = (wanted.iter().enumerate())
        .map(|(i, (name, kind))| Column { name: (*name).to_owned(), data: ColumnData::nulls(*kind, empty(i)) })
        .collect();
    for batch in builder.with_projection(mask).build()? {
        let batch = batch?;
        for &i in &present {
            if let Some(values) = batch.column_by_name(wanted[i].0) {
                columns[i].data.append(column_data(values, wanted[i].1)?);
            }
        }
    }
    Ok(Table { columns })
}

/// Reads the first row of one column; `None` where the file lacks the column.
pub(super) fn read_first(file: OpenFile, name: &str, kind: ColumnKind) -> Result<Option<ColumnData>, ParquetError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let Ok(root) = builder.schema().index_of(name) else { return Ok(None) };
    let mask = ProjectionMask::roots(builder.parquet_schema(), [root]);
    let first = builder.with_projection(mask).with_limit(1).build()?.next().transpose()?;
    first.as_ref().and_then(|batch| batch.column_by_name(name)).map(|values| column_data(values, kind)).transpose()
}

/// Reads nothing but the number of rows.
pub(super) fn read_n_rows(path: &Path, file: OpenFile) -> Result<u64, ParquetError> {
    let n_rows = ParquetRecordBatchReaderBuilder::try_new(file)?.metadata().file_metadata().num_rows();
    u64::try_from(n_rows).map_err(|_| ParquetError::General(format!("{} has {n_rows} rows", path.display())))
}

fn codec(compression: Compression) -> Codec {
    match compression {
        Compression::Zstd => Codec::ZSTD(ZstdLevel::default()),
        Compression::Snappy => Codec::SNAPPY,
        Compression::Uncompressed => Codec::UNCOMPRESSED,
    }
}

fn reason_fields() -> Fields {
    Fields::from(vec![Field::new("code", DataType::Utf8, true), Field::new("contribution", DataType::Float32, true)])
}

fn list_element(data_type: DataType) -> Arc<Field> {
    Arc::new(Field::new("element", data_type, true))
}

fn data_type(kind: ColumnKind) -> DataType {
    match kind {
        ColumnKind::Text => DataType::Utf8,
        ColumnKind::F32 => DataType::Float32,
        ColumnKind::F64 => DataType::Float64,
        ColumnKind::I64 => DataType::Int64,
        ColumnKind::I32 => DataType::Int32,
        ColumnKind::Boolean => DataType::Boolean,
        ColumnKind::Date => DataType::Date32,
        ColumnKind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnKind::Reasons => DataType::List(list_element(DataType::Struct(reason_fields()))),
        ColumnKind::TextList => DataType::List(list_element(DataType::Utf8)),
    }
}

fn array(data: ColumnData) -> ArrayRef {
    match data {
        ColumnData::Text(values) => Arc::new(StringArray::from(values)),
        ColumnData::F32(values) => Arc::new(Float32Array::from(values)),
        ColumnData::F64(values) => Arc::new(Float64Array::from(values)),
        ColumnData::I64(values) => Arc::new(Int64Array::from(values)),
        ColumnData::I32(values) => Arc::new(Int32Array::from(values)),
        ColumnData::Boolean(values) => Arc::new(BooleanArray::from(values)),
        ColumnData::Date(values) => Arc::new(values.into_iter().map(|v| v.map(|day| day.0)).collect::<Date32Array>()),
        ColumnData::Timestamp(values) => {
            let instants: TimestampMicrosecondArray = values.into_iter().map(|v| v.map(|t| t.0)).collect();
            Arc::new(instants.with_timezone("UTC"))
        }
        ColumnData::Reasons(lists) => {
            let offsets = OffsetBuffer::from_lengths(lists.iter().map(Vec::len));
            let codes: StringArray = lists.iter().flatten().map(|(code, _)| Some(code)).collect();
            let contributions: Float32Array = lists.iter().flatten().map(|(_, contribution)| Some(*contribution)).collect();
            let reasons = StructArray::new(reason_fields(), vec![Arc::new(codes), Arc::new(contributions)], None);
            Arc::new(ListArray::new(list_element(DataType::Struct(reason_fields())), offsets, Arc::new(reasons), None))
        }
        ColumnData::TextList(lists) => {
            let offsets = OffsetBuffer::from_lengths(lists.iter().map(Vec::len));
            let texts: StringArray = lists.iter().flatten().map(Some).collect();
            Arc::new(ListArray::new(list_element(DataType::Utf8), offsets, Arc::new(texts), None))
        }
    }
}

fn column_data(values: &ArrayRef, kind: ColumnKind) -> Result<ColumnData, ParquetError> {
    // Another engine that compacted the table may have written large strings, views or other list names.
    let values = cast(values, &data_type(kind))?;
    Ok(match kind {
        ColumnKind::Text => ColumnData::Text(texts(values.as_string::<i32>())),
        ColumnKind::F32 => ColumnData::F32(values.as_primitive::<Float32Type>().iter().collect()),
        ColumnKind::F64 => ColumnData::F64(values.as_primitive::<Float64Type>().iter().collect()),
        ColumnKind::I64 => ColumnData::I64(values.as_primitive::<Int64Type>().iter().collect()),
        ColumnKind::I32 => ColumnData::I32(values.as_primitive::<Int32Type>().iter().collect()),
        ColumnKind::Boolean => ColumnData::Boolean(values.as_boolean().iter().collect()),
        ColumnKind::Date => {
            ColumnData::Date(values.as_primitive::<Date32Type>().iter().map(|v| v.map(crate::units::Day)).collect())
        }
        ColumnKind::Timestamp => {
            let instants = values.as_primitive::<TimestampMicrosecondType>().iter();
            ColumnData::Timestamp(instants.map(|v| v.map(crate::units::Timestamp)).collect())
        }
        ColumnKind::Reasons => {
            ColumnData::Reasons(values.as_list::<i32>().iter().map(|list| list.map_or(vec![], reasons)).collect())
        }
        ColumnKind::TextList => {
            let list_of = |list: ArrayRef| texts(list.as_string::<i32>()).into_iter().flatten().collect();
            ColumnData::TextList(values.as_list::<i32>().iter().map(|list| list.map_or(vec![], list_of)).collect())
        }
    })
}

fn texts(values: &StringArray) -> Vec<Option<String>> {
    values.iter().map(|v| v.map(str::to_owned)).collect()
}

fn reasons(list: ArrayRef) -> Vec<(String, f32)> {
    let list = list.as_struct();
    let contributions = list.column(1).as_primitive::<Float32Type>();
    texts(list.column(0).as_string::<i32>())
        .into_iter()
        .zip(contributions.iter())
        .filter_map(|(code, c)| Some((code?, c?)))
        .collect()
}
