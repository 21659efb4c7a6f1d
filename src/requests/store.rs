//! The statements of requests.

use crate::{
    access::{AccountMember, RequestScope},
    clock::Time,
    db::{Sql, Tx, hex, ids},
    error::Result,
    id::{AccountId, CaseId, ClientId, FileId, GroupId, MessageId, RequestId, UserGroupId, UserId},
    requests::{MailWish, MessageKind, Priority, State, Tray},
    row, sql, text,
    web::{Weight, files::NewFile},
};

/// A statement with the ids of the list that is this parameter in its middle.
macro_rules! listed {
    ($before:literal, $list:literal, $after:literal) => {
        sql!(
            sqlite: concat!($before, "(SELECT unhex(value) FROM json_each(", $list, "))", $after),
            postgres: concat!(
                $before,
                "(SELECT CAST(value AS UUID) FROM jsonb_array_elements_text(CAST(CAST(",
                $list,
                " AS TEXT) AS JSONB)))",
                $after
            ),
        )
    };
}

row! {
    /// A request, as lists show it and as somebody stands towards it.
    #[derive(Clone, Debug)]
    pub struct RequestRow {
        /// Its id.
        pub id: RequestId,
        /// Its account.
        pub account: AccountId,
        /// Its number in the account, from 1.
        pub number: i64,
        /// What it is about, on one line.
        pub subject: String,
        /// How pressing it is.
        pub priority: Priority,
        /// Until when it should be done.
        pub due_at: Option<Time>,
        /// Where it is.
        pub state: State,
        /// Who sent it.
        pub sender: UserId,
        /// Their name.
        pub sender_name: String,
        /// The user group that it is addressed to.
        pub user_group: UserGroupId,
        /// Its name.
        pub user_group_name: String,
        /// Who holds it, or held it last.
        pub claimed_by: Option<UserId>,
        /// Their name.
        pub claimer: Option<String>,
        /// Since when.
        pub claimed_at: Option<Time>,
        /// When it was sent.
        pub created_at: Time,
        /// When it last changed.
        pub updated_at: Time,
        /// When it was done, declined or canceled.
        pub settled_at: Option<Time>,
        /// When something last was new to its sender or its receivers.
        pub news_at: Time,
        /// Counts the changes.
        pub version: i64,
        /// About how many clients it is.
        pub clients: i64,
        /// Whether it holds news for whoever looks.
        pub unread: bool,
    }
}

impl RequestRow {
    /// Whether it should have been done before `now`.
    pub fn overdue(&self, now: Time) -> bool {
        self.settled_at.is_none() && self.due_at.is_some_and(|due| due < now)
    }
}

/// The columns of a [`RequestRow`] that the person `$2` reads: `unread` says what is news to them. Whoever
/// holds a request that is open must still be in the user group: otherwise nobody does.
macro_rules! select_requests {
    ($unread:literal, $from:literal, $rest:literal) => {
        concat!(
            "SELECT r.id, r.account_id, r.number, r.subject, r.priority, r.due_at, \
                    CASE WHEN r.state IN ('claimed', 'waiting') AND hm.user_id IS NULL THEN 'new' ELSE r.state END, \
                    r.sender_id, s.name, r.user_group_id, ug.name, \
                    CASE WHEN r.settled_at IS NULL AND hm.user_id IS NULL THEN NULL ELSE r.claimed_by END, \
                    CASE WHEN r.settled_at IS NULL AND hm.user_id IS NULL THEN NULL ELSE c.name END, \
                    CASE WHEN r.settled_at IS NULL AND hm.user_id IS NULL THEN NULL ELSE r.claimed_at END, \
                    r.created_at, r.updated_at, r.settled_at, \
                    CASE WHEN r.sender_news_at > r.receiver_news_at THEN r.sender_news_at \
                         ELSE r.receiver_news_at END, \
                    r.version, \
                    (SELECT count(*) FROM request_clients rc \
                     WHERE rc.account_id = r.account_id AND rc.request_id = r.id), \
                    CASE WHEN ",
            $unread,
            " THEN TRUE ELSE FALSE END FROM ",
            $from,
            " JOIN users s ON s.id = r.sender_id \
              JOIN user_groups ug ON ug.account_id = r.account_id AND ug.id = r.user_group_id \
              LEFT JOIN users c ON c.id = r.claimed_by \
              LEFT JOIN user_group_members h ON h.account_id = r.account_id AND h.user_id = r.claimed_by \
                   AND h.user_group_id = r.user_group_id AND h.until IS NULL \
              LEFT JOIN members hm ON hm.account_id = h.account_id AND hm.user_id = h.user_id \
                   AND hm.until IS NULL AND hm.role <> 'support_staff' \
              LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = $2 AND d.request_id = r.id ",
            $rest
        )
    };
}

/// Somebody's user groups `um` that may receive now.
macro_rules! receiving {
    ($rest:literal) => {
        concat!(
            "user_group_members um JOIN user_group_grants p ON p.account_id = um.account_id \
                 AND p.user_group_id = um.user_group_id AND p.privilege = 'requests.receive' AND p.until IS NULL ",
            $rest
        )
    };
}

pub(super) async fn show(tx: &Tx, scope: &RequestScope) -> Result<RequestRow> {
    tx.one(
        sql!(select_requests!(
            "($4 AND r.sender_news_at > COALESCE(d.read_at, 0))
              OR ($5 AND (r.state = 'new' OR r.claimed_by = $2) AND r.receiver_news_at > COALESCE(d.read_at, 0))",
            "requests r",
            "WHERE r.account_id = $1 AND r.id = $3"
        )),
        &[&scope.account(), &scope.id(), &scope.request(), &scope.is_sender(), &scope.is_receiver()],
    )
    .await
}

/// Which requests to list.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Out of which box.
    pub tray: Tray,
    /// Only where there is still something to do.
    pub open: bool,
    /// With those that are settled and hold news, where only open ones are asked for.
    pub unread: bool,
    /// Only in this state.
    pub state: Option<State>,
    /// Only those addressed to this user group.
    pub to: Option<UserGroupId>,
    /// Only those that should have been done already.
    pub overdue: bool,
    /// Part of the subject or the number.
    pub search: Option<String>,
    /// Only older ones than this: where the page before ended.
    pub before: RequestId,
}

impl Filter {
    /// Whether finding them takes long.
    pub fn weight(&self) -> Weight {
        match self.search.is_some() {
            true => Weight::Heavy,
            false => Weight::Light,
        }
    }
}

