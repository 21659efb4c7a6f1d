//! Notes in a case.

use access::CaseScope;
use kernel::{
    clock::Time,
    error::Result,
    id::{NoteId, UserId},
};
use storage::{Tx, row, sql};

row! {
    /// A note in a case.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = CaseNote)]
    pub struct NoteRow {
        /// Newer ones have greater ids.
        pub id: NoteId = "n.id",
        /// Who wrote it.
        pub author: UserId = "n.author_id",
        /// The person's current name.
        pub author_name: String = "u.name",
        /// What they wrote.
        pub body: String = "n.body",
        /// By the server's clock.
        pub created_at: Time = "n.created_at",
    }
}

pub(crate) async fn notes(tx: &Tx, scope: &CaseScope, before: NoteId, limit: i64) -> Result<Vec<NoteRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM case_notes n JOIN users u ON u.id = n.author_id
             WHERE n.account_id = $1 AND n.group_id = $2 AND n.case_id = $3 AND n.id < $4
             ORDER BY n.id DESC LIMIT $5",
            NoteRow
        ),
        &[&scope.account(), &scope.group(), &scope.case(), &before, &limit],
    )
    .await
}

pub(crate) async fn insert_note(tx: &Tx, scope: &CaseScope, id: NoteId, body: &str) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO case_notes (account_id, group_id, case_id, id, author_id, body, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        &[&scope.account(), &scope.group(), &scope.case(), &id, &scope.user(), &body, &tx.now()],
    )
    .await?;
    Ok(())
}
