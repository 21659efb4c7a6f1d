//! The statements that prove: session, membership, and the object in one place. Each begins at the
//! caller's own memberships, so that an id out of a request reaches nothing by itself.

use crate::{
    Credential, GroupRole, Privilege, Role,
    caller::{Actor, Found, Presented},
};
use kernel::{
    clock::{MINUTE, Span, Time},
    error::Result,
    id::{
        AccountId, ApiKeyId, CaseId, ClientGroupId, ClientId, FileId, GroupId, GroupNoteId, HandoutId,
        ImportId, InvitationId, InvoiceId, LocationId, NoteId, NoteTypeId, ProtocolId, RequestId, SessionId,
        TransferId, UserGroupId, UserId,
    },
    random::Digest32,
};
use storage::{Hash, Param, Tx, row, sql};

/// How often at most the last use of a session is written.
pub(super) const SEEN_EVERY: i64 = 5 * MINUTE;

row! {
    /// A session that is still good.
    pub(super) struct SessionRow {
        pub(super) id: SessionId,
        pub(super) user: UserId = "user_id",
        pub(super) seen_at: Time,
        pub(super) proved_at: Option<Time>,
    }
}

/// Whether the command line named this person an operator of the server.
pub(super) async fn is_operator(tx: &Tx, user: UserId) -> Result<bool> {
    tx.value(sql!("SELECT EXISTS (SELECT 1 FROM operators WHERE user_id = $1)"), &[&user]).await
}

pub(super) async fn session(tx: &Tx, who: &Credential) -> Result<Option<SessionRow>> {
    let Presented::Session(digest) = who.presented else { return Ok(None) };
    let idle_since = tx.now().plus(-who.idle);
    let found = tx
        .maybe::<SessionRow>(
            sql!(
                "SELECT {} FROM sessions
                 WHERE token_hash = $1 AND expires_at > $2 AND seen_at > $3",
                SessionRow
            ),
            &[&Hash(digest), &tx.now(), &idle_since],
        )
        .await?;
    if let Some(session) = &found {
        let _ = who.found.set((Found::Session(session.id), session.seen_at));
    }
    Ok(found)
}

row! {
    /// An API key of this secret, whether or not it is still good.
    pub(super) struct KeyRow {
        pub(super) account: AccountId = "k.account_id",
        pub(super) id: ApiKeyId = "k.id",
        pub(super) user: UserId = "k.user_id",
        pub(super) scopes: String = "k.scopes",
        pub(super) until: Option<Time> = "k.until",
        pub(super) expires_at: Option<Time> = "k.expires_at",
        /// When this secret ends, which another has replaced.
        pub(super) replaced_at: Option<Time> = "s.expires_at",
        pub(super) used_at: Option<Time> = "k.used_at",
    }
}

pub(super) async fn key(tx: &Tx, digest: Digest32) -> Result<Option<KeyRow>> {
    let text = sql!(
        "SELECT {} FROM api_key_secrets s JOIN api_keys k ON k.account_id = s.account_id AND k.id = s.key_id
         WHERE s.token_hash = $1",
        KeyRow
    );
    tx.maybe(text, &[&Hash(digest)]).await
}

/// Writes that what the caller presented was used now, from this network address.
///
/// # Errors
/// The database fails.
pub async fn touch(tx: &Tx, found: Found, address: &str) -> Result<()> {
    match found {
        Found::Session(session) => touch_session(tx, session).await,
        Found::Key(account, key) => {
            let text =
                sql!("UPDATE api_keys SET used_at = $3, used_from = $4 WHERE account_id = $1 AND id = $2");
            tx.exec(text, &[&account, &key, &tx.now(), &address]).await.map(drop)
        }
    }
}

async fn touch_session(tx: &Tx, session: SessionId) -> Result<()> {
    tx.exec(sql!("UPDATE sessions SET seen_at = $2 WHERE id = $1"), &[&session, &tx.now()]).await?;
    tx.exec(
        sql!("UPDATE users SET seen_at = $2 WHERE id = (SELECT user_id FROM sessions WHERE id = $1)"),
        &[&session, &tx.now()],
    )
    .await?;
    Ok(())
}

/// A statement about the caller's seat `m` in an account: a member's, or an API key's.
macro_rules! seated {
    ($actor:expr, $before:expr, $after:expr $(, $row:ident)?) => {
        match $actor.key {
            false => sql!(concat!($before, "members m", $after) $(, $row)?),
            true => sql!(concat!($before, "key_seats m", $after) $(, $row)?),
        }
    };
}

