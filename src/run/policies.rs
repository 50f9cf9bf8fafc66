//! The project's policies: read from its folder, or the built-in set, and compiled over what its model scores.

use std::path::Path;

use super::champion::Champion;
use super::exit::VerbError;
use super::project::Project;
use crate::config::{self, PolicyExceptions, PolicyFile};
use crate::files;
use crate::policy::{PolicyColumns, PolicyError, PolicySet, ShareKey};
use crate::units::Id;

/// The file of a folder of policies that says who is left alone.
pub(super) const EXCEPTIONS_FILE: &str = "exceptions.toml";

/// Policy files as they were read.
#[derive(Debug, Clone, Default)]
pub(super) struct PolicyFiles {
    pub files: Vec<PolicyFile>,
    pub exceptions: PolicyExceptions,
}

/// The files of the project's policies.
///
/// # Errors
/// When one cannot be read or is not a policy.
pub(super) fn read_policies(project: &Project) -> anyhow::Result<PolicyFiles> {
    match &project.config.policies.path {
        Some(folder) => read_folder(folder, "policies.path"),
        None => built_in(),
    }
}

/// The policies of a folder, or of one file; `argument` is what names it.
///
/// # Errors
/// When it is not there or holds no policy, a file cannot be read or is not a policy.
pub(super) fn read_folder(path: &Path, argument: &'static str) -> anyhow::Result<PolicyFiles> {
    let refuse = |reason: String| VerbError::Argument { argument, reason };
    if !files::exists(path) {
        let mend = if argument == "policies.path" { ", or leave the key empty for the built-in set" } else { "" };
        return Err(refuse(format!("{} does not exist; name a folder of policy files{mend}", path.display())).into());
    }
    let is_toml = |path: &Path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    let mut paths = if is_toml(path) { vec![path.to_owned()] } else { files::list_files(path)? };
    paths.sort();
    let mut read = PolicyFiles::default();
    let mut has_exceptions = false;
    for path in paths.iter().filter(|path| is_toml(path)) {
        let name = path.display().to_string();
        let text = files::read_text(path).map_err(|error| -> anyhow::Error {
            if error.is_transient() {
                return error.into();
            }
            refuse(error.to_string()).into()
        })?;
        if path.file_name().is_some_and(|name| name == EXCEPTIONS_FILE) {
            read.exceptions = config::parse_exceptions(&name, &text)?;
            has_exceptions = true;
        } else {
            read.files.push(config::parse_policy(&name, &text)?);
        }
    }
    // Who wants no policy says so: by exceptions to none of them.
    let on_purpose = has_exceptions && !is_toml(path);
    if read.files.is_empty() && !on_purpose {
        let reason = format!(
            "{} holds no policy; policies are files that end in .toml and stand in the folder itself; `stallmark policy init` writes a set, and a folder with an empty {EXCEPTIONS_FILE} is a set of none",
            path.display()
        );
        return Err(refuse(reason).into());
    }
    Ok(read)
}

/// The built-in set.
fn built_in() -> anyhow::Result<PolicyFiles> {
    let files = config::BUILT_IN_POLICIES.iter().map(|(name, text)| config::parse_policy(name, text));
    Ok(PolicyFiles { files: files.collect::<Result<_, _>>()?, exceptions: PolicyExceptions::default() })
}

/// The columns that policies may read where `champion` scores.
#[must_use]
pub(super) fn columns_of(champion: &Champion) -> PolicyColumns {
    PolicyColumns::new(&champion.labels, champion.features.names(), &champion.features.links())
}

/// Compiles `files` over what `champion` scores.
///
/// # Errors
/// At the first policy that cannot be used.
pub(super) fn compile(project: &Project, champion: &Champion, files: PolicyFiles) -> Result<PolicySet, PolicyError> {
    let key = ShareKey::new(&project.config.policies.key);
    PolicySet::compile(files.files, files.exceptions, columns_of(champion), &project.config.severities(), key)
}

/// The project's policies, ready to be evaluated, and what to warn of.
///
/// # Errors
/// When one cannot be read or used.
pub(super) fn load_policies(project: &Project, champion: &Champion) -> anyhow::Result<(PolicySet, Vec<String>)> {
    let set = compile(project, champion, read_policies(project)?)?;
    let mut warnings = Vec::new();
    // The built-in set covers the whole taxonomy: that a project scores a part of it is no news.
    if project.config.policies.path.is_some() {
        let left_out = set.not_evaluated.iter().map(|n| format!("policy `{}` is not evaluated: {}", n.id, n.reason));
        warnings.extend(left_out);
    }
    if project.config.policies.key.is_empty() && set.draws_shares() {
        let warning = "policies draw rollout or holdback shares, and policies.key is empty: who knows the program can foresee them; set the \
                       variable STALLMARK_POLICY_KEY";
        warnings.push(warning.to_owned());
    }
    warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok((set, warnings))
}

/// Whether the probabilities of `label` hold for the population.
#[must_use]
pub(super) fn is_population(champion: &Champion, label: &Id) -> bool {
    let at = champion.model.labels().position(|(id, _, _)| id == label);
    at.and_then(|at| champion.model.calibration_basis(at)) == Some(crate::models::CalibrationBasis::Population)
}
