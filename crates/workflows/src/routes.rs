//! The routes of workflows: each names the proof that it asks for. What is not in a table is not reachable.

use web::{Route, routes};

/// The paths that are there only where something is sold.
pub const SOLD: [&str; 2] = ["/a/{account}/licenses/ask", "/api/v1/accounts/{account}/license-requests"];

/// Every route of the wing.
pub fn routes() -> Vec<Route> {
    [
        shell(),
        find(),
        onboarding(),
        acceptance(),
        new_group(),
        group_home(),
        directory(),
        departure(),
        crate::dashboard::routes(),
        crate::introduction::routes(),
        crate::pictures::routes(),
        crate::operator::routes(),
        crate::operator::asking_routes(),
        #[cfg(debug_assertions)]
        design(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// In development builds alone.
#[cfg(debug_assertions)]
#[rustfmt::skip]
fn design() -> Vec<Route> {
    use crate::design::pages;

    routes! {
        GET    "/design" SignedIn pages::design, "Every part of pages in every state, in development builds";
    }
}

#[rustfmt::skip]
fn shell() -> Vec<Route> {
    use crate::shell::pages;

    routes! {
        GET    "/"       Anyone    pages::home,   "Go to the caller's start page";
        GET    "/live"   SignedIn  pages::live,   "The reader's unread requests, for as long as the session lasts", quiet;
        GET    "/switch" AnyWorker pages::switch, "Switch to another group or account";
    }
}

#[rustfmt::skip]
fn find() -> Vec<Route> {
    use crate::find::{api, pages};

    routes! {
        tag "Search";

        GET    "/api/v1/find" SignedIn api::find,   searchEverything, "Search cases, clients, people, handouts, pages and actions",
               example "q=bella&group={group}";
        GET    "/find"        SignedIn pages::find, "What a search found",
               example "q=bella&group={group}";
    }
}

#[rustfmt::skip]
fn onboarding() -> Vec<Route> {
    use crate::onboarding::{api, pages};

    routes! {
        tag "Accounts", keys Account;

        POST   "/api/v1/set-up"                Anyone   api::set_up,      setUpServer,          "Set up a fresh server",
               example r#"{"code":"x","account_name":"Riverside","practice_kind":"veterinary","name":"Ann","email":"ann@riverside.test","password":"eleven gray wagtails","group_name":"Alder Creek","location_name":"Parlour"}"#;
        POST   "/api/v1/verifications/{token}" Anyone   api::verify,      completeSignUp,       "Complete a sign-up",
               example r#"{"password":"eleven gray wagtails"}"#;
        POST   "/api/v1/verify/{token}"        Anyone   api::verify,      completeSignUpAtLink, "Complete a sign-up, at the path of the email's link",
               example r#"{"password":"eleven gray wagtails"}"#;
        POST   "/api/v1/accounts"              SignedIn api::open_own,    openAccount,          "Open your own account",
               example r#"{"account_name":"Own","practice_kind":"veterinary"}"#;
        GET    "/set-up"                       Anyone   pages::set_up,    "Set up a fresh server";
        POST   "/set-up"                       Anyone   pages::do_set_up, "Set up a fresh server",
               example "code=x&account_name=Riverside&practice_kind=veterinary&name=Ann&email=ann%40riverside.test&password=eleven+gray+wagtails&group_name=Alder+Creek&location_name=Parlour";
        GET    "/verify/{token}"               Anyone   pages::verify,    "Complete a sign-up";
        POST   "/verify/{token}"               Anyone   pages::do_verify, "Complete a sign-up",
               example "password=eleven+gray+wagtails";
        POST   "/accounts"                     SignedIn pages::open_own,  "Open your own account",
               example "account_name=Own&practice_kind=veterinary";
    }
}

#[rustfmt::skip]
fn acceptance() -> Vec<Route> {
    use crate::acceptance::{api, pages};

    routes! {
        tag "Invitations", keys Members;

        GET    "/api/v1/invitation-links/{token}"        Anyone api::look,     getInvitationLink,      "Show an invitation", person;
        POST   "/api/v1/invitation-links/{token}/accept" Anyone api::accept,   acceptInvitation,       "Accept an invitation", person,
               example r#"{"name":"New","password":"eleven gray wagtails"}"#;
        POST   "/api/v1/invitations/{token}/accept"      Anyone api::accept,   acceptInvitationAtLink, "Accept an invitation, at the path of the email's link", person,
               example r#"{"name":"New","password":"eleven gray wagtails"}"#;
        GET    "/api/v1/me/invitations"                     SignedIn api::waiting,     listMyInvitations,  "The invitations that wait for the caller's proved address", person;
        GET    "/api/v1/me/invitations/{invitation}"        SignedIn api::look_at_own, getMyInvitation,    "What an invitation to the caller offers", person;
        POST   "/api/v1/me/invitations/{invitation}/accept" SignedIn api::accept_own,  acceptMyInvitation, "Accept an invitation to the caller's proved address", person,
               example "{}";
        GET    "/me/invitations"                            SignedIn pages::waiting,     "The invitations that wait for the caller";
        GET    "/me/invitations/{invitation}"               SignedIn pages::look_at_own, "What an invitation to the caller offers";
        POST   "/me/invitations/{invitation}"               SignedIn pages::accept_own,  "Accept an invitation to the caller",
               example "";
        GET    "/invitations/{token}"                    Anyone pages::look,   "What an invitation offers";
        POST   "/invitations/{token}"                    Anyone pages::accept, "Accept an invitation",
               example "name=New&password=eleven+gray+wagtails";
    }
}

#[rustfmt::skip]
fn new_group() -> Vec<Route> {
    use crate::new_group::{api, pages};

    routes! {
        tag "Groups", keys Groups;

        POST   "/api/v1/accounts/{account}/groups" GroupMaker api::create,   createGroup, "Create a group",
               example r#"{"name":"Third"}"#;
        GET    "/a/{account}/groups/new"           GroupMaker pages::new,    "The form of a new group";
        POST   "/a/{account}/groups"               GroupMaker pages::create, "Create a group",
               example "name=Third";
    }
}

#[rustfmt::skip]
fn group_home() -> Vec<Route> {
    use crate::group_home::pages;

    routes! {
        GET    "/g/{group}" GroupReader pages::home, "A group's home";
    }
}

#[rustfmt::skip]
fn directory() -> Vec<Route> {
    use crate::directory::{account, group};

    routes! {
        GET    "/g/{group}/users"   GroupReader  group::users,   "A group's people and invitations";
        GET    "/a/{account}/users" AccountAdmin account::index, "An account's people and invitations";
        POST   "/a/{account}/users" AccountAdmin account::bulk,  "Act on the people selected",
               example "do=remove&who={user}&confirm=yes";
    }
}

#[rustfmt::skip]
fn departure() -> Vec<Route> {
    use crate::departure::{api, pages};

    routes! {
        tag "Members", keys Members;

        PATCH  "/api/v1/accounts/{account}/members/{user}" AccountAdmin  api::change_role,   updateMember, "Change a member's role",
               example r#"{"role":"administrator"}"#;
        DELETE "/api/v1/accounts/{account}/members/{user}" AccountMember api::remove,        removeMember, "Remove a member, or leave";
        POST   "/api/v1/accounts/{account}/close"          AccountOwner  api::close_account, closeAccount, "Permanently close an individual account", person;
        POST   "/a/{account}/close"                        AccountOwner  pages::close_account, "Permanently close an individual account",
               example "confirm=yes";
        POST   "/a/{account}/users/{user}/role"            AccountAdmin  pages::change_role, "Give a member another role",
               example "role=administrator";
        POST   "/a/{account}/users/{user}/remove"          AccountAdmin  pages::remove,      "Remove a member",
               example "confirm=yes";
        POST   "/a/{account}/leave"                        AccountMember pages::leave,       "Leave an account",
               example "confirm=yes";
    }
}
