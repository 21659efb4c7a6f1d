//! The statements of who sees what, and since when.

use crate::{GroupRole, Role};
use kernel::{
    clock::{Span, Time},
    error::Result,
    id::{AccountId, CaseId, ClientId, GroupId, RequestId, UserGroupId, UserId},
};
use storage::{Param, Tx, row, sql};

row! {
    /// A person's membership of an account, with one of the group if they had one, and when the group was there; or an
    /// API key's time, with its scopes.
    pub(super) struct SightRow {
        pub(super) user: UserId = "s.user_id",
        pub(super) name: String = "s.name",
        pub(super) role: Role = "s.role",
        pub(super) since: Time = "s.since",
        pub(super) until: Option<Time> = "s.until",
        pub(super) group_role: Option<GroupRole> = "s.group_role",
        pub(super) group_since: Option<Time> = "s.group_since",
        pub(super) group_until: Option<Time> = "s.group_until",
        pub(super) held_since: Option<Time> = "s.held_since",
        pub(super) held_until: Option<Time> = "s.held_until",
        pub(super) scopes: Option<String> = "s.scopes",
    }
}

/// Every membership that gave sight of a group at some time in the span, in the account that held it then. The
/// intersections are the caller's to make.
pub(super) async fn sight(tx: &Tx, account: AccountId, group: GroupId, span: Span) -> Result<Vec<SightRow>> {
    let params: [&dyn Param; 4] = [&account, &group, &span.from, &span.until];
    let people = tx.all(
        sql!(
            "SELECT {} FROM (
             SELECT u.id AS user_id, u.name, m.role, m.since, m.until, gm.role AS group_role, gm.since AS group_since,
                    gm.until AS group_until, h.since AS held_since, h.until AS held_until, CAST(NULL AS TEXT) AS scopes
             FROM (
                 SELECT g.account_id, (SELECT MAX(v.at) FROM group_moves v
                      WHERE v.account_id = g.account_id AND v.group_id = g.id) AS since, CAST(NULL AS BIGINT) AS until
                 FROM groups g WHERE g.account_id = $1 AND g.id = $2
                 UNION ALL
                 SELECT v.from_account, (SELECT MAX(w.at) FROM group_moves w
                      WHERE w.account_id = v.account_id AND w.group_id = v.group_id AND w.at < v.at), v.at
                 FROM group_moves v WHERE v.account_id = $1 AND v.group_id = $2) h
             JOIN members m ON m.account_id = h.account_id
                  AND m.since < $4 AND (m.until IS NULL OR m.until > $3)
             JOIN users u ON u.id = m.user_id
             LEFT JOIN group_members gm ON gm.account_id = $1 AND gm.group_id = $2
                  AND gm.user_id = m.user_id AND gm.since < $4 AND (gm.until IS NULL OR gm.until > $3)
             WHERE m.role <> 'support_staff' AND (h.until IS NULL OR h.until > $3)
               AND (gm.id IS NOT NULL OR m.role IN ('owner', 'administrator'))
             UNION ALL
             SELECT u.id, u.name, 'member', k.created_at,
                    CASE WHEN k.until IS NULL THEN k.expires_at
                         WHEN k.expires_at IS NULL OR k.until < k.expires_at THEN k.until ELSE k.expires_at END,
                    'member', k.created_at, CAST(NULL AS BIGINT),
                    (SELECT MAX(v.at) FROM group_moves v WHERE v.account_id = k.account_id AND v.group_id = $2),
                    CAST(NULL AS BIGINT), k.scopes
             FROM api_keys k JOIN users u ON u.id = k.user_id
             WHERE k.account_id = $1 AND k.created_at < $4 AND (k.until IS NULL OR k.until > $3)
               AND (k.all_groups OR EXISTS (SELECT 1 FROM api_key_groups x
                    WHERE x.account_id = k.account_id AND x.key_id = k.id AND x.group_id = $2))) s",
            SightRow
        ),
        &params,
    );
    // That may have been another account than the one that proved to hold it now.
    tx.beyond(people).await
}

