//! The routes of people: each names the proof that it asks for. What is not in a table is not reachable.

use web::{Route, routes};

/// Every route of the wing.
pub fn routes() -> Vec<Route> {
    [sign_in(), accounts(), members(), groups(), locations(), invitations(), licenses()]
        .into_iter()
        .flatten()
        .collect()
}

#[rustfmt::skip]
fn sign_in() -> Vec<Route> {
    use crate::sign_in::{api, pages};

    routes! {
        POST   "/api/v1/sign-up"                 Anyone   api::sign_up,              "Sign up";
        POST   "/api/v1/sign-in"                 Anyone   api::sign_in,              "Sign in";
        POST   "/api/v1/sign-out"                SignedIn api::sign_out,             "Sign out";
        POST   "/api/v1/password-resets"         Anyone   api::ask_reset,            "Ask for a link to choose a new password";
        POST   "/api/v1/password-resets/{token}" Anyone   api::reset,                "Choose a new password by a link";
        POST   "/api/v1/addresses/{token}"       Anyone   api::confirm_address,      "Confirm a new address by a link";
        PATCH  "/api/v1/me"                      SignedIn api::update_profile,       "Change one's name and type";
        PUT    "/api/v1/me/password"             SignedIn api::change_password,      "Change one's password";
        PUT    "/api/v1/me/address"              SignedIn api::change_address,       "Change one's address, which then must be confirmed";
        GET    "/api/v1/me/sessions"             SignedIn api::sessions,             "List one's sessions";
        DELETE "/api/v1/me/sessions/{session}"   SignedIn api::end_session,          "End one of one's sessions";
        GET    "/sign-in"                        Anyone   pages::sign_in,            "Sign in";
        POST   "/sign-in"                        Anyone   pages::do_sign_in,         "Sign in";
        POST   "/sign-out"                       SignedIn pages::sign_out,           "Sign out";
        GET    "/sign-up"                        Anyone   pages::sign_up,            "Sign up";
        POST   "/sign-up"                        Anyone   pages::do_sign_up,         "Sign up";
        GET    "/forgot-password"                Anyone   pages::forgot,             "Ask for a link to choose a new password";
        POST   "/forgot-password"                Anyone   pages::ask_reset,          "Ask for a link to choose a new password";
        GET    "/password-resets/{token}"        Anyone   pages::reset,              "Choose a new password by a link";
        POST   "/password-resets/{token}"        Anyone   pages::do_reset,           "Choose a new password by a link";
        GET    "/addresses/{token}"              Anyone   pages::address,            "Confirm a new address by a link";
        POST   "/addresses/{token}"              Anyone   pages::confirm_address,    "Confirm a new address by a link";
        GET    "/profile"                        SignedIn pages::profile,            "One's profile, sessions and accounts";
        POST   "/profile"                        SignedIn pages::change_profile,     "Change one's name and type";
        POST   "/profile/address"                SignedIn pages::change_address,     "Change one's address, which then must be confirmed";
        POST   "/profile/password"               SignedIn pages::change_password,    "Change one's password";
        POST   "/profile/sessions/end-others"    SignedIn pages::end_other_sessions, "End all of one's other sessions";
        POST   "/profile/sessions/{session}/end" SignedIn pages::end_session,        "End one of one's sessions";
    }
}

