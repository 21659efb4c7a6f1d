//! The routes of the dashboard.

use web::{Route, routes};

use crate::dashboard::pages as dashboard;

#[rustfmt::skip]
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        GET    "/a/{account}/dashboard" AccountAdmin dashboard::my_group, "An account's people, licenses, and charts";
        POST   "/a/{account}/dashboard" AccountAdmin dashboard::rename,   "Rename an account",
               example "name=Riverside+Vets&version=1";
    }
}
