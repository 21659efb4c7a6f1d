//! The statements of groups and of who is in them.

use access::{AccountMember, GroupRole, GroupScope, Reach};
use kernel::{
    clock::Time,
    error::{Error, Result},
    id::{AccountId, GroupId, Period, UserId},
    order::Order,
    search, sortable, text,
};
use platform::audit::{self, Action, Event};
use storage::{One, Param, Sql, Tx, ids, list::Key, orders, row, sql, word};

row! {
    /// A group with its counts at the moment `$2`.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct GroupRow {
        /// Its id.
        pub id: GroupId = "g.id",
        /// Its account.
        pub account: AccountId = "g.account_id",
        /// Its name, unique in the account.
        pub name: String = "g.name",
        /// What it is for.
        pub description: String = "g.description",
        /// When it was created.
        pub created_at: Time = "g.created_at",
        /// Since when nothing in it may change.
        pub archived_at: Option<Time> = "g.archived_at",
        /// Counts the changes.
        pub version: i64 = "g.version",
        /// How many people are in it.
        pub people: i64 =
            "(SELECT count(*) FROM group_members p
              WHERE p.account_id = g.account_id AND p.group_id = g.id AND p.until IS NULL)",
        /// How many locations it has.
        pub locations: i64 =
            "(SELECT count(*) FROM locations l
              WHERE l.account_id = g.account_id AND l.group_id = g.id AND l.archived_at IS NULL)",
        /// How many of its cases are open.
        pub open_cases: i64 =
            "(SELECT count(*) FROM cases c
              WHERE c.account_id = g.account_id AND c.group_id = g.id AND c.status = 'open')",
        /// How many cases it ever had.
        pub cases: i64 = "g.cases_made",
        /// How many invitations into it are pending.
        pub pending: i64 =
            "(SELECT count(*) FROM invitation_groups ig JOIN invitations i
                  ON i.account_id = ig.account_id AND i.id = ig.invitation_id
              WHERE ig.account_id = g.account_id AND ig.group_id = g.id
                AND i.state = 'pending' AND i.expires_at > $2)",
    }
}

/// Makes a group, in the transaction of someone who may.
///
/// # Errors
/// The name is taken, or the database fails.
pub async fn create(
    tx: &Tx,
    account: AccountId,
    by: UserId,
    name: &str,
    description: &str,
) -> Result<GroupId> {
    let id = tx.id();
    let added = tx
        .exec(
            sql!(
            "INSERT INTO groups (account_id, id, name, name_key, description, cases_made, created_at, version)
             VALUES ($1, $2, $3, $4, $5, 0, $6, 1)
             ON CONFLICT (account_id, name_key) DO NOTHING"
        ),
            &[&account, &id, &name, &text::fold(name), &description, &tx.now()],
        )
        .await?;
    if added == 0 {
        return Err(name_taken());
    }
    let detail = serde_json::json!({ "name": name });
    let event = Event::new(account, by, Action::GroupCreated, id).in_group(id).with(detail);
    audit::record(tx, event).await?;
    Ok(id)
}

pub(super) fn name_taken() -> Error {
    Error::field("name", "A group with this name already exists. It may be archived. Choose another name.")
}

orders! {
    /// The groups of an account.
    pub Groups of Group: "name" ["name" Folded, "created_at" Created];
    /// The people of a group.
    pub People of User: "name" ["name" Folded, "since" Moment] undated;
}

impl GroupRow {
    /// Where it is in a list of groups that is sorted so.
    pub fn place(&self, by: &str) -> (Key, GroupId) {
        let key = if by == "name" { text::fold(&self.name).into() } else { Key::Created };
        (key, self.id)
    }
}

impl GroupMemberRow {
    /// Where it is in a list of people that is sorted so.
    pub fn place(&self, by: &str) -> (Key, UserId) {
        let key = if by == "name" { search::key(&self.name).into() } else { self.since.into() };
        (key, self.user)
    }
}

