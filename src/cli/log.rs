//! The log: what of it is written, and how.

use platform::config::{Config, LogFormat};
use tracing_subscriber::{
    filter::{LevelFilter, ParseError, Targets},
    prelude::*,
};

/// The crates that the server is made of. Asking for `covey` means all of them.
const OURS: [&str; 14] = [
    "covey",
    "kernel",
    "storage",
    "pdf",
    "tables",
    "platform",
    "access",
    "web",
    "people",
    "care",
    "messaging",
    "billing",
    "developers",
    "workflows",
];

/// Begins to write it to standard error.
pub(super) fn start(config: &Config) {
    let filter = filter(&config.log).unwrap_or_else(|_| Targets::new().with_default(LevelFilter::INFO));
    let log = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(std::io::stderr)
        .with_target(false);
    match config.log_format {
        LogFormat::Text => log.finish().with(filter).init(),
        LogFormat::Json => log.json().finish().with(filter).init(),
    }
}

/// A list of levels (`info`) and of targets with theirs (`covey=debug`; without a level: all of it).
fn filter(text: &str) -> Result<Targets, ParseError> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let named = parts.flat_map(|part| match part.strip_prefix("covey") {
        Some(level) if level.is_empty() || level.starts_with('=') => {
            OURS.map(|name| format!("{name}{level}")).to_vec()
        }
        _ => vec![part.to_owned()],
    });
    named.collect::<Vec<_>>().join(",").parse()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn levels_and_targets_are_read() {
        let debug = filter("debug").unwrap();
        assert!(debug.would_enable("hyper", &Level::DEBUG) && !debug.would_enable("hyper", &Level::TRACE));
        let list = filter("warn, web=debug,platform::jobs,").unwrap();
        assert!(list.would_enable("hyper", &Level::WARN) && !list.would_enable("hyper", &Level::INFO));
        assert!(list.would_enable("web::live", &Level::DEBUG) && !list.would_enable("web", &Level::TRACE));
        assert!(list.would_enable("platform::jobs", &Level::TRACE));
        assert!(!filter("off").unwrap().would_enable("web", &Level::ERROR));
        assert!(filter("web=loud").is_err());
    }

    #[test]
    fn covey_means_every_crate_of_the_server() {
        let ours = filter("covey=debug").unwrap();
        for target in ["covey::app", "storage::sqlite", "billing::charges"] {
            assert!(ours.would_enable(target, &Level::DEBUG), "{target}");
        }
        assert!(!ours.would_enable("hyper", &Level::ERROR));
    }
}
