//! The route table. What is not in it is not reachable.
//!
//! Each line: the method, the path, the proof that it asks of its caller, the handler, and what it does.
//! A handler whose first parameter is not a `May` of that very proof does not compile.

use crate::{
    accounts::api as accounts,
    billing::api as billing,
    cases::api as cases,
    groups::api as groups,
    handouts::api as handouts,
    health,
    invitations::api as invitations,
    licenses::api as licenses,
    locations::api as locations,
    members::api as members,
    routes,
    sign_in::api as sign_in,
    web::{self, Route, assets},
};

/// The JSON API and the probes.
#[rustfmt::skip]
#[allow(clippy::too_many_lines, reason = "a table has as many lines as it has rows")]
pub fn api() -> Vec<Route> {
    routes! {
        GET    "/healthz"                                           Anyone            health::alive,               "Whether the process runs";
        GET    "/readyz"                                            Anyone            health::ready,               "Whether it can serve: the database answers";
        GET    "/metrics"                                           Anyone            health::metrics,             "Counters for monitoring";
        GET    "/api/openapi.json"                                  Anyone            health::openapi,             "This API's document";
        GET    "/api/docs"                                          Anyone            health::docs,                "This API's document, to be read";

        POST   "/api/v1/set-up"                                     Anyone            accounts::set_up,            "Set up a fresh server";
        POST   "/api/v1/sign-up"                                    Anyone            sign_in::sign_up,            "Sign up";
        POST   "/api/v1/verifications/{token}"                      Anyone            sign_in::verify,             "Complete a sign-up";
        POST   "/api/v1/verify/{token}"                             Anyone            sign_in::verify,             "Complete a sign-up, at the path of the mail's link";
        POST   "/api/v1/sign-in"                                    Anyone            sign_in::sign_in,            "Sign in";
        POST   "/api/v1/sign-out"                                   SignedIn          sign_in::sign_out,           "Sign out";
        POST   "/api/v1/password-resets"                            Anyone            sign_in::ask_reset,          "Ask for a link to choose a new password";
        POST   "/api/v1/password-resets/{token}"                    Anyone            sign_in::reset,              "Choose a new password by a link";
        POST   "/api/v1/addresses/{token}"                          Anyone            sign_in::confirm_address,    "Confirm a new address by a link";

        GET    "/api/v1/me"                                         SignedIn          accounts::me,                "Who the caller is and what they belong to";
        PATCH  "/api/v1/me"                                         SignedIn          sign_in::update_profile,     "Change one's name and type";
        PUT    "/api/v1/me/password"                                SignedIn          sign_in::change_password,    "Change one's password";
        PUT    "/api/v1/me/address"                                 SignedIn          sign_in::change_address,     "Change one's address, which then must be confirmed";
        GET    "/api/v1/me/sessions"                                SignedIn          sign_in::sessions,           "List one's sessions";
        DELETE "/api/v1/me/sessions/{session}"                      SignedIn          sign_in::end_session,        "End one of one's sessions";

        POST   "/api/v1/accounts"                                   SignedIn          accounts::open_own,          "Open an account of one's own";
        GET    "/api/v1/accounts/{account}"                         AccountMember     accounts::show,              "Show an account";
        PATCH  "/api/v1/accounts/{account}"                         AccountAdmin      accounts::change,            "Change an account's settings";
        GET    "/api/v1/accounts/{account}/protocols"               AccountMember     accounts::list_protocols,    "List an account's protocols";
        POST   "/api/v1/accounts/{account}/protocols"               AccountAdmin      accounts::add_protocol,      "Add a protocol";
        PATCH  "/api/v1/protocols/{protocol}"                       ProtocolAdmin     accounts::change_protocol,   "Rename, archive or restore a protocol";
        GET    "/api/v1/accounts/{account}/audit"                   AccountAdmin      accounts::audit_trail,       "List the audit trail";
        GET    "/api/v1/accounts/{account}/audit/verification"      AccountAdmin      accounts::verify_audit,      "Check the audit trail's chain of hashes";
        GET    "/api/v1/accounts/{account}/mail"                    AccountAdmin      accounts::list_mail,         "List the account's mail";
        POST   "/api/v1/accounts/{account}/mail/{mail}/retry"       AccountAdmin      accounts::retry_mail,        "Try a failed mail again";

        GET    "/api/v1/accounts/{account}/members"                 AccountAdmin      members::index,              "List an account's members";
        PATCH  "/api/v1/accounts/{account}/members/{user}"          AccountAdmin      members::change_role,        "Change a member's role";
        DELETE "/api/v1/accounts/{account}/members/{user}"          AccountMember     members::remove,             "Remove a member, or leave";
        POST   "/api/v1/accounts/{account}/members/{user}/password-reset" AccountAdmin members::send_password_reset, "Send a member a link to choose a new password";
        POST   "/api/v1/accounts/{account}/ownership-transfers"     AccountOwner      members::offer_ownership,    "Offer the ownership";
        POST   "/api/v1/ownership-transfers/{transfer}/accept"      TransferParty     members::accept_ownership,   "Accept the ownership";
        DELETE "/api/v1/ownership-transfers/{transfer}"             TransferParty     members::drop_offer,         "Withdraw or decline an offer of ownership";

        GET    "/api/v1/price-list"                                 Anyone            billing::prices,             "What things cost";
        GET    "/api/v1/accounts/{account}/licenses"                AccountAdmin      licenses::show,              "An account's licenses, and who takes each";
        GET    "/api/v1/accounts/{account}/subscription"            AccountAdmin      billing::show,               "Show an account's subscription";
        GET    "/api/v1/accounts/{account}/subscription/price"      AccountAdmin      billing::price,              "What a change would cost at this moment";
        POST   "/api/v1/accounts/{account}/subscription/quotes"     AccountAdmin      billing::quote,              "Fix the price of a change for 15 minutes";
        GET    "/api/v1/accounts/{account}/subscription/quotes/{quote}" AccountAdmin  billing::show_quote,         "Show a quote";
        POST   "/api/v1/accounts/{account}/subscription/purchases"  AccountAdmin      billing::purchase,           "Buy what a quote offers";
        POST   "/api/v1/accounts/{account}/subscription/cancellation" AccountOwner    billing::cancel,             "End a subscription, at its renewal or now";
        DELETE "/api/v1/accounts/{account}/subscription/cancellation" AccountOwner    billing::keep,               "Take back what was planned for the renewal";
        PUT    "/api/v1/accounts/{account}/payment-method"          AccountAdmin      billing::set_method,         "Pay with this card from now on";
        GET    "/api/v1/accounts/{account}/billing"                 AccountAdmin      billing::details,            "To whom an account's invoices go";
        PUT    "/api/v1/accounts/{account}/billing"                 AccountAdmin      billing::change_details,     "Change to whom an account's invoices go";
        GET    "/api/v1/accounts/{account}/invoices"                AccountAdmin      billing::invoices,           "List an account's invoices and credit notes";
        GET    "/api/v1/accounts/{account}/ledger"                  AccountAdmin      billing::ledger,             "List what was charged, credited and paid";
        GET    "/api/v1/invoices/{invoice}"                         InvoiceAdmin      billing::invoice,            "Show an invoice; with .pdf, as a document";
        POST   "/api/v1/invoices/{invoice}/payments"                InvoiceAdmin      billing::record_payment,     "Record a payment that was made outside";
        POST   "/api/v1/invoices/{invoice}/charges"                 InvoiceAdmin      billing::pay_now,            "Charge the card now with what is owed";
        GET    "/api/v1/accounts/{account}/introduction"            AccountAdmin      billing::introduction,       "The letter that introduces the team";
        PUT    "/api/v1/accounts/{account}/introduction"            AccountAdmin      billing::change_introduction, "Change that letter";
        POST   "/api/v1/accounts/{account}/introduction/sends"      AccountAdmin      billing::send_introduction,  "Send that letter";
        POST   "/api/v1/webhooks/stripe"                            Anyone            billing::stripe_tells,       "What Stripe tells by itself";

        GET    "/api/v1/accounts/{account}/invitations"             AccountAdmin      invitations::index,          "List an account's invitations";
        POST   "/api/v1/accounts/{account}/invitations"             AccountAdmin      invitations::create,         "Invite people";
        GET    "/api/v1/groups/{group}/invitations"                 GroupAdmin        invitations::index_of_group, "List a group's invitations";
        POST   "/api/v1/groups/{group}/invitations"                 GroupAdmin        invitations::create_in_group, "Invite people into a group";
        POST   "/api/v1/invitations/{invitation}/resend"            InvitationManager invitations::resend,         "Send an invitation again";
        DELETE "/api/v1/invitations/{invitation}"                   InvitationManager invitations::cancel,         "Cancel an invitation";
        GET    "/api/v1/invitation-links/{token}"                   Anyone            invitations::look,           "Look at an invitation";
        POST   "/api/v1/invitation-links/{token}/accept"            Anyone            invitations::accept,         "Accept an invitation";
        POST   "/api/v1/invitations/{token}/accept"                 Anyone            invitations::accept,         "Accept an invitation, at the path of the mail's link";

        GET    "/api/v1/accounts/{account}/groups"                  AccountMember     groups::index,               "List an account's groups that the caller may see";
        POST   "/api/v1/accounts/{account}/groups"                  AccountAdmin      groups::create,              "Create a group";
        GET    "/api/v1/groups/{group}"                             GroupReader       groups::show,                "Show a group";
        PATCH  "/api/v1/groups/{group}"                             GroupAdmin        groups::change,              "Change, archive or restore a group";
        DELETE "/api/v1/groups/{group}"                             GroupSteward      groups::delete,              "Delete a group that never had a case";
        GET    "/api/v1/groups/{group}/members"                     GroupReader       groups::members,             "List a group's people";
        PUT    "/api/v1/groups/{group}/members/{user}"              GroupAdmin        groups::put_member,          "Add someone to a group, or change their role in it";
        DELETE "/api/v1/groups/{group}/members/{user}"              GroupAdmin        groups::remove_member,       "Remove someone from a group";
        POST   "/api/v1/groups/{group}/leave"                       GroupReader       groups::leave,               "Leave a group";

        GET    "/api/v1/groups/{group}/locations"                   GroupReader       locations::index,            "List a group's locations";
        POST   "/api/v1/groups/{group}/locations"                   GroupAdmin        locations::create,           "Add a location";
        PATCH  "/api/v1/locations/{location}"                       LocationAdmin     locations::change,           "Change, archive or restore a location";
        DELETE "/api/v1/locations/{location}"                       LocationAdmin     locations::archive,          "Archive a location";

        GET    "/api/v1/groups/{group}/cases"                       GroupReader       cases::index,                "List a group's cases";
        POST   "/api/v1/groups/{group}/cases"                       GroupMember       cases::create,               "Create a case";
        GET    "/api/v1/cases"                                      SignedIn          cases::index_of_all,         "List the cases of all groups";
        GET    "/api/v1/cases/{case}"                               CaseReader        cases::show,                 "Show a case";
        PATCH  "/api/v1/cases/{case}"                               CaseEditor        cases::change,               "Change, close or reopen a case";
        GET    "/api/v1/cases/{case}/notes"                         CaseReader        cases::notes,                "List a case's notes";
        POST   "/api/v1/cases/{case}/notes"                         CaseEditor        cases::add_note,             "Add a note";
        GET    "/api/v1/cases/{case}/files"                         CaseReader        cases::files,                "List a case's files";
        POST   "/api/v1/cases/{case}/files"                         CaseEditor        cases::add_file,             "Attach a file";
        GET    "/api/v1/cases/{case}/access"                        CaseReader        cases::access,               "Who can see a case, and why";
        GET    "/api/v1/files/{file}"                               FileReader        cases::open_file,            "Open a file";
        DELETE "/api/v1/files/{file}"                               FileEditor        cases::remove_file,          "Take a file off its case";

        GET    "/api/v1/handouts"                                   SignedIn          handouts::index,             "Search handouts";
        POST   "/api/v1/accounts/{account}/handouts"                HandoutAuthor     handouts::create,            "Add a handout, or copy one";
        GET    "/api/v1/handouts/{handout}"                         HandoutReader     handouts::show,              "Show a handout";
        PATCH  "/api/v1/handouts/{handout}"                         HandoutEditor     handouts::change,            "Change, archive or restore a handout";
        GET    "/api/v1/handouts/{handout}/versions"                HandoutReader     handouts::versions,          "List a handout's versions";
        PUT    "/api/v1/handouts/{handout}/favorite"               HandoutReader     handouts::add_favorite,     "Make a handout a favorite";
        DELETE "/api/v1/handouts/{handout}/favorite"               HandoutReader     handouts::drop_favorite,    "Make a handout no favorite";
        PUT    "/api/v1/handouts/{handout}/note"                    HandoutReader     handouts::set_note,          "Keep a private note on a handout";
        POST   "/api/v1/handouts/{handout}/shares"                  HandoutReader     handouts::share,             "Email a handout, or make a link to it";
        GET    "/api/v1/accounts/{account}/handout-shares"          AccountMember     handouts::shares,            "List what was sent";
        DELETE "/api/v1/accounts/{account}/handout-shares/{share}"  AccountMember     handouts::revoke,            "Take a share back";
    }
}

