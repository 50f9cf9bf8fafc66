//! `explain`: one item's case, of the same item builder and the same scorer as the nightly run.

mod changes;
mod found;
mod judge;
mod links;
mod past;
mod policies;
mod scored;

use std::path::Path;

use anyhow::Context;

use super::champion::{Champion, load_champion};
use super::exit::VerbError;
use super::input::{self, Input};
use super::policies::load_policies;
use super::project::Project;
use super::stages::Stages;
use crate::dataset::{Background, Item, Shard};
use crate::explain::{CASE_SCHEMA, Case, ContactPolicy, TextCase, shortened};
use crate::files::{AtomicFile, write_and_commit};
use crate::models::Contribution;
use crate::policy::Trace;
use crate::scoring::{ExplainedLabel, ScoreRow};
use crate::tables::ContentRow;
use crate::units::{Day, Id, Treatment};

use found::Place;
use judge::Judge;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct ExplainRequest<'a> {
    /// The item.
    pub content_id: &'a str,
    /// The day at whose midnight it is looked at.
    pub day: Day,
    /// Whether contact details are shown.
    pub contacts: ContactPolicy,
}

/// One item with everything that its case is made of.
struct Subject<'a> {
    project: &'a Project,
    input: &'a Input,
    champion: &'a Champion,
    place: Place,
    shard: &'a Shard,
    judge: Judge<'a>,
    /// The item with its content, as the night's decisions take it.
    beside: (Item, &'a ContentRow),
    item: Item,
    /// Its row before policies acted on it, and after.
    scored: ScoreRow,
    row: ScoreRow,
    traces: Vec<Trace>,
    /// The treatments that apply, each with the factor of its policy where that has one.
    applied: Vec<(Treatment, Option<f64>)>,
    explained: Vec<ExplainedLabel>,
    background: Background<'a>,
    contacts: ContactPolicy,
}

/// Tells the case of an item that a run of the day would score; `html` is where a page of it goes, too.
///
/// # Errors
/// As a run, but for publishing; and when the item is not in the input, or not in scope on the day.
pub fn explain(project: &Project, request: ExplainRequest<'_>, html: Option<&Path>, stages: &mut Stages) -> anyhow::Result<Case> {
    let page = html.map(AtomicFile::create).transpose()?;
    let plan = input::plan(project)?;
    let champion = load_champion(project)?;
    let (policies, _) = load_policies(project, &champion)?;
    let input = input::read(project, plan, request.day, &champion.features, stages)?;

    let (place, shard) = found::find(project, &input, &Id::from(request.content_id), request.day)?;
    let judge = Judge::new(project, &champion, &policies, request.day);
    let subject = Subject::of(project, &input, &champion, (place, &shard), judge, request.contacts, stages)?;
    let mut stage = stages.begin("explain", 0);
    stage.items = 1;
    let case = subject.case()?;
    if let Some(page) = page {
        write_and_commit(page, case.html().context("the page cannot be made")?.as_bytes())?;
    }
    stages.end(stage);
    Ok(case)
}

/// Tells the cases of items that a run of the day would score, the input read once; `None` for one that is not there, not in scope, or urgent.
///
/// # Errors
/// As a run, but for publishing.
pub(super) fn explain_all(
    project: &Project,
    content_ids: &[String],
    day: Day,
    contacts: ContactPolicy,
    stages: &mut Stages,
) -> anyhow::Result<Vec<Option<Case>>> {
    let plan = input::plan(project)?;
    let champion = load_champion(project)?;
    let (policies, _) = load_policies(project, &champion)?;
    let input = input::read(project, plan, day, &champion.features, stages)?;
    let mut stage = stages.begin("explain", content_ids.len() as u64);
    // Caps are judged by another look at the whole night: once for each case that a policy with a cap acts on.
    let mut quiet = Stages::silent();
    let mut cases = Vec::with_capacity(content_ids.len());
    for content_id in content_ids {
        let case = found::find(project, &input, &Id::from(content_id.as_str()), day).and_then(|(place, shard)| {
            let judge = Judge::new(project, &champion, &policies, day);
            Subject::of(project, &input, &champion, (place, &shard), judge, contacts, &mut quiet)?.case()
        });
        cases.push(match case {
            Ok(case) => Some(case),
            // It was there when the night was published, and is not any more, or may not be told of.
            Err(error) if error.downcast_ref::<VerbError>().is_some() => None,
            Err(error) => return Err(error),
        });
        stage.items += 1;
        stage.step();
    }
    stages.end(stage);
    Ok(cases)
}

impl<'a> Subject<'a> {
    fn of(
        project: &'a Project,
        input: &'a Input,
        champion: &'a Champion,
        (place, shard): (Place, &'a Shard),
        judge: Judge<'a>,
        contacts: ContactPolicy,
        stages: &mut Stages,
    ) -> anyhow::Result<Self> {
        let builder = input.builder(shard, project);
        let item = builder.build(&[place.row])?.into_iter().next().ok_or_else(vanished)?;
        let background = builder.background(&place.row).ok_or_else(vanished)?;
        let (first, _) = judge.judge(&item, background.content)?.ok_or_else(vanished)?;
        let judge = judge.with_caps(&first, input, stages)?;
        let (decided, ruling) = judge.judge(&item, background.content)?.ok_or_else(vanished)?;
        if ruling.is_urgent {
            return Err(VerbError::UrgentRoute { content_id: shortened(&item.content_id, 60) }.into());
        }
        let scorer = champion.scorer();
        let scored = scorer.score(std::slice::from_ref(&item)).into_iter().next().ok_or_else(vanished)?;
        let explained = scorer.explained(&item);
        let beside = (item.clone(), background.content);
        let (row, traces, applied) = (decided.score, decided.traces, ruling.applied);
        Ok(Self {
            project,
            input,
            champion,
            place,
            shard,
            judge,
            beside,
            item,
            scored,
            row,
            traces,
            applied,
            explained,
            background,
            contacts,
        })
    }

    fn case(&self) -> anyhow::Result<Case> {
        let typical = changes::Typical::of(self)?;
        let focus = self.focus();
        let text = self.text(focus.map(|label| label.contributions.as_slice()).unwrap_or_default());
        let (copies, ring) = links::links(self)?;
        Ok(Case {
            schema: CASE_SCHEMA,
            item: scored::item(self),
            score: scored::score(self),
            labels: scored::labels(self, &typical),
            changes: changes::changes(self, &typical, text.as_ref())?,
            text,
            policies: policies::summary(self),
            policy_cases: policies::cases(self)?,
            copies,
            ring,
            seller: past::seller(self),
            engagement: past::engagement(self),
            reports: past::reports(self),
            after_sales: past::after_sales(self),
            events: past::events(self),
            events_not_known_yet: past::not_known_yet(self),
        })
    }

    /// The label that the outcome hangs on.
    fn focus(&self) -> Option<&ExplainedLabel> {
        scored::told(self).into_iter().next()
    }

    /// The text, marked for the label of these contributions.
    fn text(&self, contributions: &[Contribution]) -> Option<TextCase> {
        let content = self.background.content;
        let written = (content.title.as_deref(), content.body.as_deref());
        TextCase::of(written, &self.item.text, contributions, &self.project.ngrams(), self.contacts)
    }
}

/// An item that has no version, which a loaded shard never holds.
fn vanished() -> VerbError {
    VerbError::Argument { argument: "CONTENT_ID", reason: "the item has no version that could be looked at".to_owned() }
}
