//! `init`: a commented configuration to start from.

use std::path::{Path, PathBuf};

use super::exit::VerbError;
use super::project::PROJECT_FILE;
use crate::config::PROJECT_TEMPLATE;
use crate::files;

/// Writes `stallmark.toml` into `dir`, which is made if need be. Never overwrites.
///
/// # Errors
/// When there is one, or the folder cannot be written.
pub fn init(dir: &Path) -> anyhow::Result<PathBuf> {
    let path = dir.join(PROJECT_FILE);
    if files::exists(&path) {
        return Err(VerbError::AlreadyThere { path: path.display().to_string() }.into());
    }
    files::create_dir_all(dir)?;
    files::write_atomic(&path, PROJECT_TEMPLATE.as_bytes())?;
    Ok(path)
}
