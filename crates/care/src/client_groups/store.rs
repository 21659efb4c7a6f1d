//! The statements of client groups. What is written for many clients at once is one statement.

use access::{ClientScope, GroupScope};
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, ClientGroupId, ClientId, GroupId, Period},
    order::Order,
    sortable, text,
};
use storage::{
    One, Param, Tx, hex, ids,
    list::{Key, Listing, Statements},
    many, orders, row, sorted, sql, word,
};

orders! {
    /// The client groups of a group.
    pub ClientGroups of ClientGroup: "name" ["name" Folded, "created_at" Created];
}

row! {
    /// A client group, as a list shows it.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = ClientGroupSummary)]
    pub struct ClientGroupRow {
        /// Its id.
        pub id: ClientGroupId = "g.id",
        /// The group whose clients it holds.
        pub group: GroupId = "g.group_id",
        /// Its name, unique in the group among those that are not deleted.
        pub name: String = "g.name",
        /// What it is for.
        pub description: String = "g.description",
        /// Whether it is in use.
        pub active: bool = "g.active",
        /// Whether new clients join it, and new group notes are written for it.
        pub default: bool = "g.is_default",
        /// When it was made.
        pub created_at: Time = "g.created_at",
        /// Counts the changes, of its clients too.
        pub version: i64 = "g.version",
        /// How many clients are in it.
        pub count: i64 =
            "(SELECT count(*) FROM client_group_members m
              JOIN clients c ON c.account_id = m.account_id AND c.group_id = m.group_id AND c.id = m.client_id
                   AND c.archived_at IS NULL
              WHERE m.account_id = g.account_id AND m.group_id = g.group_id AND m.client_group_id = g.id
                AND m.until IS NULL)",
        /// How many group notes were written for it.
        pub group_notes: i64 =
            "(SELECT count(*) FROM group_notes n WHERE n.account_id = g.account_id AND n.group_id = g.group_id
              AND n.client_group_id = g.id)",
    }
}

impl ClientGroupRow {
    /// Where it is in a list of client groups that is sorted so.
    pub fn place(&self, by: &str) -> (Key, ClientGroupId) {
        let key = if by == "name" { text::fold(&self.name).into() } else { Key::Created };
        (key, self.id)
    }
}

macro_rules! listed {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM client_groups g
                 WHERE g.account_id = $4 AND g.group_id = $5 AND g.deleted_at IS NULL AND g.id > $3 AND ",
                $($after,)+ " ORDER BY ", $($order,)+ " LIMIT $6"
            ),
            ClientGroupRow
        )
    };
}

const LISTED: Statements = sorted!(listed; "g.id"; Folded "g.name_key", Created);

/// A page of a group's client groups.
pub(super) async fn list(
    tx: &Tx,
    scope: &GroupScope,
    listing: &Listing<ClientGroups>,
    limit: i64,
) -> Result<Vec<ClientGroupRow>> {
    let (account, group) = (scope.account(), scope.group());
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &group, &limit]);
    tx.all(listing.statement(LISTED)?, &params).await
}

word! {
    /// What the list of a group's client groups is sorted by.
    pub enum Sort as ClientGroupSort {
        /// The name.
        Name = "name",
        /// How many clients are in it.
        Clients = "clients",
    }
}
sortable!(Sort);