/// The pages, and what they load.
#[rustfmt::skip]
#[allow(clippy::too_many_lines, reason = "a table has as many lines as it has rows")]
pub fn pages() -> Vec<Route> {
    use crate::{
        accounts::pages as accounts, cases::{api as case_files, pages as cases}, groups::pages as groups,
        handouts::pages as handouts, invitations::pages as invitations, locations::pages as locations, members::pages as members,
        sign_in::pages as sign_in,
        web::texts,
    };

    routes! {
        GET    "/"                                                  Anyone            accounts::home,              "Goes to the caller's best place";
        GET    "/set-up"                                            Anyone            accounts::set_up,            "Set up a fresh server";
        POST   "/set-up"                                            Anyone            accounts::do_set_up,         "Set up a fresh server";
        GET    "/switch"                                            SignedIn          accounts::switch,            "Switch to another group";
        GET    "/sign-in"                                           Anyone            sign_in::sign_in,            "Sign in";
        POST   "/sign-in"                                           Anyone            sign_in::do_sign_in,         "Sign in";
        POST   "/sign-out"                                          SignedIn          sign_in::sign_out,           "Sign out";
        GET    "/sign-up"                                           Anyone            sign_in::sign_up,            "Sign up";
        POST   "/sign-up"                                           Anyone            sign_in::do_sign_up,         "Sign up";
        GET    "/verify/{token}"                                    Anyone            sign_in::verify,             "Complete a sign-up";
        POST   "/verify/{token}"                                    Anyone            sign_in::do_verify,          "Complete a sign-up";
        GET    "/forgot-password"                                   Anyone            sign_in::forgot,             "Ask for a link to choose a new password";
        POST   "/forgot-password"                                   Anyone            sign_in::ask_reset,          "Ask for a link to choose a new password";
        GET    "/password-resets/{token}"                           Anyone            sign_in::reset,              "Choose a new password by a link";
        POST   "/password-resets/{token}"                           Anyone            sign_in::do_reset,           "Choose a new password by a link";
        GET    "/addresses/{token}"                                 Anyone            sign_in::address,            "Confirm a new address by a link";
        POST   "/addresses/{token}"                                 Anyone            sign_in::confirm_address,    "Confirm a new address by a link";
        GET    "/profile"                                           SignedIn          sign_in::profile,            "One's profile, sessions and accounts";
        POST   "/profile"                                           SignedIn          sign_in::change_profile,     "Change one's name and type";
        POST   "/profile/address"                                   SignedIn          sign_in::change_address,     "Change one's address, which then must be confirmed";
        POST   "/profile/password"                                  SignedIn          sign_in::change_password,    "Change one's password";
        POST   "/profile/sessions/end-others"                       SignedIn          sign_in::end_other_sessions, "End all of one's other sessions";
        POST   "/profile/sessions/{session}/end"                    SignedIn          sign_in::end_session,        "End one of one's sessions";

        POST   "/accounts"                                          SignedIn          accounts::open_own,          "Open an account of one's own";
        GET    "/a/{account}/settings"                              AccountAdmin      accounts::settings,          "An account's settings";
        POST   "/a/{account}/settings"                              AccountAdmin      accounts::change_settings,   "Change an account's settings";
        POST   "/a/{account}/protocols"                             AccountAdmin      accounts::add_protocol,      "Add a protocol";
        POST   "/a/{account}/protocols/{protocol}"                  ProtocolAdmin     accounts::change_protocol,   "Rename, archive or restore a protocol";
        GET    "/a/{account}/activity"                              AccountAdmin      accounts::activity,          "The audit trail";
        GET    "/a/{account}/activity.csv"                          AccountAdmin      accounts::export_activity,   "The audit trail as CSV";
        GET    "/a/{account}/mail"                                  AccountAdmin      accounts::mail,              "The account's mail";
        POST   "/a/{account}/mail/{mail}/retry"                     AccountAdmin      accounts::retry_mail,        "Try a failed mail again";

        GET    "/a/{account}/groups"                                AccountMember     groups::index,               "An account's groups";
        GET    "/a/{account}/groups/new"                            AccountAdmin      groups::new,                 "The form of a new group";
        POST   "/a/{account}/groups"                                AccountAdmin      groups::create,              "Create a group";
        GET    "/g/{group}"                                         GroupReader       groups::home,                "A group's home";
        GET    "/g/{group}/live"                                    GroupReader       groups::live,                "A group's live counts";
        GET    "/g/{group}/settings"                                GroupAdmin        groups::settings,            "A group's settings";
        POST   "/g/{group}/settings"                                GroupAdmin        groups::change,              "Rename or describe a group";
        POST   "/g/{group}/archive"                                 GroupSteward      groups::archive,             "Archive or restore a group";
        POST   "/g/{group}/delete"                                  GroupSteward      groups::delete,              "Delete a group that never had a case";
        GET    "/g/{group}/users"                                   GroupReader       groups::users,               "A group's people and invitations";
        POST   "/g/{group}/people"                                  GroupAdmin        groups::add_people,          "Add people of the account to a group";
        POST   "/g/{group}/users/{user}/role"                       GroupAdmin        groups::set_role,            "Give somebody a role in a group";
        POST   "/g/{group}/users/{user}/remove"                     GroupAdmin        groups::remove,              "Remove somebody from a group";
        POST   "/g/{group}/leave"                                   GroupReader       groups::leave,               "Leave a group";

        GET    "/g/{group}/locations"                               GroupReader       locations::index,            "A group's locations";
        POST   "/g/{group}/locations"                               GroupAdmin        locations::add,              "Add a location";
        GET    "/g/{group}/locations/{location}"                    LocationAdmin     locations::edit,             "The form of a location";
        POST   "/g/{group}/locations/{location}"                    LocationAdmin     locations::change,           "Change a location";
        POST   "/g/{group}/locations/{location}/archive"            LocationAdmin     locations::archive,          "Archive or restore a location";

        GET    "/g/{group}/cases"                                   GroupReader       cases::index,                "A group's cases";
        GET    "/g/{group}/cases/new"                               GroupMember       cases::new,                  "The form of a new case";
        POST   "/g/{group}/cases"                                   GroupMember       cases::create,               "Create a case";
        GET    "/g/{group}/cases/{case}"                            CaseReader        cases::show,                 "A case, its notes and files, and who can see it";
        GET    "/g/{group}/cases/{case}/edit"                       CaseEditor        cases::edit,                 "The form of a case";
        POST   "/g/{group}/cases/{case}/edit"                       CaseEditor        cases::change,               "Change a case";
        POST   "/g/{group}/cases/{case}/status"                     CaseEditor        cases::set_status,           "Close or reopen a case";
        POST   "/g/{group}/cases/{case}/notes"                      CaseEditor        cases::add_note,             "Add a note";
        POST   "/g/{group}/cases/{case}/files"                      CaseEditor        cases::add_file,             "Attach a file";
        GET    "/g/{group}/case-files/{file}"                       FileReader        case_files::open_file,       "Open a file";
        POST   "/g/{group}/case-files/{file}/remove"                FileEditor        cases::remove_file,          "Take a file off its case";
        GET    "/all/cases"                                         SignedIn          cases::index_of_mine,        "The cases of all of one's groups";
        GET    "/a/{account}/cases"                                 AccountAdmin      cases::index_of_account,     "The cases of all groups of an account";

        GET    "/a/{account}/handouts"                              AccountMember     handouts::index,             "The library of handouts";
        GET    "/a/{account}/handouts/new"                          HandoutAuthor     handouts::new,               "The form of a new handout";
        POST   "/a/{account}/handouts"                              HandoutAuthor     handouts::create,            "Add a handout";
        GET    "/a/{account}/handouts/sent"                         AccountMember     handouts::sent,              "What was sent";
        POST   "/a/{account}/handouts/sent/{share}/revoke"          AccountMember     handouts::revoke,            "Take a share back";
        GET    "/a/{account}/handouts/{handout}"                    HandoutReader     handouts::show,              "A handout, to be read and given";
        GET    "/a/{account}/handouts/{handout}/print"              HandoutReader     handouts::print,             "A handout on paper";
        GET    "/a/{account}/handouts/{handout}/versions"           HandoutReader     handouts::versions,          "A handout's versions";
        POST   "/a/{account}/handouts/{handout}/favorite"          HandoutReader     handouts::set_favorite,     "Make a handout a favorite, or no longer";
        POST   "/a/{account}/handouts/{handout}/note"               HandoutReader     handouts::set_note,          "Keep a private note on a handout";
        POST   "/a/{account}/handouts/{handout}/share"              HandoutReader     handouts::share,             "Email a handout, or make a link to it";
        POST   "/a/{account}/handouts/{handout}/copy"               HandoutAuthor     handouts::copy,              "Make an own copy of a handout";
        GET    "/a/{account}/handouts/{handout}/edit"               HandoutEditor     handouts::edit,              "The form of a handout";
        POST   "/a/{account}/handouts/{handout}/edit"               HandoutEditor     handouts::change,            "Change a handout";
        POST   "/a/{account}/handouts/{handout}/archive"            HandoutEditor     handouts::archive,           "Archive or restore a handout";
        GET    "/h/{token}"                                         Anyone            handouts::open,              "A handout that was shared";

        GET    "/a/{account}/users"                                 AccountAdmin      members::index,              "An account's people and invitations";
        POST   "/a/{account}/users"                                 AccountAdmin      members::bulk,               "Do something with those who are ticked";
        POST   "/a/{account}/users/{user}/role"                     AccountAdmin      members::change_role,        "Give a member another role";
        POST   "/a/{account}/users/{user}/remove"                   AccountAdmin      members::remove,             "Remove a member";
        POST   "/a/{account}/users/{user}/password-reset"           AccountAdmin      members::send_password_reset, "Send a member a link to choose a new password";
        POST   "/a/{account}/users/{user}/offer-ownership"          AccountOwner      members::offer_ownership,    "Offer the ownership";
        POST   "/a/{account}/leave"                                 AccountMember     members::leave,              "Leave an account";
        GET    "/transfers/{transfer}"                              TransferParty     members::transfer,           "An offer of ownership";
        POST   "/transfers/{transfer}"                              TransferParty     members::answer_transfer,    "Accept, decline or withdraw an offer of ownership";

        GET    "/a/{account}/invite"                                AccountAdmin      invitations::invite,         "The form of new invitations";
        POST   "/a/{account}/invite"                                AccountAdmin      invitations::do_invite,      "Invite people";
        POST   "/a/{account}/invitations/{invitation}/resend"       InvitationManager invitations::resend,         "Send an invitation again";
        POST   "/a/{account}/invitations/{invitation}/cancel"       InvitationManager invitations::cancel,         "Cancel an invitation";
        GET    "/g/{group}/invite"                                  GroupAdmin        invitations::invite_to_group, "The form of new invitations into a group";
        POST   "/g/{group}/invite"                                  GroupAdmin        invitations::do_invite_to_group, "Invite people into a group";
        POST   "/g/{group}/invitations/{invitation}/resend"         InvitationManager invitations::resend,         "Send an invitation again";
        POST   "/g/{group}/invitations/{invitation}/cancel"         InvitationManager invitations::cancel,         "Cancel an invitation";
        GET    "/invitations/{token}"                               Anyone            invitations::look,           "What an invitation offers";
        POST   "/invitations/{token}"                               Anyone            invitations::accept,         "Accept an invitation";

        GET    "/guide"                                             Anyone            texts::guide,                "The quick-start guide";
        GET    "/terms"                                             Anyone            texts::terms,                "The terms of use";

        GET    "/assets/{hash}/{name}"                              Anyone            assets::serve,               "The stylesheet, the script, the icons";
    }
}

