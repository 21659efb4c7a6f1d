//! What is a reader's own: favorites and private notes.

use access::HandoutScope;
use kernel::error::Result;
use storage::{One, Tx, sql};

/// Makes it a favorite, or no longer.
pub(crate) async fn set_favorite(tx: &Tx, scope: &HandoutScope, favorite: bool) -> Result<()> {
    let (user, owner, id) = (scope.user(), scope.owner(), scope.handout());
    if favorite {
        tx.exec(
            sql!(
                "INSERT INTO handout_favorites (user_id, account_id, handout_id, created_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (user_id, handout_id) DO NOTHING"
            ),
            &[&user, &owner, &id, &tx.now()],
        )
        .await?;
    } else {
        tx.exec(sql!("DELETE FROM handout_favorites WHERE user_id = $1 AND handout_id = $2"), &[&user, &id])
            .await?;
    }
    Ok(())
}

/// The reader's own note; empty where they have none.
pub(crate) async fn note(tx: &Tx, scope: &HandoutScope) -> Result<String> {
    let found = tx
        .maybe::<One<String>>(
            sql!("SELECT body FROM handout_notes WHERE user_id = $1 AND handout_id = $2"),
            &[&scope.user(), &scope.handout()],
        )
        .await?;
    Ok(found.map(|one| one.0).unwrap_or_default())
}

/// Keeps the reader's own note; an empty one is forgotten.
pub(crate) async fn set_note(tx: &Tx, scope: &HandoutScope, body: &str) -> Result<()> {
    if body.is_empty() {
        tx.exec(
            sql!("DELETE FROM handout_notes WHERE user_id = $1 AND handout_id = $2"),
            &[&scope.user(), &scope.handout()],
        )
        .await?;
        return Ok(());
    }
    tx.exec(
        sql!(
            "INSERT INTO handout_notes (user_id, account_id, handout_id, body, updated_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (user_id, handout_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at"
        ),
        &[&scope.user(), &scope.owner(), &scope.handout(), &body, &tx.now()],
    )
    .await?;
    Ok(())
}