row! {
    /// Someone in a user group that was asked, with each of the times that must meet for them to see it.
    pub(super) struct AskedRow {
        pub(super) user: UserId = "u.id",
        pub(super) name: String = "u.name",
        pub(super) user_group: UserGroupId = "g.id",
        pub(super) user_group_name: String = "g.name",
        pub(super) asked_since: Time = "a.since",
        pub(super) asked_until: Option<Time> = "a.until",
        pub(super) granted_since: Time = "p.since",
        pub(super) granted_until: Option<Time> = "p.until",
        pub(super) inside_since: Time = "um.since",
        pub(super) inside_until: Option<Time> = "um.until",
        pub(super) member_since: Time = "m.since",
        pub(super) member_until: Option<Time> = "m.until",
    }
}

/// Who saw what requests show that these joins find, at some time before `$3`.
macro_rules! asked {
    ($requests:literal) => {
        sql!(
            concat!(
                "SELECT {} FROM (SELECT a.account_id, a.user_group_id, MIN(a.since) AS since, a.until FROM ",
                $requests,
                " WHERE a.since < $3 GROUP BY a.account_id, a.user_group_id, a.until) a \
                  JOIN user_groups g ON g.account_id = a.account_id AND g.id = a.user_group_id \
                  JOIN user_group_grants p ON p.account_id = g.account_id AND p.user_group_id = g.id \
                       AND p.privilege = 'requests.receive' AND p.since < $3 \
                  JOIN user_group_members um ON um.account_id = g.account_id AND um.user_group_id = g.id \
                       AND um.since < $3 \
                  JOIN members m ON m.account_id = um.account_id AND m.user_id = um.user_id \
                       AND m.since < $3 AND m.role <> 'support_staff' \
                  JOIN users u ON u.id = um.user_id \
                  ORDER BY g.name_key, u.name, u.id"
            ),
            AskedRow
        )
    };
}

/// Who saw what requests show of a client before a moment.
pub(super) async fn asked_about_client(
    tx: &Tx,
    account: AccountId,
    client: ClientId,
    before: Time,
) -> Result<Vec<AskedRow>> {
    tx.all(
        asked!(
            "request_clients c JOIN request_addressees a ON a.account_id = c.account_id \
                 AND a.request_id = c.request_id AND c.account_id = $1 AND c.client_id = $2"
        ),
        &[&account, &client, &before],
    )
    .await
}

/// Who saw what requests show of a case before a moment.
pub(super) async fn asked_about_case(
    tx: &Tx,
    account: AccountId,
    case: CaseId,
    before: Time,
) -> Result<Vec<AskedRow>> {
    tx.all(
        asked!(
            "requests r JOIN request_addressees a ON a.account_id = r.account_id \
                 AND a.request_id = r.id AND r.account_id = $1 AND r.case_id = $2"
        ),
        &[&account, &case, &before],
    )
    .await
}

row! {
    /// Someone who sees a request.
    #[derive(Clone, Debug)]
    pub struct RequestSight {
        /// Who.
        pub user: UserId = "id",
        /// Their name.
        pub name: String,
        /// Their address.
        pub email: String,
        /// The user group through which they see it; none where they sent it.
        pub user_group: Option<String>,
        /// Since when.
        pub since: Time,
    }
}

/// Who sees a request now.
pub(super) async fn request_sight(
    tx: &Tx,
    account: AccountId,
    request: RequestId,
) -> Result<Vec<RequestSight>> {
    tx.all(
        sql!(
            "SELECT {} FROM (
                SELECT u.id, u.name, u.email, NULL AS user_group, r.created_at AS since, 0 AS place FROM sent_requests r
                JOIN workers m ON m.account_id = r.account_id AND m.user_id = r.sender_id
                JOIN users u ON u.id = r.sender_id
                WHERE r.account_id = $1 AND r.id = $2
                UNION ALL
                SELECT u.id, u.name, u.email, g.name AS user_group,
                       CASE WHEN um.since > a.since THEN um.since ELSE a.since END AS since, 1 AS place
                FROM request_addressees a
                JOIN user_groups g ON g.account_id = a.account_id AND g.id = a.user_group_id
                JOIN receivers p ON p.account_id = g.account_id AND p.user_group_id = g.id
                JOIN user_group_people um ON um.account_id = g.account_id AND um.user_group_id = g.id
                JOIN users u ON u.id = um.user_id
                WHERE a.account_id = $1 AND a.request_id = $2 AND a.until IS NULL) sights
             ORDER BY place, name, id",
            RequestSight
        ),
        &[&account, &request],
    )
    .await
}
