//! The pages of the server's operators: what accounts wait for them to do. The same is on the command line, which alone
//! says who may see these pages.

mod actions;
mod api;
mod asking;
mod mail;
mod pages;
mod routes;
mod store;

pub use actions::{dismiss, name};
pub use asking::Wish;
pub(crate) use routes::{asking as asking_routes, routes};
pub use store::{OperatorRow, operators};
