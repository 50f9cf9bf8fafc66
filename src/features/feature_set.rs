//! The columns of a matrix: the registered features together with those that configuration declares.
//!
//! Input: what is declared, and the project's `x_*` columns. Output: the columns in a fixed order (registry, windows, lexicons,
//! embedding, `x_*`, signals), their docs, their values and their fingerprint. A column that is left out of the matrix is
//! computed only where a signal reads it. Deliberately not here: what a feature measures, and the values of declared windows
//! (`dataset` brings them).

use std::collections::{BTreeMap, BTreeSet};

use super::availability::Availability;
use super::embedding::Embedding;
use super::feature::DeclaredDoc;
use super::feature_set_error::{FeatureDifferences, FeatureSetError, SignalError};
use super::signals::{Signal, compile_signals, evaluate_signals};
use super::{FeatureMatrix, ItemView, REGISTRY};
use crate::config::SignalConfig;
use crate::tables::ContentRow;
use crate::text::NORMALISE_VERSION;
use crate::units::{AsOf, ContentType};

/// The columns that configuration and input add to the registry.
#[derive(Debug, Clone, Default)]
pub struct FeatureSpec {
    /// Declared windows, in the order of `ItemView::windows`.
    pub windows: Vec<DeclaredDoc>,
    /// What lexicons measure, in the order of `ItemView::lexicons`.
    pub lexicons: Vec<DeclaredDoc>,
    /// What becomes of embeddings.
    pub embedding: Embedding,
    /// The project's own numeric columns, in the order of `ContentRow::extra`.
    pub extra_columns: Vec<String>,
    /// Signals, each of which may read those before it.
    pub signals: Vec<SignalConfig>,
    /// Features and groups to leave out of the matrix.
    pub excluded: Vec<String>,
    /// Where `excluded` was written, for errors.
    pub excluded_place: String,
}

/// Groups that only configuration and input bring: to leave one out that is empty is no mistake.
const DECLARED_GROUPS: [&str; 4] = ["lexicon", "embedding", "upstream", "signal"];

/// The columns of one matrix.
#[derive(Debug, Clone)]
pub struct FeatureSet {
    /// Everything that is computed: the matrix's columns, and what only signals read.
    columns: Vec<FeatureColumn>,
    /// The matrix's columns among them, ascending.
    kept: Vec<usize>,
    names: Vec<String>,
    embedding: Embedding,
}

#[derive(Debug, Clone)]
struct FeatureColumn {
    doc: DeclaredDoc,
    source: Source,
    /// What is mapped of what it reads. Where it is `Null` it is missing, whatever it would say of a row without values.
    availability: Availability,
}

impl FeatureColumn {
    fn is_missing(&self) -> bool {
        self.availability == Availability::Null
    }
}

/// Where a column's value comes from.
#[derive(Debug, Clone)]
enum Source {
    /// Index into the registry.
    Registered(usize),
    /// Index into `ItemView::windows`.
    Window(usize),
    /// Index into `ItemView::lexicons`.
    Lexicon(usize),
    /// Number of the embedding's projection.
    Embedding(usize),
    /// Index into `ContentRow::extra`; `None` when the input hasn't got the column.
    Extra(Option<usize>),
    /// Computed from the other columns, a batch at a time.
    Signal(Box<Signal>),
}

