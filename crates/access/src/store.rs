//! The statements that prove: session, membership, and the object in one place. Each begins at the
//! caller's own memberships, so that an id out of a request reaches nothing by itself.

use crate::{
    Credential, GroupRole, Privilege, Role,
    caller::{Actor, Found, Presented, Session},
};
use kernel::{
    clock::{MINUTE, Time},
    error::Result,
    id::{
        AccountId, ApiKeyId, CaseId, ClientGroupId, ClientId, FileId, GroupId, GroupNoteId, HandoutId,
        ImportId, InvitationId, InvoiceId, LocationId, NoteId, NoteTypeId, ProtocolId, RequestId, SessionId,
        TransferId, UserGroupId, UserId,
    },
    random::Digest32,
};
use storage::{Hash, Tx, row, sql};

/// How often at most the last use of a session is written.
pub(super) const SEEN_EVERY: i64 = 5 * MINUTE;

row! {
    /// A session that is still good.
    pub(super) struct SessionRow {
        pub(super) id: SessionId,
        pub(super) user: UserId = "user_id",
        pub(super) seen_at: Time,
        pub(super) created_at: Time,
        pub(super) proved_at: Option<Time>,
        pub(super) second_at: Option<Time>,
        /// Whether no account requires a second factor. Asked of a table that has few rows or none, so that most
        /// requests ask no more.
        pub(super) unasked: bool = "NOT EXISTS (SELECT 1 FROM factor_rules)",
        pub(super) limited: bool,
    }
}

/// Whether an account that the person is in requires a second factor of them by now; this one, or any where none is
/// named.
pub(super) async fn second_factor_required(
    tx: &Tx,
    user: UserId,
    account: Option<AccountId>,
) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM factor_rules r
                 JOIN members m ON m.account_id = r.account_id AND m.user_id = $1 AND m.until IS NULL
                 WHERE r.since <= $3 AND (r.account_id = $2 OR $4)
                   AND (r.who = 'everyone' OR m.role IN ('owner', 'administrator')))"
        ),
        &[&user, &account.unwrap_or(AccountId::nil()), &tx.now(), &account.is_none()],
    )
    .await
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
        let _ = who.session.set(Session {
            user: session.user,
            proved_at: session.proved_at.unwrap_or(session.created_at),
            enough: session.unasked || session.second_at.is_some(),
            limited: session.limited,
        });
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
