//! The routes of pictures.

use web::{Route, routes};

use crate::pictures::{api, pages};

#[rustfmt::skip]
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        tag "Access";

        GET "/api/v1/groups/{group}/year"                     GroupReader  api::year,          getGroupYear,       "A group's cases by month";
        GET "/api/v1/accounts/{account}/access"               AccountAdmin api::who_sees_what, getAccountAccess,   "Who sees what in an account";
        GET "/api/v1/accounts/{account}/members/{user}/access" AccountAdmin api::over_time,    listMemberAccess,   "A person's access over time";
        GET "/g/{group}/year"                                 GroupReader  pages::year,          "A group's cases by month";
        GET "/a/{account}/access"                             AccountAdmin pages::who_sees_what, "Who sees what in an account: a page or CSV";
        GET "/a/{account}/users/{user}/access"                AccountAdmin pages::over_time,     "A person's access over time";
    }
}