/// The pages of the admin dashboard.
#[rustfmt::skip]
pub fn dashboard() -> Vec<Route> {
    use crate::billing::{
        dashboard::pages as dashboard, introduce::pages as introduce, invoice::pages as invoices, pages as billing,
    };

    routes! {
        GET    "/a/{account}/dashboard"                             AccountAdmin      dashboard::my_group,         "An account's people, licenses and figures";
        POST   "/a/{account}/dashboard"                             AccountAdmin      dashboard::rename,           "Rename an account";
        GET    "/a/{account}/billing"                               AccountAdmin      dashboard::details,          "The practice's particulars, and to whom invoices go";
        POST   "/a/{account}/billing"                               AccountAdmin      dashboard::change_details,   "Change to whom invoices go";
        POST   "/a/{account}/practice"                              AccountAdmin      dashboard::change_practice,  "Change the practice's particulars";
        GET    "/a/{account}/subscription"                          AccountAdmin      billing::subscription,       "An account's subscription and invoices";
        POST   "/a/{account}/subscription/cancel"                   AccountOwner      billing::cancel,             "End a subscription, at its renewal or now";
        POST   "/a/{account}/subscription/keep"                     AccountOwner      billing::keep,               "Take back what was planned for the renewal";
        GET    "/a/{account}/licenses"                              AccountAdmin      billing::licenses,           "Choose licenses and a plan, with the price";
        POST   "/a/{account}/licenses"                              AccountAdmin      billing::review,             "Fix the price of a change for 15 minutes";
        GET    "/a/{account}/quotes/{quote}"                        AccountAdmin      billing::quote,              "A purchase to be confirmed, and what became of it";
        POST   "/a/{account}/quotes/{quote}/purchase"               AccountAdmin      billing::purchase,           "Buy what a quote offers";
        GET    "/a/{account}/payment-method"                        AccountAdmin      billing::entered_card,       "Back from the payment provider's page";
        POST   "/a/{account}/payment-method"                        AccountAdmin      billing::enter_card,         "Enter a card at the payment provider";
        POST   "/a/{account}/payment-method/use"                    AccountAdmin      billing::use_card,           "Pay with the card that was entered";
        GET    "/a/{account}/introduce"                             AccountAdmin      introduce::letter,           "The letter that introduces the team";
        POST   "/a/{account}/introduce"                             AccountAdmin      introduce::save,             "Save that letter, or show how it will be read";
        POST   "/a/{account}/introduce/send"                        AccountAdmin      introduce::send,             "Send that letter";
        GET    "/invoices/{invoice}"                                InvoiceAdmin      invoices::show,              "An invoice; with .pdf, as a document";
        POST   "/invoices/{invoice}/payments"                       InvoiceAdmin      invoices::record,            "Record a payment that was made outside";
        POST   "/invoices/{invoice}/charges"                        InvoiceAdmin      invoices::charge,            "Charge the card now with what is owed";
    }
}

