//! Rows for this module's tests.

use std::collections::BTreeMap;
use std::path::Path;

use super::{CrossSeller, Globals, ItemBuilder, Presence, Shard};
use crate::config::{self, Config, Overlays, ProjectFile};
use crate::features::{self, DeclaredDoc, Embedding, FeatureSet, FeatureSpec, HistoryRules, WindowPlan};
use crate::tables::{ContentRow, DecisionRow};
use crate::text::{Lexicons, NgramConfig};
use crate::units::{Timestamp, Verdict, Zones};

/// A listing of SG published at `published_us`.
pub(super) fn content(id: &str, published_us: i64) -> ContentRow {
    ContentRow { published_at: Timestamp(published_us), ..features::fixtures::content(id) }
}

/// Microseconds of `days` days since 1970.
pub(super) fn day_us(days: f64) -> i64 {
    (days * 86_400e6) as i64
}

/// A verdict for `label` on item `c`, `days` days after 1970.
pub(super) fn decision(id: &str, label: &str, verdict: Verdict, days: f64) -> DecisionRow {
    DecisionRow {
        decision_id: id.into(),
        content_id: "c".into(),
        label: label.into(),
        verdict,
        decided_at: Timestamp(day_us(days)),
        reviewer_id: None,
        decided_by: None,
        selected_by: None,
        inclusion_probability: None,
        overturns: None,
        golden_verdict: None,
        minutes: None,
        ingested_at: None,
    }
}

/// Everything that the default configuration declares, with an embedding and a signal beside.
pub(super) struct Engine {
    pub(super) config: Config,
    pub(super) windows: WindowPlan,
    pub(super) features: FeatureSet,
    lexicons: Lexicons,
    history: HistoryRules,
    ngrams: NgramConfig,
}

/// The engine of a project that adds three parts of an embedding and one signal to the default configuration.
pub(super) fn engine() -> Engine {
    engine_of(
        "[features.embedding]\ndims = 3\n[features.signals.cheap]\nsql = \"price / list_price < 0.9 AND price_z < 0\"\n\
                what = \"a\"\nwhy = \"b\"\nevaded_by = \"c\"\n",
    )
}

/// The engine of a project file.
pub(super) fn engine_of(text: &str) -> Engine {
    let file = ProjectFile { path: Path::new("stallmark.toml"), text: Some(text) };
    let config = config::load(&file, &Overlays { environment: &BTreeMap::new(), sets: &[] }, Path::new(".")).unwrap();
    let lexicons = Lexicons::built_in();
    let windows = WindowPlan::compile(&config.features.windows);
    let features = FeatureSet::new(FeatureSpec {
        windows: windows.docs().to_vec(),
        lexicons: lexicons.docs().into_iter().map(DeclaredDoc::from).collect(),
        embedding: Embedding { dims: config.features.embedding.dims, length: 0 },
        signals: config.features.signals.clone(),
        ..FeatureSpec::default()
    });
    let history = HistoryRules { config: config.features.history.clone(), severities: config.severities() };
    Engine { config, windows, features: features.unwrap(), lexicons, history, ngrams: NgramConfig::default() }
}

impl Engine {
    /// The same over an input that maps what `is_mapped` says.
    pub(super) fn reading(mut self, is_mapped: impl Fn(&str) -> bool) -> Self {
        self.features = self.features.reading(&[], is_mapped);
        self
    }

    /// A builder of the items of `shard`.
    pub(super) fn builder<'a>(
        &'a self,
        shard: &'a Shard,
        globals: &'a Globals,
        cross: &'a CrossSeller,
        presence: &'a Presence,
        zones: &'a Zones,
    ) -> ItemBuilder<'a> {
        ItemBuilder {
            shard,
            globals,
            cross,
            presence,
            features: &self.features,
            windows: &self.windows,
            lexicons: &self.lexicons,
            history: &self.history,
            ngrams: &self.ngrams,
            min_cell: 2,
            price_prior_n: 5,
            forecast_prior_days: 1.0,
            horizon_days: 7,
            zones,
        }
    }
}