impl FeatureSet {
    /// The columns of `spec` after the registered ones.
    ///
    /// # Errors
    /// When two columns have one name, a signal does not compile, or what is to be left out is not there.
    pub fn new(spec: FeatureSpec) -> Result<Self, FeatureSetError> {
        let registered = REGISTRY.iter().map(|feature| DeclaredDoc::from(feature.doc())).collect();
        let extra = spec.extra_columns.iter().map(|name| upstream_doc(name)).collect();
        let embedding = spec.embedding.docs();
        let mut columns: Vec<FeatureColumn> = Vec::new();
        let mut add = |docs: Vec<DeclaredDoc>, source: fn(usize) -> Source| {
            columns.extend(docs.into_iter().enumerate().map(|(at, doc)| FeatureColumn {
                doc,
                source: source(at),
                availability: Availability::Whole,
            }));
        };
        add(registered, Source::Registered);
        add(spec.windows, Source::Window);
        add(spec.lexicons, Source::Lexicon);
        add(embedding, Source::Embedding);
        add(extra, |at| Source::Extra(Some(at)));
        let others: Vec<DeclaredDoc> = columns.iter().map(|column| column.doc.clone()).collect();
        let signals = compile_signals(&spec.signals, &others)?;
        columns.extend(signals.into_iter().map(|(doc, signal)| FeatureColumn {
            doc,
            source: Source::Signal(Box::new(signal)),
            availability: Availability::Whole,
        }));
        let mut seen = BTreeSet::new();
        if let Some(twice) = columns.iter().find(|column| !seen.insert(column.doc.name.clone())) {
            return Err(FeatureSetError::NameTwice { name: twice.doc.name.clone() });
        }
        check_excluded(&spec.excluded, &spec.excluded_place, &columns)?;
        Ok(Self::of(columns, &spec.excluded, spec.embedding))
    }

    fn of(columns: Vec<FeatureColumn>, excluded: &[String], embedding: Embedding) -> Self {
        let is_excluded = |doc: &DeclaredDoc| excluded.iter().any(|name| *name == doc.name || *name == doc.group);
        // A signal reads only what stands before it, so that one pass from the end finds all that is needed.
        let mut read: BTreeSet<String> = BTreeSet::new();
        let mut needed: Vec<(FeatureColumn, bool)> = Vec::new();
        for column in columns.into_iter().rev() {
            let in_matrix = !is_excluded(&column.doc);
            if in_matrix || read.contains(&column.doc.name) {
                if let Source::Signal(signal) = &column.source {
                    read.extend(signal.compiled.columns.iter().cloned());
                }
                needed.push((column, in_matrix));
            }
        }
        needed.reverse();
        let kept: Vec<usize> = needed.iter().enumerate().filter(|(_, (_, in_matrix))| *in_matrix).map(|(at, _)| at).collect();
        let columns: Vec<FeatureColumn> = needed.into_iter().map(|(column, _)| column).collect();
        let names = kept.iter().map(|at| columns[*at].doc.name.clone()).collect();
        Self { columns, kept, names, embedding }
    }

    /// The same columns over an input whose `ContentRow::extra` holds `extra_columns`: own columns that it hasn't got are
    /// missing, and those that nobody asked for are not read. `is_mapped` says whether the input has a table (`engagement`) or
    /// column (`content.title`): what cannot do without one that is not there is missing too. It must know of mappings, not of
    /// rows: rows that come later may not change a value.
    #[must_use]
    pub fn reading(mut self, extra_columns: &[String], is_mapped: impl Fn(&str) -> bool) -> Self {
        let availabilities = self.availabilities(&is_mapped);
        for (column, availability) in self.columns.iter_mut().zip(availabilities) {
            column.availability = availability;
            if let Source::Extra(at) = &mut column.source {
                *at = extra_columns.iter().position(|name| *name == column.doc.name);
            }
        }
        self
    }