/// User groups and client groups, in JSON and HTML.
#[rustfmt::skip]
pub fn user_and_client_groups() -> Vec<Route> {
    use crate::{
        client_groups::{api as client_groups, pages as client_group_pages},
        user_groups::{api as user_groups, pages as user_group_pages},
    };
    routes! {
        GET    "/api/v1/accounts/{account}/user-groups"             AccountWorker     user_groups::index,          "List an account's user groups";
        POST   "/api/v1/accounts/{account}/user-groups"             AccountAdmin      user_groups::create,         "Create a user group";
        GET    "/api/v1/user-groups/{user_group}"                   UserGroupAdmin    user_groups::show,           "Show a user group with everybody in it";
        PUT    "/api/v1/user-groups/{user_group}"                   UserGroupAdmin    user_groups::save,           "Save a user group whole";
        DELETE "/api/v1/user-groups/{user_group}"                   UserGroupAdmin    user_groups::delete,         "Delete a user group, and hand its open requests to another";
        GET    "/api/v1/user-groups/{user_group}/deletion"          UserGroupAdmin    user_groups::deletion,       "What deleting a user group would do";
        GET    "/api/v1/accounts/{account}/privileges"              AccountWorker     user_groups::rights,         "What the caller may by privilege, and why";

        GET    "/api/v1/groups/{group}/client-groups"               GroupReader       client_groups::index,        "List a group's client groups";
        POST   "/api/v1/groups/{group}/client-groups"               GroupMember       client_groups::create,       "Create a client group";
        GET    "/api/v1/client-groups/{client_group}"               ClientGroupReader client_groups::show,         "Show a client group with every client in it";
        PUT    "/api/v1/client-groups/{client_group}"               ClientGroupEditor client_groups::save,         "Save a client group whole";
        DELETE "/api/v1/client-groups/{client_group}"               ClientGroupEditor client_groups::delete,       "Delete a client group";

        GET    "/a/{account}/user-groups"                           AccountAdmin      user_group_pages::index,     "Choose a user group, or make one";
        POST   "/a/{account}/user-groups"                           AccountAdmin      user_group_pages::create,    "Create a user group";
        GET    "/a/{account}/user-groups/{user_group}"              UserGroupAdmin    user_group_pages::show,      "A user group and everybody in it";
        POST   "/a/{account}/user-groups/{user_group}"              UserGroupAdmin    user_group_pages::save,      "Save a user group";
        POST   "/a/{account}/user-groups/{user_group}/delete"       UserGroupAdmin    user_group_pages::delete,    "Delete a user group";
        GET    "/a/{account}/rights"                                AccountWorker     user_group_pages::rights,    "What oneself may by privilege, and why";
        GET    "/g/{group}/client-groups"                           GroupReader       client_group_pages::index,   "Choose a client group, or make one";
        POST   "/g/{group}/client-groups"                           GroupMember       client_group_pages::create,  "Create a client group";
        GET    "/g/{group}/client-groups/{client_group}"            ClientGroupReader client_group_pages::show,    "A client group and its clients";
        POST   "/g/{group}/client-groups/{client_group}"            ClientGroupEditor client_group_pages::save,    "Save a client group";
        POST   "/g/{group}/client-groups/{client_group}/delete"     ClientGroupEditor client_group_pages::delete,  "Delete a client group";
    }
}

