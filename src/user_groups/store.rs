//! The statements of user groups. What is written for many people at once is one statement.

use crate::{
    access::{AccountMember, Privilege, Role},
    clock::Time,
    db::{One, Tx, hex, ids, many},
    error::Result,
    id::{AccountId, GroupId, Spell, UserGroupId, UserId},
    row, sql, text,
};

row! {
    /// A user group, as a list shows it.
    #[derive(Clone, Debug)]
    pub struct UserGroupRow {
        /// Its id.
        pub id: UserGroupId,
        /// Its account.
        pub account: AccountId,
        /// Its name, unique in the account among those that are not deleted.
        pub name: String,
        /// What it is for.
        pub description: String,
        /// Whether it gives anything at present.
        pub active: bool,
        /// Whether new members join it, and new requests go to it.
        pub default: bool,
        /// The words of what was chosen for it.
        chosen: String,
        /// When it was made.
        pub created_at: Time,
        /// Counts the changes, of its people too.
        pub version: i64,
        /// How many people are in it.
        pub count: i64,
        /// The names of the first of them, a line each.
        names: Option<String>,
    }
}

impl UserGroupRow {
    /// What was chosen for it, whether or not it is active.
    pub fn privileges(&self) -> Vec<Privilege> {
        self.chosen.split(' ').filter_map(Privilege::read).collect()
    }

    /// What it gives at present.
    pub fn gives(&self) -> Vec<Privilege> {
        if self.active { self.privileges() } else { Vec::new() }
    }

    /// Whether it gives a privilege at present.
    pub fn gives_this(&self, privilege: Privilege) -> bool {
        self.gives().contains(&privilege)
    }

    /// The names of the first people in it.
    pub fn people(&self) -> Vec<String> {
        self.names.as_deref().map(|names| names.lines().map(str::to_owned).collect()).unwrap_or_default()
    }
}

/// The columns of a [`UserGroupRow`] out of `user_groups g`, with the names of so many people.
macro_rules! columns {
    ($names:literal) => {
        concat!(
            "SELECT g.id, g.account_id, g.name, g.description, g.active, g.is_default, g.privileges, g.created_at, \
                    g.version, \
                    (SELECT count(*) FROM user_group_members m \
                     WHERE m.account_id = g.account_id AND m.user_group_id = g.id AND m.until IS NULL), \
                    (SELECT string_agg(n.name, '\n' ORDER BY n.name_key) FROM (SELECT u.name, u.name_key \
                     FROM user_group_members m JOIN users u ON u.id = m.user_id \
                     WHERE m.account_id = g.account_id AND m.user_group_id = g.id AND m.until IS NULL \
                     ORDER BY u.name_key, u.id LIMIT ",
            $names,
            ") n) FROM user_groups g "
        )
    };
}

/// A page of an account's user groups by name.
pub(super) async fn list(
    tx: &Tx,
    scope: &AccountMember,
    after: Option<UserGroupId>,
    limit: i64,
) -> Result<Vec<UserGroupRow>> {
    tx.all(
        sql!(concat!(
            columns!("50"),
            "WHERE g.account_id = $1 AND g.deleted_at IS NULL AND ($2 OR (g.name_key, g.id) > \
                   (SELECT c.name_key, c.id FROM user_groups c WHERE c.account_id = $1 AND c.id = $3)) \
             ORDER BY g.name_key, g.id LIMIT $4"
        )),
        &[&scope.account(), &after.is_none(), &after.unwrap_or(UserGroupId::nil()), &limit],
    )
    .await
}

