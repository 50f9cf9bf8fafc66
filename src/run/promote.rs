//! `promote`: makes a version champion if the gate lets it.

use serde::Serialize;

use super::champion::load_model;
use super::compare::{CompareRequest, Comparison, compare};
use super::decided::Period;
use super::exit::VerbError;
use super::gate::Gate;
use super::project::Project;
use super::stages::Stages;
use crate::store::{self, Judged, Promotion, StoreError, Which};
use crate::units::{Day, Id};

/// What to promote, and how it is judged.
#[derive(Debug, Clone, Copy)]
pub struct PromoteRequest<'a> {
    /// The version.
    pub version: &'a str,
    /// Which decisions it is judged by.
    pub period: Period,
    /// Why it becomes champion whatever the gate says.
    pub reason: Option<&'a str>,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Promoted {
    /// The version.
    pub version: String,
    /// Whether it is champion now.
    pub champion: bool,
    /// What fell short, each in a sentence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shortfalls: Vec<String>,
    /// The champion before, which `rollback` goes back to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// What the gate asked; absent where there was no champion to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// Why the gate was overruled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overruled: Option<String>,
    /// The comparison with the champion before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

/// Compares the version with the champion by the decisions made before the midnight of `day` and on the items in scope then, and
/// makes it champion if every limit of `[promote]` holds, or a reason overrules those that don't. The first champion of a label
/// set has nobody to be compared with. A refusal is no error: it is for [`Promoted::refusal`] to make one of it.
///
/// # Errors
/// As `compare`. The champion is then the old one.
pub fn promote(project: &Project, request: PromoteRequest<'_>, day: Day, stages: &mut Stages) -> anyhow::Result<Promoted> {
    let models = &project.config.models;
    let champion = match store::champion(&models.path, &models.label_set) {
        // Overruling is how a pointer that cannot be read is replaced.
        Err(StoreError::Damaged { .. }) if request.reason.is_some() => None,
        other => other?,
    };
    // What cannot be used here is refused, whoever asks for it.
    load_model(project, Which::Version(request.version))?;
    let rival = champion.as_deref().filter(|champion| *champion != request.version);
    let mut shortfalls = Vec::new();
    let judged = match rival.map(|champion| judge(project, champion, request, day, stages)) {
        Some(Err(error)) if request.reason.is_some() && is_of_the_store(&error) => {
            shortfalls.push(format!("not compared with the champion: {error:#}"));
            None
        }
        other => other.transpose()?,
    };
    let (gate, comparison) = judged.unzip();
    shortfalls.extend(gate.iter().flat_map(Gate::shortfalls));
    if !shortfalls.is_empty() && request.reason.is_none() {
        let version = request.version.to_owned();
        return Ok(Promoted { version, champion: false, shortfalls, previous: None, gate, overruled: None, comparison });
    }
    let reason = request.reason.filter(|_| !shortfalls.is_empty() || champion.is_none());
    let judged = Judged {
        expected: champion.as_deref(),
        action: "promote",
        at: &project.rim.now.to_string(),
        reason,
        shortfalls: &shortfalls,
    };
    let Promotion { version, previous } = store::promote_judged(&models.path, &models.label_set, request.version, &judged)?;
    let overruled = reason.map(str::to_owned).filter(|_| !shortfalls.is_empty());
    Ok(Promoted { version, champion: true, shortfalls, previous, gate, overruled, comparison })
}

fn judge(
    project: &Project,
    champion: &str,
    request: PromoteRequest<'_>,
    day: Day,
    stages: &mut Stages,
) -> anyhow::Result<(Gate, Comparison)> {
    let models = CompareRequest { a: Which::Version(champion), b: Which::Version(request.version), period: request.period };
    let comparison = compare(project, models, day, stages)?;
    let [ours, theirs] = [champion, request.version].map(|version| scored_labels(project, version));
    Ok((Gate::of(&comparison, &[ours?, theirs?], &project.config.promote), comparison))
}

/// The labels of the project that a version has a model for.
fn scored_labels(project: &Project, version: &str) -> anyhow::Result<Vec<Id>> {
    let model = load_model(project, Which::Version(version))?;
    let is_fitted = |label: &Id| model.model.labels().any(|(id, _, is_fitted)| id == label && is_fitted);
    Ok(model.labels.iter().map(|label| label.id.clone()).filter(is_fitted).collect())
}

/// Whether the champion cannot be loaded: then nothing can be compared with it.
fn is_of_the_store(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<StoreError>())
}

impl Promoted {
    /// The error that a refusal ends with (exit code 3).
    #[must_use]
    pub fn refusal(&self) -> Option<VerbError> {
        let refused = || VerbError::Refused { version: self.version.clone(), shortfalls: self.shortfalls.clone() };
        (!self.champion).then(refused)
    }
}
