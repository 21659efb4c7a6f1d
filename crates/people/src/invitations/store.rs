//! The statements of invitations.

use crate::{
    invitations::{LASTS, MailWaits, Offer, State},
    users::UserType,
};
use access::{GroupRole, Role};
use kernel::{
    addresses::Email,
    clock::{MINUTE, Time},
    error::Result,
    id::{AccountId, GroupId, InvitationId, MailId, UserId},
    random::Token,
    search,
};
use platform::jobs::MailState;
use storage::{
    Hash, One, Param, Tx, ids,
    list::{Key, Listing, Statements},
    orders, row, sorted, sql,
};

/// How long an email takes at most to leave where all is well.
const PROMPT: i64 = MINUTE;

row! {
    /// An invitation, as managers see it: with the names of all its groups if `$2`, else of the group `$3` alone.
    #[derive(Clone, Debug)]
    pub struct InvitationRow {
        /// Its id.
        pub id: InvitationId = "i.id",
        /// Its account.
        pub account: AccountId = "i.account_id",
        /// The address.
        pub email: String = "i.email",
        /// What the person is called, where the inviter said so.
        pub name: Option<String> = "i.name",
        /// The role in the account.
        pub role: Role = "i.role",
        /// What the person is in the practice.
        pub user_type: UserType = "i.user_type",
        /// As stored; a pending one may have expired.
        pub stored_state: State = "i.state",
        /// Who invited.
        pub invited_by: UserId = "i.invited_by",
        /// Their name.
        pub inviter: String = "u.name",
        /// Where answers to its email go.
        pub inviter_email: String = "u.email",
        /// When it was made.
        pub created_at: Time = "i.created_at",
        /// When it was last sent.
        pub sent_at: Time = "i.sent_at",
        /// Until when it is good.
        pub expires_at: Time = "i.expires_at",
        /// When it was accepted or canceled.
        pub settled_at: Option<Time> = "i.settled_at",
        /// The names of its groups, a line each.
        pub groups: Option<String> =
            "(SELECT string_agg(g.name || CASE ig.role WHEN 'administrator' THEN ' (administrator)' ELSE '' END,
                     '\n' ORDER BY g.name_key) FROM invitation_groups ig
              JOIN groups g ON g.account_id = ig.account_id AND g.id = ig.group_id
              WHERE ig.account_id = i.account_id AND ig.invitation_id = i.id
                AND ($2 OR ig.group_id = $3))",
        /// Where the email with its link is, while the outbox has it.
        pub(super) mail_state: Option<MailState> = "o.state",
        /// When that was queued.
        pub(super) mail_since: Option<Time> = "o.created_at",
        /// When it is tried next, if it waits.
        pub(super) mail_next: Option<Time> = "o.next_at",
        /// Whether it was tried in vain.
        pub(super) mail_tried: bool = "(o.last_error IS NOT NULL)",
    }
}

impl InvitationRow {
    /// Its state at a moment.
    pub fn state(&self, now: Time) -> State {
        self.stored_state.at(self.expires_at, now)
    }

    /// The name of the person where it is known, else their address.
    pub fn called(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.email)
    }

    /// Its email, if that should have left long since and has not. One that was queued just now is on its way.
    pub fn mail_waits(&self, now: Time) -> Option<MailWaits> {
        let since = self.mail_since.filter(|_| self.state(now) == State::Pending)?;
        match self.mail_state? {
            MailState::Sent => None,
            MailState::Failed => Some(MailWaits { since, next_at: None }),
            MailState::Queued if self.mail_tried || now.since(since) > PROMPT => {
                Some(MailWaits { since, next_at: self.mail_next })
            }
            MailState::Queued => None,
        }
    }

    /// Whether its giver may no longer give it.
    pub fn withdrawn(&self) -> bool {
        self.stored_state == State::Withdrawn
    }
}