/// The groups of an account: all for who manages it, else those that the person is in. By name.
///
/// # Errors
/// The database fails.
pub async fn list(tx: &Tx, scope: &AccountMember, archived: bool) -> Result<Vec<GroupRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM groups g WHERE g.account_id = $1 AND (g.archived_at IS NOT NULL) = $3
               AND ($5 OR EXISTS (SELECT 1 FROM group_members gm WHERE gm.account_id = g.account_id
                    AND gm.user_id = $4 AND gm.group_id = g.id AND gm.until IS NULL)
                 OR EXISTS (SELECT 1 FROM key_groups kg WHERE kg.account_id = g.account_id
                    AND kg.user_id = $4 AND kg.group_id = g.id AND kg.until IS NULL))
             ORDER BY g.name_key",
            GroupRow
        ),
        &[&scope.account(), &tx.now(), &archived, &scope.user(), &scope.role().manages()],
    )
    .await
}

word! {
    /// What the list of an account's groups is sorted by.
    pub enum Sort as GroupSort {
        /// The name.
        Name = "name",
        /// How many people are in it.
        People = "people",
        /// How many cases it ever had.
        Cases = "cases",
    }
}
sortable!(Sort);

/// A page of what [`list`] lists by a text `k` of each, which has `$8` before its first value; the page before ended
/// at `$6`.
macro_rules! sorted {
    ($($key:literal)+, $compare:literal, $way:literal) => {
        sql!(
            concat!(
                "WITH q AS (SELECT g.id, ",
                $($key,)+
                " AS k FROM groups g WHERE g.account_id = $1 AND (g.archived_at IS NOT NULL) = $3
                   AND ($5 OR EXISTS (SELECT 1 FROM group_members gm WHERE gm.account_id = g.account_id
                        AND gm.user_id = $4 AND gm.group_id = g.id AND gm.until IS NULL)))
                 SELECT {} FROM (SELECT id AS at, k FROM q WHERE (k, id) ",
                $compare,
                " (COALESCE((SELECT s.k FROM q s WHERE s.id = $6), $8), $6) ORDER BY k ",
                $way,
                ", id ",
                $way,
                " LIMIT $7) x CROSS JOIN groups g WHERE g.account_id = $1 AND g.id = x.at ORDER BY x.k ",
                $way,
                ", x.at ",
                $way
            ),
            GroupRow
        )
    };
}

/// A number as a text that sorts as it does; SUBSTR lends it the order of the keys.
macro_rules! counted {
    ($count:literal, $compare:literal, $way:literal) => {
        sorted!(
            "SUBSTR(g.name_key, 1, 0) || CAST(1000000000000000000 + " $count " AS TEXT)",
            $compare,
            $way
        )
    };
}

/// A page of the groups of an account: of all for who manages it, else of those that the person is in. Gives one more than
/// the limit, if there are more.
///
/// # Errors
/// The database fails.
pub async fn page(
    tx: &Tx,
    scope: &AccountMember,
    archived: bool,
    order: Order<Sort>,
    after: Option<GroupId>,
    limit: i64,
) -> Result<Vec<GroupRow>> {
    let statement = match (order.by, order.descending) {
        (Sort::Name, false) => sorted!("g.name_key", ">", "ASC"),
        (Sort::Name, true) => sorted!("g.name_key", "<", "DESC"),
        (Sort::People, false) => counted!(
            "(SELECT count(*) FROM group_members p WHERE p.account_id = g.account_id AND p.group_id = g.id AND p.until IS NULL)",
            ">",
            "ASC"
        ),
        (Sort::People, true) => counted!(
            "(SELECT count(*) FROM group_members p WHERE p.account_id = g.account_id AND p.group_id = g.id AND p.until IS NULL)",
            "<",
            "DESC"
        ),
        (Sort::Cases, false) => counted!("g.cases_made", ">", "ASC"),
        (Sort::Cases, true) => counted!("g.cases_made", "<", "DESC"),
    };
    let (edge, first) = match order.descending {
        false => ("", GroupId::nil()),
        true => ("\u{10FFFF}", GroupId::last()),
    };
    let (after, manages) = (after.unwrap_or(first), scope.role().manages());
    let params: [&dyn Param; 8] =
        [&scope.account(), &tx.now(), &archived, &scope.user(), &manages, &after, &(limit + 1), &edge];
    tx.all(statement, &params).await
}

/// The group of a scope, with its counts.
///
/// # Errors
/// The database fails.
pub async fn show(tx: &Tx, scope: &GroupScope) -> Result<GroupRow> {
    tx.one(
        sql!("SELECT {} FROM groups g WHERE g.account_id = $1 AND g.id = $3", GroupRow),
        &[&scope.account(), &tx.now(), &scope.group()],
    )
    .await
}

