//! Columns that no night has kept, computed again from the input as it is now, by the item builder of the run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::nights::Partition;
use crate::dataset::nightly_spine;
use crate::policy::{EvidenceCell, EvidenceColumn};
use crate::run::champion::Champion;
use crate::run::deciding::item_column;
use crate::run::input::{Input, each_shard};
use crate::run::nightly::BATCH_ROWS;
use crate::run::project::Project;
use crate::run::stages::Stages;
use crate::sql::{SqlColumn, SqlType, TextColumn};
use crate::units::{Day, Id};

/// The cells of some nights.
#[derive(Default)]
pub(super) struct Recomputed {
    columns: Vec<EvidenceColumn>,
    /// The columns that a night lacked.
    lacking: BTreeMap<Day, BTreeSet<String>>,
    cells: HashMap<(Day, Id), Vec<EvidenceCell>>,
}

impl Recomputed {
    /// Computes the columns `missing` of their nights. Memory: a row of them for each item-night.
    ///
    /// # Errors
    /// When the input cannot be read back.
    pub(super) fn of(
        project: &Project,
        input: &Input,
        champion: &Champion,
        missing: &BTreeMap<Day, BTreeSet<String>>,
        stages: &mut Stages,
    ) -> anyhow::Result<Self> {
        let known = crate::run::policies::columns_of(champion);
        let names: BTreeSet<&String> = missing.values().flatten().collect();
        let column = |name: &&String| {
            let column = known.get(name)?;
            // In double precision as policies read it: nothing is kept of it.
            Some(EvidenceColumn { name: column.name.clone(), ty: column.ty, is_feature: false })
        };
        let columns: Vec<EvidenceColumn> = names.iter().filter_map(column).collect();
        let mut cells = HashMap::new();
        let mut stage = stages.begin("recompute", input.spilled.n_shards() as u64);
        each_shard(
            input.spilled.n_shards(),
            |index| input.shard(index, project),
            |shard| {
                let builder = input.builder(&shard, project);
                for day in missing.keys() {
                    let spine = nightly_spine(&shard, *day, project.config.run.scope_days, &project.config.time.zones);
                    for rows in spine.chunks(BATCH_ROWS) {
                        let items = builder.build_beside(rows)?;
                        stage.items += items.len() as u64;
                        let values: Vec<SqlColumn> =
                            columns.iter().map(|c| item_column(&c.name, champion.features.names(), &items)).collect();
                        for (row, (item, _)) in items.iter().enumerate() {
                            let of_row = columns.iter().zip(&values).map(|(column, cells)| column.cell(cells, row)).collect();
                            cells.insert((*day, item.content_id.clone()), of_row);
                        }
                    }
                }
                stage.step();
                Ok(())
            },
        )?;
        stages.end(stage);
        Ok(Self { columns, lacking: missing.clone(), cells })
    }

    /// The columns that were computed again.
    pub(super) fn columns(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The cells of a column; `None` where it was not computed for the night.
    pub(super) fn column(&self, name: &str, partition: &Partition<'_>, range: Range<usize>) -> Option<SqlColumn> {
        if !self.lacking.get(&partition.day)?.contains(name) {
            return None;
        }
        let at = self.columns.iter().position(|column| column.name == name)?;
        let cells = range.map(|row| {
            let key = (partition.day, Id::from(partition.content_id(row)));
            self.cells.get(&key).and_then(|cells| cells.get(at))
        });
        Some(match self.columns.get(at)?.ty {
            SqlType::Integer => {
                SqlColumn::Integer(cells.map(|c| if let Some(EvidenceCell::Integer(v)) = c { Some(*v) } else { None }).collect())
            }
            SqlType::Number => {
                SqlColumn::Number(cells.map(|c| if let Some(EvidenceCell::Number(v)) = c { Some(*v) } else { None }).collect())
            }
            SqlType::Timestamp => SqlColumn::Timestamp(
                cells.map(|c| if let Some(EvidenceCell::Timestamp(v)) = c { Some(*v) } else { None }).collect(),
            ),
            _ => {
                let mut texts = TextColumn::default();
                cells.for_each(|c| texts.push(if let Some(EvidenceCell::Text(text)) = c { Some(text) } else { None }));
                SqlColumn::Text(texts)
            }
        })
    }
}