/// A list of a box: as it is, with what is open alone, and with what is open or holds news.
macro_rules! lists {
    ($name:ident: $unread:literal, $from:literal, $whose:literal) => {
        const $name: [Sql; 3] = [
    lists!(@ $unread, $from, $whose, ""),
    lists!(@ $unread, $from, $whose, "AND r.settled_at IS NULL"),
    lists!(@ $unread, $from, $whose, "AND (r.settled_at IS NULL OR (" $unread "))"),
        ];
    };
    (@ $unread:literal, $from:literal, $whose:literal, $($open:literal)+) => {
        sql!(concat!(
            select_requests!($unread, $from, "WHERE "),
            $whose,
            " AND r.id < $3 ",
            $($open,)+
            " AND (CAST($4 AS TEXT) IS NULL OR r.state = $4) AND ($5 OR r.user_group_id = $6) \
              AND (NOT $7 OR (r.settled_at IS NULL AND r.due_at < $8)) \
              AND (CAST($9 AS TEXT) IS NULL OR r.search LIKE $9 ESCAPE '\\') \
              ORDER BY r.id DESC LIMIT $10"
        ))
    };
}
lists!(INBOX:
    "(r.state = 'new' OR r.claimed_by = $2) AND r.receiver_news_at > COALESCE(d.read_at, 0)",
    "user_group_members um JOIN user_group_grants p ON p.account_id = um.account_id \
         AND p.user_group_id = um.user_group_id AND p.privilege = 'requests.receive' AND p.until IS NULL \
         JOIN requests r ON r.account_id = um.account_id AND r.user_group_id = um.user_group_id",
    "um.account_id = $1 AND um.user_id = $2 AND um.until IS NULL"
);
lists!(MINE:
    "r.receiver_news_at > COALESCE(d.read_at, 0)",
    "requests r JOIN user_group_members um ON um.account_id = r.account_id AND um.user_id = r.claimed_by \
         AND um.user_group_id = r.user_group_id AND um.until IS NULL \
         JOIN user_group_grants p ON p.account_id = um.account_id \
         AND p.user_group_id = um.user_group_id AND p.privilege = 'requests.receive' AND p.until IS NULL",
    "r.account_id = $1 AND r.claimed_by = $2"
);
lists!(SENT:
    "r.sender_news_at > COALESCE(d.read_at, 0)",
    "requests r",
    "r.account_id = $1 AND r.sender_id = $2 AND NOT EXISTS (SELECT 1 FROM request_groups rg \
         WHERE rg.account_id = r.account_id AND rg.request_id = r.id AND NOT EXISTS ( \
             SELECT 1 FROM group_members gm WHERE gm.account_id = rg.account_id AND gm.group_id = rg.group_id \
                AND gm.user_id = $2 AND gm.until IS NULL))"
);

/// A page of one of the caller's boxes, newest first.
pub(super) async fn list(
    tx: &Tx,
    scope: &AccountMember,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<RequestRow>> {
    let of = match filter.tray {
        Tray::Inbox => &INBOX,
        Tray::Sent => &SENT,
        Tray::Mine => &MINE,
    };
    let search = filter.search.as_deref().map(text::contains_pattern);
    tx.all(
        of[usize::from(filter.open) + usize::from(filter.open && filter.unread)],
        &[
            &scope.account(),
            &scope.id(),
            &filter.before,
            &filter.state,
            &filter.to.is_none(),
            &filter.to,
            &filter.overdue,
            &tx.now(),
            &search,
            &limit,
        ],
    )
    .await
}

row! {
    /// A box of somebody's, with what waits in it.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Shelf {
        /// Which box.
        pub tray: Tray,
        /// Of which user group, where it is an inbox.
        pub user_group: Option<UserGroupId>,
        /// That user group's name.
        pub name: String,
        /// Whether that user group may receive requests now.
        pub receives: bool,
        /// Whether it may send them.
        pub sends: bool,
        /// How many requests in it hold news: in an inbox, of those that nobody holds.
        pub unread: i64,
        /// How many of them should have been done already.
        pub overdue: i64,
    }
}

