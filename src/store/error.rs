//! Why a model could not be saved, loaded or promoted.

use std::path::PathBuf;

use thiserror::Error;

use super::tensors::TensorsError;
use crate::files::FilesError;

/// The store refuses. Nothing was changed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A name could lead out of its folder.
    #[error("`{name}` is not a {what}: expected {expected}")]
    UnsafeName {
        /// What it should name.
        what: &'static str,
        /// The name, shortened.
        name: String,
        /// What would be accepted.
        expected: &'static str,
    },
    /// No model was ever promoted.
    #[error("label set `{label_set}` has no champion model in `{}`: train one with `stallmark train`", root.display())]
    NoChampion {
        /// The label set.
        label_set: String,
        /// The model store.
        root: PathBuf,
    },
    /// The champion is the first.
    #[error("model `{version}` is the first champion of label set `{label_set}`: there is none to go back to")]
    NoPrevious {
        /// The label set.
        label_set: String,
        /// The champion.
        version: String,
    },
    /// Another version became champion while this one was judged.
    #[error("model `{version}` was judged against champion `{expected}`, and `{found}` is champion now: run the command again")]
    Moved {
        /// The version that should become champion.
        version: String,
        /// The champion that it was judged against.
        expected: String,
        /// The champion now.
        found: String,
    },
    /// There is no such version.
    #[error("there is no model version `{version}` in `{}`: expected one of {available}", folder.display())]
    NoVersion {
        /// The version asked for.
        version: String,
        /// The folder of the label set.
        folder: PathBuf,
        /// The versions that are there, separated by commas.
        available: String,
    },
    /// The model was trained on other features than this program computes.
    #[error(
        "model `{version}` was trained on other features: its {n_features} features have the fingerprint {found}, this \
         configuration and program ({expected_by}) compute {expected}; the model is of program version {trained_by}: \
         train again with `stallmark train`, or use the configuration and program that it was trained with"
    )]
    WrongFeatures {
        /// The version.
        version: String,
        /// How many features it uses.
        n_features: usize,
        /// The fingerprint in its manifest.
        found: String,
        /// The fingerprint of the features that would be computed.
        expected: String,
        /// The version of this program.
        expected_by: &'static str,
        /// The version of the program that trained it.
        trained_by: String,
    },
    /// A file is of a format that this program does not know.
    #[error("`{}` has format version {found}, this program reads {expected}: use the program that wrote it, or train again", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// Its format version.
        found: u64,
        /// Ours.
        expected: u32,
    },
    /// A file is not what was saved.
    #[error("`{}` cannot be trusted: {damage}; restore it from a backup, or train again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },
    /// The model given cannot be stored.
    #[error("the model cannot be stored")]
    Weights {
        /// Which tensor, and why.
        #[from]
        source: TensorsError,
    },
    /// The manifest would not read back as it was given.
    #[error("the model cannot be stored: its manifest would not read back as written ({detail})")]
    NotStorable {
        /// What differs.
        detail: String,
    },
    /// The file system refused.
    #[error(transparent)]
    Files(#[from] FilesError),
}

/// What is wrong with a file.
#[derive(Debug, Error)]
pub enum Damage {
    /// Longer than any that we write.
    #[error("it has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// Not the JSON that we write.
    #[error("{0}")]
    Json(serde_json::Error),
    /// The size differs from the manifest's.
    #[error("it has {found} bytes, the manifest says {expected}")]
    Size {
        /// Its size.
        found: u64,
        /// The manifest's.
        expected: u64,
    },
    /// The hash differs from the manifest's.
    #[error("its BLAKE3 hash is {found}, the manifest says {expected}")]
    Hash {
        /// Its hash.
        found: String,
        /// The manifest's.
        expected: String,
    },
    /// The manifest vouches for other files than the three that a version has.
    #[error("it lists the files {found}, expected {expected}")]
    Files {
        /// The files listed.
        found: String,
        /// The files of a version.
        expected: String,
    },
    /// The manifest says it belongs elsewhere.
    #[error("it says it is the {what} `{found}`, but stands in the folder of `{expected}`")]
    Place {
        /// Label set or version.
        what: &'static str,
        /// What the manifest says.
        found: String,
        /// Where it stands.
        expected: String,
    },
    /// Specification, weights or features are not those that the version is named after.
    #[error("specification, weights and features hash to `{found}`, but the version is `{expected}`")]
    Content {
        /// The recomputed name.
        found: String,
        /// The version's name.
        expected: String,
    },
    /// The weights cannot be read.
    #[error("{0}")]
    Weights(TensorsError),
    /// The pointer's content could lead out of the store.
    #[error("it names `{name}`, which is not a version")]
    Pointer {
        /// The name, shortened.
        name: String,
    },
}

impl StoreError {
    /// Whether whoever gave the command or wrote the configuration can mend it (exit code 2).
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::UnsafeName { .. }
            | Self::NoChampion { .. }
            | Self::NoPrevious { .. }
            | Self::NoVersion { .. }
            | Self::WrongFeatures { .. }
            | Self::UnknownFormat { .. } => true,
            Self::Damaged { .. } | Self::Weights { .. } | Self::NotStorable { .. } | Self::Moved { .. } | Self::Files(_) => false,
        }
    }

    /// Whether the same command can succeed later without a change (exit code 75).
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Files(error) => error.is_transient(),
            Self::Moved { .. } => true,
            _ => false,
        }
    }
}
