//! Policy files compiled over the columns of a project.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{ColumnKind, PolicyColumns};
use super::error::PolicyError;
use super::links::LinkFamily;
use super::share::ShareKey;
use crate::config::{PolicyExceptions, PolicyFile, PolicyMode};
use crate::sql::{Compiled, SqlType, compile_condition};
use crate::units::{Id, Severity, Treatment};

/// A policy whose condition is checked.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The file.
    pub file: PolicyFile,
    /// The condition; parameters are columns of it.
    pub(super) when: Compiled,
    /// The features that tell who was first of the links that it reads: rows are asked whether the links alone carry it, and who was
    /// first is then left alone. Empty for a policy that reads none.
    pub(super) firsts: Vec<LinkFamily>,
}

impl Policy {
    /// The columns that the condition reads, without parameters.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        let is_parameter = |name: &str| self.file.parameters.iter().any(|(parameter, _)| parameter == name);
        self.when.columns.iter().map(String::as_str).filter(move |name| !is_parameter(name))
    }

    /// The labels whose probabilities the condition reads, by themselves or summed up.
    pub(super) fn labels_read(&self, columns: &PolicyColumns) -> Vec<Id> {
        self.reads().flat_map(|name| columns.labels_of(name)).collect()
    }

    /// The columns that its guards read.
    pub(super) fn guards(&self) -> impl Iterator<Item = &str> {
        self.firsts.iter().map(|family| family.first_column())
    }

    /// Whether a run evaluates it.
    #[must_use]
    pub fn is_evaluated(&self) -> bool {
        matches!(self.file.mode, PolicyMode::Shadow | PolicyMode::Live)
    }
}

/// A policy that is not evaluated, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotEvaluated {
    /// The policy.
    pub id: Id,
    /// Why.
    pub reason: String,
}

/// The policies of a project, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct PolicySet {
    /// Those that a run evaluates, by id. A [`super::Trace`] names one by its place here.
    pub policies: Vec<Policy>,
    /// Drafts and expired ones, compiled too, by id.
    pub idle: Vec<Policy>,
    /// Those that the project cannot evaluate.
    pub not_evaluated: Vec<NotEvaluated>,
    /// Hash of all files, of the exceptions and of the key's digest; `none` without any policy.
    pub version: String,
    pub(super) exceptions: PolicyExceptions,
    pub(super) key: ShareKey,
    pub(super) columns: PolicyColumns,
}

/// Policies of a set at most: a trace counts them in 16 bits, and more than this is a mistake.
const MOST_POLICIES: usize = 2000;

/// The columns that are kept as evidence whatever policies read: what replays are cut and counted by.
pub(super) const ALWAYS: [&str; 8] =
    ["band", "tier", "language", "currency", "day_views", "day_orders", "day_gmv", "forecast_views"];

impl PolicySet {
    /// Compiles `files`. A policy about a declared label that the project does not score is left out, with the reason; `severities` are
    /// those of all declared labels.
    ///
    /// # Errors
    /// At the first policy that cannot be used, or a guard that it breaks.
    pub fn compile(
        files: Vec<PolicyFile>,
        exceptions: PolicyExceptions,
        columns: PolicyColumns,
        severities: &BTreeMap<Id, Severity>,
        key: ShareKey,
    ) -> Result<Self, PolicyError> {
        let mut files = files;
        files.sort_by(|a, b| (&a.id, &a.file).cmp(&(&b.id, &b.file)));
        if let Some(pair) = files.windows(2).find(|pair| pair[0].id == pair[1].id) {
            let (other, file) = (pair[0].file.clone(), pair[1].file.clone());
            return Err(PolicyError::Twice { file, id: pair[1].id.to_string(), other });
        }
        if files.len() > MOST_POLICIES {
            return Err(PolicyError::TooMany { n: files.len(), most: MOST_POLICIES });
        }
        for exception in &exceptions.entries {
            if let Some(id) = exception.policies.iter().find(|id| !files.iter().any(|file| file.id == **id)) {
                return Err(PolicyError::UnknownPolicy { place: exception.place.clone(), id: id.to_string() });
            }
        }
        let version = version_of(&files, &exceptions, &key);
        let mut set =
            Self { policies: Vec::new(), idle: Vec::new(), not_evaluated: Vec::new(), version, exceptions, key, columns };
        for file in files {
            set.add(file, severities)?;
        }
        Ok(set)
    }

    fn add(&mut self, file: PolicyFile, severities: &BTreeMap<Id, Severity>) -> Result<(), PolicyError> {
        check_labels(&file, severities)?;
        let unscored: Vec<&str> =
            file.labels.iter().filter(|label| !self.columns.scores(label)).map(|label| label.as_str()).collect();
        // An escalation needs no model: one that is left out for want of it would be missed by who relies on it.
        if !unscored.is_empty() && file.treatment != Treatment::Escalate {
            let reason = format!("the project doesn't score {}", unscored.join(", "));
            self.not_evaluated.push(NotEvaluated { id: file.id, reason });
            return Ok(());
        }
        let policy = compile_one(file, &self.columns)?;
        check_holdback(&policy.file, policy.labels_read(&self.columns).iter(), severities)?;
        if policy.is_evaluated() {
            self.policies.push(policy)
        } else {
            self.idle.push(policy)
        }
        Ok(())
    }