pub(super) async fn update(tx: &Tx, scope: &GroupScope, row: &GroupRow) -> Result<bool> {
    let changed = tx.exec(
        sql!(
            "UPDATE groups SET name = $3, name_key = $4, description = $5, archived_at = $6, version = version + 1
             WHERE account_id = $1 AND id = $2 AND version = $7"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &row.name,
            &text::fold(&row.name),
            &row.description,
            &row.archived_at,
            &row.version,
        ],
    ).await?;
    Ok(changed == 1)
}

/// Whether another group of the account has this name.
pub(super) async fn name_is_taken(tx: &Tx, scope: &GroupScope, name: &str) -> Result<bool> {
    tx.value(
        sql!("SELECT EXISTS (SELECT 1 FROM groups WHERE account_id = $1 AND name_key = $3 AND id <> $2)"),
        &[&scope.account(), &scope.group(), &text::fold(name)],
    )
    .await
}

/// Whether clients or group notes are kept in a group.
pub(super) async fn has_records(tx: &Tx, scope: &GroupScope) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM clients WHERE account_id = $1 AND group_id = $2)
                 OR EXISTS (SELECT 1 FROM group_notes WHERE account_id = $1 AND group_id = $2)"
        ),
        &[&scope.account(), &scope.group()],
    )
    .await
}

/// Deletes a group that never had a case or a client, with its locations, memberships, empty client groups and
/// places in invitations.
pub(super) async fn delete(tx: &Tx, scope: &GroupScope) -> Result<()> {
    let (account, group) = (scope.account(), scope.group());
    for statement in [
        sql!("DELETE FROM invitation_groups WHERE account_id = $1 AND group_id = $2"),
        sql!("DELETE FROM group_members WHERE account_id = $1 AND group_id = $2"),
        sql!("DELETE FROM locations WHERE account_id = $1 AND group_id = $2"),
        sql!("DELETE FROM client_groups WHERE account_id = $1 AND group_id = $2"),
        sql!("DELETE FROM client_import_lines WHERE account_id = $1 AND group_id = $2"),
        sql!("DELETE FROM client_imports WHERE account_id = $1 AND group_id = $2"),
        sql!("DELETE FROM groups WHERE account_id = $1 AND id = $2"),
    ] {
        tx.exec(statement, &[&account, &group]).await?;
    }
    Ok(())
}

/// The groups of an account that are not archived, with their names.
///
/// # Errors
/// The database fails.
pub async fn open_names(tx: &Tx, account: AccountId) -> Result<Vec<(GroupId, String)>> {
    tx.all(
        sql!("SELECT id, name FROM groups WHERE account_id = $1 AND archived_at IS NULL ORDER BY name_key"),
        &[&account],
    )
    .await
}

row! {
    /// A person as a search across slices shows them.
    #[derive(Clone, Debug)]
    pub struct FoundPerson {
        /// Who.
        pub user: UserId = "u.id",
        /// Their name.
        pub name: String = "u.name",
        /// Their address.
        pub email: String = "u.email",
        /// One of the searched groups that they are in, as [`Reach::keyed`] reads it; empty for all of an account.
        pub place: String = "p.place",
    }
}