    /// What becomes of each computed column over an input that `is_there` knows; a signal reads what stands before it.
    fn availabilities(&self, is_there: &dyn Fn(&str) -> bool) -> Vec<Availability> {
        let mut known: BTreeMap<&str, Availability> = BTreeMap::new();
        let of = |column: &'_ FeatureColumn, known: &BTreeMap<&str, Availability>| match &column.source {
            Source::Signal(signal) => signal.availability(is_there, |name| known.get(name).copied()),
            _ => Availability::of(&column.doc, is_there),
        };
        let mut availabilities = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let availability = of(column, &known);
            known.insert(&column.doc.name, availability);
            availabilities.push(availability);
        }
        availabilities
    }

    /// What is mapped of what the matrix's columns read: see [`Self::reading`].
    pub(super) fn mapped(&self) -> impl Iterator<Item = Availability> {
        self.kept.iter().filter_map(|at| self.columns.get(*at)).map(|column| column.availability)
    }

    /// What would become of the matrix's columns if only what `is_there` were mapped.
    pub(super) fn filled(&self, is_there: &dyn Fn(&str) -> bool) -> Vec<Availability> {
        let availabilities = self.availabilities(is_there);
        self.kept.iter().filter_map(|at| availabilities.get(*at).copied()).collect()
    }

    /// Names of the matrix's columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Docs of the matrix's columns.
    pub fn docs(&self) -> impl Iterator<Item = &DeclaredDoc> {
        self.kept.iter().filter_map(|at| self.columns.get(*at)).map(|column| &column.doc)
    }

    /// What becomes of embeddings.
    #[must_use]
    pub fn embedding(&self) -> Embedding {
        self.embedding
    }

    /// Replaces `out` with the item's values, NaN for missing: all that is computed, signals still missing. [`Self::complete`]
    /// makes rows of the matrix of them.
    pub fn compute(&self, item: &ItemView<'_>, out: &mut Vec<f32>) {
        out.clear();
        let projected = item.content.embedding.as_ref().and_then(|embedding| self.embedding.project(embedding));
        for column in &self.columns {
            let value = match &column.source {
                _ if column.is_missing() || !column.doc.applies_to(item.content.content_type) => None,
                Source::Registered(at) => REGISTRY.get(*at).and_then(|feature| feature.value(item)),
                Source::Window(at) => item.windows.get(*at).copied(),
                Source::Lexicon(at) => item.lexicons.get(*at).copied(),
                Source::Embedding(at) => projected.as_ref().and_then(|numbers| numbers.get(*at).copied()),
                Source::Extra(at) => at.and_then(|at| item.content.extra.get(at).copied().flatten()),
                Source::Signal(_) => None,
            };
            out.push(value.filter(|v| v.is_finite()).unwrap_or(f32::NAN));
        }
    }

    /// Rows of the matrix from what [`Self::compute`] gave for `contents`: signals filled in, and what only they read taken out.
    /// A row's values do not depend on the others.
    ///
    /// # Errors
    /// When a signal cannot be evaluated.
    pub fn complete(&self, contents: &[(&ContentRow, AsOf)], mut rows: Vec<Vec<f32>>) -> Result<Vec<Vec<f32>>, SignalError> {
        let (at, signals): (Vec<usize>, Vec<&Signal>) = (self.columns.iter().enumerate())
            .filter_map(|(at, column)| if let Source::Signal(signal) = &column.source { Some((at, &**signal)) } else { None })
            .unzip();
        if !signals.is_empty() {
            let place: BTreeMap<&str, usize> =
                self.columns.iter().enumerate().map(|(at, column)| (column.doc.name.as_str(), at)).collect();
            let feature =
                |row: usize, name: &str| place.get(name).and_then(|at| rows.get(row)?.get(*at)).copied().unwrap_or(f32::NAN);
            let results = evaluate_signals(&signals, contents, feature)?;
            for (at, values) in at.into_iter().zip(results) {
                let column = &self.columns[at];
                for ((row, value), (content, _)) in rows.iter_mut().zip(values).zip(contents) {
                    let applies = column.doc.applies_to(content.content_type) && !column.is_missing();
                    if let Some(cell) = row.get_mut(at).filter(|_| applies) {
                        *cell = value;
                    }
                }
            }
        }
        if self.kept.len() < self.columns.len() {
            for row in &mut rows {
                *row = self.kept.iter().map(|at| row.get(*at).copied().unwrap_or(f32::NAN)).collect();
            }
        }
        Ok(rows)
    }

    /// An empty matrix of these columns.
    #[must_use]
    pub fn matrix(&self) -> FeatureMatrix {
        FeatureMatrix::new(self.names.clone())
    }

    /// Share of known values in a row of the matrix among the features meant for `content_type`.
    #[must_use]
    pub fn coverage(&self, content_type: ContentType, row: &[f32]) -> f32 {
        let (known, all) = (self.docs().zip(row))
            .filter(|(doc, _)| doc.applies_to(content_type))
            .fold((0_u32, 0_u32), |(known, all), (_, value)| (known + u32::from(!value.is_nan()), all + 1));
        if all == 0 { 0.0 } else { known as f32 / all as f32 }
    }

    /// Identity of the columns' definitions, as hex: equal fingerprints compute equal values from equal input. The project's own
    /// columns count by name: what they mean is not ours to know.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&NORMALISE_VERSION.to_le_bytes());
        self.fingerprints().iter().for_each(|fingerprint| {
            hasher.update(fingerprint.as_bytes());
        });
        // What only signals read decides their values as much as their own text does.
        let hidden = self.columns.iter().enumerate().filter(|(at, _)| self.kept.binary_search(at).is_err());
        hidden.for_each(|(_, column)| {
            hasher.update(column.doc.fingerprint().as_bytes());
        });
        hasher.finalize().to_hex().to_string()
    }

    /// Identity of each column's definition, in the order of the matrix.
    #[must_use]
    pub fn fingerprints(&self) -> Vec<String> {
        self.docs().map(DeclaredDoc::fingerprint).collect()
    }

    /// BLAKE3 of the definitions of a group's columns, by name: for a manifest to record.
    #[must_use]
    pub fn hashes_of(&self, group: &str) -> BTreeMap<String, String> {
        let docs = self.columns.iter().map(|column| &column.doc).filter(|doc| doc.group == group);
        docs.map(|doc| (doc.name.clone(), blake3::hash(doc.definition.as_bytes()).to_hex().to_string())).collect()
    }

    /// How these columns differ from those of `names` with `fingerprints` (none, where a model has not recorded them).
    #[must_use]
    pub fn differences(&self, names: &[String], fingerprints: &[String]) -> FeatureDifferences {
        let theirs: BTreeMap<&String, Option<&String>> =
            names.iter().enumerate().map(|(at, name)| (name, fingerprints.get(at))).collect();
        let ours: BTreeMap<&String, String> = self.names.iter().zip(self.fingerprints()).collect();
        let redefined = |(name, own): (&&String, &String)| {
            theirs.get(*name).copied().flatten().filter(|their| *their != own).map(|_| (*name).clone())
        };
        FeatureDifferences {
            new: self.names.iter().filter(|name| !theirs.contains_key(name)).cloned().collect(),
            missing: names.iter().filter(|name| !ours.contains_key(name)).cloned().collect(),
            redefined: ours.iter().filter_map(redefined).collect(),
        }
    }
}

