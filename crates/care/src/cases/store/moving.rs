//! The cases of a whole account: how many, and their move to another.

use kernel::{error::Result, id::AccountId};
use storage::{Tx, sql};

/// How many cases an account has.
pub async fn count_all(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(sql!("SELECT count(*) FROM cases WHERE account_id = $1"), &[&account]).await
}

/// Moves the cases of an account, with their notes and files and on whom they are, to the copies of their groups in another,
/// where each protocol becomes the one of the same name.
pub async fn move_all(tx: &Tx, from: AccountId, to: AccountId) -> Result<()> {
    for statement in [
        sql!(
            "INSERT INTO cases (account_id, group_id, id, number, protocol_id, location_id, name, search, status,
                                created_by, created_at, updated_at, closed_at, version)
             SELECT $2, c.group_id, c.id, c.number, theirs.id, c.location_id, c.name, c.search, c.status,
                    c.created_by, c.created_at, c.updated_at, c.closed_at, c.version
             FROM cases c
             JOIN protocols own ON own.account_id = c.account_id AND own.id = c.protocol_id
             JOIN protocols theirs ON theirs.account_id = $2 AND theirs.name_key = own.name_key
             WHERE c.account_id = $1"
        ),
        sql!(
            "INSERT INTO case_notes (account_id, group_id, case_id, id, author_id, body, created_at)
             SELECT $2, group_id, case_id, id, author_id, body, created_at FROM case_notes WHERE account_id = $1"
        ),
        sql!(
            "INSERT INTO case_files (account_id, group_id, case_id, id, name, content_type, size, digest, uploaded_by,
                                     created_at, removed_at)
             SELECT $2, group_id, case_id, id, name, content_type, size, digest, uploaded_by, created_at, removed_at
             FROM case_files WHERE account_id = $1"
        ),
        sql!(
            "INSERT INTO case_clients (account_id, group_id, case_id, client_id, animal_id)
             SELECT $2, group_id, case_id, client_id, animal_id FROM case_clients WHERE account_id = $1"
        ),
    ] {
        tx.exec(statement, &[&from, &to]).await?;
    }
    for statement in [
        sql!("DELETE FROM case_clients WHERE account_id = $1"),
        sql!("DELETE FROM case_files WHERE account_id = $1"),
        sql!("DELETE FROM case_notes WHERE account_id = $1"),
        sql!("DELETE FROM cases WHERE account_id = $1"),
    ] {
        tx.exec(statement, &[&from]).await?;
    }
    Ok(())
}