#[rustfmt::skip]
fn accounts() -> Vec<Route> {
    use crate::accounts::{api, pages};

    routes! {
        GET    "/api/v1/me"                                    SignedIn      api::me,                "Who the caller is and what they belong to";
        GET    "/api/v1/accounts/{account}"                    AccountMember api::show,              "Show an account";
        PATCH  "/api/v1/accounts/{account}"                    AccountAdmin  api::change,            "Change an account's settings";
        GET    "/api/v1/accounts/{account}/protocols"          AccountMember api::list_protocols,    "List an account's protocols";
        POST   "/api/v1/accounts/{account}/protocols"          AccountAdmin  api::add_protocol,      "Add a protocol";
        PATCH  "/api/v1/protocols/{protocol}"                  ProtocolAdmin api::change_protocol,   "Rename, archive or restore a protocol";
        GET    "/api/v1/accounts/{account}/audit"              AccountAdmin  api::audit_trail,       "List the audit trail";
        GET    "/api/v1/accounts/{account}/audit/verification" AccountAdmin  api::verify_audit,      "Check the audit trail's chain of hashes";
        GET    "/api/v1/accounts/{account}/mail"               AccountAdmin  api::list_mail,         "List the account's mail";
        POST   "/api/v1/accounts/{account}/mail/{mail}/retry"  AccountAdmin  api::retry_mail,        "Try a failed mail again";
        GET    "/a/{account}/settings"                         AccountAdmin  pages::settings,        "An account's settings";
        POST   "/a/{account}/settings"                         AccountAdmin  pages::change_settings, "Change an account's settings";
        POST   "/a/{account}/protocols"                        AccountAdmin  pages::add_protocol,    "Add a protocol";
        POST   "/a/{account}/protocols/{protocol}"             ProtocolAdmin pages::change_protocol, "Rename, archive or restore a protocol";
        GET    "/a/{account}/activity"                         AccountAdmin  pages::activity,        "The audit trail";
        GET    "/a/{account}/activity.csv"                     AccountAdmin  pages::export_activity, "The audit trail as CSV";
        GET    "/a/{account}/mail"                             AccountAdmin  pages::mail,            "The account's mail";
        POST   "/a/{account}/mail/{mail}/retry"                AccountAdmin  pages::retry_mail,      "Try a failed mail again";
    }
}

#[rustfmt::skip]
fn members() -> Vec<Route> {
    use crate::members::{api, pages};

    routes! {
        GET    "/api/v1/accounts/{account}/members"                       AccountAdmin  api::index,                 "List an account's members";
        POST   "/api/v1/accounts/{account}/members/{user}/password-reset" AccountAdmin  api::send_password_reset,   "Send a member a link to choose a new password";
        POST   "/api/v1/accounts/{account}/ownership-transfers"           AccountOwner  api::offer_ownership,       "Offer the ownership";
        POST   "/api/v1/ownership-transfers/{transfer}/accept"            TransferParty api::accept_ownership,      "Accept the ownership";
        DELETE "/api/v1/ownership-transfers/{transfer}"                   TransferParty api::drop_offer,            "Withdraw or decline an offer of ownership";
        POST   "/a/{account}/users/{user}/password-reset"                 AccountAdmin  pages::send_password_reset, "Send a member a link to choose a new password";
        POST   "/a/{account}/users/{user}/offer-ownership"                AccountOwner  pages::offer_ownership,     "Offer the ownership";
        GET    "/transfers/{transfer}"                                    TransferParty pages::transfer,            "An offer of ownership";
        POST   "/transfers/{transfer}"                                    TransferParty pages::answer_transfer,     "Accept, decline or withdraw an offer of ownership";
    }
}

#[rustfmt::skip]
fn groups() -> Vec<Route> {
    use crate::groups::{api, pages};

    routes! {
        GET    "/api/v1/accounts/{account}/groups"     AccountMember api::index,         "List an account's groups that the caller may see";
        GET    "/api/v1/groups/{group}"                GroupReader   api::show,          "Show a group";
        PATCH  "/api/v1/groups/{group}"                GroupAdmin    api::change,        "Change, archive or restore a group";
        DELETE "/api/v1/groups/{group}"                GroupSteward  api::delete,        "Delete a group that never had a case";
        GET    "/api/v1/groups/{group}/members"        GroupReader   api::members,       "List a group's people";
        PUT    "/api/v1/groups/{group}/members/{user}" GroupAdmin    api::put_member,    "Add someone to a group, or change their role in it";
        DELETE "/api/v1/groups/{group}/members/{user}" GroupAdmin    api::remove_member, "Remove someone from a group";
        POST   "/api/v1/groups/{group}/leave"          GroupReader   api::leave,         "Leave a group";
        GET    "/a/{account}/groups"                   AccountMember pages::index,       "An account's groups";
        GET    "/g/{group}/live"                       GroupReader   pages::live,        "A group's live counts";
        GET    "/g/{group}/settings"                   GroupAdmin    pages::settings,    "A group's settings";
        POST   "/g/{group}/settings"                   GroupAdmin    pages::change,      "Rename or describe a group";
        POST   "/g/{group}/archive"                    GroupSteward  pages::archive,     "Archive or restore a group";
        POST   "/g/{group}/delete"                     GroupSteward  pages::delete,      "Delete a group that never had a case";
        POST   "/g/{group}/people"                     GroupAdmin    pages::add_people,  "Add people of the account to a group";
        POST   "/g/{group}/users/{user}/role"          GroupAdmin    pages::set_role,    "Give somebody a role in a group";
        POST   "/g/{group}/users/{user}/remove"        GroupAdmin    pages::remove,      "Remove somebody from a group";
        POST   "/g/{group}/leave"                      GroupReader   pages::leave,       "Leave a group";
    }
}

