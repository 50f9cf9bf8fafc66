//! What `feedback` found as Parquet files, one a table: labels, conflicts, label_errors, next_to_label.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::compare::name_of;
use super::exit::VerbError;
use super::feedback::Feedback;
use super::project::Project;
use super::publishing::codec;
use crate::feedback::{Aggregated, Source};
use crate::files;
use crate::publish::{Column, ColumnData, ColumnKind, ColumnSpec, SingleFile, Table, TableSchema, WriterOptions};
use crate::units::{Day, Id};

type Columns = &'static [(&'static str, ColumnKind, &'static str)];

const CONTENT_ID: (&str, ColumnKind, &str) = ("content_id", ColumnKind::Text, "the item");
const AS_OF: (&str, ColumnKind, &str) = (
    "as_of",
    ColumnKind::Date,
    "the day of the decision in the item's market: what was known at its midnight is in the features",
);
const LABEL: (&str, ColumnKind, &str) = ("label", ColumnKind::Text, "the label");

const LABELS: Columns = &[
    CONTENT_ID,
    AS_OF,
    LABEL,
    ("verdict", ColumnKind::Text, "violating or compliant"),
    ("p_violating", ColumnKind::F64, "P(violating)"),
    ("weight", ColumnKind::F64, "what the row weighs in training, above 0, at most 1"),
    ("basis", ColumnKind::Text, "golden, dawid_skene or majority"),
    ("inclusion_probability", ColumnKind::F64, "with which the item was drawn into review; null where it is not known"),
    ("sources", ColumnKind::TextList, "the decisions that it rests on, after appeals"),
];

const CONFLICTS: Columns = &[
    CONTENT_ID,
    AS_OF,
    LABEL,
    ("verdict", ColumnKind::Text, "what was made of it; null where it is a tie"),
    ("said", ColumnKind::TextList, "reviewer: verdict, by time"),
];

const LABEL_ERRORS: Columns = &[
    CONTENT_ID,
    AS_OF,
    LABEL,
    ("given", ColumnKind::Text, "the verdict that its decisions amount to"),
    ("p_violating", ColumnKind::F64, "P(violating) by a model that saw nothing of its seller"),
    ("score", ColumnKind::F64, "the probability of the given verdict"),
    ("rank", ColumnKind::I64, "place among the label's rows, from 1"),
    ("confident", ColumnKind::Boolean, "whether confident learning calls it an error"),
    ("sources", ColumnKind::TextList, "the decisions behind the verdict"),
];

const NEXT_TO_LABEL: Columns = &[
    ("rank", ColumnKind::I64, "place, from 1"),
    CONTENT_ID,
    ("market", ColumnKind::Text, "ISO 3166 alpha-2"),
    ("label", ColumnKind::Text, "the label that is least certain"),
    ("p_violating", ColumnKind::F64, "P(violating) of that label"),
    ("threshold", ColumnKind::F64, "where its decision falls"),
    ("uncertainty", ColumnKind::F64, "0 (certain) to 1 (at the threshold)"),
    ("exposure", ColumnKind::F64, "ln(1 + forecast views)"),
    ("score", ColumnKind::F64, "uncertainty x exposure"),
    ("copies_before", ColumnKind::I64, "near-duplicates that were chosen before it"),
];

/// The tables with their columns.
const TABLES: [(&str, Columns); 4] =
    [("labels", LABELS), ("conflicts", CONFLICTS), ("label_errors", LABEL_ERRORS), ("next_to_label", NEXT_TO_LABEL)];

/// The files, begun before a row is read.
pub(super) struct FeedbackFiles {
    files: Vec<(Columns, SingleFile)>,
}

impl FeedbackFiles {
    /// Begins the files in the folder `out`, which is made if need be.
    ///
    /// # Errors
    /// When one is of the project's `inputs`, or cannot be made.
    pub(super) fn create<'a>(out: &Path, inputs: impl Iterator<Item = &'a Path>, project: &Project) -> anyhow::Result<Self> {
        files::create_dir_all(out).context("the folder of the tables cannot be made")?;
        let path_of = |name: &str| out.join(format!("{name}.parquet"));
        let inputs: Vec<PathBuf> = inputs.filter_map(|path| path.canonicalize().ok()).collect();
        let mine = TABLES.iter().map(|(name, _)| path_of(name));
        if let Some(path) = mine.filter_map(|path| path.canonicalize().ok()).find(|path| inputs.contains(path)) {
            let reason = format!("{} is read by this project: write elsewhere", path.display());
            return Err(VerbError::Argument { argument: "--out", reason }.into());
        }
        let output = &project.config.output;
        let options = WriterOptions {
            compression: codec(output.compression),
            row_group_rows: output.row_group_rows,
            max_file_rows: usize::MAX,
        };
        let begin = |(name, columns): &(&'static str, Columns)| {
            let specs = columns.iter().map(|(name, kind, doc)| ColumnSpec {
                name: (*name).to_owned(),
                kind: *kind,
                doc: (*doc).to_owned(),
            });
            let schema = TableSchema { name, columns: specs.collect() };
            Ok((*columns, SingleFile::create(&path_of(name), schema, &options, &[]).context("a table cannot be written")?))
        };
        Ok(Self { files: TABLES.iter().map(begin).collect::<anyhow::Result<_>>()? })
    }

    /// Writes every table; one of which nothing is known is empty.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(super) fn write(self, found: &Feedback, aggregated: &Aggregated) -> anyhow::Result<()> {
        let tables = [labels(aggregated), conflicts(found), label_errors(found), next_to_label(found)];
        for ((columns, mut file), data) in self.files.into_iter().zip(tables) {
            let named = columns.iter().zip(data).map(|((name, ..), data)| Column { name: (*name).to_owned(), data });
            let table = Table { columns: named.collect() };
            if table.n_rows() > 0 {
                file.append(table)?;
            }
            file.finish()?;
        }
        Ok(())
    }
}

