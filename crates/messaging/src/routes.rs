//! The routes of this wing: one table a topic, each with the JSON API first and the pages beneath.
//!
//! Each line: the method, the path, the proof that it asks of its caller, the handler, and what it does.
//! A handler whose first parameter is not a `May` of that very proof does not compile.

use web::{Route, routes};

/// Every route of this wing.
pub fn routes() -> Vec<Route> {
    [user_groups, requests].into_iter().flat_map(|topic| topic()).collect()
}

/// User groups.
#[rustfmt::skip]
fn user_groups() -> Vec<Route> {
    use crate::user_groups::{api as user_groups, pages};

    routes! {
        GET    "/api/v1/accounts/{account}/user-groups"             AccountWorker     user_groups::index,          "List an account's user groups";
        POST   "/api/v1/accounts/{account}/user-groups"             AccountAdmin      user_groups::create,         "Create a user group";
        GET    "/api/v1/user-groups/{user_group}"                   UserGroupAdmin    user_groups::show,           "Show a user group with everybody in it";
        PUT    "/api/v1/user-groups/{user_group}"                   UserGroupAdmin    user_groups::save,           "Save a user group whole";
        DELETE "/api/v1/user-groups/{user_group}"                   UserGroupAdmin    user_groups::delete,         "Delete a user group, and hand its open requests to another";
        GET    "/api/v1/user-groups/{user_group}/deletion"          UserGroupAdmin    user_groups::deletion,       "What deleting a user group would do";
        GET    "/api/v1/accounts/{account}/privileges"              AccountWorker     user_groups::rights,         "What the caller may by privilege, and why";

        GET    "/a/{account}/user-groups"                           AccountAdmin      pages::index,                "Choose a user group, or make one";
        POST   "/a/{account}/user-groups"                           AccountAdmin      pages::create,               "Create a user group";
        GET    "/a/{account}/user-groups/{user_group}"              UserGroupAdmin    pages::show,                 "A user group and everybody in it";
        POST   "/a/{account}/user-groups/{user_group}"              UserGroupAdmin    pages::save,                 "Save a user group";
        POST   "/a/{account}/user-groups/{user_group}/delete"       UserGroupAdmin    pages::delete,               "Delete a user group";
        GET    "/a/{account}/rights"                                AccountWorker     pages::rights,               "What oneself may by privilege, and why";
    }
}

/// Requests.
#[rustfmt::skip]
fn requests() -> Vec<Route> {
    use crate::requests::{api as requests, pages};

    routes! {
        GET    "/api/v1/accounts/{account}/requests"                AccountWorker     requests::index,             "One of the caller's boxes of requests";
        POST   "/api/v1/accounts/{account}/requests"                RequestSender     requests::send,              "Send a request to a user group";
        GET    "/api/v1/accounts/{account}/requests/receivers"      AccountWorker     requests::receivers,         "The user groups that may receive requests";
        GET    "/api/v1/accounts/{account}/requests/unread"         AccountWorker     requests::unread,            "How many requests are unread";
        GET    "/api/v1/accounts/{account}/requests/settings"       AccountWorker     requests::settings,          "How the caller hears of requests";
        PUT    "/api/v1/accounts/{account}/requests/settings"       AccountWorker     requests::set_settings,      "Choose how to hear of requests";
        GET    "/api/v1/requests/{request}"                         RequestReader     requests::show,              "A request with its thread";
        GET    "/api/v1/requests/{request}/access"                  RequestReader     requests::access,            "Who sees a request, and why";
        POST   "/api/v1/requests/{request}/messages"                RequestReader     requests::add_message,       "Write in a request's thread";
        POST   "/api/v1/requests/{request}/read"                    RequestReader     requests::read,              "Mark a request as read";
        POST   "/api/v1/requests/{request}/claim"                   RequestReceiver   requests::claim,             "Claim a request";
        POST   "/api/v1/requests/{request}/release"                 RequestReceiver   requests::release,           "Give a request back";
        POST   "/api/v1/requests/{request}/assign"                  RequestReceiver   requests::assign,            "Hand a request to somebody of its user group";
        POST   "/api/v1/requests/{request}/wait"                    RequestReceiver   requests::wait,              "Ask a request's sender something";
        POST   "/api/v1/requests/{request}/complete"                RequestReceiver   requests::complete,          "Finish a request";
        POST   "/api/v1/requests/{request}/decline"                 RequestReceiver   requests::decline,           "Decline a request";
        POST   "/api/v1/requests/{request}/cancel"                  RequestAuthor     requests::cancel,            "Cancel a request";
        POST   "/api/v1/requests/{request}/reopen"                  RequestAuthor     requests::reopen,            "Open a request again";
        POST   "/api/v1/requests/{request}/forward"                 RequestReader     requests::forward,           "Pass a request to another user group";
        POST   "/api/v1/requests/{request}/files"                   RequestReader     requests::add_file,          "Attach a file to a request";
        GET    "/api/v1/requests/{request}/files/{file}"            RequestReader     requests::open_file,         "A file of a request";

        GET    "/a/{account}/requests"                              AccountWorker     pages::index,                "One of one's boxes of requests";
        POST   "/a/{account}/requests"                              RequestSender     pages::create,               "Send a request";
        GET    "/a/{account}/requests/new"                          RequestSender     pages::new,                  "The form of a new request";
        GET    "/a/{account}/requests/live"                         AccountWorker     pages::live,                 "How many requests are unread, live";
        GET    "/a/{account}/requests/settings"                     AccountWorker     pages::settings,             "How one hears of requests";
        POST   "/a/{account}/requests/settings"                     AccountWorker     pages::set_settings,         "Choose how to hear of requests";
        GET    "/a/{account}/requests/{request}"                    RequestReader     pages::show,                 "A request, its thread and files, and who sees it";
        POST   "/a/{account}/requests/{request}/messages"           RequestReader     pages::add_message,          "Write in a request's thread";
        POST   "/a/{account}/requests/{request}/claim"              RequestReceiver   pages::claim,                "Claim a request";
        POST   "/a/{account}/requests/{request}/release"            RequestReceiver   pages::release,              "Give a request back";
        POST   "/a/{account}/requests/{request}/assign"             RequestReceiver   pages::assign,               "Hand a request to somebody of its user group";
        POST   "/a/{account}/requests/{request}/wait"               RequestReceiver   pages::wait,                 "Ask a request's sender something";
        POST   "/a/{account}/requests/{request}/complete"           RequestReceiver   pages::complete,             "Finish a request";
        POST   "/a/{account}/requests/{request}/decline"            RequestReceiver   pages::decline,              "Decline a request";
        POST   "/a/{account}/requests/{request}/cancel"             RequestAuthor     pages::cancel,               "Cancel a request";
        POST   "/a/{account}/requests/{request}/reopen"             RequestAuthor     pages::reopen,               "Open a request again";
        POST   "/a/{account}/requests/{request}/forward"            RequestReader     pages::forward,              "Pass a request to another user group";
        POST   "/a/{account}/requests/{request}/files"              RequestReader     pages::add_file,             "Attach a file to a request";
        GET    "/a/{account}/requests/{request}/files/{file}"       RequestReader     pages::open_file,            "A file of a request";
    }
}
