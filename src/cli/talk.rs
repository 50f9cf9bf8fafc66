//! Talk on stderr: lines for people, or one JSON object a line.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format;

use super::args::LogFormat;

/// Sends the library's events to stderr in `format`. Called once per process; a second call changes nothing.
pub(super) fn open(log_format: LogFormat) {
    // Libraries speak up only when something is wrong.
    let filter = EnvFilter::new("warn,stallmark=info");
    let builder = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).with_target(false);
    // A process that has a subscriber already (a test) keeps it.
    let _ = match log_format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => {
            let message = format::debug_fn(|writer, field, value| match field.name() {
                "message" => write!(writer, "{value:?}"),
                // The line says it in words already; the JSON form carries the fields.
                _ => Ok(()),
            });
            builder.without_time().with_level(false).with_ansi(false).fmt_fields(message).try_init()
        }
    };
}

/// Says why a verb failed, the outermost cause first.
pub(super) fn failure(error: &anyhow::Error) {
    let mut causes: Vec<String> = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        // A transparent error repeats its source word for word.
        if causes.last() != Some(&cause) {
            causes.push(cause);
        }
    }
    tracing::error!(causes = ?causes, "error: {}", causes.join("\n  because: "));
}
