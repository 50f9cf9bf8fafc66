//! A project folder with its checked configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::exit::VerbError;
use super::rim::Rim;
use crate::config::{self, Config, Label, LexiconConfig, Overlays, ProjectFile};
use crate::files;
use crate::scoring::ScoredLabel;
use crate::text::{LexiconFile, Lexicons, NgramConfig};
use crate::units::{ContentType, Day, Id, Timestamp};

/// Name of the configuration file in a project folder.
pub(super) const PROJECT_FILE: &str = "stallmark.toml";

/// A project folder with its checked configuration.
#[derive(Debug)]
pub struct Project {
    /// The folder.
    pub dir: PathBuf,
    /// The configuration.
    pub config: Config,
    /// Terms to look for in texts.
    pub lexicons: Lexicons,
    /// The rim it was opened from.
    pub rim: Rim,
}

impl Project {
    /// Reads and checks the configuration of the project in `dir`, with `sets` (`key=value`) laid over it.
    ///
    /// # Errors
    /// When the file is missing, or at the first key that does not fit.
    pub fn open(dir: &Path, sets: &[String], rim: Rim) -> anyhow::Result<Self> {
        let path = dir.join(PROJECT_FILE);
        let text = match files::read_text(&path) {
            Ok(text) => text,
            Err(error) if error.is_not_found() => {
                let reason =
                    format!("{} does not exist; `stallmark init --project {}` writes one", path.display(), dir.display());
                return Err(VerbError::Argument { argument: "--project", reason }.into());
            }
            Err(error) => return Err(error).context("the project's configuration cannot be read"),
        };
        let overlays = Overlays { environment: &rim.environment, sets };
        let config = config::load(&ProjectFile { path: &path, text: Some(&text) }, &overlays, dir)?;
        let lexicons = load_lexicons(&config.features.lexicons)?;
        Ok(Self { dir: dir.to_path_buf(), config, lexicons, rim })
    }

    /// The day given, or today in the project's zone.
    ///
    /// # Errors
    /// When the text is not a date.
    pub fn day(&self, text: Option<&str>) -> anyhow::Result<Day> {
        match text {
            Some(text) => {
                text.parse::<Day>().map_err(|e| VerbError::Argument { argument: "--as-of", reason: e.to_string() }.into())
            }
            None => Ok(self.config.time.zones.default_day_of(self.rim.now)),
        }
    }

    /// The latest instant that a row may carry: rows later than both `day` and now, by more than the days allowed, are wrong.
    #[must_use]
    pub fn latest(&self, day: Day) -> Timestamp {
        let midnight = self.config.time.zones.default_as_of(day).instant;
        midnight.max(self.rim.now).plus_days(i64::from(self.config.input.max_future_days))
    }

    /// The active labels, in the order of the score columns.
    #[must_use]
    pub fn scored_labels(&self) -> Vec<ScoredLabel> {
        self.config.active_labels().map(scored_label).collect()
    }

    /// The content types of each active label.
    #[must_use]
    pub fn label_types(&self) -> BTreeMap<Id, BTreeSet<ContentType>> {
        self.scored_labels().into_iter().map(|label| (label.id, label.content_types)).collect()
    }

    /// How texts are cut into n-grams.
    #[must_use]
    pub fn ngrams(&self) -> NgramConfig {
        let features = &self.config.features;
        NgramConfig {
            buckets: features.text_buckets,
            word_max: features.word_ngrams,
            char_min: features.char_ngrams.0,
            char_max: features.char_ngrams.1,
        }
    }
}

/// The built-in lexicons with the project's own files, without the groups that it left out.
fn load_lexicons(config: &LexiconConfig) -> anyhow::Result<Lexicons> {
    let names: Vec<String> = config.files.iter().map(|path| path.display().to_string()).collect();
    let read = |path: &PathBuf| {
        files::read_text(path).map_err(|error| VerbError::Argument {
            argument: "features.lexicons.files",
            reason: format!("{error}; each entry is the path of one file"),
        })
    };
    let texts: Vec<String> = config.files.iter().map(read).collect::<Result<_, _>>()?;
    let own: Vec<LexiconFile<'_>> = names.iter().zip(&texts).map(|(name, text)| LexiconFile { name, text }).collect();
    Ok(Lexicons::with(&own, &config.disabled, &config.disabled_place)?)
}

/// A configured label as the scorer sees it.
pub(super) fn scored_label(label: &Label) -> ScoredLabel {
    ScoredLabel {
        id: label.id.clone(),
        kind: label.kind,
        severity: label.severity,
        weight: label.weight,
        content_types: label.content_types.iter().copied().collect(),
    }
}
