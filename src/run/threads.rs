//! The thread pool of a verb.

use anyhow::Context;

use super::project::Project;

/// Does `work` in a pool of `run.threads` threads (one per core without that). The result doesn't depend on the number.
///
/// # Errors
/// Those of `work`, or when the threads cannot be started.
pub fn in_thread_pool<T: Send>(project: &Project, work: impl FnOnce(&Project) -> anyhow::Result<T> + Send) -> anyhow::Result<T> {
    let threads = project.config.run.threads;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().context("threads cannot be started")?;
    pool.install(|| work(project))
}
