//! `policy check`, `policy test`, `policy columns` and `policy init`: what a folder of policies says before a run does, and what it may say.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::champion::{Champion, load_champion};
use super::exit::VerbError;
use super::input;
use super::policies::{columns_of, is_population, read_folder, read_policies};
use super::policy_findings::write_findings;
use super::project::Project;
use super::text_table::text_table;
use crate::config::{self, BUILT_IN_POLICIES};
use crate::files;
use crate::policy::{CaseFailure, ColumnKind, Finding, Policy, PolicyColumn, PolicyColumns, PolicySet, ShareKey, run_cases};
use crate::store::StoreError;
use crate::units::Id;

/// The project's policies as `policy check` shows them.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyCheck {
    /// Version of the set.
    pub version: String,
    /// The policies that the project can evaluate, drafts and expired ones too.
    pub policies: Vec<PolicyLine>,
    /// Those that it cannot, and why.
    pub not_evaluated: Vec<(String, String)>,
    /// What is odd about them.
    pub warnings: Vec<String>,
    /// Those that never fire or never decide, undo one another, or fire on the same items.
    pub findings: Vec<Finding>,
}

/// One policy.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyLine {
    /// Identifier.
    pub id: String,
    /// The file.
    pub file: String,
    /// Hash of the file.
    pub version: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it is as it is.
    pub reason: String,
    /// `draft`, `shadow`, `live` or `expired`.
    pub mode: &'static str,
    /// What it does.
    pub treatment: String,
    /// Its rank where several fire.
    pub priority: u32,
    /// Markets; empty for all.
    pub markets: Vec<String>,
    /// The condition.
    pub when: String,
    /// The columns that it reads.
    pub reads: Vec<String>,
    /// Unit cases.
    pub cases: usize,
}

/// Checks the project's policies, or those of `path`, against what its champion scores; before there is one, against its labels and
/// features.
///
/// # Errors
/// At the first policy that cannot be used.
pub fn check_policies(project: &Project, path: Option<&Path>) -> anyhow::Result<PolicyCheck> {
    let champion = champion_if_any(project)?;
    let set = compiled(project, champion.as_ref(), path)?;
    let mut warnings = Vec::new();
    if champion.is_none() {
        warnings.push("there is no champion model yet: x_ columns and calibration are not checked".to_owned());
    }
    for policy in set.policies.iter().filter(|policy| policy.file.treatment.removes()) {
        let sample = policy.file.labels.iter().find(|label| champion.as_ref().is_some_and(|c| !is_population(c, label)));
        if let Some(label) = sample {
            warnings.push(format!(
                "policy `{}` would {} by p_{label}, which holds for the reviewed sample alone: where it is live it falls to shadow every night",
                policy.file.id, policy.file.treatment
            ));
        }
    }
    let untested = set.policies.iter().chain(&set.idle).filter(|policy| policy.file.cases.is_empty());
    warnings.extend(untested.map(|policy| format!("policy `{}` has no unit cases: add [[cases]]", policy.file.id)));
    let mut policies: Vec<PolicyLine> = set.policies.iter().chain(&set.idle).map(line_of).collect();
    policies.sort_by(|a, b| a.id.cmp(&b.id));
    let not_evaluated = set.not_evaluated.iter().map(|n| (n.id.to_string(), n.reason.clone())).collect();
    Ok(PolicyCheck { version: set.version.clone(), policies, not_evaluated, warnings, findings: set.findings() })
}

/// What the unit cases of the project's policies say.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyTest {
    /// Policies with cases.
    pub policies: usize,
    /// Cases run.
    pub cases: usize,
    /// Those that failed.
    pub failures: Vec<Failure>,
}

/// A case in which a policy does something else than expected.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// The policy.
    pub policy: String,
    /// Where the case stands.
    pub place: String,
    /// What it shows.
    pub name: String,
    /// The treatment expected.
    pub expected: String,
    /// What the policy did.
    pub got: String,
    /// What its condition says: true, false or null.
    pub condition: String,
    /// Why it does not act, or does less, though its condition holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The condition.
    pub when: String,
    /// The columns that it reads with the values given.
    pub values: Vec<(String, Option<String>)>,
}

