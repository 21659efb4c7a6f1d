//! Notes in a case.

use access::CaseScope;
use kernel::{
    clock::Time,
    error::Result,
    id::{NoteId, UserId},
};
use storage::{
    Param, Tx,
    list::{Listing, Statements},
    orders, row, sorted, sql,
};

orders! {
    /// A case's notes.
    pub CaseNotes of Note: "-created_at" ["created_at" Created];
}

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

macro_rules! of_case {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM case_notes n JOIN users u ON u.id = n.author_id
                 WHERE n.account_id = $4 AND n.group_id = $5 AND n.case_id = $6 AND n.id > $3 AND ",
                $($after,)+ " ORDER BY ", $($order,)+ " LIMIT $7"
            ),
            NoteRow
        )
    };
}

const OF_CASE: Statements = sorted!(of_case; "n.id"; Created);

pub(crate) async fn notes(
    tx: &Tx,
    scope: &CaseScope,
    listing: &Listing<CaseNotes>,
    limit: i64,
) -> Result<Vec<NoteRow>> {
    let (account, group, case) = (scope.account(), scope.group(), scope.case());
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &group, &case, &limit]);
    tx.all(listing.statement(OF_CASE)?, &params).await
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
