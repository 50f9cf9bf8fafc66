//! How a feed's canonical columns come from a file's columns.
//!
//! Input: a feed and the columns of a file. Output: for each canonical column the source column or the compiled expression that
//! gives it, with every type proven to fit. Everything that is wrong with a mapping is found here, before a row is read.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::{Feed, TableName};
use crate::sql::{Compiled, SqlError, SqlType, compile, compile_condition};

use super::TablesError;
use super::chunk::SourceColumn;
use super::schema::{Check, ColumnKind, ColumnSpec, Need, is_extra, schema};

/// The row's number in its file, as SQL sees it.
pub(super) const ROW: &str = "_row";
/// The file's path below the source's root, as SQL sees it.
pub(super) const FILE: &str = "_file";

/// Where the cells of a canonical column come from.
#[derive(Debug, Clone)]
pub(super) enum ColumnPlan {
    /// Nowhere: all null.
    Absent,
    /// A source column as it is.
    Direct(usize),
    /// An expression over source columns.
    Expression(Box<Compiled>),
}

/// One feed over one set of source columns.
#[derive(Debug, Clone)]
pub(super) struct FeedPlan {
    pub(super) table: TableName,
    pub(super) place: String,
    /// Rows for which this is not true are no rows of the input.
    pub(super) filter: Option<Box<Compiled>>,
    /// For each column of [`schema`], in its order.
    pub(super) columns: Vec<(ColumnSpec, ColumnPlan)>,
    /// The `x_*` columns.
    pub(super) extras: Vec<(String, ColumnPlan)>,
    /// The source columns that any of these need.
    pub(super) needs: BTreeSet<usize>,
}

/// What an `x_*` column must satisfy; its name stands in the plan.
pub(super) const EXTRA: ColumnSpec =
    ColumnSpec { table: TableName::Content, column: "x_*", kind: ColumnKind::Number, need: Need::Optional, check: Check::None };

/// The columns of one file, and where it is, for errors.
#[derive(Clone, Copy)]
pub(super) struct FileColumns<'a> {
    pub(super) path: &'a Path,
    pub(super) columns: &'a [SourceColumn],
}

/// Maps `feed` over the columns of a file.
pub(super) fn map_feed(feed: &Feed, file: FileColumns<'_>) -> Result<FeedPlan, TablesError> {
    let specs = schema(feed.table);
    let mapped = mapped_columns(feed, file, &specs)?;
    let mut plan = FeedPlan {
        table: feed.table,
        place: feed.place.clone(),
        filter: feed.filter.as_ref().map(|sql| filter(feed, file, sql)).transpose()?,
        columns: Vec::new(),
        extras: Vec::new(),
        needs: BTreeSet::new(),
    };
    for spec in specs {
        let column = match mapped.iter().find(|(name, _)| name == spec.column) {
            Some((name, sql)) => column_plan(feed, file, (name, sql), &spec)?,
            None if spec.need == Need::Required => return Err(missing(feed, file, &spec)),
            None => ColumnPlan::Absent,
        };
        plan.columns.push((spec, column));
    }
    for (name, sql) in mapped.iter().filter(|(name, _)| feed.table == TableName::Content && is_extra(name)) {
        plan.extras.push((name.clone(), column_plan(feed, file, (name, sql), &EXTRA)?));
    }
    plan.needs = needs(&plan, file.columns);
    Ok(plan)
}

/// The feed's canonical columns with their expressions: as configured, or every canonical name that the file has.
fn mapped_columns(feed: &Feed, file: FileColumns<'_>, specs: &[ColumnSpec]) -> Result<Vec<(String, String)>, TablesError> {
    let extras_allowed = feed.table == TableName::Content;
    let known = |name: &str| specs.iter().any(|s| s.column == name) || (extras_allowed && is_extra(name));
    let Some(columns) = &feed.columns else {
        return Ok(file.columns.iter().filter(|c| known(&c.name)).map(|c| (c.name.clone(), c.name.clone())).collect());
    };
    match columns.iter().find(|(name, _)| !known(name)) {
        None => Ok(columns.clone()),
        Some((name, _)) => {
            let distance = |spec: &&ColumnSpec| strsim::damerau_levenshtein(name, spec.column);
            Err(TablesError::UnknownColumn {
                place: feed.place.clone(),
                table: feed.table,
                column: name.clone(),
                nearest: specs.iter().min_by_key(distance).map_or("", |spec| spec.column).to_owned(),
            })
        }
    }
}

/// The names of a file's columns, the first twenty of them.
fn listed(file: FileColumns<'_>) -> String {
    const LISTED: usize = 20;
    let mut has = file.columns.iter().take(LISTED).map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ");
    if file.columns.len() > LISTED {
        has.push_str(&format!(" and {} more", file.columns.len() - LISTED));
    }
    has
}

fn missing(feed: &Feed, file: FileColumns<'_>, spec: &ColumnSpec) -> TablesError {
    TablesError::MissingColumn {
        place: feed.place.clone(),
        table: feed.table,
        column: spec.column.to_owned(),
        path: file.path.to_owned(),
        has: listed(file),
    }
}

