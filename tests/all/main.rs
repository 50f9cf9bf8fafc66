//! One integration binary: the program as its users run it.

mod architecture;
mod bad_input;
mod determinism;
mod nightly;
mod project;
mod published;
mod real_data;
mod shipped;
