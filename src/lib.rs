//! **Covey**: group accounts for clinical practices. Who belongs, who sees what, who pays.
//!
//! The house is a workspace whose crates import each other one way only:
//!
//! - `kernel`: time, ids, money, text, errors, without input or output. `storage`: one SQL text on SQLite and
//!   PostgreSQL. `pdf`: a document model to a tagged PDF.
//! - `platform`: configuration, audit trail, outbox, files, payments. `access`: who may do what; the only maker of
//!   proofs. `web`: HTTP that knows no slice.
//! - The wings: `people` (users, sign-in, accounts, members, groups, locations, invitations, plans, licenses), and
//!   above it, side by side, `care` (cases, clients, client groups, notes, handouts), `messaging` (user groups,
//!   requests) and `billing`.
//! - `workflows`: what needs several wings, and the frame of every page.
//!
//! This crate puts them together. A request comes in at [`routes`], the tables of everything that is reachable. Its
//! line names the proof that the route asks for; `web::May` has `access` make that proof inside the transaction of the
//! work. `api.rs` of the slice speaks JSON and `pages.rs` HTML; both call the same verb in `actions.rs`, which changes
//! what it must through `store.rs`, notes it in `platform::audit` and queues email in `platform::jobs`.
//!
//! [`app`] wires the router and is the server's life from start to end; `serving` holds its connections; [`cli`] is
//! what an operator does with the one binary; `demo` makes a believable practice; `health` answers probes; [`files`]
//! looks after the folder of files, and `alone` keeps a second server away from it.
//!
//! `docs/ARCHITECTURE.md` walks one request from the route to the disk.

mod alone;
pub mod app;
pub mod cli;
mod demo;
pub mod files;
mod health;
pub mod routes;
mod serving;

/// Gives memory back to the system once a burst is over; the system's own allocator keeps what password hashing took.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
