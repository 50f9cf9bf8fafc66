//! What the models need of `features`.

#[path = "../../src/features/matrix.rs"]
mod matrix;

pub use matrix::FeatureMatrix;
