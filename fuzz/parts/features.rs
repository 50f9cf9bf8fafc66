//! What the models need of `features`.

#[path = "../../src/features/direction.rs"]
mod direction;
#[path = "../../src/features/matrix.rs"]
mod matrix;

pub use direction::{Direction, direction};
pub use matrix::FeatureMatrix;