/// Somebody's boxes: one for each of their user groups, what they hold, what they sent. Settled requests count
/// as unread if that was after `since`.
pub(super) async fn shelves(tx: &Tx, account: AccountId, user: UserId, since: Time) -> Result<Vec<Shelf>> {
    tx.all(
        sql!(concat!(
            "SELECT 'inbox' AS tray, g.id, g.name, p.id IS NOT NULL, o.id IS NOT NULL,
                    (SELECT count(*) FROM requests r
                     LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = $2 AND d.request_id = r.id
                     WHERE r.account_id = g.account_id AND r.user_group_id = g.id AND r.state = 'new'
                       AND r.settled_at IS NULL AND p.id IS NOT NULL AND r.receiver_news_at > COALESCE(d.read_at, 0)),
                    (SELECT count(*) FROM requests r
                     WHERE r.account_id = g.account_id AND r.user_group_id = g.id AND r.state = 'new'
                       AND r.settled_at IS NULL AND p.id IS NOT NULL AND r.due_at < $4)
             FROM user_group_members um
             JOIN user_groups g ON g.account_id = um.account_id AND g.id = um.user_group_id
             LEFT JOIN user_group_grants p ON p.account_id = g.account_id AND p.user_group_id = g.id
                  AND p.privilege = 'requests.receive' AND p.until IS NULL
             LEFT JOIN user_group_grants o ON o.account_id = g.account_id AND o.user_group_id = g.id
                  AND o.privilege = 'requests.send' AND o.until IS NULL
             WHERE um.account_id = $1 AND um.user_id = $2 AND um.until IS NULL
             UNION ALL
             SELECT 'mine', NULL, '', FALSE, FALSE,
                    (SELECT count(*) FROM ",
            receiving!(
                "JOIN requests r ON r.account_id = um.account_id AND r.user_group_id = um.user_group_id
                     AND r.claimed_by = um.user_id
                 LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = $2 AND d.request_id = r.id
                 WHERE um.account_id = $1 AND um.user_id = $2 AND um.until IS NULL
                   AND r.account_id = $1 AND r.claimed_by = $2
                   AND (r.settled_at IS NULL OR r.settled_at > $3) AND r.receiver_news_at > COALESCE(d.read_at, 0)"
            ),
            "), (SELECT count(*) FROM ",
            receiving!(
                "JOIN requests r ON r.account_id = um.account_id AND r.user_group_id = um.user_group_id
                     AND r.claimed_by = um.user_id
                 WHERE um.account_id = $1 AND um.user_id = $2 AND um.until IS NULL
                   AND r.account_id = $1 AND r.claimed_by = $2 AND r.settled_at IS NULL AND r.due_at < $4"
            ),
            ")
             UNION ALL
             SELECT 'sent', NULL, '', FALSE, FALSE, count(*) FILTER (WHERE s.news), count(*) FILTER (WHERE s.late)
             FROM (SELECT r.sender_news_at > COALESCE(d.read_at, 0) AS news,
                          r.settled_at IS NULL AND r.due_at < $4 AS late
                   FROM requests r
                   LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = $2 AND d.request_id = r.id
                   WHERE r.account_id = $1 AND r.sender_id = $2 AND (r.settled_at IS NULL OR r.settled_at > $3)
                     AND (r.sender_news_at > COALESCE(d.read_at, 0) OR r.due_at < $4)
                     AND NOT EXISTS (SELECT 1 FROM request_groups rg
                         WHERE rg.account_id = r.account_id AND rg.request_id = r.id AND NOT EXISTS (
                             SELECT 1 FROM group_members gm WHERE gm.account_id = rg.account_id
                                AND gm.group_id = rg.group_id AND gm.user_id = $2 AND gm.until IS NULL))) s
             ORDER BY 1, 3"
        )),
        &[&account, &user, &since, &tx.now()],
    )
    .await
}

row! {
    /// A user group as somebody wants to send to it.
    pub(super) struct Addressee {
        pub(super) name: String,
        pub(super) active: bool,
        pub(super) deleted_at: Option<Time>,
        pub(super) receives: bool,
    }
}

pub(super) async fn addressee(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<Option<Addressee>> {
    tx.maybe(
        sql!(
            "SELECT g.name, g.active, g.deleted_at, p.id IS NOT NULL FROM user_groups g
             LEFT JOIN user_group_grants p ON p.account_id = g.account_id AND p.user_group_id = g.id
                  AND p.privilege = 'requests.receive' AND p.until IS NULL
             WHERE g.account_id = $1 AND g.id = $2"
        ),
        &[&account, &id],
    )
    .await
}

row! {
    /// A user group that may receive requests now.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    pub struct Receiver {
        /// Its id.
        pub id: UserGroupId,
        /// Its name.
        pub name: String,
        /// What it is for.
        pub description: String,
        /// Whether a new request is addressed to it unless another is chosen.
        pub default: bool,
        /// How many people are in it at present.
        pub people: i64,
    }
}

pub(super) async fn receivers(tx: &Tx, account: AccountId) -> Result<Vec<Receiver>> {
    tx.all(
        sql!(
            "SELECT g.id, g.name, g.description, g.is_default,
                    (SELECT count(*) FROM user_group_members um
                     JOIN members m ON m.account_id = um.account_id AND m.user_id = um.user_id AND m.until IS NULL
                          AND m.role <> 'support_staff'
                     WHERE um.account_id = g.account_id AND um.user_group_id = g.id AND um.until IS NULL)
             FROM user_groups g
             JOIN user_group_grants p ON p.account_id = g.account_id AND p.user_group_id = g.id
                  AND p.privilege = 'requests.receive' AND p.until IS NULL
             WHERE g.account_id = $1 AND g.active AND g.deleted_at IS NULL ORDER BY g.name_key LIMIT 500"
        ),
        &[&account],
    )
    .await
}

/// Who is in a user group at present, with their names.
pub(super) async fn present(
    tx: &Tx,
    account: AccountId,
    user_group: UserGroupId,
) -> Result<Vec<(UserId, String)>> {
    tx.all(
        sql!(
            "SELECT u.id, u.name FROM user_group_members um
             JOIN members m ON m.account_id = um.account_id AND m.user_id = um.user_id AND m.until IS NULL
                  AND m.role <> 'support_staff'
             JOIN users u ON u.id = um.user_id
             WHERE um.account_id = $1 AND um.user_group_id = $2 AND um.until IS NULL
             ORDER BY u.name, u.id LIMIT 500"
        ),
        &[&account, &user_group],
    )
    .await
}

/// The name of somebody who is in a user group at present.
pub(super) async fn present_name(
    tx: &Tx,
    account: AccountId,
    user_group: UserGroupId,
    user: UserId,
) -> Result<Option<String>> {
    let found = tx
        .maybe::<crate::db::One<String>>(
            sql!(
                "SELECT u.name FROM user_group_members um
             JOIN members m ON m.account_id = um.account_id AND m.user_id = um.user_id AND m.until IS NULL
                  AND m.role <> 'support_staff'
             JOIN users u ON u.id = um.user_id
             WHERE um.account_id = $1 AND um.user_group_id = $2 AND um.user_id = $3 AND um.until IS NULL"
            ),
            &[&account, &user_group, &user],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

/// How many of these clients somebody may ask about: of a group that they are in now, not archived.
pub(super) async fn askable(tx: &Tx, scope: &AccountMember, clients: &[ClientId]) -> Result<i64> {
    tx.value(
        listed!(
            "SELECT count(*) FROM clients c
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id AND g.archived_at IS NULL
             JOIN group_members gm ON gm.account_id = c.account_id AND gm.group_id = c.group_id AND gm.user_id = $2
                  AND gm.until IS NULL
             WHERE c.account_id = $1 AND c.archived_at IS NULL AND c.id IN ",
            "$3",
            ""
        ),
        &[&scope.account(), &scope.id(), &ids(clients)],
    )
    .await
}

/// The group of a case, if somebody is in it now.
pub(super) async fn group_of_case(tx: &Tx, scope: &AccountMember, case: CaseId) -> Result<Option<GroupId>> {
    let found = tx
        .maybe::<crate::db::One<GroupId>>(
            sql!(
                "SELECT c.group_id FROM cases c
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id AND g.archived_at IS NULL
             JOIN group_members gm ON gm.account_id = c.account_id AND gm.group_id = c.group_id AND gm.user_id = $2
                  AND gm.until IS NULL
             WHERE c.account_id = $1 AND c.id = $3"
            ),
            &[&scope.account(), &scope.id(), &case],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

/// A request to be kept.
pub(super) struct New<'a> {
    pub(super) id: RequestId,
    pub(super) number: i64,
    pub(super) to: UserGroupId,
    pub(super) subject: &'a str,
    pub(super) body: &'a str,
    pub(super) priority: Priority,
    pub(super) due_at: Option<Time>,
    pub(super) case: Option<(GroupId, CaseId)>,
    pub(super) clients: &'a [ClientId],
}

/// Takes the next number of an account.
pub(super) async fn next_number(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(
        sql!(
            "INSERT INTO request_numbers (account_id, last) VALUES ($1, 1)
             ON CONFLICT (account_id) DO UPDATE SET last = request_numbers.last + 1 RETURNING last"
        ),
        &[&account],
    )
    .await
}

/// Keeps a request with what it is about, and every group that this concerns.
pub(super) async fn insert(tx: &Tx, scope: &AccountMember, new: &New<'_>) -> Result<()> {
    let (case_group, case) = new.case.unzip();
    let search = format!("#{} {}", new.number, text::fold(new.subject));
    tx.exec(
        sql!(
            "INSERT INTO requests (account_id, id, number, sender_id, user_group_id, subject, search, body, priority,
                                   due_at, state, case_group_id, case_id, created_at, updated_at, sender_news_at,
                                   receiver_news_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'new', $11, $12, $13, $13, $13, $13, 1)"
        ),
        &[
            &scope.account(),
            &new.id,
            &new.number,
            &scope.id(),
            &new.to,
            &new.subject,
            &search,
            &new.body,
            &new.priority,
            &new.due_at,
            &case_group,
            &case,
            &tx.now(),
        ],
    )
    .await?;
    address(tx, scope.account(), new.id, new.to).await?;
    tx.exec(
        listed!(
            "INSERT INTO request_clients (account_id, request_id, group_id, client_id)
             SELECT c.account_id, $2, c.group_id, c.id FROM clients c WHERE c.account_id = $1 AND c.id IN ",
            "$3",
            ""
        ),
        &[&scope.account(), &new.id, &ids(new.clients)],
    )
    .await?;
    tx.exec(
        sql!(
            "INSERT INTO request_groups (account_id, request_id, group_id)
             SELECT rc.account_id, rc.request_id, rc.group_id FROM request_clients rc
             WHERE rc.account_id = $1 AND rc.request_id = $2
             UNION
             SELECT r.account_id, r.id, r.case_group_id FROM requests r
             WHERE r.account_id = $1 AND r.id = $2 AND r.case_group_id IS NOT NULL"
        ),
        &[&scope.account(), &new.id],
    )
    .await?;
    Ok(())
}

/// Notes to which user group a request is addressed from now on.
pub(super) async fn address(tx: &Tx, account: AccountId, request: RequestId, to: UserGroupId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE request_addressees SET until = $3 WHERE account_id = $1 AND request_id = $2 AND until IS NULL"
        ),
        &[&account, &request, &tx.now()],
    )
    .await?;
    tx.exec(
        sql!(
            "INSERT INTO request_addressees (account_id, request_id, id, user_group_id, since)
             VALUES ($1, $2, $3, $4, $5)"
        ),
        &[&account, &request, &tx.id::<crate::id::Spell>(), &to, &tx.now()],
    )
    .await?;
    Ok(())
}

/// Takes a request up, if nobody holds it who is still in the user group; says whether that was so.
pub(super) async fn claim(tx: &Tx, scope: &RequestScope) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE requests SET state = 'claimed', claimed_by = $3, claimed_at = $4, updated_at = $4,
                    version = version + 1
             WHERE account_id = $1 AND id = $2 AND settled_at IS NULL
               AND (state = 'new' OR NOT EXISTS (SELECT 1 FROM user_group_members um
                   JOIN members m ON m.account_id = um.account_id AND m.user_id = um.user_id AND m.until IS NULL
                        AND m.role <> 'support_staff'
                   WHERE um.account_id = requests.account_id AND um.user_group_id = requests.user_group_id
                     AND um.user_id = requests.claimed_by AND um.until IS NULL))"
            ),
            &[&scope.account(), &scope.request(), &scope.id(), &tx.now()],
        )
        .await?;
    Ok(changed == 1)
}