/// Those of the people `p` whose name has all the words `$2` to `$5`, or whose address has `$6`.
macro_rules! found {
    ($people:literal) => {
        concat!(
            "SELECT {} FROM (",
            $people,
            ") p CROSS JOIN users u WHERE u.id = p.user_id
               AND ((u.name_key LIKE $2 AND u.name_key LIKE $3 AND u.name_key LIKE $4 AND u.name_key LIKE $5)
                    OR REPLACE(u.email_key, '''', '') LIKE $6 ESCAPE '\\')
             ORDER BY u.name_key, u.id LIMIT $7"
        )
    };
}

const FOUND_IN_GROUPS: Sql = sql!(
    sqlite: found!(
        "SELECT gm.user_id, MIN(r.value) AS place FROM json_each($1) r CROSS JOIN group_members gm
         WHERE gm.account_id = unhex(substr(r.value, 1, 32)) AND gm.group_id = unhex(substr(r.value, 33))
           AND gm.until IS NULL GROUP BY gm.user_id"
    ),
    postgres: found!(
        "SELECT gm.user_id, MIN(r.value) AS place
         FROM jsonb_array_elements_text(CAST(CAST($1 AS TEXT) AS JSONB)) AS r(value)
         JOIN group_members gm ON gm.account_id = CAST(substr(r.value, 1, 32) AS UUID)
              AND gm.group_id = CAST(substr(r.value, 33) AS UUID) AND gm.until IS NULL GROUP BY gm.user_id"
    ),
    FoundPerson,
);

const FOUND_IN_ACCOUNT: Sql = sql!(
    found!("SELECT m.user_id, '' AS place FROM members m WHERE m.account_id = $1 AND m.until IS NULL"),
    FoundPerson
);

/// People within reach, by name, as many as the limit: those in its groups, or everyone in an account for who manages
/// it. Words find their name, or together their address.
///
/// # Errors
/// The database fails.
pub async fn find_everywhere(tx: &Tx, reach: &Reach, words: &str, limit: i64) -> Result<Vec<FoundPerson>> {
    let Some([one, two, three, four]) = search::patterns(words) else { return Ok(Vec::new()) };
    let address = search::address_pattern(words);
    let (account, keys) = (reach.managed(), reach.keys());
    let statement = if account.is_some() { FOUND_IN_ACCOUNT } else { FOUND_IN_GROUPS };
    let place: &dyn Param = match &account {
        Some(account) => account,
        None => &keys,
    };
    tx.all(statement, &[place, &one, &two, &three, &four, &address, &limit]).await
}

row! {
    /// A person in a group.
    #[derive(Clone, Debug)]
    pub struct GroupMemberRow {
        /// Who.
        pub user: UserId = "u.id",
        /// Their name.
        pub name: String = "u.name",
        /// Their address.
        pub email: String = "u.email",
        /// What they are in the practice.
        pub user_type: crate::users::UserType = "u.user_type",
        /// Their role in the group.
        pub role: GroupRole = "gm.role",
        /// Since when they have it.
        pub since: Time = "gm.since",
        /// When they last used the server, to within five minutes.
        pub seen_at: Option<Time> = "u.seen_at",
    }
}

/// The people who are in a group now, by name.
///
/// # Errors
/// The database fails.
pub async fn people(tx: &Tx, scope: &GroupScope, search: Option<&str>) -> Result<Vec<GroupMemberRow>> {
    let (name, address) = (search.map(search::pattern), search.map(search::address_pattern));
    tx.all(
        sql!(
            "SELECT {} FROM group_members gm JOIN users u ON u.id = gm.user_id
             WHERE gm.account_id = $1 AND gm.group_id = $2 AND gm.until IS NULL
               AND (CAST($3 AS TEXT) IS NULL OR u.name_key LIKE $3 ESCAPE '\\'
                    OR REPLACE(u.email_key, '''', '') LIKE $4 ESCAPE '\\')
             ORDER BY u.name_key, u.id",
            GroupMemberRow
        ),
        &[&scope.account(), &scope.group(), &name, &address],
    )
    .await
}

/// Those of these people who are in a group now. In no order.
///
/// # Errors
/// The database fails.
pub async fn these(tx: &Tx, scope: &GroupScope, people: &[UserId]) -> Result<Vec<GroupMemberRow>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM json_each($3) r CROSS JOIN group_members gm CROSS JOIN users u
                     WHERE gm.account_id = $1 AND gm.group_id = $2 AND gm.user_id = unhex(r.value)
                       AND gm.until IS NULL AND u.id = gm.user_id",
            postgres: "SELECT {} FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS r(value)
                       JOIN group_members gm ON gm.user_id = CAST(r.value AS UUID)
                       JOIN users u ON u.id = gm.user_id
                       WHERE gm.account_id = $1 AND gm.group_id = $2 AND gm.until IS NULL",
            GroupMemberRow
        ),
        &[&scope.account(), &scope.group(), &ids(people)],
    )
    .await
}

