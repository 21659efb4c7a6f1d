//! The wing of belonging: users and how they sign in, accounts with their plan and licenses, members,
//! groups, locations, invitations, the audit trail as managers read it.

pub mod accounts;
pub mod activity;
pub mod factors;
pub mod first_steps;
pub mod groups;
pub mod invitations;
pub mod licenses;
pub mod locations;
pub mod members;
pub mod plans;
mod routes;
pub mod sessions;
pub mod sign_in;
pub mod users;
pub mod withdrawals;

pub use routes::routes;