/// A page of a group's client groups by a text `k` of each, which has `$5` before its first value; the page before ended
/// at `$3`.
macro_rules! sorted {
    ($key:literal, $compare:literal, $way:literal) => {
        sql!(
            concat!(
                "WITH q AS (SELECT g.id, ",
                $key,
                " AS k FROM client_groups g WHERE g.account_id = $1 AND g.group_id = $2 AND g.deleted_at IS NULL)
                 SELECT {} FROM (SELECT id AS at, k FROM q WHERE (k, id) ",
                $compare,
                " (COALESCE((SELECT s.k FROM q s WHERE s.id = $3), $5), $3) ORDER BY k ",
                $way,
                ", id ",
                $way,
                " LIMIT $4) x CROSS JOIN client_groups g
                 WHERE g.account_id = $1 AND g.group_id = $2 AND g.id = x.at ORDER BY x.k ",
                $way,
                ", x.at ",
                $way
            ),
            ClientGroupRow
        )
    };
}

/// A number of clients as a text that sorts as it does; SUBSTR lends it the order of the keys.
macro_rules! by_clients {
    ($compare:literal, $way:literal) => {
        sorted!(
            "SUBSTR(g.name_key, 1, 0) || CAST(1000000000000000000 + (SELECT count(*) FROM client_group_members m
              JOIN clients c ON c.account_id = m.account_id AND c.group_id = m.group_id AND c.id = m.client_id
                   AND c.archived_at IS NULL
              WHERE m.account_id = g.account_id AND m.group_id = g.group_id AND m.client_group_id = g.id
                AND m.until IS NULL) AS TEXT)",
            $compare,
            $way
        )
    };
}

/// A page of a group's client groups in an order that people chose.
pub(super) async fn page(
    tx: &Tx,
    scope: &GroupScope,
    order: Order<Sort>,
    after: Option<ClientGroupId>,
    limit: i64,
) -> Result<Vec<ClientGroupRow>> {
    let statement = match (order.by, order.descending) {
        (Sort::Name, false) => sorted!("g.name_key", ">", "ASC"),
        (Sort::Name, true) => sorted!("g.name_key", "<", "DESC"),
        (Sort::Clients, false) => by_clients!(">", "ASC"),
        (Sort::Clients, true) => by_clients!("<", "DESC"),
    };
    let (edge, first) = match order.descending {
        false => ("", ClientGroupId::nil()),
        true => ("\u{10FFFF}", ClientGroupId::last()),
    };
    let after = after.unwrap_or(first);
    tx.all(statement, &[&scope.account(), &scope.group(), &after, &limit, &edge]).await
}

