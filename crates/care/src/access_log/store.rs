//! The access log's statements that read.

use access::{AccountAdmin, CaseOverseer, ClientOverseer};
use kernel::{
    clock::Time,
    error::Result,
    id::{OpenedId, OpeningId, UserId},
};
use platform::access_log::Record;
use storage::{
    Param, Tx,
    list::{Listing, Statements},
    orders, row, sorted, sql,
};

row! {
    /// That someone opened a record within a quarter of an hour, and how often.
    #[derive(Debug)]
    pub(crate) struct OpeningRow {
        pub(crate) id: OpeningId = "l.id",
        pub(crate) user: UserId = "l.user_id",
        pub(crate) user_name: String = "u.name",
        pub(crate) record: Record = "l.record",
        pub(crate) object: OpenedId = "l.object_id",
        /// What the record is called. Empty for a request, whose subject is its sender's and receivers' alone.
        pub(crate) name: String = "COALESCE(
            (SELECT c.name FROM clients c WHERE c.account_id = l.account_id AND c.id = l.object_id),
            (SELECT k.name FROM cases k WHERE k.account_id = l.account_id AND k.id = l.object_id),
            (SELECT c.name FROM notes n JOIN clients c ON c.account_id = n.account_id AND c.id = n.client_id
             WHERE n.account_id = l.account_id AND n.id = l.object_id),
            (SELECT f.name FROM case_files f WHERE f.account_id = l.account_id AND f.id = l.object_id),
            (SELECT g.name FROM client_groups g WHERE g.account_id = l.account_id AND g.id = l.object_id),
            (SELECT o.description FROM group_notes o WHERE o.account_id = l.account_id AND o.id = l.object_id),
            (SELECT g.name FROM groups g WHERE g.account_id = l.account_id AND g.id = l.object_id), '')",
        pub(crate) first_at: Time = "l.first_at",
        pub(crate) last_at: Time = "l.last_at",
        pub(crate) times: i64 = "l.times",
    }
}

orders! {
    /// An access log.
    pub(crate) Openings of Opening: "-created_at" ["created_at" Created];
}

macro_rules! on_case {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM access_log l JOIN users u ON u.id = l.user_id
                 WHERE l.account_id = $4 AND l.id > $3 AND ",
                $($after,)+
                " AND l.record <> 'client_export' AND l.object_id IN (
                     SELECT id FROM cases WHERE account_id = $4 AND group_id = $5 AND id = $6
                     UNION ALL SELECT id FROM case_files WHERE account_id = $4 AND group_id = $5 AND case_id = $6
                     UNION ALL SELECT id FROM groups WHERE account_id = $4 AND id = $5)
                 ORDER BY ",
                $($order,)+ " LIMIT $7"
            ),
            OpeningRow
        )
    };
}

const ON_CASE: Statements = sorted!(on_case; "l.id"; Created);

/// The openings of a case, its files, and the exports of its group's cases.
pub(super) async fn of_case(
    tx: &Tx,
    by: &CaseOverseer,
    listing: &Listing<Openings>,
    limit: i64,
) -> Result<Vec<OpeningRow>> {
    let (account, group, case) = (by.account(), by.group(), by.case());
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &group, &case, &limit]);
    tx.all(listing.statement(ON_CASE)?, &params).await
}

macro_rules! on_client {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM access_log l JOIN users u ON u.id = l.user_id
                 WHERE l.account_id = $4 AND l.id > $3 AND ",
                $($after,)+
                " AND l.record <> 'case_export' AND l.object_id IN (
                     SELECT id FROM clients WHERE account_id = $4 AND group_id = $5 AND (id = $6 OR merged_into = $6)
                     UNION ALL SELECT id FROM notes WHERE account_id = $4 AND group_id = $5 AND client_id = $6
                     UNION ALL SELECT case_id FROM case_clients
                         WHERE account_id = $4 AND group_id = $5 AND client_id = $6
                     UNION ALL SELECT f.id FROM case_files f
                         JOIN case_clients c ON c.account_id = f.account_id AND c.group_id = f.group_id
                              AND c.case_id = f.case_id
                         WHERE f.account_id = $4 AND f.group_id = $5 AND c.client_id = $6
                     UNION ALL SELECT group_note_id FROM group_note_attendance
                         WHERE account_id = $4 AND group_id = $5 AND client_id = $6
                     UNION ALL SELECT client_group_id FROM client_group_members
                         WHERE account_id = $4 AND group_id = $5 AND client_id = $6
                     UNION ALL SELECT request_id FROM request_clients WHERE account_id = $4 AND client_id = $6
                     UNION ALL SELECT id FROM groups WHERE account_id = $4 AND id = $5)
                  AND (l.record <> 'client_group' OR EXISTS (SELECT 1 FROM client_group_members m
                       WHERE m.account_id = $4 AND m.group_id = $5 AND m.client_group_id = l.object_id
                         AND m.client_id = $6 AND m.since <= l.last_at
                         AND (m.until IS NULL OR m.until >= l.first_at)))
                 ORDER BY ",
                $($order,)+ " LIMIT $7"
            ),
            OpeningRow
        )
    };
}

const ON_CLIENT: Statements = sorted!(on_client; "l.id"; Created);

/// The openings of everything that shows a client.
pub(super) async fn of_client(
    tx: &Tx,
    by: &ClientOverseer,
    listing: &Listing<Openings>,
    limit: i64,
) -> Result<Vec<OpeningRow>> {
    let (account, group, client) = (by.account(), by.group(), by.object());
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &group, &client, &limit]);
    tx.all(listing.statement(ON_CLIENT)?, &params).await
}

macro_rules! by_person {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM access_log l JOIN users u ON u.id = l.user_id
                 WHERE l.account_id = $4 AND l.user_id = $5 AND l.id > $3 AND ",
                $($after,)+ " ORDER BY ", $($order,)+ " LIMIT $6"
            ),
            OpeningRow
        )
    };
}

const BY_PERSON: Statements = sorted!(by_person; "l.id"; Created);

/// What a person opened in the account.
pub(super) async fn of_person(
    tx: &Tx,
    by: &AccountAdmin,
    user: UserId,
    listing: &Listing<Openings>,
    limit: i64,
) -> Result<Vec<OpeningRow>> {
    let account = by.account();
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &user, &limit]);
    tx.all(listing.statement(BY_PERSON)?, &params).await
}

/// The name of someone who is or was a member.
pub(super) async fn person(tx: &Tx, by: &AccountAdmin, user: UserId) -> Result<String> {
    tx.value(
        sql!(
            "SELECT u.name FROM users u WHERE u.id = $2 AND EXISTS
                 (SELECT 1 FROM members m WHERE m.account_id = $1 AND m.user_id = u.id)"
        ),
        &[&by.account(), &user],
    )
    .await
}

pub(super) async fn case(tx: &Tx, by: &CaseOverseer) -> Result<String> {
    let statement = sql!("SELECT name FROM cases WHERE account_id = $1 AND group_id = $2 AND id = $3");
    tx.value(statement, &[&by.account(), &by.group(), &by.case()]).await
}

pub(super) async fn client(tx: &Tx, by: &ClientOverseer) -> Result<String> {
    let statement = sql!("SELECT name FROM clients WHERE account_id = $1 AND group_id = $2 AND id = $3");
    tx.value(statement, &[&by.account(), &by.group(), &by.object()]).await
}
