//! `promote`: makes a version champion if the gate lets it.

use serde::Serialize;

use super::champion::{Champion, load_model};
use super::compare::{CompareRequest, Comparison, compare};
use super::decided::Period;
use super::exit::VerbError;
use super::gate::Gate;
use super::project::Project;
use super::stages::Stages;
use crate::store::{self, PromotionRecord, Which};
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

/// A version that is champion now.
#[derive(Debug, Clone, Serialize)]
pub struct Promoted {
    /// The champion.
    pub version: String,
    /// The one before, which `rollback` goes back to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// What the gate asked; absent where there was no champion to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// What the gate would have refused, and why that was overruled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overruled: Option<String>,
    /// The comparison with the champion before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

/// Compares the version with the champion by the decisions made before the midnight of `day` and on the items in scope then, and
/// makes it champion if every limit of `[promote]` holds, or a reason overrules those that don't. The first champion of a label
/// set has nobody to be compared with.
///
/// # Errors
/// [`VerbError::Refused`] (exit code 3) when the gate refuses; as `compare` else. The champion is then the old one.
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
        return Err(VerbError::Refused { version: request.version.to_owned(), shortfalls }.into());
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
        shortfalls,
    };
    store::record(&models.path, &models.label_set, &record)?;
    Ok(Promoted { version: promotion.version, previous: promotion.previous, gate, overruled, comparison })
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
