//! How operations fail: the statuses, and the codes of the problems by heading.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};

use crate::Route;
use access::Access;

/// A code that a problem may have.
pub struct Code {
    /// The HTTP status that it comes with.
    pub status: u16,
    /// The code.
    pub code: &'static str,
    /// The headings of the operations that it comes from; of none, where all may have it.
    pub tags: &'static [&'static str],
}

macro_rules! codes {
    ($($status:literal $code:literal $($tag:literal)*;)*) => {
        /// Every code of a problem that the API answers with.
        pub const CODES: &[Code] = &[$(Code { status: $status, code: $code, tags: &[$($tag),*] },)*];
    };
}

codes! {
    401 "not_signed_in";
    401 "wrong_credentials" "Sign-in" "Accounts";
    401 "code_needed" "Sign-in";
    401 "sign_in_to_accept" "Invitations";
    401 "key_invalid";
    401 "key_expired";
    401 "key_replaced";
    401 "key_revoked";
    403 "cross_site";
    403 "password_needed";
    403 "second_factor_needed";
    403 "not_for_keys";
    403 "scope_missing";
    403 "support_staff";
    403 "not_administrator";
    403 "not_owner";
    403 "not_group_administrator";
    403 "not_in_group";
    403 "privilege_needed";
    403 "not_receiver" "Members" "Requests";
    403 "sign_up_closed" "Sign-in" "Accounts";
    403 "another_address" "Invitations";
    403 "bad_signature" "Billing";
    403 "owners_factors" "Second factors";
    403 "belongs_elsewhere" "Second factors";
    404 "not_found";
    409 "account_read_only";
    409 "answered_elsewhere";
    409 "group_archived";
    409 "practice_unconfirmed" "Invitations" "Accounts" "Handouts" "Introduction" "Groups";
    409 "starter_handout" "Handouts";
    409 "handout_archived" "Handouts";
    409 "no_card" "Billing";
    409 "card_refused" "Billing";
    409 "card_declined" "Billing";
    409 "not_reported" "Billing";
    409 "nothing_open" "Billing";
    409 "nothing_owed" "Billing";
    409 "more_than_owed" "Billing";
    409 "paid_by_card" "Billing";
    409 "payment_under_way" "Billing";
    409 "invoice_open" "Billing" "Accounts";
    409 "trial" "Billing";
    409 "ended_already" "Billing";
    409 "ending" "Billing";
    409 "renewing" "Billing";
    409 "one_at_a_time" "Billing";
    409 "quote_expired" "Billing";
    409 "quote_outdated" "Billing";
    409 "client_archived" "Clients" "Notes" "Cases";
    409 "client_merged" "Clients" "Notes";
    409 "too_many_animals" "Clients";
    409 "import_discarded" "Clients";
    409 "import_with_animals" "Clients";
    409 "import_not_ready" "Clients";
    409 "import_running" "Clients";
    409 "import_without_names" "Clients";
    409 "names_another_client" "Notes";
    409 "note_released" "Notes";
    409 "note_not_released" "Notes";
    409 "client_group_inactive" "Notes" "Client groups";
    409 "nothing_to_release" "Notes";
    409 "too_many_client_groups" "Client groups";
    409 "request_full" "Requests";
    409 "not_receiving" "Requests";
    409 "request_claimed" "Requests";
    409 "request_not_claimed" "Requests";
    409 "request_open" "Requests";
    409 "request_settled" "Requests";
    409 "undo_too_late" "Requests";
    409 "has_open_requests" "User groups";
    409 "too_many_keys" "API keys";
    409 "key_ended" "API keys";
    409 "too_many_webhooks" "Webhooks";
    409 "not_active" "Webhooks";
    409 "already_active" "Webhooks";
    409 "test_waiting" "Webhooks";
    409 "test_only" "Webhooks";
    409 "replays_waiting" "Webhooks";
    410 "events_expired" "Events";
    409 "too_many_user_groups" "User groups";
    409 "invitation_settled" "Invitations";
    409 "link_not_handed_out" "Invitations";
    409 "mail_not_waiting" "Invitations";
    409 "link_replaced" "Invitations";
    409 "link_unknown" "Invitations";
    409 "invitation_canceled" "Invitations";
    409 "invitation_accepted" "Invitations";
    409 "invitation_expired" "Invitations";
    409 "inviter_gone" "Invitations";
    409 "no_license" "Invitations" "Members" "Groups" "Licenses";
    409 "more_people_than_licenses" "Invitations" "Members" "Billing";
    409 "support_staff_needs_pro" "Invitations" "Members" "Billing";
    409 "support_staff_taken" "Invitations" "Members";
    409 "transfer_gone" "Members";
    409 "transfer_pending" "Members";
    409 "owner_stays" "Members";
    409 "not_individual" "Accounts";
    409 "others_belong" "Accounts";
    409 "account_owned" "Accounts";
    409 "asked_already" "Licenses";
    409 "nobody_to_ask" "Licenses";
    409 "group_has_cases" "Groups";
    409 "group_has_clients" "Groups";
    409 "address_taken" "Sign-in" "Accounts";
    409 "link_dead" "Sign-in" "Accounts";
    409 "factor_gone" "Sign-in";
    409 "has_app" "Second factors";
    409 "last_factor" "Second factors";
    409 "short_password" "Second factors";
    409 "no_factor" "Second factors";
    409 "own_factors" "Second factors";
    409 "no_passkeys" "Second factors";
    409 "too_many_passkeys" "Second factors";
    409 "too_late" "Second factors";
    412 "changed_meanwhile";
    413 "too_large";
    415 "unsupported_media_type";
    422 "invalid";
    429 "slow_down";
    500 "internal";
    503 "unavailable";
}