/// A user group that is not deleted.
pub(super) async fn show(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<UserGroupRow> {
    tx.one(
        sql!(concat!(columns!("0"), "WHERE g.account_id = $1 AND g.id = $2 AND g.deleted_at IS NULL")),
        &[&account, &id],
    )
    .await
}

row! {
    /// Somebody in a user group.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = UserGroupPerson)]
    pub struct Person {
        /// Who.
        pub id: UserId,
        /// Their name.
        pub name: String,
    }
}

/// Everybody in a user group, by name.
pub(super) async fn people(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<Vec<Person>> {
    tx.all(
        sql!(
            "SELECT u.id, u.name FROM user_group_members m JOIN users u ON u.id = m.user_id
             WHERE m.account_id = $1 AND m.user_group_id = $2 AND m.until IS NULL ORDER BY u.name_key, u.id"
        ),
        &[&account, &id],
    )
    .await
}

/// The ids of everybody in a user group.
pub(super) async fn members(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<Vec<UserId>> {
    let found = tx
        .all::<One<UserId>>(
            sql!(
                "SELECT user_id FROM user_group_members
                 WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL"
            ),
            &[&account, &id],
        )
        .await?;
    Ok(found.into_iter().map(|one| one.0).collect())
}

row! {
    /// Somebody who can be in a user group.
    pub(super) struct Candidate {
        pub(super) id: UserId,
        pub(super) name: String,
        pub(super) email: String,
    }
}

/// Everybody who works in the account, by name.
pub(super) async fn candidates(tx: &Tx, scope: &AccountMember) -> Result<Vec<Candidate>> {
    tx.all(
        sql!(
            "SELECT u.id, u.name, u.email FROM members m JOIN users u ON u.id = m.user_id
             WHERE m.account_id = $1 AND m.until IS NULL AND m.role <> 'support_staff'
             ORDER BY u.name_key, u.id"
        ),
        &[&scope.account()],
    )
    .await
}

row! {
    /// Somebody who can't be in a user group.
    pub(super) struct Unfit {
        pub(super) id: UserId,
        /// Their name, if they were ever in the account.
        pub(super) name: Option<String>,
        /// Their present role in it.
        pub(super) role: Option<Role>,
    }
}

/// Those of these people who don't work in the account at present: the first few.
pub(super) async fn unfit(tx: &Tx, account: AccountId, people: &[UserId]) -> Result<Vec<Unfit>> {
    tx.all(
        sql!(
            sqlite: "SELECT v.id, (SELECT u.name FROM users u JOIN members e ON e.account_id = $1 AND e.user_id = u.id
                                   WHERE u.id = v.id LIMIT 1), m.role
                     FROM (SELECT unhex(value) AS id FROM json_each($2)) v
                     LEFT JOIN members m ON m.account_id = $1 AND m.user_id = v.id AND m.until IS NULL
                     WHERE m.role IS NULL OR m.role = 'support_staff' ORDER BY v.id LIMIT 5",
            postgres: "SELECT v.id, (SELECT u.name FROM users u JOIN members e ON e.account_id = $1 AND e.user_id = u.id
                                     WHERE u.id = v.id LIMIT 1), m.role
                       FROM (SELECT CAST(t.value AS UUID) AS id
                             FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS t(value)) v
                       LEFT JOIN members m ON m.account_id = $1 AND m.user_id = v.id AND m.until IS NULL
                       WHERE m.role IS NULL OR m.role = 'support_staff' ORDER BY v.id LIMIT 5"
        ),
        &[&account, &ids(people)],
    )
    .await
}

/// How many user groups an account has.
pub(super) async fn count(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(
        sql!("SELECT count(*) FROM user_groups WHERE account_id = $1 AND deleted_at IS NULL"),
        &[&account],
    )
    .await
}

/// Whether another user group than this has a name.
pub(super) async fn name_is_taken(tx: &Tx, account: AccountId, id: UserGroupId, name: &str) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM user_groups
             WHERE account_id = $1 AND name_key = $3 AND id <> $2 AND deleted_at IS NULL)"
        ),
        &[&account, &id, &text::fold(name)],
    )
    .await
}

