//! The routes of the introduction.

use web::{Route, routes};

use crate::introduction::{api, pages};

#[rustfmt::skip]
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        GET    "/api/v1/accounts/{account}/introduction"            AccountAdmin      api::show,                   "The letter that introduces the team";
        PUT    "/api/v1/accounts/{account}/introduction"            AccountAdmin      api::change,                 "Change that letter";
        POST   "/api/v1/accounts/{account}/introduction/sends"      AccountAdmin      api::send,                   "Send that letter";

        GET    "/a/{account}/introduce"                             AccountAdmin      pages::show,                 "The letter that introduces the team";
        POST   "/a/{account}/introduce"                             AccountAdmin      pages::save,                 "Save that letter, or show how it will be read";
        POST   "/a/{account}/introduce/send"                        AccountAdmin      pages::send,                 "Send that letter";
    }
}
