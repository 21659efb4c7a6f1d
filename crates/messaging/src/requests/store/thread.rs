//! A request's thread and files.

use serde_json::{Value, json};

use crate::requests::MessageKind;
use access::RequestScope;
use kernel::{
    clock::Time,
    error::Result,
    id::{AccountId, FileId, Message, MessageId, RequestId, UserId},
};
use platform::blobs::NewFile;
use storage::{Tx, hex, row, sql};

row! {
    /// An entry of a thread.
    #[derive(Clone, Debug)]
    pub struct MessageRow {
        pub id: MessageId = "n.id",
        pub author: UserId = "n.author_id",
        pub author_name: String = "u.name",
        pub kind: MessageKind = "n.kind",
        /// What they wrote, or the name that the kind refers to.
        pub body: String = "n.body",
        pub created_at: Time = "n.created_at",
    }
}

/// A thread from its beginning.
pub(crate) async fn messages(tx: &Tx, scope: &RequestScope, limit: i64) -> Result<Vec<MessageRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM request_messages n JOIN users u ON u.id = n.author_id
             WHERE n.account_id = $1 AND n.request_id = $2 ORDER BY n.id LIMIT $3",
            MessageRow
        ),
        &[&scope.account(), &scope.request(), &limit],
    )
    .await
}

/// The last entries of a thread, in its order.
pub(crate) async fn last_messages(tx: &Tx, scope: &RequestScope) -> Result<Vec<MessageRow>> {
    let mut last = tx
        .all::<MessageRow>(
            sql!(
                "SELECT {} FROM request_messages n JOIN users u ON u.id = n.author_id
                 WHERE n.account_id = $1 AND n.request_id = $2 ORDER BY n.id DESC LIMIT 200",
                MessageRow
            ),
            &[&scope.account(), &scope.request()],
        )
        .await?;
    last.reverse();
    Ok(last)
}

/// The numbers of a thread's entries and files.
pub(crate) async fn sizes(tx: &Tx, scope: &RequestScope) -> Result<(i64, i64)> {
    tx.one(
        sql!(
            "SELECT (SELECT count(*) FROM request_messages WHERE account_id = $1 AND request_id = $2),
                    (SELECT count(*) FROM request_files WHERE account_id = $1 AND request_id = $2)"
        ),
        &[&scope.account(), &scope.request()],
    )
    .await
}

pub(crate) async fn say(tx: &Tx, scope: &RequestScope, kind: MessageKind, body: &str) -> Result<MessageId> {
    let id: MessageId = tx.id();
    tx.exec(
        sql!(
            "INSERT INTO request_messages (account_id, request_id, id, author_id, kind, body, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        ),
        &[&scope.account(), &scope.request(), &id, &scope.user(), &kind, &body, &tx.now()],
    )
    .await?;
    Ok(id)
}

/// Adds the same entry to many threads, each with its author.
pub(super) async fn say_in_all(
    tx: &Tx,
    account: AccountId,
    authors: impl Iterator<Item = (RequestId, UserId)>,
    kind: MessageKind,
    body: &str,
) -> Result<()> {
    let notes = authors.map(|(request, author)| {
        let note = tx.id::<Message>();
        json!({ "id": hex(note), "request": hex(request), "author": hex(author) })
    });
    let notes = Value::Array(notes.collect()).to_string();
    tx.exec(
        sql!(
            sqlite: "INSERT INTO request_messages (account_id, request_id, id, author_id, kind, body, created_at)
             SELECT $1, unhex(value ->> 'request'), unhex(value ->> 'id'), unhex(value ->> 'author'), $4, $5, $2
             FROM json_each($3)",
            postgres: "INSERT INTO request_messages (account_id, request_id, id, author_id, kind, body, created_at)
             SELECT $1, CAST(value ->> 'request' AS UUID), CAST(value ->> 'id' AS UUID),
                    CAST(value ->> 'author' AS UUID), CAST($4 AS TEXT), CAST($5 AS TEXT), $2
             FROM jsonb_array_elements(CAST(CAST($3 AS TEXT) AS JSONB)) AS notes (value)",
        ),
        &[&account, &tx.now(), &notes, &kind, &body],
    )
    .await?;
    Ok(())
}

row! {
    /// A file attached to a request.
    #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
    #[schema(as = RequestFile)]
    pub struct FileRow {
        pub id: FileId = "f.id",
        pub name: String = "f.name",
        /// Found from its first bytes.
        pub content_type: String = "f.content_type",
        /// In bytes.
        pub size: i64 = "f.size",
        pub uploaded_by: UserId = "f.uploaded_by",
        pub uploader: String = "u.name",
        pub created_at: Time = "f.created_at",
    }
}

pub(crate) async fn files(tx: &Tx, scope: &RequestScope) -> Result<Vec<FileRow>> {
    tx.all(
        sql!(
            "SELECT {} FROM request_files f JOIN users u ON u.id = f.uploaded_by
             WHERE f.account_id = $1 AND f.request_id = $2 ORDER BY f.id LIMIT 500",
            FileRow
        ),
        &[&scope.account(), &scope.request()],
    )
    .await
}

pub(crate) async fn file(tx: &Tx, scope: &RequestScope, id: FileId) -> Result<FileRow> {
    tx.one(
        sql!(
            "SELECT {} FROM request_files f JOIN users u ON u.id = f.uploaded_by
             WHERE f.account_id = $1 AND f.request_id = $2 AND f.id = $3",
            FileRow
        ),
        &[&scope.account(), &scope.request(), &id],
    )
    .await
}

pub(crate) async fn insert_file(tx: &Tx, scope: &RequestScope, file: &NewFile) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO request_files (account_id, request_id, id, name, content_type, size, digest, uploaded_by,
                                        created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        &[
            &scope.account(),
            &scope.request(),
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

/// Every stored file with its size, for the check of the folder of files.
///
/// # Errors
/// The statement fails.
pub async fn stored_files(tx: &Tx) -> Result<Vec<(FileId, i64)>> {
    tx.all(sql!("SELECT id, size FROM request_files"), &[]).await
}
