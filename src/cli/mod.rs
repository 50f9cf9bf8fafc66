//! The command line: arguments in, the library called, results on stdout, talk on stderr, an exit code out.

mod args;
mod dispatch;
mod talk;

pub use args::{Cli, GlobalArgs, LogFormat, SchemaOf, Verb};
pub use dispatch::main;