    /// The columns that the policies may read.
    #[must_use]
    pub fn columns(&self) -> &PolicyColumns {
        &self.columns
    }

    /// The columns that the evaluated policies and their guards read, by name, each once.
    #[must_use]
    pub fn needs(&self) -> BTreeSet<&str> {
        self.policies.iter().flat_map(|policy| policy.reads().chain(policy.guards())).collect()
    }

    /// The columns to keep of a night: those of [`PolicySet::needs`], and those that are always kept.
    #[must_use]
    pub fn reads(&self) -> BTreeSet<&str> {
        self.needs().into_iter().chain(ALWAYS).collect()
    }

    /// Whether some policy draws a share, which could be foreseen without a secret.
    #[must_use]
    pub fn draws_shares(&self) -> bool {
        self.policies.iter().any(|policy| policy.file.rollout < 1.0 || policy.file.holdback > 0.0)
    }

    /// The policy called `id`, evaluated or idle.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().chain(&self.idle).find(|policy| policy.file.id == id)
    }
}

fn check_labels(file: &PolicyFile, severities: &BTreeMap<Id, Severity>) -> Result<(), PolicyError> {
    let (name, id) = (|| file.file.clone(), || file.id.to_string());
    for label in &file.labels {
        if !severities.contains_key(label) {
            return Err(PolicyError::UnknownLabel { file: name(), id: id(), label: label.to_string() });
        }
    }
    check_holdback(file, file.labels.iter(), severities)
}

/// Nobody is held back from protection against a label of `labels` that is severe.
fn check_holdback<'l>(
    file: &PolicyFile,
    labels: impl Iterator<Item = &'l Id>,
    severities: &BTreeMap<Id, Severity>,
) -> Result<(), PolicyError> {
    let severe = |label: &&Id| severities.get(*label).is_some_and(|severity| severity.level() >= 4);
    match labels.into_iter().find(severe).filter(|_| file.holdback > 0.0) {
        Some(label) => Err(PolicyError::Holdback {
            file: file.file.clone(),
            id: file.id.to_string(),
            label: label.to_string(),
            severity: severities.get(label).map_or(0, |severity| severity.level()),
        }),
        None => Ok(()),
    }
}

fn compile_one(file: PolicyFile, columns: &PolicyColumns) -> Result<Policy, PolicyError> {
    let (place, id) = (file.when_place.clone(), file.id.to_string());
    if let Some((name, _)) = file.parameters.iter().find(|(name, _)| columns.get(name).is_some()) {
        return Err(PolicyError::ParameterName { file: file.file.clone(), id, name: name.clone() });
    }
    let parameters = file.parameters.iter().map(|(name, _)| (name.clone(), SqlType::Number));
    let types: Vec<(String, SqlType)> = columns.iter().map(|c| (c.name.clone(), c.ty)).chain(parameters).collect();
    let when = compile_condition(&file.when, &types).map_err(|source| PolicyError::Condition {
        place: place.clone(),
        id: id.clone(),
        source: Box::new(source),
    })?;
    if let Some(cast) = when.casts.first() {
        return Err(PolicyError::Cast { place, id, column: cast.column.clone(), to: cast.to.to_string() });
    }
    let kinds: Vec<(&str, ColumnKind)> =
        when.columns.iter().filter_map(|name| columns.get(name)).map(|c| (c.name.as_str(), c.kind)).collect();
    if kinds.is_empty() {
        return Err(PolicyError::Constant { place, id });
    }
    let links: Vec<&str> = kinds.iter().filter(|(_, kind)| *kind == ColumnKind::Link).map(|(name, _)| *name).collect();
    let has_other = when.columns.iter().filter_map(|name| columns.get(name)).any(super::PolicyColumn::is_evidence);
    let beyond = file.treatment > Treatment::Review;
    if beyond && !links.is_empty() && !has_other {
        return Err(PolicyError::LinksAlone { place, id, columns: links.join(", ") });
    }
    let firsts = LinkFamily::ALL.into_iter().filter(|family| links.iter().any(|name| family.has(name))).collect();
    Ok(Policy { firsts, file, when })
}

fn version_of(files: &[PolicyFile], exceptions: &PolicyExceptions, key: &ShareKey) -> String {
    if files.is_empty() {
        return "none".to_owned();
    }
    let mut hasher = blake3::Hasher::new();
    let of_files = files.iter().flat_map(|file| [file.id.as_str(), file.version.as_str()]);
    for part in of_files.chain([exceptions.version.as_str(), key.digest().as_str()]) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..12].to_owned()
}
