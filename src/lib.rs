//! **Covey**: group accounts for clinical practices. Who belongs, who sees what, who pays.
//!
//! The map: a request comes in at [`routes`], the one table of everything that is reachable. It names
//! the proof that the route asks for; [`web`]'s `May` makes that proof out of [`access`], inside the
//! transaction of the work. A slice ([`accounts`], [`sign_in`], [`members`], [`groups`], [`locations`],
//! [`invitations`], [`cases`], [`plans`], [`licenses`], [`billing`], [`handouts`], [`user_groups`],
//! [`requests`], [`clients`], [`client_groups`], [`notes`]) has `api.rs` for JSON and `pages.rs` for HTML;
//! both call the same verb in `actions.rs`, which changes what it must through `store.rs`, notes it in [`audit`], and queues mail
//! in [`jobs`]. [`db`] runs one SQL text on SQLite and PostgreSQL, and [`pdf`] sets documents.
//!
//! `docs/ARCHITECTURE.md` walks one request from the route to the disk.

pub mod access;
pub mod accounts;
pub mod app;
pub mod audit;
pub mod billing;
pub mod blobs;
pub mod cases;
pub mod cli;
pub mod client_groups;
pub mod clients;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod groups;
pub mod handouts;
pub mod health;
pub mod id;
pub mod invitations;
pub mod jobs;
pub mod licenses;
pub mod locations;
pub mod members;
pub mod money;
pub mod notes;
pub mod passwords;
pub mod payments;
pub mod pdf;
pub mod plans;
pub mod prices;
pub mod random;
pub mod requests;
pub mod routes;
pub mod sign_in;
pub mod text;
pub mod user_groups;
pub mod web;
