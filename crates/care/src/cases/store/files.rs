//! Files attached to a case; their bytes are kept beside the database.

use access::CaseScope;
use kernel::{
    clock::Time,
    error::Result,
    id::{FileId, UserId},
};
use platform::blobs::NewFile;
use storage::{
    Param, Tx,
    list::{Listing, Statements},
    orders, row, sorted, sql,
};

orders! {
    /// A case's files.
    pub CaseFiles of File: "-created_at" ["created_at" Created];
}

row! {
    /// A file attached to a case.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = CaseFile)]
    pub struct FileRow {
        /// Newer ones have greater ids.
        pub id: FileId = "f.id",
        /// As a download is named.
        pub name: String = "f.name",
        /// Its kind, told by its first bytes.
        pub content_type: String = "f.content_type",
        /// Its size in bytes.
        pub size: i64 = "f.size",
        /// Who attached it.
        pub uploaded_by: UserId = "f.uploaded_by",
        /// The person's current name.
        pub uploader: String = "u.name",
        /// By the server's clock.
        pub created_at: Time = "f.created_at",
    }
}

macro_rules! of_case {
    ([$($after:literal)+] [$($order:literal)+]) => {
        sql!(
            concat!(
                "SELECT {} FROM case_files f JOIN users u ON u.id = f.uploaded_by
                 WHERE f.account_id = $4 AND f.group_id = $5 AND f.case_id = $6 AND f.removed_at IS NULL
                   AND f.id > $3 AND ",
                $($after,)+ " ORDER BY ", $($order,)+ " LIMIT $7"
            ),
            FileRow
        )
    };
}

const OF_CASE: Statements = sorted!(of_case; "f.id"; Created);

/// A page of a case's files.
pub(crate) async fn files(
    tx: &Tx,
    scope: &CaseScope,
    listing: &Listing<CaseFiles>,
    limit: i64,
) -> Result<Vec<FileRow>> {
    let (account, group, case) = (scope.account(), scope.group(), scope.case());
    let mut params = listing.params();
    params.extend([&account as &dyn Param, &group, &case, &limit]);
    tx.all(listing.statement(OF_CASE)?, &params).await
}

pub(crate) async fn file(tx: &Tx, scope: &CaseScope, id: FileId) -> Result<FileRow> {
    tx.one(
        sql!(
            "SELECT {} FROM case_files f JOIN users u ON u.id = f.uploaded_by
             WHERE f.account_id = $1 AND f.group_id = $2 AND f.case_id = $3 AND f.id = $4 AND f.removed_at IS NULL",
            FileRow
        ),
        &[&scope.account(), &scope.group(), &scope.case(), &id],
    )
    .await
}

pub(crate) async fn insert_file(tx: &Tx, scope: &CaseScope, file: &NewFile) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO case_files (account_id, group_id, case_id, id, name, content_type, size, digest,
                                     uploaded_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        &[
            &scope.account(),
            &scope.group(),
            &scope.case(),
            &file.id,
            &file.name,
            &file.kind,
            &file.size,
            &file.digest,
            &scope.user(),
            &tx.now(),
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn remove_file(tx: &Tx, scope: &CaseScope, id: FileId) -> Result<bool> {
    let removed = tx
        .exec(
            sql!(
                "UPDATE case_files SET removed_at = $5
             WHERE account_id = $1 AND group_id = $2 AND case_id = $3 AND id = $4 AND removed_at IS NULL"
            ),
            &[&scope.account(), &scope.group(), &scope.case(), &id, &tx.now()],
        )
        .await?;
    Ok(removed == 1)
}

/// Every file whose bytes are kept, with its size, for the check of the folder of files. A file that was
/// removed from its case keeps its bytes.
pub async fn stored_files(tx: &Tx) -> Result<Vec<(FileId, i64)>> {
    tx.all(sql!("SELECT id, size FROM case_files"), &[]).await
}