/// Someone's present role in a group.
pub(super) async fn role(
    tx: &Tx,
    account: AccountId,
    group: GroupId,
    user: UserId,
) -> Result<Option<GroupRole>> {
    let found = tx
        .maybe::<One<GroupRole>>(
            sql!(
                "SELECT role FROM group_members
             WHERE account_id = $1 AND user_id = $3 AND group_id = $2 AND until IS NULL"
            ),
            &[&account, &group, &user],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

/// Begins a period of a member of the account in a group, in the same statement that sees that they are
/// one; says whether it began. Support staff belong to no groups.
pub(super) async fn begin(
    tx: &Tx,
    account: AccountId,
    group: GroupId,
    user: UserId,
    role: GroupRole,
) -> Result<bool> {
    let begun = tx
        .exec(
            sql!(
                "INSERT INTO group_members (account_id, group_id, id, user_id, role, since)
                 SELECT m.account_id, g.id, $4, m.user_id, $5, $6
                 FROM workers m JOIN groups g ON g.account_id = m.account_id AND g.id = $2
                 WHERE m.account_id = $1 AND m.user_id = $3
                 ON CONFLICT (account_id, user_id, group_id) WHERE until IS NULL DO NOTHING"
            ),
            &[&account, &group, &user, &tx.id::<Period>(), &role, &tx.now()],
        )
        .await?;
    tx.announce(super::topic(group));
    Ok(begun == 1)
}

/// Adds a member of the account to a group, and notes it; says whether they were added.
///
/// # Errors
/// The database fails.
pub async fn add(
    tx: &Tx,
    account: AccountId,
    group: GroupId,
    user: UserId,
    role: GroupRole,
    by: UserId,
) -> Result<bool> {
    let added = begin(tx, account, group, user, role).await?;
    if added {
        let detail = serde_json::json!({ "name": about(tx, user, account, group).await?, "role": role });
        let event = Event::new(account, by, Action::GroupMemberAdded, user).in_group(group);
        audit::record(tx, event.with(detail)).await?;
    }
    Ok(added)
}

/// Whom and which group an event is about, in names: "Ann Lee, Alder Creek".
pub(super) async fn about(tx: &Tx, user: UserId, account: AccountId, group: GroupId) -> Result<String> {
    tx.value(
        sql!(
            "SELECT u.name || ', ' || g.name FROM users u JOIN groups g ON g.account_id = $2 AND g.id = $3
             WHERE u.id = $1"
        ),
        &[&user, &account, &group],
    )
    .await
}

/// Ends someone's period in a group; says whether they were in it.
pub(super) async fn end(tx: &Tx, scope: &GroupScope, user: UserId) -> Result<bool> {
    let ended = tx
        .exec(
            sql!(
                "UPDATE group_members SET until = $4
             WHERE account_id = $1 AND user_id = $3 AND group_id = $2 AND until IS NULL"
            ),
            &[&scope.account(), &scope.group(), &user, &tx.now()],
        )
        .await?;
    tx.announce(super::topic(scope.group()));
    Ok(ended == 1)
}

row! {
    /// A member of the account who could be added to a group.
    #[derive(Clone, Debug)]
    pub struct Candidate {
        /// Who.
        pub user: UserId = "u.id",
        /// Their name.
        pub name: String = "u.name",
        /// Their address.
        pub email: String = "u.email",
        /// Their role in the group, if they are in it already.
        pub group_role: Option<GroupRole> = "gm.role",
    }
}

/// Everyone in the account who may belong to groups, by name.
///
/// # Errors
/// The database fails.
pub(super) async fn candidates(tx: &Tx, scope: &GroupScope) -> Result<Vec<Candidate>> {
    tx.all(
        sql!(
            "SELECT {} FROM workers m JOIN users u ON u.id = m.user_id
             LEFT JOIN group_members gm ON gm.account_id = m.account_id AND gm.user_id = m.user_id
                  AND gm.group_id = $2 AND gm.until IS NULL
             WHERE m.account_id = $1
             ORDER BY u.name_key, u.id",
            Candidate
        ),
        &[&scope.account(), &scope.group()],
    )
    .await
}

/// The groups of an account with their names, archived ones too, oldest first.
///
/// # Errors
/// The database fails.
pub async fn names(tx: &Tx, account: AccountId) -> Result<Vec<(GroupId, String)>> {
    tx.all(sql!("SELECT id, name FROM groups WHERE account_id = $1 ORDER BY id"), &[&account]).await
}

/// Copies a group into another account, under a name that is free there: its own, or one with `whose` in
/// brackets. Gives the name. What is in it is copied after it, and then [`forget_all`] ends the move.
///
/// # Errors
/// The database fails.
pub async fn copy_into(
    tx: &Tx,
    from: AccountId,
    to: AccountId,
    group: GroupId,
    whose: &str,
) -> Result<String> {
    let own: String =
        tx.value(sql!("SELECT name FROM groups WHERE account_id = $1 AND id = $2"), &[&from, &group]).await?;
    let numbered = (2..).map(|number| format!("{own} ({whose} {number})"));
    for name in [own.clone(), format!("{own} ({whose})")].into_iter().chain(numbered) {
        let copied = tx
            .exec(
                sql!(
                    "INSERT INTO groups (account_id, id, name, name_key, description, cases_made, created_at,
                                         archived_at, version)
                     SELECT $2, id, $4, $5, description, cases_made, created_at, archived_at, version + 1
                     FROM groups WHERE account_id = $1 AND id = $3
                     ON CONFLICT (account_id, name_key) DO NOTHING"
                ),
                &[&from, &to, &group, &name, &text::fold(&name)],
            )
            .await?;
        if copied == 1 {
            note_move(tx, from, to, group).await?;
            return Ok(name);
        }
    }
    Err(Error::internal("names never end"))
}

/// Keeps in mind which account held a group until now, and before.
async fn note_move(tx: &Tx, from: AccountId, to: AccountId, group: GroupId) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO group_moves (account_id, group_id, id, from_account, at)
             SELECT $2, group_id, id, from_account, at FROM group_moves WHERE account_id = $1 AND group_id = $3"
        ),
        &[&from, &to, &group],
    )
    .await?;
    tx.exec(
        sql!(
            "INSERT INTO group_moves (account_id, group_id, id, from_account, at) VALUES ($1, $2, $3, $4, $5)"
        ),
        &[&to, &group, &tx.id::<Period>(), &from, &tx.now()],
    )
    .await?;
    Ok(())
}