/// What is written of a user group itself.
pub(super) struct Kept<'a> {
    pub(super) id: UserGroupId,
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) active: bool,
    pub(super) default: bool,
    pub(super) privileges: &'a [Privilege],
}

fn words(privileges: &[Privilege]) -> String {
    privileges.iter().map(|privilege| privilege.word()).collect::<Vec<_>>().join(" ")
}

/// Adds a user group.
pub(super) async fn insert(tx: &Tx, account: AccountId, kept: &Kept<'_>) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO user_groups (account_id, id, name, name_key, description, active, is_default, privileges,
                                      created_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)"
        ),
        &[
            &account,
            &kept.id,
            &kept.name,
            &text::fold(kept.name),
            &kept.description,
            &kept.active,
            &kept.default,
            &words(kept.privileges),
            &tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Changes a user group; says whether it was still of that version.
pub(super) async fn update(tx: &Tx, account: AccountId, kept: &Kept<'_>, version: i64) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE user_groups SET name = $3, name_key = $4, description = $5, active = $6, is_default = $7,
                        privileges = $8, version = version + 1
                 WHERE account_id = $1 AND id = $2 AND version = $9 AND deleted_at IS NULL"
            ),
            &[
                &account,
                &kept.id,
                &kept.name,
                &text::fold(kept.name),
                &kept.description,
                &kept.active,
                &kept.default,
                &words(kept.privileges),
                &version,
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes *Default* from every other user group.
pub(super) async fn take_default(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE user_groups SET is_default = FALSE, version = version + 1
             WHERE account_id = $1 AND id <> $2 AND is_default AND deleted_at IS NULL"
        ),
        &[&account, &id],
    )
    .await?;
    Ok(())
}

/// Begins the spells of these people.
pub(super) async fn begin(tx: &Tx, account: AccountId, id: UserGroupId, people: &[UserId]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let spells = many(people.iter().map(|person| hex(tx.id::<Spell>()) + hex(*person).as_str()));
    tx.exec(
        sql!(
            sqlite: "INSERT INTO user_group_members (account_id, user_group_id, id, user_id, since)
                     SELECT $1, $2, unhex(substr(value, 1, 32)), unhex(substr(value, 33)), $3 FROM json_each($4)",
            postgres: "INSERT INTO user_group_members (account_id, user_group_id, id, user_id, since)
                       SELECT $1, $2, CAST(substr(t.value, 1, 32) AS UUID), CAST(substr(t.value, 33) AS UUID), $3
                       FROM jsonb_array_elements_text(CAST(CAST($4 AS TEXT) AS JSONB)) AS t(value)"
        ),
        &[&account, &id, &tx.now(), &spells],
    )
    .await?;
    Ok(())
}

/// Ends the spells of these people.
pub(super) async fn end(tx: &Tx, account: AccountId, id: UserGroupId, people: &[UserId]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    tx.exec(
        sql!(
            sqlite: "UPDATE user_group_members SET until = $3
                     WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL
                       AND user_id IN (SELECT unhex(value) FROM json_each($4))",
            postgres: "UPDATE user_group_members SET until = $3
                       WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL
                         AND user_id IN (SELECT CAST(t.value AS UUID)
                             FROM jsonb_array_elements_text(CAST(CAST($4 AS TEXT) AS JSONB)) AS t(value))"
        ),
        &[&account, &id, &tx.now(), &ids(people)],
    )
    .await?;
    Ok(())
}

