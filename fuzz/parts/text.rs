//! What the models need of `text`.

#[path = "../../src/text/sparse.rs"]
mod sparse;

pub use sparse::SparseRows;
