//! `promote`: makes a version champion if the gate lets it.

use serde::Serialize;

use super::champion::{Champion, load_model};
use super::compare::{CompareRequest, Comparison, compare};
use super::decided::Period;
use super::exit::VerbError;
use super::gate::Gate;
use super::project::Project;
use super::stages::Stages;
use crate::store::{self, Promotion, PromotionRecord, Which};
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
    let champion = store::champion(&models.path, &models.label_set)?;
    let comparison = match champion.as_deref() {
        Some(champion) if champion != request.version => {
            let models =
                CompareRequest { a: Which::Version(champion), b: Which::Version(request.version), period: request.period };
            Some(compare(project, models, day, stages)?)
        }
        _ => None,
    };
    let gate = match &comparison {
        Some(comparison) => Some(Gate::of(comparison, &missing(project, comparison)?, &project.config.promote)),
        None => None,
    };
    let shortfalls = gate.as_ref().map(Gate::shortfalls).unwrap_or_default();
    if !shortfalls.is_empty() && request.reason.is_none() {
        let version = request.version.to_owned();
        return Ok(Promoted { version, champion: false, shortfalls, previous: None, gate, overruled: None, comparison });
    }
    // The first champion is only loaded: what cannot be used here is refused.
    load_model(project, Which::Version(request.version))?;
    let promotion = store::promote(&models.path, &models.label_set, request.version)?;
    let overruled = (!shortfalls.is_empty()).then(|| request.reason.map(str::to_owned)).flatten();
    let record = PromotionRecord {
        at: project.rim.now.to_string(),
        action: "promote".to_owned(),
        version: promotion.version.clone(),
        previous: promotion.previous.clone(),
        reason: overruled.clone(),
        shortfalls: shortfalls.clone(),
    };
    store::record(&models.path, &models.label_set, &record)?;
    let Promotion { version, previous } = promotion;
    Ok(Promoted { version, champion: true, shortfalls, previous, gate, overruled, comparison })
}

impl Promoted {
    /// The error that a refusal ends with (exit code 3).
    #[must_use]
    pub fn refusal(&self) -> Option<VerbError> {
        let refused = || VerbError::Refused { version: self.version.clone(), shortfalls: self.shortfalls.clone() };
        (!self.champion).then(refused)
    }
}

/// The labels of the project that the champion scores and the challenger does not.
fn missing(project: &Project, comparison: &Comparison) -> anyhow::Result<Vec<Id>> {
    let [a, b] = [&comparison.a, &comparison.b].map(|version| load_model(project, Which::Version(version)));
    let scored = |model: &Champion| -> Vec<Id> {
        let is_fitted = |label: &Id| model.model.labels().any(|(id, _, is_fitted)| id == label && is_fitted);
        model.labels.iter().map(|label| label.id.clone()).filter(is_fitted).collect()
    };
    let (ours, theirs) = (scored(&a?), scored(&b?));
    Ok(ours.into_iter().filter(|label| !theirs.contains(label)).collect())
}