/// The caller's role in an account.
pub(super) async fn role(tx: &Tx, actor: Actor, account: AccountId) -> Result<Option<Role>> {
    let text = seated!(
        actor,
        "SELECT m.role FROM ",
        " WHERE m.account_id = $1 AND m.user_id = $2 AND m.until IS NULL"
    );
    let found = tx.maybe::<storage::One<Role>>(text, &[&account, &actor.user]).await?;
    Ok(found.map(|one| one.0))
}

/// Whether a member administers a group of an account that lets such people add groups.
pub(super) async fn lets_add_groups(tx: &Tx, user: UserId, account: AccountId) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM accounts a
                 JOIN members m ON m.account_id = a.id AND m.user_id = $2 AND m.until IS NULL AND m.role = 'member'
                 JOIN group_members gm ON gm.account_id = a.id AND gm.user_id = $2 AND gm.until IS NULL
                      AND gm.role = 'administrator'
                 JOIN groups g ON g.account_id = a.id AND g.id = gm.group_id AND g.archived_at IS NULL
                 WHERE a.id = $1 AND a.group_admins_add_groups)"
        ),
        &[&account, &user],
    )
    .await
}

/// An account in which the caller is support staff, if they are nothing else anywhere.
pub(super) async fn only_support_staff_of(tx: &Tx, user: UserId) -> Result<Option<AccountId>> {
    let found = tx
        .maybe::<storage::One<AccountId>>(
            sql!(
                "SELECT m.account_id FROM members m
                 WHERE m.user_id = $1 AND m.until IS NULL AND m.role = 'support_staff'
                   AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.user_id = $1)
                 ORDER BY m.account_id LIMIT 1"
            ),
            &[&user],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

row! {
    /// A group as the caller stands toward it.
    pub(super) struct GroupRow {
        pub(super) account: AccountId = "g.account_id",
        pub(super) group: GroupId = "g.id",
        pub(super) role: Role = "m.role",
        pub(super) group_role: Option<GroupRole> = "gm.role",
        pub(super) archived_at: Option<Time> = "g.archived_at",
        pub(super) read_only_from: Option<Time> = "s.read_only_from",
    }
}

/// Where the caller (`$1`) stands toward the group that these joins find from their seat `m`.
macro_rules! standing {
    (@ $seats:literal $groups:literal $($joins:literal)+) => {
        sql!(
            concat!(
                "SELECT {} FROM ", $seats, " m ",
                $($joins,)+
                " LEFT JOIN subscriptions s ON s.account_id = m.account_id \
                  LEFT JOIN ", $groups, " gm ON gm.account_id = m.account_id AND gm.user_id = m.user_id \
                       AND gm.group_id = g.id AND gm.until IS NULL \
                  WHERE m.user_id = $1 AND m.until IS NULL"
            ),
            GroupRow
        )
    };
    ($actor:expr, $($joins:literal)+) => {
        match $actor.key {
            false => standing!(@ "members" "group_members" $($joins)+),
            true => standing!(@ "key_seats" "key_groups" $($joins)+),
        }
    };
}

pub(super) async fn group(tx: &Tx, actor: Actor, group: GroupId) -> Result<Option<GroupRow>> {
    let text = standing!(actor, "JOIN groups g ON g.account_id = m.account_id AND g.id = $2");
    tx.maybe(text, &[&actor.user, &group]).await
}

/// The group of something that lies in one, as the caller stands toward it.
macro_rules! group_of {
    ($($name:ident $id:ident $table:literal;)*) => {$(
        pub(super) async fn $name(tx: &Tx, actor: Actor, id: $id) -> Result<Option<GroupRow>> {
            let text = standing!(
                actor,
                "JOIN " $table " o ON o.account_id = m.account_id AND o.id = $2 \
                 JOIN groups g ON g.account_id = m.account_id AND g.id = o.group_id"
            );
            tx.maybe(text, &[&actor.user, &id]).await
        }
    )*};
}
group_of! {
    group_of_location LocationId "locations";
    group_of_case CaseId "cases";
    group_of_client ClientId "clients";
    group_of_import ImportId "client_imports";
    group_of_client_group ClientGroupId "client_groups";
    group_of_group_note GroupNoteId "group_notes";
    group_of_note NoteId "notes";
}

/// The case of a file that is still there.
pub(super) async fn case_of_file(tx: &Tx, actor: Actor, file: FileId) -> Result<Option<CaseId>> {
    let text = seated!(
        actor,
        "SELECT f.case_id FROM ",
        " JOIN case_files f ON f.account_id = m.account_id AND f.id = $2 AND f.removed_at IS NULL
          WHERE m.user_id = $1 AND m.until IS NULL"
    );
    let found = tx.maybe::<storage::One<CaseId>>(text, &[&actor.user, &file]).await?;
    Ok(found.map(|one| one.0))
}

/// The account of something that lies in one, if the caller is in it, with their role.
macro_rules! account_of {
    ($($name:ident $id:ident $table:literal;)*) => {$(
        pub(super) async fn $name(tx: &Tx, actor: Actor, id: $id) -> Result<Option<(AccountId, Role)>> {
            let text = seated!(
                actor,
                "SELECT o.account_id, m.role FROM ",
                concat!(
                    " JOIN ",
                    $table,
                    " o ON o.account_id = m.account_id AND o.id = $2 WHERE m.user_id = $1 AND m.until IS NULL"
                )
            );
            tx.maybe(text, &[&actor.user, &id]).await
        }
    )*};
}
account_of! {
    account_of_protocol ProtocolId "protocols";
    account_of_invoice InvoiceId "invoices";
    account_of_note_type NoteTypeId "note_types";
    account_of_user_group UserGroupId "user_groups";
    account_of_api_key ApiKeyId "api_keys";
}

/// Every privilege that a person's user groups give them now, with the group.
pub(super) async fn grants(
    tx: &Tx,
    account: AccountId,
    user: UserId,
) -> Result<Vec<(Privilege, UserGroupId, String)>> {
    tx.all(
        sql!(
            "SELECT p.privilege, g.id, g.name FROM user_group_members m
             JOIN user_group_grants p ON p.account_id = m.account_id AND p.user_group_id = m.user_group_id
                  AND p.until IS NULL
             JOIN user_groups g ON g.account_id = m.account_id AND g.id = m.user_group_id
             WHERE m.account_id = $1 AND m.user_id = $2 AND m.until IS NULL ORDER BY g.name_key"
        ),
        &[&account, &user],
    )
    .await
}

/// Whether one of a person's user groups gives them a privilege now.
pub(super) async fn granted(tx: &Tx, account: AccountId, user: UserId, privilege: Privilege) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM user_group_members m
             JOIN user_group_grants p ON p.account_id = m.account_id AND p.user_group_id = m.user_group_id
                  AND p.privilege = $3 AND p.until IS NULL
             WHERE m.account_id = $1 AND m.user_id = $2 AND m.until IS NULL)"
        ),
        &[&account, &user, &privilege],
    )
    .await
}