/// A client group that is not deleted.
pub(super) async fn show(tx: &Tx, scope: &GroupScope, id: ClientGroupId) -> Result<ClientGroupRow> {
    tx.one(
        sql!(
            "SELECT {} FROM client_groups g
             WHERE g.account_id = $1 AND g.group_id = $2 AND g.id = $3 AND g.deleted_at IS NULL",
            ClientGroupRow
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

row! {
    /// A client in a client group.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = ClientGroupMember)]
    pub struct Member {
        /// Which.
        pub id: ClientId = "c.id",
        /// Their name.
        pub name: String = "c.name",
    }
}

/// Every client in a client group, by name.
pub(super) async fn members(tx: &Tx, scope: &GroupScope, id: ClientGroupId) -> Result<Vec<Member>> {
    tx.all(
        sql!(
            "SELECT {} FROM client_group_members m
             JOIN clients c ON c.account_id = m.account_id AND c.group_id = m.group_id AND c.id = m.client_id
                  AND c.archived_at IS NULL
             WHERE m.account_id = $1 AND m.group_id = $2 AND m.client_group_id = $3 AND m.until IS NULL
             ORDER BY c.name_key, c.id",
            Member
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await
}

row! {
    /// A client who can be in a client group.
    pub(super) struct Candidate {
        pub(super) id: ClientId,
        pub(super) name: String,
        pub(super) reference: String,
        pub(super) birth_date: Option<String>,
    }
}

/// Every client of the group who is not archived, by name.
pub(super) async fn candidates(tx: &Tx, scope: &GroupScope) -> Result<Vec<Candidate>> {
    tx.all(
        sql!(
            "SELECT {} FROM clients
             WHERE account_id = $1 AND group_id = $2 AND archived_at IS NULL ORDER BY name_key, id",
            Candidate
        ),
        &[&scope.account(), &scope.group()],
    )
    .await
}

row! {
    /// A client who can't be in a client group.
    pub(super) struct Unfit {
        pub(super) id: ClientId = "v.id",
        /// Their name, if they are a client of the group.
        pub(super) name: Option<String> = "c.name",
    }
}

/// Those of these clients who are not of the group, or are archived: the first few.
pub(super) async fn unfit(tx: &Tx, scope: &GroupScope, clients: &[ClientId]) -> Result<Vec<Unfit>> {
    tx.all(
        sql!(
            sqlite: "SELECT {} FROM (SELECT unhex(value) AS id FROM json_each($3)) v
                     LEFT JOIN clients c ON c.account_id = $1 AND c.group_id = $2 AND c.id = v.id
                     WHERE c.id IS NULL OR c.archived_at IS NOT NULL ORDER BY v.id LIMIT 5",
            postgres: "SELECT {} FROM (SELECT CAST(t.value AS UUID) AS id
                       FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS t(value)) v
                       LEFT JOIN clients c ON c.account_id = $1 AND c.group_id = $2 AND c.id = v.id
                       WHERE c.id IS NULL OR c.archived_at IS NOT NULL ORDER BY v.id LIMIT 5",
            Unfit
        ),
        &[&scope.account(), &scope.group(), &ids(clients)],
    )
    .await
}

/// The client groups that a client is in now, by name.
pub(super) async fn of_client(tx: &Tx, scope: &ClientScope) -> Result<Vec<(ClientGroupId, String)>> {
    tx.all(
        sql!(
            "SELECT g.id, g.name FROM client_group_members s
             JOIN client_groups g ON g.account_id = s.account_id AND g.group_id = s.group_id
                  AND g.id = s.client_group_id AND g.deleted_at IS NULL
             WHERE s.account_id = $1 AND s.group_id = $2 AND s.client_id = $3 AND s.until IS NULL
             ORDER BY g.name_key"
        ),
        &[&scope.account(), &scope.group(), &scope.object()],
    )
    .await
}

/// How many client groups a group has.
pub(super) async fn count(tx: &Tx, scope: &GroupScope) -> Result<i64> {
    tx.value(
        sql!(
            "SELECT count(*) FROM client_groups
             WHERE account_id = $1 AND group_id = $2 AND deleted_at IS NULL"
        ),
        &[&scope.account(), &scope.group()],
    )
    .await
}

/// Whether another client group than this has a name.
pub(super) async fn name_is_taken(
    tx: &Tx,
    scope: &GroupScope,
    id: ClientGroupId,
    name: &str,
) -> Result<bool> {
    tx.value(
        sql!(
            "SELECT EXISTS (SELECT 1 FROM client_groups
             WHERE account_id = $1 AND group_id = $2 AND name_key = $4 AND id <> $3 AND deleted_at IS NULL)"
        ),
        &[&scope.account(), &scope.group(), &id, &text::fold(name)],
    )
    .await
}

/// What is written of a client group itself.
pub(super) struct Kept<'a> {
    pub(super) id: ClientGroupId,
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) active: bool,
    pub(super) default: bool,
}

/// Adds a client group.
pub(super) async fn insert(tx: &Tx, scope: &GroupScope, kept: &Kept<'_>) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO client_groups (account_id, group_id, id, name, name_key, description, active, is_default,
                                        created_at, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &kept.id,
            &kept.name,
            &text::fold(kept.name),
            &kept.description,
            &kept.active,
            &kept.default,
            &tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Changes a client group; says whether it was still of that version.
pub(super) async fn update(tx: &Tx, scope: &GroupScope, kept: &Kept<'_>, version: i64) -> Result<bool> {
    let changed = tx
        .exec(
            sql!(
                "UPDATE client_groups SET name = $4, name_key = $5, description = $6, active = $7, is_default = $8,
                        version = version + 1
                 WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $9 AND deleted_at IS NULL"
            ),
            &[
                &scope.account(),
                &scope.group(),
                &kept.id,
                &kept.name,
                &text::fold(kept.name),
                &kept.description,
                &kept.active,
                &kept.default,
                &version,
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes *Default* from every other client group of the group.
pub(super) async fn take_default(tx: &Tx, scope: &GroupScope, id: ClientGroupId) -> Result<()> {
    tx.exec(
        sql!(
            "UPDATE client_groups SET is_default = FALSE, version = version + 1
             WHERE account_id = $1 AND group_id = $2 AND id <> $3 AND is_default AND deleted_at IS NULL"
        ),
        &[&scope.account(), &scope.group(), &id],
    )
    .await?;
    Ok(())
}

/// Begins the periods of these clients, but for those who are in the client group already; says how many began.
pub(super) async fn begin(
    tx: &Tx,
    (account, group): (AccountId, GroupId),
    id: ClientGroupId,
    clients: &[ClientId],
) -> Result<u64> {
    if clients.is_empty() {
        return Ok(0);
    }
    let periods = many(clients.iter().map(|client| hex(tx.id::<Period>()) + hex(*client).as_str()));
    tx.exec(
        sql!(
            sqlite: "INSERT INTO client_group_members (account_id, group_id, client_group_id, id, client_id, since)
                     SELECT $1, $2, $3, unhex(substr(value, 1, 32)), unhex(substr(value, 33)), $4
                     FROM json_each($5) WHERE TRUE
                     ON CONFLICT (account_id, group_id, client_group_id, client_id) WHERE until IS NULL DO NOTHING",
            postgres: "INSERT INTO client_group_members (account_id, group_id, client_group_id, id, client_id, since)
                       SELECT $1, $2, $3, CAST(substr(t.value, 1, 32) AS UUID), CAST(substr(t.value, 33) AS UUID), $4
                       FROM jsonb_array_elements_text(CAST(CAST($5 AS TEXT) AS JSONB)) AS t(value)
                       ON CONFLICT (account_id, group_id, client_group_id, client_id) WHERE until IS NULL DO NOTHING"
        ),
        &[&account, &group, &id, &tx.now(), &periods],
    )
    .await
}

/// Ends the periods of these clients.
pub(super) async fn end(tx: &Tx, scope: &GroupScope, id: ClientGroupId, clients: &[ClientId]) -> Result<()> {
    if clients.is_empty() {
        return Ok(());
    }
    tx.exec(
        sql!(
            sqlite: "UPDATE client_group_members SET until = $4
                     WHERE account_id = $1 AND group_id = $2 AND client_group_id = $3 AND until IS NULL
                       AND client_id IN (SELECT unhex(value) FROM json_each($5))",
            postgres: "UPDATE client_group_members SET until = $4
                       WHERE account_id = $1 AND group_id = $2 AND client_group_id = $3 AND until IS NULL
                         AND client_id IN (SELECT CAST(t.value AS UUID)
                             FROM jsonb_array_elements_text(CAST(CAST($5 AS TEXT) AS JSONB)) AS t(value))"
        ),
        &[&scope.account(), &scope.group(), &id, &tx.now(), &ids(clients)],
    )
    .await?;
    Ok(())
}

/// Deletes a client group and ends its periods; says whether it was still of that version.
pub(super) async fn delete(tx: &Tx, scope: &GroupScope, id: ClientGroupId, version: i64) -> Result<bool> {
    let deleted = tx
        .exec(
            sql!(
                "UPDATE client_groups SET deleted_at = $4, active = FALSE, is_default = FALSE, version = version + 1
                 WHERE account_id = $1 AND group_id = $2 AND id = $3 AND version = $5 AND deleted_at IS NULL"
            ),
            &[&scope.account(), &scope.group(), &id, &tx.now(), &version],
        )
        .await?;
    tx.exec(
        sql!(
            "UPDATE client_group_members SET until = $4
             WHERE account_id = $1 AND group_id = $2 AND client_group_id = $3 AND until IS NULL"
        ),
        &[&scope.account(), &scope.group(), &id, &tx.now()],
    )
    .await?;
    Ok(deleted == 1)
}

/// The default client group of a group.
pub(super) async fn default_of(tx: &Tx, account: AccountId, group: GroupId) -> Result<Option<ClientGroupId>> {
    let found = tx
        .maybe::<One<ClientGroupId>>(
            sql!(
                "SELECT id FROM client_groups
                 WHERE account_id = $1 AND group_id = $2 AND is_default AND deleted_at IS NULL"
            ),
            &[&account, &group],
        )
        .await?;
    Ok(found.map(|one| one.0))
}

/// Takes clients into a client group, and counts that as a change of it.
pub(super) async fn join(
    tx: &Tx,
    account: AccountId,
    group: GroupId,
    id: ClientGroupId,
    clients: &[ClientId],
) -> Result<()> {
    if begin(tx, (account, group), id, clients).await? > 0 {
        tx.exec(
            sql!(
                "UPDATE client_groups SET version = version + 1
                 WHERE account_id = $1 AND group_id = $2 AND id = $3"
            ),
            &[&account, &group, &id],
        )
        .await?;
    }
    Ok(())
}

/// Puts one client in another's place in every client group, for a merge of duplicates.
pub async fn move_client(
    tx: &Tx,
    account: AccountId,
    group: GroupId,
    from: ClientId,
    to: ClientId,
) -> Result<()> {
    let found = tx
        .all::<One<ClientGroupId>>(
            sql!(
                "SELECT client_group_id FROM client_group_members
                 WHERE account_id = $1 AND group_id = $2 AND client_id = $3 AND until IS NULL"
            ),
            &[&account, &group, &from],
        )
        .await?;
    let periods = many(found.iter().map(|one| hex(tx.id::<Period>()) + hex(one.0).as_str()));
    tx.exec(
        sql!(
            sqlite: "INSERT INTO client_group_members (account_id, group_id, client_group_id, id, client_id, since)
                     SELECT $1, $2, unhex(substr(value, 33)), unhex(substr(value, 1, 32)), $3, $4
                     FROM json_each($5) WHERE TRUE
                     ON CONFLICT (account_id, group_id, client_group_id, client_id) WHERE until IS NULL DO NOTHING",
            postgres: "INSERT INTO client_group_members (account_id, group_id, client_group_id, id, client_id, since)
                       SELECT $1, $2, CAST(substr(t.value, 33) AS UUID), CAST(substr(t.value, 1, 32) AS UUID), $3, $4
                       FROM jsonb_array_elements_text(CAST(CAST($5 AS TEXT) AS JSONB)) AS t(value)
                       ON CONFLICT (account_id, group_id, client_group_id, client_id) WHERE until IS NULL DO NOTHING"
        ),
        &[&account, &group, &to, &tx.now(), &periods],
    )
    .await?;
    tx.exec(
        sql!(
            "UPDATE client_groups SET version = version + 1
             WHERE account_id = $1 AND group_id = $2 AND id IN (SELECT m.client_group_id FROM client_group_members m
                   WHERE m.account_id = $1 AND m.group_id = $2 AND m.client_id = $3 AND m.until IS NULL)"
        ),
        &[&account, &group, &from],
    )
    .await?;
    tx.exec(
        sql!(
            "UPDATE client_group_members SET until = $4
             WHERE account_id = $1 AND group_id = $2 AND client_id = $3 AND until IS NULL"
        ),
        &[&account, &group, &from, &tx.now()],
    )
    .await?;
    Ok(())
}

/// Copies the client groups of an account to the copies of their groups and clients in another.
pub async fn copy_all(tx: &Tx, from: AccountId, to: AccountId) -> Result<()> {
    for statement in [
        sql!(
            "INSERT INTO client_groups (account_id, group_id, id, name, name_key, description, active, is_default,
                                        created_at, deleted_at, version)
             SELECT $2, group_id, id, name, name_key, description, active, is_default, created_at, deleted_at, version
             FROM client_groups WHERE account_id = $1"
        ),
        sql!(
            "INSERT INTO client_group_members (account_id, group_id, client_group_id, id, client_id, since, until)
             SELECT $2, group_id, client_group_id, id, client_id, since, until
             FROM client_group_members WHERE account_id = $1"
        ),
    ] {
        tx.exec(statement, &[&from, &to]).await?;
    }
    Ok(())
}

/// Forgets the client groups of an account, once they and their group notes were copied, and before the
/// clients are forgotten.
///
/// # Errors
/// A group note still names one, or the database fails.
pub async fn forget_all(tx: &Tx, account: AccountId) -> Result<()> {
    for statement in [
        sql!("DELETE FROM client_group_members WHERE account_id = $1"),
        sql!("DELETE FROM client_groups WHERE account_id = $1"),
    ] {
        tx.exec(statement, &[&account]).await?;
    }
    Ok(())
}