/// Which invitations to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only into this group.
    pub group: Option<GroupId>,
    /// Part of the address, or of the name that was given with the invitation.
    pub search: Option<String>,
    /// Only in this state.
    pub state: Option<State>,
    /// Only this role.
    pub role: Option<Role>,
    /// From where on, in which order.
    pub listing: Listing<Invitations>,
}

orders! {
    /// Invitations.
    pub Invitations of Invitation: "-created_at" ["created_at" Created, "sent_at" Moment, "expires_at" Moment];
}

impl InvitationRow {
    /// Where it is in a list of invitations that is sorted so.
    pub fn place(&self, by: &str) -> (Key, InvitationId) {
        let key = match by {
            "sent_at" => self.sent_at.into(),
            "expires_at" => self.expires_at.into(),
            _ => Key::Created,
        };
        (key, self.id)
    }
}

macro_rules! listed {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM invitations i JOIN users u ON u.id = i.invited_by LEFT JOIN outbox o ON o.id = i.mail_id
                 WHERE i.account_id = $1 AND i.id > $6 AND ",
                $($after,)+
                " AND (CAST($7 AS TEXT) IS NULL OR REPLACE(i.email_key, '''', '') LIKE $7 ESCAPE '\\'
                       OR i.name_key LIKE $14 ESCAPE '\\')
                  AND (CAST($8 AS TEXT) IS NULL OR i.state = $8)
                  AND ($9 OR (i.expires_at <= $10) = $11)
                  AND ($2 OR EXISTS (SELECT 1 FROM invitation_groups ig WHERE ig.account_id = i.account_id
                       AND ig.invitation_id = i.id AND ig.group_id = $3))
                  AND (CAST($12 AS TEXT) IS NULL OR i.role = $12)
                 ORDER BY ",
                $($order,)+ " LIMIT $13"
            ),
            InvitationRow
        )
    };
}

const LISTED: Statements =
    sorted!(listed ("$4" "$5"); "i.id"; Created, Moment "i.sent_at", Moment "i.expires_at");

/// A page of an account's invitations. Who manages one group alone names it in the filter.
///
/// # Errors
/// The database fails.
pub async fn list(tx: &Tx, account: AccountId, filter: &Filter, limit: i64) -> Result<Vec<InvitationRow>> {
    let search = filter.search.as_deref().map(search::address_pattern);
    let name = filter.search.as_deref().map(search::pattern);
    let (stored, expired) = match filter.state {
        Some(State::Expired) => (Some(State::Pending), Some(true)),
        Some(State::Pending) => (Some(State::Pending), Some(false)),
        other => (other, None),
    };
    let (anywhere, any, now) = (filter.group.is_none(), expired.is_none(), tx.now());
    let expired = expired.unwrap_or(false);
    let mut params: Vec<&dyn Param> = vec![&account, &anywhere, &filter.group];
    params.extend(filter.listing.params());
    params.extend([&search as &dyn Param, &stored, &any, &now, &expired, &filter.role, &limit, &name]);
    tx.all(filter.listing.statement(LISTED)?, &params).await
}

