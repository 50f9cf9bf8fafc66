//! Column kinds as Delta types, and the growth of a table's schema: columns are added, never changed, never dropped.

use deltalake::kernel::{ArrayType, DataType, PrimitiveType, StructField, StructType};

use super::error::PublishError;
use super::table::{ColumnKind, TableSchema};

/// The partition columns that every table has, last in its schema.
pub(super) const PARTITION_COLUMNS: [&str; 2] = ["as_of", "market"];

/// All columns of a new table, nullable, partition columns last.
pub(super) fn fields(schema: &TableSchema) -> Result<Vec<StructField>, deltalake::DeltaTableError> {
    let mut fields = Vec::new();
    for column in &schema.columns {
        fields.push(field(&column.name, data_type(column.kind)?, &column.doc));
    }
    fields.push(field("as_of", DataType::DATE, "the midnight that the row is scored at"));
    fields.push(field("market", DataType::STRING, "ISO 3166 alpha-2 code of the market"));
    Ok(fields)
}

/// The published schema with the columns that `new` adds and the comments that it changes, or `None` when it is the same.
pub(super) fn evolved(
    published: &StructType,
    new: Vec<StructField>,
    table: &TableSchema,
) -> Result<Option<StructType>, EvolutionError> {
    for field in &new {
        let before = published.field(field.name());
        if let Some(before) = before.filter(|b| b.data_type() != field.data_type()) {
            let kind = table.columns.iter().find(|c| c.name == *field.name()).map(|c| c.kind);
            return Err(EvolutionError::Changed(Box::new(PublishError::TypeChanged {
                table: table.name.to_owned(),
                column: field.name().clone(),
                published: kind_of(before.data_type()).map_or(format!("{:?}", before.data_type()), |k| k.to_string()),
                now: kind.unwrap_or(ColumnKind::Text),
            })));
        }
    }
    let newest = |field: &StructField| new.iter().find(|n| n.name() == field.name()).unwrap_or(field).clone();
    let kept: Vec<StructField> = published.fields().map(newest).collect();
    let added = new.iter().filter(|field| !published.contains(field.name())).cloned();
    let union = StructType::try_new(kept.into_iter().chain(added)).map_err(|e| EvolutionError::Delta(e.into()))?;
    Ok((union != *published).then_some(union))
}

/// Why a schema cannot grow.
pub(super) enum EvolutionError {
    /// A column would change its type.
    Changed(Box<PublishError>),
    /// The columns make no schema, for instance because two share a name.
    Delta(deltalake::DeltaTableError),
}

/// The kind that is stored as `data_type`, if one is.
pub(super) fn kind_of(data_type: &DataType) -> Option<ColumnKind> {
    match data_type {
        DataType::Primitive(PrimitiveType::String) => Some(ColumnKind::Text),
        DataType::Primitive(PrimitiveType::Float) => Some(ColumnKind::F32),
        DataType::Primitive(PrimitiveType::Double) => Some(ColumnKind::F64),
        DataType::Primitive(PrimitiveType::Long) => Some(ColumnKind::I64),
        DataType::Primitive(PrimitiveType::Integer) => Some(ColumnKind::I32),
        DataType::Primitive(PrimitiveType::Boolean) => Some(ColumnKind::Boolean),
        DataType::Primitive(PrimitiveType::Date) => Some(ColumnKind::Date),
        DataType::Primitive(PrimitiveType::Timestamp) => Some(ColumnKind::Timestamp),
        DataType::Array(list) => match list.element_type() {
            DataType::Primitive(PrimitiveType::String) => Some(ColumnKind::TextList),
            DataType::Struct(reason) if reason.field_names().eq(["code", "contribution"]) => Some(ColumnKind::Reasons),
            _ => None,
        },
        _ => None,
    }
}

fn field(name: &str, data_type: DataType, doc: &str) -> StructField {
    let field = StructField::nullable(name, data_type);
    if doc.is_empty() { field } else { field.with_metadata([("comment", doc)]) }
}

fn data_type(kind: ColumnKind) -> Result<DataType, deltalake::DeltaTableError> {
    let list_of = |element: DataType| DataType::from(ArrayType::new(element, true));
    Ok(match kind {
        ColumnKind::Text => DataType::STRING,
        ColumnKind::F32 => DataType::FLOAT,
        ColumnKind::F64 => DataType::DOUBLE,
        ColumnKind::I64 => DataType::LONG,
        ColumnKind::I32 => DataType::INTEGER,
        ColumnKind::Boolean => DataType::BOOLEAN,
        ColumnKind::Date => DataType::DATE,
        ColumnKind::Timestamp => DataType::TIMESTAMP,
        ColumnKind::Reasons => {
            let (code, contribution) = (DataType::STRING, DataType::FLOAT);
            let reason = [StructField::nullable("code", code), StructField::nullable("contribution", contribution)];
            list_of(DataType::try_struct_type(reason)?)
        }
        ColumnKind::TextList => list_of(DataType::STRING),
    })
}
