//! The run's data turned into what `monitor` judges, and its findings back into the run's.

pub(super) mod drift;
pub(super) mod gate;