/// The invitations that were neither accepted nor canceled, newest first: pending, expired and withdrawn ones,
/// the latter unless the address is invited or a member by now. Of an account, or of one group of it.
///
/// # Errors
/// The database fails.
pub async fn unsettled(
    tx: &Tx,
    account: AccountId,
    group: Option<GroupId>,
    search: Option<&str>,
    limit: i64,
) -> Result<Vec<InvitationRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM invitations i JOIN users u ON u.id = i.invited_by LEFT JOIN outbox o ON o.id = i.mail_id
             WHERE i.account_id = $1 AND (i.state = 'pending' OR (i.state = 'withdrawn'
                   AND NOT EXISTS (SELECT 1 FROM invitations later WHERE later.account_id = i.account_id
                       AND later.email_key = i.email_key AND later.id > i.id)))
               AND (CAST($4 AS TEXT) IS NULL OR REPLACE(i.email_key, '''', '') LIKE $4 ESCAPE '\\'
                    OR i.name_key LIKE $6 ESCAPE '\\')
               AND ($2 OR EXISTS (SELECT 1 FROM invitation_groups ig WHERE ig.account_id = i.account_id
                    AND ig.invitation_id = i.id AND ig.group_id = $3))
             ORDER BY i.id DESC LIMIT $5",
            InvitationRow
        ),
        &[
            &account,
            &group.is_none(),
            &group,
            &search.map(search::address_pattern),
            &limit,
            &search.map(search::pattern),
        ],
    )
    .await
}

/// These invitations of an account, with the names of all their groups or of one. In no order.
///
/// # Errors
/// The database fails.
pub async fn these(
    tx: &Tx,
    account: AccountId,
    group: Option<GroupId>,
    found: &[InvitationId],
) -> Result<Vec<InvitationRow>> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM json_each($4) r CROSS JOIN invitations i CROSS JOIN users u
                     LEFT JOIN outbox o ON o.id = i.mail_id
                     WHERE i.account_id = $1 AND i.id = unhex(r.value) AND u.id = i.invited_by",
            postgres: "SELECT {} FROM jsonb_array_elements_text(CAST(CAST($4 AS TEXT) AS JSONB)) AS r(value)
                       JOIN invitations i ON i.id = CAST(r.value AS UUID)
                       JOIN users u ON u.id = i.invited_by
                       LEFT JOIN outbox o ON o.id = i.mail_id
                       WHERE i.account_id = $1",
            InvitationRow
        ),
        &[&account, &group.is_none(), &group, &ids(found)],
    )
    .await
}

pub(super) async fn show(tx: &Tx, account: AccountId, id: InvitationId) -> Result<InvitationRow> {
    tx.one(
        sql!(
            "SELECT {} FROM invitations i JOIN users u ON u.id = i.invited_by LEFT JOIN outbox o ON o.id = i.mail_id
             WHERE i.account_id = $1 AND i.id = $4",
            InvitationRow
        ),
        &[&account, &true, &None::<GroupId>, &id],
    )
    .await
}

row! {
    /// Where an address stands toward an account.
    pub(super) struct Known {
        pub(super) member: Option<UserId> = "m.user_id",
        pub(super) role: Option<Role> = "m.role",
        pub(super) invitation: Option<InvitationId> = "i.id",
    }
}

/// Whether an address belongs to a member, or has an invitation that was not settled.
pub(super) async fn known(tx: &Tx, account: AccountId, email_key: &str) -> Result<Known> {
    tx.one(
        sql!(
            "SELECT {} FROM (SELECT 1 AS one) o
             LEFT JOIN users u ON u.email_key = $2
             LEFT JOIN members m ON m.account_id = $1 AND m.user_id = u.id AND m.until IS NULL
             LEFT JOIN invitations i ON i.account_id = $1 AND i.email_key = $2 AND i.state = 'pending'",
            Known
        ),
        &[&account, &email_key],
    )
    .await
}

/// Adds an invitation; says whether the address had none pending.
pub(super) async fn insert(
    tx: &Tx,
    account: AccountId,
    id: InvitationId,
    email: &Email,
    name: Option<&str>,
    offer: &Offer,
    by: UserId,
) -> Result<bool> {
    let added = tx
        .exec(
            sql!(
            "INSERT INTO invitations (account_id, id, email, email_key, name, name_key, role, user_type, state,
                                      invited_by, created_at, sent_at, expires_at)
             VALUES ($1, $2, $3, $4, $10, $11, $5, $6, 'pending', $7, $8, $8, $9)
             ON CONFLICT (account_id, email_key) WHERE state = 'pending' DO NOTHING"
        ),
            &[
                &account,
                &id,
                &email.shown,
                &email.key,
                &offer.role,
                &offer.user_type,
                &by,
                &tx.now(),
                &tx.now().plus(LASTS),
                &name,
                &name.map(search::key),
            ],
        )
        .await?;
    Ok(added == 1)
}

/// Adds a group to an invitation; says whether it wasn't in it.
pub(super) async fn insert_group(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
    group: GroupId,
    role: GroupRole,
    given_by: UserId,
) -> Result<bool> {
    let added = tx
        .exec(
            sql!(
                "INSERT INTO invitation_groups (account_id, invitation_id, group_id, role, given_by)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (account_id, invitation_id, group_id) DO NOTHING"
            ),
            &[&account, &invitation, &group, &role, &given_by],
        )
        .await?;
    Ok(added == 1)
}

/// Puts a group into an invitation with this role, whatever it had there.
pub(super) async fn put_group(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
    group: GroupId,
    role: GroupRole,
    given_by: UserId,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO invitation_groups (account_id, invitation_id, group_id, role, given_by)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (account_id, invitation_id, group_id)
                 DO UPDATE SET role = excluded.role, given_by = excluded.given_by"
        ),
        &[&account, &invitation, &group, &role, &given_by],
    )
    .await?;
    Ok(())
}

/// Takes all groups out of an invitation: its role belongs to none.
pub(super) async fn drop_groups(tx: &Tx, account: AccountId, invitation: InvitationId) -> Result<()> {
    tx.exec(
        sql!("DELETE FROM invitation_groups WHERE account_id = $1 AND invitation_id = $2"),
        &[&account, &invitation],
    )
    .await?;
    Ok(())
}

/// Gives a pending invitation another role, which `by` answers for from now on.
pub(super) async fn set_role(
    tx: &Tx,
    account: AccountId,
    id: InvitationId,
    role: Role,
    by: UserId,
) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE invitations SET role = $3, invited_by = $4
             WHERE account_id = $1 AND id = $2 AND state = 'pending'"
        ),
        &[&account, &id, &role, &by],
    )
    .await?;
    Ok(())
}

/// Says what the person is called.
pub(super) async fn set_name(tx: &Tx, account: AccountId, id: InvitationId, name: &str) -> Result<()> {
    tx.exec(
        sql!("UPDATE invitations SET name = $3, name_key = $4 WHERE account_id = $1 AND id = $2"),
        &[&account, &id, &name, &search::key(name)],
    )
    .await?;
    Ok(())
}

row! {
    /// A group in an invitation.
    #[derive(Clone, Debug)]
    pub struct OfferedGroup {
        /// The group.
        pub group: GroupId = "ig.group_id",
        /// The role in it.
        pub role: GroupRole = "ig.role",
        /// Its name.
        pub name: String = "g.name",
        /// Who offers it; they must still be allowed to when it is accepted.
        pub given_by: UserId = "ig.given_by",
    }
}

/// The groups of an invitation that are not archived, by name.
pub(super) async fn groups_of(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
) -> Result<Vec<OfferedGroup>> {
    tx.all(
        sql!(
            "SELECT {} FROM invitation_groups ig
             JOIN groups g ON g.account_id = ig.account_id AND g.id = ig.group_id AND g.archived_at IS NULL
             WHERE ig.account_id = $1 AND ig.invitation_id = $2 ORDER BY g.name_key",
            OfferedGroup
        ),
        &[&account, &invitation],
    )
    .await
}

/// Those of an invitation's groups whose givers could give them now: who manages the account, or that group.
pub(super) async fn still_given(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
) -> Result<Vec<OfferedGroup>> {
    tx.all(
        sql!(
            "SELECT {} FROM invitation_groups ig
             JOIN groups g ON g.account_id = ig.account_id AND g.id = ig.group_id AND g.archived_at IS NULL
             LEFT JOIN members m ON m.account_id = ig.account_id AND m.user_id = ig.given_by AND m.until IS NULL
             LEFT JOIN group_members gm ON gm.account_id = ig.account_id AND gm.user_id = ig.given_by
                  AND gm.group_id = ig.group_id AND gm.role = 'administrator' AND gm.until IS NULL
             WHERE ig.account_id = $1 AND ig.invitation_id = $2
               AND (m.role IN ('owner', 'administrator') OR (m.role = 'member' AND gm.id IS NOT NULL)
                    OR EXISTS (SELECT 1 FROM key_groups k WHERE k.account_id = ig.account_id
                         AND k.user_id = ig.given_by AND k.group_id = ig.group_id AND k.until IS NULL))
             ORDER BY g.name_key",
            OfferedGroup
        ),
        &[&account, &invitation],
    )
    .await
}

/// Makes someone the giver of the groups in an invitation that they may give: of all, or of one.
pub(super) async fn give_again(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
    by: UserId,
    manages: bool,
) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE invitation_groups SET given_by = $3
             WHERE account_id = $1 AND invitation_id = $2 AND ($4 OR EXISTS (
                   SELECT 1 FROM group_members gm WHERE gm.account_id = $1 AND gm.user_id = $3
                       AND gm.group_id = invitation_groups.group_id AND gm.role = 'administrator'
                       AND gm.until IS NULL) OR EXISTS (
                   SELECT 1 FROM key_groups k WHERE k.account_id = $1 AND k.user_id = $3
                       AND k.group_id = invitation_groups.group_id AND k.until IS NULL))"
        ),
        &[&account, &invitation, &by, &manages],
    )
    .await?;
    Ok(())
}

/// Makes links that an invitation had no longer good.
pub(super) async fn replace_links(tx: &Tx, account: AccountId, invitation: InvitationId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE invitation_links SET replaced_at = $3
             WHERE account_id = $1 AND invitation_id = $2 AND replaced_at IS NULL"
        ),
        &[&account, &invitation, &tx.now()],
    )
    .await?;
    Ok(())
}

/// Adds a link to an invitation. One that is handed out doesn't travel by email alone.
pub(super) async fn insert_link(
    tx: &Tx,
    account: AccountId,
    invitation: InvitationId,
    token: &Token,
    handed_out: bool,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO invitation_links (token_hash, account_id, invitation_id, created_at, handed_out)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        &[&Hash(token.digest()), &account, &invitation, &tx.now(), &handed_out],
    )
    .await?;
    Ok(())
}

/// Notes which email has an invitation's link.
pub(super) async fn set_mail(tx: &Tx, account: AccountId, id: InvitationId, mail: MailId) -> Result<()> {
    tx.exec(
        sql!("UPDATE invitations SET mail_id = $3 WHERE account_id = $1 AND id = $2"),
        &[&account, &id, &mail],
    )
    .await?;
    Ok(())
}

/// Restarts the seven days, under the name of who sends it now; says whether it was not settled.
pub(super) async fn renew(tx: &Tx, account: AccountId, id: InvitationId, by: UserId) -> Result<bool> {
    let renewed = tx
        .exec(
            sql!(
                "UPDATE invitations SET sent_at = $3, expires_at = $4, invited_by = $5, state = 'pending', settled_at = NULL
             WHERE account_id = $1 AND id = $2 AND (state = 'pending' OR (state = 'withdrawn'
                   AND NOT EXISTS (SELECT 1 FROM invitations later WHERE later.account_id = $1
                       AND later.email_key = invitations.email_key AND later.state = 'pending')))"
            ),
            &[&account, &id, &tx.now(), &tx.now().plus(LASTS), &by],
        )
        .await?;
    Ok(renewed == 1)
}

/// Settles a pending invitation; says whether it was pending, so that of two who try one succeeds.
pub(super) async fn settle(
    tx: &Tx,
    account: AccountId,
    id: InvitationId,
    state: State,
    accepted_by: Option<UserId>,
) -> Result<bool> {
    let settled = tx
        .exec(
            sql!(
                "UPDATE invitations SET state = $3, settled_at = $4, accepted_by = $5
             WHERE account_id = $1 AND id = $2 AND state = 'pending' AND ($6 OR expires_at > $4)"
            ),
            &[&account, &id, &state, &tx.now(), &accepted_by, &(state == State::Canceled)],
        )
        .await?;
    Ok(settled == 1)
}

row! {
    /// What a link leads to.
    #[derive(Clone, Debug)]
    pub(super) struct Opened {
        pub(super) account: AccountId = "l.account_id",
        pub(super) account_name: String = "a.name",
        pub(super) invitation: InvitationId = "l.invitation_id",
        pub(super) replaced_at: Option<Time> = "l.replaced_at",
        pub(super) handed_out: bool = "l.handed_out",
    }
}

pub(super) async fn open(tx: &Tx, token: &Token) -> Result<Option<Opened>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM invitation_links l JOIN accounts a ON a.id = l.account_id WHERE l.token_hash = $1",
            Opened
        ),
        &[&Hash(token.digest())],
    )
    .await
}

/// The same for an invitation to the address that a person has proved to be theirs.
pub(super) async fn open_by_address(tx: &Tx, user: UserId, id: InvitationId) -> Result<Option<Opened>> {
    tx.maybe(
        sql!(
            "SELECT {} FROM users u
             JOIN (SELECT account_id, id AS invitation_id, email_key, CAST(NULL AS BIGINT) AS replaced_at,
                          FALSE AS handed_out FROM invitations) l ON l.email_key = u.email_key AND l.invitation_id = $2
             JOIN accounts a ON a.id = l.account_id
             WHERE u.id = $1 AND u.proved_at IS NOT NULL",
            Opened
        ),
        &[&user, &id],
    )
    .await
}

row! {
    /// An invitation that waits for a person, as they see it.
    #[derive(Clone, Debug)]
    pub struct WaitingRow {
        /// The invitation.
        pub id: InvitationId = "i.id",
        /// The account that invites.
        pub account: AccountId = "i.account_id",
        /// The account's name.
        pub account_name: String = "a.name",
        /// The name of the person who invited.
        pub inviter: String = "n.name",
        /// The role in the account that is offered.
        pub role: Role = "i.role",
        /// When it was last sent.
        pub sent_at: Time = "i.sent_at",
        /// The end of its 7 days.
        pub expires_at: Time = "i.expires_at",
    }
}

/// The invitations that wait for a person at the address that they have proved, newest first, 20 at most.
///
/// # Errors
/// None but the database's.
pub async fn waiting(tx: &Tx, user: UserId) -> Result<Vec<WaitingRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM users u
             JOIN invitations i ON i.email_key = u.email_key AND i.state = 'pending' AND i.expires_at > $2
             JOIN accounts a ON a.id = i.account_id
             JOIN users n ON n.id = i.invited_by
             WHERE u.id = $1 AND u.proved_at IS NOT NULL
             ORDER BY i.sent_at DESC, i.id DESC LIMIT 20",
            WaitingRow
        ),
        &[&user, &tx.now()],
    )
    .await
}

/// Whether someone still manages an account.
pub(super) async fn still_manages(tx: &Tx, account: AccountId, user: UserId) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM members WHERE account_id = $1 AND user_id = $2 AND until IS NULL
                     AND role IN ('owner', 'administrator'))
                 OR EXISTS (SELECT 1 FROM key_seats WHERE account_id = $1 AND user_id = $2 AND until IS NULL
                     AND role = 'administrator')"
        ),
        &[&account, &user],
    )
    .await
}

/// The addresses of an account's owner, and of the inviter if they manage it.
pub(super) async fn inviting_side(tx: &Tx, account: AccountId, inviter: UserId) -> Result<Vec<String>> {
    let found = tx
        .all::<One<String>>(
            sql!(
                "SELECT u.email FROM members m JOIN users u ON u.id = m.user_id
                 WHERE m.account_id = $1 AND m.until IS NULL
                   AND (m.role = 'owner' OR (m.user_id = $2 AND m.role = 'administrator'))
                 ORDER BY u.email_key"
            ),
            &[&account, &inviter],
        )
        .await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

/// The pending invitations of an account.
pub(super) async fn pending(tx: &Tx, account: AccountId) -> Result<Vec<InvitationId>> {
    let found = tx
        .all::<One<InvitationId>>(
            sql!("SELECT id FROM invitations WHERE account_id = $1 AND state = 'pending'"),
            &[&account],
        )
        .await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}