/// What a step makes of a request.
pub(super) struct Turn {
    pub(super) state: State,
    pub(super) holder: Option<(UserId, Time)>,
    pub(super) to: UserGroupId,
}

/// Changes where a request is, if it is still as it was read; says whether it was.
pub(super) async fn turn(tx: &Tx, scope: &RequestScope, row: &RequestRow, turn: &Turn) -> Result<bool> {
    let (holder, since) = turn.holder.unzip();
    let settled = (!turn.state.open()).then_some(tx.now());
    let changed = tx
        .exec(
            sql!(
                "UPDATE requests SET state = $3, claimed_by = $4, claimed_at = $5, user_group_id = $6, settled_at = $7,
                    updated_at = $8, version = version + 1
             WHERE account_id = $1 AND id = $2 AND version = $9"
            ),
            &[
                &scope.account(),
                &scope.request(),
                &turn.state,
                &holder,
                &since,
                &turn.to,
                &settled,
                &tx.now(),
                &row.version,
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Dates news: for the sender, for the receivers.
pub(super) async fn date_news(tx: &Tx, scope: &RequestScope, sender: bool, receivers: bool) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE requests SET sender_news_at = CASE WHEN $3 THEN $5 ELSE sender_news_at END,
                    receiver_news_at = CASE WHEN $4 THEN $5 ELSE receiver_news_at END, updated_at = $5
             WHERE account_id = $1 AND id = $2"
        ),
        &[&scope.account(), &scope.request(), &sender, &receivers, &tx.now()],
    )
    .await?;
    Ok(())
}

/// Notes up to when somebody has read a request; never less than before.
pub(super) async fn mark_read(
    tx: &Tx,
    account: AccountId,
    user: UserId,
    request: RequestId,
    up_to: Time,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO request_reads (account_id, user_id, request_id, read_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_id, user_id, request_id) DO UPDATE SET read_at =
                CASE WHEN excluded.read_at > request_reads.read_at THEN excluded.read_at
                     ELSE request_reads.read_at END"
        ),
        &[&account, &user, &request, &up_to],
    )
    .await?;
    Ok(())
}

row! {
    /// An entry of a thread.
    #[derive(Clone, Debug)]
    pub struct MessageRow {
        /// Its id.
        pub id: MessageId,
        /// Whose.
        pub author: UserId,
        /// Their name.
        pub author_name: String,
        /// What it tells.
        pub kind: MessageKind,
        /// What they wrote, or the name that the kind speaks of.
        pub body: String,
        /// When.
        pub created_at: Time,
    }
}

