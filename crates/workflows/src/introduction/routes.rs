//! The routes of the introduction.

use web::{Route, routes};

use crate::introduction::{api, pages};

#[rustfmt::skip]
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        tag "Introduction";

        GET    "/api/v1/accounts/{account}/introduction"       AccountAdmin api::show,   getIntroduction,    "The email that introduces the team";
        PUT    "/api/v1/accounts/{account}/introduction"       AccountAdmin api::change, updateIntroduction, "Change the email that introduces the team",
               example r#"{"subject":"Welcome","body":"Hi {name}"}"#;
        POST   "/api/v1/accounts/{account}/introduction/sends" AccountAdmin api::send,   sendIntroduction,   "Send the email that introduces the team",
               example r#"{"emails":["member@riverside.test"]}"#;

        GET    "/a/{account}/introduce"                        AccountAdmin pages::show, "The email that introduces the team";
        POST   "/a/{account}/introduce"                        AccountAdmin pages::save, "Save or preview the email that introduces the team",
               example "do=save&subject=Hello&body=Hi+{name}&version=0";
        POST   "/a/{account}/introduce/send"                   AccountAdmin pages::send, "Send the email that introduces the team",
               example "subject=Hello&body=Hi+{name}&version=0&emails=member%40riverside.test";
    }
}