/// Refuses the first name that is neither a feature nor a group.
fn check_excluded(excluded: &[String], place: &str, columns: &[FeatureColumn]) -> Result<(), FeatureSetError> {
    let names = || columns.iter().flat_map(|column| [column.doc.name.as_str(), column.doc.group.as_str()]);
    let known: BTreeSet<&str> = names().chain(DECLARED_GROUPS).collect();
    if let Some(name) = excluded.iter().find(|name| !known.contains(name.as_str())) {
        let nearest = known.iter().min_by_key(|known| strsim::damerau_levenshtein(name, known)).copied().unwrap_or_default();
        return Err(FeatureSetError::UnknownExclusion {
            place: place.to_owned(),
            name: name.clone(),
            nearest: nearest.to_owned(),
        });
    }
    let out = |doc: &DeclaredDoc| excluded.iter().any(|name| *name == doc.name || *name == doc.group);
    if columns.iter().all(|column| out(&column.doc)) {
        return Err(FeatureSetError::NothingLeft { place: place.to_owned() });
    }
    Ok(())
}

/// The doc block of an `x_*` column.
fn upstream_doc(name: &str) -> DeclaredDoc {
    DeclaredDoc {
        name: name.to_owned(),
        group: "upstream".to_owned(),
        what: "the project's own column, as it is".to_owned(),
        why: "what an upstream detector saw".to_owned(),
        range: "as the project defines it".to_owned(),
        evaded_by: "whatever evades the detector".to_owned(),
        inputs: vec![format!("content.{name}")],
        any_of: Vec::new(),
        uses: Vec::new(),
        applies_to: Vec::new(),
        definition: "the project's own column".to_owned(),
    }
}

mod links;
#[cfg(test)]
mod tests;