/// The statuses of failure of an operation, each with the name of its response.
pub(super) fn of(route: &Route) -> impl Iterator<Item = (u16, String)> + use<'_> {
    STATUSES.iter().filter(|(status, ..)| may_fail(route, *status)).map(|(status, name, ..)| {
        let own = CODES.iter().any(|code| code.status == *status && code.tags.contains(&route.tag));
        let tag = if own { camel(route.tag) } else { String::new() };
        (*status, format!("{tag}{name}"))
    })
}

const STATUSES: [(u16, &str, &str); 12] = [
    (401, "Unauthorized", "Nobody is signed in, or the credentials are wrong."),
    (403, "Forbidden", "You can see it, but not do this."),
    (404, "NotFound", "It isn’t there, or you can’t see it: the answer is the same."),
    (409, "Conflict", "The state of things doesn’t allow it."),
    (410, "Gone", "It is kept no longer."),
    (412, "PreconditionFailed", "Someone changed it since you read it."),
    (413, "ContentTooLarge", "The body is larger than the server accepts."),
    (415, "UnsupportedMediaType", "The body is of a kind that isn’t accepted."),
    (422, "UnprocessableContent", "Something in the request isn’t valid; `errors` says what."),
    (429, "TooManyRequests", "Slow down."),
    (500, "InternalServerError", "The server made a mistake. Nothing was changed."),
    (503, "ServiceUnavailable", "Something that the server needs is down or full."),
];

/// Whether an operation can answer with this status.
fn may_fail(route: &Route, status: u16) -> bool {
    let (public, reads) = (route.access == Access::Public, route.method == Method::GET);
    let own = CODES.iter().any(|code| code.status == status && code.tags.contains(&route.tag));
    let asks_account = route.notes.parameters.iter().any(|parameter| parameter.name == "account");
    match status {
        401 => !public || (own && !reads),
        403 => !reads || !public,
        404 => route.parts().next().is_some() || asks_account || public,
        409 => {
            !reads
                || matches!(route.tag, "Invitations" | "Billing")
                || [".csv", ".jsonl"].iter().any(|end| route.path.ends_with(end))
        }
        410 => own,
        412 => route.notes.conditional || route.method == Method::PUT,
        413 | 415 => !route.notes.body.is_empty(),
        429 => {
            route.facts.scope.is_some()
                || !reads
                    && (public
                        || matches!(
                            route.tag,
                            "Sign-in" | "Second factors" | "Handouts" | "Accounts" | "Members"
                        ))
        }
        _ => true,
    }
}

/// "Client groups" as a part of a name.
fn camel(tag: &str) -> String {
    let words = tag.split([' ', '-']).filter_map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    });
    words.collect()
}

/// The responses that operations name.
pub(super) fn responses(routes: &[&Route]) -> Value {
    let mut found = BTreeMap::new();
    for route in routes {
        for (status, name) in of(route) {
            found.entry(name).or_insert_with_key(|name| response(status, route.tag, name));
        }
    }
    json!(found)
}

fn response(status: u16, tag: &str, name: &str) -> Value {
    let (_, plain, words) = STATUSES.iter().find(|(known, ..)| *known == status).copied().unwrap_or_default();
    let here = |code: &&Code| {
        code.status == status && (code.tags.is_empty() || (name != plain && code.tags.contains(&tag)))
    };
    let codes = CODES.iter().filter(here).map(|code| code.code).collect::<Vec<_>>();
    let listed = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
    let mut headers = json!({ "X-Request-Id": super::header("RequestId") });
    if matches!(status, 429 | 503) {
        headers["Retry-After"] = super::header("RetryAfter");
    }
    if status == 429 {
        super::rate_headers(&mut headers);
    }
    json!({
        "description": format!("{words} Codes: {listed}."),
        "headers": headers,
        "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" },
            "example": shown(status, codes.first().copied().unwrap_or_default(), words),
        } },
    })
}

fn shown(status: u16, code: &str, words: &str) -> Value {
    let wrong = json!([{ "field": "birth_date", "code": "not_a_date", "detail": "Use YYYY-MM-DD." }]);
    json!({
        "type": format!("urn:covey:problem:{code}"),
        "title": words.split_once('.').map_or(words, |(first, _)| first),
        "status": status,
        "detail": words,
        "code": code,
        "errors": if status == 422 { wrong } else { json!([]) },
    })
}
