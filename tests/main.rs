//! The tests against the whole product, in one binary.
//!
//! Run them with `scripts/test`, which starts the PostgreSQL that they need.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "tests say what failed"
)]

mod support;

mod acceptance;
mod access_log;
mod addresses;
mod answers;
mod at_rest;
mod attacks;
mod audit;
mod availability;
mod billing;
mod browser;
mod bulk;
mod client_groups;
mod clients;
mod config;
mod contract;
mod crash;
mod dashboard;
mod departure;
mod engines;
mod events;
mod exports;
mod find;
mod handouts;
mod harness;
mod imports;
mod isolation;
mod joining;
mod keys;
mod layout;
mod letters;
mod lists;
mod logs;
mod long_lists;
mod mail;
mod mail_waits;
mod matrix;
mod money;
mod naming;
mod notes;
mod operator;
mod passwords;
mod people_import;
mod pictures;
mod postgres_tls;
mod practice_kinds;
mod races;
mod requests;
mod rights;
mod routes;
mod searching;
mod second_factor;
mod shell;
mod sight;
mod sign_in;
mod sorting;
mod statements;
mod strangers;
mod stripe;
mod traces;
mod unbilled;
mod undo;
mod urgency;
mod user_groups;
mod walls;
mod webhooks;
mod words;
mod year;
