//! The routes of the introduction.

use web::{Route, routes};

use crate::introduction::{api, pages};

#[rustfmt::skip]
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        tag "Introduction";

        GET    "/api/v1/accounts/{account}/introduction"       AccountAdmin api::show,   getIntroduction,    "The letter that introduces the team";
        PUT    "/api/v1/accounts/{account}/introduction"       AccountAdmin api::change, updateIntroduction, "Change that letter",
               example r#"{"subject":"Hello","body":"Hi {name}"}"#;
        POST   "/api/v1/accounts/{account}/introduction/sends" AccountAdmin api::send,   sendIntroduction,   "Send that letter",
               example r#"{"emails":["member@riverside.test"]}"#;

        GET    "/a/{account}/introduce"                        AccountAdmin pages::show, "The letter that introduces the team";
        POST   "/a/{account}/introduce"                        AccountAdmin pages::save, "Save that letter, or show how it will be read",
               example "do=save&subject=Hello&body=Hi+{name}&version=0";
        POST   "/a/{account}/introduce/send"                   AccountAdmin pages::send, "Send that letter",
               example "subject=Hello&body=Hi+{name}&version=0&emails=member%40riverside.test";
    }
}
