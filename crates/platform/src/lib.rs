//! What every slice stands on and none of them is: the configuration, the access log, the audit trail, the outbox and its
//! worker, attached bytes, payments, Markdown.

pub mod access_log;
pub mod audit;
pub mod blobs;
pub mod config;
pub mod jobs;
pub mod named_set;
pub mod payments;
pub mod prose;
pub mod readiness;
mod services;

pub use pdf::Fonts;
pub use services::Services;