row! {
    /// A request as the caller stands toward it.
    pub(super) struct RequestRow {
        pub(super) account: AccountId = "r.account_id",
        pub(super) role: Role = "m.role",
        pub(super) user_group: UserGroupId = "r.user_group_id",
        /// Whether they are in the user group that it is addressed to, and that may receive.
        pub(super) receives: bool =
            "EXISTS (SELECT 1 FROM user_group_members um
              JOIN receivers p ON p.account_id = um.account_id AND p.user_group_id = um.user_group_id
              WHERE um.account_id = r.account_id AND um.user_group_id = r.user_group_id
                AND um.user_id = m.user_id AND um.until IS NULL)",
        /// Whether they sent it, and are in every group that it is about.
        pub(super) sends: bool =
            "EXISTS (SELECT 1 FROM sent_requests s
              WHERE s.account_id = r.account_id AND s.id = r.id AND s.sender_id = m.user_id)",
    }
}

pub(super) async fn request(tx: &Tx, user: UserId, request: RequestId) -> Result<Option<RequestRow>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM members m JOIN requests r ON r.account_id = m.account_id AND r.id = $2
             WHERE m.user_id = $1 AND m.until IS NULL",
            RequestRow
        ),
        &[&user, &request],
    )
    .await
}

/// Who wrote a note of a chart, or a group note.
pub(super) async fn author_of_note(tx: &Tx, account: AccountId, note: NoteId) -> Result<UserId> {
    tx.value(sql!("SELECT author_id FROM notes WHERE account_id = $1 AND id = $2"), &[&account, &note]).await
}

/// As [`author_of_note`].
pub(super) async fn author_of_group_note(tx: &Tx, account: AccountId, note: GroupNoteId) -> Result<UserId> {
    tx.value(sql!("SELECT author_id FROM group_notes WHERE account_id = $1 AND id = $2"), &[&account, &note])
        .await
}

row! {
    /// An invitation as the caller stands toward it.
    pub(super) struct InvitationRow {
        pub(super) account: AccountId = "i.account_id",
        pub(super) role: Role = "m.role",
        pub(super) offered: Role = "i.role",
        pub(super) groups: i64 = "count(ig.group_id)",
        pub(super) groups_managed: i64 = "count(gm.id) FILTER (WHERE gm.role = 'administrator')",
        pub(super) groups_joined: i64 = "count(gm.id)",
    }
}