/// Makes what the user group gives exactly these: ends the other spells, and begins those that are missing.
pub(super) async fn grant(tx: &Tx, account: AccountId, id: UserGroupId, given: &[Privilege]) -> Result<()> {
    tx.exec(
        sql!(
            sqlite: "UPDATE user_group_grants SET until = $3
                     WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL
                       AND privilege NOT IN (SELECT value FROM json_each($4))",
            postgres: "UPDATE user_group_grants SET until = $3
                       WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL
                         AND privilege NOT IN (SELECT t.value
                             FROM jsonb_array_elements_text(CAST(CAST($4 AS TEXT) AS JSONB)) AS t(value))"
        ),
        &[&account, &id, &tx.now(), &many(given.iter().map(|privilege| privilege.word().to_owned()))],
    )
    .await?;
    let spells = many(given.iter().map(|privilege| hex(tx.id::<Spell>()) + privilege.word()));
    tx.exec(
        sql!(
            sqlite: "INSERT INTO user_group_grants (account_id, user_group_id, id, privilege, since)
                     SELECT $1, $2, unhex(substr(value, 1, 32)), substr(value, 33), $3 FROM json_each($4) WHERE TRUE
                     ON CONFLICT (account_id, user_group_id, privilege) WHERE until IS NULL DO NOTHING",
            postgres: "INSERT INTO user_group_grants (account_id, user_group_id, id, privilege, since)
                       SELECT $1, $2, CAST(substr(t.value, 1, 32) AS UUID), substr(t.value, 33), $3
                       FROM jsonb_array_elements_text(CAST(CAST($4 AS TEXT) AS JSONB)) AS t(value)
                       ON CONFLICT (account_id, user_group_id, privilege) WHERE until IS NULL DO NOTHING"
        ),
        &[&account, &id, &tx.now(), &spells],
    )
    .await?;
    Ok(())
}

/// Deletes a user group, with everything that it gave; says whether it was still of that version.
pub(super) async fn delete(tx: &Tx, account: AccountId, id: UserGroupId, version: i64) -> Result<bool> {
    let deleted = tx
        .exec(
            sql!(
                "UPDATE user_groups SET deleted_at = $3, active = FALSE, is_default = FALSE, version = version + 1
                 WHERE account_id = $1 AND id = $2 AND version = $4 AND deleted_at IS NULL"
            ),
            &[&account, &id, &tx.now(), &version],
        )
        .await?;
    tx.exec(
        sql!(
            "UPDATE user_group_members SET until = $3
             WHERE account_id = $1 AND user_group_id = $2 AND until IS NULL"
        ),
        &[&account, &id, &tx.now()],
    )
    .await?;
    grant(tx, account, id, &[]).await?;
    Ok(deleted == 1)
}

/// The default user group of an account.
pub(super) async fn default_of(tx: &Tx, account: AccountId) -> Result<Option<(UserGroupId, String)>> {
    tx.maybe(
        sql!("SELECT id, name FROM user_groups WHERE account_id = $1 AND is_default AND deleted_at IS NULL"),
        &[&account],
    )
    .await
}

/// Takes one person into a user group; says whether they were not in it yet.
pub(super) async fn join(tx: &Tx, account: AccountId, id: UserGroupId, user: UserId) -> Result<bool> {
    let added = tx
        .exec(
            sql!(
                "INSERT INTO user_group_members (account_id, user_group_id, id, user_id, since)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (account_id, user_id, user_group_id) WHERE until IS NULL DO NOTHING"
            ),
            &[&account, &id, &tx.id::<Spell>(), &user, &tx.now()],
        )
        .await?;
    if added == 1 {
        tx.exec(
            sql!("UPDATE user_groups SET version = version + 1 WHERE account_id = $1 AND id = $2"),
            &[&account, &id],
        )
        .await?;
    }
    Ok(added == 1)
}

/// Takes somebody out of every user group of an account.
pub(super) async fn leave_all(tx: &Tx, account: AccountId, user: UserId) -> Result<u64> {
    tx.exec(
        sql!(
            "UPDATE user_groups SET version = version + 1
             WHERE account_id = $1 AND id IN (SELECT m.user_group_id FROM user_group_members m
                   WHERE m.account_id = $1 AND m.user_id = $2 AND m.until IS NULL)"
        ),
        &[&account, &user],
    )
    .await?;
    tx.exec(
        sql!(
            "UPDATE user_group_members SET until = $3
             WHERE account_id = $1 AND user_id = $2 AND until IS NULL"
        ),
        &[&account, &user, &tx.now()],
    )
    .await
}