/// Copies a person's periods in all groups of an account to the groups' copies in another. From now on they have
/// at most the role `most` there: what they were in their own account gives no right in another one.
///
/// # Errors
/// The database fails.
pub async fn copy_periods(
    tx: &Tx,
    from: AccountId,
    to: AccountId,
    user: UserId,
    most: GroupRole,
) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO group_members (account_id, group_id, id, user_id, role, since, until)
             SELECT $2, group_id, id, user_id, role, since, until FROM group_members
             WHERE account_id = $1 AND user_id = $3"
        ),
        &[&from, &to, &user],
    )
    .await?;
    match most {
        GroupRole::Administrator => Ok(()),
        GroupRole::Member => step_down(tx, from, to, user).await,
    }
}

/// Ends a person's time as administrator of the groups that came from another account, and begins one as member.
async fn step_down(tx: &Tx, from: AccountId, to: AccountId, user: UserId) -> Result<()> {
    let administered = tx
        .all::<One<GroupId>>(
            sql!(
                "SELECT n.group_id FROM group_members n JOIN group_members o
                     ON o.account_id = $1 AND o.group_id = n.group_id AND o.id = n.id
                 WHERE n.account_id = $2 AND n.user_id = $3 AND n.role = 'administrator' AND n.until IS NULL"
            ),
            &[&from, &to, &user],
        )
        .await?;
    for One(group) in administered {
        tx.exec(
            sql!(
                "UPDATE group_members SET until = $4
                 WHERE account_id = $1 AND group_id = $2 AND user_id = $3 AND until IS NULL"
            ),
            &[&to, &group, &user, &tx.now()],
        )
        .await?;
        begin(tx, to, group, user, GroupRole::Member).await?;
    }
    Ok(())
}

/// Forgets the groups of an account, once they were copied and are empty.
///
/// # Errors
/// Something is still in one, or the database fails.
pub async fn forget_all(tx: &Tx, account: AccountId) -> Result<()> {
    tx.exec(sql!("DELETE FROM invitation_groups WHERE account_id = $1"), &[&account]).await?;
    tx.exec(sql!("DELETE FROM group_members WHERE account_id = $1"), &[&account]).await?;
    tx.exec(sql!("DELETE FROM group_moves WHERE account_id = $1"), &[&account]).await?;
    tx.exec(sql!("DELETE FROM groups WHERE account_id = $1"), &[&account]).await?;
    Ok(())
}