macro_rules! offered {
    ($seats:literal $groups:literal) => {
        sql!(
            concat!(
                "SELECT {} FROM ", $seats, " m
                 JOIN invitations i ON i.account_id = m.account_id AND i.id = $2
                 LEFT JOIN invitation_groups ig ON ig.account_id = i.account_id AND ig.invitation_id = i.id
                 LEFT JOIN ", $groups, " gm ON gm.account_id = m.account_id AND gm.user_id = m.user_id
                      AND gm.group_id = ig.group_id AND gm.until IS NULL
                 WHERE m.user_id = $1 AND m.until IS NULL
                 GROUP BY i.account_id, m.role, i.role"
            ),
            InvitationRow
        )
    };
}

pub(super) async fn invitation(
    tx: &Tx,
    actor: Actor,
    invitation: InvitationId,
) -> Result<Option<InvitationRow>> {
    let text =
        if actor.key { offered!("key_seats" "key_groups") } else { offered!("members" "group_members") };
    tx.maybe(text, &[&actor.user, &invitation]).await
}

/// Whether an invitation offers this group.
pub(super) async fn invites_into(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
    group: GroupId,
) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM invitation_groups
             WHERE account_id = $1 AND invitation_id = $2 AND group_id = $3)"
        ),
        &[&account, &invitation, &group],
    )
    .await
}

row! {
    /// A pending offer of ownership as the caller stands toward it.
    pub(super) struct TransferRow {
        pub(super) account: AccountId = "t.account_id",
        pub(super) role: Role = "m.role",
        pub(super) from: UserId = "t.from_user",
        pub(super) to: UserId = "t.to_user",
    }
}

pub(super) async fn transfer(tx: &Tx, user: UserId, transfer: TransferId) -> Result<Option<TransferRow>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM members m
             JOIN ownership_transfers t ON t.account_id = m.account_id AND t.id = $2 AND t.state = 'pending'
             WHERE m.user_id = $1 AND m.until IS NULL",
            TransferRow
        ),
        &[&user, &transfer],
    )
    .await
}

row! {
    /// A handout as the caller stands toward it through one of their accounts.
    pub(super) struct HandoutSeat {
        pub(super) owner: AccountId = "h.account_id",
        pub(super) account: AccountId = "m.account_id",
        pub(super) role: Role = "m.role",
    }
}

/// The accounts through which someone reads a handout: its own, or any where it comes with the product.
pub(super) async fn handout(tx: &Tx, actor: Actor, handout: HandoutId) -> Result<Vec<HandoutSeat>> {
    let text = seated!(
        actor,
        "SELECT {} FROM ",
        " JOIN handouts h ON h.account_id IN (m.account_id, $3) AND h.id = $2
          WHERE m.user_id = $1 AND m.until IS NULL ORDER BY m.account_id",
        HandoutSeat
    );
    tx.all(text, &[&actor.user, &handout, &AccountId::nil()]).await
}

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

row! {
    /// An account of someone's, with one of the groups in it that they search.
    pub(super) struct ReachRow {
        pub(super) account: AccountId = "m.account_id",
        pub(super) role: Role = "m.role",
        pub(super) group: Option<GroupId> = "g.id",
        pub(super) group_name: Option<String> = "g.name",
        pub(super) group_role: Option<GroupRole> = "gm.role",
        pub(super) archived: bool = "g.archived_at IS NOT NULL",
    }
}

/// The groups that someone is in, of one account or of all, by name; an account without any is there once.
pub(super) async fn reached_by_member(
    tx: &Tx,
    user: UserId,
    account: Option<AccountId>,
) -> Result<Vec<ReachRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM members m
             LEFT JOIN group_members gm ON gm.account_id = m.account_id AND gm.user_id = m.user_id
                  AND gm.until IS NULL AND m.role <> 'support_staff'
             LEFT JOIN groups g ON g.account_id = gm.account_id AND g.id = gm.group_id
             WHERE m.user_id = $1 AND m.until IS NULL AND ($2 OR m.account_id = $3)
             ORDER BY m.account_id, g.name_key, g.id",
            ReachRow
        ),
        &[&user, &account.is_none(), &account],
    )
    .await
}

/// All groups of an account that someone manages, by name.
pub(super) async fn reached_by_manager(tx: &Tx, user: UserId, account: AccountId) -> Result<Vec<ReachRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM members m
             JOIN groups g ON g.account_id = m.account_id
             LEFT JOIN group_members gm ON gm.account_id = m.account_id AND gm.user_id = m.user_id
                  AND gm.group_id = g.id AND gm.until IS NULL
             WHERE m.user_id = $1 AND m.account_id = $2 AND m.until IS NULL
               AND m.role IN ('owner', 'administrator')
             ORDER BY g.name_key, g.id",
            ReachRow
        ),
        &[&user, &account],
    )
    .await
}
