//! The routes of this wing: one table a topic, each with the JSON API first and the pages beneath.
//!
//! [`web::routes`] explains what a row may say. A handler whose first parameter is not a `May` of that very
//! proof does not compile.

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
        tag "User groups";

        GET    "/api/v1/accounts/{account}/user-groups"       AccountWorker  user_groups::index,    listUserGroups,           "List an account's user groups";
        POST   "/api/v1/accounts/{account}/user-groups"       AccountAdmin   user_groups::create,   createUserGroup,          "Create a user group",
               example r#"{"name":"Back office","members":["{user}"],"privileges":["requests.send"]}"#;
        GET    "/api/v1/user-groups/{user_group}"             UserGroupAdmin user_groups::show,     getUserGroup,             "Show a user group with everybody in it";
        PUT    "/api/v1/user-groups/{user_group}"             UserGroupAdmin user_groups::save,     saveUserGroup,            "Save a user group whole",
               example r#"{"name":"Insurance","description":"","active":true,"default":true,"members":["{user}","{other_user}"],"privileges":["requests.receive"]}"#;
        DELETE "/api/v1/user-groups/{user_group}"             UserGroupAdmin user_groups::delete,   deleteUserGroup,          "Delete a user group, and hand its open requests to another";
        GET    "/api/v1/user-groups/{user_group}/deletion"    UserGroupAdmin user_groups::deletion, previewUserGroupDeletion, "What deleting a user group would do";
        GET    "/api/v1/accounts/{account}/privileges"        AccountWorker  user_groups::rights,   listPrivileges,           "What the caller may by privilege, and why";

        GET    "/a/{account}/user-groups"                     AccountAdmin   pages::index,          "Choose a user group, or make one";
        POST   "/a/{account}/user-groups"                     AccountAdmin   pages::create,         "Create a user group",
               example "name=Back+office&active=yes&members={user}";
        GET    "/a/{account}/user-groups/{user_group}"        UserGroupAdmin pages::show,           "A user group and everybody in it";
        POST   "/a/{account}/user-groups/{user_group}"        UserGroupAdmin pages::save,           "Save a user group",
               example "name=Insurance&was_name=Insurance&version=1&active=yes&members={user}";
        POST   "/a/{account}/user-groups/{user_group}/delete" UserGroupAdmin pages::delete,         "Delete a user group",
               example "version=1&confirm=yes";
        GET    "/a/{account}/rights"                          AccountWorker  pages::rights,         "What oneself may by privilege, and why";
    }
}