/// Requests, in JSON and HTML.
#[rustfmt::skip]
pub fn requests() -> Vec<Route> {
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

/// Clients and their import, in JSON and HTML.
#[rustfmt::skip]
pub fn clients() -> Vec<Route> {
    use crate::clients::{
        api as clients, import::api as imports, import::pages as import, merge::pages as merge, pages,
    };

    routes! {
        GET    "/api/v1/groups/{group}/clients"                     GroupReader       clients::index,              "A group's clients, by name";
        POST   "/api/v1/groups/{group}/clients"                     GroupMember       clients::create,             "Add a client";
        GET    "/api/v1/groups/{group}/clients/duplicates"          ClientKeeper      clients::duplicates,         "Likely duplicates among a group's clients";
        GET    "/api/v1/groups/{group}/clients.csv"                 ClientKeeper      clients::export,             "A group's clients as CSV, as an import reads them";
        GET    "/api/v1/clients/{client}"                           ClientReader      clients::show,               "A client";
        PATCH  "/api/v1/clients/{client}"                           ClientEditor      clients::change,             "Change a client";
        DELETE "/api/v1/clients/{client}"                           ClientCurator     clients::archive,            "Archive a client";
        POST   "/api/v1/clients/{client}/animals"                   ClientEditor      clients::add_animal,         "Add an animal to a client";
        PATCH  "/api/v1/clients/{client}/animals/{animal}"          ClientEditor      clients::change_animal,      "Change an animal of a client";
        DELETE "/api/v1/clients/{client}/animals/{animal}"          ClientEditor      clients::archive_animal,     "Archive an animal of a client";
        POST   "/api/v1/clients/{client}/merge"                     ClientCurator     clients::merge,              "Merge a client into another";
        GET    "/api/v1/clients/{client}/cases"                     ClientReader      clients::cases,              "The cases on a client";
        GET    "/api/v1/clients/{client}/access"                    ClientReader      clients::access,             "Who can see a client, and why";

        POST   "/api/v1/groups/{group}/client-imports"              ClientKeeper      imports::create,             "Read in a file of clients, as CSV";
        GET    "/api/v1/client-imports/{import}"                    ImportKeeper      imports::show,               "An import, and how far it is";
        DELETE "/api/v1/client-imports/{import}"                    ImportKeeper      imports::discard,            "Discard an import";
        GET    "/api/v1/client-imports/{import}/lines"              ImportKeeper      imports::lines,              "An import's lines, with what becomes of each";
        POST   "/api/v1/client-imports/{import}/run"                ImportKeeper      imports::run,                "Add an import's clients";

        GET    "/api/v1/groups/{group}/cases.csv"                   CaseExporter      cases::export,               "A group's cases as CSV";

        GET    "/g/{group}/clients"                                 GroupReader       pages::index,                "A group's clients";
        GET    "/g/{group}/clients/new"                             GroupMember       pages::new,                  "The form of a new client";
        POST   "/g/{group}/clients"                                 GroupMember       pages::create,               "Add a client";
        GET    "/g/{group}/clients.csv"                             ClientKeeper      clients::export,             "A group's clients as CSV";
        GET    "/g/{group}/cases.csv"                               CaseExporter      cases::export,               "A group's cases as CSV";
        GET    "/g/{group}/clients/duplicates"                      ClientKeeper      pages::duplicates,           "Likely duplicates among a group's clients";
        GET    "/g/{group}/clients/import"                          ClientKeeper      import::choose,              "The form of an import of clients";
        POST   "/g/{group}/clients/import"                          ClientKeeper      import::upload,              "Read in a file of clients";
        GET    "/g/{group}/clients/imports/{import}"                ImportKeeper      import::show,                "An import, line by line";
        POST   "/g/{group}/clients/imports/{import}/run"            ImportKeeper      import::run,                 "Add an import's clients";
        POST   "/g/{group}/clients/imports/{import}/discard"        ImportKeeper      import::discard,             "Discard an import";
        GET    "/g/{group}/clients/imports/{import}/not-added.csv"  ImportKeeper      import::left_over,           "An import's lines that were not added";
        GET    "/g/{group}/clients/{client}"                        ClientReader      pages::show,                 "A client, their animals and cases, and who can see them";
        GET    "/g/{group}/clients/{client}/cases"                  ClientReader      pages::cases,                "The cases on a client";
        GET    "/g/{group}/clients/{client}/edit"                   ClientEditor      pages::edit,                 "The form of a client";
        POST   "/g/{group}/clients/{client}/edit"                   ClientEditor      pages::change,               "Change a client";
        POST   "/g/{group}/clients/{client}/archive"                ClientCurator     pages::archive,              "Archive or restore a client";
        POST   "/g/{group}/clients/{client}/animals"                ClientEditor      pages::add_animal,           "Add an animal to a client";
        GET    "/g/{group}/clients/{client}/animals/{animal}"       ClientEditor      pages::edit_animal,          "The form of an animal";
        POST   "/g/{group}/clients/{client}/animals/{animal}"       ClientEditor      pages::change_animal,        "Change an animal of a client";
        POST   "/g/{group}/clients/{client}/animals/{animal}/archive" ClientEditor    pages::archive_animal,       "Archive or restore an animal of a client";
        GET    "/g/{group}/clients/{client}/merge"                  ClientCurator     merge::choose,               "Two clients side by side, before they are merged";
        POST   "/g/{group}/clients/{client}/merge"                  ClientCurator     merge::merge,                "Merge a client into another";
    }
}

/// Charts and group notes, in JSON and HTML.
#[rustfmt::skip]
pub fn notes() -> Vec<Route> {
    use crate::notes::{
        api as notes, group::{api as group_notes, pages as group_note_pages}, pages as note_pages,
        types::{api as note_types, pages as note_type_pages},
    };

    routes! {
        GET    "/api/v1/accounts/{account}/note-types"              AccountWorker     note_types::index,           "List an account's note types";
        POST   "/api/v1/accounts/{account}/note-types"              AccountAdmin      note_types::create,          "Add a note type";
        PATCH  "/api/v1/note-types/{note_type}"                     NoteTypeAdmin     note_types::change,          "Rename, rewrite, archive or restore a note type";

        GET    "/api/v1/clients/{client}/notes"                     ClientReader      notes::index,                "A client's chart";
        POST   "/api/v1/clients/{client}/notes"                     ClientEditor      notes::write,                "Write a note into a client's chart";
        GET    "/api/v1/notes/{note}"                               NoteReader        notes::show,                 "Show a note";
        PATCH  "/api/v1/notes/{note}"                               NoteEditor        notes::change,               "Change a draft";
        DELETE "/api/v1/notes/{note}"                               NoteEditor        notes::delete,               "Delete a draft";
        POST   "/api/v1/notes/{note}/release"                       NoteReleaser      notes::release,              "Release a note: from then on it never changes";
        POST   "/api/v1/notes/{note}/addenda"                       NoteEditor        notes::add,                  "Add to a released note";

        GET    "/api/v1/client-groups/{client_group}/notes"         ClientGroupReader group_notes::index,          "List the group notes of a client group";
        POST   "/api/v1/client-groups/{client_group}/notes"         ClientGroupEditor group_notes::write,          "Write a group note";
        GET    "/api/v1/group-notes/{group_note}"                   GroupNoteReader   group_notes::show,           "Show a group note, who was there, and what was made from it";
        PATCH  "/api/v1/group-notes/{group_note}"                   GroupNoteEditor   group_notes::change,         "Change a group note or its attendance";
        DELETE "/api/v1/group-notes/{group_note}"                   GroupNoteEditor   group_notes::delete,         "Delete a group note with its drafts";
        POST   "/api/v1/group-notes/{group_note}/generate"          GroupNoteEditor   group_notes::generate,       "Make or renew a note for each client who was there";
        POST   "/api/v1/group-notes/{group_note}/release"           GroupNoteReleaser group_notes::release,        "Release notes of a group note, all or none";

        GET    "/a/{account}/note-types"                            AccountAdmin      note_type_pages::index,      "An account's note types";
        POST   "/a/{account}/note-types"                            AccountAdmin      note_type_pages::add,        "Add a note type";
        POST   "/a/{account}/note-types/{note_type}"                NoteTypeAdmin     note_type_pages::change,     "Rename, rewrite, archive or restore a note type";
        GET    "/g/{group}/clients/{client}/chart"                  ClientReader      note_pages::chart,           "A client's chart";
        GET    "/g/{group}/clients/{client}/notes/new"              ClientEditor      note_pages::new,             "The form of a new note";
        POST   "/g/{group}/clients/{client}/notes"                  ClientEditor      note_pages::create,          "Write a note into a client's chart";
        GET    "/g/{group}/notes/{note}"                            NoteReader        note_pages::show,            "A note, to be read, written and released";
        POST   "/g/{group}/notes/{note}"                            NoteEditor        note_pages::change,          "Change a draft";
        POST   "/g/{group}/notes/{note}/shared"                     NoteEditor        note_pages::to_shared,       "Give a draft the shared text of its group note again";
        POST   "/g/{group}/notes/{note}/release"                    NoteReleaser      note_pages::release,         "Release a note";
        POST   "/g/{group}/notes/{note}/addenda"                    NoteEditor        note_pages::add,             "Add to a released note";
        POST   "/g/{group}/notes/{note}/delete"                     NoteEditor        note_pages::delete,          "Delete a draft";
        GET    "/g/{group}/client-groups/{client_group}/notes"      ClientGroupReader group_note_pages::index,     "The group notes of a client group";
        GET    "/g/{group}/client-groups/{client_group}/notes/new"  ClientGroupEditor group_note_pages::new,       "The form of a new group note";
        POST   "/g/{group}/client-groups/{client_group}/notes"      ClientGroupEditor group_note_pages::create,    "Write a group note";
        GET    "/g/{group}/group-notes/{group_note}"                GroupNoteReader   group_note_pages::show,      "A group note, who was there, and what was made from it";
        POST   "/g/{group}/group-notes/{group_note}"                GroupNoteEditor   group_note_pages::change,    "Save a group note, and make its notes if asked to";
        POST   "/g/{group}/group-notes/{group_note}/release"        GroupNoteReleaser group_note_pages::release,   "Release all drafts of a group note";
        POST   "/g/{group}/group-notes/{group_note}/delete"         GroupNoteEditor   group_note_pages::delete,    "Delete a group note with its drafts";
    }
}

/// The API's document.
pub fn document() -> utoipa::openapi::OpenApi {
    web::document(all())
}

/// Everything.
pub fn all() -> Vec<Route> {
    let mut routes = api();
    routes.extend(pages());
    for more in [dashboard, user_and_client_groups, requests, clients, notes] {
        routes.extend(more());
    }
    routes
}