#[rustfmt::skip]
fn locations() -> Vec<Route> {
    use crate::locations::{api, pages};

    routes! {
        GET    "/api/v1/groups/{group}/locations"        GroupReader   api::index,     "List a group's locations";
        POST   "/api/v1/groups/{group}/locations"        GroupAdmin    api::create,    "Add a location";
        PATCH  "/api/v1/locations/{location}"            LocationAdmin api::change,    "Change, archive or restore a location";
        DELETE "/api/v1/locations/{location}"            LocationAdmin api::archive,   "Archive a location";
        GET    "/g/{group}/locations"                    GroupReader   pages::index,   "A group's locations";
        POST   "/g/{group}/locations"                    GroupAdmin    pages::add,     "Add a location";
        GET    "/g/{group}/locations/{location}"         LocationAdmin pages::edit,    "The form of a location";
        POST   "/g/{group}/locations/{location}"         LocationAdmin pages::change,  "Change a location";
        POST   "/g/{group}/locations/{location}/archive" LocationAdmin pages::archive, "Archive or restore a location";
    }
}

#[rustfmt::skip]
fn invitations() -> Vec<Route> {
    use crate::invitations::{api, pages};

    routes! {
        GET    "/api/v1/accounts/{account}/invitations"       AccountAdmin      api::index,                "List an account's invitations";
        POST   "/api/v1/accounts/{account}/invitations"       AccountAdmin      api::create,               "Invite people";
        GET    "/api/v1/groups/{group}/invitations"           GroupAdmin        api::index_of_group,       "List a group's invitations";
        POST   "/api/v1/groups/{group}/invitations"           GroupAdmin        api::create_in_group,      "Invite people into a group";
        POST   "/api/v1/invitations/{invitation}/resend"      InvitationManager api::resend,               "Send an invitation again";
        DELETE "/api/v1/invitations/{invitation}"             InvitationManager api::cancel,               "Cancel an invitation";
        GET    "/a/{account}/invite"                          AccountAdmin      pages::invite,             "The form of new invitations";
        POST   "/a/{account}/invite"                          AccountAdmin      pages::do_invite,          "Invite people";
        POST   "/a/{account}/invitations/{invitation}/resend" InvitationManager pages::resend,             "Send an invitation again";
        POST   "/a/{account}/invitations/{invitation}/cancel" InvitationManager pages::cancel,             "Cancel an invitation";
        GET    "/g/{group}/invite"                            GroupAdmin        pages::invite_to_group,    "The form of new invitations into a group";
        POST   "/g/{group}/invite"                            GroupAdmin        pages::do_invite_to_group, "Invite people into a group";
        POST   "/g/{group}/invitations/{invitation}/resend"   InvitationManager pages::resend,             "Send an invitation again";
        POST   "/g/{group}/invitations/{invitation}/cancel"   InvitationManager pages::cancel,             "Cancel an invitation";
    }
}

#[rustfmt::skip]
fn licenses() -> Vec<Route> {
    use crate::licenses::api;

    routes! {
        GET    "/api/v1/accounts/{account}/licenses" AccountAdmin api::show, "An account's licenses, and who takes each";
    }
}
