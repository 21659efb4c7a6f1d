//! Handouts that come along into another account.

use kernel::{error::Result, id::AccountId};
use storage::{Tx, sql};

/// How many handouts are an account's own.
///
/// # Errors
/// None but the database's.
pub async fn count_own(tx: &Tx, account: AccountId) -> Result<i64> {
    tx.value(sql!("SELECT COUNT(*) FROM handouts WHERE account_id = $1"), &[&account]).await
}

/// Moves an account's own handouts into another account, with their versions, favorites, private notes and the links
/// that were shared. Parents are copied before their children follow, so every row has its parent at every moment.
///
/// # Errors
/// None but the database's.
pub async fn move_all(tx: &Tx, from: AccountId, into: AccountId) -> Result<()> {
    for step in STEPS {
        tx.exec(step, &[&from, &into]).await?;
    }
    for step in LEFT_BEHIND {
        tx.exec(step, &[&from]).await?;
    }
    Ok(())
}

const STEPS: [storage::Sql; 6] = [
    sql!(
        "INSERT INTO handouts (account_id, id, starter, practice_kind, species, topic, language, title, title_key, summary, number,
                               copied_from, created_at, updated_at, archived_at, version)
         SELECT $2, id, starter, practice_kind, species, topic, language, title, title_key, summary, number, copied_from, created_at,
                updated_at, archived_at, version
         FROM handouts WHERE account_id = $1"
    ),
    sql!(
        "INSERT INTO handout_versions (account_id, handout_id, number, title, summary, body, author_id, created_at)
         SELECT $2, handout_id, number, title, summary, body, author_id, created_at
         FROM handout_versions WHERE account_id = $1"
    ),
    sql!(
        "INSERT INTO handout_words (account_id, handout_id, title, summary, body)
         SELECT $2, handout_id, title, summary, body FROM handout_words WHERE account_id = $1"
    ),
    sql!("UPDATE handout_favorites SET account_id = $2 WHERE account_id = $1"),
    sql!("UPDATE handout_notes SET account_id = $2 WHERE account_id = $1"),
    sql!("UPDATE handout_shares SET account_id = $2, owner_id = $2 WHERE account_id = $1 AND owner_id = $1"),
];

const LEFT_BEHIND: [storage::Sql; 3] = [
    sql!("DELETE FROM handout_words WHERE account_id = $1"),
    sql!("DELETE FROM handout_versions WHERE account_id = $1"),
    sql!("DELETE FROM handouts WHERE account_id = $1"),
];