/// Runs the unit cases of the project's policies, or of those of `path`.
///
/// # Errors
/// At the first policy or case that cannot be used.
pub fn test_policies(project: &Project, path: Option<&Path>) -> anyhow::Result<PolicyTest> {
    let champion = champion_if_any(project)?;
    let set = compiled(project, champion.as_ref(), path)?;
    let mut tested = PolicyTest { policies: 0, cases: 0, failures: Vec::new() };
    for policy in set.policies.iter().chain(&set.idle).filter(|policy| !policy.file.cases.is_empty()) {
        tested.policies += 1;
        tested.cases += policy.file.cases.len();
        tested.failures.extend(run_cases(&set, policy)?.into_iter().map(|failure| shown(policy, failure)));
    }
    Ok(tested)
}

impl PolicyTest {
    /// The error that a verb ends with if a case failed.
    #[must_use]
    pub fn refusal(&self) -> Option<VerbError> {
        let (failed, cases) = (self.failures.len(), self.cases);
        (failed > 0).then_some(VerbError::CasesFailed { failed, cases })
    }
}

/// The columns that policies of this project may read, as `policy columns` shows them.
#[derive(Debug, Clone, Serialize)]
pub struct ReadableColumns(pub Vec<ReadableColumn>);

/// One of them.
#[derive(Debug, Clone, Serialize)]
pub struct ReadableColumn {
    /// Its name.
    pub name: String,
    /// Its SQL type.
    pub sql_type: String,
    /// score, feature, link (a feature of copies or rings), content, segment or volume.
    pub kind: String,
    /// What it measures.
    pub what: String,
}

/// The columns that policies may read.
///
/// # Errors
/// When the champion or the features cannot be used.
pub fn readable_columns(project: &Project) -> anyhow::Result<ReadableColumns> {
    let champion = champion_if_any(project)?;
    let own;
    let features = match &champion {
        Some(champion) => &champion.features,
        None => {
            own = input::feature_set(&project.config, &project.lexicons, &[])?;
            &own
        }
    };
    let set = compiled(project, champion.as_ref(), None)?;
    let doc = |column: &PolicyColumn| match column.kind {
        ColumnKind::Feature | ColumnKind::Link => {
            features.docs().find(|doc| doc.name == column.name).map_or(String::new(), |doc| doc.what.clone())
        }
        ColumnKind::Score => "as in the score table, before any treatment".to_owned(),
        ColumnKind::Content => "as the content says at the midnight".to_owned(),
        ColumnKind::Segment => "which part of the marketplace".to_owned(),
        ColumnKind::Volume => "of the last whole day before the midnight".to_owned(),
    };
    let column = |column: &PolicyColumn| ReadableColumn {
        name: column.name.clone(),
        sql_type: column.ty.to_string(),
        kind: format!("{:?}", column.kind).to_lowercase(),
        what: doc(column),
    };
    Ok(ReadableColumns(set.columns().iter().map(column).collect()))
}

/// Writes the built-in policies about labels that the project scores into `folder`, for their owner to change: one file each.
///
/// # Errors
/// When the folder has policies already, or cannot be written.
pub fn init_policies(project: &Project, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if files::exists(folder) && !files::list_files(folder)?.is_empty() {
        return Err(VerbError::AlreadyThere { path: folder.display().to_string() }.into());
    }
    files::create_dir_all(folder)?;
    let scored: Vec<Id> = project.scored_labels().into_iter().map(|label| label.id).collect();
    let mut written = Vec::new();
    for (name, text) in BUILT_IN_POLICIES {
        let policy = config::parse_policy(name, text)?;
        if policy.labels.iter().all(|label| scored.contains(label)) {
            let path = folder.join(format!("{}.toml", policy.id));
            files::write_atomic(&path, text.as_bytes())?;
            written.push(path);
        }
    }
    Ok(written)
}