/// Requests.
#[rustfmt::skip]
fn requests() -> Vec<Route> {
    use crate::requests::{api as requests, pages};

    routes! {
        tag "Requests";

        GET    "/api/v1/accounts/{account}/requests"           AccountWorker   requests::index,        listRequests,          "One of the caller's boxes of requests";
        POST   "/api/v1/accounts/{account}/requests"           RequestSender   requests::send,         sendRequest,           "Send a request to a user group",
               example r#"{"to":"{user_group}","subject":"Cover","body":"Are they covered?","clients":["{client}"]}"#;
        GET    "/api/v1/accounts/{account}/requests/receivers" AccountWorker   requests::receivers,    listRequestReceivers,  "The user groups that may receive requests";
        GET    "/api/v1/accounts/{account}/requests/unread"    AccountWorker   requests::unread,       countUnreadRequests,   "How many requests are unread";
        GET    "/api/v1/accounts/{account}/requests/settings"  AccountWorker   requests::settings,     getRequestSettings,    "How the caller hears of requests";
        PUT    "/api/v1/accounts/{account}/requests/settings"  AccountWorker   requests::set_settings, updateRequestSettings, "Choose how to hear of requests",
               example r#"{"mail":"digest"}"#;
        GET    "/api/v1/requests/{request}"                    RequestReader   requests::show,         getRequest,            "A request with its thread";
        GET    "/api/v1/requests/{request}/access"             RequestReader   requests::access,       listRequestAccess,     "Who sees a request, and why";
        POST   "/api/v1/requests/{request}/messages"           RequestReader   requests::add_message,  addRequestMessage,     "Write in a request's thread",
               example r#"{"body":"Which card?"}"#;
        POST   "/api/v1/requests/{request}/read"               RequestReader   requests::read,         markRequestRead,       "Mark a request as read";
        POST   "/api/v1/requests/{request}/claim"              RequestReceiver requests::claim,        claimRequest,          "Claim a request";
        POST   "/api/v1/requests/{request}/release"            RequestReceiver requests::release,      releaseRequest,        "Give a request back";
        POST   "/api/v1/requests/{request}/assign"             RequestReceiver requests::assign,       assignRequest,         "Hand a request to somebody of its user group",
               example r#"{"user":"{other_user}"}"#;
        POST   "/api/v1/requests/{request}/wait"               RequestReceiver requests::wait,         askRequestSender,      "Ask a request's sender something",
               example r#"{"body":"Which card?"}"#;
        POST   "/api/v1/requests/{request}/complete"           RequestReceiver requests::complete,     completeRequest,       "Finish a request",
               example r#"{"body":"Which card?"}"#;
        POST   "/api/v1/requests/{request}/decline"            RequestReceiver requests::decline,      declineRequest,        "Decline a request",
               example r#"{"reason":"Not insured with us."}"#;
        POST   "/api/v1/requests/{request}/cancel"             RequestAuthor   requests::cancel,       cancelRequest,         "Cancel a request";
        POST   "/api/v1/requests/{request}/reopen"             RequestAuthor   requests::reopen,       reopenRequest,         "Open a request again";
        POST   "/api/v1/requests/{request}/forward"            RequestReader   requests::forward,      forwardRequest,        "Pass a request to another user group",
               example r#"{"to":"{other_user_group}"}"#;
        POST   "/api/v1/requests/{request}/files"              RequestReader   requests::add_file,     attachRequestFile,     "Attach a file to a request", body File;
        GET    "/api/v1/requests/{request}/files/{file}"       RequestReader   requests::open_file,    getRequestFile,        "A file of a request";

        GET    "/a/{account}/requests"                         AccountWorker   pages::index,           "One of one's boxes of requests";
        POST   "/a/{account}/requests"                         RequestSender   pages::create,          "Send a request",
               example "to={user_group}&subject=Cover&body=Are+they+covered%3F&client={client}&case=&priority=normal&due=";
        GET    "/a/{account}/requests/new"                     RequestSender   pages::new,             "The form of a new request";
        GET    "/a/{account}/requests/live"                    AccountWorker   pages::live,            "How many requests are unread, live";
        GET    "/a/{account}/requests/settings"                AccountWorker   pages::settings,        "How one hears of requests";
        POST   "/a/{account}/requests/settings"                AccountWorker   pages::set_settings,    "Choose how to hear of requests",
               example "mail=digest";
        GET    "/a/{account}/requests/{request}"               RequestReader   pages::show,            "A request, its thread and files, and who sees it";
        POST   "/a/{account}/requests/{request}/messages"      RequestReader   pages::add_message,     "Write in a request's thread",
               example "body=Which+card%3F";
        POST   "/a/{account}/requests/{request}/claim"         RequestReceiver pages::claim,           "Claim a request",
               example "confirm=yes";
        POST   "/a/{account}/requests/{request}/release"       RequestReceiver pages::release,         "Give a request back",
               example "confirm=yes";
        POST   "/a/{account}/requests/{request}/assign"        RequestReceiver pages::assign,          "Hand a request to somebody of its user group",
               example "user={other_user}";
        POST   "/a/{account}/requests/{request}/wait"          RequestReceiver pages::wait,            "Ask a request's sender something",
               example "body=Which+card%3F";
        POST   "/a/{account}/requests/{request}/complete"      RequestReceiver pages::complete,        "Finish a request",
               example "body=Which+card%3F";
        POST   "/a/{account}/requests/{request}/decline"       RequestReceiver pages::decline,         "Decline a request",
               example "reason=Not+insured+with+us.";
        POST   "/a/{account}/requests/{request}/cancel"        RequestAuthor   pages::cancel,          "Cancel a request",
               example "confirm=yes";
        POST   "/a/{account}/requests/{request}/reopen"        RequestAuthor   pages::reopen,          "Open a request again",
               example "confirm=yes";
        POST   "/a/{account}/requests/{request}/forward"       RequestReader   pages::forward,         "Pass a request to another user group",
               example "to={other_user_group}";
        POST   "/a/{account}/requests/{request}/files"         RequestReader   pages::add_file,        "Attach a file to a request", body File;
        GET    "/a/{account}/requests/{request}/files/{file}"  RequestReader   requests::open_file,    "A file of a request";
    }
}
