//! What needs several wings: someone joins, leaves, is set up; the one list of users; dashboards; and the
//! frame that surrounds every page. Nobody imports a workflow but the root, which serves their routes.

pub mod acceptance;
pub mod dashboard;
pub mod departure;
#[cfg(debug_assertions)]
pub mod design;
pub mod directory;
pub mod find;
pub mod group_home;
pub mod introduction;
pub mod new_group;
pub mod onboarding;
pub mod operator;
mod pictures;
mod routes;
pub mod shell;

pub use routes::{SOLD, routes};
