//! The wing of clinical work: clients and what they are together in, cases, charts, handouts.
//!
//! In this order, each using only what comes before it: `sight` and `client_groups`, `clients`, `cases`,
//! `overview`; `notes` knows clients, `handouts` and `access_log` none of them.

mod access_log;
pub mod cases;
pub mod client_groups;
pub mod clients;
pub mod handouts;
pub mod notes;
mod overview;
mod routes;
mod sight;

pub use routes::routes;