/// The columns that an expression may name: the readable ones of the file, and the two that every file has.
fn sql_columns(columns: &[SourceColumn]) -> Vec<(String, SqlType)> {
    let own = columns.iter().filter_map(|c| c.kind.as_ref().ok().map(|kind| (c.name.clone(), *kind)));
    own.chain([(ROW.to_owned(), SqlType::Integer), (FILE.to_owned(), SqlType::Text)]).collect()
}

fn filter(feed: &Feed, file: FileColumns<'_>, sql: &str) -> Result<Box<Compiled>, TablesError> {
    let compiled = compile_condition(sql, &sql_columns(file.columns));
    compiled.map(Box::new).map_err(|source| TablesError::Sql {
        place: feed.place.clone(),
        column: "where".to_owned(),
        path: file.path.to_owned(),
        source: Box::new(source),
    })
}

fn column_plan(
    feed: &Feed,
    file: FileColumns<'_>,
    (name, sql): (&str, &str),
    spec: &ColumnSpec,
) -> Result<ColumnPlan, TablesError> {
    let wrong_type = |found: String| TablesError::WrongType {
        place: feed.place.clone(),
        column: name.to_owned(),
        path: file.path.to_owned(),
        found,
        expected: expected(spec.kind).to_owned(),
    };
    let bare = sql.trim().strip_prefix('"').and_then(|s| s.strip_suffix('"')).unwrap_or(sql.trim());
    let direct = file.columns.iter().position(|c| c.name == sql || c.name == bare);
    let (plan, found) = if let Some(at) = direct {
        let found = file.columns.get(at).map_or(Ok(SqlType::Untyped), |c| c.kind.clone());
        (ColumnPlan::Direct(at), found.map_err(wrong_type)?)
    } else {
        let unread = |name: &str| file.columns.iter().find(|c| c.name == name).and_then(|c| c.kind.clone().err());
        let compiled = compile(sql, &sql_columns(file.columns)).map_err(|source| match source {
            // The column is there, but not for expressions.
            SqlError::UnknownColumn { ref name, .. } if let Some(found) = unread(name) => wrong_type(found),
            // A name alone is no expression gone wrong: the file has lost a column, or never had it.
            SqlError::UnknownColumn { .. } if bare.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                TablesError::NoSuchColumn {
                    place: feed.place.clone(),
                    column: name.to_owned(),
                    name: bare.to_owned(),
                    path: file.path.to_owned(),
                    has: listed(file),
                }
            }
            source => TablesError::Sql {
                place: feed.place.clone(),
                column: name.to_owned(),
                path: file.path.to_owned(),
                source: Box::new(source),
            },
        })?;
        let found = compiled.output;
        (ColumnPlan::Expression(Box::new(compiled)), found)
    };
    if fits(found, spec.kind) { Ok(plan) } else { Err(wrong_type(found.to_string())) }
}

/// Whether a column of type `found` can be read as `kind`. Text of a typed file is not guessed to be a number.
fn fits(found: SqlType, kind: ColumnKind) -> bool {
    use ColumnKind as K;
    use SqlType as S;
    match kind {
        _ if found == S::Untyped => true,
        K::Id => matches!(found, S::Text | S::Integer),
        K::Count => matches!(found, S::Integer | S::Number),
        K::Number => matches!(found, S::Integer | S::Number | S::Boolean),
        K::Time => matches!(found, S::Timestamp | S::Date | S::Text),
        K::Day => matches!(found, S::Date | S::Timestamp | S::Text),
        K::Flag => matches!(found, S::Boolean | S::Integer),
        K::NumberList => found == S::NumberList,
        K::Text | K::Market | K::ContentType | K::Verdict | K::DecidedBy | K::SelectedBy | K::Treatment | K::AfterSalesKind => {
            found == S::Text
        }
    }
}

/// What fits a column of `kind`, and the mend.
fn expected(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Id => "text or a whole number: map it by CAST(… AS TEXT)",
        ColumnKind::Count => "a whole number: map it by CAST(… AS BIGINT)",
        ColumnKind::Number => "a number: map it by CAST(… AS DOUBLE)",
        ColumnKind::Time => "a time, a date or text that is one: map it by CAST(… AS TIMESTAMP)",
        ColumnKind::Day => "a date, a midnight or text that is one: map it by CAST(… AS DATE)",
        ColumnKind::Flag => "a boolean, or 0 and 1: map it by CAST(… AS BOOLEAN)",
        ColumnKind::NumberList => "a list of numbers",
        _ => "text: map it by CAST(… AS TEXT)",
    }
}

/// The source columns that `plan` reads.
fn needs(plan: &FeedPlan, columns: &[SourceColumn]) -> BTreeSet<usize> {
    let mut needs = BTreeSet::new();
    let mut add = |compiled: &Compiled| {
        needs.extend(columns.iter().enumerate().filter(|(_, c)| compiled.columns.contains(&c.name)).map(|(at, _)| at));
    };
    plan.filter.iter().for_each(|compiled| add(compiled));
    let all = || plan.columns.iter().map(|(_, p)| p).chain(plan.extras.iter().map(|(_, p)| p));
    for column in all() {
        if let ColumnPlan::Expression(compiled) = column {
            add(compiled);
        }
    }
    needs.extend(all().filter_map(|p| if let ColumnPlan::Direct(at) = p { Some(*at) } else { None }));
    needs
}