/// How many open requests are addressed to a user group.
pub(super) async fn open_requests(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<i64> {
    tx.value(
        sql!(
            "SELECT count(*) FROM requests
             WHERE account_id = $1 AND user_group_id = $2 AND state IN ('new', 'claimed', 'waiting')"
        ),
        &[&account, &id],
    )
    .await
}

row! {
    /// How many people of a role have a privilege from one user group and from no other.
    pub(super) struct Alone {
        pub(super) privilege: Privilege,
        pub(super) role: Role,
        pub(super) people: i64,
    }
}

/// Who has what from this user group alone, counted by role.
pub(super) async fn given_alone(tx: &Tx, account: AccountId, id: UserGroupId) -> Result<Vec<Alone>> {
    tx.all(
        sql!(
            "SELECT p.privilege, a.role, count(*) FROM user_group_grants p
             JOIN user_group_members m ON m.account_id = p.account_id AND m.user_group_id = p.user_group_id
                  AND m.until IS NULL
             JOIN members a ON a.account_id = m.account_id AND a.user_id = m.user_id AND a.until IS NULL
             WHERE p.account_id = $1 AND p.user_group_id = $2 AND p.until IS NULL AND NOT EXISTS (
                SELECT 1 FROM user_group_members o
                JOIN user_group_grants q ON q.account_id = o.account_id AND q.user_group_id = o.user_group_id
                     AND q.privilege = p.privilege AND q.until IS NULL
                WHERE o.account_id = m.account_id AND o.user_id = m.user_id AND o.until IS NULL
                  AND o.user_group_id <> p.user_group_id)
             GROUP BY p.privilege, a.role"
        ),
        &[&account, &id],
    )
    .await
}

/// The user groups that may receive requests, but for this one, by name.
pub(super) async fn receivers(
    tx: &Tx,
    account: AccountId,
    but: UserGroupId,
) -> Result<Vec<(UserGroupId, String)>> {
    tx.all(
        sql!(
            "SELECT g.id, g.name FROM user_groups g
             JOIN user_group_grants p ON p.account_id = g.account_id AND p.user_group_id = g.id
                  AND p.privilege = 'requests.receive' AND p.until IS NULL
             WHERE g.account_id = $1 AND g.id <> $2 AND g.deleted_at IS NULL ORDER BY g.name_key"
        ),
        &[&account, &but],
    )
    .await
}

row! {
    /// A user group that gives a privilege at present.
    pub(super) struct Giver {
        pub(super) privilege: Privilege,
        pub(super) id: UserGroupId,
        pub(super) name: String,
    }
}

/// Which user groups give which privilege, by name.
pub(super) async fn givers(tx: &Tx, scope: &AccountMember) -> Result<Vec<Giver>> {
    tx.all(
        sql!(
            "SELECT p.privilege, g.id, g.name FROM user_group_grants p
             JOIN user_groups g ON g.account_id = p.account_id AND g.id = p.user_group_id
             WHERE p.account_id = $1 AND p.until IS NULL ORDER BY g.name_key"
        ),
        &[&scope.account()],
    )
    .await
}

/// The groups of an account that somebody administers, by name.
pub(super) async fn administered(tx: &Tx, scope: &AccountMember) -> Result<Vec<(GroupId, String)>> {
    tx.all(
        sql!(
            "SELECT g.id, g.name FROM group_members m
             JOIN groups g ON g.account_id = m.account_id AND g.id = m.group_id AND g.archived_at IS NULL
             WHERE m.account_id = $1 AND m.user_id = $2 AND m.role = 'administrator' AND m.until IS NULL
             ORDER BY g.name_key"
        ),
        &[&scope.account(), &scope.id()],
    )
    .await
}
