//! The routes of people: each names the proof that it asks for. What is not in a table is not reachable.

use web::{Route, routes};

/// Every route of the wing.
pub fn routes() -> Vec<Route> {
    [
        sign_in(),
        factors(),
        accounts(),
        members(),
        activity(),
        groups(),
        locations(),
        invitations(),
        licenses(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[rustfmt::skip]
fn sign_in() -> Vec<Route> {
    use crate::sign_in::{
        api,
        pages::{self, proving},
    };

    routes! {
        tag "Sign-in";

        POST   "/api/v1/sign-up"                 Anyone   api::sign_up,              signUp,               "Sign up",
               example r#"{"email":"a@b.test","password":"eleven gray wagtails","name":"Ann","account_name":"Riverside","practice_kind":"veterinary"}"#;
        POST   "/api/v1/sign-in"                 Anyone   api::sign_in,              signIn,               "Sign in",
               example r#"{"email":"elsewhere@riverside.test","password":"eleven gray wagtails"}"#;
        POST   "/api/v1/sign-out"                SignedIn api::sign_out,             signOut,              "Sign out", any_strength;
        POST   "/api/v1/me/proof"                SignedIn api::prove,                proveAgain,           "Prove again who you are", any_strength,
               example r#"{"password":"eleven gray wagtails"}"#;
        POST   "/api/v1/password-resets"         Anyone   api::ask_reset,            requestPasswordReset, "Ask for a link to reset your password",
               example r#"{"email":"member@riverside.test"}"#;
        POST   "/api/v1/password-resets/{token}" Anyone   api::reset,                resetPassword,        "Reset your password by a link",
               example r#"{"password":"eleven gray wagtails"}"#;
        POST   "/api/v1/addresses/{token}"       Anyone   api::confirm_address,      confirmAddress,       "Confirm a new address by a link";
        PATCH  "/api/v1/me"                      SignedIn api::update_profile,       updateMe,             "Change your name and user type",
               example r#"{"name":"Member"}"#;
        PUT    "/api/v1/me/password"             SignedIn api::change_password,      changePassword,       "Change your password",
               example r#"{"current_password":"eleven gray wagtails","password":"twelve gray wagtails"}"#;
        PUT    "/api/v1/me/address"              SignedIn api::change_address,       changeAddress,        "Change your email address, which you then confirm",
               example r#"{"current_password":"eleven gray wagtails","email":"m@m.test"}"#;
        GET    "/api/v1/me/sessions"             SignedIn api::sessions,             listSessions,         "List your sessions";
        DELETE "/api/v1/me/sessions/{session}"   SignedIn api::end_session,          endSession,           "End one of your sessions";
        GET    "/sign-in"                        Anyone   pages::sign_in,            "Sign in";
        POST   "/sign-in"                        Anyone   pages::do_sign_in,         "Sign in",
               example "email=elsewhere%40riverside.test&password=eleven+gray+wagtails";
        POST   "/sign-in/second"                 Anyone   proving::second,           "Confirm a sign-in by a second factor",
               example "token={second_step}&code={second_code}";
        POST   "/sign-in/passkey"                Anyone   proving::ask_for_passkey,  "Ask the browser for a passkey",
               example "next=/";
        POST   "/sign-in/passkey/confirm"        Anyone   proving::by_passkey,       "Sign in with a passkey alone",
               example "token={passkey_alone}&passkey={passkey_answer}";
        GET    "/prove"                          SignedIn proving::prove,            "Prove again who you are", any_strength,
               example "next=/profile";
        POST   "/prove"                          SignedIn proving::prove_again,      "Prove again who you are, on the way to somewhere else", any_strength,
               example "name=Member";
        POST   "/prove/confirm"                  SignedIn proving::confirm,          "Prove again who you are", any_strength,
               example "proof_password=eleven+gray+wagtails&proof_next=/profile";
        POST   "/sign-out"                       SignedIn pages::sign_out,           "Sign out", any_strength,
               example "confirm=yes";
        GET    "/sign-up"                        Anyone   pages::sign_up,            "Sign up";
        POST   "/sign-up"                        Anyone   pages::do_sign_up,         "Sign up",
               example "email=a%40b.test&password=eleven+gray+wagtails&name=Ann&account_name=Riverside&practice_kind=veterinary";
        GET    "/forgot-password"                Anyone   pages::forgot,             "Ask for a link to reset your password";
        POST   "/forgot-password"                Anyone   pages::ask_reset,          "Ask for a link to reset your password",
               example "email=member%40riverside.test";
        GET    "/password-resets/{token}"        Anyone   pages::reset,              "Reset your password by a link";
        POST   "/password-resets/{token}"        Anyone   pages::do_reset,           "Reset your password by a link",
               example "password=eleven+gray+wagtails";
        GET    "/addresses/{token}"              Anyone   pages::address,            "Confirm a new address by a link";
        POST   "/addresses/{token}"              Anyone   pages::confirm_address,    "Confirm a new address by a link",
               example "confirm=yes";
        GET    "/profile"                        SignedIn pages::profile,            "Your profile, sessions, and accounts";
        POST   "/profile"                        SignedIn pages::change_profile,     "Change your name and user type",
               example "name=Member&user_type=office";
        POST   "/profile/address"                SignedIn pages::change_address,     "Change your email address, which you then confirm",
               example "email=m%40m.test&current_password=eleven+gray+wagtails";
        POST   "/profile/password"               SignedIn pages::change_password,    "Change your password",
               example "old_password=eleven+gray+wagtails&password=twelve+gray+wagtails";
        POST   "/profile/sessions/end-others"    SignedIn pages::end_other_sessions, "End all your other sessions",
               example "confirm=yes";
        POST   "/profile/sessions/{session}/end" SignedIn pages::end_session,        "End one of your sessions",
               example "confirm=yes";
    }
}

#[rustfmt::skip]
fn factors() -> Vec<Route> {
    use crate::factors::{api, pages};

    routes! {
        tag "Second factors";

        GET    "/api/v1/me/second-factors"                                     SignedIn     api::index,           getMySecondFactors,      "Your second factors, and who requires one of you", any_strength;
        POST   "/api/v1/me/second-factors/app"                                 SignedIn     api::begin_app,       beginAuthenticatorApp,   "Begin to set up an authenticator app", fresh, any_strength;
        POST   "/api/v1/me/second-factors/app/confirm"                         SignedIn     api::finish_app,      confirmAuthenticatorApp, "Set up an authenticator app by its first code", fresh, any_strength,
               example r#"{"token":"{new_app}","code":"{new_code}"}"#;
        DELETE "/api/v1/me/second-factors/{factor}"                            SignedIn     api::remove,          removeSecondFactor,      "Remove one of your second factors", fresh, any_strength;
        POST   "/api/v1/me/recovery-codes"                                     SignedIn     api::make_codes,      createRecoveryCodes,     "Get new recovery codes in the place of those before", fresh, any_strength;
        GET    "/api/v1/accounts/{account}/second-factor-rule"                 AccountAdmin api::rule,            getSecondFactorRule,     "Of whom an account requires a second factor";
        PUT    "/api/v1/accounts/{account}/second-factor-rule"                 AccountAdmin api::set_rule,        setSecondFactorRule,     "Require a second factor, from a date on", fresh,
               example r#"{"who":"managers"}"#;
        GET    "/api/v1/accounts/{account}/second-factors"                     AccountAdmin api::people,          listSecondFactors,       "List an account's members with the second factors that they have";
        POST   "/api/v1/accounts/{account}/members/{user}/second-factor-reset" AccountAdmin api::reset,           resetSecondFactors,      "Reset a member's second factors", fresh;
        GET    "/second-factor"                               SignedIn     pages::index,          "Your second factors", any_strength,
               example "next=/profile";
        POST   "/second-factor/app"                           SignedIn     pages::begin_app,      "Begin to set up an authenticator app", fresh, any_strength,
               example "next=/profile";
        POST   "/second-factor/app/confirm"                   SignedIn     pages::finish_app,     "Set up an authenticator app by its first code", fresh, any_strength,
               example "token={new_app}&code={new_code}";
        POST   "/second-factor/passkey"                       SignedIn     pages::begin_passkey,  "Ask the browser for a new passkey", fresh, any_strength,
               example "next=/profile";
        POST   "/second-factor/passkey/confirm"               SignedIn     pages::finish_passkey, "Keep a new passkey", fresh, any_strength,
               example "token={new_passkey}&name=Blue+key&passkey={new_passkey_answer}";
        POST   "/second-factor/recovery-codes"                SignedIn     pages::make_codes,     "Get new recovery codes", fresh, any_strength,
               example "confirm=yes";
        POST   "/second-factor/{factor}/remove"               SignedIn     pages::remove,         "Remove one of your second factors", fresh, any_strength,
               example "confirm=yes";
        GET    "/a/{account}/second-factor"                   AccountAdmin pages::rule,           "Of whom an account requires a second factor";
        POST   "/a/{account}/second-factor"                   AccountAdmin pages::set_rule,       "Require a second factor, from a date on", fresh,
               example "who=managers";
        POST   "/a/{account}/users/{user}/second-factor-reset" AccountAdmin pages::reset,         "Reset a member's second factors", fresh,
               example "confirm=yes";
    }
}

#[rustfmt::skip]
fn accounts() -> Vec<Route> {
    use crate::{
        accounts::{api, pages},
        first_steps::{api as steps_api, pages as steps_pages},
    };

    routes! {
        tag "Accounts", keys Account;

        GET    "/api/v1/me"                                   SignedIn      api::me,                getMe,          "Who the caller is and what they belong to", person, any_strength;
        GET    "/api/v1/accounts/{account}"                   AccountMember api::show,              getAccount,     "Show an account";
        PATCH  "/api/v1/accounts/{account}"                   AccountAdmin  api::change,            updateAccount,  "Change an account's settings",
               example r#"{"name":"Riverside II"}"#;
        GET    "/api/v1/accounts/{account}/protocols"         AccountMember api::list_protocols,    listProtocols,  "List an account's protocols";
        POST   "/api/v1/accounts/{account}/protocols"         AccountAdmin  api::add_protocol,      createProtocol, "Add a protocol",
               example r#"{"name":"Dentistry"}"#;
        PATCH  "/api/v1/protocols/{protocol}"                 ProtocolAdmin api::change_protocol,   updateProtocol, "Rename, archive or restore a protocol",
               example r#"{"name":"Dentistry"}"#;
        GET    "/api/v1/accounts/{account}/mail"              AccountAdmin  api::list_mail,         listMail,       "List the account's mail", person;
        POST   "/api/v1/accounts/{account}/mail/{mail}/retry" AccountAdmin  api::retry_mail,        retryMail,      "Retry a failed email";
        GET    "/api/v1/accounts/{account}/first-steps"       AccountAdmin  steps_api::show,          getFirstSteps,    "What a practice has to do first, and what of it is done";
        PATCH  "/api/v1/accounts/{account}/first-steps"       AccountAdmin  steps_api::change,        updateFirstSteps, "Dismiss the list of first steps, or bring it back",
               example r#"{"dismissed":true}"#;
        POST   "/a/{account}/first-steps"                     AccountAdmin  steps_pages::change,      "Dismiss the list of first steps, or bring it back",
               example "dismissed=true";
        GET    "/a/{account}/settings"                        AccountAdmin  pages::settings,        "An account's settings";
        POST   "/a/{account}/settings"                        AccountAdmin  pages::change_settings, "Change an account's settings",
               example "name=Riverside+Vets&time_zone=UTC&version=1";
        POST   "/a/{account}/protocols"                       AccountAdmin  pages::add_protocol,    "Add a protocol",
               example "protocol=Dentistry";
        POST   "/a/{account}/protocols/{protocol}"            ProtocolAdmin pages::change_protocol, "Rename, archive or restore a protocol",
               example "name=Dentistry";
        GET    "/a/{account}/mail"                            AccountAdmin  pages::mail,            "The account's mail";
        POST   "/a/{account}/mail/{mail}/retry"               AccountAdmin  pages::retry_mail,      "Retry a failed email",
               example "confirm=yes";
    }
}

#[rustfmt::skip]
fn members() -> Vec<Route> {
    use crate::members::{api, pages};

    routes! {
        tag "Members", keys Members;

        GET    "/api/v1/accounts/{account}/members"                       AccountAdmin  api::index,                 listMembers,        "List an account's members";
        POST   "/api/v1/accounts/{account}/members/{user}/password-reset" AccountAdmin  api::send_password_reset,   sendPasswordReset,  "Send a member a link to reset their password", person;
        POST   "/api/v1/accounts/{account}/ownership-transfers"           AccountOwner  api::offer_ownership,       offerOwnership,     "Offer ownership", fresh, person,
               example r#"{"to":"{user}"}"#;
        POST   "/api/v1/ownership-transfers/{transfer}/accept"            TransferParty api::accept_ownership,      acceptOwnership,    "Accept ownership", fresh, person;
        DELETE "/api/v1/ownership-transfers/{transfer}"                   TransferParty api::drop_offer,            dropOwnershipOffer, "Withdraw or decline an offer of ownership", person;
        POST   "/a/{account}/users/{user}/password-reset"                 AccountAdmin  pages::send_password_reset, "Send a member a link to reset their password",
               example "confirm=yes";
        POST   "/a/{account}/users/{user}/offer-ownership"                AccountOwner  pages::offer_ownership,     "Offer ownership", fresh,
               example "confirm=yes";
        GET    "/transfers/{transfer}"                                    TransferParty pages::transfer,            "An offer of ownership";
        POST   "/transfers/{transfer}"                                    TransferParty pages::answer_transfer,     "Accept, decline or withdraw an offer of ownership", fresh,
               example "answer=accept&confirm=yes";
    }
}

#[rustfmt::skip]
fn groups() -> Vec<Route> {
    use crate::groups::{api, pages};

    routes! {
        tag "Groups", keys Groups;

        GET    "/api/v1/accounts/{account}/groups"     AccountMember api::index,         listGroups,        "List an account's groups that the caller may see";
        GET    "/api/v1/groups/{group}"                GroupReader   api::show,          getGroup,          "Show a group";
        PATCH  "/api/v1/groups/{group}"                GroupAdmin    api::change,        updateGroup,       "Change, archive or restore a group",
               example r#"{"description":"Better"}"#;
        DELETE "/api/v1/groups/{group}"                GroupSteward  api::delete,        deleteGroup,       "Delete a group that never had a case";
        GET    "/api/v1/groups/{group}/members"        GroupReader   api::members,       listGroupMembers,  "List a group's people";
        PUT    "/api/v1/groups/{group}/members/{user}" GroupAdmin    api::put_member,    setGroupMember,    "Add someone to a group, or change their role in it",
               example r#"{"role":"administrator"}"#;
        DELETE "/api/v1/groups/{group}/members/{user}" GroupAdmin    api::remove_member, removeGroupMember, "Remove someone from a group";
        POST   "/api/v1/groups/{group}/members/bulk"   GroupAdmin    api::set_members,   setGroupMembers,   "Add many people to a group, or change their roles in it",
               example r#"{"items":[{"user":"{user}","role":"member"},{"user":"{third_user}","role":"member"}]}"#;
        POST   "/api/v1/groups/{group}/members/bulk-remove" GroupAdmin api::remove_members, removeGroupMembers, "Remove many people from a group",
               example r#"{"items":[{"user":"{user}"}]}"#;
        POST   "/api/v1/groups/{group}/leave"          GroupReader   api::leave,         leaveGroup,        "Leave a group", person;
        GET    "/a/{account}/groups"                   AccountMember pages::index,       "An account's groups";
        GET    "/g/{group}/live"                       GroupReader   pages::live,        "A group's live counts";
        GET    "/g/{group}/settings"                   GroupAdmin    pages::settings,    "A group's settings";
        POST   "/g/{group}/settings"                   GroupAdmin    pages::change,      "Rename or describe a group",
               example "name=Alder+Creek&description=Better&version=1";
        POST   "/g/{group}/archive"                    GroupSteward  pages::archive,     "Archive or restore a group",
               example "archived=true&confirm=yes";
        POST   "/g/{group}/delete"                     GroupSteward  pages::delete,      "Delete a group that never had a case",
               example "confirm=yes";
        POST   "/g/{group}/people"                     GroupAdmin    pages::add_people,  "Add people of the account to a group",
               example "member={third_user}&role=member";
        POST   "/g/{group}/users/{user}/role"          GroupAdmin    pages::set_role,    "Give someone a role in a group",
               example "role=administrator";
        POST   "/g/{group}/users/{user}/remove"        GroupAdmin    pages::remove,      "Remove someone from a group",
               example "confirm=yes";
        POST   "/g/{group}/leave"                      GroupReader   pages::leave,       "Leave a group",
               example "confirm=yes";
    }
}

#[rustfmt::skip]
fn locations() -> Vec<Route> {
    use crate::locations::{api, pages};

    routes! {
        tag "Locations", keys Groups;

        GET    "/api/v1/groups/{group}/locations"        GroupReader   api::index,     listLocations,   "List a group's locations";
        POST   "/api/v1/groups/{group}/locations"        GroupAdmin    api::create,    createLocation,  "Add a location",
               example r#"{"name":"Shed"}"#;
        PATCH  "/api/v1/locations/{location}"            LocationAdmin api::change,    updateLocation,  "Change, archive or restore a location",
               example r#"{"name":"Shed"}"#;
        DELETE "/api/v1/locations/{location}"            LocationAdmin api::archive,   archiveLocation, "Archive a location";
        GET    "/g/{group}/locations"                    GroupReader   pages::index,   "A group's locations";
        POST   "/g/{group}/locations"                    GroupAdmin    pages::add,     "Add a location",
               example "name=Shed";
        GET    "/g/{group}/locations/{location}"         LocationAdmin pages::edit,    "The form of a location";
        POST   "/g/{group}/locations/{location}"         LocationAdmin pages::change,  "Change a location",
               example "name=Shed&version=1";
        POST   "/g/{group}/locations/{location}/archive" LocationAdmin pages::archive, "Archive or restore a location",
               example "archived=true&confirm=yes";
    }
}

#[rustfmt::skip]
fn invitations() -> Vec<Route> {
    use crate::invitations::{api, import::{api as imports, pages as import}, pages};

    routes! {
        tag "Invitations", keys Members;

        GET    "/api/v1/accounts/{account}/invitations"       AccountAdmin      api::index,                listInvitations,        "List an account's invitations";
        POST   "/api/v1/accounts/{account}/invitations"       AccountAdmin      api::create,               createInvitations,      "Invite people",
               example r#"{"emails":"z@z.test","role":"member"}"#;
        POST   "/api/v1/accounts/{account}/invitations/bulk"  AccountAdmin      api::create_many,          createManyInvitations,  "Invite many people, each with a role and groups of their own",
               example r#"{"items":[{"email":"z@z.test","role":"member","groups":[{"group":"{group}","role":"member"}]},{"email":"y@z.test","name":"Yuri","role":"administrator"}]}"#;
        POST   "/api/v1/accounts/{account}/invitations/import/preview" AccountAdmin imports::preview,         previewPeopleImport,    "What would become of a file of people, as CSV or XLSX", body Import;
        POST   "/api/v1/accounts/{account}/invitations/import" AccountAdmin     imports::run,             importPeople,           "Invite the people of a file", body Import;
        POST   "/api/v1/groups/{group}/invitations/import/preview" GroupAdmin   imports::preview_for_group, previewGroupPeopleImport, "What would become of a file of people who are invited into a group", body Import;
        POST   "/api/v1/groups/{group}/invitations/import"    GroupAdmin        imports::run_for_group,     importGroupPeople,      "Invite the people of a file into a group", body Import;
        GET    "/api/v1/groups/{group}/invitations"           GroupAdmin        api::index_of_group,       listGroupInvitations,   "List a group's invitations";
        POST   "/api/v1/groups/{group}/invitations"           GroupAdmin        api::create_in_group,      createGroupInvitations, "Invite people into a group",
               example r#"{"emails":["z@z.test"],"role":"member"}"#;
        POST   "/api/v1/invitations/{invitation}/resend"      InvitationManager api::resend,               resendInvitation,       "Send an invitation again";
        POST   "/api/v1/invitations/{invitation}/link"        InvitationManager api::hand_out,             handOutInvitation,      "Get a link of an invitation whose email can't leave, to pass it on", person;
        DELETE "/api/v1/invitations/{invitation}"             InvitationManager api::cancel,               cancelInvitation,       "Cancel an invitation";
        GET    "/a/{account}/invite"                          AccountAdmin      pages::invite,             "The form of new invitations";
        POST   "/a/{account}/invite"                          AccountAdmin      pages::do_invite,          "Invite people",
               example "emails=z%40z.test&role=member";
        POST   "/a/{account}/invite/count"                    AccountAdmin      pages::count,              "Count the addresses in a text",
               example "emails=z%40z.test", quiet;
        GET    "/a/{account}/invite/import"                   AccountAdmin      import::choose,            "The form of an import of people";
        POST   "/a/{account}/invite/import"                   AccountAdmin      import::preview,           "What would become of a file of people", body Import;
        POST   "/a/{account}/invite/import/run"               AccountAdmin      import::run,               "Invite the people of a file", body Import;
        POST   "/a/{account}/invitations/{invitation}/resend" InvitationManager pages::resend,             "Send an invitation again",
               example "confirm=yes";
        POST   "/a/{account}/invitations/{invitation}/link"   InvitationManager pages::hand_out,           "Get a link of an invitation whose email can't leave",
               example "back=dashboard";
        POST   "/a/{account}/invitations/{invitation}/cancel" InvitationManager pages::cancel,             "Cancel an invitation",
               example "confirm=yes";
        GET    "/g/{group}/invite"                            GroupAdmin        pages::invite_to_group,    "The form of new invitations into a group";
        POST   "/g/{group}/invite"                            GroupAdmin        pages::do_invite_to_group, "Invite people into a group",
               example "emails=z%40z.test&role=member";
        POST   "/g/{group}/invite/count"                      GroupAdmin        pages::count_for_group,    "Count the addresses in a text",
               example "emails=z%40z.test", quiet;
        GET    "/g/{group}/invite/import"                     GroupAdmin        import::choose_for_group,  "The form of an import of people into a group";
        POST   "/g/{group}/invite/import"                     GroupAdmin        import::preview_for_group, "What would become of a file of people who are invited into a group", body Import;
        POST   "/g/{group}/invite/import/run"                 GroupAdmin        import::run_for_group,     "Invite the people of a file into a group", body Import;
        POST   "/g/{group}/invitations/{invitation}/resend"   InvitationManager pages::resend,             "Send an invitation again",
               example "confirm=yes";
        POST   "/g/{group}/invitations/{invitation}/link"     InvitationManager pages::hand_out,           "Get a link of an invitation whose email can't leave",
               example "back=users";
        POST   "/g/{group}/invitations/{invitation}/cancel"   InvitationManager pages::cancel,             "Cancel an invitation",
               example "confirm=yes";
    }
}

#[rustfmt::skip]
fn licenses() -> Vec<Route> {
    use crate::licenses::api;

    routes! {
        tag "Licenses", keys Billing;

        GET    "/api/v1/accounts/{account}/licenses" AccountAdmin api::show, getLicenses, "An account's licenses, and who uses each";
    }
}

#[rustfmt::skip]
fn activity() -> Vec<Route> {
    use crate::activity::{api, pages};

    routes! {
        tag "Audit trail", keys Audit;

        GET    "/api/v1/accounts/{account}/audit"              AccountAdmin api::audit_trail,       listAuditEvents,  "List the audit trail";
        GET    "/api/v1/accounts/{account}/audit.jsonl"        AccountAdmin api::export_audit,      exportAuditTrail, "The audit trail as JSON lines, oldest first", fresh;
        GET    "/api/v1/accounts/{account}/audit/verification" AccountAdmin api::verify_audit,      verifyAuditTrail, "Check the audit trail's chain of hashes";
        GET    "/api/v1/accounts/{account}/audit/receipt"      AccountAdmin api::audit_receipt,     getAuditReceipt,  "A signed receipt of where the audit trail ends now";
        GET    "/a/{account}/activity"                         AccountAdmin pages::activity,        "The audit trail";
        GET    "/a/{account}/activity/receipt"                 AccountAdmin pages::receipt,         "A signed receipt of where the audit trail ends now";
        GET    "/a/{account}/activity.csv"                     AccountAdmin pages::export_activity, "The audit trail as CSV", fresh;
    }
}