fn shown(policy: &Policy, failure: CaseFailure) -> Failure {
    Failure {
        policy: failure.policy,
        place: failure.place,
        name: failure.name,
        expected: failure.expected.to_string(),
        got: failure.got.to_string(),
        condition: failure.condition.map_or("null".to_owned(), |holds| holds.to_string()),
        because: failure.because,
        when: policy.file.when.clone(),
        values: failure.values,
    }
}

fn champion_if_any(project: &Project) -> anyhow::Result<Option<Champion>> {
    match load_champion(project) {
        Ok(champion) => Ok(Some(champion)),
        Err(error) if error.chain().any(|cause| matches!(cause.downcast_ref(), Some(StoreError::NoChampion { .. }))) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The policies over what the champion scores, or over the project's labels and features.
pub(super) fn compiled(project: &Project, champion: Option<&Champion>, path: Option<&Path>) -> anyhow::Result<PolicySet> {
    let files = match path {
        Some(path) => read_folder(path, "policies")?,
        None => read_policies(project)?,
    };
    let columns = match champion {
        Some(champion) => columns_of(champion),
        None => {
            let features = input::feature_set(&project.config, &project.lexicons, &[])?;
            PolicyColumns::new(&project.scored_labels(), features.names(), &features.links())
        }
    };
    let key = ShareKey::new(&project.config.policies.key);
    Ok(PolicySet::compile(files.files, files.exceptions, columns, &project.config.severities(), key)?)
}

fn line_of(policy: &Policy) -> PolicyLine {
    let file = &policy.file;
    PolicyLine {
        id: file.id.to_string(),
        file: file.file.clone(),
        version: file.version.clone(),
        owner: file.owner.clone(),
        reason: file.reason.clone(),
        mode: file.mode.as_str(),
        treatment: file.treatment.to_string(),
        priority: file.priority,
        markets: file.markets.iter().map(ToString::to_string).collect(),
        when: file.when.clone(),
        reads: policy.reads().map(str::to_owned).collect(),
        cases: file.cases.len(),
    }
}

impl fmt::Display for ReadableColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |c: &ReadableColumn| vec![c.name.clone(), c.sql_type.clone(), c.kind.clone(), c.what.clone()];
        f.write_str(&text_table(&["column", "type", "kind", "what"], &self.0.iter().map(line).collect::<Vec<_>>()))
    }
}

impl fmt::Display for PolicyCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |policy: &PolicyLine| {
            let markets = if policy.markets.is_empty() { "all".to_owned() } else { policy.markets.join(" ") };
            let (id, treatment) = (policy.id.clone(), policy.treatment.clone());
            vec![
                id,
                policy.mode.to_owned(),
                treatment,
                markets,
                policy.cases.to_string(),
                policy.owner.clone(),
                policy.when.clone(),
            ]
        };
        let head = ["policy", "mode", "treatment", "markets", "cases", "owner", "when"];
        f.write_str(&text_table(&head, &self.policies.iter().map(line).collect::<Vec<_>>()))?;
        writeln!(f, "\n{} policies, version {}.", self.policies.len(), self.version)?;
        if !self.not_evaluated.is_empty() {
            writeln!(f, "{} more are about labels that the project doesn't score.", self.not_evaluated.len())?;
        }
        self.warnings.iter().try_for_each(|warning| writeln!(f, "warning: {warning}"))?;
        write_findings(f, &self.findings)
    }
}

impl fmt::Display for PolicyTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(f, "{}: `{}` of policy `{}`", failure.place, failure.name, failure.policy)?;
            writeln!(f, "  expected {}, got {}", failure.expected, failure.got)?;
            writeln!(f, "  {} is {}", failure.when, failure.condition)?;
            for (name, value) in &failure.values {
                writeln!(f, "    {name} = {}", value.as_deref().unwrap_or("null"))?;
            }
            if let Some(because) = &failure.because {
                writeln!(f, "  {because}")?;
            }
        }
        writeln!(f, "{} of {} cases of {} policies passed", self.cases - self.failures.len(), self.cases, self.policies)
    }
}
