//! The routes of workflows: each names the proof that it asks for. What is not in a table is not reachable.

use web::{Route, routes};

/// Every route of the wing.
pub fn routes() -> Vec<Route> {
    [
        shell(),
        onboarding(),
        acceptance(),
        new_group(),
        group_home(),
        directory(),
        departure(),
        crate::dashboard::routes(),
        crate::introduction::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[rustfmt::skip]
fn shell() -> Vec<Route> {
    use crate::shell::pages;

    routes! {
        GET    "/"       Anyone   pages::home,   "Goes to the caller's best place";
        GET    "/switch" SignedIn pages::switch, "Switch to another group";
    }
}

#[rustfmt::skip]
fn onboarding() -> Vec<Route> {
    use crate::onboarding::{api, pages};

    routes! {
        POST   "/api/v1/set-up"                Anyone   api::set_up,      "Set up a fresh server";
        POST   "/api/v1/verifications/{token}" Anyone   api::verify,      "Complete a sign-up";
        POST   "/api/v1/verify/{token}"        Anyone   api::verify,      "Complete a sign-up, at the path of the mail's link";
        POST   "/api/v1/accounts"              SignedIn api::open_own,    "Open an account of one's own";
        GET    "/set-up"                       Anyone   pages::set_up,    "Set up a fresh server";
        POST   "/set-up"                       Anyone   pages::do_set_up, "Set up a fresh server";
        GET    "/verify/{token}"               Anyone   pages::verify,    "Complete a sign-up";
        POST   "/verify/{token}"               Anyone   pages::do_verify, "Complete a sign-up";
        POST   "/accounts"                     SignedIn pages::open_own,  "Open an account of one's own";
    }
}

#[rustfmt::skip]
fn acceptance() -> Vec<Route> {
    use crate::acceptance::{api, pages};

    routes! {
        GET    "/api/v1/invitation-links/{token}"        Anyone api::look,     "Look at an invitation";
        POST   "/api/v1/invitation-links/{token}/accept" Anyone api::accept,   "Accept an invitation";
        POST   "/api/v1/invitations/{token}/accept"      Anyone api::accept,   "Accept an invitation, at the path of the mail's link";
        GET    "/invitations/{token}"                    Anyone pages::look,   "What an invitation offers";
        POST   "/invitations/{token}"                    Anyone pages::accept, "Accept an invitation";
    }
}

#[rustfmt::skip]
fn new_group() -> Vec<Route> {
    use crate::new_group::{api, pages};

    routes! {
        POST   "/api/v1/accounts/{account}/groups" AccountAdmin api::create,   "Create a group";
        GET    "/a/{account}/groups/new"           AccountAdmin pages::new,    "The form of a new group";
        POST   "/a/{account}/groups"               AccountAdmin pages::create, "Create a group";
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
        POST   "/a/{account}/users" AccountAdmin account::bulk,  "Do something with those who are ticked";
    }
}

#[rustfmt::skip]
fn departure() -> Vec<Route> {
    use crate::departure::{api, pages};

    routes! {
        PATCH  "/api/v1/accounts/{account}/members/{user}" AccountAdmin  api::change_role,   "Change a member's role";
        DELETE "/api/v1/accounts/{account}/members/{user}" AccountMember api::remove,        "Remove a member, or leave";
        POST   "/a/{account}/users/{user}/role"            AccountAdmin  pages::change_role, "Give a member another role";
        POST   "/a/{account}/users/{user}/remove"          AccountAdmin  pages::remove,      "Remove a member";
        POST   "/a/{account}/leave"                        AccountMember pages::leave,       "Leave an account";
    }
}
