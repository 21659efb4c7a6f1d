//! The routes of this wing: one table per topic, with the JSON API first and the pages after it.
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
        tag "User groups", keys Members;

        GET    "/api/v1/accounts/{account}/user-groups"       AccountWorker  user_groups::index,    listUserGroups,           "List an account's user groups";
        POST   "/api/v1/accounts/{account}/user-groups"       AccountAdmin   user_groups::create,   createUserGroup,          "Create a user group",
               example r#"{"name":"Back office","members":["{user}"],"privileges":["requests.send"]}"#;
        GET    "/api/v1/user-groups/{user_group}"             UserGroupAdmin user_groups::show,     getUserGroup,             "Show a user group with its members";
        PUT    "/api/v1/user-groups/{user_group}"             UserGroupAdmin user_groups::save,     saveUserGroup,            "Save a user group",
               example r#"{"name":"Insurance","description":"","active":true,"default":true,"members":["{user}","{other_user}"],"privileges":["requests.receive"]}"#;
        DELETE "/api/v1/user-groups/{user_group}"             UserGroupAdmin user_groups::delete,   deleteUserGroup,          "Delete a user group and reassign its open requests";
        GET    "/api/v1/user-groups/{user_group}/deletion"    UserGroupAdmin user_groups::deletion, previewUserGroupDeletion, "Preview the deletion of a user group";
        GET    "/api/v1/accounts/{account}/privileges"        AccountWorker  user_groups::rights,   listPrivileges,           "List the caller's privileges, and where each comes from", person;

        GET    "/a/{account}/user-groups"                     AccountAdmin   pages::index,          "The user groups, and the form of a new one";
        POST   "/a/{account}/user-groups"                     AccountAdmin   pages::create,         "Create a user group",
               example "name=Back+office&active=yes&members={user}";
        GET    "/a/{account}/user-groups/{user_group}"        UserGroupAdmin pages::show,           "A user group with its members";
        POST   "/a/{account}/user-groups/{user_group}"        UserGroupAdmin pages::save,           "Save a user group",
               example "name=Insurance&was_name=Insurance&version=1&active=yes&members={user}";
        POST   "/a/{account}/user-groups/{user_group}/delete" UserGroupAdmin pages::delete,         "Delete a user group",
               example "version=1&confirm=yes";
        GET    "/a/{account}/rights"                          AccountWorker  pages::rights,         "Your privileges, and where each comes from";
    }
}