/// A thread from its beginning.
pub(super) async fn messages(tx: &Tx, scope: &RequestScope, limit: i64) -> Result<Vec<MessageRow>> {
    tx.all(
        sql!(
            "SELECT n.id, n.author_id, u.name, n.kind, n.body, n.created_at
             FROM request_messages n JOIN users u ON u.id = n.author_id
             WHERE n.account_id = $1 AND n.request_id = $2 ORDER BY n.id LIMIT $3"
        ),
        &[&scope.account(), &scope.request(), &limit],
    )
    .await
}

/// How many entries a thread has, and how many files.
pub(super) async fn sizes(tx: &Tx, scope: &RequestScope) -> Result<(i64, i64)> {
    tx.one(
        sql!(
            "SELECT (SELECT count(*) FROM request_messages WHERE account_id = $1 AND request_id = $2),
                    (SELECT count(*) FROM request_files WHERE account_id = $1 AND request_id = $2)"
        ),
        &[&scope.account(), &scope.request()],
    )
    .await
}

pub(super) async fn say(tx: &Tx, scope: &RequestScope, kind: MessageKind, body: &str) -> Result<MessageId> {
    let id: MessageId = tx.id();
    tx.exec(
        sql!(
            "INSERT INTO request_messages (account_id, request_id, id, author_id, kind, body, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        &[&scope.account(), &scope.request(), &id, &scope.id(), &kind, &body, &tx.now()],
    )
    .await?;
    Ok(id)
}

row! {
    /// What a request asks, and about which case.
    pub(super) struct Matter {
        pub(super) body: String,
        pub(super) case: Option<CaseId>,
        pub(super) case_group: Option<GroupId>,
        pub(super) case_number: Option<i64>,
        pub(super) case_name: Option<String>,
        pub(super) case_status: Option<String>,
        /// Whether whoever looks is in the case's group.
        pub(super) in_group: bool,
    }
}

/// What a request shows of the case that it is about: nothing more is ever read for it.
#[derive(Clone, Debug)]
pub struct AboutCase {
    /// The case.
    pub id: CaseId,
    /// Its number in its group.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Whether work on it goes on.
    pub status: String,
    /// Its group, where whoever looks is in it.
    pub group: Option<GroupId>,
}

pub(super) async fn matter(tx: &Tx, scope: &RequestScope) -> Result<(String, Option<AboutCase>)> {
    let found: Matter = tx
        .one(
            sql!(
                "SELECT r.body, c.id, c.group_id, c.number, c.name, c.status, gm.user_id IS NOT NULL FROM requests r
             LEFT JOIN cases c ON c.account_id = r.account_id AND c.group_id = r.case_group_id AND c.id = r.case_id
             LEFT JOIN group_members gm ON gm.account_id = c.account_id AND gm.group_id = c.group_id
                  AND gm.user_id = $3 AND gm.until IS NULL
             WHERE r.account_id = $1 AND r.id = $2"
            ),
            &[&scope.account(), &scope.request(), &scope.id()],
        )
        .await?;
    let case = found.case.map(|id| AboutCase {
        id,
        number: found.case_number.unwrap_or_default(),
        name: found.case_name.unwrap_or_default(),
        status: found.case_status.unwrap_or_default(),
        group: found.case_group.filter(|_| found.in_group),
    });
    Ok((found.body, case))
}

row! {
    /// What a request shows of a client that it is about: nothing more is ever read for it.
    #[derive(Clone, Debug)]
    pub struct AboutClient {
        /// The client.
        pub id: ClientId,
        /// Their name.
        pub name: String,
        /// What they are.
        pub kind: String,
        /// When they were born.
        pub birth_date: Option<String>,
        /// Their reference number.
        pub reference: String,
        /// Their group, where whoever looks is in it.
        pub group: Option<GroupId>,
    }
}

impl AboutClient {
    /// What they are, as a word to be read.
    pub fn label(&self) -> String {
        let mut letters = self.kind.replace('_', " ").chars().collect::<Vec<_>>();
        if let Some(first) = letters.first_mut() {
            *first = first.to_ascii_uppercase();
        }
        letters.into_iter().collect()
    }
}

pub(super) async fn clients(tx: &Tx, scope: &RequestScope) -> Result<Vec<AboutClient>> {
    tx.all(
        sql!(
            "SELECT c.id, c.name, c.kind, c.birth_date, c.reference, gm.group_id FROM request_clients rc
             JOIN clients c ON c.account_id = rc.account_id AND c.group_id = rc.group_id AND c.id = rc.client_id
             LEFT JOIN group_members gm ON gm.account_id = c.account_id AND gm.group_id = c.group_id
                  AND gm.user_id = $3 AND gm.until IS NULL
             WHERE rc.account_id = $1 AND rc.request_id = $2 ORDER BY c.name_key, c.id"
        ),
        &[&scope.account(), &scope.request(), &scope.id()],
    )
    .await
}

row! {
    /// A file attached to a request.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = RequestFile)]
    pub struct FileRow {
        /// Its id.
        pub id: FileId,
        /// Its name.
        pub name: String,
        /// Its kind, told by its first bytes.
        pub content_type: String,
        /// Its size in bytes.
        pub size: i64,
        /// Who attached it.
        pub uploaded_by: UserId,
        /// Their name.
        pub uploader: String,
        /// When.
        pub created_at: Time,
    }
}

pub(super) async fn files(tx: &Tx, scope: &RequestScope) -> Result<Vec<FileRow>> {
    tx.all(
        sql!(
            "SELECT f.id, f.name, f.content_type, f.size, f.uploaded_by, u.name, f.created_at
             FROM request_files f JOIN users u ON u.id = f.uploaded_by
             WHERE f.account_id = $1 AND f.request_id = $2 ORDER BY f.id LIMIT 500"
        ),
        &[&scope.account(), &scope.request()],
    )
    .await
}

pub(super) async fn file(tx: &Tx, scope: &RequestScope, id: FileId) -> Result<FileRow> {
    tx.one(
        sql!(
            "SELECT f.id, f.name, f.content_type, f.size, f.uploaded_by, u.name, f.created_at
             FROM request_files f JOIN users u ON u.id = f.uploaded_by
             WHERE f.account_id = $1 AND f.request_id = $2 AND f.id = $3"
        ),
        &[&scope.account(), &scope.request(), &id],
    )
    .await
}

pub(super) async fn insert_file(tx: &Tx, scope: &RequestScope, file: &NewFile) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO request_files (account_id, request_id, id, name, content_type, size, digest, uploaded_by,
                                        created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        &[
            &scope.account(),
            &scope.request(),
            &file.id,
            &file.name,
            &file.kind,
            &file.size,
            &file.digest,
            &scope.id(),
            &tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// The address of a request's sender, if they are to be written to: they still see it, want a letter for each
/// thing, are not the one who acts, and had nothing unread in it.
pub(super) async fn sender_to_tell(tx: &Tx, scope: &RequestScope) -> Result<Option<String>> {
    let found = tx
        .maybe::<crate::db::One<String>>(
            sql!(
                "SELECT u.email FROM requests r
             JOIN members m ON m.account_id = r.account_id AND m.user_id = r.sender_id AND m.until IS NULL
                  AND m.role <> 'support_staff'
             JOIN users u ON u.id = r.sender_id
             LEFT JOIN request_settings w ON w.account_id = r.account_id AND w.user_id = r.sender_id
             LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = r.sender_id
                  AND d.request_id = r.id
             WHERE r.account_id = $1 AND r.id = $2 AND r.sender_id <> $3 AND COALESCE(w.mail, 'each') = 'each'
               AND r.sender_news_at <= COALESCE(d.read_at, 0)
               AND NOT EXISTS (SELECT 1 FROM request_groups rg
                   WHERE rg.account_id = r.account_id AND rg.request_id = r.id AND NOT EXISTS (
                       SELECT 1 FROM group_members gm WHERE gm.account_id = rg.account_id
                          AND gm.group_id = rg.group_id AND gm.user_id = r.sender_id AND gm.until IS NULL))"
            ),
            &[&scope.account(), &scope.request(), &scope.id()],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

/// The address of whoever holds a request, on the same terms. Who was just handed it is told in any case.
pub(super) async fn holder_to_tell(tx: &Tx, scope: &RequestScope, handed: bool) -> Result<Option<String>> {
    let found = tx
        .maybe::<crate::db::One<String>>(
            sql!(
                "SELECT u.email FROM requests r
             JOIN user_group_members um ON um.account_id = r.account_id AND um.user_group_id = r.user_group_id
                  AND um.user_id = r.claimed_by AND um.until IS NULL
             JOIN user_group_grants p ON p.account_id = um.account_id AND p.user_group_id = um.user_group_id
                  AND p.privilege = 'requests.receive' AND p.until IS NULL
             JOIN members m ON m.account_id = um.account_id AND m.user_id = um.user_id AND m.until IS NULL
                  AND m.role <> 'support_staff'
             JOIN users u ON u.id = um.user_id
             LEFT JOIN request_settings w ON w.account_id = r.account_id AND w.user_id = um.user_id
             LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = um.user_id
                  AND d.request_id = r.id
             WHERE r.account_id = $1 AND r.id = $2 AND r.claimed_by <> $3 AND COALESCE(w.mail, 'each') = 'each'
               AND ($4 OR r.receiver_news_at <= COALESCE(d.read_at, 0))"
            ),
            &[&scope.account(), &scope.request(), &scope.id(), &handed],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

/// The addresses of the people of a user group who want a letter for each thing, without who acts and who
/// sent the request.
pub(super) async fn group_to_tell(
    tx: &Tx,
    account: AccountId,
    user_group: UserGroupId,
    but: [UserId; 2],
) -> Result<Vec<String>> {
    let found = tx
        .all::<crate::db::One<String>>(
            sql!(
                "SELECT u.email FROM user_group_members um
             JOIN members m ON m.account_id = um.account_id AND m.user_id = um.user_id AND m.until IS NULL
                  AND m.role <> 'support_staff'
             JOIN users u ON u.id = um.user_id
             LEFT JOIN request_settings w ON w.account_id = um.account_id AND w.user_id = um.user_id
             WHERE um.account_id = $1 AND um.user_group_id = $2 AND um.until IS NULL
               AND um.user_id <> $3 AND um.user_id <> $4 AND COALESCE(w.mail, 'each') = 'each'
             ORDER BY u.id"
            ),
            &[&account, &user_group, &but[0], &but[1]],
        )
        .await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

/// How somebody wants to hear of requests.
pub(super) async fn mail_wish(tx: &Tx, account: AccountId, user: UserId) -> Result<MailWish> {
    let found = tx
        .maybe::<crate::db::One<MailWish>>(
            sql!("SELECT mail FROM request_settings WHERE account_id = $1 AND user_id = $2"),
            &[&account, &user],
        )
        .await?;
    Ok(found.map_or(MailWish::Each, |one| one.0))
}

/// Notes how somebody wants to hear of requests. Their first summary comes the next morning.
pub(super) async fn set_mail_wish(tx: &Tx, account: AccountId, user: UserId, mail: MailWish) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO request_settings (account_id, user_id, mail, digest_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_id, user_id) DO UPDATE SET mail = excluded.mail, digest_at =
                CASE WHEN request_settings.mail = excluded.mail THEN request_settings.digest_at
                     ELSE excluded.digest_at END"
        ),
        &[&account, &user, &mail, &tx.now()],
    )
    .await?;
    Ok(())
}

row! {
    /// An account in which somebody wants daily summaries.
    pub(super) struct Subscriber {
        pub(super) account: AccountId,
        pub(super) time_zone: String,
        /// When the oldest of their summaries was looked at.
        pub(super) oldest: Time,
    }
}

/// The accounts in which somebody wants daily summaries.
pub(super) async fn subscribers(tx: &Tx) -> Result<Vec<Subscriber>> {
    tx.all(
        sql!(
            "SELECT w.account_id, a.time_zone, MIN(COALESCE(w.digest_at, 0)) FROM request_settings w
             JOIN accounts a ON a.id = w.account_id
             WHERE w.mail = 'digest' GROUP BY w.account_id, a.time_zone ORDER BY w.account_id"
        ),
        &[],
    )
    .await
}

/// Claims the summaries of an account that were last looked at before `due`: whose they are.
pub(super) async fn claim_digests(tx: &Tx, account: AccountId, due: Time) -> Result<Vec<UserId>> {
    let claimed = tx
        .all::<crate::db::One<UserId>>(
            sql!(
                "UPDATE request_settings SET digest_at = $3
             WHERE account_id = $1 AND mail = 'digest' AND COALESCE(digest_at, 0) < $2 RETURNING user_id"
            ),
            &[&account, &due, &tx.now()],
        )
        .await?;
    Ok(claimed.into_iter().map(|one| one.0).collect())
}

row! {
    /// What waits for somebody in an account.
    pub(super) struct Waiting {
        pub(super) email: String,
        pub(super) unread: i64,
        pub(super) overdue: i64,
    }
}

/// What waits for these people in an account; only those for whom something does.
pub(super) async fn waiting(
    tx: &Tx,
    account: AccountId,
    people: &[UserId],
    since: Time,
) -> Result<Vec<Waiting>> {
    tx.all(
        listed!(
            "SELECT u.email, count(*) FILTER (WHERE w.news), count(*) FILTER (WHERE w.late) FROM (
                SELECT um.user_id, r.id, r.receiver_news_at > COALESCE(d.read_at, 0) AS news,
                       COALESCE(r.settled_at IS NULL AND r.due_at < $4, FALSE) AS late
                FROM user_group_members um
                JOIN user_group_grants p ON p.account_id = um.account_id AND p.user_group_id = um.user_group_id
                     AND p.privilege = 'requests.receive' AND p.until IS NULL
                JOIN requests r ON r.account_id = um.account_id AND r.user_group_id = um.user_group_id
                     AND (r.state = 'new' OR r.claimed_by = um.user_id)
                LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = um.user_id
                     AND d.request_id = r.id
                WHERE um.account_id = $1 AND um.until IS NULL AND (r.settled_at IS NULL OR r.settled_at > $3)
                UNION ALL
                SELECT r.sender_id, r.id, r.sender_news_at > COALESCE(d.read_at, 0),
                       COALESCE(r.settled_at IS NULL AND r.due_at < $4, FALSE)
                FROM requests r
                LEFT JOIN request_reads d ON d.account_id = r.account_id AND d.user_id = r.sender_id
                     AND d.request_id = r.id
                WHERE r.account_id = $1 AND (r.settled_at IS NULL OR r.settled_at > $3)
                  AND NOT EXISTS (SELECT 1 FROM request_groups rg
                      WHERE rg.account_id = r.account_id AND rg.request_id = r.id AND NOT EXISTS (
                          SELECT 1 FROM group_members gm WHERE gm.account_id = rg.account_id
                             AND gm.group_id = rg.group_id AND gm.user_id = r.sender_id AND gm.until IS NULL))) w
             JOIN members m ON m.account_id = $1 AND m.user_id = w.user_id AND m.until IS NULL
                  AND m.role <> 'support_staff'
             JOIN users u ON u.id = w.user_id
             WHERE (w.news OR w.late) AND w.user_id IN ",
            "$2",
            " GROUP BY u.id, u.email ORDER BY u.id"
        ),
        &[&account, &ids(people), &since, &tx.now()],
    )
    .await
}

row! {
    /// A request that somebody holds who should not.
    pub(super) struct Held {
        pub(super) id: RequestId,
        pub(super) user_group: UserGroupId,
        pub(super) holder: UserId,
        pub(super) sender: UserId,
    }
}

pub(super) async fn held_by(tx: &Tx, account: AccountId, user: UserId) -> Result<Vec<Held>> {
    tx.all(
        sql!(
            "SELECT id, user_group_id, claimed_by, sender_id FROM requests
             WHERE account_id = $1 AND claimed_by = $2 AND settled_at IS NULL"
        ),
        &[&account, &user],
    )
    .await
}

/// The requests of a user group that are held by somebody who is not in it.
pub(super) async fn held_by_strangers(
    tx: &Tx,
    account: AccountId,
    user_group: UserGroupId,
) -> Result<Vec<Held>> {
    tx.all(
        sql!(
            "SELECT r.id, r.user_group_id, r.claimed_by, r.sender_id FROM requests r
             WHERE r.account_id = $1 AND r.user_group_id = $2 AND r.settled_at IS NULL
               AND r.state IN ('claimed', 'waiting') AND NOT EXISTS (SELECT 1 FROM user_group_members um
                   WHERE um.account_id = r.account_id AND um.user_group_id = r.user_group_id
                     AND um.user_id = r.claimed_by AND um.until IS NULL)"
        ),
        &[&account, &user_group],
    )
    .await
}

/// Makes these requests nobody's, with a note in each thread.
pub(super) async fn let_go(tx: &Tx, account: AccountId, held: &[Held]) -> Result<()> {
    if held.is_empty() {
        return Ok(());
    }
    let all = held.iter().map(|one| one.id).collect::<Vec<_>>();
    tx.exec(
        listed!(
            "UPDATE requests SET state = 'new', claimed_by = NULL, claimed_at = NULL, receiver_news_at = $2,
                    updated_at = $2, version = version + 1
             WHERE account_id = $1 AND id IN ",
            "$3",
            ""
        ),
        &[&account, &tx.now(), &ids(&all)],
    )
    .await?;
    let authors = held.iter().map(|one| (one.id, one.holder));
    say_in_all(tx, account, authors, MessageKind::LetGo, "").await?;
    for one in held {
        tx.announce(super::topic(one.user_group));
        tx.announce(super::topic_of(account, one.sender));
    }
    Ok(())
}

/// Writes the same into many threads, each by somebody.
async fn say_in_all(
    tx: &Tx,
    account: AccountId,
    authors: impl Iterator<Item = (RequestId, UserId)>,
    kind: MessageKind,
    body: &str,
) -> Result<()> {
    let notes = authors.map(|(request, author)| {
        let note = tx.id::<crate::id::Message>();
        serde_json::json!({ "id": hex(note), "request": hex(request), "author": hex(author) })
    });
    let notes = serde_json::Value::Array(notes.collect()).to_string();
    tx.exec(
        sql!(
            sqlite: "INSERT INTO request_messages (account_id, request_id, id, author_id, kind, body, created_at)
             SELECT $1, unhex(value ->> 'request'), unhex(value ->> 'id'), unhex(value ->> 'author'), $4, $5, $2
             FROM json_each($3)",
            postgres: "INSERT INTO request_messages (account_id, request_id, id, author_id, kind, body, created_at)
             SELECT $1, CAST(value ->> 'request' AS UUID), CAST(value ->> 'id' AS UUID),
                    CAST(value ->> 'author' AS UUID), CAST($4 AS TEXT), CAST($5 AS TEXT), $2
             FROM jsonb_array_elements(CAST(CAST($3 AS TEXT) AS JSONB)) AS notes (value)",
        ),
        &[&account, &tx.now(), &notes, &kind, &body],
    )
    .await?;
    Ok(())
}

/// Passes the open requests of one user group on to another, where they are new; says how many they were.
pub(super) async fn pass_all_on(
    tx: &Tx,
    account: AccountId,
    by: UserId,
    from: UserGroupId,
    to: (UserGroupId, &str),
) -> Result<usize> {
    let open = tx
        .all::<(RequestId, UserId)>(
            sql!(
                "SELECT id, sender_id FROM requests
                 WHERE account_id = $1 AND user_group_id = $2 AND settled_at IS NULL"
            ),
            &[&account, &from],
        )
        .await?;
    if open.is_empty() {
        return Ok(0);
    }
    let ids = ids(&open.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    tx.exec(
        listed!(
            "UPDATE requests SET user_group_id = $4, state = 'new', claimed_by = NULL, claimed_at = NULL,
                    receiver_news_at = $2, updated_at = $2, version = version + 1
             WHERE account_id = $1 AND id IN ",
            "$3",
            ""
        ),
        &[&account, &tx.now(), &ids, &to.0],
    )
    .await?;
    tx.exec(
        listed!(
            "UPDATE request_addressees SET until = $2
             WHERE account_id = $1 AND until IS NULL AND request_id IN ",
            "$3",
            ""
        ),
        &[&account, &tx.now(), &ids],
    )
    .await?;
    let spells = open.iter().map(|(request, _)| {
        serde_json::json!({ "id": hex(tx.id::<crate::id::Spell>()), "request": hex(*request) })
    });
    let spells = serde_json::Value::Array(spells.collect()).to_string();
    tx.exec(
        sql!(
            sqlite: "INSERT INTO request_addressees (account_id, request_id, id, user_group_id, since)
             SELECT $1, unhex(value ->> 'request'), unhex(value ->> 'id'), $4, $2 FROM json_each($3)",
            postgres: "INSERT INTO request_addressees (account_id, request_id, id, user_group_id, since)
             SELECT $1, CAST(value ->> 'request' AS UUID), CAST(value ->> 'id' AS UUID), $4, $2
             FROM jsonb_array_elements(CAST(CAST($3 AS TEXT) AS JSONB)) AS spells (value)",
        ),
        &[&account, &tx.now(), &spells, &to.0],
    )
    .await?;
    let authors = open.iter().map(|(request, _)| (*request, by));
    say_in_all(tx, account, authors, MessageKind::Forwarded, to.1).await?;
    for (_, sender) in &open {
        tx.announce(super::topic_of(account, *sender));
    }
    tx.announce(super::topic(from));
    tx.announce(super::topic(to.0));
    Ok(open.len())
}

row! {
    /// A client as the form of a new request offers it.
    #[derive(Clone, Debug)]
    pub(super) struct Offered {
        pub(super) id: ClientId,
        pub(super) name: String,
        pub(super) reference: String,
        pub(super) group_name: String,
    }
}

/// The clients that somebody may ask about, by group and name, whose name, reference number or address holds
/// what is searched for.
pub(super) async fn offered_clients(
    tx: &Tx,
    scope: &AccountMember,
    search: Option<&str>,
    limit: i64,
) -> Result<Vec<Offered>> {
    let pattern = search.map(text::contains_pattern);
    tx.all(
        sql!(
            "SELECT c.id, c.name, c.reference, g.name FROM group_members gm
             JOIN groups g ON g.account_id = gm.account_id AND g.id = gm.group_id AND g.archived_at IS NULL
             JOIN clients c ON c.account_id = gm.account_id AND c.group_id = gm.group_id AND c.archived_at IS NULL
             WHERE gm.account_id = $1 AND gm.user_id = $2 AND gm.until IS NULL
               AND (CAST($3 AS TEXT) IS NULL OR c.search LIKE $3 ESCAPE '\\')
             ORDER BY g.name_key, g.id, c.name_key, c.id LIMIT $4"
        ),
        &[&scope.account(), &scope.id(), &pattern, &limit],
    )
    .await
}

/// Those of these clients that somebody may ask about.
pub(super) async fn chosen_clients(
    tx: &Tx,
    scope: &AccountMember,
    chosen: &[ClientId],
) -> Result<Vec<Offered>> {
    tx.all(
        listed!(
            "SELECT c.id, c.name, c.reference, g.name FROM clients c
             JOIN groups g ON g.account_id = c.account_id AND g.id = c.group_id
             JOIN group_members gm ON gm.account_id = c.account_id AND gm.group_id = c.group_id AND gm.user_id = $2
                  AND gm.until IS NULL
             WHERE c.account_id = $1 AND c.archived_at IS NULL AND c.id IN ",
            "$3",
            " ORDER BY g.name_key, g.id, c.name_key, c.id"
        ),
        &[&scope.account(), &scope.id(), &ids(chosen)],
    )
    .await
}

/// The open cases that somebody may ask about, newest first, and the one that is named.
pub(super) async fn offered_cases(
    tx: &Tx,
    scope: &AccountMember,
    chosen: Option<CaseId>,
    limit: i64,
) -> Result<Vec<(CaseId, String, String, i64)>> {
    tx.all(
        sql!(
            "SELECT id, name, group_name, number FROM (
                SELECT c.id, c.name, g.name AS group_name, c.number FROM group_members gm
                JOIN groups g ON g.account_id = gm.account_id AND g.id = gm.group_id AND g.archived_at IS NULL
                JOIN cases c ON c.account_id = gm.account_id AND c.group_id = gm.group_id
                WHERE gm.account_id = $1 AND gm.user_id = $2 AND gm.until IS NULL
                  AND (c.status = 'open' OR c.id = $3)
                ORDER BY CASE WHEN c.id = $3 THEN 0 ELSE 1 END, c.id DESC LIMIT $4) found
             ORDER BY id DESC"
        ),
        &[&scope.account(), &scope.id(), &chosen, &limit],
    )
    .await
}

/// Takes off an account's requests what they are about, so that the groups, clients and cases that are named
/// there can leave it. The requests themselves stay.
///
/// # Errors
/// The database fails.
pub async fn forget_links(tx: &Tx, from: AccountId) -> Result<()> {
    for statement in [
        sql!("DELETE FROM request_clients WHERE account_id = $1"),
        sql!("DELETE FROM request_groups WHERE account_id = $1"),
        sql!(
            "UPDATE requests SET case_group_id = NULL, case_id = NULL WHERE account_id = $1 AND case_id IS NOT NULL"
        ),
    ] {
        tx.exec(statement, &[&from]).await?;
    }
    Ok(())
}
