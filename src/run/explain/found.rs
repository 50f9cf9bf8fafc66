//! Where an item is, and whether a run of the day would score it.

use crate::dataset::{Shard, SpineRow, nightly_spine};
use crate::explain::shortened;
use crate::run::exit::VerbError;
use crate::run::input::Input;
use crate::run::project::Project;
use crate::units::{Day, Id};

/// Where an item is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The shard that holds it.
    pub shard: usize,
    /// Its row of the spine.
    pub row: SpineRow,
    /// The day.
    pub day: Day,
}

/// The shard and row of the item `id`.
///
/// # Errors
/// When it is not in the input, was not published yet, or nothing has happened to it of late; each says what to do.
pub(super) fn find(project: &Project, input: &Input, id: &Id, day: Day) -> anyhow::Result<(Place, Shard)> {
    for index in 0..input.spilled.n_shards() {
        let shard = input.shard(index, project)?;
        let Ok(at) = shard.contents.binary_search_by(|(known, _)| known.cmp(id)) else { continue };
        let config = &project.config;
        let spine = nightly_spine(&shard, day, config.run.scope_days, &config.time.zones);
        let Some(row) = spine.into_iter().find(|row| row.content == at) else {
            return Err(refuse(out_of_scope(project, &shard, at, id, day)).into());
        };
        return Ok((Place { shard: index, row, day }, shard));
    }
    let shown = shortened(id, 60);
    Err(refuse(format!(
        "there is no item `{shown}` in the input; look at the identifier (capitals and blanks count), and at the rejects of \
         `stallmark check`, where its row may be"
    ))
    .into())
}

fn refuse(reason: String) -> VerbError {
    VerbError::Argument { argument: "CONTENT_ID", reason }
}

/// Why an item is not scored on a day, and what to do.
fn out_of_scope(project: &Project, shard: &Shard, at: usize, id: &Id, day: Day) -> String {
    let (shown, scope) = (shortened(id, 60), project.config.run.scope_days);
    let zones = &project.config.time.zones;
    let history = shard.contents.get(at).map(|(_, history)| history);
    let first = history.and_then(|history| history.first().map(|first| (history, first)));
    let Some((history, first)) = first else { return format!("`{shown}` has no version") };
    let born = zones.day_of(first.market, first.published_at);
    if !history.is_known(zones.as_of(first.market, day)) {
        let from = born.plus(1);
        return if from > day {
            format!(
                "`{shown}` was published on {born}, so nothing is known of it when {day} begins; look at it with --as-of {from} or later"
            )
        } else {
            format!(
                "`{shown}` was published on {born}, but became known only after {day} began; look at it on a later day (--as-of)"
            )
        };
    }
    format!(
        "`{shown}` is not scored on {day}: it was not published, edited, viewed or reported in the {scope} days before (run.scope_days); look at \
         an earlier day, for instance --as-of {}, or raise the key with --set run.scope_days=N",
        born.plus(1)
    )
}