fn texts<R>(rows: &[R], of: impl Fn(&R) -> String) -> ColumnData {
    ColumnData::Text(rows.iter().map(|row| Some(of(row))).collect())
}

fn numbers<R>(rows: &[R], of: impl Fn(&R) -> f64) -> ColumnData {
    ColumnData::F64(rows.iter().map(|row| Some(of(row))).collect())
}

fn days<R>(rows: &[R], of: impl Fn(&R) -> Day) -> ColumnData {
    ColumnData::Date(rows.iter().map(|row| Some(of(row))).collect())
}

fn lists<R>(rows: &[R], of: impl Fn(&R) -> Vec<String>) -> ColumnData {
    ColumnData::TextList(rows.iter().map(of).collect())
}

fn labels(aggregated: &Aggregated) -> Vec<ColumnData> {
    let rows = &aggregated.labels;
    vec![
        texts(rows, |row| row.content_id.to_string()),
        days(rows, |row| row.as_of.day),
        texts(rows, |row| row.label.to_string()),
        texts(rows, |row| name_of(&row.verdict)),
        numbers(rows, |row| row.p_violating),
        numbers(rows, |row| row.weight),
        texts(rows, |row| name_of(&row.basis)),
        ColumnData::F64(rows.iter().map(|row| row.inclusion_probability).collect()),
        lists(rows, |row| row.sources.iter().map(|source| source.decision_id.to_string()).collect()),
    ]
}

fn conflicts(found: &Feedback) -> Vec<ColumnData> {
    let rows = &found.conflicts;
    vec![
        texts(rows, |row| row.content_id.to_string()),
        days(rows, |row| row.as_of.day),
        texts(rows, |row| row.label.to_string()),
        ColumnData::Text(rows.iter().map(|row| row.verdict.map(|verdict| name_of(&verdict))).collect()),
        lists(rows, |row| row.said.iter().filter_map(said).collect()),
    ]
}

/// Who said what; `None` for a decision that only knows the truth.
pub(super) fn said(source: &Source) -> Option<String> {
    let who = source.reviewer.reviewer_id.as_deref().unwrap_or("?");
    Some(format!("{who}: {}", name_of(&source.verdict?)))
}

fn label_errors(found: &Feedback) -> Vec<ColumnData> {
    let rows = found.label_errors.as_ref().map_or(&[][..], |errors| &errors.rows);
    vec![
        texts(rows, |row| row.content_id.to_string()),
        days(rows, |row| row.as_of),
        texts(rows, |row| row.label.to_string()),
        texts(rows, |row| name_of(&row.given)),
        numbers(rows, |row| row.p),
        numbers(rows, |row| row.score),
        ColumnData::counts(rows.iter().map(|row| Some(row.rank as u64))),
        ColumnData::Boolean(rows.iter().map(|row| Some(row.confident)).collect()),
        lists(rows, |row| row.decisions.iter().map(Id::to_string).collect()),
    ]
}

fn next_to_label(found: &Feedback) -> Vec<ColumnData> {
    let rows = found.next_to_label.as_ref().map_or(&[][..], |next| &next.items);
    vec![
        ColumnData::counts(rows.iter().map(|row| Some(row.rank as u64))),
        texts(rows, |row| row.content_id.to_string()),
        texts(rows, |row| row.market.to_string()),
        texts(rows, |row| row.label.to_string()),
        numbers(rows, |row| row.p),
        numbers(rows, |row| row.threshold),
        numbers(rows, |row| row.uncertainty),
        numbers(rows, |row| row.exposure),
        numbers(rows, |row| row.score),
        ColumnData::counts(rows.iter().map(|row| Some(row.copies_before as u64))),
    ]
}