/// Requests.
#[rustfmt::skip]
fn requests() -> Vec<Route> {
    use crate::requests::{api as requests, pages};

    routes! {
        tag "Requests";

        GET    "/api/v1/accounts/{account}/requests"           AccountWorker   requests::index,        listRequests,          "List the requests in a mailbox of the caller";
        POST   "/api/v1/accounts/{account}/requests"           RequestSender   requests::send,         sendRequest,           "Send a request to a user group",
               example r#"{"to":"{user_group}","subject":"Cover","body":"Are they covered?","clients":["{client}"]}"#;
        GET    "/api/v1/accounts/{account}/requests/receivers" AccountWorker   requests::receivers,    listRequestReceivers,  "List the user groups that can receive requests";
        GET    "/api/v1/accounts/{account}/requests/unread"    AccountWorker   requests::unread,       countUnreadRequests,   "Count unread requests";
        GET    "/api/v1/accounts/{account}/requests/settings"  AccountWorker   requests::settings,     getRequestSettings,    "Show the caller's email settings for requests";
        PUT    "/api/v1/accounts/{account}/requests/settings"  AccountWorker   requests::set_settings, updateRequestSettings, "Change the email settings for requests",
               example r#"{"mail":"digest"}"#;
        GET    "/api/v1/requests/{request}"                    RequestReader   requests::show,         getRequest,            "Show a request with its thread";
        GET    "/api/v1/requests/{request}/access"             RequestReader   requests::access,       listRequestAccess,     "List who can see a request, and why";
        POST   "/api/v1/requests/{request}/messages"           RequestReader   requests::add_message,  addRequestMessage,     "Add a message to a request",
               example r#"{"body":"Which card?"}"#;
        POST   "/api/v1/requests/{request}/read"               RequestReader   requests::read,         markRequestRead,       "Mark a request as read";
        POST   "/api/v1/requests/{request}/claim"              RequestReceiver requests::claim,        claimRequest,          "Claim a request";
        POST   "/api/v1/requests/{request}/release"            RequestReceiver requests::release,      releaseRequest,        "Release a request";
        POST   "/api/v1/requests/{request}/assign"             RequestReceiver requests::assign,       assignRequest,         "Assign a request to a person in its user group",
               example r#"{"user":"{other_user}"}"#;
        POST   "/api/v1/requests/{request}/ask"                RequestReceiver requests::ask,          askRequestSender,      "Ask the sender of a request",
               example r#"{"body":"Which card?"}"#;
        POST   "/api/v1/requests/{request}/complete"           RequestReceiver requests::complete,     completeRequest,       "Complete a request",
               example r#"{"body":"Which card?"}"#;
        POST   "/api/v1/requests/{request}/decline"            RequestReceiver requests::decline,      declineRequest,        "Decline a request",
               example r#"{"reason":"Not insured with us."}"#;
        POST   "/api/v1/requests/{request}/cancel"             RequestAuthor   requests::cancel,       cancelRequest,         "Cancel a request";
        POST   "/api/v1/requests/{request}/reopen"             RequestAuthor   requests::reopen,       reopenRequest,         "Reopen a request";
        POST   "/api/v1/requests/{request}/undo"               RequestReceiver requests::undo,         undoRequestStep,       "Undo your claim, release or completion of a request";
        POST   "/api/v1/requests/{request}/forward"            RequestReader   requests::forward,      forwardRequest,        "Forward a request to another user group",
               example r#"{"to":"{other_user_group}"}"#;
        POST   "/api/v1/requests/{request}/files"              RequestReader   requests::add_file,     attachRequestFile,     "Attach a file to a request", body File, nowhere;
        GET    "/api/v1/requests/{request}/files/{file}"       RequestReader   requests::open_file,    getRequestFile,        "A file of a request";

        GET    "/a/{account}/requests"                         AccountWorker   pages::index,           "A mailbox of requests";
        POST   "/a/{account}/requests"                         RequestSender   pages::create,          "Send a request",
               example "to={user_group}&subject=Cover&body=Are+they+covered%3F&client={client}&case=&priority=normal&due=";
        GET    "/a/{account}/requests/new"                     RequestSender   pages::new,             "The form of a new request";
        GET    "/a/{account}/requests/live"                    AccountWorker   pages::live,            "The live counts of unread requests";
        GET    "/a/{account}/requests/settings"                AccountWorker   pages::settings,        "The email settings for requests";
        POST   "/a/{account}/requests/settings"                AccountWorker   pages::set_settings,    "Change the email settings for requests",
               example "mail=digest";
        GET    "/a/{account}/requests/{request}"               RequestReader   pages::show,            "A request with its thread and files, and who can see it";
        POST   "/a/{account}/requests/{request}/messages"      RequestReader   pages::add_message,     "Add a message to a request",
               example "body=Which+card%3F";
        POST   "/a/{account}/requests/{request}/claim"         RequestReceiver pages::claim,           "Claim a request",
               example "confirm=yes";
        POST   "/a/{account}/requests/{request}/release"       RequestReceiver pages::release,         "Release a request",
               example "confirm=yes";
        POST   "/a/{account}/requests/{request}/assign"        RequestReceiver pages::assign,          "Assign a request to a person in its user group",
               example "user={other_user}&confirm=yes";
        POST   "/a/{account}/requests/{request}/ask"           RequestReceiver pages::ask,             "Ask the sender of a request",
               example "body=Which+card%3F";
        POST   "/a/{account}/requests/{request}/complete"      RequestReceiver pages::complete,        "Complete a request",
               example "body=Which+card%3F";
        POST   "/a/{account}/requests/{request}/decline"       RequestReceiver pages::decline,         "Decline a request",
               example "reason=Not+insured+with+us.";
        POST   "/a/{account}/requests/{request}/cancel"        RequestAuthor   pages::cancel,          "Cancel a request",
               example "confirm=yes";
        POST   "/a/{account}/requests/{request}/reopen"        RequestAuthor   pages::reopen,          "Reopen a request",
               example "confirm=yes";
        POST   "/a/{account}/requests/{request}/undo"          RequestReceiver pages::undo,            "Undo your claim, release or completion of a request",
               example "version=2";
        POST   "/a/{account}/requests/{request}/forward"       RequestReader   pages::forward,         "Forward a request to another user group",
               example "to={other_user_group}&confirm=yes";
        POST   "/a/{account}/requests/{request}/files"         RequestReader   pages::add_file,        "Attach a file to a request", body File;
        GET    "/a/{account}/requests/{request}/files/{file}"  RequestReader   requests::open_file,    "A file of a request";
    }
}
